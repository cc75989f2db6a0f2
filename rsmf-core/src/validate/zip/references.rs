//! Files that the manifest names, and files in the zip.

use std::collections::HashSet;

use super::{super::json::Value, Entry};
use crate::{
    container::MANIFEST,
    validate::{Code, findings::Findings},
};

/// Only attachments and avatars count as references, as with Relativity: icons do not.
pub(in crate::validate) fn check(root: &Value<'_>, entries: &[Entry], findings: &mut Findings) {
    let names: HashSet<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
    let mut used = HashSet::from([MANIFEST]);
    for participant in root.items("participants") {
        if let Some(avatar) = participant.text("avatar") {
            used.insert(avatar);
            if !names.contains(avatar) {
                let message = format!("the avatar {avatar:?} is not in the zip");
                findings.add_at(Code::ZipAvatarMissing, participant.place("avatar"), message);
            }
        }
    }
    for attachment in root
        .items("events")
        .iter()
        .flat_map(|event| event.items("attachments"))
    {
        let id = attachment.text("id").unwrap_or_default();
        used.insert(id);
        if !names.contains(id) {
            let message = format!("the attachment {id:?} is not in the zip");
            findings.add_at(Code::ZipAttachmentMissing, attachment.place("id"), message);
        }
    }
    check_unreferenced(entries, &used, findings);
}

/// One finding for all of them.
fn check_unreferenced(entries: &[Entry], used: &HashSet<&str>, findings: &mut Findings) {
    const SHOWN: usize = 10;
    let stray = entries.iter().map(|entry| entry.name.as_str());
    let stray: Vec<_> = stray.filter(|name| !used.contains(name)).collect();
    if stray.is_empty() {
        return;
    }
    let mut names: Vec<_> = stray
        .iter()
        .take(SHOWN)
        .map(|name| format!("{name:?}"))
        .collect();
    if stray.len() > SHOWN {
        names.push(format!("and {} more", stray.len() - SHOWN));
    }
    let message = format!("the manifest refers to none of these: {}", names.join(", "));
    findings.add(Code::ZipUnreferencedFiles, message);
}
