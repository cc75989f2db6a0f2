//! What contents sum up to, to compare them.

use futures_util::TryStreamExt;
use rsmf_core::{
    Failure, Result,
    integration::{Algorithm, Checksum, ObjectMeta, Summer},
};

use super::{CopyOptions, Place, read};

/// What is cheap first.
const PREFERRED: [Algorithm; 6] = [
    Algorithm::Crc64Nvme,
    Algorithm::Crc32c,
    Algorithm::Crc32,
    Algorithm::Sha256,
    Algorithm::Sha1,
    Algorithm::Md5,
];

/// The sum of an object that is the cheapest to compare with.
pub(super) fn known(meta: &ObjectMeta) -> Option<&Checksum> {
    let of = |algorithm| {
        meta.checksums
            .iter()
            .find(move |sum| sum.algorithm == algorithm)
    };
    PREFERRED.into_iter().find_map(of)
}

/// Refuses what sums up to something else by an algorithm that both sides know.
pub(super) fn compare(ours: &[Checksum], theirs: &[Checksum], what: &str) -> Result<()> {
    for sum in ours {
        let other = theirs.iter().find(|other| other.algorithm == sum.algorithm);
        if let Some(other) = other.filter(|other| *other != sum) {
            return Err(Failure::new("copy", what.to_owned())
                .source(format!("{sum} was read and {other} is there"))
                .advice(
                    "run it again; if it happens again, do not trust the store or the way to it",
                )
                .integrity());
        }
    }
    Ok(())
}

/// Reads an object and sums it up.
pub(super) async fn of(
    place: &Place,
    meta: &ObjectMeta,
    algorithm: Algorithm,
    options: &CopyOptions,
) -> Result<Checksum> {
    let mut summer = Summer::new(algorithm);
    let mut stream = read(&place.storage, meta, 0, options);
    while let Some(piece) = stream.try_next().await? {
        summer.update(&piece);
    }
    Ok(summer.finish())
}
