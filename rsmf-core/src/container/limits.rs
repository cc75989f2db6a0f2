//! How much is read of a file before it is refused.

/// Bounds on what reading one file may take, so that no file can fill memory or disk.
///
/// The defaults let every file through that Relativity itself would take.
///
/// ```
/// use rsmf_core::container::ReadLimits;
///
/// let limits = ReadLimits { manifest_bytes: 10 << 20, ..ReadLimits::default() };
/// assert!(limits.manifest_bytes < ReadLimits::default().manifest_bytes);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadLimits {
    /// Bytes of the zip that are kept in memory; beyond that it goes to a temporary file. 8 MiB.
    pub spool_bytes: usize,
    /// Bytes of the headers of the message, and again of each part. 4 MiB.
    pub header_bytes: usize,
    /// Bytes of the text of the message, and again of its HTML form, once decoded. 256 MiB.
    pub body_bytes: usize,
    /// How deep parts may stand in parts. 16.
    pub part_depth: usize,
    /// How many parts there may be in all. 1,000.
    pub parts: usize,
    /// Bytes of the zip. 4 GiB.
    pub archive_bytes: u64,
    /// Bytes of one member of the zip, once inflated. 4 GiB.
    pub member_bytes: u64,
    /// Bytes of all members of the zip together, once inflated. 64 GiB.
    pub total_bytes: u64,
    /// Bytes of the manifest. 512 MiB.
    pub manifest_bytes: u64,
    /// How many times more bytes a member may have once inflated than in the zip. 250.
    ///
    /// Members of up to 1 MiB may expand further, and a manifest of up to 64 MiB: short ones of
    /// ever the same words do.
    pub expansion: u64,
}

/// Bytes up to which [`ReadLimits::expansion`] does not count: of any member, and of the manifest.
const DENSE_MEMBER: u64 = 1 << 20;
const DENSE_MANIFEST: u64 = 64 << 20;

impl ReadLimits {
    /// How many bytes a member of so many bytes in the zip may have.
    pub(crate) fn of_member(&self, packed: u64) -> u64 {
        self.expanded(packed, DENSE_MEMBER).min(self.member_bytes)
    }

    /// The same for the manifest.
    pub(crate) fn of_manifest(&self, packed: u64) -> u64 {
        self.expanded(packed, DENSE_MANIFEST)
            .min(self.manifest_bytes)
    }

    fn expanded(&self, packed: u64, dense: u64) -> u64 {
        packed.saturating_mul(self.expansion).max(dense)
    }
}

/// Why a member that says that it is larger than it may be is not read.
pub(crate) fn refusal(packed: u64, size: u64, room: u64, limit: u64) -> Option<String> {
    match size {
        size if size <= room => None,
        size if size > limit => Some("it is larger than the limit for reading".to_owned()),
        size => Some(format!("it expands {} times", size / packed.max(1))),
    }
}

impl Default for ReadLimits {
    fn default() -> Self {
        Self {
            spool_bytes: 8 << 20,
            header_bytes: 4 << 20,
            body_bytes: 256 << 20,
            part_depth: 16,
            parts: 1_000,
            archive_bytes: 4 << 30,
            member_bytes: 4 << 30,
            total_bytes: 64 << 30,
            manifest_bytes: 512 << 20,
            expansion: 250,
        }
    }
}
