//! What the server knows.

pub(super) mod artifact;
pub(super) mod names;
pub(super) mod numbers;
pub(super) mod schema;
pub(super) mod shares;
mod start;
pub(super) mod workspace;

use std::collections::BTreeMap;

use serde_json::Value;

use self::{numbers::Numbers, shares::Shares, workspace::Workspace};
use super::{
    call::Call,
    faults::Faults,
    holds::{Collection, Held},
    knobs::RelativityKnobs,
    limit::Limit,
    processing::state::Phase,
    reply::Refusal,
    tokens::Tokens,
    transfer::Transfer,
};

/// Everything.
#[derive(Debug, Default)]
pub(super) struct World {
    pub(super) knobs: RelativityKnobs,
    pub(super) tokens: Tokens,
    pub(super) limit: Limit,
    pub(super) faults: Faults,
    pub(super) shares: Shares,
    pub(super) workspaces: BTreeMap<i64, Workspace>,
    /// By the GUIDs that clients gave them, in small letters.
    pub(super) transfers: BTreeMap<String, Transfer>,
    pub(super) collections: Vec<Collection>,
    pub(super) held: Vec<Held>,
    pub(super) seen: Vec<Seen>,
    /// What is to be begun as soon as the call is done.
    pub(super) tasks: Vec<Task>,
    pub(super) numbers: Numbers,
    /// Where this server is, without a slash at the end.
    pub(super) url: String,
}

/// A request that came in.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// GET, POST …
    pub method: String,
    /// The path, decoded, and the query as it came.
    pub target: String,
    /// The name of the call, such as `set.create`; empty where there is none.
    pub call: String,
    /// The header `X-Kepler-Referrer`.
    pub referrer: String,
    /// The body, where it is JSON; null otherwise.
    pub body: Value,
    /// The status of the answer; 0 where there was none.
    pub status: u16,
}

/// Work that goes on after the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Task {
    /// A job of a processing set, by its number.
    Process {
        workspace: i64,
        set: i64,
        phase: Phase,
        job: u64,
    },
    Cancel {
        workspace: i64,
        set: i64,
    },
    /// Sources of an import that wait.
    Import {
        workspace: i64,
        job: String,
    },
    /// A transfer that was created.
    Transfer {
        job: String,
    },
}

impl World {
    /// The workspace of a call.
    pub(super) fn workspace(&mut self, call: &Call) -> Result<&mut Workspace, Refusal> {
        let id = call.id("ws")?;
        self.workspace_of(id)
    }

    pub(super) fn workspace_of(&mut self, id: i64) -> Result<&mut Workspace, Refusal> {
        let missing = || Refusal::not_found(&format!("Workspace {id} does not exist."));
        self.workspaces.get_mut(&id).ok_or_else(missing)
    }
}
