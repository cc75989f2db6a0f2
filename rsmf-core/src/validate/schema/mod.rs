//! Checks the shape of a manifest against the schema of its version.
//!
//! The errors are those that NJsonSchema 9.13 gives: one for each property of the root, and one
//! for each participant, conversation and event, however much is wrong in it.

mod check;
pub(super) mod email;
mod path;
mod version_1;
mod version_2;

use self::{check::Violation, path::Path};
use super::{
    Code,
    findings::Findings,
    json::{Data, Value},
};

/// The shape of an object.
#[derive(Debug)]
pub(super) struct Shape(&'static [Property]);

#[derive(Debug)]
struct Property {
    name: &'static str,
    rule: Rule,
    required: bool,
}

#[derive(Debug)]
enum Rule {
    /// A text of at least so many characters.
    Text(usize),
    /// One of some texts.
    Choice(&'static [&'static str]),
    Email,
    Time,
    Integer,
    Boolean,
    List(&'static Rule),
    Object(&'static Shape),
}

const fn required(name: &'static str, rule: Rule) -> Property {
    Property {
        name,
        rule,
        required: true,
    }
}

const fn optional(name: &'static str, rule: Rule) -> Property {
    Property {
        name,
        rule,
        required: false,
    }
}

const ANY_TEXT: Rule = Rule::Text(0);
const SOME_TEXT: Rule = Rule::Text(1);
const CUSTOM_LIST: Rule = Rule::List(&Rule::Object(&CUSTOM));

static CUSTOM: Shape = Shape(&[required("name", SOME_TEXT), required("value", SOME_TEXT)]);

/// Adds an error for everything that breaks the schema.
pub(super) fn check(root: &Value<'_>, findings: &mut Findings) {
    let shape = match root.text("version") {
        Some("1.0.0") => &version_1::MANIFEST,
        _ => &version_2::MANIFEST,
    };
    let mut violations = Vec::new();
    shape.check_own(root, &Path::Root, &mut violations);
    for property in shape.0 {
        let path = Path::Property(&Path::Root, property.name);
        match (&property.rule, root.get(property.name)) {
            (Rule::List(item), Some(list)) => check_items(&path, item, list, findings),
            (rule, Some(value)) => rule.check(value, &path, &mut violations),
            (_, None) => {}
        }
    }
    for violation in violations {
        findings.add_at(
            Code::ManifestSchemaViolation,
            violation.at,
            violation.message,
        );
    }
}

fn check_items(path: &Path<'_>, rule: &Rule, list: &Value<'_>, findings: &mut Findings) {
    let Data::List(items) = &list.data else {
        return findings.add_at(
            Code::ManifestSchemaViolation,
            list.at,
            format!("{path} is not a list"),
        );
    };
    for (index, item) in items.iter().enumerate() {
        let mut violations = Vec::new();
        rule.check(item, &Path::Item(path, index), &mut violations);
        if let Some(first) = violations.first() {
            let messages: Vec<_> = violations
                .iter()
                .map(|found| found.message.as_str())
                .collect();
            findings.add_at(Code::ManifestSchemaViolation, first.at, messages.join("; "));
        }
    }
}

/// Adds a warning for every property that the specification does not define in any version.
pub(super) fn check_undefined(root: &Value<'_>, findings: &mut Findings) {
    let mut undefined = Vec::new();
    version_2::MANIFEST.find_undefined(root, &Path::Root, &mut undefined);
    for Violation { at, message } in undefined {
        findings.add_at(Code::ManifestUndefinedProperty, at, message);
    }
}
