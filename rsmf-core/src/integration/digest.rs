//! What a source's bytes are known by.

/// The SHA-256 of everything that a source was read from, so that anybody can check later that
/// they hold the same.
///
/// Of a source that is one file, it is the file's. Of a folder, it is that of the text that
/// `sha256sum` (GNU coreutils) writes for all files below it in order of their paths as bytes:
/// per file, its SHA-256 in lower-case hexadecimal, two blanks, its path relative to the folder,
/// and a line feed; where a path holds backslashes, the line begins with one and they are doubled.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SourceDigest {
    /// 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// What was hashed.
    pub of: DigestOf,
    /// How many files that are.
    pub files: u64,
    /// How many bytes they have together.
    pub bytes: u64,
}

impl SourceDigest {
    /// A digest of `files` files with `bytes` bytes together.
    pub fn new(sha256: impl Into<String>, of: DigestOf, files: u64, bytes: u64) -> Self {
        let sha256 = sha256.into();
        Self {
            sha256,
            of,
            files,
            bytes,
        }
    }
}

/// What a [`SourceDigest`] was made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DigestOf {
    /// The bytes of the one file that the source is.
    File,
    /// The list of the files that the source is, each with its own digest.
    Listing,
}

impl DigestOf {
    /// The lower-case name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Listing => "listing",
        }
    }
}

/// What tells a source from another one and from its own earlier states.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fingerprint {
    /// A digest, in hexadecimal digits, of what is known of the content without reading it:
    /// names, sizes, checksums. A copy elsewhere has the same.
    pub content: String,
    /// A digest of what only this copy has, such as times of change, where those can tell more.
    pub copy: Option<String>,
}

impl Fingerprint {
    /// One that consists of its content alone.
    pub fn new(content: impl Into<String>) -> Self {
        Self {
            content: content.into(),
            copy: None,
        }
    }

    /// Adds what only this copy has.
    #[must_use]
    pub fn of_copy(mut self, copy: impl Into<String>) -> Self {
        self.copy = Some(copy.into());
        self
    }
}
