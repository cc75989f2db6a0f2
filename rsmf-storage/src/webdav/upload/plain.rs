//! Writing to any WebDAV server: to a name that nobody sees, which then is moved.

use std::{mem, sync::Arc};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use rsmf_core::{
    Error, Kind, Result,
    integration::{ObjectMeta, PutMode, PutOptions, StorePath, Upload},
};
use rsmf_http::{Error as HttpError, Method, Request, header::CONTENT_TYPE};
use tokio::{runtime::Handle, time::sleep};

use super::{draft, pipe::Pipe, spool::Spool, tally::Tally};
use crate::{
    http::deadline,
    webdav::{
        folders::parent,
        publish::Terms,
        read::ANY_SIZE,
        session::{Session, value},
    },
};

/// An upload to a draft.
#[derive(Debug)]
pub(super) struct Plain {
    session: Arc<Session>,
    path: StorePath,
    draft: StorePath,
    options: PutOptions,
    tally: Tally,
    way: Way,
    /// Whether the draft may be there.
    begun: bool,
}

#[derive(Debug)]
enum Way {
    /// So little has come that it can be sent at once.
    Held(BytesMut),
    /// It is being sent.
    Sent(Pipe),
    /// It waits until its length is known.
    Spooled(Spool),
}

impl Plain {
    pub(super) fn new(
        session: &Arc<Session>,
        path: &StorePath,
        options: PutOptions,
    ) -> Result<Self> {
        Ok(Self {
            session: Arc::clone(session),
            path: path.clone(),
            draft: draft(path)?,
            tally: Tally::new(&options, None),
            options,
            way: Way::Held(BytesMut::new()),
            begun: false,
        })
    }

    fn request(&self, size: u64) -> Result<Request> {
        let url = self.session.url(&self.draft);
        let request = self.session.http.request(Method::PUT, url);
        let request = request
            .operation("PUT")
            .deadline(deadline(&self.session.network, size));
        Ok(match &self.options.content_type {
            Some(kind) => request.header(CONTENT_TYPE, value(kind)?),
            None => request,
        })
    }

    fn failed(&self, error: HttpError) -> Error {
        self.session.failed("write", &self.path, error)
    }

    /// Begins to send what is too much to be held.
    async fn begin(&mut self) -> Result<()> {
        if self.options.mode == PutMode::Create
            && self.session.look("write", &self.path).await?.is_some()
        {
            return Err(self.session.taken(&self.path));
        }
        self.session.make_folder(&parent(&self.path)?).await?;
        let size = self.options.size;
        self.begun = true;
        let way = match size.is_some() || self.session.takes_any_length(&self.draft).await? {
            true => Way::Sent(Pipe::open(self.request(size.unwrap_or(ANY_SIZE))?, size)),
            false => Way::Spooled(Spool::new()?),
        };
        match mem::replace(&mut self.way, way) {
            Way::Held(held) => Box::pin(self.pass(held.freeze())).await,
            Way::Sent(_) | Way::Spooled(_) => Ok(()),
        }
    }

    async fn pass(&mut self, bytes: Bytes) -> Result<()> {
        match &mut self.way {
            Way::Sent(pipe) => match pipe.write(bytes).await {
                true => Ok(()),
                false => self.end().await,
            },
            Way::Spooled(spool) => spool.write(&bytes).await,
            Way::Held(held) => {
                held.extend_from_slice(&bytes);
                match held.len() as u64 > self.session.part_size() {
                    true => self.begin().await,
                    false => Ok(()),
                }
            }
        }
    }

    /// Ends what is being sent, which may have failed before its end.
    async fn end(&mut self) -> Result<()> {
        let Way::Sent(pipe) = &mut self.way else {
            return Ok(());
        };
        match pipe.end().await {
            Some(Ok(())) => Ok(()),
            Some(Err(error)) => Err(self.failed(error)),
            None => Err(self.session.failure("write", &self.path).cancelled()),
        }
    }

    /// Sends what was held in one request.
    async fn send_held(&mut self, held: Bytes) -> Result<()> {
        self.begun = true;
        let size = held.len() as u64;
        // Nobody sees a draft: it may be sent again whatever became of it before.
        let request = || Ok::<_, Error>(self.request(size)?.safe());
        let first = request()?.body(held.clone()).send().await;
        match first {
            Ok(_) => Ok(()),
            Err(error) if matches!(error.status(), Some(404 | 409)) => {
                self.session.make_folder(&parent(&self.path)?).await?;
                let second = request()?.body(held).send().await;
                second.map(|_| ()).map_err(|error| self.failed(error))
            }
            Err(error) => Err(self.failed(error)),
        }
    }

    async fn complete(&mut self) -> Result<ObjectMeta> {
        self.tally
            .check(|| self.session.failure("write", &self.path))?;
        match mem::replace(&mut self.way, Way::Held(BytesMut::new())) {
            Way::Held(held) => self.send_held(held.freeze()).await?,
            Way::Spooled(mut spool) => {
                let body = spool.body(self.tally.size).await?;
                let sent = self.request(self.tally.size)?.body(body).send().await;
                sent.map_err(|error| self.failed(error))?;
            }
            sent @ Way::Sent(_) => {
                self.way = sent;
                self.end().await?;
            }
        }
        let metadata = &self.options.metadata;
        self.session.keep_metadata(&self.draft, metadata).await?;
        self.check_size(&self.draft).await?;
        let terms = Terms {
            mode: self.options.mode,
            if_match: self.options.if_match.as_deref(),
            size: self.tally.size,
        };
        self.session.publish(&self.draft, &self.path, terms).await?;
        self.begun = false;
        self.check_published().await
    }

    /// Looks at what was published. Where others write to the same name, there is nothing for moments.
    async fn check_published(&self) -> Result<ObjectMeta> {
        let mut pauses = self.session.short_pauses();
        loop {
            match self.check_size(&self.path).await {
                Err(error) if error.kind() == Kind::NotFound => {}
                checked => return checked,
            }
            match pauses.next() {
                Some(pause) => sleep(pause).await,
                None => {
                    let failure = self.session.failure("write", &self.path);
                    return Err(failure
                        .source(
                            "the server has kept it under another name, or it was removed at once",
                        )
                        .advice("look for it there, and choose a name without odd characters")
                        .integrity());
                }
            }
        }
    }

    /// Compares what the server has with what was sent.
    async fn check_size(&self, path: &StorePath) -> Result<ObjectMeta> {
        let meta = self.session.head("write", path).await?;
        match meta.size == self.tally.size {
            true => Ok(meta),
            false => {
                let why = format!(
                    "{} bytes were sent, and the server has {}",
                    self.tally.size, meta.size
                );
                let failure = self.session.failure("write", &self.path);
                Err(failure.source(why).integrity())
            }
        }
    }

    fn clean_up(&mut self) -> Option<impl Future<Output = Result<()>> + Send + use<>> {
        if !mem::take(&mut self.begun) {
            return None;
        }
        self.way = Way::Held(BytesMut::new());
        let (session, draft) = (Arc::clone(&self.session), self.draft.clone());
        Some(async move { session.remove_draft(&draft).await })
    }
}

#[async_trait]
impl Upload for Plain {
    async fn write(&mut self, bytes: Bytes) -> Result<()> {
        self.tally.add(&bytes);
        self.pass(bytes).await
    }

    async fn finish(mut self: Box<Self>) -> Result<ObjectMeta> {
        self.complete().await
    }

    async fn abort(mut self: Box<Self>) -> Result<()> {
        match self.clean_up() {
            Some(clean_up) => clean_up.await,
            None => Ok(()),
        }
    }
}

impl Drop for Plain {
    fn drop(&mut self) {
        // Outside of a runtime, whoever locks the folder next removes it.
        if let Ok(runtime) = Handle::try_current()
            && let Some(clean_up) = self.clean_up()
        {
            runtime.spawn(async move {
                if let Err(error) = clean_up.await {
                    tracing::warn!(%error, "a draft was not removed");
                }
            });
        }
    }
}
