//! What was promised of an upload, and what has come.

use bytes::Bytes;
use rsmf_core::{
    Failure, Result,
    integration::{Algorithm, Checksum, PutOptions, Summer},
};

/// Counts and sums up what is written.
#[derive(Debug)]
pub(super) struct Tally {
    pub(super) size: u64,
    promised: Option<u64>,
    expected: Option<Checksum>,
    summer: Option<Summer>,
    /// By what the content is known besides, where the server can say the same.
    known: Option<Summer>,
}

impl Tally {
    /// Expects what the options promise, and sums up by `known` besides.
    pub(super) fn new(options: &PutOptions, known: Option<Algorithm>) -> Self {
        let expected = options.checksum.clone();
        Self {
            size: 0,
            promised: options.size,
            summer: expected.as_ref().map(|sum| Summer::new(sum.algorithm)),
            expected,
            known: known.map(Summer::new),
        }
    }

    pub(super) fn add(&mut self, bytes: &Bytes) {
        self.size += bytes.len() as u64;
        for summer in [&mut self.summer, &mut self.known].into_iter().flatten() {
            summer.update(bytes);
        }
    }

    /// What it all sums up to by the algorithm that the server knows.
    pub(super) fn known(&self) -> Option<Checksum> {
        self.known.clone().map(Summer::finish)
    }

    /// Compares with what was promised. `failure` names the upload.
    ///
    /// # Errors
    /// [`Integrity`](rsmf_core::Error::Integrity).
    pub(super) fn check(&self, failure: impl Fn() -> Failure) -> Result<()> {
        if let Some(promised) = self.promised.filter(|promised| *promised != self.size) {
            let why = format!("{promised} bytes were announced and {} came", self.size);
            return Err(failure().source(why).integrity());
        }
        let found = self.summer.clone().map(Summer::finish);
        match (&self.expected, found) {
            (Some(expected), Some(found)) if *expected != found => {
                let why = format!("its checksum is {found} rather than {expected}");
                Err(failure().source(why).integrity())
            }
            _ => Ok(()),
        }
    }
}
