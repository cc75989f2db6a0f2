//! The steps of an upload, as the journal holds them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use rsmf_core::Failure;

use super::JournalKey;
use crate::{
    Phase, Result, UncPath,
    client::{ArtifactId, Uuid},
    rules,
};

/// What was chosen, by the names of the options that choose it.
pub type Choices = BTreeMap<String, String>;

/// What a processing set needs that exists once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Thing {
    /// The one whose data it is.
    Custodian,
    /// The processing set.
    Set,
    /// Its data source.
    DataSource,
}

/// How an upload ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Outcome {
    /// All is in.
    Completed,
    /// The job is done, but there are errors in documents, or something is missing.
    CompletedWithErrors,
    /// The job will not be done.
    Failed,
    /// Somebody has cancelled the set.
    Cancelled,
    /// The job goes on, but nobody waited any longer.
    TimedOut,
    /// The job goes on; nobody was to wait.
    Submitted,
}

impl Outcome {
    /// The lower-case name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::CompletedWithErrors => "completed with errors",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::TimedOut => "timed out",
            Self::Submitted => "submitted",
        }
    }

    /// Whether the job itself has ended.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::TimedOut | Self::Submitted)
    }
}

/// One step. An intention is written before what cannot be taken back, and the result after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Entry {
    /// The first one: what the upload is, and the names that it uses.
    Begun {
        /// Which upload this is.
        key: JournalKey,
        /// The name of the processing set, and of its data source.
        set: String,
        /// The name of the folder in the staging area.
        folder: String,
        /// What the control numbers of its documents begin with.
        prefix: String,
        /// What was chosen, and must be the same in a run that goes on with it.
        #[serde(default)]
        choices: Choices,
    },
    /// Files begin to be brought in another way than before.
    Staging {
        /// The way, and where it leads.
        by: String,
    },
    /// The folder for files was empty: what lies there from now on is this upload's.
    Claimed,
    /// A transfer with this id (a UUID) is about to be created.
    Transferring {
        /// The id.
        job: String,
    },
    /// A file has arrived.
    File {
        /// Its name, below the folder.
        name: String,
        /// Its size in bytes.
        size: u64,
        /// The SHA-256 of its content.
        sha256: String,
    },
    /// All files have arrived.
    Staged {
        /// Where they are.
        folder: UncPath,
    },
    /// An import job with a source is about to be created, by these numbers.
    Importing {
        /// Of the job.
        job: Uuid,
        /// Of its source.
        source: Uuid,
    },
    /// Something is about to be created.
    Creating {
        /// What.
        thing: Thing,
    },
    /// Something is there now.
    Created {
        /// What.
        thing: Thing,
        /// Its ArtifactID.
        id: i64,
    },
    /// These documents, which look like those of the upload, were there before any of its own.
    Earlier {
        /// Their ArtifactIDs.
        documents: BTreeSet<ArtifactId>,
    },
    /// A phase is about to be submitted.
    Submitting {
        /// Which.
        phase: Phase,
    },
    /// A phase was submitted.
    Submitted {
        /// Which.
        phase: Phase,
    },
    /// A phase is done.
    Done {
        /// Which.
        phase: Phase,
    },
    /// Documents were tagged.
    Tagged {
        /// How many.
        documents: u64,
    },
    /// The last one.
    Ended {
        /// How.
        outcome: Outcome,
    },
}

/// What all steps together say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// The names that are used: of the set, the folder, and what control numbers begin with.
    pub names: Option<Names>,
    /// What was chosen.
    pub choices: Choices,
    /// The way in which files are brought, and where it leads.
    pub by: Option<String>,
    /// Whether the folder for files is this upload's.
    pub has_claimed: bool,
    /// The transfer that was created, or was to be.
    pub transfer: Option<String>,
    /// Size and SHA-256 of the files that have arrived, by name.
    pub files: BTreeMap<String, (u64, String)>,
    /// Where all files are.
    pub staged: Option<UncPath>,
    /// The numbers of the import job and of its source.
    pub import: Option<(Uuid, Uuid)>,
    /// What was to be created.
    pub creating: Vec<Thing>,
    /// What is there, by its ArtifactID.
    pub created: BTreeMap<Thing, i64>,
    /// Documents that look like those of the upload, and were there before; `None` where nobody could look.
    pub earlier: Option<BTreeSet<ArtifactId>>,
    /// What was to be submitted.
    pub submitting: Vec<Phase>,
    /// What was submitted.
    pub submitted: Vec<Phase>,
    /// What is done.
    pub done: Vec<Phase>,
    /// Whether documents were tagged.
    pub is_tagged: bool,
    /// How it ended.
    pub outcome: Option<Outcome>,
}

/// The names that an upload uses.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Names {
    /// Of the processing set and of its data source.
    pub set: String,
    /// Of the folder in the staging area.
    pub folder: String,
    /// What control numbers begin with.
    pub prefix: String,
}

impl Names {
    /// As they were chosen, else made of digests of what is uploaded. The folder's ends with a digest of all that tells
    /// the upload from others, also from those in other workspaces with the same share.
    pub(crate) fn chosen(
        key: &JournalKey,
        name: Option<&String>,
        prefix: Option<&String>,
    ) -> Result<Self> {
        let digest = key.digest.get(..12).unwrap_or_default();
        let set = name.cloned().unwrap_or_else(|| format!("rsmf-{digest}"));
        let mut folder = set.replace(
            |c: char| rules::check_name(&c.to_string()).is_err() && c != '.' && c != ' ',
            "-",
        );
        rules::check_name(&folder).map_err(|problem| {
            Failure::new("use", format!("the name {set:?}"))
                .source(problem)
                .invalid_input()
        })?;
        let id = key.id();
        let id = id.get(..8).unwrap_or_default();
        folder.truncate(folder.floor_char_boundary(rules::LONGEST_NAME - id.len() - 1));
        let folder = format!("{folder}-{id}");
        let usual = || format!("RSMF{}", id.to_uppercase());
        Ok(Self {
            set,
            folder,
            prefix: prefix.cloned().unwrap_or_else(usual),
        })
    }
}

impl Entry {
    pub(crate) fn begun(key: JournalKey, names: &Names, choices: Choices) -> Self {
        let Names {
            set,
            folder,
            prefix,
        } = names.clone();
        Self::Begun {
            key,
            set,
            folder,
            prefix,
            choices,
        }
    }
}

impl Progress {
    /// Takes in the next step.
    pub fn apply(&mut self, entry: Entry) {
        match entry {
            Entry::Begun {
                set,
                folder,
                prefix,
                choices,
                ..
            } => {
                self.choices = choices;
                self.names = Some(Names {
                    set,
                    folder,
                    prefix,
                });
            }
            Entry::Staging { by } => {
                if self.by.replace(by).is_some() {
                    // What has arrived elsewhere, or was asked of others, is of no use there.
                    (self.transfer, self.files) = (None, BTreeMap::new());
                }
            }
            Entry::Claimed => self.has_claimed = true,
            Entry::Transferring { job } => self.transfer = Some(job),
            Entry::File { name, size, sha256 } => {
                self.files.insert(name, (size, sha256));
            }
            Entry::Staged { folder } => self.staged = Some(folder),
            Entry::Importing { job, source } => self.import = Some((job, source)),
            Entry::Creating { thing } => self.creating.push(thing),
            Entry::Created { thing, id } => {
                self.created.insert(thing, id);
            }
            Entry::Earlier { documents } => self.earlier = Some(documents),
            Entry::Submitting { phase } => self.submitting.push(phase),
            Entry::Submitted { phase } => self.submitted.push(phase),
            Entry::Done { phase } => self.done.push(phase),
            Entry::Tagged { .. } => self.is_tagged = true,
            Entry::Ended { outcome } => self.outcome = Some(outcome),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_uploads_have_the_same_folder() {
        let names = |workspace, name: &str, file| {
            let name = name.to_owned();
            let key = JournalKey::new("acme.example", workspace, Some(name.clone()), [(file, 3)]);
            Names::chosen(&key, Some(&name), None).unwrap()
        };
        let one = names(7, "q:1", "a.rsmf");
        assert!(one.folder.starts_with("q-1-"), "{}", one.folder);
        assert_eq!(one, names(7, "q:1", "a.rsmf"));
        for other in [
            names(7, "q-1", "a.rsmf"),
            names(7, "Q:1", "a.rsmf"),
            names(7, "q:1", "b.rsmf"),
            names(8, "q:1", "a.rsmf"),
        ] {
            assert_ne!(one.folder.to_lowercase(), other.folder.to_lowercase());
        }
        let long = names(7, &"ä".repeat(127), "a.rsmf");
        assert_eq!(rules::check_name(&long.folder), Ok(()));
    }
}
