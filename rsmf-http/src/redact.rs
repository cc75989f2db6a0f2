//! Secrets of a request, and how they are kept out of what a server repeats.

use secrecy::{ExposeSecret, SecretString};

use crate::call::Head;

/// What stands in the place of a secret.
const HIDDEN: &str = "[…]";

/// Shorter texts are no secrets, and occur everywhere.
const SHORTEST: usize = 4;

/// Credentials and values of the query of one request.
pub(crate) struct Secrets(Vec<SecretString>);

impl Secrets {
    pub(crate) fn of(head: &Head) -> Self {
        let mut found = Vec::new();
        for value in head.headers.values().filter(|value| value.is_sensitive()) {
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
        // A secret within a longer one must not leave the rest of that one behind.
        found.sort_by_key(|text| std::cmp::Reverse(text.len()));
        Self(found.into_iter().map(SecretString::from).collect())
    }

    /// The text without them.
    pub(crate) fn hidden(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| {
            text.replace(secret.expose_secret(), HIDDEN)
        })
    }
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
}
