//! Headers on their own: is what they say well-formed.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{
    container::{Header, Headers},
    validate::{Code, findings::Findings, time::parse_header_time},
};

/// What the headers say about the manifest, as far as it can be compared.
#[derive(Debug)]
pub(super) struct Claims<'a> {
    pub(super) version: &'a str,
    /// In ticks.
    pub(super) begin: Option<i64>,
    pub(super) end: Option<i64>,
    pub(super) event_count: Option<u64>,
    pub(super) participants: Option<&'a str>,
}

/// Warns of what is not well-formed; an error, and nothing, where there is no version.
pub(super) fn check<'a>(headers: &'a Headers, findings: &mut Findings) -> Option<Claims<'a>> {
    let raw = |name| headers.find(name).map(|header| header.raw.as_str());
    let Some(version) = raw("X-RSMF-Version") else {
        findings.add(
            Code::RsmfHeadersMissing,
            "there is no X-RSMF-Version header",
        );
        return None;
    };
    if !matches!(version, "1.0.0" | "2.0.0") {
        let message = format!("X-RSMF-Version is {version:?}, neither 1.0.0 nor 2.0.0");
        findings.add(Code::RsmfHeaderVersion, message);
        return None;
    }
    check_words(headers, findings);
    check_attachment_count(raw("X-RSMF-AttachmentCount"), findings);
    Some(Claims {
        version,
        begin: check_date("X-RSMF-BeginDate", raw("X-RSMF-BeginDate"), findings),
        end: check_date("X-RSMF-EndDate", raw("X-RSMF-EndDate"), findings),
        event_count: check_event_count(raw("X-RSMF-EventCount"), findings),
        participants: raw("X-RSMF-Participants"),
    })
}

/// Only a date with a zone can be compared.
fn check_date(name: &str, value: Option<&str>, findings: &mut Findings) -> Option<i64> {
    let value = value?;
    let Some(stamp) = parse_header_time(value) else {
        let message = format!("{name} is {value:?}, not like 2024-03-01T09:00:00Z");
        findings.add(Code::RsmfHeaderDateFormat, message);
        return None;
    };
    if !stamp.has_zone {
        findings.add(
            Code::MissingTimeZoneOffset,
            format!("{name} is {value:?}, without a zone"),
        );
        return None;
    }
    Some(stamp.ticks)
}

fn check_event_count(value: Option<&str>, findings: &mut Findings) -> Option<u64> {
    let value = value?;
    let count = parse_int(value)
        .and_then(|count| u64::try_from(count).ok())
        .filter(|count| *count > 0);
    if count.is_none() {
        let message = format!("X-RSMF-EventCount is {value:?}, not a whole number above zero");
        findings.add(Code::RsmfHeaderEventCountFormat, message);
    }
    count
}

/// Relativity does not compare it with the manifest.
fn check_attachment_count(value: Option<&str>, findings: &mut Findings) {
    if let Some(value) = value
        && parse_int(value).is_none_or(|count| count < 0)
    {
        let message = format!("X-RSMF-AttachmentCount is {value:?}, not a whole number");
        findings.add(Code::RsmfHeaderAttachmentCountFormat, message);
    }
}

/// As .NET does: 32 bits, with a sign if need be.
fn parse_int(value: &str) -> Option<i32> {
    value.parse().ok()
}

/// Relativity decodes no encoded word but those in base64, and those only to see whether it could.
fn check_words(headers: &Headers, findings: &mut Findings) {
    let is_ours = |header: &&Header| {
        header
            .name
            .get(..7)
            .is_some_and(|start| start.eq_ignore_ascii_case("X-RSMF-"))
    };
    for header in headers.iter().filter(is_ours) {
        if words(&header.raw).any(|(encoding, text)| {
            !encoding.eq_ignore_ascii_case("b") || STANDARD.decode(text).is_err()
        }) {
            let message = format!(
                "{} holds an encoded word that is not in base64",
                header.name
            );
            findings.add(Code::RsmfInvalidHeaderValue, message);
        }
    }
}

/// Encoding and text of everything that has the form of an encoded word.
fn words(value: &str) -> impl Iterator<Item = (&str, &str)> {
    value.split("=?").skip(1).filter_map(|word| {
        let mut fields = word.splitn(4, '?');
        let (_charset, encoding, text) = (fields.next()?, fields.next()?, fields.next()?);
        fields.next()?.starts_with('=').then_some((encoding, text))
    })
}
