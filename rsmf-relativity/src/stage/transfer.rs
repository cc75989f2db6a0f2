//! The Transfer Service of RelativityOne, which fetches files from a container of one's own.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use rsmf_core::{
    Failure,
    integration::{Grant, PresignOptions, Storage, StorePath},
    secret::{NoSecrets, Secret, SecretSource},
    workers::Workers,
};
use rsmf_http::Url;
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

use super::{Dataset, StageLog, Stager, copy::Copier, in_location, within};
use crate::{
    Error, Result, UncPath, WaitOptions,
    client::{NewTransfer, Relativity, Transfer, TransferPhase, Uuid},
    wait::Pace,
};

/// For how long a store signs.
const VALID_FOR: Duration = Duration::from_secs(7 * 24 * 3600);

/// Gives the address of a folder of a container with a signature that lets its holder read and list it.
#[async_trait]
pub trait SasSource: fmt::Debug + Send + Sync {
    /// The address of `folder`, `https://account.blob.core.windows.net/container/folder?sv=…`, good for as long as the
    /// whole copy may take: the vendor asks for seven days at the least.
    ///
    /// # Errors
    /// Where none can be had.
    async fn address(&self, folder: &StorePath) -> rsmf_core::Result<SecretString>;
}

/// The address of a container with a signature that somebody has made; folders are put into its path.
#[derive(Debug, Clone)]
pub struct GivenSas(SecretString);

impl GivenSas {
    /// Takes the address of the container, with its signature.
    ///
    /// # Errors
    /// Whatever keeps the secret from being had.
    pub fn new(secret: &Secret, source: Option<&dyn SecretSource>) -> rsmf_core::Result<Self> {
        secret.resolve(source.unwrap_or(&NoSecrets)).map(Self)
    }
}

#[async_trait]
impl SasSource for GivenSas {
    async fn address(&self, folder: &StorePath) -> rsmf_core::Result<SecretString> {
        let wrong = || {
            Failure::new("use", "the address of the container")
                .advice("it has to be that of a container with a signature: https://…?sv=…&sig=…")
                .invalid_input()
        };
        let mut url: Url = self.0.expose_secret().parse().map_err(|_| wrong())?;
        if url.query().is_none() {
            return Err(wrong());
        }
        let names = folder.as_str().split('/').filter(|name| !name.is_empty());
        url.path_segments_mut()
            .map_err(|()| wrong())?
            .pop_if_empty()
            .extend(names);
        Ok(String::from(url).into())
    }
}

/// Has the store itself sign the container, for seven days: as long as the vendor asks for, and the longest that Azure
/// gives without the account's key.
#[derive(Debug, Clone)]
pub struct SignedByStore(Arc<dyn Storage>);

impl SignedByStore {
    /// Signs folders of this container.
    pub fn new(container: Arc<dyn Storage>) -> Self {
        Self(container)
    }
}

#[async_trait]
impl SasSource for SignedByStore {
    async fn address(&self, folder: &StorePath) -> rsmf_core::Result<SecretString> {
        let mut options = PresignOptions::new(VALID_FOR);
        options.grant = Grant::ReadAndList;
        Ok(self.0.presign(folder, options).await?.url)
    }
}

/// Puts files into a container of one's own in Azure, and has the Transfer Service fetch them from there.
///
/// The copies in the container are compared by size and SHA-256; of what the service has copied, its numbers
/// must be those of the files. Files in the container are left there.
#[derive(Debug)]
pub struct TransferService {
    relativity: Relativity,
    container: Arc<dyn Storage>,
    root: StorePath,
    sas: Arc<dyn SasSource>,
    location: Option<UncPath>,
    wait: WaitOptions,
    copier: Copier,
}

impl TransferService {
    /// Puts files into folders below `root` of `container`. `sas` gives addresses of folders of the container.
    pub fn new(
        relativity: Relativity,
        container: Arc<dyn Storage>,
        root: StorePath,
        sas: Arc<dyn SasSource>,
        wait: WaitOptions,
        workers: Workers,
    ) -> Self {
        let copier = Copier::new(workers);
        Self {
            relativity,
            container,
            root,
            sas,
            location: None,
            wait,
            copier,
        }
    }

    /// Sets where folders are made, if it is not where the workspace says.
    #[must_use]
    pub fn location(mut self, location: UncPath) -> Self {
        self.location = Some(location);
        self
    }

    /// Creates the job, unless it is there already. Its number is ours, so that a second request makes no second job: one
    /// that is refused may be so since there is the job by now.
    async fn create(
        &self,
        id: Uuid,
        dataset: &Dataset,
        folder: &StorePath,
        maybe_there: bool,
    ) -> Result<()> {
        if maybe_there && self.find(id).await?.is_some() {
            return Ok(());
        }
        let source = self.sas.address(folder).await?;
        let new = NewTransfer::new(id, source, dataset.destination.as_str());
        let Err(error) = self.relativity.create_transfer(&new).await else {
            return Ok(());
        };
        if !(error.is_uncertain() || maybe_there) {
            return Err(error);
        }
        if self.find(id).await?.is_some() {
            return Ok(());
        }
        let Err(error) = self.relativity.create_transfer(&new).await else {
            return Ok(());
        };
        match self.find(id).await? {
            Some(_) => Ok(()),
            None => Err(error),
        }
    }

    async fn find(&self, id: Uuid) -> Result<Option<Transfer>> {
        match self.relativity.transfer(id).await {
            Ok(transfer) => Ok(Some(transfer)),
            Err(error) if error.status() == Some(404) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn follow(&self, id: Uuid, dataset: &Dataset, log: &dyn StageLog) -> Result<()> {
        let until = self.wait.deadline.map(|span| Instant::now() + span);
        let mut pace = Pace::new(&self.wait);
        let (mut bytes, mut unseen) = (0, 0);
        loop {
            // A job that was created just now may not be seen everywhere yet.
            let seen = match self.find(id).await {
                Ok(None) if unseen < self.wait.grace_looks => {
                    unseen += 1;
                    None
                }
                Ok(None) => return Err(vanished(id, dataset)),
                Ok(Some(seen)) => pace.forgive(Ok(seen))?,
                Err(error) => pace.forgive(Err(error))?,
            };
            if let Some(seen) = seen {
                let now = seen.transfer_statistics.successful_bytes;
                if now > bytes {
                    log.bytes(now - bytes);
                    bytes = now;
                    pace.restart();
                }
                if let Some(ended) = self.judge(&seen, dataset) {
                    return ended.map(|()| log.note(&counted(&seen)));
                }
            }
            if !pace.pause(until).await {
                return Err(failed(
                    dataset,
                    "it is still under way, and the time to wait is over",
                )
                .advice("run the same command again to go on waiting")
                .timed_out()
                .into());
            }
        }
    }

    /// What a look means, where it is the last one. Words alone never make a transfer complete, and where they say
    /// nothing, the numbers do.
    fn judge(&self, seen: &Transfer, dataset: &Dataset) -> Option<Result<()>> {
        let (files, bytes) = (dataset.files.len() as u64, dataset.bytes());
        let (got, found) = (seen.transfer_statistics, &seen.enumeration_statistics);
        let is_whole = seen.is_whole(files, bytes) && got.skipped_files == 0;
        let tried = got.successful_files + got.failed_files + got.skipped_files;
        let all_tried = found.total_files >= files && tried >= found.total_files;
        let phase = seen.phase(self.relativity.transfer_words());
        match (phase, is_whole) {
            (TransferPhase::Completed, true) => Some(Ok(())),
            (TransferPhase::Running, true) if all_tried => Some(Ok(())),
            (TransferPhase::Running, _) if !(all_tried && got.failed_files > 0) => None,
            _ => Some(Err(short(seen, dataset))),
        }
    }
}

fn failed(dataset: &Dataset, why: impl Into<String>) -> Failure {
    Failure::new("transfer files to", dataset.destination.to_string()).source(why.into())
}

fn vanished(id: Uuid, dataset: &Dataset) -> Error {
    let failure = failed(
        dataset,
        format!("the Transfer Service does not know the job {id}"),
    );
    let advice =
        "run the same command again: it looks for the job, and creates it where there is none";
    failure.advice(advice).not_found().into()
}

/// What the service says that it has copied, which is as much as was sent.
fn counted(seen: &Transfer) -> String {
    let got = seen.transfer_statistics;
    let (files, bytes) = (got.successful_files, got.successful_bytes);
    format!("the Transfer Service counts {files} files and {bytes} bytes, as were sent")
}

fn short(seen: &Transfer, dataset: &Dataset) -> Error {
    let got = seen.transfer_statistics;
    let why = format!(
        "the Transfer Service says “{}”: {} of {} files are there, {} failed, {} were left out {}",
        seen.transfer_status,
        got.successful_files,
        dataset.files.len(),
        got.failed_files,
        got.skipped_files,
        seen.enumeration_statistics.error
    );
    let failure = failed(dataset, why.trim_end());
    let failure = failure.advice(
        "upload with another --name, into a fresh folder, once what stood in the way is mended",
    );
    failure.other().into()
}

#[async_trait]
impl Stager for TransferService {
    fn name(&self) -> &'static str {
        "the Transfer Service"
    }

    fn place(&self) -> String {
        let container = &self.container.info().name;
        let location = in_location(self.location.as_ref());
        format!("{} from {container} {}{location}", self.name(), self.root)
    }

    fn destination(&self, location: Option<&UncPath>, folder: &str) -> Result<UncPath> {
        within(self.location.as_ref().or(location), folder)
    }

    async fn check(&self, _: &UncPath) -> Result<()> {
        self.relativity.check_transfer().await
    }

    async fn stage(&self, dataset: &Dataset, log: &dyn StageLog) -> Result<()> {
        let earlier = log.transfer();
        let text = earlier.as_deref().unwrap_or(&dataset.id);
        let id = Uuid::try_parse(text).map_err(|error| {
            Failure::new("use", format!("{text:?} as the number of a transfer"))
                .source(error)
                .invalid_input()
        })?;
        let folder = self.root.join(dataset.destination.name())?;
        self.copier
            .copy_all(dataset, self.container.as_ref(), &folder, log)
            .await?;
        log.transferring(text).await?;
        self.create(id, dataset, &folder, earlier.is_some()).await?;
        self.follow(id, dataset, log).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn folders_come_before_the_signature() {
        let address = "https://acme.blob.core.windows.net/staging?sv=1&sig=hush";
        let sas = GivenSas::new(&Secret::from(address), None).unwrap();
        let folder = StorePath::new("in/run 42").unwrap();
        let found = sas.address(&folder).await.unwrap();
        assert_eq!(
            found.expose_secret(),
            "https://acme.blob.core.windows.net/staging/in/run%2042?sv=1&sig=hush"
        );
        for wrong in [
            "https://acme.blob.core.windows.net/staging",
            "no address hush",
        ] {
            let sas = GivenSas::new(&Secret::from(wrong), None).unwrap();
            let error = sas.address(&folder).await.unwrap_err();
            assert!(!format!("{error:?}").contains("hush"));
        }
    }
}
