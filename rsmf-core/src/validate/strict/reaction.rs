//! Values of reactions.

use crate::validate::{Code, findings::Findings, json::Value};

const MOST: usize = 30;

/// Short names that Relativity has no picture for, of emoji that are written with a variation
/// selector or are newer than its list.
const WITHOUT_PICTURE: [&str; 11] = [
    "heart",
    "heavy_check_mark",
    "warning",
    "v",
    "point_up",
    "relaxed",
    "sunny",
    "airplane",
    "phone",
    "pleading_face",
    "smiling_face_with_3_hearts",
];

pub(super) fn check(event: &Value<'_>, findings: &mut Findings) {
    for reaction in event.items("reactions") {
        let value = reaction.text("value").unwrap_or_default();
        let at = reaction.place("value");
        if value.chars().count() > MOST {
            let message = format!("{value:?} has more than {MOST} characters");
            findings.add_at(Code::StrictReactionLength, at, message);
        }
        if WITHOUT_PICTURE.contains(&value) || !is_short_name(value) {
            let message = format!("{value:?} is shown as text");
            findings.add_at(Code::StrictReactionPicture, at, message);
        }
    }
}

/// Whether Relativity could have a picture for it: its list has only such names.
fn is_short_name(value: &str) -> bool {
    value
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"_+-".contains(&byte))
}
