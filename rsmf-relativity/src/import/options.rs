//! What an import is to be like.

use crate::{LoadFileFormat, Pick, WaitOptions};

/// What an import is to be like.
///
/// ```
/// use rsmf_relativity::ImportOptions;
///
/// let options = ImportOptions::default();
/// assert_eq!(options.identifier, "Control Number");
/// assert!(options.validate && options.wait.is_some());
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ImportOptions {
    /// The name of the folder in the staging area: made of a digest of the files.
    pub name: Option<String>,
    /// The field of documents by which they are told apart: `Control Number`.
    pub identifier: String,
    /// What control numbers begin with: `RSMF` and a digest of the upload.
    pub prefix: Option<String>,
    /// The folder of the workspace where documents go: its root.
    pub folder: Option<Pick>,
    /// How the load file is written.
    pub format: LoadFileFormat,
    /// Whether each file is validated before anything is sent: yes.
    pub validate: bool,
    /// How to wait for the end; `None` for not at all.
    pub wait: Option<WaitOptions>,
}

impl Default for ImportOptions {
    fn default() -> Self {
        Self {
            name: None,
            identifier: "Control Number".to_owned(),
            prefix: None,
            folder: None,
            format: LoadFileFormat::default(),
            validate: true,
            wait: Some(WaitOptions::default()),
        }
    }
}
