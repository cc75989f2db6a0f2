//! What is told where something fails.

use rsmf_core::{Error, Failure};
use rsmf_http::{Category, Error as HttpError};

use super::xml::XmlError;

/// What the server said about it, in words.
#[derive(Debug, thiserror::Error)]
#[error("the server says: {message}")]
struct Said {
    message: String,
    source: HttpError,
}

/// The most characters of what a server says that are shown.
const SHOWN: usize = 300;

/// The error for a request that failed.
pub(super) fn of_request(operation: &'static str, target: String, error: HttpError) -> Error {
    let request_id = error
        .refusal()
        .and_then(|refusal| refusal.request_id.clone());
    let body = error.refusal().map(|refusal| refusal.body.as_str());
    let message = body.and_then(message);
    let maintenance = message.as_deref().is_some_and(is_maintenance);
    let (status, category, delay) = (error.status(), error.category(), error.retry_after());
    let failure = Failure::new(operation, target)
        .attempts(error.attempts())
        .request_id(request_id);
    let failure = match message {
        Some(message) => failure.source(Said {
            message,
            source: error,
        }),
        None => failure.source(error),
    };
    let failure = match advice(status, maintenance) {
        Some(advice) => failure.advice(advice),
        None => failure,
    };
    match (status, category) {
        (Some(405 | 501), _) => failure.unsupported(),
        (Some(423), _) => failure.conflict(),
        (Some(507), _) => failure.other(),
        (Some(503), _) if maintenance => failure.unavailable(),
        (_, Category::RateLimit) => failure.rate_limited(delay),
        (_, Category::Timeout | Category::Deadline) => failure.timed_out(),
        (_, Category::Network | Category::Server | Category::CircuitOpen) => failure.unavailable(),
        (_, Category::Authentication | Category::Permission) => failure.denied(),
        (_, Category::NotFound) => failure.not_found(),
        (_, Category::Conflict) => failure.conflict(),
        (_, Category::InvalidInput) => failure.invalid_input(),
        _ => failure.other(),
    }
}

fn advice(status: Option<u16>, maintenance: bool) -> Option<&'static str> {
    match status? {
        401 => Some(
            "check user and password: Nextcloud wants an app password where there is a second factor, and \
             answers ever more slowly to wrong ones",
        ),
        403 => Some("ask who keeps the server for the right to do this"),
        405 | 501 => Some("check that this is the address of a WebDAV folder"),
        413 => Some(
            "the server takes no request of that size: lower part_size, or have its limit raised",
        ),
        423 => Some("somebody has locked it: try again once that is over"),
        503 if maintenance => Some("the server is being maintained: try again later"),
        507 => Some("free some space there, or have the quota raised"),
        _ => None,
    }
}

fn is_maintenance(message: &str) -> bool {
    message.to_ascii_lowercase().contains("maintenance")
}

/// The message in an error of sabre/dav, on which Nextcloud is built.
fn message(body: &str) -> Option<String> {
    let (_, rest) = body.split_once("<s:message>")?;
    let (text, _) = rest.split_once("</s:message>")?;
    let text = quick_xml::escape::unescape(text).ok()?;
    let shown: String = text
        .chars()
        .filter(|character| !character.is_control())
        .take(SHOWN)
        .collect();
    (!shown.is_empty()).then_some(shown)
}

/// The error for an answer that cannot be read.
pub(super) fn of_answer(operation: &'static str, target: String, error: XmlError) -> Error {
    if let XmlError::Read(source) = &error
        && let Some(inner) = source.get_ref()
        && let Some(http) = inner.downcast_ref::<SharedHttp>()
        && let Some(http) = http.take()
    {
        return of_request(operation, target, http);
    }
    Failure::new(operation, target)
        .source(error)
        .advice("check that this is the address of a WebDAV folder")
        .other()
}

/// An error of HTTP on its way through readers, which only lend theirs.
#[derive(Debug)]
pub(super) struct SharedHttp(std::sync::Mutex<Option<HttpError>>);

impl SharedHttp {
    pub(super) fn wrap(error: HttpError) -> std::io::Error {
        std::io::Error::other(Self(std::sync::Mutex::new(Some(error))))
    }

    fn take(&self) -> Option<HttpError> {
        let mut held = self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        held.take()
    }
}

impl std::fmt::Display for SharedHttp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the answer broke")
    }
}

impl std::error::Error for SharedHttp {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_says_is_taken_out_of_its_xml() {
        let body = r#"<?xml version="1.0"?><d:error xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns">
            <s:exception>Sabre\DAV\Exception\ServiceUnavailable</s:exception>
            <s:message>System is in maintenance mode &amp; more.</s:message></d:error>"#;
        let said = message(body).unwrap();
        assert_eq!(said, "System is in maintenance mode & more.");
        assert!(is_maintenance(&said));
        assert_eq!(message("<html>"), None);
        assert_eq!(message("<s:message></s:message>"), None);
    }
}
