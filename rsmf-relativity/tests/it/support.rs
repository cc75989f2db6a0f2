use std::time::Duration;

use rsmf_core::secret::NoSecrets;
use rsmf_relativity::{
    Relativity, RelativityConfig, Workspace,
    client::{ArtifactId, Auth},
};
use rsmf_simulator::PLANTED;

/// A configuration with a user and a password, and no patience.
pub(crate) fn config(host: &str) -> RelativityConfig {
    let auth = Auth::basic("ada", format!("{PLANTED}password").as_str());
    let mut config = RelativityConfig::new(host.parse().unwrap(), auth);
    config.http.retry_delay = Duration::from_millis(1);
    config.http.max_retry_delay = Duration::from_millis(2);
    config
}

pub(crate) fn connect(config: RelativityConfig) -> Relativity {
    Relativity::connect(config, &NoSecrets).unwrap()
}

pub(crate) fn workspace(host: &str) -> Workspace {
    connect(config(host)).workspace(ArtifactId(7))
}

/// All that an error says, its causes included.
pub(crate) fn told(error: &rsmf_relativity::Error) -> String {
    let mut causes: Vec<String> = vec![format!("{error:?}")];
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        causes.push(error.to_string());
        cause = error.source();
    }
    let told = causes.join("\n");
    assert!(!told.contains(PLANTED), "{told}");
    told
}
