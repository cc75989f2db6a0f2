//! Programs that keep keys and sign with them.

use std::path::{Path, PathBuf};

use russh::keys::agent::client::{AgentClient, AgentStream};

/// A connection to an agent, whatever it goes over.
pub(super) type Agent = AgentClient<Box<dyn AgentStream + Send + Unpin>>;

/// Where an agent is when nothing says where.
pub(super) fn usual_place() -> Option<PathBuf> {
    cfg!(windows).then(|| PathBuf::from(r"\\.\pipe\openssh-ssh-agent"))
}

/// Connects to the agent at a socket.
#[cfg(unix)]
pub(super) async fn connect(place: &Path) -> Result<Agent, russh::keys::Error> {
    Ok(AgentClient::connect_uds(place).await?.dynamic())
}

/// Connects to the agent at a pipe, or to Pageant where there is none.
#[cfg(windows)]
pub(super) async fn connect(place: &Path) -> Result<Agent, russh::keys::Error> {
    match AgentClient::connect_named_pipe(place).await {
        Ok(agent) => Ok(agent.dynamic()),
        Err(_) => Ok(AgentClient::connect_pageant().await?.dynamic()),
    }
}
