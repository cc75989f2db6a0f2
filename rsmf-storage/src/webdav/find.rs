//! Asking for properties.

use std::{io, pin::Pin};

use bytes::Bytes;
use futures_util::{Stream, stream};
use rsmf_core::{
    Error, Kind, Result,
    integration::{ObjectMeta, StorePath},
};
use rsmf_http::{
    Response, StatusCode,
    header::{CONTENT_TYPE, HeaderName, HeaderValue},
};
use tokio_util::io::StreamReader;
use url::Url;

use super::{
    failure::SharedHttp,
    folders::parent,
    props,
    session::Session,
    xml::{Multistatus, Name, Resource, prop_find},
};

const DEPTH: HeaderName = HeaderName::from_static("depth");
pub(super) const XML: HeaderValue = HeaderValue::from_static("application/xml; charset=utf-8");

/// How far down an answer reaches.
#[derive(Debug, Clone, Copy)]
pub(super) enum Depth {
    Itself,
    Children,
    Everything,
}

impl Depth {
    fn value(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Itself => "0",
            Self::Children => "1",
            Self::Everything => "infinity",
        })
    }
}

type Pieces = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

/// An answer that is read while it comes in.
pub(super) type Answer = Multistatus<StreamReader<Pieces, Bytes>>;

fn pieces(response: Response) -> Pieces {
    Box::pin(stream::try_unfold(response, |mut response| async move {
        let piece = response.piece().await.map_err(SharedHttp::wrap)?;
        Ok(piece.map(|piece| (piece, response)))
    }))
}

/// What lies behind a path.
#[derive(Debug)]
pub(super) enum Found {
    Object(ObjectMeta),
    Folder,
}

impl Session {
    /// Asks for properties (RFC 4918, 9.1).
    pub(super) async fn find(
        &self,
        operation: &'static str,
        path: &StorePath,
        url: Url,
        depth: Depth,
        wanted: &[Name],
    ) -> Result<Answer> {
        let request = self
            .request("PROPFIND", url)
            .header(DEPTH, depth.value())
            .header(CONTENT_TYPE, XML)
            .body(prop_find(wanted))
            .safe();
        self.answer(operation, path, request).await
    }

    /// Sends what is answered by a `multistatus`.
    pub(super) async fn answer(
        &self,
        operation: &'static str,
        path: &StorePath,
        request: rsmf_http::Request,
    ) -> Result<Answer> {
        let response = self.send(operation, path, request).await?;
        self.read_answer(operation, path, response)
    }

    /// Reads what is a `multistatus`, or ought to be one.
    pub(super) fn read_answer(
        &self,
        operation: &'static str,
        path: &StorePath,
        response: Response,
    ) -> Result<Answer> {
        if response.status() != StatusCode::MULTI_STATUS {
            return Err(self
                .failure(operation, path)
                .source(format!("it answers with status {}", response.status()))
                .advice("check that this is the address of a WebDAV folder")
                .unsupported());
        }
        Ok(Multistatus::new(StreamReader::new(pieces(response))))
    }

    /// The next resource of an answer.
    pub(super) async fn next(
        &self,
        operation: &'static str,
        path: &StorePath,
        answer: &mut Answer,
    ) -> Result<Option<Resource>> {
        let next = answer.next().await;
        next.map_err(|error| self.unreadable(operation, path, error))
    }

    /// The properties that are asked for about objects.
    pub(super) fn usual(&self) -> &'static [Name] {
        match self.cloud {
            Some(_) => props::NEXTCLOUD,
            None => props::USUAL,
        }
    }

    /// What one address has.
    pub(super) async fn resource(
        &self,
        operation: &'static str,
        path: &StorePath,
        wanted: &[Name],
    ) -> Result<Resource> {
        let url = match path.is_root() {
            true => self.folder_url(path),
            false => self.url(path),
        };
        let mut answer = self
            .find(operation, path, url, Depth::Itself, wanted)
            .await?;
        match self.next(operation, path, &mut answer).await? {
            Some(resource) if resource.status.is_none_or(|status| status < 300) => Ok(resource),
            _ => Err(self.not_found(operation, path)),
        }
    }

    /// What lies there; `None` where there is nothing.
    pub(super) async fn look(
        &self,
        operation: &'static str,
        path: &StorePath,
    ) -> Result<Option<Found>> {
        match self.resource(operation, path, self.usual()).await {
            Ok(resource) if props::is_folder(&resource) => Ok(Some(Found::Folder)),
            Ok(resource) => Ok(Some(Found::Object(props::meta(path.clone(), &resource)?))),
            Err(error) if error.kind() == Kind::NotFound => Ok(None),
            Err(error) if self.is_below_object(path, &error).await => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether what was asked for lies “in” an object, about which servers complain in several ways.
    pub(super) async fn is_below_object(&self, path: &StorePath, error: &Error) -> bool {
        if error.kind() != Kind::InvalidInput || path.is_root() {
            return false;
        }
        let Ok(around) = parent(path) else {
            return false;
        };
        let found = Box::pin(self.look("look at", &around)).await;
        matches!(found, Ok(None | Some(Found::Object(_))))
    }

    /// What is known about an object.
    ///
    /// # Errors
    /// [`NotFound`](rsmf_core::Error::NotFound), also for a folder.
    pub(super) async fn head(
        &self,
        operation: &'static str,
        path: &StorePath,
    ) -> Result<ObjectMeta> {
        match self.look(operation, path).await? {
            Some(Found::Object(meta)) => Ok(meta),
            Some(Found::Folder) => Err(self
                .failure(operation, path)
                .source("it is a folder")
                .not_found()),
            None => Err(self.not_found(operation, path)),
        }
    }
}
