//! Whether a server that is not Amazon's keeps to the condition that an object must not be there yet.
//!
//! Some take it for nothing: then it has to be looked first, each time. So the first small object that is created is
//! created once more, which a server that knows the condition refuses. One that does not writes the same content
//! again, before anybody was told that it is there.

use std::sync::atomic::{AtomicU8, Ordering};

use aws_sdk_s3::operation::put_object::PutObjectOutput;
use rsmf_core::integration::{PutMode, PutOptions, StorePath};

use super::{S3Storage, proof::Piece};

/// What is sent twice has at most so many bytes.
const SMALL: usize = 64 << 10;

const UNKNOWN: u8 = 0;
const ASKED: u8 = 1;
const KEPT: u8 = 2;
const IGNORED: u8 = 3;

/// What is known so far.
#[derive(Debug, Default)]
pub(super) struct Conditions(AtomicU8);

impl Conditions {
    /// Whether the caller is the one to find out.
    fn begin(&self) -> bool {
        let (seen, fails) = (Ordering::AcqRel, Ordering::Acquire);
        let begun = self.0.compare_exchange(UNKNOWN, ASKED, seen, fails);
        begun.is_ok()
    }
}

impl S3Storage {
    /// Whether the server sees to the condition by itself.
    pub(super) fn keeps_condition(&self, options: &PutOptions) -> bool {
        let is_kept = self.inner.conditions.0.load(Ordering::Acquire) == KEPT;
        is_kept && options.if_match.is_none()
    }

    /// Creates an object again that was created just now, if that is not known yet. Gives the answer of a server that
    /// did so.
    pub(super) async fn try_condition(
        &self,
        path: &StorePath,
        options: &PutOptions,
        piece: &Piece,
    ) -> Option<PutObjectOutput> {
        let is_new = options.mode == PutMode::Create && options.if_match.is_none();
        let conditions = &self.inner.conditions;
        if !is_new || !self.inner.foreign || piece.bytes.len() > SMALL || !conditions.begin() {
            return None;
        }
        let (known, answer) = match self.put_once(path, options, piece, None).await {
            Err(refusal) if refusal.code == "PreconditionFailed" => (KEPT, None),
            Err(_) => (UNKNOWN, None),
            Ok(answer) => (IGNORED, Some(answer)),
        };
        conditions.0.store(known, Ordering::Release);
        answer
    }
}
