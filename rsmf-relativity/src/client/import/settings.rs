//! What a load file holds, and where it goes.

use serde::{Deserialize, Serialize};

use crate::client::ArtifactId;

/// How documents are imported. What is `None` is not done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DocumentSettings {
    /// What becomes of documents that are there already: without it, they are errors.
    pub overlay: Option<Overlay>,
    /// Which files are the documents.
    pub native: Option<Natives>,
    /// Which files are pictures of the documents.
    pub image: Option<Images>,
    /// Which columns go into which fields.
    pub fields: Option<Fields>,
    /// Where documents go.
    pub folder: Option<Folder>,
}

/// How objects are imported that are no documents.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
#[non_exhaustive]
pub struct RdoSettings {
    /// What becomes of objects that are there already: without it, they are errors.
    pub overlay: Option<Overlay>,
    /// Which columns go into which fields.
    pub fields: Option<Fields>,
    /// What they are.
    pub rdo: RdoType,
}

/// What objects are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct RdoType {
    /// The number of their type.
    #[serde(rename = "ArtifactTypeID")]
    pub type_id: ArtifactId,
    /// The column that says what they belong to, from 0.
    #[serde(rename = "ParentColumnIndex")]
    pub parent_column: Option<u32>,
}

/// What becomes of what is there already.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Overlay {
    /// `Overlay`: only what is there is changed; `AppendOverlay`: the rest is created.
    pub mode: String,
    /// The field by which it is found.
    pub key_field: String,
    /// What becomes of fields with several values: `UseRelativityDefaults`, `MergeAll`, `ReplaceAll`.
    pub multi_field_overlay_behaviour: String,
}

/// The columns with the files of documents, from 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Natives {
    /// The one with the path.
    #[serde(rename = "FilePathColumnIndex")]
    pub path_column: Option<u32>,
    /// The one with the name.
    #[serde(rename = "FileNameColumnIndex")]
    pub name_column: Option<u32>,
}

/// How pictures are imported.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Images {
    /// `AutoNumberImages` or `ReadPageIDsFromInput`.
    pub page_numbering: String,
    /// The production that they belong to.
    #[serde(rename = "ProductionID")]
    pub production: Option<ArtifactId>,
    /// Whether their text comes along.
    pub load_extracted_text: bool,
}

/// Which columns go into which fields.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Fields {
    /// One for each field.
    pub field_mappings: Vec<FieldMapping>,
}

/// A column that goes into a field.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct FieldMapping {
    /// The column, from 0.
    #[serde(rename = "ColumnIndex")]
    pub column: u32,
    /// The name of the field.
    #[serde(rename = "Field")]
    pub field: String,
    /// Whether it holds numbers of objects, not their names.
    #[serde(rename = "ContainsID")]
    pub contains_id: bool,
    /// Whether it holds paths of files with what goes into the field.
    #[serde(rename = "ContainsFilePath")]
    pub contains_file_path: bool,
    /// How those files are encoded, such as `utf-8`.
    #[serde(rename = "Encoding", skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// The column with the sizes of those files.
    #[serde(
        rename = "FileSizeColumnIndex",
        skip_serializing_if = "Option::is_none"
    )]
    pub file_size_column: Option<u32>,
}

/// Where documents go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Folder {
    /// The folder that holds all of them.
    #[serde(rename = "RootFolderID")]
    pub root: ArtifactId,
    /// The column with their folders within it, from 0.
    #[serde(rename = "FolderPathColumnIndex")]
    pub path_column: Option<u32>,
}

/// A load file on a share of the instance, and how it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
#[non_exhaustive]
pub struct LoadFile {
    /// Its path on the share.
    pub path: String,
    /// Whether its first line names the columns.
    pub first_line_contains_column_names: bool,
    /// The first line that counts, from 0; 0 as well for all.
    pub start_line: u64,
    /// What stands between columns: U+0014.
    pub column_delimiter: char,
    /// What stands around values: U+00FE.
    pub quote_delimiter: char,
    /// What stands for a line break within a value: U+00AE.
    pub new_line_delimiter: char,
    /// What stands between several values: `;`.
    pub multi_value_delimiter: char,
    /// What stands between a value and those below it: `\`.
    pub nested_value_delimiter: char,
    /// How lines end: `Windows`, `Linux`, `Mac`.
    pub end_of_line: String,
    /// How it is encoded: `utf-8`; `None` for what the service takes for usual.
    pub encoding: Option<String>,
    /// How dates and numbers are written: `en-us`; `None` for a way that belongs to no country.
    pub culture_info: Option<String>,
    /// What it is: `LoadFile` or `Opticon`.
    #[serde(rename = "Type")]
    pub kind: String,
}

impl Default for LoadFile {
    fn default() -> Self {
        Self {
            path: String::new(),
            first_line_contains_column_names: true,
            start_line: 0,
            column_delimiter: '\u{14}',
            quote_delimiter: '\u{fe}',
            new_line_delimiter: '\u{ae}',
            multi_value_delimiter: ';',
            nested_value_delimiter: '\\',
            end_of_line: "Windows".to_owned(),
            encoding: Some("utf-8".to_owned()),
            culture_info: Some("en-us".to_owned()),
            kind: "LoadFile".to_owned(),
        }
    }
}

impl LoadFile {
    /// A load file with the delimiters of Concordance, in UTF-8, whose first line names the columns.
    pub fn concordance(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            ..Self::default()
        }
    }
}

impl FieldMapping {
    /// The column with this number, from 0, goes into this field.
    pub fn new(column: u32, field: impl Into<String>) -> Self {
        Self {
            column,
            field: field.into(),
            ..Self::default()
        }
    }
}

impl DocumentSettings {
    /// New documents: files by their path in a column, and these fields.
    pub fn natives(path_column: u32, fields: impl IntoIterator<Item = FieldMapping>) -> Self {
        let native = Natives {
            path_column: Some(path_column),
            name_column: None,
        };
        Self {
            native: Some(native),
            fields: Some(Fields {
                field_mappings: fields.into_iter().collect(),
            }),
            ..Self::default()
        }
    }
}
