//! The stages within a manifest, up to the point where it can be compared with what is around it.

use std::io::{self, Read};

use super::{
    Code, Profile, Report,
    findings::Findings,
    json::{self, Document},
    rules, schema, strict,
};
use crate::container::ReadLimits;

pub(super) fn validate(
    mut reader: impl Read,
    profile: Profile,
    limits: &ReadLimits,
) -> io::Result<Report> {
    let mut bytes = Vec::new();
    (&mut reader)
        .take(limits.manifest_bytes + 1)
        .read_to_end(&mut bytes)?;
    let mut findings = Findings::default();
    if bytes.len() as u64 > limits.manifest_bytes {
        findings.add(
            Code::ManifestValidity,
            "the manifest is larger than the limit for reading",
        );
        return Ok(findings.into_report(""));
    }
    let text = json::decode(&bytes);
    drop(check(&text, profile, &mut findings));
    Ok(findings.into_report(&text))
}

/// Checks everything that the manifest tells by itself; gives it back if there is no error in it.
pub(super) fn check<'a>(
    text: &'a str,
    profile: Profile,
    findings: &mut Findings,
) -> Option<Document<'a>> {
    let document = parse(text, findings)?;
    schema::check(&document.root, findings);
    if findings.has_errors() {
        return None;
    }
    rules::check_identity(&document.root, findings);
    if findings.has_errors() {
        return None;
    }
    rules::check_content(&document.root, findings);
    if profile == Profile::Strict {
        strict::check_manifest(&document.root, findings);
    }
    Some(document)
}

fn parse<'a>(text: &'a str, findings: &mut Findings) -> Option<Document<'a>> {
    let document = match json::parse(text) {
        Ok(document) => document,
        Err(error) => {
            findings.add_at(Code::ManifestValidity, error.at, error.message);
            return None;
        }
    };
    if let Some(at) = document.trailing_comma {
        findings.add_at(
            Code::JsonTrailingCommas,
            at,
            "a comma with nothing behind it",
        );
        return None;
    }
    Some(document)
}
