//! Starting what was asked for.

use std::{any::Any, fs, io, path::Path, time::Duration};

use anyhow::{Context, anyhow};
use rsmf_simulator::{
    Break, Breaking, Content, FaultProxy, FaultServer, FileHost, GcsServer, HttpFault, HttpProxy,
    Nextcloud, PLANTED, Relativity, RelativityFault, Reply, Toward, UNCONFIRMED,
};
use serde_json::json;

use super::{
    args::{self, What},
    words::{Pair, value},
};

/// A stand-in that runs as long as this is kept.
pub(crate) struct Running {
    /// What is told of it: the address first.
    pub(crate) lines: Vec<String>,
    _server: Box<dyn Any>,
}

impl Running {
    fn new(url: &str, server: impl Any) -> Self {
        Self {
            lines: vec![format!("listening on {url}")],
            _server: Box::new(server),
        }
    }

    fn saying(mut self, lines: impl IntoIterator<Item = String>) -> Self {
        self.lines.extend(lines);
        self
    }
}

pub(crate) async fn start(what: What) -> anyhow::Result<Running> {
    match what {
        What::Relativity(args) => relativity(args).await,
        What::Gcs(args) => gcs(args).await,
        What::Nextcloud(args) => nextcloud(args).await,
        What::Files(args) => files(&args),
        What::Faults(args) => faults(args).await,
        What::Proxy(args) => proxy(args).await,
        What::TcpProxy(args) => tcp_proxy(args).await,
    }
}

async fn relativity(args: args::Relativity) -> anyhow::Result<Running> {
    let server = Relativity::listen(args.at.listen).await?;
    for Pair(unc, folder) in &args.share {
        let folder = Path::new(folder);
        anyhow::ensure!(folder.is_dir(), "{} is no folder", folder.display());
        server.share(unc, folder);
    }
    for Pair(id, name) in &args.workspace {
        let id = id
            .parse()
            .with_context(|| format!("'{id}' is no number of a workspace"))?;
        server.workspace(id, name);
    }
    for Pair(name, text) in &args.knob {
        let turned = server.turn(&json!({ name: value(text) }));
        turned.map_err(|why| anyhow!("the knob {name}: {why}"))?;
    }
    for Pair(call, text) in &args.fault {
        let fault: RelativityFault =
            serde_json::from_value(value(text)).with_context(|| format!("'{text}' is no fault"))?;
        let ordered = server.try_fault(call, [fault]);
        ordered.map_err(|why| anyhow!(why))?;
    }
    let url = server.url();
    Ok(Running::new(&url, server).saying(about_relativity()))
}

fn about_relativity() -> Vec<String> {
    let who = |(name, secret): (&str, &str)| format!("{name} with {secret}");
    let mut lines = vec![
        format!(
            "workspace {}, with the profiles RSMF, RSMF auto-publish, RSMF dedup, No children",
            Relativity::WORKSPACE
        ),
        format!(
            "client {}; to transfer, {}",
            who(Relativity::CLIENT),
            who(Relativity::TRANSFER)
        ),
        format!("or, by name and password, {}", who(Relativity::PERSON)),
        "see /simulator/state, /simulator/requests, /simulator/knobs, /simulator/calls".to_owned(),
        "not confirmed by anybody:".to_owned(),
    ];
    lines.extend(UNCONFIRMED.iter().map(|line| format!("  - {line}")));
    lines
}

async fn gcs(args: args::Gcs) -> anyhow::Result<Running> {
    let server = GcsServer::listen(args.at.listen).await?;
    for bucket in &args.bucket {
        server.bucket(bucket);
        if args.versions {
            server.keep_versions(bucket);
        }
    }
    if let Some(seconds) = args.tokens {
        server.demand_tokens(Duration::from_secs(seconds));
    }
    Ok(Running::new(&server.url(""), server))
}

async fn nextcloud(args: args::Nextcloud) -> anyhow::Result<Running> {
    let server = Nextcloud::listen(args.at.listen, &args.path).await?;
    let mut lines = Vec::new();
    for user in &args.user {
        let password = format!("{PLANTED}{user}");
        server.user(user, user, &password);
        lines.push(format!("user {user} with {password}"));
    }
    Ok(Running::new(&server.url(), server).saying(lines))
}

fn files(args: &args::Files) -> anyhow::Result<Running> {
    let host = FileHost::listen(args.at.listen)?;
    let served = serve_folder(&host, &args.folder, "");
    served.with_context(|| format!("{} cannot be read", args.folder.display()))?;
    Ok(Running::new(&host.url(""), host))
}

fn serve_folder(host: &FileHost, folder: &Path, at: &str) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = format!(
            "{at}/{}",
            path.file_name().unwrap_or_default().to_string_lossy()
        );
        match path.is_dir() {
            true => serve_folder(host, &path, &name)?,
            false => host.serve(
                &name,
                Content::new(fs::read(&path)?, "application/octet-stream"),
            ),
        }
    }
    Ok(())
}

async fn faults(args: args::Faults) -> anyhow::Result<Running> {
    let server = FaultServer::listen(args.at.listen).await?;
    for Pair(path, text) in args.text {
        server.serve(&path, Reply::text(text));
    }
    for Pair(path, status) in &args.status {
        let status = status
            .parse()
            .with_context(|| format!("'{status}' is no status"))?;
        server.next(path, [Reply::status(status)]);
    }
    for path in &args.tokens {
        server.issue_tokens(path, Duration::from_secs(3600));
    }
    for path in &args.guard {
        server.guard(path);
    }
    server.reset_connections(args.reset);
    Ok(Running::new(&server.url(""), server))
}

async fn proxy(args: args::Proxy) -> anyhow::Result<Running> {
    let proxy = HttpProxy::listen(args.at.listen, args.server).await?;
    for Pair(method, part) in &args.lose {
        proxy.next(method, part, [HttpFault::LoseAnswer]);
    }
    for Pair(method, part) in &args.refuse {
        proxy.next(
            method,
            part,
            [HttpFault::Answer(Box::new(Reply::status(503)))],
        );
    }
    Ok(Running::new(&proxy.url(), proxy))
}

async fn tcp_proxy(args: args::TcpProxy) -> anyhow::Result<Running> {
    let proxy = FaultProxy::listen(args.at.listen, args.server).await?;
    proxy.next(args.reset_after.into_iter().map(|after| Break {
        toward: Toward::Client,
        after,
        how: Breaking::Reset,
    }));
    Ok(Running::new(&proxy.address().to_string(), proxy))
}
