//! What processing found, file by file.

use futures_util::{TryStreamExt, stream::BoxStream};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Expression;
use crate::{
    Result,
    client::{ArtifactId, FileId, Workspace, pages},
};

/// A file that processing found.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DiscoveredFile {
    /// Its number.
    pub processing_file_id: FileId,
    /// Its name.
    pub file_name: String,
    /// The ending of its name.
    pub file_extension: String,
    /// What it turned out to be.
    pub file_type: String,
    /// Its size in bytes.
    pub file_size: i64,
    /// The file out of which it came; 0 for none.
    pub parent_document_id: FileId,
    /// The data source where it was found.
    pub data_source_artifact_id: ArtifactId,
    /// Where it lay, containers included.
    pub virtual_path: String,
    /// Where it lay.
    pub original_path: String,
    /// The SHA-256 of its bytes, in hexadecimal.
    #[serde(rename = "SHA256Hash")]
    pub sha256: String,
    /// Whether it was deleted.
    pub is_deleted: bool,
    /// Whether it became a document, where that is told.
    pub is_published: Option<bool>,
    /// Whether it was only a part of another file.
    pub is_embedded: bool,
    /// Whether nothing can be made of it.
    pub unprocessable: bool,
    /// What went wrong with it.
    pub error_message: String,
    /// Of what kind that is, such as `Environmental`.
    pub error_category: String,
    /// When it went wrong.
    pub error_phase: String,
    /// Whether somebody cares: `Not Resolved`, `Resolving`, `Resolved`, `Ignored`.
    pub error_status: String,
}

/// A part of a list of files.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(try_from = "RawPage")]
#[non_exhaustive]
pub struct DiscoveredPage {
    /// How many files there are in all.
    pub total_count: u64,
    /// Those of this part.
    pub results: Vec<DiscoveredFile>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct RawPage {
    total_count: Option<u64>,
    results: Option<Vec<DiscoveredFile>>,
}

impl TryFrom<RawPage> for DiscoveredPage {
    type Error = &'static str;

    /// What says nothing at all does not say that there are no files.
    fn try_from(raw: RawPage) -> Result<Self, &'static str> {
        if raw.results.is_none() && raw.total_count != Some(0) {
            return Err("it has no files");
        }
        Ok(Self {
            total_count: raw.total_count.unwrap_or_default(),
            results: raw.results.unwrap_or_default(),
        })
    }
}

/// A filter that somebody keeps.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
#[non_exhaustive]
pub struct StoredFilter {
    /// Its number.
    #[serde(rename = "FilterID")]
    pub id: i64,
    /// Its name.
    pub filter_name: String,
    /// Its kind.
    #[serde(rename = "Type")]
    pub kind: String,
}

/// By what files are sorted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SortBy {
    /// A property, such as `FileName`.
    pub property: String,
    /// Whether the last ones come first.
    pub is_descending: bool,
}

impl SortBy {
    /// By a property such as `ProcessingFileId`, the first ones first.
    pub fn new(property: impl Into<String>) -> Self {
        Self {
            property: property.into(),
            is_descending: false,
        }
    }

    fn json(&self) -> Value {
        let order = match self.is_descending {
            true => "Descending",
            false => "Ascending",
        };
        json!({ "Property": self.property, "Order": order })
    }
}

fn request(start: u64, length: u64, expression: &Expression, sort: &[SortBy]) -> Value {
    let sort: Vec<_> = sort.iter().map(SortBy::json).collect();
    json!({ "request": {
        "StartingPointOfResult": start,
        "NumberOfResults": length,
        "Expression": expression.to_string(),
        "SortingOptions": sort,
    } })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct FileIds {
    results: Vec<FileId>,
}

impl Workspace {
    /// A part of the files that processing found, from this place on (the first is 0). Only newer routes have it.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn discovered_page(
        &self,
        start: u64,
        length: u64,
        expression: &Expression,
        sort: &[SortBy],
    ) -> Result<DiscoveredPage> {
        let body = request(start, length, expression, sort);
        self.processing_post("list discovered files", "filters/documents", body)
            .safe()
            .read()
            .await
    }

    /// All files that processing found, in the order of their numbers.
    pub fn discovered(&self, expression: Expression) -> BoxStream<'static, Result<DiscoveredFile>> {
        let workspace = self.clone();
        let size = self.relativity.options().page_size.max(1);
        pages::all(0, size, move |start| {
            let (workspace, expression) = (workspace.clone(), expression.clone());
            async move {
                let sort = [SortBy::new("ProcessingFileId")];
                let page = workspace.discovered_page(start, size, &expression, &sort);
                let page = page.await?;
                Ok((page.results, Some(page.total_count)))
            }
        })
    }

    /// The numbers of the files that processing found, from this place on (the first is 0).
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn discovered_ids(
        &self,
        start: u64,
        length: u64,
        expression: &Expression,
    ) -> Result<Vec<FileId>> {
        let body = request(start, length, expression, &[]);
        let call = self.processing_post("list discovered files", "filters/document-ids", body);
        let found: FileIds = call.safe().read().await?;
        Ok(found.results)
    }

    /// How many files processing found.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn discovered_count(&self, expression: &Expression) -> Result<u64> {
        let page = self.discovered_page(0, 1, expression, &[]).await?;
        Ok(page.total_count)
    }

    /// The filters that somebody keeps.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn stored_filters(&self) -> Result<Vec<StoredFilter>> {
        self.processing_get("list the filters", "filters")
            .read_or_default()
            .await
    }

    /// The files whose processing went wrong, of one data source.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn failed_files(&self, source: ArtifactId) -> Result<Vec<DiscoveredFile>> {
        let of_source = Expression::new("DataSourceArtifactId", "Is", source.0);
        let found = self.discovered(of_source);
        let is_failed =
            |file: &DiscoveredFile| !file.error_message.is_empty() || file.unprocessable;
        let failed = found.try_filter(move |file| std::future::ready(is_failed(file)));
        failed.try_collect().await
    }
}
