//! Legal Hold: whose data must be kept. Only read.

use futures_util::stream::BoxStream;
use serde::Deserialize;

use super::{ArtifactId, Workspace, call::Call, pages};
use crate::Result;

/// Somebody who has to keep data.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
#[non_exhaustive]
pub struct HeldCustodian {
    /// The project that asks for it.
    #[serde(rename = "ProjectID")]
    pub project: ArtifactId,
    /// The whole name.
    pub full_name: String,
    /// The first name.
    pub first_name: String,
    /// The last name.
    pub last_name: String,
    /// The address.
    pub email_address: String,
    /// The number as an employee.
    pub employee_number: String,
    /// What tells them from others of the name.
    #[serde(rename = "UniqueID")]
    pub unique_id: String,
    /// What they are to the project.
    pub custodian_role: String,
    /// What went wrong with them.
    pub error_message: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Ids {
    #[serde(rename = "ArtifactIDs")]
    ids: Vec<ArtifactId>,
    total_count: u64,
}

impl Workspace {
    /// Everybody who has to keep data now.
    pub fn held_custodians(&self) -> BoxStream<'static, Result<HeldCustodian>> {
        let workspace = self.clone();
        let size = self.relativity.options().page_size.max(1);
        pages::all(0, size, move |start| {
            let path = "custodian-request-manager/ActiveCustodianSummary";
            let call = workspace.hold("list custodians on hold", path);
            let call = call.query("workspaceId", workspace.id);
            let call = call.query("startingIndex", start).query("length", size);
            async move { Ok((call.read_or_default().await?, None)) }
        })
    }

    /// The custodians of a project of Legal Hold.
    pub fn project_custodians(
        &self,
        project: ArtifactId,
    ) -> BoxStream<'static, Result<ArtifactId>> {
        let workspace = self.clone();
        let size = self.relativity.options().page_size.max(1);
        pages::all(0, size, move |start| {
            let path = format!("preservation/{project}/getCustodians");
            let call = workspace.hold("list the custodians of a project", &path);
            let call = call.query("workspaceId", workspace.id);
            let call = call.query("startingIndex", start).query("pageSize", size);
            async move {
                let found: Ids = call.read().await?;
                Ok((found.ids, Some(found.total_count)))
            }
        })
    }

    fn hold(&self, name: &'static str, path: &str) -> Call {
        let base = self.relativity.options().legal_hold_path.trim_matches('/');
        let path = match base {
            "" => path.to_owned(),
            base => format!("{base}/{path}"),
        };
        self.relativity.get(name, &path).within(self.id)
    }
}
