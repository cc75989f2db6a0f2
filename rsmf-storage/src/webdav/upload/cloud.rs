//! Writing to Nextcloud: small objects at once, others in parts that the server puts together.
//!
//! Objects are written in their place rather than moved to it, so that the server keeps former versions,
//! shares and tags. It lets nobody see what has not come whole.

use std::{mem, sync::Arc};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use rsmf_core::{
    Error, Kind, Result,
    integration::{Algorithm, ObjectMeta, PutMode, PutOptions, StorePath, Upload},
};
use rsmf_http::{
    Error as HttpError, Method, Request,
    header::{CONTENT_TYPE, HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH},
};
use tokio::runtime::Handle;

use super::{parts::Parts, tally::Tally};
use crate::{
    http::deadline,
    webdav::{
        folders::parent,
        props,
        session::{Session, value},
    },
};

const OC_CHECKSUM: HeaderName = HeaderName::from_static("oc-checksum");
const X_HASH: HeaderName = HeaderName::from_static("x-hash");
const X_HASH_SHA256: HeaderName = HeaderName::from_static("x-hash-sha256");
const X_OC_MTIME: HeaderName = HeaderName::from_static("x-oc-mtime");

/// An upload to Nextcloud.
#[derive(Debug)]
pub(super) struct ToCloud {
    session: Arc<Session>,
    path: StorePath,
    options: PutOptions,
    tally: Tally,
    resumed: u64,
    way: Way,
}

#[derive(Debug)]
enum Way {
    /// So little has come that it can be sent at once.
    Held(BytesMut),
    Parts(Parts),
}

impl ToCloud {
    pub(super) async fn begin(
        session: &Arc<Session>,
        path: &StorePath,
        options: PutOptions,
    ) -> Result<Self> {
        let left = match &options.resume {
            // What came before cannot be summed up any more.
            Some(_) if options.checksum.is_some() => None,
            Some(_) => Parts::left(session, path, &options).await?,
            None => None,
        };
        let resumed = left.as_ref().map_or(0, Parts::sent);
        let mut tally = Tally::new(&options, (resumed == 0).then_some(Algorithm::Sha256));
        tally.size = resumed;
        Ok(Self {
            session: Arc::clone(session),
            path: path.clone(),
            tally,
            options,
            resumed,
            way: left.map_or_else(|| Way::Held(BytesMut::new()), Way::Parts),
        })
    }

    fn failed(&self, error: HttpError) -> Error {
        self.session.failed("write", &self.path, error)
    }

    /// What goes with the content: its checksum and its time.
    fn described(&self, request: Request) -> Result<Request> {
        let sum = self
            .tally
            .known()
            .and_then(|sum| props::checksum_text(&sum));
        let request = match sum {
            Some(sum) => request.header(OC_CHECKSUM, value(&sum)?),
            None => request,
        };
        Ok(match self.options.modified {
            Some(time) => {
                let seconds = time.micros().div_euclid(1_000_000);
                request.header(X_OC_MTIME, value(&seconds.to_string())?)
            }
            None => request,
        })
    }

    fn put(&self, held: Bytes) -> Result<Request> {
        let url = self.session.url(&self.path);
        let mut request = self
            .described(self.session.http.request(Method::PUT, url))?
            .operation("PUT")
            .header(X_HASH, HeaderValue::from_static("sha256"))
            .deadline(deadline(&self.session.network, held.len() as u64));
        if let Some(kind) = &self.options.content_type {
            request = request.header(CONTENT_TYPE, value(kind)?);
        }
        if self.options.mode == PutMode::Create {
            request = request.header(IF_NONE_MATCH, HeaderValue::from_static("*"));
        }
        if let Some(etag) = &self.options.if_match {
            request = request.header(IF_MATCH, value(etag)?);
        }
        Ok(request.body(held))
    }

    /// Sends what was held in one request.
    async fn send_held(&self, held: Bytes) -> Result<()> {
        let mut sent = self.put(held.clone())?.send().await;
        if let Err(error) = &sent
            && matches!(error.status(), Some(404 | 409))
            && self.options.if_match.is_none()
        {
            self.session.make_folder(&parent(&self.path)?).await?;
            sent = self.put(held)?.send().await;
        }
        let response = match sent {
            Ok(response) => response,
            // An earlier attempt may have arrived, and only its answer been lost.
            Err(error) if error.status() == Some(412) && error.attempts() > 1 => {
                return match self.is_there().await? {
                    true => Ok(()),
                    false => Err(self.failed(error)),
                };
            }
            Err(error) => return Err(self.failed(error)),
        };
        let told = response.header(&X_HASH_SHA256).and_then(props::bytes);
        let known = self.tally.known().map(|sum| sum.value);
        match told.is_none() || told == known {
            true => Ok(()),
            false => self.take_back(response.status().as_u16() == 201).await,
        }
    }

    /// Whether exactly this content is there.
    async fn is_there(&self) -> Result<bool> {
        let meta = self.session.head("write", &self.path).await?;
        let known = self.tally.known();
        Ok(meta.size == self.tally.size && known.is_some_and(|sum| meta.checksums.contains(&sum)))
    }

    /// Removes what the server has got wrong.
    async fn take_back(&self, is_new: bool) -> Result<()> {
        let advice = match is_new {
            true => {
                self.session.remove(&self.path, false).await?;
                "try again"
            }
            false => "restore its former version, which the server has kept, and try again",
        };
        Err(self
            .session
            .failure("write", &self.path)
            .source("the server has got something else than was sent")
            .advice(advice)
            .integrity())
    }

    /// Goes over to parts.
    async fn divide(&mut self, held: Bytes) -> Result<()> {
        let session = &self.session;
        let mut parts = Parts::new(session, &self.path, &self.options).await?;
        parts.write(held).await?;
        self.way = Way::Parts(parts);
        Ok(())
    }

    async fn complete(&mut self) -> Result<ObjectMeta> {
        self.tally
            .check(|| self.session.failure("write", &self.path))?;
        let way = mem::replace(&mut self.way, Way::Held(BytesMut::new()));
        match way {
            Way::Held(held) => self.send_held(held.freeze()).await?,
            Way::Parts(parts) => {
                self.way = Way::Parts(parts);
                self.put_together().await?;
            }
        }
        let session = &self.session;
        session
            .keep_metadata(&self.path, &self.options.metadata)
            .await?;
        for (name, tag) in &self.options.tags {
            let name = match tag.is_empty() {
                true => name.clone(),
                false => format!("{name}:{tag}"),
            };
            session.tag(&self.path, &name).await?;
        }
        let meta = session.head("write", &self.path).await?;
        match meta.size == self.tally.size {
            true => Ok(meta),
            false => {
                let (sent, has) = (self.tally.size, meta.size);
                let why = format!("{sent} bytes were sent, and the server has {has}");
                let failure = session.failure("write", &self.path);
                Err(failure.source(why).integrity())
            }
        }
    }

    async fn put_together(&mut self) -> Result<()> {
        if let Way::Parts(parts) = &mut self.way {
            parts.send_all().await?;
        }
        let Way::Parts(parts) = &self.way else {
            return Ok(());
        };
        let request = self.described(parts.assembly(&self.options, self.tally.size)?)?;
        parts
            .assemble(request, &self.options, self.tally.size)
            .await?;
        self.way = Way::Held(BytesMut::new());
        Ok(())
    }
}

#[async_trait]
impl Upload for ToCloud {
    fn resumed(&self) -> u64 {
        self.resumed
    }

    async fn write(&mut self, bytes: Bytes) -> Result<()> {
        self.tally.add(&bytes);
        match &mut self.way {
            Way::Parts(parts) => parts.write(bytes).await,
            Way::Held(held) => {
                held.extend_from_slice(&bytes);
                match held.len() as u64 > super::parts::least(&self.session) {
                    true => {
                        let held = mem::take(held).freeze();
                        self.divide(held).await
                    }
                    false => Ok(()),
                }
            }
        }
    }

    async fn finish(mut self: Box<Self>) -> Result<ObjectMeta> {
        self.complete().await
    }

    async fn abort(mut self: Box<Self>) -> Result<()> {
        match mem::replace(&mut self.way, Way::Held(BytesMut::new())) {
            Way::Held(_) => Ok(()),
            Way::Parts(parts) => parts.throw_away().await,
        }
    }
}

impl Drop for ToCloud {
    fn drop(&mut self) {
        let Way::Parts(parts) = mem::replace(&mut self.way, Way::Held(BytesMut::new())) else {
            return;
        };
        // Outside of a runtime, the server removes the parts after a day.
        if self.options.resume.is_none()
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(async move {
                match parts.throw_away().await {
                    Err(error) if error.kind() != Kind::NotFound => {
                        tracing::warn!(%error, "parts of an upload were not removed");
                    }
                    _ => {}
                }
            });
        }
    }
}
