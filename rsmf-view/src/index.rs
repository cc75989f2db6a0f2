//! The page that lists the pages of a folder.

use std::{cell::RefCell, collections::BTreeSet, io::Write};

use askama::Template;
use rsmf_core::{Error, Result};

use crate::{
    GENERATOR,
    catalogue::{Catalogue, Listed},
    end::writing,
    overview::Overview,
    policy::policy,
    text::visible,
};

const STYLE: &str = concat!(
    include_str!("../assets/common.css"),
    include_str!("../assets/index.css")
);
const SCRIPT: &str = include_str!("../assets/index.js");

/// Names of people that are listed; the style sheet shows two lines of them, searches find all.
const NAMES: usize = 100;

/// Reads what it lists while it is written.
#[derive(Template)]
#[template(path = "index.html")]
struct Index<'a> {
    policy: String,
    style: &'static str,
    script: &'static str,
    generator: &'static str,
    title: &'a str,
    zone: &'a str,
    files: usize,
    broken: Vec<usize>,
    groups: Vec<Vec<usize>>,
    catalogue: RefCell<&'a mut Catalogue>,
    /// What went wrong while the list was read: it ends there.
    failure: RefCell<Option<Error>>,
}

/// A conversation with its slices.
struct Group<'a> {
    title: String,
    kind: String,
    people: String,
    events: u64,
    context: u64,
    slices: &'a [usize],
}

/// A page.
struct Slice {
    href: String,
    file: String,
    overview: Overview,
}

/// A file that has no page.
struct Broken {
    name: String,
    why: String,
}

/// Writes the list of the pages of a folder: by conversation, with all slices of each, and what
/// could not be shown first.
///
/// # Errors
/// What `out` returns, and as [`Catalogue::get`].
pub fn write_index(
    title: &str,
    catalogue: &mut Catalogue,
    options: &crate::Options,
    out: &mut impl Write,
) -> Result<()> {
    let index = Index {
        policy: policy(STYLE, SCRIPT),
        style: STYLE,
        script: SCRIPT,
        generator: GENERATOR,
        title: &visible(title),
        zone: options.zone_name(),
        files: catalogue.len(),
        broken: catalogue.broken().collect(),
        groups: catalogue.groups()?,
        catalogue: RefCell::new(catalogue),
        failure: RefCell::default(),
    };
    let written = index.write_into(out).and_then(|()| out.flush());
    match index.failure.take() {
        Some(error) => Err(error),
        None => written.map_err(writing),
    }
}

impl Index<'_> {
    fn get(&self, index: usize) -> Option<Listed> {
        let listed = self.catalogue.borrow_mut().get(index);
        listed
            .map_err(|error| self.failure.replace(Some(error)))
            .ok()
    }

    fn broken(&self) -> impl Iterator<Item = Broken> {
        self.broken.iter().map_while(|index| {
            let file = self.get(*index)?;
            Some(Broken {
                name: visible(&file.name).into_owned(),
                why: visible(&file.result.err().unwrap_or_default()).into_owned(),
            })
        })
    }

    fn groups(&self) -> impl Iterator<Item = Group<'_>> {
        self.groups.iter().map_while(|slices| self.group(slices))
    }

    /// What the slices of a conversation come to.
    fn group<'a>(&'a self, slices: &'a [usize]) -> Option<Group<'a>> {
        let mut all = self.slices(slices).map(|slice| slice.overview);
        let first = all.next()?;
        let mut group = Group {
            title: first.title,
            kind: first
                .talks
                .into_iter()
                .next()
                .map_or_else(String::new, |talk| talk.kind),
            people: String::new(),
            events: first.events,
            context: first.context,
            slices,
        };
        let mut people = BTreeSet::from_iter(first.people);
        for overview in all {
            people.extend(overview.people);
            group.events += overview.events;
            group.context += overview.context;
        }
        group.people = some_of(&people);
        Some(group)
    }

    fn slices(&self, slices: &[usize]) -> impl Iterator<Item = Slice> {
        slices.iter().map_while(|index| {
            let file = self.get(*index)?;
            Some(Slice {
                href: file.href,
                file: visible(&file.name).into_owned(),
                overview: file.result.ok()?,
            })
        })
    }
}

fn some_of(names: &BTreeSet<String>) -> String {
    let mut text = names
        .iter()
        .take(NAMES)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > NAMES {
        text += &format!(" and {} more", names.len() - NAMES);
    }
    text
}
