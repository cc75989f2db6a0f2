//! Parts of an object, which Nextcloud puts together (“chunked upload v2”).

use std::{mem, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use rsmf_core::{
    Kind, Result,
    integration::{PutMode, PutOptions, StorePath},
};
use rsmf_http::{Error as HttpError, Method, Request, header::HeaderName};
use tokio::{task::JoinSet, time::sleep};
use url::Url;

use super::draft;
use crate::{
    http::deadline,
    names,
    webdav::{
        find::{Depth, Found},
        folders::parent,
        href, props,
        session::{Session, value},
    },
};

const DESTINATION: HeaderName = HeaderName::from_static("destination");
const OVERWRITE: HeaderName = HeaderName::from_static("overwrite");
const IF: HeaderName = HeaderName::from_static("if");
const LENGTH: HeaderName = HeaderName::from_static("oc-total-length");

/// The smallest part, but for the last one.
const LEAST: u64 = 5 << 20;

/// The most parts.
const MOST: u64 = 10_000;

/// After so many parts of an object whose size is not known, they become twice as large.
const STEP: u64 = 1_000;

/// How often, and after what time each, it is looked whether the server has put the parts together.
const LOOKS: u32 = 60;
const LOOK: Duration = Duration::from_secs(2);

/// The size of the first part.
pub(super) fn least(session: &Session) -> u64 {
    session.part_size().max(LEAST)
}

/// The parts of an upload.
#[derive(Debug)]
pub(super) struct Parts {
    session: Arc<Session>,
    path: StorePath,
    /// Where they lie; it ends with a slash.
    folder: Url,
    base: u64,
    growing: bool,
    /// How many there are, and how many bytes are in them.
    count: u64,
    sent: u64,
    held: BytesMut,
    under_way: JoinSet<Result<(), HttpError>>,
}

impl Parts {
    /// Makes a place for parts.
    pub(super) async fn new(
        session: &Arc<Session>,
        path: &StorePath,
        options: &PutOptions,
    ) -> Result<Self> {
        let parts = Self::at(session, path, options)?;
        if options.resume.is_some() {
            parts.remove().await?;
        }
        session.make_folder(&parent(path)?).await?;
        let request = session.request("MKCOL", parts.folder.clone());
        let request = request.header(DESTINATION, value(session.url(path).as_str())?);
        session.send("write", path, request).await?;
        Ok(parts)
    }

    /// What an interrupted upload of the same content has left.
    pub(super) async fn left(
        session: &Arc<Session>,
        path: &StorePath,
        options: &PutOptions,
    ) -> Result<Option<Self>> {
        let mut parts = Self::at(session, path, options)?;
        let found = parts.found().await?;
        for (number, size) in found {
            if number != parts.count + 1 || size != parts.next_size() {
                break;
            }
            parts.count = number;
            parts.sent += size;
        }
        Ok((parts.count > 0).then_some(parts))
    }

    fn at(session: &Arc<Session>, path: &StorePath, options: &PutOptions) -> Result<Self> {
        let name = match &options.resume {
            Some(content) => names::kept_draft(path.as_str(), content),
            None => draft(path)?.file_name().to_owned(),
        };
        let least = least(session);
        let enough = options.size.unwrap_or_default().div_ceil(MOST);
        Ok(Self {
            session: Arc::clone(session),
            path: path.clone(),
            folder: session.uploads(&name),
            base: least.max(enough),
            growing: options.size.is_none(),
            count: 0,
            sent: 0,
            held: BytesMut::new(),
            under_way: JoinSet::new(),
        })
    }

    /// How many bytes are there already.
    pub(super) fn sent(&self) -> u64 {
        self.sent
    }

    fn next_size(&self) -> u64 {
        match self.growing {
            true => self.base << (self.count / STEP),
            false => self.base,
        }
    }

    /// The numbers and sizes of what is there, in order.
    async fn found(&self) -> Result<Vec<(u64, u64)>> {
        let session = &self.session;
        let wanted = props::USUAL;
        let listed = session
            .find(
                "list",
                &self.path,
                self.folder.clone(),
                Depth::Children,
                wanted,
            )
            .await;
        let mut answer = match listed {
            Ok(answer) => answer,
            Err(error) if error.kind() == Kind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut found = Vec::new();
        while let Some(resource) = session.next("list", &self.path, &mut answer).await? {
            let path = href::below(&self.folder, &resource.href)?;
            if let Ok(number) = path.as_str().parse::<u64>() {
                found.push((number, props::meta(path, &resource)?.size));
            }
        }
        found.sort_unstable();
        Ok(found)
    }

    pub(super) async fn write(&mut self, bytes: Bytes) -> Result<()> {
        self.held.extend_from_slice(&bytes);
        loop {
            let size = usize::try_from(self.next_size()).unwrap_or(usize::MAX);
            // The last part may be a whole one.
            if self.held.len() <= size {
                return Ok(());
            }
            let part = self.held.split_to(size).freeze();
            self.send(part).await?;
        }
    }

    /// Sends the next part, as soon as there is room for it.
    async fn send(&mut self, part: Bytes) -> Result<()> {
        while self.under_way.len() >= self.session.transfer.concurrency.get() {
            self.wait().await?;
        }
        self.count += 1;
        self.sent += part.len() as u64;
        if self.count > MOST {
            return Err(self
                .session
                .failure("write", &self.path)
                .source(format!("it has more than {MOST} parts"))
                .advice("raise part_size")
                .invalid_input());
        }
        let mut url = self.folder.clone();
        url.set_path(&format!("{}{:05}", self.folder.path(), self.count));
        let request = self.session.http.request(Method::PUT, url);
        let request = request
            .operation("PUT")
            .header(DESTINATION, value(self.session.url(&self.path).as_str())?)
            .deadline(deadline(&self.session.network, part.len() as u64))
            .body(part);
        self.under_way
            .spawn(async move { request.send().await.map(|_| ()) });
        Ok(())
    }

    /// Waits for one of those that are under way.
    async fn wait(&mut self) -> Result<()> {
        match self.under_way.join_next().await {
            None | Some(Ok(Ok(()))) => Ok(()),
            Some(Ok(Err(error))) => Err(self.session.failed("write", &self.path, error)),
            Some(Err(_)) => Err(self.session.failure("write", &self.path).cancelled()),
        }
    }

    /// Sends what is left, and waits for everything.
    pub(super) async fn send_all(&mut self) -> Result<()> {
        let rest = mem::take(&mut self.held).freeze();
        if !rest.is_empty() {
            self.send(rest).await?;
        }
        while !self.under_way.is_empty() {
            self.wait().await?;
        }
        Ok(())
    }

    /// The request that puts the parts together.
    pub(super) fn assembly(&self, options: &PutOptions, size: u64) -> Result<Request> {
        let target = self.session.url(&self.path);
        let mut url = self.folder.clone();
        url.set_path(&format!("{}.file", self.folder.path()));
        let overwrite = match options.mode {
            PutMode::Create => "F",
            PutMode::Overwrite => "T",
        };
        let mut request = self
            .session
            .request("MOVE", url)
            .header(DESTINATION, value(target.as_str())?)
            .header(OVERWRITE, value(overwrite)?)
            .header(LENGTH, value(&size.to_string())?)
            .once();
        if let Some(etag) = &options.if_match {
            request = request.header(IF, value(&format!("<{target}> ([{etag}])"))?);
        }
        Ok(request)
    }

    /// Puts the parts together, which may take the server longer than anybody waits for an answer.
    pub(super) async fn assemble(
        &self,
        request: Request,
        options: &PutOptions,
        size: u64,
    ) -> Result<()> {
        let session = &self.session;
        let before = match (session.look("write", &self.path).await?, options.mode) {
            (Some(Found::Folder), _) => {
                let failure = session.failure("write", &self.path);
                return Err(failure.source("it is a folder").conflict());
            }
            (Some(Found::Object(_)), PutMode::Create) => return Err(session.taken(&self.path)),
            (Some(Found::Object(meta)), _) => meta.etag,
            (None, _) => None,
        };
        if options.if_match.is_some() && options.if_match != before {
            return Err(session.changed(&self.path));
        }
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) if error.is_temporary() => self.wait_for(before, size, error).await,
            Err(error) => Err(session.failed("write", &self.path, error)),
        }
    }

    /// Waits until the parts are gone, which is when they are put together.
    async fn wait_for(&self, before: Option<String>, size: u64, error: HttpError) -> Result<()> {
        for _ in 0..LOOKS {
            sleep(LOOK).await;
            let found = self.session.look("write", &self.path).await;
            if let Ok(Some(Found::Object(meta))) = found
                && meta.etag != before
                && meta.size == size
                && self.found().await.is_ok_and(|parts| parts.is_empty())
            {
                return Ok(());
            }
            // It has not begun, or has given up.
            if error.status().is_some() {
                break;
            }
        }
        Err(self.session.failed("write", &self.path, error))
    }

    async fn remove(&self) -> Result<()> {
        let request = self
            .session
            .http
            .request(Method::DELETE, self.folder.clone())
            .operation("DELETE");
        match self
            .session
            .send("clean up after", &self.path, request)
            .await
        {
            Err(error) if error.kind() != Kind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Throws away what was sent.
    pub(super) async fn throw_away(mut self) -> Result<()> {
        self.under_way.shutdown().await;
        self.remove().await
    }
}
