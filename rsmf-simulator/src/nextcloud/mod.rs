//! A Nextcloud server, as far as `rsmf` uses one: files by WebDAV with versions, bin, tags and
//! search, uploads in parts, and its own API (OCS).
//!
//! It follows Nextcloud's developer manual (“Client APIs”), and refuses what the real one would refuse.

mod answer;
mod files;
mod kept;
mod ocs;
mod people;
mod request;
mod tags;
mod tree;
mod uploads;
mod world;

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{Router, body::Body, extract::Request, response::Response};
use tokio::{net::TcpListener, task::JoinHandle};

use self::{answer::Answer, request::Asked, world::World};

/// A Nextcloud server on a port of this machine, in the runtime of the test; it ends when it is dropped.
///
/// ```
/// use rsmf_simulator::Nextcloud;
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let server = Nextcloud::start("/nextcloud").await;
/// server.user("ada@example.com", "ada", "pl4nted-s3cret-ada");
/// assert!(server.url().ends_with("/nextcloud/"));
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Nextcloud {
    address: SocketAddr,
    world: Arc<Mutex<World>>,
    task: JoinHandle<io::Result<()>>,
}

impl Nextcloud {
    /// Starts a server without users that begins at this path of its host: `/`, or `/nextcloud`.
    pub async fn start(path: &str) -> Self {
        let server = Self::listen((Ipv4Addr::LOCALHOST, 0).into(), path).await;
        server.expect("a port")
    }

    /// The same at an address of one's own.
    ///
    /// # Errors
    /// Where nothing can listen there.
    pub async fn listen(address: SocketAddr, path: &str) -> io::Result<Self> {
        crate::watch();
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let base = format!("/{}", path.trim_matches('/'));
        let world = Arc::new(Mutex::new(World::new(base.trim_end_matches('/'))));
        let shared = Arc::clone(&world);
        let router = Router::new().fallback(move |request: Request| {
            let world = Arc::clone(&shared);
            async move { answer(&world, request).await }
        });
        let task = tokio::spawn(axum::serve(listener, router).into_future());
        Ok(Self {
            address,
            world,
            task,
        })
    }

    /// Where the server begins, with a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}{}/", self.address, self.world().base)
    }

    /// Adds somebody: by what name one logs in, by what name the files are kept, and the password.
    pub fn user(&self, login: &str, id: &str, password: &str) {
        self.world().add_user(login, id, password);
    }

    /// Lets this user manage others.
    pub fn administrator(&self, id: &str) {
        self.world().administrators.insert(id.to_owned());
    }

    /// Begins or ends to be maintained.
    pub fn maintenance(&self, on: bool) {
        self.world().maintenance = on;
    }

    /// Lets everybody have at most so many bytes.
    pub fn quota(&self, bytes: u64) {
        self.world().quota = Some(bytes);
    }

    /// Gets the next upload wrong by a byte.
    pub fn damage_next(&self) {
        self.world().damage = true;
    }

    /// Does the next `MOVE`, and breaks the connection instead of answering.
    pub fn lose_next_move(&self) {
        self.world().lose_move = true;
    }

    /// Method and path of all requests so far, which are then forgotten.
    pub fn take_seen(&self) -> Vec<String> {
        std::mem::take(&mut self.world().seen)
    }

    fn world(&self) -> MutexGuard<'_, World> {
        lock(&self.world)
    }
}

impl Drop for Nextcloud {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock(world: &Mutex<World>) -> MutexGuard<'_, World> {
    world.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn answer(world: &Mutex<World>, request: Request<Body>) -> Response {
    let Some(asked) = Asked::read(request).await else {
        return Answer::status(400).into_response();
    };
    let answer = lock(world).answer(&asked);
    answer.into_response()
}
