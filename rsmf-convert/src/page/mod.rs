//! `report.html`: the report as one page for people, to be read and printed.
//!
//! It needs nothing but itself: no script, no request, its one style sheet by the hash that its
//! content security policy allows. What comes from the chat is escaped by the template.

mod chart;
mod exceptions;
mod text;
mod view;

pub(crate) use text::{count, grouped};

use base64::{Engine, prelude::BASE64_STANDARD};
use handlebars::Handlebars;
use rsmf_core::Failure;
use sha2::{Digest, Sha256};

use crate::{Error, Report, Result, report::Sample};
use view::View;

const TEMPLATE: &str = include_str!("report.hbs");
const STYLE: &str = include_str!("report.css");

/// The page of a report. `platform` is what people call it; `samples` are exceptions to show.
pub(crate) fn render(report: &Report, platform: &str, samples: &[Sample]) -> Result<String> {
    let hash = BASE64_STANDARD.encode(Sha256::digest(STYLE));
    let view = View::new(report, platform, samples, STYLE, &hash);
    let mut template = Handlebars::new();
    template.set_strict_mode(true);
    template
        .render_template(TEMPLATE, &view)
        .map_err(|error| Error::Internal(Failure::new("make", "report.html").source(error).other()))
}
