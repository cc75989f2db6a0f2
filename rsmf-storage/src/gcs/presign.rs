//! Addresses that work without credentials (the page “V4 signing process with your own program”).

use std::time::{Duration, SystemTime};

use rsmf_core::{
    Failure, Result,
    integration::{Algorithm, Grant, PresignOptions, Presigned, StorePath, Summer},
};

use super::{GcsStorage, auth::Signer};
use crate::segment::{encoded, encoded_path};

/// The longest time that such an address may be good for.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 3600);

const ALGORITHM: &str = "GOOG4-RSA-SHA256";

impl GcsStorage {
    pub(super) async fn sign(
        &self,
        path: &StorePath,
        options: &PresignOptions,
    ) -> Result<Presigned> {
        let failure = || Failure::new("make an address for", self.name_of(path));
        if options.password.is_some() {
            return Err(failure()
                .source("addresses of this service take no password")
                .unsupported());
        }
        if options.valid_for > LONGEST || options.valid_for < Duration::from_secs(1) {
            return Err(failure()
                .source("it can be good for seven days at most")
                .invalid_input());
        }
        let Some(signer) = &self.inner.signer else {
            return Err(failure()
                .source("these credentials cannot sign")
                .advice("use the key of a service account, or let `impersonate` name one")
                .unsupported());
        };
        let unsigned = self.unsigned(path, options, signer).await?;
        let text = unsigned.text();
        let signature = signer.sign(text.as_bytes()).await;
        let signature = signature.map_err(|error| failure().source(error).denied())?;
        let url = format!(
            "{}{}?{}&X-Goog-Signature={}",
            unsigned.origin,
            unsigned.path,
            unsigned.query,
            hex::encode(signature)
        );
        Ok(Presigned {
            url: url.into(),
            headers: Vec::new(),
        })
    }

    async fn unsigned(
        &self,
        path: &StorePath,
        options: &PresignOptions,
        signer: &Signer,
    ) -> Result<Unsigned> {
        let now =
            jiff::Timestamp::try_from(SystemTime::now()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let time = now.strftime("%Y%m%dT%H%M%SZ").to_string();
        let scope = format!("{}/auto/storage/goog4_request", now.strftime("%Y%m%d"));
        let email = signer.email().await.map_err(|error| {
            Failure::new("make an address for", self.name_of(path))
                .source(error)
                .denied()
        })?;
        let endpoint = &self.inner.endpoint;
        let base = endpoint.path().trim_end_matches('/');
        let method = match options.grant {
            Grant::Get => "GET",
            Grant::Put => "PUT",
            Grant::ReadAndList => {
                return Err(Failure::new("make an address for", path.to_string())
                    .source("Google signs single requests")
                    .unsupported());
            }
        };
        let mut query = vec![
            ("X-Goog-Algorithm", ALGORITHM.to_owned()),
            ("X-Goog-Credential", format!("{email}/{scope}")),
            ("X-Goog-Date", time.clone()),
            ("X-Goog-Expires", options.valid_for.as_secs().to_string()),
            ("X-Goog-SignedHeaders", "host".to_owned()),
        ];
        let payer = self.inner.config.user_project.as_ref();
        query.extend(payer.map(|project| ("userProject", project.clone())));
        let query: Vec<_> = query
            .iter()
            .map(|(name, value)| format!("{name}={}", encoded(value)))
            .collect();
        Ok(Unsigned {
            method,
            origin: endpoint.origin().ascii_serialization(),
            path: format!(
                "{base}/{}/{}",
                encoded(&self.inner.bucket),
                encoded_path(path.as_str())
            ),
            query: query.join("&"),
            time,
            scope,
        })
    }
}

/// What is to be signed.
struct Unsigned {
    method: &'static str,
    origin: String,
    path: String,
    /// Its fields in order.
    query: String,
    time: String,
    scope: String,
}

impl Unsigned {
    fn text(&self) -> String {
        let Self {
            method,
            path,
            query,
            time,
            scope,
            ..
        } = self;
        let host = self.origin.split_once("://").map_or("", |(_, host)| host);
        let request = format!("{method}\n{path}\n{query}\nhost:{host}\n\nhost\nUNSIGNED-PAYLOAD");
        let sum = Summer::of(Algorithm::Sha256, request.as_bytes());
        format!("{ALGORITHM}\n{time}\n{scope}\n{}", hex::encode(sum.value))
    }
}
