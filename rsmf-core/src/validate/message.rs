//! The stages of a whole file: message, headers, zip, manifest, and the comparison of the last with the second.

mod compare;
mod format;

use std::io::{self, Read, Seek as _, SeekFrom};

use self::format::Claims;
use super::{
    Code, Profile, Report,
    findings::Findings,
    json, manifest, strict,
    zip::{self, Package},
};
use crate::container::{
    Attachment, Headers, Message, MimeError, ReadLimits, Transfer, read_message,
};

/// Relativity's reader fails on longer lines of base64; RFC 2045 allows none.
const BASE64_LINE: usize = 76;

pub(super) fn validate(
    reader: impl Read,
    profile: Profile,
    limits: &ReadLimits,
) -> io::Result<Report> {
    let mut reader = Counted { reader, bytes: 0 };
    let mut findings = Findings::default();
    let message = match read_message(&mut reader, limits) {
        Ok(message) => message,
        Err(MimeError::Io(error)) => return Err(error),
        Err(limit @ MimeError::Limit(_)) => {
            findings.add(Code::RsmfValidity, limit.to_string());
            return Ok(findings.into_report(""));
        }
    };
    if profile == Profile::Strict {
        strict::check_message(&message.headers, reader.bytes, &mut findings);
    }
    check_message(message, profile, limits, findings)
}

fn check_message(
    mut message: Message,
    profile: Profile,
    limits: &ReadLimits,
    mut findings: Findings,
) -> io::Result<Report> {
    let headers = std::mem::take(&mut message.headers);
    let claims = check_headers(&message, &headers, &mut findings);
    let (Some(claims), Some(package)) = (claims, open(message, profile, limits, &mut findings)?)
    else {
        return Ok(findings.into_report(""));
    };
    let text = json::decode(&package.manifest);
    if let Some(document) = manifest::check(&text, profile, &mut findings) {
        zip::check_references(&document.root, &package.entries, &mut findings);
        compare::check(&claims, &document.root, &mut findings);
        if profile == Profile::Strict {
            strict::check_images(&document.root, &package.entries, &mut findings);
            strict::compare(&headers, &document.root, &mut findings);
        }
    }
    Ok(findings.into_report(&text))
}

/// What the headers claim about the manifest; nothing where there was an error.
fn check_headers<'a>(
    message: &Message,
    headers: &'a Headers,
    findings: &mut Findings,
) -> Option<Claims<'a>> {
    if let Some(problem) = problem(message) {
        findings.add(Code::RsmfValidity, problem);
        return None;
    }
    let claims = format::check(headers, findings)?;
    let has_text = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
    if !has_text(&message.text) && !has_text(&message.html) {
        findings.add(Code::RsmfMissingBody, "the message has no text");
    }
    Some(claims)
}

/// Why the message is not well-formed, or why Relativity takes it for that.
fn problem(message: &Message) -> Option<&'static str> {
    let oddities = &message.oddities;
    [
        (
            oddities.no_boundary,
            "the message does not say what separates its parts",
        ),
        (oddities.unclosed, "the end of the last part is missing"),
        (
            oddities.boundary_in_content,
            "what separates the parts turns up within a part",
        ),
        (
            oddities.base64_line > BASE64_LINE,
            "a line of base64 has more than 76 characters",
        ),
    ]
    .into_iter()
    .find_map(|(applies, problem)| applies.then_some(problem))
}

fn open(
    message: Message,
    profile: Profile,
    limits: &ReadLimits,
    findings: &mut Findings,
) -> io::Result<Option<Package>> {
    if findings.has_errors() {
        return Ok(None);
    }
    let ([attachment], Some(mut archive)) = (message.attachments.as_slice(), message.archive)
    else {
        let message = format!("the message has {} attachments", message.attachments.len());
        findings.add(Code::RsmfAccessZip, message);
        return Ok(None);
    };
    if let Some((code, problem)) = attachment_problem(attachment) {
        findings.add(code, problem);
        return Ok(None);
    }
    archive.seek(SeekFrom::Start(0))?;
    zip::read(archive, profile, limits, findings)
}

/// Relativity takes the attachment for text where it is not encoded, which damages it.
fn attachment_problem(attachment: &Attachment) -> Option<(Code, &'static str)> {
    if attachment.name.as_deref() != Some("rsmf.zip") {
        return Some((Code::RsmfAccessZip, "the attachment is not called rsmf.zip"));
    }
    let problem = "the zip is neither in base64 nor quoted-printable";
    (attachment.transfer == Transfer::Identity).then_some((Code::ZipIntegrity, problem))
}

struct Counted<R> {
    reader: R,
    bytes: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.reader.read(buffer)?;
        self.bytes += length as u64;
        Ok(length)
    }
}
