//! From an address to a server.

use std::sync::Arc;

use percent_encoding::percent_decode_str;
use rsmf_core::{
    Failure, Result,
    integration::{IntegrationInfo, StorePath},
    secret::{Secret, SecretSource},
};
use rsmf_http::{Authenticate, Client, Fixed};
use secrecy::SecretString;
use tokio::sync::{Mutex, OnceCell};
use url::Url;

use super::{DavConfig, DavStorage, cloud::Cloud, href, session::Session};
use crate::{Below, http, odd};

/// Where a password is looked for that is nowhere configured.
const PASSWORD: &str = "RSMF_DAV_PASSWORD";

/// Opens what an address means: the server, and the path there.
pub(crate) async fn open(
    url: &Url,
    user: Option<&str>,
    is_cloud: bool,
    config: &DavConfig,
    secrets: &dyn SecretSource,
) -> Result<(DavStorage, Below)> {
    let mut config = config.clone();
    config.user = user.map(str::to_owned).or(config.user);
    let (server, path) = split(url, &config)?;
    match is_cloud {
        true => super::nextcloud::open(&server, path, &config, secrets).await,
        false => {
            let below = below(&path)?;
            let store = DavStorage::new(&server, below.path.clone(), &config, secrets)?;
            Ok((store, below))
        }
    }
}

/// The address where the server begins, which ends with a slash, and what follows, decoded.
fn split(url: &Url, config: &DavConfig) -> Result<(Url, String)> {
    let path = percent_decode_str(url.path()).decode_utf8();
    let path = path.map_err(|error| {
        Failure::new("use", url.as_str())
            .source(error)
            .advice("write the path as UTF-8")
            .invalid_input()
    })?;
    let server_path = config.server_path.as_deref().unwrap_or_default();
    let start = format!("/{}", server_path.trim_matches('/'));
    let rest = match start.as_str() {
        "/" => path.strip_prefix('/'),
        start => path
            .strip_prefix(start)
            .filter(|rest| rest.is_empty() || rest.starts_with('/')),
    };
    let Some(rest) = rest else {
        return Err(Failure::new("use", url.as_str())
            .source(format!(
                "it does not lie below the server_path {server_path}"
            ))
            .invalid_input());
    };
    let mut server = url.clone();
    server.set_path(&href::encoded_path(&start));
    let rest = rest.strip_prefix('/').unwrap_or(rest).to_owned();
    Ok((href::folder(server), rest))
}

pub(super) fn below(path: &str) -> Result<Below> {
    let folder = path.strip_suffix('/');
    Ok(Below {
        path: StorePath::new(folder.unwrap_or(path))?,
        is_folder: folder.is_some() || path.is_empty(),
    })
}

/// A client that shows the user's credentials.
pub(super) fn client(
    server: &Url,
    config: &DavConfig,
    secrets: &dyn SecretSource,
) -> Result<Client> {
    let client = http::client(&config.network, &[server])?;
    Ok(match credentials(config, secrets)? {
        Some(auth) => client.with_auth(Arc::new(auth) as Arc<dyn Authenticate>),
        None => client,
    })
}

fn credentials(config: &DavConfig, secrets: &dyn SecretSource) -> Result<Option<Fixed>> {
    if let Some(token) = &config.token {
        return Ok(Some(Fixed::bearer(token.resolve(secrets)?)));
    }
    let Some(user) = &config.user else {
        return Ok(None);
    };
    let wrong = |why: &'static str| Failure::new("log in", format!("as {user}")).source(why);
    if user.contains(':') {
        return Err(wrong("a name has no colon").invalid_input());
    }
    match password(config.password.as_ref(), secrets)? {
        Some(password) => Ok(Some(Fixed::basic(user, password))),
        None => Err(wrong("no password is known")
            .advice("name one in a profile, or set RSMF_DAV_PASSWORD")
            .invalid_input()),
    }
}

fn password(
    configured: Option<&Secret>,
    secrets: &dyn SecretSource,
) -> Result<Option<SecretString>> {
    match configured {
        Some(secret) => secret.resolve(secrets).map(Some),
        None => Ok(secrets.env(PASSWORD).map(Into::into)),
    }
}

/// A session with what lies below `root`, whose address ends with a slash.
pub(super) fn session(
    root: &Url,
    home: StorePath,
    config: &DavConfig,
    http: Client,
    cloud: Option<Cloud>,
    name: String,
) -> Session {
    let kind = match cloud {
        Some(_) => "nextcloud",
        None => "dav",
    };
    Session {
        http,
        root: root.clone(),
        info: IntegrationInfo::new(kind, name),
        home,
        transfer: config.transfer.clone(),
        network: config.network.clone(),
        infinite_depth: config.infinite_depth,
        cloud,
        locks: OnceCell::new(),
        chunked: OnceCell::new(),
        locking: Mutex::new(()),
        names: odd::Known::default(),
    }
}

/// How a server is shown: as its address is written, without a slash at its end.
pub(super) fn name(kind: &str, server: &Url) -> String {
    format!("{kind}+{}", server.as_str().trim_end_matches('/'))
}
