//! Names of the files in the zip.

use std::collections::HashMap;

use crate::validate::{Code, findings::Findings, zip::Entry};

pub(in crate::validate) fn check(entries: &[Entry], findings: &mut Findings) {
    let mut by_lower_case: HashMap<String, &str> = HashMap::new();
    for Entry {
        name, is_encrypted, ..
    } in entries
    {
        if *is_encrypted {
            findings.add(
                Code::StrictEncryptedZip,
                format!("{name:?} needs a password"),
            );
        }
        if escapes(name) {
            let message = format!("{name:?} leads out of the folder that the zip is unpacked to");
            findings.add(Code::StrictMemberEscapes, message);
        } else if name.contains(['/', '\\']) {
            findings.add(Code::StrictMemberFolder, format!("{name:?} is in a folder"));
        }
        if let Some(other) = by_lower_case.insert(name.to_lowercase(), name) {
            let message = format!("{other:?} and {name:?} differ only by case");
            findings.add(Code::StrictMemberCase, message);
        }
    }
}

fn escapes(name: &str) -> bool {
    let is_drive = name.as_bytes().get(1) == Some(&b':');
    is_drive || name.starts_with(['/', '\\']) || name.split(['/', '\\']).any(|part| part == "..")
}
