//! Workspaces, and where their files lie.

use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use serde::Deserialize;
use serde_json::json;

use super::{
    ArtifactId, Relativity, Workspace,
    objects::{Condition, FieldRef, Named, ObjectType, Query},
};
use crate::Result;

/// What is known of a workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
#[non_exhaustive]
pub struct WorkspaceInfo {
    /// Its number.
    pub artifact_id: ArtifactId,
    /// Its name.
    pub name: String,
    /// For whom it is.
    pub client: Securable,
    /// What it is about.
    pub matter: Securable,
    /// What it works with.
    pub resource_pool: Securable,
    /// Where its files lie.
    pub default_file_repository: Securable,
    /// What state it is in.
    pub status: Named,
}

/// Something with a name that not everybody may see.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Securable {
    /// What it is; empty for those who may not see it.
    pub value: Named,
    /// Whether it is hidden.
    pub secured: bool,
}

/// A share of files that a workspace works with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
#[non_exhaustive]
pub struct FileShare {
    /// Its number.
    pub artifact_id: ArtifactId,
    /// Its name, as a rule the path again.
    pub name: String,
    /// Its path, such as `\\files.t001.example.com\T001\Files\`.
    #[serde(rename = "UNCPath")]
    pub unc_path: String,
}

impl FileShare {
    /// Host and tenant of the share, below which `ProcessingSource` and `StructuredData` lie; `None` for what is no
    /// such path.
    ///
    /// ```
    /// use rsmf_relativity::client::FileShare;
    ///
    /// let mut share = FileShare::default();
    /// share.unc_path = r"\\files.t001.example.com\T001\Files\".to_owned();
    /// assert_eq!(share.root().as_deref(), Some(r"\\files.t001.example.com\T001"));
    /// ```
    pub fn root(&self) -> Option<String> {
        let parts = self.unc_path.trim().strip_prefix(r"\\")?;
        let mut parts = parts.split('\\');
        let (host, tenant) = (parts.next()?, parts.next()?);
        let full = !host.is_empty() && !tenant.is_empty();
        full.then(|| format!(r"\\{host}\{tenant}"))
    }
}

impl Relativity {
    /// The workspaces that we may see, by name, for instance those of a [condition](Condition).
    pub fn workspaces(&self, condition: Option<Condition>) -> BoxStream<'static, Result<Named>> {
        let query = Query::of(ObjectType::named("Workspace"))
            .field(FieldRef::named("Name"))
            .condition(condition)
            .sorted_by(FieldRef::named("Name"));
        let instance = self.workspace(ArtifactId::INSTANCE);
        let found = instance.objects(query);
        found.map_ok(|object| object.named()).boxed()
    }
}

impl Workspace {
    /// What is known of the workspace.
    ///
    /// # Errors
    /// [`NotFound`](rsmf_http::Category::NotFound) where there is none of this number, or whatever stands in the way.
    pub async fn info(&self) -> Result<WorkspaceInfo> {
        let path = format!("relativity-environment/v1/workspace/{}", self.id);
        let call = self.relativity.get("read the workspace", &path);
        call.within(self.id).read().await
    }

    /// The shares of files of the workspace.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn file_shares(&self) -> Result<Vec<FileShare>> {
        let path = "Relativity.Services.Workspace.IWorkspaceModule/Workspace Manager Service\
            /GetAssociatedFileShareResourceServersAsync";
        let call = self.relativity.post("list the file shares", path);
        let body = json!({ "workspace": { "ArtifactId": self.id } });
        call.within(self.id)
            .body(body)
            .safe()
            .read_or_default()
            .await
    }

    /// The paths below which processing finds its files: what data sources may point at.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn source_locations(&self) -> Result<Vec<String>> {
        let path = self.processing_path("data-sources/source-location-paths");
        let call = self.relativity.get("list the source locations", &path);
        call.within(self.id).read_or_default().await
    }
}
