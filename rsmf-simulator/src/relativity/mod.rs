//! RelativityOne, or Relativity Server, as far as `rsmf` uses one.
//!
//! It follows the vendor's documentation, samples and OpenAPI descriptions, refuses what these say is refused, and
//! lists what nobody could confirm. Data lie in folders of this machine that stand for shares, and are really opened.

mod admit;
mod call;
mod control;
mod dispatch;
mod faults;
mod holds;
mod import;
mod instance;
mod knobs;
mod limit;
mod objects;
mod processing;
mod reply;
mod rsmf;
mod serve;
mod short;
mod spec;
mod style;
mod tokens;
mod transfer;
mod unconfirmed;
mod world;

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    sync::{Arc, MutexGuard},
};

use serde_json::Value;
use tokio::{net::TcpListener, task::AbortHandle};

pub use self::{
    faults::RelativityFault,
    knobs::{JobErrorEnd, Nothing, RelativityKnobs, Spelling, TransferWords},
    unconfirmed::UNCONFIRMED,
    world::Seen,
};
use self::{
    serve::Shared,
    world::{World, schema::Kind},
};

/// A Relativity instance on a port of this machine, in the runtime of the test; it ends when it is dropped.
///
/// It has one workspace, [`WORKSPACE`](Self::WORKSPACE), with the profiles `RSMF`, `RSMF auto-publish`, `RSMF dedup`
/// and `No children`. Clients log in as [`CLIENT`](Self::CLIENT), or [`TRANSFER`](Self::TRANSFER) who is no
/// administrator, people as [`PERSON`](Self::PERSON).
///
/// ```
/// use rsmf_simulator::{Relativity, RelativityFault};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let server = Relativity::start().await;
/// server.share(r"\\files\T001\ProcessingSource", std::path::Path::new("/tmp"));
/// server.knobs(|knobs| knobs.submit_gap = 1000);
/// server.fault("set.create", [RelativityFault::Lost]);
/// assert!(server.seen().is_empty());
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Relativity {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: AbortHandle,
}

impl Relativity {
    /// The workspace that is there.
    pub const WORKSPACE: i64 = 1_234_567;
    /// Identifier and secret of a client whose user is an administrator.
    pub const CLIENT: (&'static str, &'static str) = ("rsmf", "pl4nted-s3cret-client");
    /// Those of one whose user is not, and may transfer.
    pub const TRANSFER: (&'static str, &'static str) = ("rsmf-transfer", "pl4nted-s3cret-transfer");
    /// Name and password of somebody, an administrator.
    pub const PERSON: (&'static str, &'static str) = ("ada@example.com", "pl4nted-s3cret-ada");

    /// Starts one.
    pub async fn start() -> Self {
        let server = Self::listen((Ipv4Addr::LOCALHOST, 0).into()).await;
        server.expect("a port")
    }

    /// The same at an address of one's own.
    ///
    /// # Errors
    /// Where nothing can listen there.
    pub async fn listen(address: SocketAddr) -> io::Result<Self> {
        crate::watch();
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let mut world = World {
            url: format!("http://{address}"),
            ..World::default()
        };
        world.add_workspace(Self::WORKSPACE, "Example Workspace");
        world
            .tokens
            .add_client(Self::CLIENT.0, Self::CLIENT.1, true);
        world
            .tokens
            .add_client(Self::TRANSFER.0, Self::TRANSFER.1, false);
        world.tokens.add_person(Self::PERSON.0, Self::PERSON.1);
        let shared = Arc::new(Shared::new(world));
        let accepting = tokio::spawn(serve::accept(listener, Arc::clone(&shared))).abort_handle();
        Ok(Self {
            address,
            shared,
            accepting,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its address, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Adds a workspace like the one that is there.
    pub fn workspace(&self, id: i64, name: &str) {
        self.world().add_workspace(id, name);
    }

    /// Lets a folder of this machine stand for a UNC path. What is mapped below `ProcessingSource` can be processed.
    pub fn share(&self, unc: &str, folder: &Path) {
        self.world().shares.map(unc, folder);
    }

    /// Changes how it behaves.
    pub fn knobs(&self, change: impl FnOnce(&mut RelativityKnobs)) {
        change(&mut self.world().knobs);
    }

    /// Does the next calls of this name wrongly, one after the other; `*` is any call. The names are what
    /// [`seen`](Self::seen) tells.
    pub fn fault(&self, call: &str, faults: impl IntoIterator<Item = RelativityFault>) {
        self.try_fault(call, faults).expect("a call");
    }

    /// The same.
    ///
    /// # Errors
    /// Where there is no such call.
    pub fn try_fault(
        &self,
        call: &str,
        faults: impl IntoIterator<Item = RelativityFault>,
    ) -> Result<(), String> {
        control::order(&mut self.world(), call, faults)
    }

    /// Changes how it behaves as `PATCH /simulator/knobs` does: an object with the names of knobs.
    ///
    /// # Errors
    /// Where there is no such knob, or the value does not fit.
    pub fn turn(&self, change: &Value) -> Result<(), String> {
        control::turn(&mut self.world(), change)
    }

    /// Does no calls wrongly any more.
    pub fn forget_faults(&self) {
        self.world().faults.clear();
    }

    /// Takes no token any more that was given out so far.
    pub fn expire_tokens(&self) {
        self.world().tokens.expire();
    }

    /// All requests so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.world().seen.clone()
    }

    /// How often this call was made.
    pub fn count(&self, call: &str) -> usize {
        self.world()
            .seen
            .iter()
            .filter(|seen| seen.call == call)
            .count()
    }

    /// How much there is of everything; as `GET /simulator/state`.
    pub fn state(&self) -> Value {
        control::state(&self.world())
    }

    /// The documents of a workspace, with what their fields hold, in the order of their numbers.
    pub fn documents(&self, workspace: i64) -> Vec<Value> {
        let world = self.world();
        let workspace = world.workspaces.get(&workspace);
        workspace
            .map(|it| {
                it.all(Kind::Document)
                    .map(|document| it.plainly(document))
                    .collect()
            })
            .unwrap_or_default()
    }

    /// Adds a collection that Collect has made, and says its number: name, status, and whose data, from where, and
    /// how many items of it.
    pub fn collection(&self, name: &str, status: &str, targets: &[(&str, &str, i64)]) -> i64 {
        let targets = targets.iter();
        let targets =
            targets.map(|(who, from, items)| ((*who).to_owned(), (*from).to_owned(), *items));
        self.world().collect(name, status, targets.collect())
    }

    /// Puts somebody on hold in a project of Legal Hold, and says the number of the custodian.
    pub fn hold(&self, project: i64, first: &str, last: &str, email: &str) -> i64 {
        self.world().hold(project, first, last, email)
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.shared.lock()
    }
}

impl Drop for Relativity {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}
