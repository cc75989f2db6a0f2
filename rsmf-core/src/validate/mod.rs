//! Validates RSMF as Relativity's own validator does, and further.
//!
//! There is an entry for each layer: [`validate_rsmf`] for a whole file, [`validate_zip`] for the
//! zip in it, [`validate_manifest`] for the JSON in that. The work goes in stages, as Relativity's
//! does: message, headers, zip, JSON, schema, version, ids, and at last what the parts say about
//! each other. An error ends it after its stage.
//!
//! ```
//! use rsmf_core::validate::{Code, Outcome, Profile, validate_manifest};
//!
//! let json = r#"{"version": "2.0.0", "participants": [], "conversations": [], "events": {}}"#;
//! let report = validate_manifest(json.as_bytes(), Profile::Relativity)?;
//! assert_eq!(report.outcome(), Outcome::Failed);
//! let finding = &report.findings[0];
//! assert_eq!(finding.code, Code::ManifestSchemaViolation);
//! assert_eq!((finding.line, finding.column), (Some(1), Some(73)));
//! # Ok::<(), std::io::Error>(())
//! ```

mod code;
mod findings;
mod json;
mod manifest;
mod message;
mod report;
mod rules;
mod schema;
mod strict;
mod time;
mod view;
mod zip;

use std::io::{self, Read, Seek};

pub use code::{Code, Level};
pub use report::{Finding, Outcome, Report};

use crate::container::ReadLimits;

/// Which rules apply.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Profile {
    /// Those of Relativity's own validator.
    #[default]
    Relativity,
    /// Those and what is better avoided; the codes of the latter start with `Strict`.
    Strict,
}

/// Whether Relativity's validator takes `address` as the `email` of a participant; if not, the
/// whole file fails. It wants ASCII, atoms joined by dots, and a domain with a dot.
///
/// ```
/// assert!(rsmf_core::validate::is_valid_email("ana@example.com"));
/// assert!(!rsmf_core::validate::is_valid_email("ana@localhost"));
/// ```
pub fn is_valid_email(address: &str) -> bool {
    schema::email::is_valid(address)
}

/// Validates an `.rsmf` file.
///
/// # Errors
/// Only what `reader` returns, or the temporary file that a large zip goes to. Everything that
/// is wrong with the file is in the report.
pub fn validate_rsmf<R: Read>(reader: R, profile: Profile) -> io::Result<Report> {
    message::validate(reader, profile, &ReadLimits::default())
}

/// Validates an `rsmf.zip` on its own.
///
/// # Errors
/// Only what `reader` returns.
pub fn validate_zip<R: Read + Seek>(reader: R, profile: Profile) -> io::Result<Report> {
    zip::validate(reader, profile, &ReadLimits::default())
}

/// Validates an `rsmf_manifest.json` on its own.
///
/// # Errors
/// Only what `reader` returns.
pub fn validate_manifest<R: Read>(reader: R, profile: Profile) -> io::Result<Report> {
    manifest::validate(reader, profile, &ReadLimits::default())
}
