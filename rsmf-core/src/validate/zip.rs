//! The stages within a zip: can it be read, is the manifest there, is everything else there.

mod entries;
mod references;
mod watch;

use std::io::{self, Read, Seek};

pub(super) use self::entries::Entry;
pub(super) use self::references::check as check_references;

use super::{Code, Profile, Report, findings::Findings, json, manifest, strict};
use crate::container::{MANIFEST, ReadLimits};

pub(super) fn validate<R: Read + Seek>(
    reader: R,
    profile: Profile,
    limits: &ReadLimits,
) -> io::Result<Report> {
    let mut findings = Findings::default();
    let Some(package) = read(reader, profile, limits, &mut findings)? else {
        return Ok(findings.into_report(""));
    };
    let text = json::decode(&package.manifest);
    if let Some(document) = manifest::check(&text, profile, &mut findings) {
        check_references(&document.root, &package.entries, &mut findings);
        if profile == Profile::Strict {
            strict::check_images(&document.root, &package.entries, &mut findings);
        }
    }
    Ok(findings.into_report(&text))
}

/// A zip that can be read and has a manifest.
pub(super) struct Package {
    pub(super) entries: Vec<Entry>,
    pub(super) manifest: Vec<u8>,
}

/// Reads all of a zip; nothing where that gave an error finding.
pub(super) fn read<R: Read + Seek>(
    reader: R,
    profile: Profile,
    limits: &ReadLimits,
    findings: &mut Findings,
) -> io::Result<Option<Package>> {
    let read = entries::read_all(reader, limits)?;
    if profile == Profile::Strict {
        strict::check_entries(&read.entries, findings);
    }
    if let Some(problem) = read.problem {
        findings.add(Code::ZipIntegrity, problem);
        return Ok(None);
    }
    if read.manifest.is_none() {
        findings.add(
            Code::ZipMissingManifest,
            format!("the zip has no {MANIFEST} at its root"),
        );
    }
    Ok(read.manifest.map(|manifest| Package {
        entries: read.entries,
        manifest,
    }))
}
