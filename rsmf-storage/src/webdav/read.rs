//! Reading, going on where a connection breaks.

use std::{num::NonZeroU64, ops::Range, sync::Arc};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use rsmf_core::{
    Error, Kind, Result,
    integration::{GetOptions, Object, ObjectMeta, StorePath},
};
use rsmf_http::{
    Error as HttpError, Pauses, Request, Response,
    header::{CONTENT_TYPE, ETAG, LAST_MODIFIED},
};
use tokio::time::sleep;
use url::Url;

use super::{props, session::Session};
use crate::http::deadline;

/// More than anybody reads: where the size is not known.
pub(super) const ANY_SIZE: u64 = 1 << 43;

impl Session {
    /// Reads what lies at `url`, which `path` is shown for.
    pub(super) async fn get(
        self: &Arc<Self>,
        path: &StorePath,
        url: Url,
        options: &GetOptions,
    ) -> Result<Object> {
        let wanted = options.range.clone().unwrap_or(0..u64::MAX);
        let length = NonZeroU64::new(wanted.end.saturating_sub(wanted.start));
        if length.is_none() {
            return self.nothing_of(path, options).await;
        }
        let request = self.part(&url, &wanted, options.range.is_some());
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) if error.status() == Some(416) => {
                return self.nothing_of(path, options).await;
            }
            Err(error) => return Err(self.unread(path, error).await),
        };
        let meta = self.facts(path, &response).await?;
        let range = known(options, &meta)?;
        let body = Body::new(self, path, url, &meta, range.clone(), response)?;
        Ok(Object {
            meta,
            range,
            stream: stream::unfold(Some(body), Body::step).boxed(),
        })
    }

    /// The error for what cannot be read, which may be a folder or lie in an object.
    async fn unread(&self, path: &StorePath, error: HttpError) -> Error {
        let unclear = matches!(error.status(), Some(400 | 403 | 405 | 409 | 501));
        match unclear {
            true => match self.head("read", path).await {
                Err(found) if found.kind() == Kind::NotFound => found,
                _ => self.failed("read", path, error),
            },
            false => self.failed("read", path, error),
        }
    }

    fn part(&self, url: &Url, range: &Range<u64>, is_part: bool) -> Request {
        let request = self.http.get(url.clone()).operation("GET").as_stored();
        let length = range.end.saturating_sub(range.start);
        let known = match range.end {
            u64::MAX => None,
            _ => NonZeroU64::new(length),
        };
        let request = request.deadline(deadline(&self.network, length.min(ANY_SIZE)));
        match is_part {
            true => request.range(range.start, known),
            false => request,
        }
    }

    /// What the answer to a `GET` says about the object; where it says too little, as answers with a page
    /// for a folder do, the server is asked.
    async fn facts(&self, path: &StorePath, response: &Response) -> Result<ObjectMeta> {
        let size = match response.part() {
            Some(part) => part.whole,
            None => response.length(),
        };
        let (etag, modified) = (response.header(&ETAG), response.header(&LAST_MODIFIED));
        let (Some(size), Some(etag), Some(modified), false) =
            (size, etag, modified, response.url().path().ends_with('/'))
        else {
            return self.head("read", path).await;
        };
        let mut meta = ObjectMeta::new(path.clone(), size);
        meta.etag = Some(props::etag(etag));
        meta.modified = props::time(modified);
        meta.content_type = response.header(&CONTENT_TYPE).map(str::to_owned);
        Ok(meta)
    }

    /// A range without bytes, of which HTTP knows none.
    async fn nothing_of(&self, path: &StorePath, options: &GetOptions) -> Result<Object> {
        let meta = self.head("read", path).await?;
        let range = known(options, &meta)?;
        if !range.is_empty() {
            return Err(self
                .failure("read", path)
                .source("it has changed while it was asked for")
                .conflict());
        }
        Ok(Object {
            meta,
            range,
            stream: stream::empty().boxed(),
        })
    }
}

/// [`GetOptions::resolve`] for what was asked for by the address of its version.
fn known(options: &GetOptions, meta: &ObjectMeta) -> Result<Range<u64>> {
    options.clone().version(meta.version.clone()).resolve(meta)
}

/// A body under way.
struct Body {
    session: Arc<Session>,
    path: StorePath,
    url: Url,
    etag: Option<String>,
    /// What is still to come.
    rest: Range<u64>,
    /// What comes before it and was not asked for.
    skip: u64,
    response: Response,
    pauses: Pauses,
}

impl Body {
    fn new(
        session: &Arc<Session>,
        path: &StorePath,
        url: Url,
        meta: &ObjectMeta,
        rest: Range<u64>,
        response: Response,
    ) -> Result<Self> {
        let first = response.part().map_or(0, |part| part.first);
        let Some(skip) = rest.start.checked_sub(first) else {
            return Err(session
                .failure("read", path)
                .source("the server sends another part than was asked for")
                .other());
        };
        Ok(Self {
            pauses: session.http.pauses(),
            session: Arc::clone(session),
            path: path.clone(),
            url,
            etag: meta.etag.clone(),
            rest,
            skip,
            response,
        })
    }

    async fn step(state: Option<Self>) -> Option<(Result<Bytes>, Option<Self>)> {
        let mut body = state?;
        match body.next().await {
            Ok(Some(piece)) => Some((Ok(piece), Some(body))),
            Ok(None) => None,
            Err(error) => Some((Err(error), None)),
        }
    }

    async fn next(&mut self) -> Result<Option<Bytes>> {
        while !self.rest.is_empty() {
            match self.response.piece().await {
                Ok(Some(piece)) => {
                    let piece = self.cut(piece);
                    if !piece.is_empty() {
                        return Ok(Some(piece));
                    }
                }
                Ok(None) => {
                    return Err(self
                        .session
                        .failure("read", &self.path)
                        .source(format!("{} bytes of it did not come", self.left()))
                        .integrity());
                }
                Err(error) => self.again(error).await?,
            }
        }
        Ok(None)
    }

    fn left(&self) -> u64 {
        self.rest.end - self.rest.start
    }

    /// What was asked for of a piece.
    fn cut(&mut self, mut piece: Bytes) -> Bytes {
        let skipped = self.skip.min(piece.len() as u64);
        self.skip -= skipped;
        // Neither is more than a piece has.
        let _ = piece.split_to(
            usize::try_from(skipped)
                .unwrap_or(usize::MAX)
                .min(piece.len()),
        );
        piece.truncate(usize::try_from(self.left()).unwrap_or(usize::MAX));
        self.rest.start += piece.len() as u64;
        piece
    }

    /// Asks for the rest, if that is of the same content.
    async fn again(&mut self, mut error: HttpError) -> Result<()> {
        loop {
            let pause = self.pauses.after(&error).filter(|_| self.etag.is_some());
            let Some(pause) = pause else {
                return Err(self.session.failed("read", &self.path, error));
            };
            sleep(pause).await;
            let request = self.session.part(&self.url, &self.rest, true);
            match request.send().await {
                Ok(response) => return self.go_on(response),
                Err(next) => error = next,
            }
        }
    }

    fn go_on(&mut self, response: Response) -> Result<()> {
        let etag = response.header(&ETAG).map(props::etag);
        if etag != self.etag {
            return Err(self.changed());
        }
        let first = response.part().map_or(0, |part| part.first);
        self.skip = self
            .rest
            .start
            .checked_sub(first)
            .ok_or_else(|| self.changed())?;
        self.response = response;
        Ok(())
    }

    fn changed(&self) -> Error {
        self.session
            .failure("read", &self.path)
            .source("it has changed while it was read")
            .conflict()
    }
}
