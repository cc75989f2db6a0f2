//! Data sources: where the files of a processing set lie, and whose they are.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    Result,
    client::{
        ArtifactId, Workspace, guids,
        objects::{Condition, Named, ObjectType},
    },
};

/// A data source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DataSource {
    /// Its number; 0 for one that is still to be created.
    pub id: ArtifactId,
    /// Its name.
    pub name: String,
    /// The set that it belongs to.
    pub set: ArtifactId,
    /// Whose data it is.
    pub custodian: ArtifactId,
    /// The folder where its documents go.
    pub folder: ArtifactId,
    /// The time zone of its documents.
    pub time_zone: ArtifactId,
    /// What stands before the numbers of its documents, such as `REL`.
    pub document_numbering_prefix: String,
    /// Where its files lie: a folder or a file, below one of the [source
    /// locations](Workspace::source_locations).
    pub input_path: String,
    /// The languages in which text is looked for in pictures, such as `English`.
    pub ocr_languages: Vec<String>,
    /// Its place among the others of the set.
    pub order: i64,
    /// The number of its first document, where the profile lets it be chosen.
    pub start_number: Option<i64>,
}

/// Whether a data source may be deleted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Deletable {
    /// Whether it may.
    pub can_delete: bool,
    /// Why not.
    pub reasons: Vec<String>,
}

/// What a profile proposes for its data sources.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ProfilePresets {
    /// The languages in which text is looked for in pictures.
    pub ocr_languages: Vec<String>,
    /// The time zone of its documents.
    pub time_zone: ArtifactId,
    /// What stands before the numbers of documents.
    pub document_numbering_prefix: String,
    /// The folder where documents go.
    pub default_destination_folder: ArtifactId,
    /// How documents are numbered.
    pub numbering_type: String,
    /// The number of the first document.
    pub default_start_number: Option<i64>,
}

/// As the services give it.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default, rename_all = "PascalCase")]
struct Raw {
    #[serde(rename = "ProcessingDataSourceID", skip_serializing)]
    id: ArtifactId,
    #[serde(rename = "ArtifactID", skip_serializing)]
    old_id: ArtifactId,
    name: String,
    #[serde(skip_serializing)]
    processing_set: RawSet,
    custodian: ArtifactId,
    destination_folder: ArtifactId,
    time_zone: ArtifactId,
    document_numbering_prefix: String,
    input_path: String,
    ocr_languages: Vec<String>,
    order: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_number: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_start_number_visible: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RawSet {
    #[serde(rename = "ProcessingSetID")]
    id: ArtifactId,
    #[serde(rename = "ArtifactID")]
    old_id: ArtifactId,
}

impl From<Raw> for DataSource {
    fn from(raw: Raw) -> Self {
        Self {
            id: raw.id.max(raw.old_id),
            name: raw.name,
            set: raw.processing_set.id.max(raw.processing_set.old_id),
            custodian: raw.custodian,
            folder: raw.destination_folder,
            time_zone: raw.time_zone,
            document_numbering_prefix: raw.document_numbering_prefix,
            input_path: raw.input_path,
            ocr_languages: raw.ocr_languages,
            order: raw.order,
            start_number: raw.start_number,
        }
    }
}

impl DataSource {
    /// A data source of a set: where its files lie, and whose they are. Folder and time zone are still to be set.
    pub fn new(
        name: impl Into<String>,
        set: ArtifactId,
        custodian: ArtifactId,
        input_path: impl Into<String>,
    ) -> Self {
        Self {
            name: name.into(),
            set,
            custodian,
            input_path: input_path.into(),
            ocr_languages: vec!["English".to_owned()],
            ..Self::default()
        }
    }

    /// All but the numbers, which the routes name differently.
    fn raw(&self) -> Value {
        json!(Raw {
            name: self.name.clone(),
            custodian: self.custodian,
            destination_folder: self.folder,
            time_zone: self.time_zone,
            document_numbering_prefix: self.document_numbering_prefix.clone(),
            input_path: self.input_path.clone(),
            ocr_languages: self.ocr_languages.clone(),
            order: self.order,
            start_number: self.start_number,
            // The service refuses the number where it is not said to be seen.
            is_start_number_visible: self.start_number.map(|_| true),
            ..Raw::default()
        })
    }

    fn newer(&self, id: ArtifactId) -> Value {
        let set = json!({ "ProcessingSetID": self.set });
        json!({ "processingDataSource": self.with(set, "ProcessingDataSourceID", id) })
    }

    fn older(&self, workspace: ArtifactId, id: ArtifactId) -> Value {
        let set = json!({ "ArtifactID": self.set });
        let source = self.with(set, "ArtifactID", id);
        json!({ "processingDataSource": source, "workspaceArtifactId": workspace })
    }

    fn with(&self, set: Value, key: &str, id: ArtifactId) -> Value {
        let mut raw = self.raw();
        if let Some(entries) = raw.as_object_mut() {
            entries.insert("ProcessingSet".to_owned(), set);
            entries.insert(key.to_owned(), json!(id));
        }
        raw
    }
}

/// The method of the older routes that creates and changes.
const SAVE: &str = "Processing Data Source Manager/SaveAsync";

impl Workspace {
    /// Creates a data source, and gives its number. The service creates another one each time: the
    /// [summary](Self::processing_summary) of the set names those that are there.
    ///
    /// # Errors
    /// Whatever stands in the way: the path lies below no source location, the set was cancelled, discovered, or
    /// has a job. Where that [is uncertain](crate::Error::is_uncertain), look before you try again.
    pub async fn create_data_source(&self, source: &DataSource) -> Result<ArtifactId> {
        let (name, none) = ("create a data source", ArtifactId(0));
        let older = (SAVE, source.older(self.id, none));
        self.create_either(name, "data-sources", source.newer(none), older)
            .await
    }

    /// Reads a data source.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn data_source(&self, id: ArtifactId) -> Result<DataSource> {
        let (name, path) = ("read a data source", format!("data-sources/{id}"));
        let older = json!({ "ArtifactId": id, "workspaceArtifactId": self.id });
        let older = ("Processing Data Source Manager/ReadAsync", older);
        let raw: Raw = self.read_either(name, &path, older).await?;
        Ok(raw.into())
    }

    /// Changes a data source to this. Once the set is discovered, little may be changed.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn update_data_source(&self, id: ArtifactId, source: &DataSource) -> Result<()> {
        let (name, path) = ("update a data source", format!("data-sources/{id}"));
        let older = (SAVE, source.older(self.id, id));
        self.change_either(name, &path, source.newer(id), older)
            .await
    }

    /// Whether a data source may be deleted, and why not.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn data_source_deletable(&self, id: ArtifactId) -> Result<Deletable> {
        let name = "ask whether a data source may be deleted";
        let newer = self.processing_get(name, &format!("data-sources/{id}/delete-validation"));
        let older = format!("processing-data-sources/{id}/validate-delete");
        let older = self.older_read(name, &older);
        self.either(newer.read(), older).await
    }

    /// The data sources of this name.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn find_data_sources(&self, name: &str) -> Result<Vec<Named>> {
        let sources = ObjectType::guid(guids::DATA_SOURCE);
        let condition = Condition::equals("Name", name);
        self.named(sources, Some(condition)).await
    }

    /// What a profile proposes for data sources.
    ///
    /// # Errors
    /// Whatever stands in the way; the older routes have no such thing.
    pub async fn profile_presets(&self, profile: ArtifactId) -> Result<ProfilePresets> {
        let path = format!("data-sources/profile-presets/{profile}");
        self.processing_get("read the presets of a profile", &path)
            .read()
            .await
    }
}
