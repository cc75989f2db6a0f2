//! Secrets of a request, and how they are kept out of what a server repeats.

use reqwest::header::{HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

use crate::call::Head;

/// What stands in the place of a secret.
const HIDDEN: &str = "[…]";

/// Shorter texts are no secrets, and occur everywhere.
const SHORTEST: usize = 4;

/// What names of headers with credentials have in them: `authorization`, `x-api-key`, `private-token` …
const NAMES: [&str; 9] = [
    "auth",
    "cookie",
    "token",
    "secret",
    "password",
    "credential",
    "signature",
    "api-key",
    "subscription-key",
];

/// Credentials and values of the query of one request.
pub(crate) struct Secrets(Vec<SecretString>);

impl Secrets {
    pub(crate) fn of(head: &Head) -> Self {
        let mut found = Vec::new();
        let held = head.headers.iter();
        for (_, value) in held.filter(|(name, value)| is_secret(name, value)) {
            let text = String::from_utf8_lossy(value.as_bytes());
            // The scheme, such as `Bearer`, is none.
            found.extend(text.split(' ').map(str::to_owned));
        }
        found.extend(head.url.query_pairs().map(|(_, value)| value.into_owned()));
        if let Some(query) = head.url.query() {
            let raw = query.split('&').filter_map(|pair| pair.split_once('='));
            found.extend(raw.map(|(_, value)| value.to_owned()));
        }
        found.retain(|text| text.len() >= SHORTEST);
        Self(found.into_iter().map(SecretString::from).collect())
    }

    /// The text without them. At its end, where it may have been cut, the beginning of one counts as well.
    pub(crate) fn hidden(&self, text: &str) -> String {
        // What is left of a character that was cut.
        let mut rest = text.trim_end_matches(char::REPLACEMENT_CHARACTER);
        let mut shown = String::with_capacity(rest.len());
        while let Some(next) = rest.chars().next() {
            let secret = self.at_start(rest);
            let length = secret.unwrap_or(next.len_utf8());
            let (taken, left) = rest.split_at(length);
            shown.push_str(if secret.is_some() { HIDDEN } else { taken });
            rest = left;
        }
        shown
    }

    /// The length of the secret that the text begins with.
    fn at_start(&self, text: &str) -> Option<usize> {
        let lengths = self.0.iter().filter_map(|secret| {
            let secret = secret.expose_secret();
            let is_cut = || text.len() >= SHORTEST && secret.starts_with(text);
            match text.starts_with(secret) {
                true => Some(secret.len()),
                false => is_cut().then_some(text.len()),
            }
        });
        lengths.max()
    }
}

/// Whether a header holds credentials: where its value is said to, and where its name tells so to whoever has forgotten
/// that.
pub(crate) fn is_secret(name: &HeaderName, value: &HeaderValue) -> bool {
    let name = name.as_str();
    value.is_sensitive() || NAMES.iter().any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use reqwest::{Method, header::HeaderValue};

    use super::*;
    use crate::call::Call;

    #[test]
    fn what_a_server_repeats_holds_no_secret() {
        let url = "https://a.example/?token=s%C3%BCss-1&page=2"
            .parse()
            .unwrap();
        let mut call = Call::new(Method::GET, url);
        let mut value = HeaderValue::from_static("Bearer xoxb-2");
        value.set_sensitive(true);
        call.headers.insert("authorization", value);
        let hidden = Secrets::of(&call).hidden("süss-1 s%C3%BCss-1 xoxb-2 page 2");
        assert_eq!(hidden, "[…] […] […] page 2");
    }

    #[test]
    fn what_is_left_of_a_secret_that_was_cut_is_none() {
        let url = "https://a.example/?token=planted-söme-4711&t=some";
        let call = Call::new(Method::GET, url.parse().unwrap());
        let secrets = Secrets::of(&call);
        for (text, wanted) in [
            ("it is planted-söme-47", "it is […]"),
            ("it is planted-s\u{fffd}", "it is […]"),
            ("it is planted-söme-4711, planted", "it is […], […]"),
            ("it is pla", "it is pla"),
            ("some planted-söm is here", "[…] planted-söm is here"),
            ("\u{fffd}", ""),
        ] {
            assert_eq!(secrets.hidden(text), wanted);
        }
    }

    #[test]
    fn a_longer_secret_goes_before_one_within_it() {
        let url = "https://a.example/?t=some&token=some-more".parse().unwrap();
        let secrets = Secrets::of(&Call::new(Method::GET, url));
        assert_eq!(secrets.hidden("some-more some"), "[…] […]");
    }

    #[test]
    fn names_tell_of_credentials() {
        let value = HeaderValue::from_static("4711");
        for (name, wanted) in [
            ("authorization", true),
            ("proxy-authorization", true),
            ("x-api-key", true),
            ("x-goog-api-key", true),
            ("private-token", true),
            ("x-amz-security-token", true),
            ("idempotency-key", false),
            ("content-type", false),
            ("if-match", false),
        ] {
            assert_eq!(
                is_secret(&HeaderName::from_static(name), &value),
                wanted,
                "{name}"
            );
        }
    }
}
