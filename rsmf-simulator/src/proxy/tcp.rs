use std::{
    collections::VecDeque,
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::{AbortHandle, JoinSet},
};

/// Which way bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Toward {
    /// From the client.
    Server,
    /// From the server.
    Client,
}

/// How a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breaking {
    /// It is closed in good order.
    Close,
    /// It is reset.
    Reset,
    /// It stays open, and nothing moves any more.
    Stall,
}

/// When and how a connection breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Break {
    /// Which bytes count.
    pub toward: Toward,
    /// How many of them still pass. The break comes with the next one: of no bytes toward the client, a
    /// request goes through and its answer is lost.
    pub after: u64,
    /// How it ends.
    pub how: Breaking,
}

/// Passes connections on to a server as they are, of whatever protocol, but for those that it is told to
/// break. Dropping it closes everything.
///
/// ```
/// use rsmf_simulator::{Break, Breaking, FaultProxy, FaultServer, Toward};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let server = FaultServer::start().await;
/// let proxy = FaultProxy::start(server.address()).await;
/// proxy.next([Break { toward: Toward::Server, after: 100, how: Breaking::Reset }]);
/// assert_ne!(proxy.address(), server.address());
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct FaultProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: AbortHandle,
}

#[derive(Debug, Default)]
struct Shared {
    next: Mutex<VecDeque<Break>>,
    drip: Mutex<Option<(usize, Duration)>>,
    sent: AtomicU64,
    received: AtomicU64,
    connections: AtomicUsize,
}

impl FaultProxy {
    /// Starts one in front of a server.
    pub async fn start(server: SocketAddr) -> Self {
        let proxy = Self::listen((Ipv4Addr::LOCALHOST, 0).into(), server).await;
        proxy.expect("a port of this machine")
    }

    /// Starts one at an address of one's own.
    ///
    /// # Errors
    /// Where nothing can listen there.
    pub async fn listen(address: SocketAddr, server: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let shared = Arc::new(Shared::default());
        let address = listener.local_addr()?;
        let task = tokio::spawn(accept(listener, server, Arc::clone(&shared)));
        Ok(Self {
            address,
            shared,
            accepting: task.abort_handle(),
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Breaks the next connections so, one after the other.
    pub fn next(&self, breaks: impl IntoIterator<Item = Break>) {
        lock(&self.shared.next).extend(breaks);
    }

    /// Passes so many bytes at a time from now on, with this pause before each piece.
    pub fn drip(&self, size: usize, pause: Duration) {
        *lock(&self.shared.drip) = Some((size.max(1), pause));
    }

    /// How many bytes the server was sent so far.
    pub fn sent(&self) -> u64 {
        self.shared.sent.load(Ordering::SeqCst)
    }

    /// How many bytes the client was sent so far.
    pub fn received(&self) -> u64 {
        self.shared.received.load(Ordering::SeqCst)
    }

    /// How many connections were made so far.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes connections until it is aborted, and then ends them all.
async fn accept(listener: TcpListener, server: SocketAddr, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        shared.connections.fetch_add(1, Ordering::SeqCst);
        let shared = Arc::clone(&shared);
        connections.spawn(async move {
            // Connections that break are what it is for.
            let _ = connection(client, server, &shared).await;
        });
    }
}

async fn connection(mut client: TcpStream, server: SocketAddr, shared: &Shared) -> io::Result<()> {
    let mut server = TcpStream::connect(server).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let fault = lock(&shared.next).pop_front();
    let limit = |toward| {
        fault
            .filter(|fault| fault.toward == toward)
            .map(|fault| fault.after)
    };
    let broke = {
        let (from_client, to_client) = client.split();
        let (from_server, to_server) = server.split();
        let up = pass(
            from_client,
            to_server,
            &shared.sent,
            limit(Toward::Server),
            shared,
        );
        let down = pass(
            from_server,
            to_client,
            &shared.received,
            limit(Toward::Client),
            shared,
        );
        tokio::pin!(up, down);
        // One side may be done with sending while the other goes on.
        tokio::select! {
            end = &mut up => end? == End::Broken || down.await? == End::Broken,
            end = &mut down => end? == End::Broken || up.await? == End::Broken,
        }
    };
    match fault.filter(|_| broke).map(|fault| fault.how) {
        Some(Breaking::Reset) => client.set_zero_linger(),
        Some(Breaking::Stall) => std::future::pending().await,
        Some(Breaking::Close) | None => Ok(()),
    }
}

#[derive(PartialEq)]
enum End {
    Finished,
    Broken,
}

/// Passes bytes on until there are no more, or more than the limit.
async fn pass<R, W>(
    mut from: R,
    mut to: W,
    count: &AtomicU64,
    limit: Option<u64>,
    shared: &Shared,
) -> io::Result<End>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let mut left = limit;
    let mut buffer = vec![0; 64 << 10];
    loop {
        let drip = *lock(&shared.drip);
        let most = drip.map_or(buffer.len(), |(size, _)| size.min(buffer.len()));
        let piece = buffer.get_mut(..most).unwrap_or_default();
        let read = from.read(piece).await?;
        if read == 0 {
            to.shutdown().await?;
            return Ok(End::Finished);
        }
        if let Some((_, pause)) = drip {
            tokio::time::sleep(pause).await;
        }
        let passed = left.map_or(read, |left| {
            usize::try_from(left).map_or(read, |left| left.min(read))
        });
        to.write_all(piece.get(..passed).unwrap_or_default())
            .await?;
        count.fetch_add(passed as u64, Ordering::SeqCst);
        if passed < read {
            to.flush().await?;
            return Ok(End::Broken);
        }
        left = left.map(|left| left - passed as u64);
    }
}
