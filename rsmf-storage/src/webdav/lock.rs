//! Locks of servers that have them (RFC 4918, class 2).

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use rsmf_core::{
    Kind, Result,
    integration::{Lock, StorePath},
};
use rsmf_http::{
    Error as HttpError, Method, Request,
    header::{CONTENT_TYPE, HeaderName, HeaderValue},
};
use tokio::time::sleep;

use super::{
    find::{Depth, XML},
    folders::{beside, parent},
    href, props,
    session::{Session, value},
    xml::lock_info,
};
use crate::{
    names,
    renewed::{Held, Renewed},
};

const LOCK_TOKEN: HeaderName = HeaderName::from_static("lock-token");
const TIMEOUT: HeaderName = HeaderName::from_static("timeout");
const DEPTH: HeaderName = HeaderName::from_static("depth");
const IF: HeaderName = HeaderName::from_static("if");
const DAV: HeaderName = HeaderName::from_static("dav");

/// How long a lock is asked for.
const SPAN: Duration = Duration::from_secs(60);
const ASKED: HeaderValue = HeaderValue::from_static("Second-60");

/// The most bytes of an answer about a lock.
const ANSWER: u64 = 1 << 16;

/// A lock that a server keeps: on a name in the folder that nothing else has, so that nobody is kept from
/// writing there who does not ask.
#[derive(Debug)]
struct DavLock {
    session: Arc<Session>,
    path: StorePath,
    token: String,
    /// Until when the server keeps it if it hears nothing more; `None` where it does not keep it any more.
    until: Mutex<Option<Instant>>,
    span: Duration,
    /// The outermost folder that was made for it.
    made: Option<StorePath>,
}

impl Session {
    /// Whether the server has locks.
    pub(super) async fn has_locks(&self) -> Result<bool> {
        let ask = async || {
            let request = self.http.request(Method::OPTIONS, self.url(&self.home));
            let response = self.send("look at", &self.home, request).await?;
            let classes = response.headers().get_all(DAV).into_iter();
            let mut classes = classes.filter_map(|value| value.to_str().ok());
            Ok(classes.any(|text| text.split(',').any(|class| class.trim() == "2")))
        };
        self.locks.get_or_try_init(ask).await.copied()
    }

    /// Takes the lock of a folder, and removes the drafts in it.
    pub(super) async fn lock(self: &Arc<Self>, folder: &StorePath) -> Result<Box<dyn Lock>> {
        let made = self.make_folder(folder).await?;
        let path = folder.join(names::LOCK)?;
        let (token, span) = self.take_lock(folder, &path).await?;
        let lock = Renewed::new(DavLock {
            session: Arc::clone(self),
            path,
            token,
            until: Mutex::new(Instant::now().checked_add(span)),
            span,
            made,
        });
        match self.sweep(folder).await {
            // Its last holder has removed it just now.
            Err(error) if error.kind() == Kind::NotFound => {
                self.make_folder(folder).await?;
            }
            swept => swept?,
        }
        Ok(Box::new(lock))
    }

    async fn take_lock(&self, folder: &StorePath, path: &StorePath) -> Result<(String, Duration)> {
        let request = self
            .lock_request(path)
            .header(DEPTH, HeaderValue::from_static("0"))
            .header(CONTENT_TYPE, XML)
            .body(lock_info("rsmf"))
            // Apache answers 500 while others open its list of locks. One that was given without our knowing is in
            // nobody's way for longer than it was asked for.
            .safe();
        let sent = {
            let _alone = self.locking.lock().await;
            request.send().await
        };
        let response = match sent {
            Ok(response) => response,
            Err(error) if error.status() == Some(423) => {
                return Err(self
                    .failure("lock", folder)
                    .source("somebody else is writing to it")
                    .advice("if that has died, try again in a minute")
                    .conflict());
            }
            Err(error) => return Err(self.failed("lock", folder, error)),
        };
        let token = response.header(&LOCK_TOKEN).map(str::to_owned);
        let body = response.bytes().await;
        let body = body.map_err(|error| self.failed("lock", folder, error))?;
        match token {
            Some(token) => Ok((token, granted(&body))),
            None => Err(self
                .failure("lock", folder)
                .source("the server names no lock")
                .other()),
        }
    }

    /// Ends a lock, with the object that some servers make for it. Others (Apache) know no such object, and
    /// others again (rclone) keep the lock when it is deleted.
    async fn unlock(&self, path: &StorePath, token: &str) -> Result<()> {
        let condition = value(&format!("({token})"))?;
        let _alone = self.locking.lock().await;
        let delete = self.request("DELETE", self.url(path));
        let deleted = delete.header(IF, condition).send().await;
        let unlock = self.request("UNLOCK", self.url(path)).repeatable();
        let unlocked = unlock.header(LOCK_TOKEN, value(token)?).send().await;
        match (deleted, unlocked) {
            (Err(error), Err(_)) if !matches!(error.status(), Some(404 | 412)) => {
                Err(self.failed("unlock", path, error))
            }
            _ => Ok(()),
        }
    }

    /// Takes the right to give an object its name, and waits for others who have it.
    pub(super) async fn claim(&self, path: &StorePath) -> Result<Claim<'_>> {
        let name = names::kept_draft(path.file_name(), "claim");
        let claim = beside(path, &name)?;
        let end = Instant::now() + SPAN;
        loop {
            match self.take_lock(path, &claim).await {
                Ok((token, _)) => {
                    return Ok(Claim {
                        session: self,
                        path: claim,
                        token,
                    });
                }
                Err(error) if error.kind() == Kind::Conflict && Instant::now() < end => {
                    sleep(Duration::from_millis(fastrand::u64(20..200))).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn lock_request(&self, path: &StorePath) -> Request {
        let request = self.request("LOCK", self.url(path));
        request.header(TIMEOUT, ASKED).limit(ANSWER)
    }

    /// Removes the drafts that lie in a folder: whoever left them is not alive.
    async fn sweep(&self, folder: &StorePath) -> Result<()> {
        let url = self.folder_url(folder);
        let wanted = self.usual();
        let mut answer = self
            .find("list", folder, url, Depth::Children, wanted)
            .await?;
        let mut drafts = Vec::new();
        while let Some(resource) = self.next("list", folder, &mut answer).await? {
            if let Ok(path) = href::below(&self.root, &resource.href)
                && names::is_draft(path.file_name())
                && !props::is_folder(&resource)
            {
                drafts.push(path);
            }
        }
        for draft in drafts {
            match self.remove(&draft, false).await {
                // It is a claim: whoever has it is alive.
                Err(error) if error.kind() == Kind::Conflict => {}
                removed => removed?,
            }
        }
        Ok(())
    }
}

/// The right to give an object its name.
#[derive(Debug)]
pub(super) struct Claim<'a> {
    session: &'a Session,
    path: StorePath,
    token: String,
}

impl Claim<'_> {
    /// Gives it back; where that fails, it ends after a minute.
    pub(super) async fn end(self) {
        if let Err(error) = self.session.unlock(&self.path, &self.token).await {
            tracing::warn!(%error, "a claim was not given back; it runs out by itself");
        }
    }
}

/// For how long a lock was given: the shortest of what is asked for and what the answer says.
fn granted(body: &[u8]) -> Duration {
    let text = String::from_utf8_lossy(body);
    let seconds = text.split("Second-").skip(1).filter_map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_digit());
        let digits = rest.get(..end.unwrap_or(rest.len()))?;
        digits.parse().ok().map(Duration::from_secs)
    });
    seconds.min().unwrap_or(SPAN).min(SPAN)
}

impl DavLock {
    fn set(&self, until: Option<Instant>) {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner) = until;
    }

    fn is_kept(&self) -> bool {
        let until = *self.until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| Instant::now() < until)
    }

    /// What names the lock in a condition.
    fn condition(&self) -> Result<HeaderValue> {
        value(&format!("({})", self.token))
    }

    /// Asks for more time (RFC 4918, 9.10.2). What fails for the moment changes nothing.
    async fn refresh(&self) -> Result<()> {
        let asked = Instant::now();
        let request = self.session.lock_request(&self.path);
        let request = request.header(IF, self.condition()?).repeatable();
        let sent = {
            let _alone = self.session.locking.lock().await;
            request.send().await
        };
        match sent {
            Ok(_) => self.set(asked.checked_add(self.span)),
            Err(error) if is_lost(&error) => self.set(None),
            Err(error) => {
                tracing::warn!(%error, "a lock could not be renewed");
            }
        }
        Ok(())
    }
}

fn is_lost(error: &HttpError) -> bool {
    matches!(error.status(), Some(400 | 403 | 404 | 409 | 412 | 423))
}

#[async_trait]
impl Held for DavLock {
    async fn keep(&self) {
        loop {
            sleep(self.span / 3).await;
            if !self.is_kept() {
                return;
            }
            if let Err(error) = self.refresh().await {
                tracing::warn!(%error, "a lock could not be renewed");
            }
        }
    }

    async fn check(&self) -> Result<()> {
        self.refresh().await?;
        match self.is_kept() {
            true => Ok(()),
            false => Err(self
                .session
                .failure("keep the lock", &self.path)
                .source("it could not be renewed in time, or was taken away")
                .conflict()),
        }
    }

    /// Gives the lock back, with the folders that were made for it where nothing is in them.
    async fn end(&self) -> Result<()> {
        if self.is_kept() {
            self.set(None);
            self.session.unlock(&self.path, &self.token).await?;
        }
        let Some(outermost) = &self.made else {
            return Ok(());
        };
        let mut folder = parent(&self.path)?;
        while folder.is_within(outermost)
            && self.session.remove_empty_folder(&folder).await.is_ok()
            && !folder.is_root()
        {
            folder = parent(&folder)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_that_was_given_counts() {
        let of = |text: &str| granted(text.as_bytes()).as_secs();
        assert_eq!(of("<timeout>Second-20</timeout>"), 20);
        assert_eq!(of("Second-9999 Second-30"), 30);
        assert_eq!(of("<timeout>Infinite</timeout>"), 60);
        assert_eq!(of("Second-"), 60);
    }
}
