//! Names for members of the zip.

use std::collections::HashSet;

use rsmf_core::integration::SourceFile;

use crate::names;

/// Hands out names for members of the zip: flat, ASCII, unique even where case is ignored.
#[derive(Debug, Default)]
pub(crate) struct Members {
    taken: HashSet<String>,
}

impl Members {
    /// The name for a file: its id and its own name.
    pub(crate) fn name(&mut self, file: &SourceFile) -> String {
        let id = ascii(&names::safe(&file.id, 60));
        let own = ascii(&shorten(&names::safe(&file.name, usize::MAX), 100));
        let joined = |number: u64| {
            names::unreserved(match (id.is_empty(), number) {
                (true, 1) => own.clone(),
                (true, _) => format!("{number}_{own}"),
                (false, 1) => format!("{id}_{own}"),
                (false, _) => format!("{id}-{number}_{own}"),
            })
        };
        let mut number = 1;
        let mut name = joined(number);
        while is_manifest(&name) || !self.taken.insert(name.to_ascii_lowercase()) {
            number += 1;
            name = joined(number);
        }
        name
    }
}

fn is_manifest(name: &str) -> bool {
    name.is_empty() || name.eq_ignore_ascii_case("rsmf_manifest.json")
}

fn ascii(text: &str) -> String {
    let keep = |c: char| c.is_ascii_alphanumeric() || "._-()+,=@ ".contains(c);
    text.chars()
        .map(|c| if keep(c) { c } else { '_' })
        .collect()
}

/// At most `limit` characters, with the extension kept: it decides how the file is shown.
fn shorten(name: &str, limit: usize) -> String {
    let length = name.chars().count();
    if length <= limit {
        return name.to_owned();
    }
    let extension = match name.rsplit_once('.') {
        Some((_, extension)) if extension.chars().count() <= 10 => format!(".{extension}"),
        _ => String::new(),
    };
    let stem: String = name
        .chars()
        .take(limit - extension.chars().count())
        .collect();
    format!("{stem}{extension}")
}

#[cfg(test)]
mod tests {
    use rsmf_core::integration::FileContent;

    use super::*;

    fn file(id: &str, name: &str) -> SourceFile {
        SourceFile::new(id, name, FileContent::Absent(String::new()))
    }

    #[test]
    fn members_are_ascii_flat_and_unique() {
        let mut members = Members::default();
        assert_eq!(members.name(&file("F9", "contract.pdf")), "F9_contract.pdf");
        assert_eq!(
            members.name(&file("f9", "Contract.pdf")),
            "f9-2_Contract.pdf"
        );
        assert_eq!(
            members.name(&file("F1", "../ü/日本.png")),
            "F1__.____.png".replace("_.____", "_____")
        );
        assert_eq!(
            members.name(&file("", "rsmf_manifest.json")),
            "2_rsmf_manifest.json"
        );
    }

    #[test]
    fn long_names_keep_their_extension() {
        let name = Members::default().name(&file("F1", &format!("{}.jpeg", "x".repeat(300))));
        assert_eq!(name.len(), 103);
        assert!(name.ends_with(".jpeg"));
    }
}
