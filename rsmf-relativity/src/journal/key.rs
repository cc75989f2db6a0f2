//! Which upload a journal is of.

use serde::{Deserialize, Serialize};

use crate::sum;

/// What tells an upload from any other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalKey {
    /// The host of Relativity.
    pub host: String,
    /// The workspace.
    pub workspace: i64,
    /// The name that was chosen for the set; `None` where it is made of the digest.
    pub name: Option<String>,
    /// The SHA-256 of the names and sizes of the files, in order.
    pub digest: String,
}

impl JournalKey {
    /// The key of an upload of these files: names and sizes, in the order of the names.
    pub fn new<'f>(
        host: impl Into<String>,
        workspace: i64,
        name: Option<String>,
        files: impl IntoIterator<Item = (&'f str, u64)>,
    ) -> Self {
        let mut summer = sum::sha256();
        for (name, size) in files {
            // No name holds a line break in both places: the size stands first.
            summer.update(format!("{size} {}:{name}\n", name.len()).as_bytes());
        }
        Self {
            host: host.into(),
            workspace,
            name,
            digest: sum::hex(summer),
        }
    }

    /// A short name for this key, of hexadecimal digits: that of its journal's file.
    pub fn id(&self) -> String {
        let mut summer = sum::sha256();
        let name = self.name.as_deref().unwrap_or_default();
        let text = [
            &self.host.to_lowercase(),
            &self.workspace.to_string(),
            name,
            &self.digest,
        ];
        for part in text {
            summer.update(format!("{}:{part}\n", part.len()).as_bytes());
        }
        let mut id = sum::hex(summer);
        id.truncate(16);
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_counts() {
        let key = |host, workspace, name: Option<&str>, files: &[(&'static str, u64)]| {
            JournalKey::new(
                host,
                workspace,
                name.map(str::to_owned),
                files.iter().copied(),
            )
            .id()
        };
        let one = key("a.example", 1, None, &[("x", 1), ("y", 2)]);
        assert_eq!(one, key("A.example", 1, None, &[("x", 1), ("y", 2)]));
        for other in [
            key("b.example", 1, None, &[("x", 1), ("y", 2)]),
            key("a.example", 2, None, &[("x", 1), ("y", 2)]),
            key("a.example", 1, Some("n"), &[("x", 1), ("y", 2)]),
            key("a.example", 1, None, &[("x", 1), ("y", 3)]),
            key("a.example", 1, None, &[("y", 2), ("x", 1)]),
            key("a.example", 1, None, &[("x", 1)]),
        ] {
            assert_ne!(one, other);
        }
        assert_eq!(one.len(), 16);
    }
}
