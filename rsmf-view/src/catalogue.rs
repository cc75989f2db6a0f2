//! The files of a folder, of which memory holds next to nothing.

use std::{
    collections::HashMap,
    io::{BufReader, Read as _, Seek as _, SeekFrom, Write as _},
};

use rsmf_core::{Error, Failure, Result, UtcTime};
use serde::{Deserialize, Serialize};
use tempfile::SpooledTempFile;

use crate::{end::writing, overview::Overview};

/// Bytes that are kept in memory.
const SPOOL: usize = 4 << 20;

/// A file of the folder.
#[derive(Debug, Serialize, Deserialize)]
pub struct Listed {
    /// The path of the file below the folder.
    pub name: String,
    /// The address of its page, relative to the list.
    pub href: String,
    /// What the page shows, or why there is none.
    pub result: Result<Overview, String>,
}

/// All files of a folder, in the order in which they came. They lie in a temporary file; memory
/// holds some 50 bytes for each, and the titles of the conversations.
///
/// ```
/// use rsmf_view::{Catalogue, Listed};
///
/// let mut catalogue = Catalogue::default();
/// catalogue.add(&Listed {
///     name: "a.rsmf".to_owned(),
///     href: String::new(),
///     result: Err("it is no RSMF file".to_owned()),
/// })?;
/// assert_eq!(catalogue.len(), 1);
/// assert_eq!(catalogue.broken().collect::<Vec<_>>(), [0]);
/// assert_eq!(catalogue.get(0)?.name, "a.rsmf");
/// # Ok::<(), rsmf_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Catalogue {
    spool: BufReader<SpooledTempFile>,
    /// Where the spool ends.
    end: u64,
    entries: Vec<Entry>,
    /// Indexes into `titles`, by [`Overview::group`].
    groups: HashMap<String, usize>,
    /// In lower case, of the first file of each group.
    titles: Vec<String>,
}

/// Where a file lies, and what it is ordered by.
#[derive(Debug)]
struct Entry {
    offset: u64,
    length: usize,
    /// None where it has no page.
    group: Option<usize>,
    begin: Option<UtcTime>,
}

impl Default for Catalogue {
    fn default() -> Self {
        Self {
            spool: BufReader::new(SpooledTempFile::new(SPOOL)),
            end: 0,
            entries: Vec::new(),
            groups: HashMap::new(),
            titles: Vec::new(),
        }
    }
}

impl Catalogue {
    /// Takes the next file.
    ///
    /// # Errors
    /// Where the temporary file cannot be written.
    pub fn add(&mut self, file: &Listed) -> Result<()> {
        let bytes = serde_json::to_vec(file).map_err(|error| writing(error.into()))?;
        let spool = self.spool.get_mut();
        spool.seek(SeekFrom::Start(self.end)).map_err(spooling)?;
        spool.write_all(&bytes).map_err(spooling)?;
        let overview = file.result.as_ref().ok();
        let group = overview.map(|overview| self.group(overview));
        self.entries.push(Entry {
            offset: self.end,
            length: bytes.len(),
            group,
            begin: overview.and_then(|overview| overview.begin),
        });
        self.end += bytes.len() as u64;
        Ok(())
    }

    fn group(&mut self, overview: &Overview) -> usize {
        if let Some(group) = self.groups.get(&overview.group) {
            return *group;
        }
        let group = self.titles.len();
        self.groups.insert(overview.group.clone(), group);
        // A conversation may change its name: the first one counts.
        self.titles.push(overview.title.to_lowercase());
        group
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The indexes of the files without a page.
    pub fn broken(&self) -> impl Iterator<Item = usize> {
        let entries = self.entries.iter().enumerate();
        entries.filter_map(|(index, entry)| entry.group.is_none().then_some(index))
    }

    /// Reads a file again, by its index.
    ///
    /// # Errors
    /// [`NotFound`](Error::NotFound) for an index that is none; where the temporary file cannot be read.
    pub fn get(&mut self, index: usize) -> Result<Listed> {
        let missing = || Failure::new("find", format!("file {index}")).not_found();
        let entry = self.entries.get(index).ok_or_else(missing)?;
        let mut bytes = vec![0; entry.length];
        self.spool
            .seek(SeekFrom::Start(entry.offset))
            .map_err(spooling)?;
        self.spool.read_exact(&mut bytes).map_err(spooling)?;
        serde_json::from_slice(&bytes).map_err(|error| spooling(error.into()))
    }

    /// Which files are slices of one conversation: indexes of files, in the order of the list, and
    /// within a conversation in the order of time. Files without a page are left out.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn groups(&mut self) -> Result<Vec<Vec<usize>>> {
        let mut order: Vec<_> = self.groups.iter().collect();
        order.sort_unstable_by_key(|(id, group)| (self.titles.get(**group), *id));
        let order: Vec<usize> = order.into_iter().map(|(_, group)| *group).collect();
        let mut groups = vec![Vec::new(); order.len()];
        for (index, entry) in self.entries.iter().enumerate() {
            if let Some(group) = entry.group.and_then(|group| groups.get_mut(group)) {
                group.push(index);
            }
        }
        order
            .into_iter()
            .filter_map(|group| groups.get_mut(group).map(std::mem::take))
            .map(|group| self.sorted(group))
            .collect()
    }

    /// By time, and files of the same time by name, for which alone they are read.
    fn sorted(&mut self, group: Vec<usize>) -> Result<Vec<usize>> {
        let begin = |index: &usize| self.entries.get(*index).and_then(|entry| entry.begin);
        let mut timed: Vec<_> = group.iter().map(|index| (begin(index), *index)).collect();
        timed.sort_unstable();
        let mut sorted = Vec::with_capacity(group.len());
        for same in timed.chunk_by(|(one, _), (other, _)| one == other) {
            match same {
                [(_, one)] => sorted.push(*one),
                several => sorted.extend(self.by_name(several)?),
            }
        }
        Ok(sorted)
    }

    fn by_name(&mut self, files: &[(Option<UtcTime>, usize)]) -> Result<Vec<usize>> {
        let named = files
            .iter()
            .map(|(_, index)| Ok((self.get(*index)?.name, *index)));
        let mut named = named.collect::<Result<Vec<_>>>()?;
        named.sort();
        Ok(named.into_iter().map(|(_, index)| index).collect())
    }
}

fn spooling(error: std::io::Error) -> Error {
    Error::from_io("keep", "the list of files in a temporary file", error)
}
