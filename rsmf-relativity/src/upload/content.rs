//! Whether processing found what was sent.

use std::{
    collections::{BTreeMap, BTreeSet},
    mem::take,
};

use futures_util::TryStreamExt;

use crate::{
    Result,
    client::{
        ArtifactId, Workspace,
        processing::{DiscoveredFile, Expression},
    },
};

/// What processing found, by names without folders, in small letters.
#[derive(Debug, Default)]
pub(super) struct Listing {
    by_name: BTreeMap<String, Vec<DiscoveredFile>>,
    tells_published: bool,
}

/// What a file was when it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sent {
    pub(super) name: String,
    pub(super) size: u64,
    /// Where the service tells one to compare it with.
    pub(super) sha256: Option<String>,
}

/// What the service says of the content of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Seen {
    /// It is what was sent.
    Same,
    /// It gives no SHA-256, or does not list the file.
    Untold,
    /// It is something else.
    Different(String),
}

impl Listing {
    /// What processing found of these names in a set.
    pub(super) async fn read(
        workspace: &Workspace,
        set: ArtifactId,
        names: &BTreeSet<String>,
    ) -> Result<Self> {
        let mut listing = Self::default();
        for source in workspace.processing_summary(set).await?.data_source_ids {
            let of_source = Expression::new("DataSourceArtifactId", "Is", source.0);
            let mut found = workspace.discovered(of_source);
            while let Some(file) = found.try_next().await? {
                // A service that does not filter says of which data source a file is.
                let is_here =
                    [ArtifactId::default(), source].contains(&file.data_source_artifact_id);
                let name = base(&file.file_name).to_lowercase();
                if is_here && names.contains(&name) {
                    listing.add(name, file);
                }
            }
        }
        Ok(listing)
    }

    fn add(&mut self, name: String, file: DiscoveredFile) {
        self.tells_published |= file.is_published == Some(true);
        self.by_name.entry(name).or_default().push(file);
    }

    /// How many files of a name may have become documents: all, where the service does not tell.
    pub(super) fn published(&self, name: &str) -> usize {
        let files = self.by_name.get(name).map(Vec::as_slice);
        match files {
            Some(files) if self.tells_published => files
                .iter()
                .filter(|file| file.is_published != Some(false))
                .count(),
            _ => usize::MAX,
        }
    }

    /// Whether a SHA-256 of a file of this name is told.
    pub(super) fn has_sum(&self, name: &str) -> bool {
        let files = self.by_name.get(name);
        files.is_some_and(|files| files.iter().any(|file| sum(file).is_some()))
    }

    /// Compares files of one name with those that were found, each with one of its own.
    pub(super) fn compare(&mut self, name: &str, sent: &[Sent]) -> Vec<Seen> {
        let mut found = self.by_name.get_mut(name).map(take).unwrap_or_default();
        let mut seen = vec![None; sent.len()];
        // What fits best is taken first, so that what is left over differs from all.
        for fits in [is_same, may_be_same, any] {
            for (file, seen) in sent
                .iter()
                .zip(&mut seen)
                .filter(|(_, seen)| seen.is_none())
            {
                if let Some(index) = found.iter().position(|found| fits(file, found)) {
                    *seen = Some(verdict(file, &found.swap_remove(index)));
                }
            }
        }
        let told = seen.into_iter().map(|seen| seen.unwrap_or(Seen::Untold));
        told.collect()
    }
}

fn is_same(sent: &Sent, found: &DiscoveredFile) -> bool {
    verdict(sent, found) == Seen::Same
}

fn may_be_same(sent: &Sent, found: &DiscoveredFile) -> bool {
    verdict(sent, found) == Seen::Untold
}

fn any(_: &Sent, _: &DiscoveredFile) -> bool {
    true
}

fn verdict(sent: &Sent, found: &DiscoveredFile) -> Seen {
    // A size that is left out reads as 0.
    let size = u64::try_from(found.file_size).ok().filter(|size| *size > 0);
    let name = &sent.name;
    match (size, &sent.sha256, sum(found)) {
        (Some(size), ..) if size != sent.size => Seen::Different(format!(
            "{name} has {size} bytes in Relativity instead of {}",
            sent.size
        )),
        (_, Some(here), Some(there)) if here.eq_ignore_ascii_case(there) => Seen::Same,
        (_, Some(_), Some(_)) => {
            Seen::Different(format!("{name} has another SHA-256 in Relativity"))
        }
        _ => Seen::Untold,
    }
}

/// The SHA-256 of a file, where it is told.
fn sum(found: &DiscoveredFile) -> Option<&str> {
    let text = found.sha256.trim();
    let is_sum = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_sum.then_some(text)
}

/// The name without folders, however they are separated.
pub(super) fn base(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(size: u64, sum: &str) -> Sent {
        Sent {
            name: "in/a.rsmf".to_owned(),
            size,
            sha256: Some(sum.repeat(64)),
        }
    }

    fn found(file_size: i64, sum: &str, is_published: Option<bool>) -> DiscoveredFile {
        DiscoveredFile {
            file_size,
            sha256: sum.repeat(64),
            is_published,
            ..DiscoveredFile::default()
        }
    }

    fn listing(files: impl IntoIterator<Item = DiscoveredFile>) -> Listing {
        let mut listing = Listing::default();
        for file in files {
            listing.add("a.rsmf".to_owned(), file);
        }
        listing
    }

    fn compare(there: impl IntoIterator<Item = DiscoveredFile>, here: &[Sent]) -> Vec<Seen> {
        listing(there).compare("a.rsmf", here)
    }

    #[test]
    fn content_is_compared_as_far_as_it_is_told() {
        let file = [sent(9, "a")];
        assert_eq!(compare([found(9, "A", None)], &file), [Seen::Same]);
        assert_eq!(compare([found(0, "a", None)], &file), [Seen::Same]);
        assert_eq!(compare([found(9, "", None)], &file), [Seen::Untold]);
        assert_eq!(compare([], &file), [Seen::Untold]);
        for other in [
            found(10, "a", None),
            found(10, "", None),
            found(9, "b", None),
        ] {
            let seen = compare([other], &file);
            assert!(matches!(seen.as_slice(), [Seen::Different(_)]), "{seen:?}");
        }
    }

    #[test]
    fn files_of_one_name_are_told_apart() {
        let files = [sent(9, "a"), sent(8, "b"), sent(7, "c")];
        let there = || {
            [
                found(8, "b", None),
                found(7, "d", None),
                found(9, "a", None),
            ]
        };
        let seen = compare(there(), &files);
        assert_eq!(seen.get(..2), Some(&[Seen::Same, Seen::Same][..]));
        assert!(matches!(seen.last(), Some(Seen::Different(_))), "{seen:?}");
    }

    #[test]
    fn what_was_not_published_counts_only_where_it_is_told() {
        let told = listing([found(9, "a", Some(true)), found(9, "a", Some(false))]);
        assert_eq!(
            (told.published("a.rsmf"), told.published("b")),
            (1, usize::MAX)
        );
        let untold = listing([found(9, "a", Some(false)), found(9, "", None)]);
        assert_eq!(untold.published("a.rsmf"), usize::MAX);
        assert!(untold.has_sum("a.rsmf") && !untold.has_sum("b"));
    }
}
