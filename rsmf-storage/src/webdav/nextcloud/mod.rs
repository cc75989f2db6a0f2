//! Nextcloud: what its servers have besides files: versions, the bin, search and tags, and by their own API (OCS)
//! public links, shares, users and groups.

mod envelope;
mod kept;
mod links;
mod ocs;
mod people;
mod search;
mod shares;
mod tags;

use rsmf_core::{Failure, Kind, Result, integration::StorePath, secret::SecretSource};
use rsmf_http::Client;
use serde::Deserialize;
use unicode_normalization::is_nfc;
use url::Url;

pub(super) use self::{envelope::Caller, links::link};
pub use self::{
    kept::{Nextcloud, Trashed},
    ocs::{Capabilities, Ocs, Version},
    people::{NewUser, User, UserChange},
    search::Search,
    shares::{NewShare, Permissions, Share, ShareChange, ShareWith},
};
use super::{DavConfig, DavStorage, cloud::Cloud, connect, href};
use crate::Below;

/// Where WebDAV begins on a server. What follows in the address bar of a browser or in the settings of a client is known.
pub(super) const DAV: &str = "remote.php/dav/";

/// Opens what an address means.
pub(super) async fn open(
    host: &Url,
    path: String,
    config: &DavConfig,
    secrets: &dyn SecretSource,
) -> Result<(DavStorage, Below)> {
    let http = connect::client(host, config, secrets)?;
    let (server, path) = match &config.server_path {
        Some(_) => (host.clone(), path),
        None => find_server(&http, host, path).await?,
    };
    let (store, user) = store(http, &server, &path, config).await?;
    let below = connect::below(&in_files(&path, &user))?;
    Ok((store, below))
}

/// The files of a user on the server that begins at this address.
pub(super) async fn at(
    server: &Url,
    config: &DavConfig,
    secrets: &dyn SecretSource,
) -> Result<DavStorage> {
    let http = connect::client(server, config, secrets)?;
    let (store, _) = store(http, server, "", config).await?;
    Ok(store)
}

/// The files of a user, and by what name they are kept.
async fn store(
    http: Client,
    server: &Url,
    path: &str,
    config: &DavConfig,
) -> Result<(DavStorage, String)> {
    let caller = Caller::new(http.clone(), server.clone());
    let user = match &config.user_id {
        Some(user) => user.clone(),
        None => user_id(&caller).await?,
    };
    let home = connect::below(&in_files(path, &user))?.path;
    let root = files(server, &user);
    let name = connect::name("nextcloud", server);
    let cloud = Cloud {
        caller,
        user: user.clone(),
    };
    let session = connect::session(&root, home, config, http, Some(cloud), name);
    Ok((DavStorage::of(session), user))
}

/// Refuses names that Nextcloud would keep otherwise, or not at all.
pub(super) fn check_name(path: &StorePath) -> Result<()> {
    let refused = |name: &str| {
        let lower = name.to_lowercase();
        if !is_nfc(name) {
            return Some("Nextcloud would write its accents in another way (NFC)");
        }
        if name.contains('\\') || name.contains(|c: char| c < ' ') {
            return Some("Nextcloud takes no backslashes and control characters in names");
        }
        if name.trim() != name || name.chars().count() > 250 {
            return Some("Nextcloud takes no blanks around names, and at most 250 characters");
        }
        let is_part = [".part", ".filepart"]
            .iter()
            .any(|end| lower.ends_with(end));
        (is_part || lower == ".htaccess").then_some("Nextcloud keeps this name for itself")
    };
    match path.as_str().split('/').find_map(refused) {
        Some(why) => Err(Failure::new("write", path.to_string())
            .source(why)
            .advice("choose another name")
            .invalid_input()),
        None => Ok(()),
    }
}

/// The folder with a user's files.
fn files(server: &Url, user: &str) -> Url {
    let mut url = server.clone();
    let path = format!("{}{DAV}files/{}/", server.path(), href::encoded(user));
    url.set_path(&path);
    url
}

/// The path in the user's files, where somebody has given the whole address of WebDAV.
fn in_files(path: &str, user: &str) -> String {
    let start = format!("{DAV}files/{user}");
    match path.strip_prefix(&start) {
        Some(rest) => rest.trim_start_matches('/').to_owned(),
        None => path.to_owned(),
    }
}

#[derive(Deserialize)]
struct Status {
    installed: bool,
    maintenance: bool,
}

/// Where on its host a server begins, and what follows. Nextcloud tells everybody its state; the first
/// place up the path that does is it.
async fn find_server(http: &Client, host: &Url, path: String) -> Result<(Url, String)> {
    let mut server = host.clone();
    let mut rest = path.as_str();
    loop {
        if is_server(http, &server).await? {
            return Ok((server, rest.to_owned()));
        }
        let Some((name, further)) = rest.split_once('/') else {
            return Err(Failure::new("find Nextcloud on", host.as_str())
                .source("nothing there has a status.php")
                .advice("check the address, and name the server_path in a profile")
                .not_found());
        };
        let path = format!("{}{}/", server.path(), href::encoded(name));
        server.set_path(&path);
        rest = further;
    }
}

async fn is_server(http: &Client, server: &Url) -> Result<bool> {
    let mut url = server.clone();
    url.set_path(&format!("{}status.php", server.path()));
    let target = url.to_string();
    let response = match http
        .get(url)
        .operation("status")
        .limit(1 << 16)
        .whole()
        .send()
        .await
    {
        Ok(response) => response,
        Err(error) => {
            let error = super::failure::of_request("look for Nextcloud at", target, error);
            return match error.kind() {
                Kind::NotFound | Kind::Denied | Kind::InvalidInput | Kind::Unsupported => Ok(false),
                _ => Err(error),
            };
        }
    };
    match response.json::<Status>().await {
        Ok(status) if status.maintenance => Err(Failure::new("use", server.as_str())
            .source("the server is being maintained")
            .advice("try again later")
            .unavailable()),
        Ok(status) => Ok(status.installed),
        // A page of something else.
        Err(_) => Ok(false),
    }
}

pub(super) async fn user_id(caller: &Caller) -> Result<String> {
    #[derive(Deserialize)]
    struct User {
        id: String,
    }

    let user: User = caller.get("log in to", "cloud/user", &[]).await?;
    Ok(user.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_their_place() {
        let server: Url = "https://h/nextcloud/".parse().unwrap();
        let root = files(&server, "a da@x");
        assert_eq!(
            root.as_str(),
            "https://h/nextcloud/remote.php/dav/files/a%20da%40x/"
        );
        assert_eq!(in_files("remote.php/dav/files/ada/x/y", "ada"), "x/y");
        assert_eq!(in_files("x/y", "ada"), "x/y");
    }
}
