//! Reading: many requests on their way at the same time, in order, and on a new session where one dies.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures_util::{
    FutureExt, Stream, StreamExt, future::BoxFuture, stream, stream::FuturesOrdered,
};
use openssh_sftp_client::{file::File, metadata::MetaData};
use rsmf_core::{
    Error, Result,
    integration::{GetOptions, Object, ObjectMeta, StorePath},
};
use tokio::io::AsyncSeekExt;
use tokio::time::sleep;

use super::{
    place::Place,
    pool,
    session::{Lease, Session},
    trouble::{self, Trouble},
};
use crate::names;

/// What a request asks for: as much as OpenSSH's server gives at once.
const PIECE: u64 = 255 * 1024;

/// Requests on their way; about 8 MB.
const REQUESTS: usize = 32;

/// An object that is being read.
struct Reading {
    place: Arc<Place>,
    meta: ObjectMeta,
    lease: Lease,
    file: File,
    /// What was asked for, in order.
    coming: FuturesOrdered<BoxFuture<'static, trouble::Result<Bytes>>>,
    /// The next byte to ask for, the next one to give, and where it all ends.
    next: u64,
    at: u64,
    end: u64,
    is_checked: bool,
}

pub(super) async fn open(
    place: &Arc<Place>,
    path: &StorePath,
    options: GetOptions,
) -> Result<Object> {
    names::check(path)?;
    let remote = &place.remote(path);
    let opened = place.run("read", path, |on| async move {
        let file = open_file(&on, place, path, remote).await?;
        Ok((on, file))
    });
    let (lease, (file, found)) = opened.await?;
    let meta = place.object("read", path, &found)?;
    let range = options.resolve(&meta)?;
    let reading = Reading {
        place: Arc::clone(place),
        meta: meta.clone(),
        lease,
        file,
        coming: FuturesOrdered::new(),
        next: range.start,
        at: range.start,
        end: range.end,
        is_checked: false,
    };
    Ok(Object {
        meta,
        range,
        stream: stream::try_unfold(reading, Reading::step).boxed(),
    })
}

/// Opens a file after a look at it: opening a pipe would keep the server waiting for its other end.
async fn open_file(
    on: &Session,
    place: &Place,
    path: &StorePath,
    remote: &str,
) -> trouble::Result<(File, MetaData)> {
    place.object("read", path, &on.stat(remote).await?)?;
    let file = on.open_to_read(remote).await?;
    let found = on.ask(file.clone().metadata()).await?;
    Ok((file, found))
}

impl Reading {
    async fn step(mut self) -> Result<Option<(Bytes, Self)>> {
        let piece = self.piece().await?;
        Ok(piece.map(|piece| (piece, self)))
    }

    async fn piece(&mut self) -> Result<Option<Bytes>> {
        let mut pauses = pool::pauses(&self.place.config().network);
        let mut attempts = 1;
        loop {
            let trouble = match self.advance().await {
                Ok(piece) => return Ok(piece),
                Err(trouble) if trouble.ends_session() => trouble,
                Err(trouble) => return Err(self.failed(trouble, attempts)),
            };
            let Some(pause) = pauses.next() else {
                return Err(self.failed(trouble, attempts));
            };
            tracing::debug!(?trouble, at = self.at, "reading goes on in another session");
            sleep(pause).await;
            attempts += 1;
            self.reopen().await?;
        }
    }

    fn failed(&self, trouble: Trouble, attempts: u32) -> Error {
        trouble.after("read", self.place.address(&self.meta.path), attempts)
    }

    /// Gives the next piece, and asks for more meanwhile.
    async fn advance(&mut self) -> trouble::Result<Option<Bytes>> {
        while self.coming.len() < REQUESTS && self.next < self.end {
            let length = PIECE.min(self.end - self.next);
            let piece = read(self.lease.session(), self.file.clone(), self.next, length);
            self.coming.push_back(piece.boxed());
            self.next += length;
        }
        match self.coming.next().await {
            Some(piece) => {
                let piece = piece?;
                self.at += piece.len() as u64;
                Ok(Some(piece))
            }
            None => self.check().await.map(|()| None),
        }
    }

    /// Looks whether the file is still what it was.
    async fn check(&mut self) -> trouble::Result<()> {
        if !self.is_checked {
            let found = self.lease.ask(self.file.metadata()).await?;
            self.compare(&found)?;
            self.is_checked = true;
        }
        Ok(())
    }

    fn compare(&self, found: &MetaData) -> Result<()> {
        let path = &self.meta.path;
        match self.place.object("read", path, found)? {
            now if now == self.meta => Ok(()),
            _ => Err(self
                .place
                .failure("read", path)
                .source("it has changed while it was read")
                .conflict()),
        }
    }

    /// Opens the file anew, if it is still what it was, to go on where reading has ended.
    async fn reopen(&mut self) -> Result<()> {
        let (place, path) = (&self.place, &self.meta.path);
        let remote = &place.remote(path);
        let opened = place.run("read", path, |on| async move {
            let file = open_file(&on, place, path, remote).await?;
            Ok((on, file))
        });
        let (lease, (file, found)) = opened.await?;
        self.compare(&found)?;
        (self.lease, self.file) = (lease, file);
        self.coming = FuturesOrdered::new();
        self.next = self.at;
        Ok(())
    }
}

/// The first bytes of a file, in pieces.
pub(super) fn pieces(
    session: &Lease,
    file: &File,
    end: u64,
) -> impl Stream<Item = trouble::Result<Bytes>> + Send + use<> {
    let (session, file) = (session.session(), file.clone());
    let starts = (0..end.div_ceil(PIECE)).map(|number| number * PIECE);
    stream::iter(starts)
        .map(move |start| {
            read(
                Arc::clone(&session),
                file.clone(),
                start,
                PIECE.min(end - start),
            )
        })
        .buffered(REQUESTS)
}

/// Reads a piece. A server may give less at once than was asked for.
pub(super) async fn read(
    session: Arc<Session>,
    mut file: File,
    start: u64,
    length: u64,
) -> trouble::Result<Bytes> {
    let mut piece = BytesMut::new();
    while (piece.len() as u64) < length {
        let left = length - piece.len() as u64;
        seek(&mut file, start + piece.len() as u64).await?;
        let buffer = BytesMut::with_capacity(left as usize);
        match session.ask(file.read(left as u32, buffer)).await? {
            Some(part) if part.len() as u64 > left => {
                return Err(Trouble::Lost(
                    "the server sends more than was asked for".to_owned(),
                ));
            }
            Some(part) if piece.is_empty() => piece = part,
            Some(part) if !part.is_empty() => piece.extend_from_slice(&part),
            _ => return Err(Trouble::Short),
        }
    }
    Ok(piece.freeze())
}

/// Says where a request begins; nothing is sent.
pub(super) async fn seek(file: &mut File, offset: u64) -> trouble::Result<()> {
    let sought = file.seek(std::io::SeekFrom::Start(offset)).await;
    sought
        .map(|_| ())
        .map_err(|error| Trouble::Lost(error.to_string()))
}
