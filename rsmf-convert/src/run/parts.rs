//! What comes out of the slices, and its names.

use std::collections::HashMap;

use rsmf_core::integration::Exception;

use super::record::{FileRecord, Record};
use crate::{conversation::Tally, downloads::Download, names::file_name, render::Rendered};

/// A rendered file with its name.
pub(super) struct File {
    pub(super) rendered: Rendered,
    pub(super) name: String,
    pub(super) part: u64,
}

impl File {
    pub(super) fn new(rendered: Rendered) -> Self {
        Self {
            rendered,
            name: String::new(),
            part: 1,
        }
    }

    /// What is left to tell of it once it is written.
    pub(super) fn into_record(self) -> FileRecord {
        let Rendered {
            period,
            size,
            sha256,
            facts,
            ..
        } = self.rendered;
        FileRecord {
            name: self.name,
            part: self.part,
            period,
            size,
            sha256,
            facts,
        }
    }
}

/// What is to be written, and then entered into the reports, in order.
pub(super) enum Step {
    Files(Vec<File>, Vec<Exception>, Vec<Download>),
    Exceptions(Vec<Exception>),
    End(Tally),
}

/// Names files, numbering those of one period.
#[derive(Default)]
pub(super) struct Parts {
    counts: HashMap<String, u64>,
}

impl Parts {
    pub(super) fn name(&mut self, mut step: Step) -> Step {
        match &mut step {
            Step::Files(files, ..) => files.iter_mut().for_each(|file| self.name_file(file)),
            Step::End(..) => self.counts.clear(),
            Step::Exceptions(..) => {}
        }
        step
    }

    /// Counts files that an earlier run has named.
    pub(super) fn count(&mut self, record: &Record) {
        match record {
            Record::Files(files, ..) => {
                for file in files {
                    self.counts.insert(file.period.label.clone(), file.part);
                }
            }
            Record::End(..) => self.counts.clear(),
            Record::Exceptions(..) => {}
        }
    }

    fn name_file(&mut self, file: &mut File) {
        let label = &file.rendered.period.label;
        let count = self.counts.entry(label.clone()).or_default();
        *count += 1;
        file.part = *count;
        file.name = file_name(&file.rendered.subject.stem, label, *count);
    }
}
