//! What the service says where it refuses something.
//!
//! Services of Kepler say `ErrorType`, `Identifier` and `Message`; older ones only the latter. The Import Service says
//! `ErrorCode` and `ErrorMessage`, also with status 200. What is none of these comes from a gateway.

use rsmf_http::Error as HttpError;
use serde::Deserialize;
use serde_json::Value;

use super::wire;
use crate::{Error, Operation, Refusal};

/// The most characters of a message that are kept.
const LONGEST: usize = 1000;

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Said {
    error_type: Option<String>,
    identifier: Option<String>,
    message: Option<String>,
    error_code: Option<String>,
    error_message: Option<String>,
    /// Of RFC 9457, which some newer services follow.
    title: Option<String>,
    detail: Option<String>,
}

/// The error for a request that failed.
pub(super) fn failed(operation: Operation, source: HttpError) -> Error {
    let refusal = source.refusal().and_then(|refusal| {
        // A gateway's own; what the service behind it did is not known.
        let is_own = !matches!(refusal.status, 408 | 429 | 502..=504);
        let value = is_own.then(|| object(&refusal.body)).flatten()?;
        let mut said = refused(refusal.status, value)?;
        said.request_id.clone_from(&refusal.request_id);
        Some(Box::new(said))
    });
    match refusal {
        Some(refusal) => Error::Refused { operation, refusal },
        None => Error::Http { operation, source },
    }
}

/// What a refusal says; `None` for something else.
pub(super) fn refused(status: u16, value: Value) -> Option<Refusal> {
    let said: Said = wire::read(value).ok()?;
    let message = [said.message, said.error_message, said.detail, said.title];
    let message = message.into_iter().flatten().find(|text| !text.is_empty());
    let full = |text: Option<String>| text.filter(|text| !text.is_empty()).map(|text| tidy(&text));
    let refusal = Refusal {
        status,
        error_type: full(said.error_type),
        identifier: full(said.identifier),
        code: full(said.error_code),
        message: message.as_deref().map(tidy).unwrap_or_default(),
        request_id: None,
    };
    let says_nothing = refusal.message.is_empty() && refusal.error_type.is_none();
    (!says_nothing || refusal.code.is_some()).then_some(refusal)
}

/// An object in JSON, also where the end of its last text was cut off.
fn object(body: &str) -> Option<Value> {
    let whole = serde_json::from_str(body);
    let value: Value = whole
        .or_else(|_| serde_json::from_str(&format!("{body}\"}}")))
        .ok()?;
    value.is_object().then_some(value)
}

/// A message as it may be shown: on one line, not too long, and without the queries of addresses, in which keys stand.
pub(crate) fn tidy(message: &str) -> String {
    let mut shown = String::new();
    let mut hidden = false;
    for c in message.trim().chars().take(LONGEST) {
        let ends = c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | ')');
        match (hidden, c) {
            (true, _) if !ends => {}
            (_, '?') => {
                hidden = follows_address(&shown);
                shown.push(c);
                if hidden {
                    shown.push('…');
                }
            }
            _ => {
                hidden = false;
                shown.push(if c.is_control() { ' ' } else { c });
            }
        }
    }
    shown
}

/// Whether the last word is an address.
fn follows_address(text: &str) -> bool {
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'');
    let word = text.rsplit(ends).next();
    word.is_some_and(|word| word.contains("://"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn all_forms_of_refusals_are_understood() {
        let kepler =
            json!({"ErrorType": "A.B.NotFoundException", "Identifier": "", "Message": "gone"});
        let kepler = refused(404, kepler).unwrap();
        assert!(kepler.is("notfound"));
        assert_eq!((kepler.message.as_str(), kepler.identifier), ("gone", None));
        let old = refused(500, json!({"message": "An error has occurred."})).unwrap();
        assert_eq!((old.status, old.error_type), (500, None));
        let import = json!({"IsSuccess": false, "ErrorMessage": "", "ErrorCode": "J.CR.VLD.1501"});
        let import = refused(200, import).unwrap();
        assert_eq!(import.code.as_deref(), Some("J.CR.VLD.1501"));
        let problem = refused(400, json!({"title": "Bad", "detail": "no"})).unwrap();
        assert_eq!(problem.message, "no");
        for value in [json!({}), json!([]), json!({"a": 1}), Value::Null] {
            assert!(refused(500, value).is_none());
        }
    }

    #[test]
    fn a_long_message_that_was_cut_is_still_one() {
        let body = r#"{"ErrorType":"A","Identifier":"","Message":"a very long"#;
        assert_eq!(object(body).unwrap()["Message"], "a very long");
        assert_eq!(object("<html>"), None);
        assert_eq!(object("[]"), None);
    }

    #[test]
    fn queries_of_addresses_are_not_shown() {
        assert_eq!(
            tidy("Cannot read\r\nhttps://a.example/b?sig=hush&x=y (is it \"https://c/?d\"?)"),
            "Cannot read  https://a.example/b?… (is it \"https://c/?…\"?)"
        );
        assert_eq!(tidy(&"é".repeat(2000)).chars().count(), LONGEST);
    }

    proptest! {
        #[test]
        fn any_body_is_understood_or_not(body: String, status in 100..600u16) {
            if let Some(value) = object(&body) {
                let _ = refused(status, value);
            }
            let hush = format!("{body} https://a.example/?{}", "k3y".repeat(20));
            prop_assert!(!tidy(&hush).contains("k3y"));
        }
    }
}
