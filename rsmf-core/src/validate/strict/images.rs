//! Avatars and icons.

use std::collections::HashMap;

use crate::validate::{Code, findings::Findings, json::Value, zip::Entry};

pub(in crate::validate) fn check(root: &Value<'_>, entries: &[Entry], findings: &mut Findings) {
    let heads: HashMap<&str, &[u8]> = entries
        .iter()
        .map(|entry| (entry.name.as_str(), entry.head.as_slice()))
        .collect();
    for (list, name) in [("participants", "avatar"), ("conversations", "icon")] {
        for item in root.items(list) {
            let Some(file) = item.text(name) else {
                continue;
            };
            let at = item.place(name);
            match heads.get(file) {
                Some(head) if !is_picture(head) => {
                    let message = format!("{file:?} is not a PNG, JPEG or GIF");
                    findings.add_at(Code::StrictImageFormat, at, message);
                }
                // A missing avatar is found by Relativity's own rules.
                None if name == "icon" => {
                    let message = format!("the icon {file:?} is not in the zip");
                    findings.add_at(Code::StrictIconMissing, at, message);
                }
                _ => {}
            }
        }
    }
}

fn is_picture(head: &[u8]) -> bool {
    const STARTS: [&[u8]; 4] = [b"\x89PNG\r\n\x1A\n", b"\xFF\xD8\xFF", b"GIF87a", b"GIF89a"];
    STARTS.iter().any(|start| head.starts_with(start))
}
