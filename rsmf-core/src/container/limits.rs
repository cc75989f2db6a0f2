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
        }
    }
}
