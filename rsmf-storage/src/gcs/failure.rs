//! What is told where something fails.

use rsmf_core::{Error, Failure};
use rsmf_http::{Category, Error as HttpError};
use serde::Deserialize;

/// What the service said about it, in words.
#[derive(Debug, thiserror::Error)]
#[error("the service says: {message}")]
struct Said {
    message: String,
    source: HttpError,
}

/// The most characters of what the service says that are shown.
const SHOWN: usize = 400;

/// The error for a request that failed.
pub(super) fn failed(operation: &'static str, target: String, error: HttpError) -> Error {
    let attempts = error.attempts();
    tried(operation, target, error, attempts)
}

/// The error for something that was tried so often.
pub(super) fn tried(
    operation: &'static str,
    target: String,
    error: HttpError,
    attempts: u32,
) -> Error {
    let (status, category, delay) = (error.status(), error.category(), error.retry_after());
    let request_id = error
        .refusal()
        .and_then(|refusal| refusal.request_id.clone());
    let failure = Failure::new(operation, target)
        .attempts(attempts)
        .request_id(request_id);
    let failure = match advice(status, category) {
        Some(advice) => failure.advice(advice),
        None => failure,
    };
    let said = error.refusal().and_then(|refusal| message(&refusal.body));
    let failure = match said {
        Some(message) => failure.source(Said {
            message,
            source: error,
        }),
        None => failure.source(error),
    };
    category.failure(failure, delay)
}

fn advice(status: Option<u16>, category: Category) -> Option<&'static str> {
    match (status, category) {
        (Some(401), _) => Some(
            "check the credentials: they are missing, wrong or expired; `gcloud auth application-default login` \
             gives new ones to people, a key file or workload identity to services",
        ),
        (Some(403), _) => Some(
            "give the account that asks a role on this bucket: roles/storage.objectViewer to read, \
             roles/storage.objectUser to write as well",
        ),
        (None, Category::Authentication) => Some(
            "name a file with credentials in the profile or in GOOGLE_APPLICATION_CREDENTIALS, or run \
             `gcloud auth application-default login`; say `anonymous = true` for buckets that are open to all",
        ),
        _ => None,
    }
}

/// The message of an error of Google's APIs.
fn message(body: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Body {
        error: Inner,
    }
    #[derive(Deserialize)]
    struct Inner {
        message: String,
    }
    let Body { error } = serde_json::from_str(body).ok()?;
    let shown = error.message.chars().filter(|c| !c.is_control());
    let shown: String = shown.take(SHOWN).collect();
    (!shown.is_empty()).then_some(shown)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_message_is_taken_out_of_the_answer() {
        let body = r#"{"error":{"code":404,"message":"The specified\nbucket does not exist.","errors":[]}}"#;
        assert_eq!(
            message(body).unwrap(),
            "The specifiedbucket does not exist."
        );
        assert_eq!(message("Not found"), None);
        assert_eq!(message(r#"{"error":{"message":""}}"#), None);
    }

    proptest! {
        #[test]
        fn any_answer_has_a_message_or_none(body: String) {
            let _ = message(&body);
        }
    }
}
