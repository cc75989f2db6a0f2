//! Addresses of stores that lie elsewhere.

use std::{fmt, path::PathBuf};

use rsmf_core::{Error, Failure, Result, integration::StorePath};
use url::Url;

use super::Location;

/// What an address means in a bucket, a container or on a server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Below {
    /// The path.
    pub path: StorePath,
    /// Whether it can only be a folder: it ended with a slash, or was empty.
    pub is_folder: bool,
}

impl Below {
    fn parse(text: &str, address: &str) -> Result<Self> {
        let path = text.strip_suffix('/').unwrap_or(text);
        let path = StorePath::new(path).map_err(|error| {
            wrong(address, "its path cannot be used")
                .source(error)
                .invalid_input()
        })?;
        Ok(Self {
            is_folder: path.is_root() || text.ends_with('/'),
            path,
        })
    }

    pub(super) fn join(&self, rest: &str) -> Result<Self> {
        let path = rest.strip_suffix('/').unwrap_or(rest);
        Ok(Self {
            path: self.path.join(path.trim_start_matches('/'))?,
            is_folder: rest.ends_with('/'),
        })
    }
}

impl fmt::Display for Below {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let slash = match self.is_folder && !self.path.is_root() {
            true => "/",
            false => "",
        };
        write!(f, "{}{slash}", self.path)
    }
}

/// A server with SSH.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SftpServer {
    /// Who logs in; where `None`, what `~/.ssh/config` says, or the user of this machine.
    pub user: Option<String>,
    /// The name by which `~/.ssh/config` may know it, or its address.
    pub host: String,
    /// The port; where `None`, what `~/.ssh/config` says, or 22.
    pub port: Option<u16>,
    /// Whether paths start at the user's home rather than at the server's root.
    pub from_home: bool,
}

impl SftpServer {
    /// A server by name or address, with everything else as usual.
    pub fn new(host: impl Into<String>) -> Self {
        Self {
            user: None,
            host: host.into(),
            port: None,
            from_home: false,
        }
    }
}

impl fmt::Display for SftpServer {
    /// The address up to the path, without its slash.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sftp://")?;
        if let Some(user) = &self.user {
            write!(f, "{user}@")?;
        }
        match self.host.contains(':') {
            true => write!(f, "[{}]", self.host)?,
            false => f.write_str(&self.host)?,
        }
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        match self.from_home {
            true => f.write_str("/~"),
            false => Ok(()),
        }
    }
}

fn wrong(address: &str, reason: &'static str) -> Failure {
    Failure::new("use", address.to_owned()).advice(reason)
}

pub(super) fn s3(rest: &str) -> Result<Location> {
    let (bucket, path) = bucket("s3", rest)?;
    Ok(Location::S3 { bucket, path })
}

pub(super) fn gcs(rest: &str) -> Result<Location> {
    let (bucket, path) = bucket("gs", rest)?;
    Ok(Location::Gcs { bucket, path })
}

fn bucket(scheme: &str, rest: &str) -> Result<(String, Below)> {
    let (bucket, path) = rest.split_once('/').unwrap_or((rest, ""));
    name(scheme, bucket, "write it as scheme://bucket/path")?;
    unsigned(scheme, path)?;
    Ok((
        bucket.to_owned(),
        Below::parse(path, &format!("{scheme}://{rest}"))?,
    ))
}

pub(super) fn azure(rest: &str) -> Result<Location> {
    let form = "write it as az://account/container/path";
    let (account, rest) = rest.split_once('/').unwrap_or((rest, ""));
    name("az", account, form)?;
    let (container, path) = rest.split_once('/').unwrap_or((rest, ""));
    name("az", container, form)?;
    unsigned("az", path)?;
    Ok(Location::Azure {
        account: account.to_owned(),
        container: container.to_owned(),
        path: Below::parse(path, &format!("az://{account}/{rest}"))?,
    })
}

/// Refuses what stands where a name should and could hold a secret, or nothing at all. It is not shown.
fn name(scheme: &str, name: &str, form: &'static str) -> Result<()> {
    let address = || format!("a {scheme}:// address");
    if name.is_empty() {
        return Err(wrong(&address(), form)
            .source("a name is missing")
            .invalid_input());
    }
    if name.contains(['@', '?', '#', ' ']) || name.contains(char::is_control) {
        return Err(wrong(&address(), form)
            .source("a name in it holds what no name can")
            .invalid_input());
    }
    Ok(())
}

/// What lets in whoever has it, where it stands behind the question mark of an address.
const SIGNATURES: [&str; 3] = ["sig=", "x-amz-signature=", "x-goog-signature="];

/// Refuses an address that was signed to be handed out. It is not shown: whoever has it gets in.
fn unsigned(scheme: &str, path: &str) -> Result<()> {
    let query = path
        .split_once('?')
        .map_or("", |(_, query)| query)
        .to_lowercase();
    let is_signed = query
        .split('&')
        .any(|part| SIGNATURES.iter().any(|name| part.starts_with(name)));
    match is_signed {
        true => Err(wrong(
            &format!("a {scheme}:// address"),
            "leave out what follows the question mark; a signature belongs into rsmf.toml, by reference",
        )
        .source("it holds a signature")
        .invalid_input()),
        false => Ok(()),
    }
}

pub(super) fn sftp(rest: &str) -> Result<Location> {
    let (authority, path) = rest.split_once('/').unwrap_or((rest, "~/"));
    let refuse = |why: &'static str| {
        wrong(
            "an sftp:// address",
            "write it as sftp://user@host:port/path",
        )
        .source(why)
        .invalid_input()
    };
    let (user, host) = match authority.rsplit_once('@') {
        Some((user, host)) => (Some(decode(user)?), host),
        None => (None, authority),
    };
    if user.as_ref().is_some_and(|user| user.contains(':')) {
        return Err(password());
    }
    let (host, port) = host_and_port(host).ok_or_else(|| refuse("its host or port is wrong"))?;
    if host.is_empty() || user.as_ref().is_some_and(String::is_empty) {
        return Err(refuse("a name is missing"));
    }
    let (from_home, path) = match path.strip_prefix('~') {
        Some(path) if path.is_empty() || path.starts_with('/') => {
            (true, path.trim_start_matches('/'))
        }
        _ => (false, path),
    };
    let server = SftpServer {
        user,
        host: host.to_owned(),
        port,
        from_home,
    };
    let path = Below::parse(path, &format!("{server}/{path}"))?;
    Ok(Location::Sftp { server, path })
}

fn host_and_port(text: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = match text.strip_prefix('[') {
        Some(text) => {
            let (host, rest) = text.split_once(']')?;
            (
                host,
                rest.strip_prefix(':').or((!rest.is_empty()).then_some("")),
            )
        }
        None => match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    let port = port.map(str::parse).transpose().ok()?;
    (port != Some(0)).then_some((host, port))
}

fn decode(user: &str) -> Result<String> {
    let decoded = percent_encoding::percent_decode_str(user).decode_utf8();
    decoded.map(Into::into).map_err(|error| {
        wrong("an address", "write the user as UTF-8")
            .source(error)
            .invalid_input()
    })
}

fn password() -> Error {
    wrong(
        "an address with a password",
        "leave it out and name an environment variable, a file or a keyring entry in a profile",
    )
    .source("addresses are seen by others: in lists of processes, logs and histories")
    .invalid_input()
}

pub(super) fn dav(scheme: &str, rest: &str) -> Result<Location> {
    let (kind, protocol) = scheme.split_once('+').unwrap_or((scheme, "https"));
    let form = "write it as dav+https://user@host/path";
    // What is wrong is not shown: it may hold a password.
    let refuse = |why: String| wrong("a WebDAV address", form).source(why).invalid_input();
    let mut url =
        Url::parse(&format!("{protocol}://{rest}")).map_err(|error| refuse(error.to_string()))?;
    if url.password().is_some() {
        return Err(password());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(refuse(
            "`?` and `#` in a path are written as %3F and %23".to_owned(),
        ));
    }
    let user = match url.username() {
        "" => None,
        user => Some(decode(user)?),
    };
    // It fails for addresses that cannot hold a user, and so hold none.
    let _ = url.set_username("");
    Ok(Location::Dav {
        url,
        user,
        nextcloud: kind == "nextcloud",
    })
}

pub(super) fn join_local(folder: &mut PathBuf, rest: &str) -> Result<()> {
    let rest = match cfg!(windows) {
        true => rest.replace('\\', "/"),
        false => rest.to_owned(),
    };
    let below = Below::default().join(&rest)?.path;
    folder.extend(below.as_str().split('/'));
    Ok(())
}

pub(super) fn join_url(url: &mut Url, rest: &str) -> Result<()> {
    let path = rest
        .strip_suffix('/')
        .unwrap_or(rest)
        .trim_start_matches('/');
    let path = StorePath::new(path)?;
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty();
        segments.extend(path.as_str().split('/'));
        if rest.ends_with('/') {
            segments.push("");
        }
    }
    Ok(())
}
