//! Addresses for others.

use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::{SignedDuration, Timestamp, ToSpan, tz::TimeZone};
use rsmf_core::{
    Failure, Result,
    integration::{Grant, PresignOptions, Presigned, StorePath},
};
use secrecy::{ExposeSecret, SecretString};

use super::{NewShare, Ocs, Share};
use crate::webdav::cloud::Cloud;

/// As whom one shows the password of a link.
const ANYBODY: &str = "anonymous";

/// Makes a public link.
pub(in crate::webdav) async fn link(
    cloud: &Cloud,
    path: &StorePath,
    options: &PresignOptions,
) -> Result<Presigned> {
    let failure = || Failure::new("make an address for", path.to_string());
    if options.grant != Grant::Get {
        return Err(failure().source("links are for reading").unsupported());
    }
    let too_long = |error: jiff::Error| failure().source(error).invalid_input();
    let span = SignedDuration::try_from(options.valid_for).map_err(too_long)?;
    let end = Timestamp::now().checked_add(span).map_err(too_long)?;
    // It is over when that day begins, somewhere on earth.
    let day = end.to_zoned(TimeZone::UTC).date();
    let day = day.checked_add(2.days()).map_err(too_long)?;
    let mut share = NewShare::link(path.as_str()).expires(day);
    if let Some(password) = &options.password {
        share = share.password(password.clone());
    }
    let ocs = Ocs {
        caller: cloud.caller.clone(),
    };
    let share = ocs.share(&share).await?;
    let missing = || failure().source("the server gives no address").other();
    match &options.password {
        None => open(&share).ok_or_else(missing),
        Some(password) => guarded(cloud, &share, password).ok_or_else(missing),
    }
}

fn open(share: &Share) -> Option<Presigned> {
    let url = share.url.as_ref()?.expose_secret();
    Some(Presigned {
        url: format!("{}/download", url.trim_end_matches('/')).into(),
        headers: Vec::new(),
    })
}

fn guarded(cloud: &Cloud, share: &Share, password: &SecretString) -> Option<Presigned> {
    let token = share.token.as_ref()?.expose_secret();
    let url = format!("{}public.php/dav/files/{token}", cloud.caller.server);
    let shown = format!("{ANYBODY}:{}", password.expose_secret());
    let shown = format!("Basic {}", BASE64_STANDARD.encode(shown));
    Some(Presigned {
        url: url.into(),
        headers: vec![("authorization".to_owned(), shown)],
    })
}
