//! The viewer of short messages: what it says of RSMF files and of the documents that were made of them (page “Short
//! Message Viewer Manager”).

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use rsmf_http::{Body, Pieces, header::HeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{ArtifactId, Relativity, Workspace, call::Call, relativity::Dated};
use crate::Result;

/// What the service says of an RSMF file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
#[non_exhaustive]
pub struct RsmfVerdict {
    /// The verdict.
    pub status: RsmfStatus,
    /// What is wrong.
    pub errors: Vec<RsmfFinding>,
    /// What may be wrong.
    pub warnings: Vec<RsmfFinding>,
}

/// The verdict on an RSMF file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
#[non_exhaustive]
pub enum RsmfStatus {
    /// All is well.
    Passed,
    /// It cannot be used.
    Failed,
    /// It can be used.
    PassedWithWarnings,
    /// What this version does not know.
    Unknown(String),
    /// Nothing was said.
    #[default]
    Missing,
}

impl From<String> for RsmfStatus {
    fn from(word: String) -> Self {
        match word.to_lowercase().as_str() {
            "" => Self::Missing,
            "passed" => Self::Passed,
            "failed" => Self::Failed,
            "passedwithwarnings" => Self::PassedWithWarnings,
            _ => Self::Unknown(word),
        }
    }
}

/// Something about an RSMF file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
#[non_exhaustive]
pub struct RsmfFinding {
    /// The line, from 1; 0 for none.
    pub line_number: i64,
    /// The place in the line.
    pub line_position: i64,
    /// What it is.
    pub message: String,
    /// More about it.
    pub submessages: Vec<String>,
    /// Its code, such as `ManifestVersion`, where the service tells one.
    pub error_code: String,
}

/// The document that became of an attachment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AttachmentInfo {
    /// The name by which the manifest calls the attachment.
    #[serde(rename = "AttachmentID")]
    pub attachment_id: String,
    /// The document; 0 for none.
    #[serde(rename = "DocumentArtifactID")]
    pub document: ArtifactId,
    /// The file of the document.
    pub file_guid: String,
}

/// Somebody who takes part.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Participant {
    /// The name by which the manifest calls them.
    pub id: String,
    /// How they are shown.
    pub name: String,
    /// Their address.
    pub email: String,
}

impl Participant {
    /// Somebody whom the manifest calls so.
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            ..Self::default()
        }
    }
}

/// Whom the workspace takes somebody for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ParticipantInfo {
    /// The name by which the manifest calls them.
    pub id: String,
    /// The entity of the workspace.
    pub entity_name: String,
    /// Their other names.
    pub aliases: Vec<String>,
    /// Where the entity is shown.
    pub url: String,
}

/// Which messages of a document become documents of their own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Slice {
    /// The events, by their place in the manifest, from 0.
    pub events: Vec<u32>,
    /// Whether attachments become documents as well.
    pub create_attachments: Option<bool>,
    /// Whether those are kept who say nothing in these messages.
    pub preserve_all_participants: Option<bool>,
    /// A number by which the service can tell this from other requests.
    pub correlation_id: Option<Uuid>,
}

impl Slice {
    /// These events.
    pub fn of(events: impl IntoIterator<Item = u32>) -> Self {
        Self {
            events: events.into_iter().collect(),
            ..Self::default()
        }
    }

    fn json(&self) -> Value {
        json!({ "sliceRequest": {
            "EventIndexes": self.events,
            "Options": {
                "CreateAttachments": self.create_attachments,
                "PreserveAllParticipants": self.preserve_all_participants,
            },
            "CorrelationId": self.correlation_id,
        } })
    }
}

/// An RSMF file that is shown to the service.
pub struct RsmfFile {
    name: String,
    size: u64,
    content: Box<dyn Fn() -> Pieces + Send + Sync>,
}

impl std::fmt::Debug for RsmfFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RsmfFile({}, {} bytes)", self.name, self.size)
    }
}

impl RsmfFile {
    /// A file in memory.
    pub fn bytes(name: impl Into<String>, content: impl Into<Bytes>) -> Self {
        let content = content.into();
        let size = content.len() as u64;
        let pieces = move || -> Pieces { stream::iter([Ok(content.clone())]).boxed() };
        Self::stream(name, size, pieces)
    }

    /// A file that is read anew for each attempt; `size` in bytes.
    pub fn stream(
        name: impl Into<String>,
        size: u64,
        content: impl Fn() -> Pieces + Send + Sync + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            size,
            content: Box::new(content),
        }
    }

    /// The file and its name as parts of a form. The second part has an empty name, as the vendor's sample has it.
    fn form(self, boundary: &str) -> Body {
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n",
            quotable(&self.name)
        );
        let name = json!({ "fileName": self.name });
        let tail = format!(
            "\r\n--{boundary}\r\nContent-Disposition: form-data; name=\"\"\r\n\
             Content-Type: application/json\r\n\r\n{name}\r\n--{boundary}--\r\n"
        );
        let (head, tail) = (Bytes::from(head), Bytes::from(tail));
        let length = self.size + head.len() as u64 + tail.len() as u64;
        let content = self.content;
        let pieces = move || -> Pieces {
            let head = stream::iter([Ok(head.clone())]);
            let tail = stream::iter([Ok(tail.clone())]);
            head.chain(content()).chain(tail).boxed()
        };
        Body::again(pieces, Some(length))
    }
}

/// A name that can stand in quotes in a header; the whole one stands in the second part.
fn quotable(name: &str) -> String {
    let usual = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '\\');
    name.chars()
        .map(|c| if usual(c) { c } else { '_' })
        .collect()
}

impl Relativity {
    /// Lets the service look at an RSMF file, before it goes anywhere. Files of more than 1 GB can be too large.
    ///
    /// # Errors
    /// Whatever stands in the way; that the file is wrong is an answer.
    pub async fn validate_rsmf(&self, file: RsmfFile) -> Result<RsmfVerdict> {
        let boundary = format!("rsmf-{}", Uuid::new_v4().simple());
        let media_type = format!("multipart/form-data; boundary={boundary}");
        let call = self.post("validate an RSMF file", &viewer("short-message/validate"));
        let Ok(media_type) = HeaderValue::try_from(media_type) else {
            return call.read().await;
        };
        let body = file.form(&boundary);
        call.upload(media_type, body).safe().read().await
    }

    /// A path of the newer routes of the viewer.
    fn newer_viewer(&self, path: &str) -> String {
        match self.options().short_messages_path.trim_matches('/') {
            "" => format!("v2/{path}"),
            base => format!("{base}/v2/{path}"),
        }
    }
}

/// A path of the viewer, as the pages have it.
fn viewer(path: &str) -> String {
    format!("relativity-documentViewer/v2/{path}")
}

impl Workspace {
    /// The same call by its newer and its older route, which do not agree on `workspace` or `workspaces`.
    fn viewer_paths(&self, path: &str, old_area: &str) -> (String, String) {
        let id = self.id;
        let newer = format!("workspaces/{id}/short-messages/{path}");
        let older = format!("{old_area}/{id}/short-message/{path}");
        (self.relativity.newer_viewer(&newer), viewer(&older))
    }

    fn viewer_gets(&self, name: &'static str, path: &str, old_area: &str) -> (Call, Call) {
        let (newer, older) = self.viewer_paths(path, old_area);
        let get = |path: &str| self.relativity.get(name, path).within(self.id);
        (get(&newer), get(&older))
    }

    fn viewer_posts(
        &self,
        name: &'static str,
        path: &str,
        old_area: &str,
        body: Value,
    ) -> (Call, Call) {
        let (newer, older) = self.viewer_paths(path, old_area);
        let post = |path: &str| {
            let call = self.relativity.post(name, path).within(self.id);
            call.body(body.clone())
        };
        (post(&newer), post(&older))
    }

    /// Lets the service look at the RSMF file of a document.
    ///
    /// # Errors
    /// Whatever stands in the way; that the file is wrong is an answer.
    pub async fn validate_short_message(&self, document: ArtifactId) -> Result<RsmfVerdict> {
        let (name, path) = ("validate a short message", format!("{document}/validate"));
        let (newer, older) = self.viewer_gets(name, &path, "workspaces");
        let (newer, older) = (newer.read(), older.read());
        self.relativity
            .either(Dated::ShortMessages, newer, older)
            .await
    }

    /// The manifest of a document.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn short_message_json(&self, document: ArtifactId) -> Result<Value> {
        let (name, path) = ("read a short message", format!("{document}/message-json"));
        let (newer, older) = self.viewer_gets(name, &path, "workspace");
        let (newer, older) = (newer.json(), older.json());
        self.relativity
            .either(Dated::ShortMessages, newer, older)
            .await
    }

    /// Which documents became of attachments, by the names that the manifest has for them: the proof that they
    /// arrived. Attachments that did not are missing, or have the document 0.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn attachment_info(
        &self,
        document: ArtifactId,
        attachments: &[String],
    ) -> Result<Vec<AttachmentInfo>> {
        let path = format!("{document}/attachment-info");
        let body = json!({ "attachmentIDs": attachments });
        let (newer, older) = self.viewer_posts("look for attachments", &path, "workspace", body);
        let newer = newer.safe().read_or_default();
        let older = older.safe().read_or_default();
        self.relativity
            .either(Dated::ShortMessages, newer, older)
            .await
    }

    /// Whom the workspace takes people for.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn participant_info(&self, people: &[Participant]) -> Result<Vec<ParticipantInfo>> {
        let (name, body) = ("look for people", json!({ "participantRequests": people }));
        let (newer, older) = self.viewer_posts(name, "participant-info", "workspaces", body);
        let newer = newer.safe().read_or_default();
        let older = older.safe().read_or_default();
        self.relativity
            .either(Dated::ShortMessages, newer, older)
            .await
    }

    /// Makes a document of some messages of another one. Only RelativityOne can do it. What it answers is not
    /// described, and given as it is.
    ///
    /// # Errors
    /// Whatever stands in the way. Where that [is uncertain](crate::Error::is_uncertain), look before you try again.
    pub async fn slice_short_message(&self, document: ArtifactId, slice: &Slice) -> Result<Value> {
        let path = format!("workspaces/{}/short-messages/{document}/slice", self.id);
        let post = |path: &str| {
            let call = self.relativity.post("slice a short message", path);
            call.within(self.id).body(slice.json()).json()
        };
        // The pages do not have it at all, so that the older base can only stand before the newer route.
        let newer = post(&self.relativity.newer_viewer(&path));
        let older = post(&viewer(&path));
        self.relativity
            .either(Dated::ShortMessages, newer, older)
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_leave_their_header() {
        assert_eq!(quotable("a\"b\r\nc ä.rsmf"), "a_b__c__.rsmf");
    }

    #[test]
    fn words_that_nobody_knows_are_kept() {
        for (word, status) in [
            ("PASSED", RsmfStatus::Passed),
            ("Failed", RsmfStatus::Failed),
            ("PassedWithWarnings", RsmfStatus::PassedWithWarnings),
            ("Odd", RsmfStatus::Unknown("Odd".to_owned())),
            ("", RsmfStatus::Missing),
        ] {
            assert_eq!(RsmfStatus::from(word.to_owned()), status);
        }
    }
}
