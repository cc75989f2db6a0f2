//! What a Nextcloud server has besides its files.

use url::Url;

use super::{
    href,
    nextcloud::{Caller, DAV},
    session::Session,
};

/// A Nextcloud server, as one user sees it.
#[derive(Debug, Clone)]
pub(super) struct Cloud {
    pub(super) caller: Caller,
    /// By what name it keeps the user's files.
    pub(super) user: String,
}

impl Session {
    /// The folder for the parts of an upload.
    pub(super) fn uploads(&self, name: &str) -> Url {
        self.place("uploads", name)
    }

    /// A folder of the user besides those of files: uploads, versions, things in the bin.
    pub(super) fn place(&self, kind: &str, name: &str) -> Url {
        let mut url = self.root.clone();
        if let Some(Cloud { caller, user }) = &self.cloud {
            let (server, user) = (caller.server.path(), href::encoded(user));
            let name = href::encoded_path(name);
            url.set_path(&format!("{server}{DAV}{kind}/{user}/{name}/"));
        }
        url
    }
}
