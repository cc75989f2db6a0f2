//! The validation of the viewer, as far as processing depends on it.

use serde_json::{Value, json};

use crate::relativity::rsmf;

/// What is wrong with a file.
pub(super) fn validate(bytes: &[u8]) -> Value {
    let (mut errors, mut warnings) = (Vec::new(), Vec::new());
    match rsmf::open_whole(bytes) {
        Err(problem) => errors.push(detail(&problem.message, "RSMFValidity")),
        Ok((opened, manifest, _)) => {
            for id in &opened.missing {
                errors.push(detail(
                    &format!("The attachment {id} is not in rsmf.zip."),
                    "ZipAttachmentMissing",
                ));
            }
            if manifest.times.is_empty() {
                errors.push(detail(
                    "The manifest has no events.",
                    "ManifestEventArrayEmpty",
                ));
            }
            let stray = opened
                .children
                .iter()
                .filter(|child| child.attachment.is_none());
            for child in stray {
                let message = format!("The manifest does not name {}.", child.name);
                warnings.push(detail(&message, "ZipUnreferencedFiles"));
            }
            let count = opened.header("EventCount");
            if !count.is_empty() && count.trim() != manifest.times.len().to_string() {
                warnings.push(detail(
                    "X-RSMF-EventCount is not the number of events.",
                    "RSMFHeaderEventCountMismatch",
                ));
            }
        }
    }
    let status = match (errors.is_empty(), warnings.is_empty()) {
        (true, true) => "Passed",
        (true, false) => "PassedWithWarnings",
        _ => "Failed",
    };
    json!({ "Status": status, "Errors": errors, "Warnings": warnings })
}

fn detail(message: &str, code: &str) -> Value {
    json!({ "LineNumber": 0, "LinePosition": 0, "Message": message, "Submessages": [], "ErrorCode": code })
}
