//! How many documents were published.

use serde::Deserialize;
use serde_json::json;

use crate::{
    Result,
    client::{ArtifactId, Workspace},
};

/// What was published in a workspace, by sets that are completed, with or without errors.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Aggregates {
    /// Documents of all sets.
    pub total_published_documents: u64,
    /// Bytes of all sets.
    pub total_published_document_size_in_bytes: f64,
    /// How many sets there are.
    pub total_processing_sets: u64,
    /// The sets of this page.
    pub processing_set_document_info: Vec<SetDocuments>,
}

/// What was published of a set.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
#[non_exhaustive]
pub struct SetDocuments {
    /// The set.
    pub processing_set_id: ArtifactId,
    /// Its name.
    pub processing_set_name: String,
    /// When it was created, without a time zone.
    pub processing_set_date_created: String,
    /// Its documents.
    pub published_document_count: u64,
    /// Their bytes.
    pub published_document_size_in_bytes: f64,
}

/// Which part of the sets is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct AggregatePage {
    /// The number of the page, from 0.
    pub page: u64,
    /// How many sets it has.
    pub size: u64,
    /// By what the sets are sorted.
    pub sort: SortColumn,
    /// Whether the last ones come first.
    pub is_descending: bool,
}

/// By what sets are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum SortColumn {
    /// The name.
    #[default]
    Name,
    /// When they were created.
    Created,
    /// How many documents they have.
    Documents,
    /// How many bytes they have.
    Bytes,
}

impl AggregatePage {
    /// A page, by name.
    pub fn new(page: u64, size: u64) -> Self {
        Self {
            page,
            size,
            sort: SortColumn::default(),
            is_descending: false,
        }
    }

    /// Sorts the sets.
    #[must_use]
    pub fn sorted(mut self, by: SortColumn, is_descending: bool) -> Self {
        (self.sort, self.is_descending) = (by, is_descending);
        self
    }
}

impl SortColumn {
    fn name(self) -> &'static str {
        match self {
            Self::Name => "ProcessingSetName",
            Self::Created => "ProcessingSetDateCreated",
            Self::Documents => "PublishedDocumentCount",
            Self::Bytes => "PublishedDocumentSizeInBytes",
        }
    }
}

impl Workspace {
    /// What was published, set by set. Sets that are still at work are not among them.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn published(&self, page: AggregatePage) -> Result<Aggregates> {
        let name = "count the published documents";
        let newer = self
            .processing_get(name, "processing-sets/documents")
            .query("skip", page.page)
            .query("top", page.size)
            .query("sortColumnName", page.sort.name())
            .query("sortDescending", page.is_descending);
        let older = json!({ "request": {
            "WorkspaceArtifactId": self.id,
            "PageSize": page.size,
            "Page": page.page,
            "SortColumnName": page.sort.name(),
            "SortDescending": page.is_descending,
        } });
        let older = self.older(name, "Processing Set Manager/GetDocumentAggregates", older);
        self.either(newer.read(), older.safe().read()).await
    }

    /// What was published of one set; `None` where it is not completed.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn published_of(&self, set: ArtifactId) -> Result<Option<SetDocuments>> {
        let size = self.relativity.options().page_size.max(1);
        let mut page = AggregatePage::new(0, size).sorted(SortColumn::Created, true);
        loop {
            let found = self.published(page).await?;
            page.page += 1;
            let is_last = page.page.saturating_mul(size) >= found.total_processing_sets;
            let mut sets = found.processing_set_document_info.into_iter();
            match sets.find(|info| info.processing_set_id == set) {
                None if !is_last => {}
                found => return Ok(found),
            }
        }
    }
}
