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
use text::foreign;
use view::{View, name_of};

const TEMPLATE: &str = include_str!("report.hbs");
const STYLE: &str = include_str!("report.css");

/// The page of a report. `platform` is what people call it; `samples` are exceptions to show.
pub(crate) fn render(report: &Report, platform: &str, samples: &[Sample]) -> Result<String> {
    let style = format!("{STYLE}{}", margins(&report.input));
    let hash = BASE64_STANDARD.encode(Sha256::digest(&style));
    let view = View::new(report, platform, samples, &style, &hash);
    let mut template = Handlebars::new();
    template.set_strict_mode(true);
    template
        .render_template(TEMPLATE, &view)
        .map_err(|error| Error::Internal(Failure::new("make", "report.html").source(error).other()))
}

/// What stands at the edge of each printed page: what was converted, and the page's number.
fn margins(input: &str) -> String {
    let name = css_string(&foreign(name_of(input)));
    format!(
        "@page {{ @top-left {{ content: \"Conversion report: {name}\"; font: 9pt sans-serif; color: #444a52; }} \
         @bottom-right {{ content: counter(page) \" / \" counter(pages); font: 9pt sans-serif; color: #444a52; }} }}\n"
    )
}

/// A text as the content of a string in CSS, where only letters, digits and spaces stand as they
/// are (CSS Syntax Module Level 3, 4.3.7): it can end neither the string nor the style sheet.
fn css_string(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || c == ' ';
    let escape = |c: char| match plain(c) {
        true => c.to_string(),
        false => format!("\\{:x} ", u32::from(c)),
    };
    text.chars().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_ends_a_string_in_css() {
        assert_eq!(css_string("Zoë 1"), "Zoë 1");
        assert_eq!(css_string("a\"\\\n</"), "a\\22 \\5c \\a \\3c \\2f ");
        assert!(margins("/in/a.zip").contains("\"Conversion report: a\\2e zip\""));
    }
}
