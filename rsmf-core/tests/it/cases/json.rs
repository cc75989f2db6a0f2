//! The manifest as text.

use serde_json::{Value, json};

use super::check;
use crate::sample::Sample;

#[test]
fn json() {
    fn text(sample: &mut Sample, edit: impl Fn(String) -> String) {
        sample.manifest_bytes = Some(edit(sample.manifest.to_string()).into_bytes());
    }
    check(&[
        (
            "byte order mark",
            |s| text(s, |json| format!("\u{FEFF}{json}")),
            &[],
        ),
        (
            "UTF-16",
            |s| {
                let json = format!("\u{FEFF}{}", s.manifest);
                s.manifest_bytes = Some(json.encode_utf16().flat_map(u16::to_le_bytes).collect());
            },
            &[],
        ),
        (
            "comments",
            |s| text(s, |json| format!("// a\n/* b */{json}/* c */")),
            &[],
        ),
        (
            "single quotes",
            |s| text(s, |json| json.replace('"', "'")),
            &[],
        ),
        (
            "names without quotes",
            |s| text(s, |json| json.replace("\"events\"", "events")),
            &[],
        ),
        (
            "trailing comma",
            |s| text(s, |json| json.replace("]}", "],}")),
            &["JSONTrailingCommas"],
        ),
        (
            "text behind",
            |s| text(s, |json| json + "x"),
            &["ManifestValidity"],
        ),
        (
            "cut off",
            |s| text(s, |json| json[..200].to_owned()),
            &["ManifestValidity"],
        ),
        (
            "only blanks",
            |s| text(s, |_| " \n".to_owned()),
            &["ManifestValidity"],
        ),
        (
            "null",
            |s| s.manifest = Value::Null,
            &["ManifestSchemaViolation"; 5],
        ),
        (
            "a text",
            |s| s.manifest = json!("a"),
            &["ManifestSchemaViolation"; 5],
        ),
        (
            "deep",
            |s| {
                let deep = "[".repeat(50_000) + &"]".repeat(50_000);
                text(s, |json| {
                    json.replacen('{', &format!("{{\"deep\":{deep},"), 1)
                });
            },
            &["ManifestUndefinedProperty"],
        ),
    ]);
}
