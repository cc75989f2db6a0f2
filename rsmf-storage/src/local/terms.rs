//! What was announced about a file that is being written.

use std::{
    fs::File,
    io::{self, Read, Seek},
    path::Path,
    time::SystemTime,
};

use rsmf_core::{
    Result,
    integration::{Checksum, PutOptions, Summer},
};

use super::{failure, meta};

/// How much is read at a time.
const PIECE: usize = 512 * 1024;

#[derive(Debug, Default)]
pub(super) struct Terms {
    size: Option<u64>,
    sum: Option<(Summer, Checksum)>,
    modified: Option<SystemTime>,
}

impl Terms {
    pub(super) fn of(options: &PutOptions) -> Self {
        let sum = options.checksum.clone();
        Self {
            size: options.size,
            sum: sum.map(|sum| (Summer::new(sum.algorithm), sum)),
            modified: options.modified.and_then(meta::system_time),
        }
    }

    /// Sums up what is in the file already, which is then at its end.
    pub(super) fn take_in(&mut self, mut file: &File) -> io::Result<()> {
        let Some((summer, _)) = &mut self.sum else {
            return Ok(());
        };
        file.rewind()?;
        let mut piece = vec![0; PIECE];
        loop {
            match file.read(&mut piece)? {
                0 => return Ok(()),
                read => summer.update(piece.get(..read).unwrap_or_default()),
            }
        }
    }

    /// Takes in what follows.
    pub(super) fn update(&mut self, bytes: &[u8]) {
        if let Some((summer, _)) = &mut self.sum {
            summer.update(bytes);
        }
    }

    /// Compares, and tells the time that the file shall have.
    pub(super) fn verify(self, target: &Path, file: &File) -> Result<Option<SystemTime>> {
        let wrong = |reason: String| Err(failure("write", target).source(reason).integrity());
        if let Some(size) = self.size {
            let metadata = file.metadata();
            let is = metadata.map_err(|error| super::io_error("write", target, error))?;
            if is.len() != size {
                return wrong(format!("{} bytes came and not {size}", is.len()));
            }
        }
        match self.sum {
            Some((summer, sum)) if summer.clone().finish() != sum => wrong(format!(
                "its {} is not the one announced",
                sum.algorithm.name()
            )),
            _ => Ok(self.modified),
        }
    }
}
