//! One download, with all its attempts.

use std::sync::Arc;

use futures_util::TryStreamExt;
use rsmf_core::{
    Result,
    integration::{FetchFailure, FetchReason, SourceFile},
};
use rsmf_http::{
    Client, Error as HttpError, Redirects, Response, StatusCode, Url,
    header::{CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderValue, IF_RANGE, RANGE},
    shown,
};

use super::{
    DownloadOptions, SlackDownloads,
    cache::{PART, Partial, Record, Slot, version},
    down::Down,
    failure::{Stop, failure, refused, stop},
    judge::{Look, by_content, by_type},
    parts::Parts,
    watch::Watch,
};

/// What became of a download that concerns no other one.
pub(super) type Outcome = std::result::Result<Record, FetchFailure>;

type Step<T> = std::result::Result<T, Stop>;

/// One download.
pub(super) struct Transfer<'a> {
    client: &'a Client,
    options: &'a DownloadOptions,
    down: &'a Down,
    file: &'a SourceFile,
    url: Url,
    slot: Slot,
    watch: &'a Arc<Watch>,
}

/// How far it is.
struct Progress {
    parts: Parts,
    /// The version, where its host names it in a way that further requests can rely on.
    etag: Option<String>,
    media_type: Option<String>,
    /// Whether it looks like a page, which only the right size excuses.
    page: bool,
}

impl Progress {
    /// The headers that ask for what is not here yet, and only of this version.
    fn rest(&self) -> Option<(HeaderValue, HeaderValue)> {
        let range = header(&format!("bytes={}-", self.parts.len()))?;
        Some((range, header(self.etag.as_deref()?)?))
    }
}

impl<'a> Transfer<'a> {
    pub(super) fn new(
        of: &'a SlackDownloads,
        file: &'a SourceFile,
        mut url: Url,
        slot: Slot,
    ) -> Self {
        if of.options.token.is_some() {
            // The link's own token may have expired; it must not stand in the way.
            url.set_query(None);
        }
        url.set_fragment(None);
        Self {
            client: &of.client,
            options: &of.options,
            down: &of.down,
            file,
            url,
            slot,
            watch: &of.watch,
        }
    }

    /// Downloads what is not there yet, in as many attempts as the client allows; those that
    /// bring another part do not count.
    pub(super) async fn run(&self) -> Result<Outcome> {
        let mut progress = self.left_over().await?;
        let mut pauses = self.client.pauses();
        loop {
            let before = progress
                .as_ref()
                .map_or(0, |progress| progress.parts.whole());
            let error = match self.attempt(&mut progress).await {
                Ok(()) => return self.finish(progress).await,
                Err(Stop::All(error)) => return Err(error),
                Err(Stop::File(failure)) => {
                    discard(&mut progress).await?;
                    return Ok(Err(failure));
                }
                Err(Stop::Anew) if progress.is_some() => {
                    discard(&mut progress).await?;
                    continue;
                }
                Err(Stop::Anew) => {
                    let detail = "it sends a part where the whole was asked for";
                    return Ok(Err(FetchFailure::new(FetchReason::HostError, detail)));
                }
                Err(Stop::Down(error)) if self.down.holds(&error) => {
                    discard(&mut progress).await?;
                    return Ok(Err(failure(&error)));
                }
                Err(Stop::Broken(error) | Stop::Down(error)) => error,
            };
            if progress
                .as_ref()
                .is_some_and(|progress| progress.parts.whole() > before)
            {
                pauses = self.client.pauses();
            }
            let Some(pause) = pauses.after(&error) else {
                if matches!(error, HttpError::CircuitOpen { .. }) {
                    self.down.add(&error);
                }
                discard(&mut progress).await?;
                return Ok(Err(failure(&error)));
            };
            self.watch.retry(&error);
            tracing::warn!(%error, ?pause, "going on with a download");
            tokio::time::sleep(pause).await;
            if progress
                .as_ref()
                .is_some_and(|progress| progress.etag.is_none())
            {
                discard(&mut progress).await?;
            }
        }
    }

    /// What an earlier run left of this file.
    async fn left_over(&self) -> Result<Option<Progress>> {
        let Some((partial, mut parts)) = self.slot.partial().await? else {
            return Ok(None);
        };
        // At least one byte has to be left: a request for none is an error.
        if self.file.size.is_some_and(|size| parts * PART >= size) {
            parts = parts.saturating_sub(1);
        }
        if parts == 0 {
            return Ok(None);
        }
        let version = version(Some(&partial.etag));
        let mut hash = self.slot.hash();
        let mut stream = self.slot.read(&version, parts);
        while let Some(piece) = stream.try_next().await? {
            hash.update(piece).await?;
        }
        Ok(Some(Progress {
            parts: Parts::new(self.slot.clone(), version, hash).after(parts),
            etag: Some(partial.etag),
            media_type: partial.media_type,
            page: false,
        }))
    }

    /// Asks for what is not there yet and takes in what comes.
    async fn attempt(&self, progress: &mut Option<Progress>) -> Step<()> {
        let mut response = self.ask(progress.as_ref().and_then(Progress::rest)).await?;
        self.down.remove(response.url());
        self.accept(&response, progress).await?;
        let Some(progress) = progress else {
            return Ok(());
        };
        while let Some(piece) = response.piece().await.map_err(Stop::Broken)? {
            self.watch.came(piece.len());
            progress.parts.push(&piece);
            self.check_size(progress.parts.len())?;
            if progress.parts.is_full() {
                self.look(progress)?;
                progress.parts.flush().await?;
            }
        }
        self.look(progress)?;
        self.check_end(progress)
    }

    async fn ask(&self, rest: Option<(HeaderValue, HeaderValue)>) -> Step<Response> {
        let watch = Arc::clone(self.watch);
        // Slack's hosts lead to others that hold the content; the client's fence knows them.
        let mut request = self
            .client
            .get(self.url.clone())
            .operation("slack.files.download")
            .redirects(Redirects::Anywhere)
            .as_stored()
            .on_retry(move |error| watch.retry(error));
        if let Some(token) = &self.options.token {
            request = request.bearer(token);
        }
        if let Some((range, etag)) = rest {
            request = request.header(RANGE, range).header(IF_RANGE, etag);
        }
        let with_token = self.options.token.is_some();
        let sent = request.send().await;
        sent.map_err(|error| refused(error, &self.url, with_token))
    }

    /// Compares what the answer says of itself with what the export says, and begins anew where
    /// it is not what was left of the file.
    async fn accept(&self, response: &Response, progress: &mut Option<Progress>) -> Step<()> {
        if response.status() == StatusCode::PARTIAL_CONTENT {
            return self.goes_on(response, progress.as_ref());
        }
        discard(progress).await?;
        let media_type = response.header(&CONTENT_TYPE).map(str::to_owned);
        let look = by_type(self.file.media_type.as_deref(), media_type.as_deref());
        let differs = |length: u64| self.file.size.is_some_and(|size| size != length);
        let other_size = response.length().is_some_and(differs);
        match look {
            _ if is_sign_in(response.url()) => return Err(sign_in()),
            Look::SignIn => return Err(sign_in()),
            Look::Page if other_size || self.file.size.is_none() => return Err(sign_in()),
            Look::Other => return Err(self.other_type(media_type.as_deref())),
            Look::Fine | Look::Page => {}
        }
        if let Some(length) = response.length() {
            self.check_size(length)?;
            if differs(length) {
                return Err(self.other_size(length));
            }
        }
        *progress = Some(self.begin(response, media_type, look).await?);
        Ok(())
    }

    async fn begin(
        &self,
        response: &Response,
        media_type: Option<String>,
        look: Look,
    ) -> Result<Progress> {
        let etag = response.header(&ETAG);
        // A weak one does not promise the same bytes (RFC 9110, 8.8.1).
        let etag = etag
            .filter(|etag| !etag.starts_with("W/"))
            .map(str::to_owned);
        let is_small = self.file.size.is_some_and(|size| size <= PART);
        if let (Some(etag), false) = (&etag, is_small) {
            let partial = Partial {
                url: shown(&self.url),
                etag: etag.clone(),
                media_type: media_type.clone(),
            };
            self.slot.begin(&partial).await?;
        }
        let version = version(etag.as_deref());
        Ok(Progress {
            parts: Parts::new(self.slot.clone(), version, self.slot.hash()),
            etag,
            media_type,
            page: look == Look::Page,
        })
    }

    /// Whether the answer begins where the file that is here ends.
    fn goes_on(&self, response: &Response, progress: Option<&Progress>) -> Step<()> {
        let Some(progress) = progress else {
            return Err(Stop::Anew);
        };
        let range = response.header(&CONTENT_RANGE).unwrap_or_default();
        let from = range
            .strip_prefix("bytes ")
            .and_then(|range| range.split('-').next()?.parse::<u64>().ok());
        let etag = response.header(&ETAG);
        let same = etag.is_none_or(|etag| Some(etag) == progress.etag.as_deref());
        match same && from == Some(progress.parts.len()) {
            true => Ok(()),
            false => Err(Stop::Anew),
        }
    }

    fn check_size(&self, length: u64) -> Step<()> {
        if length > self.options.max_size {
            let detail = format!("larger than {} bytes", self.options.max_size);
            return Err(stop(FetchReason::TooLarge, detail));
        }
        match self.file.size {
            Some(size) if length > size => Err(self.other_size(length)),
            _ => Ok(()),
        }
    }

    /// Looks at the first bytes, once they are there.
    fn look(&self, progress: &mut Progress) -> Step<()> {
        let Some(head) = progress.parts.head() else {
            return Ok(());
        };
        match by_content(self.file.media_type.as_deref(), head) {
            Look::SignIn => Err(sign_in()),
            Look::Page if self.file.size.is_none() => Err(sign_in()),
            look => {
                progress.page |= look == Look::Page;
                Ok(())
            }
        }
    }

    fn check_end(&self, progress: &Progress) -> Step<()> {
        match self.file.size {
            Some(size) if size != progress.parts.len() && progress.page => Err(sign_in()),
            Some(size) if size != progress.parts.len() => {
                Err(self.other_size(progress.parts.len()))
            }
            _ => Ok(()),
        }
    }

    async fn finish(&self, progress: Option<Progress>) -> Result<Outcome> {
        let Some(progress) = progress else {
            let detail = "it sends nothing";
            return Ok(Err(FetchFailure::new(FetchReason::HostError, detail)));
        };
        let Progress {
            parts, media_type, ..
        } = progress;
        Ok(Ok(parts.finish(shown(&self.url), media_type).await?))
    }

    fn other_size(&self, length: u64) -> Stop {
        let stated = self.file.size.unwrap_or_default();
        let detail = format!("the export says {stated} bytes, and {length} or more came");
        stop(FetchReason::SizeDiffers, detail)
    }

    fn other_type(&self, served: Option<&str>) -> Stop {
        let (stated, served) = (self.file.media_type.as_deref(), served.unwrap_or_default());
        let stated = stated.unwrap_or_default();
        let detail = format!("the export says {stated}, and {served} came");
        stop(FetchReason::TypeDiffers, detail)
    }
}

/// Forgets what is here of the file, but for whole parts that another run may go on from.
async fn discard(progress: &mut Option<Progress>) -> Result<()> {
    match progress.take() {
        Some(progress) => progress.parts.abort().await,
        None => Ok(()),
    }
}

fn header(text: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(text).ok()
}

/// Slack redirects whom it does not know to the page of the workspace, with the way back.
fn is_sign_in(url: &Url) -> bool {
    url.path().starts_with("/signin") || url.query_pairs().any(|(name, _)| name == "redir")
}

fn sign_in() -> Stop {
    let detail = "a page came instead of the file; most likely one to sign in, because the token \
                  does not open this file";
    stop(FetchReason::SignInPage, detail)
}
