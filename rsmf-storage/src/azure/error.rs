//! What the service's refusals mean.

use std::{error::Error as StdError, time::Duration};

use azure_core::{
    error::ErrorKind,
    http::{RawResponse, headers::HeaderName},
};
use quick_xml::{Reader, events::Event};
use rsmf_core::{Error, Failure};

const CODE: HeaderName = HeaderName::from_static("x-ms-error-code");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-request-id");
const RETRY_AFTER: HeaderName = HeaderName::from_static("retry-after");

/// How much of the service's own words is shown.
const WORDS: usize = 300;

/// Ends a failure by what the SDK says.
pub(super) fn failure(failure: Failure, error: azure_core::Error) -> Error {
    if let ErrorKind::HttpResponse {
        status,
        error_code,
        raw_response,
    } = error.kind()
    {
        let (status, code) = (u16::from(*status), error_code.clone().unwrap_or_default());
        return refused(failure, status, code, raw_response.as_deref());
    }
    match cause::<rsmf_http::Error>(&error) {
        Some(rsmf_http::Error::TimedOut { .. } | rsmf_http::Error::Deadline { .. }) => {
            failure.source(error).timed_out()
        }
        Some(cause) if cause.is_temporary() => failure.source(error).unavailable(),
        Some(_) => failure.source(error).other(),
        None => match error.kind() {
            ErrorKind::Credential => failure
                .advice("check the credential; `az login` or a configured one gives tokens")
                .source(error)
                .denied(),
            ErrorKind::Io | ErrorKind::Connection => failure.source(error).unavailable(),
            ErrorKind::DataConversion => failure.source(error).integrity(),
            _ => failure.source(error).other(),
        },
    }
}

/// The first of a chain of causes that is of this type.
fn cause<'e, T: StdError + 'static>(error: &'e (dyn StdError + 'static)) -> Option<&'e T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// What an answer means that is no success.
fn refused(failure: Failure, status: u16, code: String, response: Option<&RawResponse>) -> Error {
    let header = |name: &HeaderName| response?.headers().get_optional_string(name);
    let code = header(&CODE).unwrap_or(code);
    let pause = header(&RETRY_AFTER).and_then(|text| text.parse().ok());
    let words = response
        .map(|response| words(response.body()))
        .unwrap_or_default();
    let failure = failure.request_id(header(&REQUEST_ID));
    let failure = match advice(&code, status) {
        Some(advice) => failure.advice(advice),
        None => failure,
    };
    let failure = failure.source(match words.is_empty() {
        true => format!("status {status} {code}"),
        false => format!("{code}: {words}"),
    });
    kind(failure, status, &code, pause)
}

fn kind(failure: Failure, status: u16, code: &str, pause: Option<u64>) -> Error {
    match (status, code) {
        (_, "Md5Mismatch" | "Crc64Mismatch") => failure.integrity(),
        (_, "InvalidBlockList") => failure.conflict(),
        (_, "BlobArchived" | "BlobBeingRehydrated") => failure.other(),
        (401 | 403, _) => failure.denied(),
        (404, _) => failure.not_found(),
        (409, "ServerBusy" | "ContainerBeingDeleted" | "OperationTimedOut") => {
            failure.unavailable()
        }
        (409 | 412, _) => failure.conflict(),
        (429, _) | (503, "ServerBusy") => failure.rate_limited(pause.map(Duration::from_secs)),
        (501, _) => failure.unsupported(),
        (408 | 500..=599, _) => failure.unavailable(),
        (400..=499, _) => failure.invalid_input(),
        _ => failure.other(),
    }
}

fn advice(code: &str, status: u16) -> Option<&'static str> {
    Some(match code {
        "AuthenticationFailed" => {
            "check the key or the signature, whether that has run out, and this machine's clock"
        }
        "AuthorizationPermissionMismatch" | "AuthorizationFailure" => {
            "the identity needs the role “Storage Blob Data Contributor”, or “… Reader” to read, and \
             the account's firewall must let it in"
        }
        "AuthorizationResourceTypeMismatch" | "AuthorizationServiceMismatch" => {
            "the signature must be for blobs, containers and objects"
        }
        "KeyBasedAuthenticationNotPermitted" => "the account takes tokens of Entra ID only",
        "NoAuthenticationInformation" | "PublicAccessNotPermitted" => "configure a credential",
        "InvalidAuthenticationInfo" => "the account takes no such token; check tenant and clock",
        "ContainerNotFound" => "check the address, or create the container",
        "ContainerBeingDeleted" => "it is being deleted; try again in a minute",
        "BlobArchived" => "it is archived: change its tier to Hot or Cool, which takes hours",
        "BlobBeingRehydrated" => "it is on its way from the archive; try again in some hours",
        "InvalidBlockList" => "somebody else wrote it at the same time; upload it again",
        "LeaseIdMissing" => "somebody has a lease on it",
        "InvalidBlobOrBlock" => {
            "another program left blocks of an unfinished upload there; they go within a week"
        }
        _ if status == 403 => "check what the credential may do, and the account's firewall",
        _ => return None,
    })
}

/// What the service says in words: the first line.
fn words(body: &[u8]) -> String {
    let body = String::from_utf8_lossy(body);
    let mut reader = Reader::from_str(&body);
    let mut within = false;
    let mut text = String::new();
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Start(tag) => within = tag.name().as_ref() == "Message",
            Event::Text(piece) if within => text.push_str(&piece),
            Event::End(_) if within => break,
            Event::Eof => break,
            _ => {}
        }
    }
    let line = text.lines().next().unwrap_or_default();
    line.chars()
        .filter(|c| !c.is_control())
        .take(WORDS)
        .collect()
}

#[cfg(test)]
mod tests {
    use azure_core::http::{StatusCode, headers::Headers};
    use rsmf_core::Kind;

    use super::*;

    fn of(status: u16, code: &'static str) -> Error {
        let mut headers = Headers::new();
        headers.insert("x-ms-error-code", code);
        headers.insert("x-ms-request-id", "r-1");
        headers.insert("retry-after", "7");
        let body = "<?xml version=\"1.0\"?><Error><Code>C</Code><Message>Sorry.\nRequestId:1</Message></Error>";
        let status = StatusCode::from(status);
        let raw = RawResponse::from_bytes(status, headers, body);
        let kind = ErrorKind::HttpResponse {
            status,
            error_code: None,
            raw_response: Some(Box::new(raw)),
        };
        failure(
            Failure::new("read", "az://a/c/b").attempts(2),
            kind.into_error(),
        )
    }

    #[test]
    fn each_refusal_has_its_kind() {
        for (status, code, kind) in [
            (400, "Md5Mismatch", Kind::Integrity),
            (400, "InvalidBlockList", Kind::Conflict),
            (400, "OutOfRangeInput", Kind::InvalidInput),
            (401, "InvalidAuthenticationInfo", Kind::Denied),
            (403, "AuthenticationFailed", Kind::Denied),
            (403, "AuthorizationPermissionMismatch", Kind::Denied),
            (403, "X", Kind::Denied),
            (404, "ContainerNotFound", Kind::NotFound),
            (409, "BlobAlreadyExists", Kind::Conflict),
            (409, "BlobArchived", Kind::Other),
            (409, "ContainerBeingDeleted", Kind::Unavailable),
            (412, "LeaseIdMissing", Kind::Conflict),
            (416, "InvalidRange", Kind::InvalidInput),
            (429, "TooManyRequests", Kind::RateLimited),
            (500, "InternalError", Kind::Unavailable),
            (501, "APINotImplemented", Kind::Unsupported),
            (503, "ServerBusy", Kind::RateLimited),
            (302, "", Kind::Other),
        ] {
            assert_eq!(of(status, code).kind(), kind, "{status} {code}");
        }
        let error = of(409, "BlobArchived");
        let told = "cannot read az://a/c/b, tried 2 times [request r-1]: failed (it is archived: \
                    change its tier to Hot or Cool, which takes hours)";
        assert_eq!(error.to_string(), told);
        assert_eq!(error.source().unwrap().to_string(), "BlobArchived: Sorry.");
    }

    #[test]
    fn what_never_got_an_answer_is_told_apart() {
        let of = |kind| {
            let error = azure_core::Error::with_message(kind, "no");
            failure(Failure::new("read", "a"), error).kind()
        };
        assert_eq!(of(ErrorKind::Io), Kind::Unavailable);
        assert_eq!(of(ErrorKind::Credential), Kind::Denied);
        assert_eq!(of(ErrorKind::DataConversion), Kind::Integrity);
        assert_eq!(of(ErrorKind::Other), Kind::Other);
    }
}
