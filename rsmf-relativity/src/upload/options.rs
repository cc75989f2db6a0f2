//! What an upload is to be like.

use std::{convert::Infallible, fmt, str::FromStr};

use serde::Deserialize;

use crate::{WaitOptions, client::ArtifactId};

/// Something in a workspace that is meant, by its ArtifactID or its name.
///
/// ```
/// use rsmf_relativity::{Pick, client::ArtifactId};
///
/// assert_eq!("1046822".parse(), Ok(Pick::Id(ArtifactId(1_046_822))));
/// assert_eq!("RSMF".parse(), Ok(Pick::Name("RSMF".to_owned())));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pick {
    /// By its ArtifactID.
    Id(ArtifactId),
    /// By its name.
    Name(String),
}

impl FromStr for Pick {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text.trim().parse() {
            Ok(id) => Self::Id(id),
            Err(_) => Self::Name(text.trim().to_owned()),
        })
    }
}

impl From<&str> for Pick {
    fn from(text: &str) -> Self {
        text.parse().unwrap_or_else(|never| match never {})
    }
}

impl fmt::Display for Pick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}

/// What a custodian is who has to be created.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum CustodianKind {
    /// A person where the name has several words, else something else.
    #[default]
    Auto,
    /// A person: the last word is the last name.
    Person,
    /// A team, a device, an account.
    Other,
}

/// What an upload is to be like. Only profile and custodian are needed.
///
/// ```
/// use rsmf_relativity::UploadOptions;
///
/// let mut options = UploadOptions::new("RSMF", "Ada Müller");
/// options.tags.push(("Matter ID".to_owned(), "42".to_owned()));
/// assert_eq!(options.time_zone.to_string(), "UTC");
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct UploadOptions {
    /// The processing profile. It must extract children, or attachments would be lost.
    pub profile: Pick,
    /// Whose data it is. One who is not there by this name is created.
    pub custodian: Pick,
    /// What a custodian is who has to be created.
    pub custodian_kind: CustodianKind,
    /// The name of the processing set, which the folder in the staging area is called after: made of a digest of the files.
    pub name: Option<String>,
    /// In which time zone times are shown, by Relativity's name for it: `UTC`, which is also found where the name
    /// only holds it.
    pub time_zone: Pick,
    /// The folder of the workspace where documents go: its root.
    pub folder: Option<Pick>,
    /// What control numbers begin with: `RSMF` and a digest of the upload.
    pub prefix: Option<String>,
    /// In which languages text is looked for in pictures, by Relativity's names: `English`.
    pub ocr_languages: Vec<String>,
    /// Whom Relativity tells by e-mail: nobody.
    pub notify: Vec<String>,
    /// Whether each file is validated before anything is sent: yes.
    pub validate: bool,
    /// Whether Relativity is asked to validate each file, too: no.
    pub validate_remotely: bool,
    /// How to check what has arrived; `None` for not at all.
    pub verify: Option<VerifyOptions>,
    /// Fields of each new document, and their values: none.
    pub tags: Vec<(String, String)>,
    /// How to wait for the end; `None` for not at all.
    pub wait: Option<WaitOptions>,
}

impl UploadOptions {
    /// An upload by this profile, of this custodian's data.
    pub fn new(profile: impl Into<Pick>, custodian: impl Into<Pick>) -> Self {
        Self {
            profile: profile.into(),
            custodian: custodian.into(),
            custodian_kind: CustodianKind::default(),
            name: None,
            time_zone: Pick::Name("UTC".to_owned()),
            folder: None,
            prefix: None,
            ocr_languages: vec!["English".to_owned()],
            notify: Vec::new(),
            validate: true,
            validate_remotely: false,
            verify: Some(VerifyOptions::default()),
            tags: Vec::new(),
            wait: Some(WaitOptions::default()),
        }
    }
}

/// How documents of an upload are found again. Names of fields differ between workspaces.
///
/// ```
/// use rsmf_relativity::VerifyOptions;
///
/// let options = VerifyOptions::default();
/// assert_eq!(options.condition, "'Control Number' STARTSWITH '{prefix}'");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct VerifyOptions {
    /// The condition of the Object Manager for documents of this upload, with `{prefix}` (what control numbers begin
    /// with), `{set}` (the name of the set) and `{custodian}`: `'Control Number' STARTSWITH '{prefix}'`.
    pub condition: String,
    /// The field with the name of the file: `File Name`.
    pub file_name: String,
    /// Whether attachments are looked up, one request for each document that has some: yes.
    pub attachments: bool,
    /// Whether size and SHA-256 of the files are compared with what processing found, where Relativity tells them: yes.
    pub content: bool,
}

impl Default for VerifyOptions {
    fn default() -> Self {
        Self {
            condition: "'Control Number' STARTSWITH '{prefix}'".to_owned(),
            file_name: "File Name".to_owned(),
            attachments: true,
            content: true,
        }
    }
}
