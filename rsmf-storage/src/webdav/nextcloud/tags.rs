//! Tags that all users of a server see.

use std::collections::BTreeMap;

use rsmf_core::{Failure, Result, integration::StorePath};
use rsmf_http::{Method, header::HeaderName};
use serde_json::json;
use url::Url;

use super::{DAV as PLACE, Nextcloud};
use crate::webdav::{
    cloud::Cloud,
    find::Depth,
    href,
    session::Session,
    xml::{Name, OC},
};

/// What is asked for about tags.
const TAG: &[Name] = &[(OC, "id"), (OC, "display-name")];

const CONTENT_LOCATION: HeaderName = HeaderName::from_static("content-location");

impl Nextcloud {
    /// The tags of a file or a folder.
    ///
    /// # Errors
    /// [`NotFound`](rsmf_core::Error::NotFound).
    pub async fn tags(&self, path: &StorePath) -> Result<Vec<String>> {
        let session = &self.session;
        let id = session.file_id(path).await?;
        let folder = session.dav(&format!("systemtags-relations/files/{id}/"));
        Ok(session
            .known_tags(path, folder)
            .await?
            .into_keys()
            .collect())
    }

    /// Gives a file or a folder a tag, which is made where there is none of that name.
    ///
    /// # Errors
    /// [`NotFound`](rsmf_core::Error::NotFound), [`Denied`](rsmf_core::Error::Denied).
    pub async fn tag(&self, path: &StorePath, name: &str) -> Result<()> {
        self.session.tag(path, name).await
    }

    /// Takes a tag away.
    ///
    /// # Errors
    /// [`NotFound`](rsmf_core::Error::NotFound) where it does not have that tag.
    pub async fn untag(&self, path: &StorePath, name: &str) -> Result<()> {
        let session = &self.session;
        let known = session.known_tags(path, session.dav("systemtags/")).await?;
        let Some(tag) = known.get(name) else {
            return Err(session.not_found("take a tag from", path));
        };
        let url = session.relation(path, tag).await?;
        let request = session.http.request(Method::DELETE, url);
        let request = request.operation("DELETE");
        let sent = session.send("take a tag from", path, request).await;
        sent.map(|_| ())
    }
}

impl Session {
    /// A place of WebDAV that is no user's.
    fn dav(&self, place: &str) -> Url {
        let mut url = self.root.clone();
        if let Some(Cloud { caller, .. }) = &self.cloud {
            url.set_path(&format!("{}{PLACE}{place}", caller.server.path()));
        }
        url
    }

    /// Names and numbers of tags.
    async fn known_tags(&self, path: &StorePath, folder: Url) -> Result<BTreeMap<String, String>> {
        let operation = "list tags of";
        let mut answer = self
            .find(operation, path, folder, Depth::Children, TAG)
            .await?;
        let mut known = BTreeMap::new();
        while let Some(resource) = self.next(operation, path, &mut answer).await? {
            let text = |name| resource.text(OC, name).map(str::to_owned);
            known.extend(text("display-name").zip(text("id")));
        }
        Ok(known)
    }

    /// Where it stands that a file has a tag.
    async fn relation(&self, path: &StorePath, tag: &str) -> Result<Url> {
        let id = self.file_id(path).await?;
        let tag = href::encoded(tag);
        Ok(self.dav(&format!("systemtags-relations/files/{id}/{tag}")))
    }

    pub(in crate::webdav) async fn tag(&self, path: &StorePath, name: &str) -> Result<()> {
        let known = self.known_tags(path, self.dav("systemtags/")).await?;
        let tag = match known.get(name) {
            Some(tag) => tag.clone(),
            None => self.make_tag(path, name).await?,
        };
        let url = self.relation(path, &tag).await?;
        let request = self.http.request(Method::PUT, url).operation("PUT");
        match request.send().await {
            Ok(_) => Ok(()),
            // It has it already.
            Err(error) if error.status() == Some(409) => Ok(()),
            Err(error) => Err(self.failed("tag", path, error)),
        }
    }

    async fn make_tag(&self, path: &StorePath, name: &str) -> Result<String> {
        let tag = json!({
            "name": name, "userVisible": true, "userAssignable": true, "canAssign": true,
        });
        let failed = |error| self.failed("tag", path, error);
        let request = self.http.request(Method::POST, self.dav("systemtags"));
        let request = request.operation("POST").json(&tag).map_err(failed)?;
        let response = self.send("tag", path, request).await?;
        let place = response.header(&CONTENT_LOCATION).unwrap_or_default();
        match place.trim_end_matches('/').rsplit('/').next() {
            Some(id) if !id.is_empty() => Ok(id.to_owned()),
            _ => Err(Failure::new("tag", path.to_string())
                .source("the server gives the new tag no number")
                .other()),
        }
    }
}
