//! What comes out of the slices, and its names.

use std::{collections::HashMap, sync::Arc};

use rsmf_core::integration::Exception;

use crate::{conversation::Tally, names::file_name, render::Rendered, slice::Subject};

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
}

/// What is to be entered into the reports, in order.
pub(super) enum Step {
    Files(Arc<Subject>, Vec<File>, Vec<Exception>),
    Exceptions(Arc<Subject>, Vec<Exception>),
    End(Arc<Subject>, Tally),
}

/// Names files, numbering those of one period.
#[derive(Default)]
pub(super) struct Parts {
    counts: HashMap<String, u64>,
}

impl Parts {
    pub(super) fn name(&mut self, mut step: Step) -> Step {
        match &mut step {
            Step::Files(_, files, _) => files.iter_mut().for_each(|file| self.name_file(file)),
            Step::End(..) => self.counts.clear(),
            Step::Exceptions(..) => {}
        }
        step
    }

    fn name_file(&mut self, file: &mut File) {
        let label = &file.rendered.period.label;
        let count = self.counts.entry(label.clone()).or_default();
        *count += 1;
        file.part = *count;
        file.name = file_name(&file.rendered.subject.stem, label, *count);
    }
}
