//! Giving a draft its name, so that it appears whole.

use rsmf_core::{
    Error, Result,
    integration::{PutMode, StorePath},
};
use rsmf_http::{Error as HttpError, Request, header::HeaderName};
use tokio::time::sleep;

use super::{
    find::Found,
    folders::parent,
    session::{Session, value},
};

const DESTINATION: HeaderName = HeaderName::from_static("destination");
const OVERWRITE: HeaderName = HeaderName::from_static("overwrite");
const IF: HeaderName = HeaderName::from_static("if");

/// On what terms something gets a name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms<'a> {
    pub(super) mode: PutMode,
    pub(super) if_match: Option<&'a str>,
    /// How many bytes it has.
    pub(super) size: u64,
}

/// What became of a `MOVE`.
pub(super) enum Moved {
    Yes,
    /// The name is taken, or the etag is another one.
    Refused,
}

impl Session {
    /// Gives what lies at `from` the name `to` on these terms. Its folder has to be there.
    ///
    /// # Errors
    /// [`Conflict`](rsmf_core::Error::Conflict) where the terms are not met.
    pub(super) async fn publish(
        &self,
        from: &StorePath,
        to: &StorePath,
        terms: Terms<'_>,
    ) -> Result<()> {
        // Between their look at the name and their move, servers let others in.
        let contested = terms.mode == PutMode::Create || terms.if_match.is_some();
        let claim = match contested && self.has_locks().await? {
            true => Some(self.claim(to).await?),
            false => None,
        };
        let published = self.publish_alone(from, to, terms).await;
        if let Some(claim) = claim {
            claim.end().await;
        }
        published
    }

    async fn publish_alone(
        &self,
        from: &StorePath,
        to: &StorePath,
        terms: Terms<'_>,
    ) -> Result<()> {
        if let Some(etag) = terms.if_match {
            return self.replace(from, to, terms, Some(etag)).await;
        }
        match (
            self.moved(from, to, false, None, terms.size).await?,
            terms.mode,
        ) {
            (Moved::Yes, _) => Ok(()),
            (_, PutMode::Create) => Err(self.taken(to)),
            (_, PutMode::Overwrite) => self.replace(from, to, terms, None).await,
        }
    }

    /// Puts it in the place of an object, never of a folder, which would be gone with all that is in it.
    async fn replace(
        &self,
        from: &StorePath,
        to: &StorePath,
        terms: Terms<'_>,
        etag: Option<&str>,
    ) -> Result<()> {
        match (self.look("write", to).await?, etag) {
            (Some(Found::Folder), _) => {
                return Err(self
                    .failure("write", to)
                    .source("it is a folder")
                    .conflict());
            }
            (Some(Found::Object(meta)), Some(etag)) if meta.etag.as_deref() != Some(etag) => {
                return Err(self.changed(to));
            }
            (None, Some(_)) => return Err(self.changed(to)),
            _ => {}
        }
        match self.moved(from, to, true, etag, terms.size).await? {
            Moved::Yes => Ok(()),
            Moved::Refused => Err(self.refused(to, etag).await?),
        }
    }

    /// Why a condition was refused: because it is not met, or because the server understands none.
    async fn refused(&self, to: &StorePath, etag: Option<&str>) -> Result<Error> {
        Ok(match self.look("write", to).await? {
            Some(Found::Object(meta)) if etag.is_some() && meta.etag.as_deref() == etag => self
                .failure("write", to)
                .source("the server understands no conditions")
                .unsupported(),
            _ => self.changed(to),
        })
    }

    /// Makes the folder of `to`, where that is not the one of `from`.
    pub(super) async fn make_folder_for(&self, from: &StorePath, to: &StorePath) -> Result<()> {
        let folder = parent(to)?;
        if folder != parent(from)? {
            self.make_folder(&folder).await?;
        }
        Ok(())
    }

    pub(super) fn taken(&self, to: &StorePath) -> Error {
        self.failure("write", to)
            .source("it exists already")
            .conflict()
    }

    pub(super) fn changed(&self, to: &StorePath) -> Error {
        self.failure("write", to)
            .source("it has changed since it was looked at")
            .conflict()
    }

    /// Moves, and finds out what became of a `MOVE` whose answer was lost.
    pub(super) async fn moved(
        &self,
        from: &StorePath,
        to: &StorePath,
        overwrite: bool,
        etag: Option<&str>,
        size: u64,
    ) -> Result<Moved> {
        let mut pauses = self.http.pauses();
        let mut short = self.short_pauses();
        loop {
            let error = match self.move_request(from, to, overwrite, etag)?.send().await {
                Ok(_) => return Ok(Moved::Yes),
                Err(error) => error,
            };
            match self.judged(from, to, size, error).await? {
                Ok(moved) => return Ok(moved),
                Err(error) => match pauses.after(&error).or_else(|| short.next()) {
                    Some(pause) => sleep(pause).await,
                    None => return Err(self.failed("write", to, error)),
                },
            }
        }
    }

    fn move_request(
        &self,
        from: &StorePath,
        to: &StorePath,
        overwrite: bool,
        etag: Option<&str>,
    ) -> Result<Request> {
        let target = self.url(to);
        let mut request = self
            .request("MOVE", self.url(from))
            .header(DESTINATION, value(target.as_str())?)
            .header(OVERWRITE, value(if overwrite { "T" } else { "F" })?)
            .once();
        if let Some(etag) = etag {
            request = request.header(IF, value(&format!("<{target}> ([{etag}])"))?);
        }
        Ok(request)
    }

    /// What a failed `MOVE` means: what was to be moved has a name of its own, so that it is gone only if
    /// the move took place. The error comes back where another attempt may help.
    async fn judged(
        &self,
        from: &StorePath,
        to: &StorePath,
        size: u64,
        error: HttpError,
    ) -> Result<Result<Moved, HttpError>> {
        match error.status() {
            Some(412) => return Ok(Ok(Moved::Refused)),
            // Whoever writes to the same name may have it locked for a moment.
            Some(404 | 423) => {}
            _ if error.is_temporary() => {}
            _ => return Err(self.failed("write", to, error)),
        }
        if self.look("write", from).await?.is_some() {
            return Ok(Err(error));
        }
        match self.look("write", to).await? {
            Some(Found::Object(meta)) if meta.size == size => Ok(Ok(Moved::Yes)),
            _ => Err(self.failed("write", from, error)),
        }
    }

    /// Copies an object to a name that nobody else uses (RFC 4918, 9.8).
    pub(super) async fn copy_to_draft(&self, from: &StorePath, draft: &StorePath) -> Result<()> {
        let target = value(self.url(draft).as_str())?;
        let request = self.request("COPY", self.url(from));
        let request = request.header(DESTINATION, target).repeatable();
        self.send("copy", from, request).await.map(|_| ())
    }
}
