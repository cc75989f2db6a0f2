//! What Nextcloud keeps of files: former versions, and the bin.

use std::sync::Arc;

use rsmf_core::{
    Kind, Result, UtcTime,
    integration::{ObjectMeta, StorePath},
};
use rsmf_http::{Method, header::HeaderName};
use url::Url;

use crate::webdav::{
    DavStorage,
    find::Depth,
    href, props,
    session::{Session, value},
    xml::{DAV, NC, Name, OC, Resource},
};

const DESTINATION: HeaderName = HeaderName::from_static("destination");

/// What is asked for about things in the bin.
const BIN: &[Name] = &[
    (DAV, "resourcetype"),
    (DAV, "getcontentlength"),
    (NC, "trashbin-original-location"),
    (NC, "trashbin-deletion-time"),
];

/// Something in the bin.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Trashed {
    /// By what it is restored: its name, with the time at its end.
    pub name: String,
    /// Where it was.
    pub path: StorePath,
    /// When it was deleted.
    pub deleted: Option<UtcTime>,
    /// Whether it is a folder, with all that was in it.
    pub is_folder: bool,
}

impl Session {
    /// The number of a file, by which Nextcloud knows it under any name.
    pub(in crate::webdav) async fn file_id(&self, path: &StorePath) -> Result<String> {
        let resource = self.resource("look at", path, self.usual()).await?;
        let id = resource.text(OC, "fileid").map(str::to_owned);
        id.ok_or_else(|| self.not_found("look at", path))
    }

    /// Where a former version lies.
    pub(in crate::webdav) async fn version_url(
        &self,
        path: &StorePath,
        version: &str,
    ) -> Result<Url> {
        let folder = self.version_folder(path).await?;
        href_in(&folder, version, self, path)
    }

    async fn version_folder(&self, path: &StorePath) -> Result<Url> {
        let id = self.file_id(path).await?;
        Ok(self.place("versions", &format!("versions/{id}")))
    }

    /// The versions of a file, the newest first: what is there now has no name of its own.
    pub(in crate::webdav) async fn former(&self, path: &StorePath) -> Result<Vec<ObjectMeta>> {
        let now = self.head("list versions of", path).await?;
        let folder = self.version_folder(path).await?;
        let listed = self
            .inside("list versions of", path, &folder, props::USUAL)
            .await?;
        let mut versions = Vec::new();
        for (name, resource) in listed {
            let mut meta = props::meta(path.clone(), &resource)?;
            meta.version = Some(name.as_str().to_owned());
            // Newer servers list the present one too.
            if meta.modified != now.modified || meta.size != now.size {
                versions.push(meta);
            }
        }
        let age = |meta: &ObjectMeta| {
            let version = meta.version.as_ref();
            version.and_then(|version| version.parse::<u64>().ok())
        };
        versions.sort_by_key(|meta| std::cmp::Reverse(age(meta)));
        versions.insert(0, now);
        Ok(versions)
    }

    /// What lies in a folder of the server.
    async fn inside(
        &self,
        operation: &'static str,
        path: &StorePath,
        folder: &Url,
        wanted: &[Name],
    ) -> Result<Vec<(StorePath, Resource)>> {
        let asked = self
            .find(operation, path, folder.clone(), Depth::Children, wanted)
            .await;
        let mut answer = match asked {
            Ok(answer) => answer,
            Err(error) if error.kind() == Kind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut inside = Vec::new();
        while let Some(resource) = self.next(operation, path, &mut answer).await? {
            let name = href::below(folder, &resource.href)?;
            if !name.is_root() {
                inside.push((name, resource));
            }
        }
        Ok(inside)
    }

    /// Restores what lies at `from` by moving it to where the server wants that.
    async fn restore(&self, from: Url, to: &Url, path: &StorePath) -> Result<()> {
        let target = value(to.as_str().trim_end_matches('/'))?;
        let request = self.request("MOVE", from).header(DESTINATION, target);
        self.send("restore", path, request.once()).await.map(|_| ())
    }
}

/// A name in a folder, from which it must not lead away.
fn href_in(folder: &Url, name: &str, session: &Session, path: &StorePath) -> Result<Url> {
    let name = StorePath::new(name).map_err(|_| session.not_found("look at", path))?;
    Ok(href::join(folder, &name, false))
}

/// What Nextcloud can do with a user's files besides what every store can.
#[derive(Debug, Clone)]
pub struct Nextcloud {
    pub(super) session: Arc<Session>,
}

impl DavStorage {
    /// What Nextcloud can do besides; `None` where this is another server.
    pub fn nextcloud(&self) -> Option<Nextcloud> {
        let session = Arc::clone(&self.session);
        self.session.cloud.as_ref()?;
        Some(Nextcloud { session })
    }
}

impl Nextcloud {
    /// Brings back a former version of a file: one of those that
    /// [`versions`](rsmf_core::integration::Storage::versions) lists. What is there now becomes a version.
    ///
    /// # Errors
    /// [`NotFound`](rsmf_core::Error::NotFound).
    pub async fn restore_version(&self, path: &StorePath, version: &str) -> Result<()> {
        let session = &self.session;
        let from = session.version_url(path, version).await?;
        let to = session.place("versions", "restore/target");
        session.restore(from, &to, path).await
    }

    /// What lies in the bin. All of it is held in memory.
    ///
    /// # Errors
    /// Whatever the server meets.
    pub async fn bin(&self) -> Result<Vec<Trashed>> {
        let session = &self.session;
        let folder = session.place("trashbin", "trash");
        let listed = session
            .inside("list the bin of", &StorePath::ROOT, &folder, BIN)
            .await?;
        let things = listed.into_iter().map(|(name, resource)| {
            let text = |name| resource.text(NC, name);
            let seconds = text("trashbin-deletion-time").and_then(|text| text.parse::<i64>().ok());
            let micros = seconds.and_then(|seconds| seconds.checked_mul(1_000_000));
            let place = text("trashbin-original-location").unwrap_or_default();
            Ok(Trashed {
                name: name.as_str().to_owned(),
                path: StorePath::new(place.trim_matches('/'))?,
                deleted: micros.and_then(UtcTime::from_micros),
                is_folder: props::is_folder(&resource),
            })
        });
        things.collect()
    }

    /// Puts something in the bin back to where it was.
    ///
    /// # Errors
    /// [`NotFound`](rsmf_core::Error::NotFound).
    pub async fn restore(&self, thing: &Trashed) -> Result<()> {
        let session = &self.session;
        let folder = session.place("trashbin", "trash");
        let from = href_in(&folder, &thing.name, session, &thing.path)?;
        let to = session.place("trashbin", "restore");
        let to = href_in(&to, &thing.name, session, &thing.path)?;
        session.restore(from, &to, &thing.path).await
    }

    /// Removes something from the bin for good, or all that is in it.
    ///
    /// # Errors
    /// Whatever the server meets.
    pub async fn empty_bin(&self, thing: Option<&Trashed>) -> Result<()> {
        let session = &self.session;
        let folder = session.place("trashbin", "trash");
        let url = match thing {
            Some(thing) => href_in(&folder, &thing.name, session, &thing.path)?,
            None => folder,
        };
        let request = session.http.request(Method::DELETE, url);
        let request = request.operation("DELETE");
        session
            .send("empty the bin of", &StorePath::ROOT, request)
            .await
            .map(|_| ())
    }
}
