//! Whether there is anything to copy.

use rsmf_core::{
    Result, UtcTime,
    integration::{Algorithm, ObjectMeta},
};

use super::{CopyOptions, Place, sums};

/// Some file systems keep only every second second.
const TOLERANCE: i64 = 2_000_000;

/// How two objects are compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Compare {
    /// By their sizes, and whether the copy is at least as new as the original. A store that does not say when its
    /// objects have changed gets everything anew.
    #[default]
    SizeAndTime,
    /// By their contents: what the stores say that they sum up to, or what is read.
    Content,
    /// Not at all: everything is copied.
    Never,
}

impl Compare {
    /// Whether what is there need not be copied again.
    pub(super) async fn is_same(
        self,
        from: (&Place, &ObjectMeta),
        to: (&Place, &ObjectMeta),
        options: &CopyOptions,
    ) -> Result<bool> {
        let same_size = from.1.size == to.1.size;
        match self {
            Self::Never => Ok(false),
            _ if !same_size => Ok(false),
            Self::SizeAndTime => Ok(is_as_new(from.1.modified, to.1.modified)),
            Self::Content => same_content(from.0, to.0, options).await,
        }
    }
}

fn is_as_new(from: Option<UtcTime>, to: Option<UtcTime>) -> bool {
    match (from, to) {
        (Some(from), Some(to)) => to.micros() >= from.micros().saturating_sub(TOLERANCE),
        _ => false,
    }
}

async fn same_content(from: &Place, to: &Place, options: &CopyOptions) -> Result<bool> {
    // Listings may know less.
    let ours = from.storage.head(&from.path).await?;
    let theirs = to.storage.head(&to.path).await?;
    for sum in &ours.checksums {
        let other = theirs
            .checksums
            .iter()
            .find(|other| other.algorithm == sum.algorithm);
        if let Some(other) = other {
            return Ok(sum == other);
        }
    }
    let algorithm = sums::known(&ours).or(sums::known(&theirs));
    let algorithm = algorithm.map_or(Algorithm::Sha256, |sum| sum.algorithm);
    let sum = async |place: &Place, meta: &ObjectMeta| {
        let known = meta.checksums.iter().find(|sum| sum.algorithm == algorithm);
        match known {
            Some(sum) => Ok(sum.clone()),
            None => sums::of(place, meta, algorithm, options).await,
        }
    };
    Ok(sum(from, &ours).await? == sum(to, &theirs).await?)
}
