//! How a load file is written.

/// How the text of a load file becomes bytes. Both begin with a byte order mark.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Encoding {
    /// UTF-8.
    #[default]
    Utf8,
    /// UTF-16, little-endian: what the Import Service is quickest with for long texts, and demands where more
    /// than one column holds such.
    Utf16,
}

impl Encoding {
    /// The name that the Import Service knows it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Utf16 => "utf-16",
        }
    }
}

/// The delimiters of a load file and its encoding. The usual ones are those of Concordance and Relativity.
///
/// ```
/// use rsmf_relativity::LoadFileFormat;
///
/// let format = LoadFileFormat::default();
/// assert_eq!((format.column, format.quote, format.newline), ('\u{14}', 'þ', '®'));
/// assert_eq!((format.multi_value, format.nested), (';', '\\'));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct LoadFileFormat {
    /// Between columns: U+0014.
    pub column: char,
    /// Around each value: U+00FE.
    pub quote: char,
    /// In place of a line break within a value: U+00AE.
    pub newline: char,
    /// Between several values of a column: `;`.
    pub multi_value: char,
    /// Between the levels of a value: `\`.
    pub nested: char,
    /// UTF-8.
    pub encoding: Encoding,
}

impl Default for LoadFileFormat {
    fn default() -> Self {
        Self {
            column: '\u{14}',
            quote: '\u{FE}',
            newline: '\u{AE}',
            multi_value: ';',
            nested: '\\',
            encoding: Encoding::default(),
        }
    }
}

impl LoadFileFormat {
    /// Sets the encoding.
    #[must_use]
    pub fn encoding(mut self, encoding: Encoding) -> Self {
        self.encoding = encoding;
        self
    }
}
