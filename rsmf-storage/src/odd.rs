//! Names that some servers keep otherwise than they were given: whether this one does is found out with a name that
//! stands for all of its kind, before an object gets one.

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
};

use async_trait::async_trait;
use rsmf_core::{Failure, Result, integration::StorePath};
use tokio::sync::Mutex;

use crate::names;

/// What parts of an address, patterns or paths of Windows are made of, where a server takes a name for such.
const MARKS: &str = "\\?#%;:*\"<>|";

/// What a part of a name has at most on most file systems.
const LONGEST: usize = 255;

/// What is odd about a part of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Odd {
    Within(char),
    First(char),
    Last(char),
    Long,
}

impl fmt::Display for Odd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Within(character) => write!(f, "with {character:?}"),
            Self::First(character) => write!(f, "that begin with {character:?}"),
            Self::Last(character) => write!(f, "that end with {character:?}"),
            Self::Long => write!(f, "with a part of more than {LONGEST} bytes"),
        }
    }
}

impl Odd {
    /// All that is odd about one part of a name.
    fn of(part: &str) -> impl Iterator<Item = Self> + '_ {
        let is_odd = |c: &char| c.is_control() || MARKS.contains(*c);
        let is_blank = |c: &char| c.is_whitespace() || c.is_control();
        let first = part.chars().next().filter(is_blank).map(Self::First);
        let last = part.chars().next_back();
        let last = last.filter(|c| is_blank(c) || *c == '.').map(Self::Last);
        let long = (part.len() > LONGEST).then_some(Self::Long);
        let within = part.chars().filter(is_odd).map(Self::Within);
        within.chain(first).chain(last).chain(long)
    }

    /// A part of a name that has this and nothing else.
    fn example(self) -> String {
        match self {
            // One who decodes what is decoded already makes another character of it.
            Self::Within('%') => "a%41b".to_owned(),
            Self::Within(character) => format!("a{character}b"),
            Self::First(character) => format!("{character}b"),
            Self::Last(character) => format!("a{character}"),
            Self::Long => "n".repeat(LONGEST + 1),
        }
    }
}

/// Who can find out what becomes of a name.
#[async_trait]
pub(crate) trait Probe: Sync {
    /// Whether something that is written to this name in this folder, which nobody else uses and no listing shows, lies
    /// there then. Nothing of it stays.
    async fn keeps(&self, folder: &StorePath, name: &str) -> Result<bool>;
}

/// What is known of a server.
#[derive(Debug, Default)]
pub(crate) struct Known(Mutex<HashMap<Odd, bool>>);

impl Known {
    /// Refuses a name that the server would keep as another one; `shown` is how errors name it.
    ///
    /// # Errors
    /// [`InvalidInput`](rsmf_core::Error::InvalidInput) for such a name; what keeps from finding out.
    pub(crate) async fn check(
        &self,
        probe: &dyn Probe,
        path: &StorePath,
        shown: impl FnOnce() -> String,
    ) -> Result<()> {
        let odd: BTreeSet<_> = path.as_str().split('/').flat_map(Odd::of).collect();
        if odd.is_empty() {
            return Ok(());
        }
        // Whoever comes meanwhile waits for the same answer.
        let mut known = self.0.lock().await;
        for odd in odd {
            let is_kept = match known.get(&odd) {
                Some(is_kept) => *is_kept,
                None => {
                    let is_kept = probe.keeps(&place(path)?, &odd.example()).await?;
                    *known.entry(odd).or_insert(is_kept)
                }
            };
            if !is_kept {
                return Err(Failure::new("write", shown())
                    .source(format!("this server keeps names {odd} as other ones"))
                    .advice("choose another name")
                    .invalid_input());
            }
        }
        Ok(())
    }
}

/// A folder that nobody else uses, as near to where the object will lie as nothing is odd.
fn place(path: &StorePath) -> Result<StorePath> {
    let above = path.parent();
    let parts = above.as_str().split('/');
    let plain: Vec<_> = parts
        .take_while(|part| !part.is_empty() && Odd::of(part).next().is_none())
        .collect();
    let (start, end) = (names::DRAFT_PREFIX, names::DRAFT_SUFFIX);
    let number = fastrand::u64(..);
    StorePath::new(plain.join("/"))?.join(&format!("{start}{number:016x}{end}"))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use rsmf_core::Kind;

    use super::*;

    /// A server that takes a backslash for a slash, and a name with a line break for an error.
    #[derive(Default)]
    struct Server(AtomicUsize);

    #[async_trait]
    impl Probe for Server {
        async fn keeps(&self, folder: &StorePath, name: &str) -> Result<bool> {
            self.0.fetch_add(1, Ordering::Relaxed);
            assert!(names::is_draft(folder.file_name()), "{folder}");
            match name.contains('\n') {
                true => Err(Failure::new("write", "it").denied()),
                false => Ok(!name.contains('\\')),
            }
        }
    }

    #[tokio::test]
    async fn each_kind_is_asked_for_once() {
        let (known, server) = (Known::default(), Server::default());
        for (name, refused, asked) in [
            ("plain/näme (1).txt", None, 0),
            ("a/b\\c", Some(Kind::InvalidInput), 1),
            ("\\d", Some(Kind::InvalidInput), 1),
            ("what?", None, 2),
            ("end.", None, 3),
            ("end /x", None, 4),
            ("why?/end.", None, 4),
            ("line\nbreak", Some(Kind::Denied), 5),
            ("line\nbreak", Some(Kind::Denied), 6),
        ] {
            let path = StorePath::new(name).unwrap();
            let checked = known.check(&server, &path, || name.to_owned()).await;
            assert_eq!(checked.err().map(|error| error.kind()), refused, "{name:?}");
            assert_eq!(server.0.load(Ordering::Relaxed), asked, "{name:?}");
        }
    }

    #[test]
    fn examples_have_what_they_stand_for() {
        let long = "n".repeat(300);
        for name in ["a\\b", "100%", " a", "a\n", "a.", &long] {
            for odd in Odd::of(name) {
                let example = odd.example();
                assert!(Odd::of(&example).any(|found| found == odd), "{odd}");
                assert!(StorePath::new(example).is_ok(), "{odd}");
            }
        }
    }

    #[test]
    fn names_are_tried_near_to_where_objects_lie() {
        for (path, folder) in [("a", ""), ("a/b/c?", "a/b/"), ("a/b?/c/d", "a/")] {
            let place = place(&StorePath::new(path).unwrap()).unwrap();
            let name = place.as_str().strip_prefix(folder).unwrap();
            assert!(names::is_draft(name), "{place}");
        }
    }
}
