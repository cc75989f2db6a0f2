//! What can go wrong with a whole export.

use rsmf_core::Failure;

/// The result of opening an export.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an export cannot be read at all.
///
/// What is wrong with a part of it is no error, but an
/// [`Exception`](rsmf_core::integration::Exception) that the source reports.
///
/// ```
/// let error = rsmf_chat::Error::NotAnExport {
///     path: "photos.zip".to_owned(),
///     looked_for: "channels.json, users.json or folders of day files".to_owned(),
///     found: "12 other files, such as beach.jpg".to_owned(),
/// };
/// assert_eq!(rsmf_core::Error::from(error).kind(), rsmf_core::Kind::InvalidInput);
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// What lies at the path is something else than an export of this platform.
    #[error("{path} is not an export: looked for {looked_for}, found {found}")]
    NotAnExport {
        /// Where it lies.
        path: String,
        /// What an export would have had.
        looked_for: String,
        /// What is there instead.
        found: String,
    },
    /// The store failed, or the archive cannot be read.
    #[error(transparent)]
    Core(#[from] rsmf_core::Error),
}

impl From<Error> for rsmf_core::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Core(error) => error,
            Error::NotAnExport { ref path, .. } => Failure::new("open", path.clone())
                .source(error)
                .invalid_input(),
        }
    }
}
