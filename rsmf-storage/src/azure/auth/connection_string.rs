//! Connection strings: `DefaultEndpointsProtocol=https;AccountName=…;AccountKey=…;…`.

use rsmf_core::{Error, Failure, Result};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::{Proof, Sas, SharedKey};

/// What one says of the account's blobs.
pub(super) struct Parts {
    pub(super) endpoint: Option<Url>,
    pub(super) proof: Proof,
}

impl Parts {
    /// Takes one apart.
    ///
    /// # Errors
    /// `InvalidInput` where it is none, or another account's.
    pub(super) fn parse(text: &SecretString, account: &str) -> Result<Self> {
        let text = text.expose_secret();
        let value = |wanted: &str| {
            let parts = text.split(';').filter_map(|part| part.split_once('='));
            let mut found = parts.filter(|(name, _)| name.trim().eq_ignore_ascii_case(wanted));
            found.next().map(|(_, value)| value.trim())
        };
        if value("UseDevelopmentStorage").is_some() {
            return Err(wrong("give the emulator's endpoint and key instead"));
        }
        if value("AccountName").is_some_and(|name| name != account) {
            return Err(wrong("it is for another account than the address"));
        }
        let endpoint = match (value("BlobEndpoint"), value("EndpointSuffix")) {
            (Some(endpoint), _) => Some(endpoint.to_owned()),
            (None, Some(suffix)) => {
                let protocol = value("DefaultEndpointsProtocol").unwrap_or("https");
                Some(format!("{protocol}://{account}.blob.{suffix}"))
            }
            (None, None) => None,
        };
        let endpoint = endpoint.map(|endpoint| Url::parse(&endpoint)).transpose();
        let proof = match (value("AccountKey"), value("SharedAccessSignature")) {
            (Some(key), _) => Proof::Key(SharedKey::new(account, &key.into())?),
            (None, Some(sas)) => Proof::Sas(Sas::new(&sas.into())?),
            (None, None) => return Err(wrong("it has neither a key nor a signature")),
        };
        Ok(Self {
            endpoint: endpoint.map_err(|_| wrong("its endpoint is no address"))?,
            proof,
        })
    }
}

fn wrong(why: &'static str) -> Error {
    Failure::new("use", "the connection string")
        .source(why)
        .advice("copy it from the account's “Access keys”")
        .invalid_input()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn endpoints_and_proofs_are_found() {
        let read = |text: &str| {
            let parts = Parts::parse(&text.into(), "acme").ok()?;
            let proof = match parts.proof {
                Proof::Key(_) => "key",
                Proof::Sas(_) => "sas",
                _ => "other",
            };
            Some((parts.endpoint.map(String::from).unwrap_or_default(), proof))
        };
        let full = "DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=YQ==;EndpointSuffix=core.windows.net";
        let place = "https://acme.blob.core.windows.net/".to_owned();
        assert_eq!(read(full), Some((place, "key")));
        let sas = "BlobEndpoint=http://127.0.0.1:1/acme;SharedAccessSignature=sv=1&sig=a%3D;";
        assert_eq!(
            read(sas),
            Some(("http://127.0.0.1:1/acme".to_owned(), "sas"))
        );
        assert_eq!(read("AccountKey=YQ=="), Some((String::new(), "key")));
        for wrong in [
            "",
            "UseDevelopmentStorage=true",
            "AccountName=other;AccountKey=YQ==",
            "AccountName=acme",
            "BlobEndpoint=x;AccountKey=YQ==",
        ] {
            assert!(read(wrong).is_none(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_and_never_shown(text in "pl4nted-s3cret-.*") {
            if let Err(error) = Parts::parse(&text.into(), "acme") {
                let shown = format!("{error:?}");
                prop_assert!(!shown.contains("pl4nted"));
            }
        }
    }
}
