//! How much a source may ask of the machine.

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;
const GIB: u64 = 1024 * MIB;

/// Bounds on what is read, against zip bombs and broken files, and on what is held in memory.
///
/// Whatever exceeds one of them is reported as
/// [`OverLimit`](rsmf_core::integration::Reason::OverLimit) and left out; the rest is read.
///
/// ```
/// let mut limits = rsmf_chat::Limits::default();
/// limits.max_entry_bytes = 1 << 30;
/// assert_eq!(limits.max_ratio, 250);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Files in an archive; by default 2,000,000.
    pub max_entries: usize,
    /// Bytes of one file, decompressed; by default 64 GiB.
    pub max_entry_bytes: u64,
    /// Bytes of all files together, decompressed; by default 4 TiB.
    pub max_total_bytes: u64,
    /// How many times larger than its compressed form a file of more than 1 MiB may be; by
    /// default 250. Files of messages, which are never held as a whole, may be denser: see
    /// [`max_streamed_ratio`](Self::max_streamed_ratio).
    pub max_ratio: u64,
    /// The same for files of messages of up to [`max_dense_bytes`](Self::max_dense_bytes); by
    /// default 900. Messages of people compress to a tenth or so, but those of a machine that
    /// says the same every ten seconds may pass 250; deflate cannot do more than 1032.
    pub max_streamed_ratio: u64,
    /// Bytes of a file of messages, decompressed, beyond which `max_ratio` holds for it too; by
    /// default 1 GiB.
    pub max_dense_bytes: u64,
    /// Bytes of a list of people or conversations, decompressed; by default 2 GiB. Lists are read
    /// element by element.
    pub max_list_bytes: u64,
    /// People in all lists together, who are held in memory (some 500 bytes each, and more for
    /// whoever collects them); by default 1,000,000. The further ones come without names.
    pub max_people: usize,
    /// Bytes of a zip file's central directory, which is held in memory while it is read; by
    /// default 512 MiB.
    pub max_directory_bytes: u64,
    /// Bytes of one record (a message with everything in it) as JSON; by default 16 MiB.
    pub max_record_bytes: usize,
    /// Bytes up to which a file of messages is held in memory and sorted as a whole; larger ones
    /// are streamed. By default 8 MiB. There is one such file per thread.
    pub sort_bytes: u64,
    /// Bytes of a conversation's files that are held in memory between the two times that they are
    /// read, for as many conversations as there are threads; the other files are decompressed
    /// twice. By default 8 MiB.
    pub held_bytes: u64,
    /// Messages of a streamed file that are held back in order to sort them; by default 2048.
    pub sort_messages: usize,
    /// Messages per conversation whose ids are remembered to find duplicates; by default 262,144.
    pub remembered_ids: usize,
    /// Bytes of records that change earlier messages, per conversation, that are held in memory;
    /// more go to a temporary file. By default 4 MiB.
    pub amendment_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_entries: 2_000_000,
            max_entry_bytes: 64 * GIB,
            max_total_bytes: 4096 * GIB,
            max_ratio: 250,
            max_streamed_ratio: 900,
            max_dense_bytes: GIB,
            max_list_bytes: 2 * GIB,
            max_people: 1_000_000,
            max_directory_bytes: 512 * MIB,
            max_record_bytes: 16 << 20,
            sort_bytes: 8 * MIB,
            held_bytes: 8 * MIB,
            sort_messages: 2048,
            remembered_ids: 1 << 18,
            amendment_bytes: 4 << 20,
        }
    }
}
