//! The Import Service: load files, and the documents that they name, into a workspace.
//!
//! Jobs and their sources have numbers that whoever asks chooses. A job stands idle until it is
//! [ended](ImportAction::End).

mod envelope;
mod jobs;
mod settings;
mod sources;
mod states;

pub use self::{
    jobs::{ImportAction, ImportDetails, ImportProgress},
    settings::{
        DocumentSettings, FieldMapping, Fields, Folder, Images, LoadFile, Natives, Overlay,
        RdoSettings, RdoType,
    },
    sources::{ErrorDetail, ItemErrorPage, LineErrors, SourceDetails},
    states::{ImportCode, ImportState, NoImportCode, SourceState},
};

use serde_json::Value;
use uuid::Uuid;

use super::{Workspace, call::Call};

impl Workspace {
    fn import_get(&self, name: &'static str, path: &str) -> Call {
        let path = self.import_path(path);
        self.relativity.get(name, &path).within(self.id)
    }

    fn import_post(&self, name: &'static str, path: &str, body: Option<Value>) -> Call {
        let path = self.import_path(path);
        let call = self.relativity.post(name, &path).within(self.id);
        match body {
            Some(body) => call.body(body),
            None => call,
        }
    }

    fn import_path(&self, path: &str) -> String {
        format!(
            "import-service/v1/workspaces/{}/import-jobs/{path}",
            self.id
        )
    }
}

/// Numbers of jobs or sources.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Listed {
    jobs: Vec<Uuid>,
    /// What sources are called is described in two ways.
    sources: Vec<Uuid>,
    total_count: u64,
}
