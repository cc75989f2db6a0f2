//! Names to addresses, without those that the fence keeps out.

use std::{
    fmt, io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::Fence;

/// Finds the addresses of a host.
#[async_trait]
pub trait Lookup: fmt::Debug + Send + Sync {
    /// All addresses of the host with this name.
    ///
    /// # Errors
    /// Where the name is not known, or nobody can be asked.
    async fn lookup(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// Asks the system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemLookup;

#[async_trait]
impl Lookup for SystemLookup {
    async fn lookup(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let found = tokio::net::lookup_host((name, 0)).await?;
        Ok(found.map(|address| address.ip()).collect())
    }
}

/// The only resolver of a client: what it gives is what is connected to, so that a name cannot
/// change its address between the check and the connection.
#[derive(Debug, Clone)]
pub(crate) struct Guarded {
    pub(crate) fence: Arc<Fence>,
    pub(crate) lookup: Arc<dyn Lookup>,
}

/// All addresses of a host are kept out.
#[derive(Debug, thiserror::Error)]
#[error("{name} has only addresses that are not public")]
pub(crate) struct Blocked {
    pub(crate) name: String,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let this = self.clone();
        Box::pin(async move {
            let name = name.as_str();
            let found = this.lookup.lookup(name).await?;
            let known = !found.is_empty();
            let admitted: Vec<_> = found
                .into_iter()
                .filter(|address| this.fence.admits(name, *address))
                // The port of the request takes the place of 0.
                .map(|address| SocketAddr::new(address, 0))
                .collect();
            if known && admitted.is_empty() {
                let name = name.to_owned();
                return Err(Blocked { name }.into());
            }
            Ok(Box::new(admitted.into_iter()) as Addrs)
        })
    }
}
