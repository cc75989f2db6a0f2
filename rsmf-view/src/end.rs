//! The end of a page: where to go from here, and the script.

use std::io::Write;

use askama::Template;
use rsmf_core::{Error, Result};

use crate::page::SCRIPT;

/// A link to another page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Link {
    /// The address, relative to the page that holds the link.
    pub href: String,
    /// What it is called, such as the days that it shows.
    pub text: String,
}

/// What the end of a page links to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Links {
    /// The page that lists this one.
    pub index: Option<Link>,
    /// The slice of the same conversation before this one.
    pub previous: Option<Link>,
    /// The slice after this one.
    pub next: Option<Link>,
}

#[derive(Template)]
#[template(path = "end.html")]
struct End<'a> {
    links: &'a Links,
    script: &'static str,
}

/// Writes what follows [`begin_page`](crate::begin_page). The page is whole then.
///
/// # Errors
/// What `out` returns.
pub fn end_page(links: &Links, out: &mut impl Write) -> Result<()> {
    let end = End {
        links,
        script: SCRIPT,
    };
    end.write_into(out)
        .and_then(|()| out.flush())
        .map_err(writing)
}

pub(crate) fn writing(error: std::io::Error) -> Error {
    Error::from_io("write", "the page", error)
}
