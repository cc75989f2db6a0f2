//! The Transfer Service, which fetches files from a container of one's own.
//!
//! Its routes and fields are those of RelativityOne's description. What words stand in a status is published nowhere:
//! see [`TransferWords`].

use std::{collections::BTreeMap, error::Error as StdError};

use rsmf_core::Failure;
use rsmf_http::{Category, Error as HttpError, Method, Outgoing, SecretString, header::HeaderMap};
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Relativity, TransferWords};
use crate::{Result, client::refusal::tidy};

/// What shall be copied where.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct NewTransfer {
    /// The number of the job, which whoever asks chooses: asking twice with the same one makes no second job.
    pub id: Uuid,
    /// The address of the container or folder, with a signature that lets one read and list it until the end of the
    /// job; the service advises seven days.
    pub source: SecretString,
    /// The folder of the instance, as a path of Windows, below `ProcessingSource` or `StructuredData`.
    pub destination: String,
    /// What people call it.
    pub tags: BTreeMap<String, String>,
}

impl NewTransfer {
    /// A job of this number.
    pub fn new(id: Uuid, source: impl Into<SecretString>, destination: impl Into<String>) -> Self {
        Self {
            id,
            source: source.into(),
            destination: destination.into(),
            tags: BTreeMap::new(),
        }
    }
}

/// How far a transfer is.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[non_exhaustive]
pub struct Transfer {
    /// Its number.
    #[serde(rename = "transferJobID")]
    pub id: String,
    /// Its status, in the service's own words.
    pub transfer_status: String,
    /// What the service calls such a job.
    pub transfer_type: String,
    /// Where its files lie, without the signature.
    #[serde(deserialize_with = "unsigned")]
    pub source_full_path: String,
    /// Where they go.
    pub destination_full_path: String,
    /// What became of the files so far.
    pub transfer_statistics: TransferStatistics,
    /// How many files there are.
    pub enumeration_statistics: EnumerationStatistics,
    /// How long it will take, in the service's own form.
    pub eta: Value,
}

/// What became of files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[non_exhaustive]
pub struct TransferStatistics {
    /// Files that are there.
    pub successful_files: u64,
    /// Files that could not be copied.
    pub failed_files: u64,
    /// Files that were left out.
    pub skipped_files: u64,
    /// Bytes that are there.
    pub successful_bytes: u64,
    /// Bytes that could not be copied.
    pub failed_bytes: u64,
    /// Bytes that were left out.
    pub skipped_bytes: u64,
}

/// How many files there are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[non_exhaustive]
pub struct EnumerationStatistics {
    /// Files that were found.
    pub total_files: u64,
    /// Their bytes.
    pub total_size: u64,
    /// How far the listing is, in the service's own words.
    pub status: String,
    /// Why they could not be listed, without signatures.
    #[serde(deserialize_with = "unsigned")]
    pub error: String,
}

/// How a transfer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransferPhase {
    /// Under way, or nobody knows.
    Running,
    /// At its end; whether all files are there, the statistics tell.
    Completed,
    /// Ended without.
    Failed,
    /// Stopped by somebody.
    Cancelled,
}

impl Transfer {
    /// How it stands, by the words of its status: what holds none of them is still running.
    pub fn phase(&self, words: &TransferWords) -> TransferPhase {
        let status = self.transfer_status.to_lowercase();
        let says = |parts: &[String]| {
            let mut parts = parts.iter().filter(|part| !part.is_empty());
            parts.any(|part| status.contains(&part.to_lowercase()))
        };
        // “Completed with failures” is at its end; the statistics tell the failures.
        match () {
            () if says(&words.cancelled) => TransferPhase::Cancelled,
            () if says(&words.completed) => TransferPhase::Completed,
            () if says(&words.failed) => TransferPhase::Failed,
            () => TransferPhase::Running,
        }
    }

    /// Whether so many files of so many bytes were copied, and none failed.
    pub fn is_whole(&self, files: u64, bytes: u64) -> bool {
        let got = self.transfer_statistics;
        got.failed_files == 0 && (got.successful_files, got.successful_bytes) == (files, bytes)
    }
}

/// The request for a token that failed, where that is why there is none.
fn asked<'e>(cause: &'e (dyn StdError + 'static)) -> Option<&'e HttpError> {
    let mut causes = std::iter::successors(Some(cause), |cause| (*cause).source());
    causes.find_map(|cause| cause.downcast_ref())
}

/// Text without the signatures of addresses in it.
fn unsigned<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    Ok(tidy(&text))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Control {
    #[serde(default)]
    sas_url: Option<SecretString>,
}

impl Relativity {
    /// Gets the credentials for transfers, without asking the Transfer Service for anything: a token, where it wants one.
    ///
    /// # Errors
    /// Where they are refused, or cannot be had. A password is only tried by a request, so that it is not refused here.
    pub async fn check_transfer(&self) -> Result<()> {
        let mut headers = HeaderMap::new();
        let mut request = Outgoing::new(&Method::GET, &self.inner.transfer, &mut headers);
        let Err(cause) = self.inner.transfer_auth.apply(&mut request).await else {
            return Ok(());
        };
        let (category, delay) = asked(&*cause).map_or((Category::Authentication, None), |error| {
            (error.category(), error.retry_after())
        });
        let failure = Failure::new("use", "the credentials for transfers").source(cause);
        let failure = failure.advice(
            "look at transfer.auth of the connection; without it, the usual ones are taken",
        );
        Err(category.failure(failure, delay).into())
    }

    /// Whether transfers have credentials of their own.
    pub fn has_transfer_credentials(&self) -> bool {
        self.inner.transfer_config.auth.is_some()
    }

    /// Starts a transfer.
    ///
    /// # Errors
    /// Whatever stands in the way: the signature does not let the service read and list, the folder is none that may
    /// be written to. Where that [is uncertain](crate::Error::is_uncertain), [look](Self::transfer) whether there is
    /// a job of this number.
    pub async fn create_transfer(&self, transfer: &NewTransfer) -> Result<()> {
        let mut body = json!({
            "transferJobID": transfer.id,
            "sourcePath": transfer.source.expose_secret(),
            "destinationPath": transfer.destination,
            "tags": transfer.tags,
        });
        let kind = self.inner.transfer_config.kind.as_ref();
        if let (Some(kind), Some(entries)) = (kind, body.as_object_mut()) {
            entries.insert("transferType".to_owned(), json!(kind));
        }
        let name = "start a transfer";
        let call = self.transfer_call(name, Method::POST, "v2/transfer/jobs");
        call.body(body).done().await
    }

    /// How far a transfer is.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn transfer(&self, id: Uuid) -> Result<Transfer> {
        let path = format!("v2/transfer/jobs/{id}");
        let call = self.transfer_call("ask for a transfer", Method::GET, &path);
        call.read().await
    }

    /// Stops a transfer.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn cancel_transfer(&self, id: Uuid) -> Result<()> {
        let path = format!("v2/transfer/jobs/{id}");
        let call = self.transfer_call("stop a transfer", Method::DELETE, &path);
        call.done().await
    }

    /// Where the lists of what was and was not copied lie, with a signature that lets one read them; `None` where
    /// there are none.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn transfer_control(&self, id: Uuid) -> Result<Option<SecretString>> {
        let path = format!("v2/transfer/jobs/{id}/qc");
        let call = self.transfer_call(
            "ask for the control files of a transfer",
            Method::GET,
            &path,
        );
        let control: Control = call.read().await?;
        Ok(control.sas_url)
    }

    /// By which words the status of a transfer is understood.
    pub fn transfer_words(&self) -> &TransferWords {
        &self.inner.transfer_config.words
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::wire;

    #[test]
    fn a_status_is_understood_by_its_words() {
        let words = TransferWords::default();
        for (status, phase) in [
            ("Completed", TransferPhase::Completed),
            ("COMPLETEDWITHWARNINGS", TransferPhase::Completed),
            ("Completed with failures", TransferPhase::Completed),
            ("Failed", TransferPhase::Failed),
            ("Canceled", TransferPhase::Cancelled),
            ("Cancelling", TransferPhase::Cancelled),
            ("Frobnicating", TransferPhase::Running),
            ("", TransferPhase::Running),
        ] {
            let transfer: Transfer = wire::read(json!({ "TransferStatus": status })).unwrap();
            assert_eq!(transfer.phase(&words), phase, "{status}");
        }
    }

    #[test]
    fn no_signature_is_kept() {
        let transfer: Transfer = wire::read(json!({
            "sourceFullPath": "https://a.example/b?sig=hush",
            "enumerationStatistics": {"error": "no https://a.example/b?sig=hush", "totalFiles": "3"},
            "transferStatistics": {"successfulFiles": 3, "successfulBytes": 9},
        }))
        .unwrap();
        assert!(!format!("{transfer:?}").contains("hush"));
        assert_eq!(transfer.enumeration_statistics.total_files, 3);
        assert!(transfer.is_whole(3, 9) && !transfer.is_whole(3, 8));
    }
}
