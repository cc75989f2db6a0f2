//! What a server of tokens answers.

use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;

/// A token (RFC 6749, 5.1).
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) access_token: SecretString,
    pub(super) lifetime: Option<Duration>,
    /// Takes the place of the one that was shown.
    pub(super) refresh_token: Option<SecretString>,
}

#[derive(Deserialize)]
struct Raw {
    access_token: String,
    token_type: Option<String>,
    expires_in: Option<Seconds>,
    refresh_token: Option<String>,
}

/// Some servers write it as text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Seconds {
    Number(f64),
    Text(String),
}

impl Seconds {
    fn get(&self) -> Option<Duration> {
        let seconds = match self {
            Self::Number(number) => *number,
            Self::Text(text) => text.trim().parse().ok()?,
        };
        Duration::try_from_secs_f64(seconds).ok()
    }
}

impl Answer {
    /// # Errors
    /// What is wrong with it, without any part of it.
    pub(super) fn parse(body: &[u8]) -> Result<Self, &'static str> {
        let raw: Raw = serde_json::from_slice(body).map_err(|_| "it is no JSON with a token")?;
        if raw.access_token.is_empty() {
            return Err("the token is empty");
        }
        let bearer = |kind: String| kind.eq_ignore_ascii_case("bearer");
        // RFC 6749 demands the type, but some leave it out.
        if !raw.token_type.is_none_or(bearer) {
            return Err("the token is of another type than Bearer");
        }
        Ok(Self {
            access_token: raw.access_token.into(),
            lifetime: raw.expires_in.as_ref().and_then(Seconds::get),
            refresh_token: raw.refresh_token.map(SecretString::from),
        })
    }
}

/// The codes of RFC 6749, 5.2. Any other text may hold a secret.
const CODES: [&str; 6] = [
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
];

/// Why a server gives no token, where it says so.
pub(super) fn code(body: &str) -> Option<&'static str> {
    #[derive(Deserialize)]
    struct Raw {
        error: String,
    }
    let raw: Raw = serde_json::from_str(body).ok()?;
    CODES.into_iter().find(|code| *code == raw.error)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use secrecy::ExposeSecret;

    use super::*;

    fn lifetime(value: &str) -> Option<u64> {
        let body = format!(r#"{{"access_token":"t","token_type":"bearer","expires_in":{value}}}"#);
        let answer = Answer::parse(body.as_bytes()).unwrap();
        assert_eq!(answer.access_token.expose_secret(), "t");
        answer.lifetime.map(|lifetime| lifetime.as_secs())
    }

    #[test]
    fn a_lifetime_comes_in_several_forms() {
        let forms = [
            ("3600", Some(3600)),
            ("\"60\"", Some(60)),
            ("1.5e2", Some(150)),
        ];
        for (form, seconds) in forms {
            assert_eq!(lifetime(form), seconds, "{form}");
        }
        for form in ["null", "-1", "\"soon\"", "1e300"] {
            assert_eq!(lifetime(form), None, "{form}");
        }
    }

    #[test]
    fn other_answers_hold_no_token() {
        let wrong = [
            "<html>",
            "{}",
            r#"{"access_token":""}"#,
            r#"{"access_token":"t","token_type":"mac"}"#,
        ];
        for body in wrong {
            assert!(Answer::parse(body.as_bytes()).is_err(), "{body}");
        }
        let refresh = br#"{"access_token":"t","refresh_token":"r"}"#;
        assert!(Answer::parse(refresh).unwrap().refresh_token.is_some());
    }

    #[test]
    fn only_known_codes_are_told() {
        let told = code(r#"{"error":"invalid_grant","error_description":"s3cret"}"#);
        assert_eq!(told, Some("invalid_grant"));
        assert_eq!(code(r#"{"error":"s3cret"}"#), None);
        assert_eq!(code("s3cret"), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_an_answer_or_none(body: Vec<u8>) {
            let _ = Answer::parse(&body);
            let _ = code(&String::from_utf8_lossy(&body));
        }
    }
}
