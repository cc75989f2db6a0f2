//! Writing: to a hidden name, many requests on their way at the same time, and on a new session where one dies.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{FutureExt, StreamExt, future::BoxFuture, stream::FuturesUnordered};
use openssh_sftp_client::{
    UnixTimeStamp,
    file::File,
    metadata::{MetaData, MetaDataBuilder},
};
use rsmf_core::{
    Error, Result,
    integration::{ObjectMeta, PutOptions, StorePath, Summer, Upload},
};
use tokio::{runtime::Handle, time::sleep};

use super::{
    draft::{self, Draft},
    place::Place,
    pool,
    read::seek,
    session::{Lease, Session},
    trouble::{self, Trouble},
};

/// What a request brings: as much as OpenSSH's server takes at once.
const PIECE: usize = 255 * 1024;

/// Bytes on their way.
const ON_THE_WAY: usize = 8 << 20;

/// How often a draft that is kept is synced: nothing is sent of the next step before. So whatever becomes of this
/// machine, the server or the network, all steps are whole but the last one.
pub(super) const STEP: u64 = 64 << 20;

type Written = (u64, trouble::Result<()>);

#[derive(Debug)]
pub(super) struct SftpUpload {
    place: Arc<Place>,
    path: StorePath,
    options: PutOptions,
    draft: Draft,
    lease: Lease,
    file: File,
    /// Pieces that the server has not acknowledged, by where they begin.
    pending: BTreeMap<u64, Bytes>,
    coming: FuturesUnordered<BoxFuture<'static, Written>>,
    /// Where the next byte goes.
    end: u64,
    resumed: u64,
    summer: Option<Summer>,
    /// Sessions that have died since the server last acknowledged something.
    failures: usize,
    is_over: bool,
}

impl SftpUpload {
    pub(super) async fn start(
        place: &Arc<Place>,
        path: &StorePath,
        options: PutOptions,
    ) -> Result<Self> {
        draft::check(place, path, &options)?;
        let begun = draft::begin(place, path, &options).await?;
        let summer = options
            .checksum
            .as_ref()
            .map(|sum| Summer::new(sum.algorithm));
        let mut upload = Self {
            place: Arc::clone(place),
            path: path.clone(),
            draft: begun.draft,
            lease: begun.lease,
            file: begun.file,
            pending: BTreeMap::new(),
            coming: FuturesUnordered::new(),
            end: begun.resumed,
            resumed: begun.resumed,
            summer,
            failures: 0,
            is_over: false,
            options,
        };
        upload.sum_up_former().await?;
        Ok(upload)
    }

    /// Reads what an earlier upload has left, where it has to be summed up.
    async fn sum_up_former(&mut self) -> Result<()> {
        let Some(summer) = &mut self.summer else {
            return Ok(());
        };
        let mut former = super::read::pieces(&self.lease, &self.file, self.resumed);
        while let Some(piece) = former.next().await {
            let failed = |trouble: Trouble| trouble.on("read back", self.place.address(&self.path));
            summer.update(&piece.map_err(failed)?);
        }
        Ok(())
    }

    fn failed(&self, trouble: Trouble) -> Error {
        let attempts = u32::try_from(self.failures)
            .unwrap_or(u32::MAX)
            .saturating_add(1);
        trouble.after("write", self.place.address(&self.path), attempts)
    }

    fn failure(&self) -> rsmf_core::Failure {
        self.place.failure("write", &self.path)
    }

    /// Sends a piece, once there is room for it.
    async fn send(&mut self, piece: Bytes) -> Result<()> {
        while self.on_the_way() > ON_THE_WAY - PIECE {
            self.wait().await?;
        }
        let offset = self.end;
        self.end += piece.len() as u64;
        self.pending.insert(offset, piece.clone());
        self.launch(offset, piece);
        // Requests are sent when they are polled for the first time; what has come back is taken in by the way.
        while let Some(Some(written)) = self.coming.next().now_or_never() {
            self.take_in(written).await?;
        }
        Ok(())
    }

    fn on_the_way(&self) -> usize {
        let first = self.pending.keys().next();
        first.map_or(0, |first| (self.end - first) as usize)
    }

    fn launch(&mut self, offset: u64, piece: Bytes) {
        let written = write(self.lease.session(), self.file.clone(), offset, piece);
        self.coming
            .push(written.map(move |written| (offset, written)).boxed());
    }

    /// Waits for the next acknowledgement.
    async fn wait(&mut self) -> Result<()> {
        match self.coming.next().await {
            Some(written) => self.take_in(written).await,
            None => Ok(()),
        }
    }

    async fn take_in(&mut self, (offset, written): Written) -> Result<()> {
        match written {
            Ok(()) => {
                self.pending.remove(&offset);
                self.failures = 0;
                Ok(())
            }
            Err(trouble) => self.recover(trouble).await,
        }
    }

    /// Goes on in another session with what was not acknowledged. To write the same once more does no harm.
    async fn recover(&mut self, trouble: Trouble) -> Result<()> {
        let pause = pool::pauses(&self.place.config().network).nth(self.failures);
        let Some(pause) = pause.filter(|_| trouble.ends_session()) else {
            return Err(self.failed(trouble));
        };
        tracing::debug!(
            ?trouble,
            at = self.end,
            "writing goes on in another session"
        );
        self.failures += 1;
        self.coming = FuturesUnordered::new();
        sleep(pause).await;
        let acknowledged = self.pending.keys().next().map_or(self.end, |first| *first);
        (self.lease, self.file) =
            draft::reopen(&self.place, &self.path, &self.draft, acknowledged).await?;
        for (offset, piece) in self.pending.clone() {
            self.launch(offset, piece);
        }
        Ok(())
    }

    /// Sees that what was sent is on disk.
    async fn settle(&mut self) -> Result<()> {
        loop {
            self.arrive().await?;
            match self.lease.sync(&self.file).await {
                Ok(()) => return Ok(()),
                Err(trouble) => self.recover(trouble).await?,
            }
        }
    }

    /// Sees that the server has what was sent.
    async fn arrive(&mut self) -> Result<()> {
        while !self.coming.is_empty() {
            self.wait().await?;
        }
        Ok(())
    }

    /// Sees that all is on disk, as it shall be.
    async fn seal(&mut self) -> Result<MetaData> {
        loop {
            self.arrive().await?;
            match self.seal_once().await {
                Ok(found) => return Ok(found),
                Err(trouble) => self.recover(trouble).await?,
            }
        }
    }

    async fn seal_once(&mut self) -> trouble::Result<MetaData> {
        if let Some(time) = self.options.modified.and_then(stamp) {
            let time = MetaDataBuilder::new().time(time, time).create();
            self.lease.ask(self.file.set_metadata(time)).await?;
        }
        self.lease.sync(&self.file).await?;
        self.lease.ask(self.file.metadata()).await
    }

    fn check(&self, found: &MetaData) -> Result<()> {
        let off = |what: String| self.failure().source(what).integrity();
        if let Some(size) = self.options.size.filter(|size| *size != self.end) {
            return Err(off(format!(
                "{} bytes came, and {size} were announced",
                self.end
            )));
        }
        if found.len() != Some(self.end) {
            return Err(off(format!(
                "{} bytes were sent, and the server has {:?}",
                self.end,
                found.len()
            )));
        }
        let sum = self.summer.clone().map(Summer::finish);
        match (sum, &self.options.checksum) {
            (Some(sum), Some(announced)) if sum != *announced => Err(off(format!(
                "it sums up to {sum}, and {announced} was announced"
            ))),
            _ => Ok(()),
        }
    }

    async fn publish(&mut self) -> Result<ObjectMeta> {
        let found = self.seal().await?;
        self.check(&found)?;
        draft::publish(
            &self.place,
            &self.path,
            &self.draft,
            self.options.mode,
            &found,
        )
        .await?;
        self.is_over = true;
        self.sync_name().await?;
        self.place.object("write", &self.path, &found)
    }

    /// Sees that the new name is on disk too. The protocol cannot sync folders, but file systems that keep a journal
    /// write the name of a file by then at the latest that the file itself is synced.
    async fn sync_name(&mut self) -> Result<()> {
        match self.lease.sync(&self.file).await {
            Ok(()) => Ok(()),
            Err(_) => draft::sync_name(&self.place, &self.path).await,
        }
    }
}

impl Drop for SftpUpload {
    fn drop(&mut self) {
        if self.is_over || self.draft.is_kept {
            return;
        }
        // Outside of a runtime, the next lock of the folder clears up.
        if let Ok(runtime) = Handle::try_current() {
            let (place, path, draft) = (
                Arc::clone(&self.place),
                self.path.clone(),
                self.draft.clone(),
            );
            runtime.spawn(async move {
                if let Err(error) = draft.remove(&place, &path).await {
                    tracing::warn!(%error, "an unfinished upload is left behind");
                }
            });
        }
    }
}

#[async_trait]
impl Upload for SftpUpload {
    fn resumed(&self) -> u64 {
        self.resumed
    }

    async fn write(&mut self, mut bytes: Bytes) -> Result<()> {
        let size = self.options.size.unwrap_or(u64::MAX);
        if self.end.saturating_add(bytes.len() as u64) > size {
            return Err(self
                .failure()
                .source(format!(
                    "more than the {size} bytes come that were announced"
                ))
                .integrity());
        }
        while !bytes.is_empty() {
            let left = STEP - self.end % STEP;
            let piece = bytes.split_to(bytes.len().min(PIECE).min(left as usize));
            if let Some(summer) = &mut self.summer {
                summer.update(&piece);
            }
            self.send(piece).await?;
            if self.draft.is_kept && self.end.is_multiple_of(STEP) {
                self.settle().await?;
            }
        }
        Ok(())
    }

    async fn finish(mut self: Box<Self>) -> Result<ObjectMeta> {
        let finished = self.publish().await;
        if finished.is_err() {
            // What is not what it should be is of no use to anybody who would go on with it.
            self.draft.is_kept &= !matches!(finished, Err(Error::Integrity(..)));
        }
        finished
    }

    async fn abort(mut self: Box<Self>) -> Result<()> {
        self.is_over = true;
        self.draft.remove(&self.place, &self.path).await
    }
}

pub(super) async fn write(
    session: Arc<Session>,
    mut file: File,
    offset: u64,
    piece: Bytes,
) -> trouble::Result<()> {
    seek(&mut file, offset).await?;
    session.ask(file.write_all_zero_copy(&mut [piece])).await
}

/// Seconds since 1970, where the protocol can say so.
fn stamp(time: rsmf_core::UtcTime) -> Option<UnixTimeStamp> {
    UnixTimeStamp::from_raw(u32::try_from(time.micros().div_euclid(1_000_000)).ok()?)
}
