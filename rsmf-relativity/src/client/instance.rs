//! The instance itself: its version, its health.

use serde::Deserialize;

use super::Relativity;
use crate::Result;

/// How a service is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Health {
    /// Whether it is well.
    pub is_healthy: bool,
    /// What it says about that.
    pub message: String,
}

impl Relativity {
    /// The version of the instance, such as `24.0.375.2`: the cheapest way to find out whether it is there and lets
    /// us in (`InstanceDetailsService`).
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn version(&self) -> Result<String> {
        let path = "Relativity.Services.InstanceDetails.IInstanceDetailsModule/InstanceDetailsService\
            /GetRelativityVersionAsync";
        self.post("ask for the version", path).safe().read().await
    }

    /// How the Import Service is.
    ///
    /// # Errors
    /// Whatever stands in the way; that it is unwell is an answer.
    pub async fn import_health(&self) -> Result<Health> {
        let path = "import-service/v1/health-check/";
        self.get("ask for the health of the Import Service", path)
            .read()
            .await
    }
}
