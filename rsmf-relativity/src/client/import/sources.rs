//! Sources of import jobs: load files, and what became of their lines.

use futures_util::stream::BoxStream;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{ImportProgress, LoadFile, SourceState};
use crate::{
    Result,
    client::{Workspace, pages, wire},
};

/// How a source is.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
#[non_exhaustive]
pub struct SourceDetails {
    /// Its state.
    pub state: SourceState,
    /// The load file.
    pub data_source_settings: LoadFile,
    /// What went wrong with it as a whole, such as a load file that cannot be opened.
    #[serde(deserialize_with = "several")]
    pub job_level_errors: Vec<LineErrors>,
}

/// What went wrong with a line.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
#[non_exhaustive]
pub struct LineErrors {
    /// The line; -1 for the source as a whole.
    pub line_number: i64,
    /// What it is about, where the service tells it.
    pub object_identifier: String,
    /// What went wrong.
    pub error_details: Vec<ErrorDetail>,
}

/// Something that went wrong.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ErrorDetail {
    /// The column; -1 for the line as a whole.
    pub column_index: i64,
    /// The code, such as `S.RD.EXT.0217`: see [`ImportCode`](super::ImportCode).
    pub error_code: String,
    /// What went wrong.
    pub error_message: String,
    /// What it is about.
    pub error_properties: Map<String, Value>,
}

/// A part of what went wrong with lines.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ItemErrorPage {
    /// Lines with errors, in this part.
    pub errors: Vec<LineErrors>,
    /// Lines with errors, in all.
    pub total_count: u64,
    /// Whether there are more.
    pub has_more_records: bool,
}

/// The description has one where samples have a list.
fn several<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<LineErrors>, D::Error> {
    let value = match Value::deserialize(deserializer)? {
        one @ Value::Object(_) => Value::Array(vec![one]),
        list => list,
    };
    wire::read(value).map_err(serde::de::Error::custom)
}

impl Workspace {
    /// Adds a load file to a job, as a source of this number, which whoever asks chooses. It may come before or after
    /// the job begins.
    ///
    /// # Errors
    /// Whatever stands in the way. Where that [is uncertain](crate::Error::is_uncertain),
    /// [look](Self::import_source) whether there is a source of this number.
    pub async fn add_import_source(&self, job: Uuid, source: Uuid, file: &LoadFile) -> Result<()> {
        let path = format!("{job}/sources/{source}");
        let body = json!({ "dataSourceSettings": file });
        let call = self.import_post("add a source to an import", &path, Some(body));
        call.accepted().await
    }

    /// How a source is.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn import_source(&self, job: Uuid, source: Uuid) -> Result<SourceDetails> {
        let path = format!("{job}/sources/{source}/details");
        self.import_get("read a source of an import", &path)
            .value()
            .await
    }

    /// How much of a source is done.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn import_source_progress(&self, job: Uuid, source: Uuid) -> Result<ImportProgress> {
        let path = format!("{job}/sources/{source}/progress");
        let call = self.import_get("read the progress of a source", &path);
        call.value().await
    }

    /// The names of the columns of a source.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn import_source_columns(&self, job: Uuid, source: Uuid) -> Result<Vec<String>> {
        let path = format!("{job}/sources/{source}/columns");
        self.import_get("read the columns of a source", &path)
            .value_or_default()
            .await
    }

    /// The path of a load file with the lines that are errors, where there is one.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn import_error_file(&self, job: Uuid, source: Uuid) -> Result<Option<String>> {
        let path = format!("{job}/sources/{source}/errorloadfile");
        let call = self.import_get("ask for the lines with errors", &path);
        call.value_or_default().await
    }

    /// A part of what went wrong with the lines of a source, from this place on (the first is 0).
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn item_errors_page(
        &self,
        job: Uuid,
        source: Uuid,
        start: u64,
        length: u64,
    ) -> Result<ItemErrorPage> {
        let path = format!("{job}/sources/{source}/itemerrors");
        let call = self.import_get("read the errors of a source", &path);
        let call = call.query("start", start).query("length", length);
        call.value().await
    }

    /// All that went wrong with the lines of a source.
    pub fn item_errors(&self, job: Uuid, source: Uuid) -> BoxStream<'static, Result<LineErrors>> {
        let workspace = self.clone();
        let size = self.relativity.options().page_size.max(1);
        pages::all(0, size, move |start| {
            let workspace = workspace.clone();
            async move {
                let page = workspace.item_errors_page(job, source, start, size).await?;
                let taken = start.saturating_add(page.errors.len() as u64);
                // The service says itself whether there is more; what it counts are lines or errors.
                let total = match page.has_more_records {
                    true => taken.saturating_add(1),
                    false => taken,
                };
                Ok((page.errors, Some(total)))
            }
        })
    }
}
