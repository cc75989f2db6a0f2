//! The way to a server: its hosts in order, and all that is needed to get into each.

use std::{
    cell::Cell,
    path::{Path, PathBuf},
};

use rsmf_core::{
    Error, Failure, Result,
    secret::{Secret, SecretSource},
};
use secrecy::SecretString;

use super::{
    config::{self, Asked, Options, Proxy, Source},
    expand::Expansion,
    known_hosts::HostName,
};
use crate::{SftpConfig, SftpServer};

/// More hosts than these are a circle.
const MOST_JUMPS: usize = 16;

/// A host to log in to.
#[derive(Debug, Clone)]
pub(crate) struct Hop {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) user: String,
    pub(super) name: HostName,
    /// The files of known hosts; new ones go to the first.
    pub(super) known_hosts: Vec<PathBuf>,
    pub(super) accepts_new: bool,
    pub(super) hashes_names: bool,
    pub(super) identity_files: Vec<PathBuf>,
    pub(super) certificate_files: Vec<PathBuf>,
    /// Whether the agent's other keys are left alone.
    pub(super) identities_only: bool,
    pub(super) agent: Option<PathBuf>,
    pub(super) key: Option<SecretString>,
    pub(super) passphrase: Option<SecretString>,
    pub(super) password: Option<SecretString>,
}

impl Hop {
    /// What errors call it.
    pub(crate) fn address(&self) -> String {
        let mut server = SftpServer::new(&self.host);
        server.user = Some(self.user.clone());
        server.port = Some(self.port);
        server.to_string()
    }
}

/// Finds the way; the last host is the server itself.
pub(crate) fn find(
    server: &SftpServer,
    config: &SftpConfig,
    secrets: &dyn SecretSource,
) -> Result<Vec<Hop>> {
    let finder = Finder {
        asked: Cell::new(0),
        config,
        secrets,
        home: home(secrets).map(PathBuf::from),
        local_user: ["USER", "LOGNAME", "USERNAME"]
            .iter()
            .find_map(|name| secrets.env(name))
            .unwrap_or_default(),
    };
    let mut hops = Vec::new();
    finder.add(server, config.jump.as_deref(), true, &mut hops)?;
    Ok(hops)
}

fn home(secrets: &dyn SecretSource) -> Option<String> {
    let name = if cfg!(windows) { "USERPROFILE" } else { "HOME" };
    secrets.env(name).filter(|home| !home.is_empty())
}

struct Finder<'a> {
    /// Hosts that were asked about.
    asked: Cell<usize>,
    config: &'a SftpConfig,
    secrets: &'a dyn SecretSource,
    home: Option<PathBuf>,
    local_user: String,
}

impl Finder<'_> {
    /// Adds a host after those that lead to it.
    fn add(
        &self,
        server: &SftpServer,
        jump: Option<&str>,
        is_last: bool,
        hops: &mut Vec<Hop>,
    ) -> Result<()> {
        self.asked.set(self.asked.get() + 1);
        if self.asked.get() > MOST_JUMPS {
            return Err(wrong(
                &server.host,
                "the jump hosts lead over each other without end",
            ));
        }
        let asked = Asked {
            host: server.host.clone(),
            user: server.user.clone(),
            port: server.port,
            local_user: self.local_user.clone(),
            home: self.home.clone(),
        };
        let options = config::read(&self.sources(), &asked)?;
        refuse(&options, &server.host)?;
        for jump in jumps(jump, &options)? {
            // Each is reached from the one before it, so only the first may have a way of its own.
            let own = if hops.is_empty() { None } else { Some("none") };
            self.add(&jump, own, false, hops)?;
        }
        hops.push(self.hop(&asked, &options, is_last)?);
        Ok(())
    }

    fn sources(&self) -> Vec<Source> {
        let own = self.home.as_ref().map(|home| home.join(".ssh"));
        let source = |file: PathBuf, includes_from| Source {
            file,
            includes_from,
        };
        match &self.config.ssh_config {
            Some(file) if file == Path::new("none") => Vec::new(),
            Some(file) => vec![source(file.clone(), own)],
            None => {
                let user = own.clone().map(|folder| source(folder.join("config"), own));
                let system = source("/etc/ssh/ssh_config".into(), Some("/etc/ssh".into()));
                let system = self.home.is_some().then_some(system);
                user.into_iter().chain(system).collect()
            }
        }
    }

    fn hop(&self, asked: &Asked, options: &Options, is_last: bool) -> Result<Hop> {
        let config = self.config;
        let host = options.real_host(&asked.host)?;
        let port = options.port.unwrap_or(22);
        let user = options
            .user
            .clone()
            .unwrap_or_else(|| self.local_user.clone());
        if user.is_empty() {
            return Err(wrong(
                &asked.host,
                "no user is named: write sftp://user@host",
            ));
        }
        let alias = options.host_key_alias.as_deref();
        let expansion = Expansion {
            asked: &asked.host,
            host: &host,
            port,
            user: &user,
            alias,
            local_user: &self.local_user,
            home: self.home.as_deref(),
            secrets: self.secrets,
        };
        let password = if is_last {
            &config.password
        } else {
            &config.jump_password
        };
        Ok(Hop {
            name: HostName::new(&host, port, alias),
            known_hosts: self.known_hosts(options, &expansion)?,
            accepts_new: self.accepts_new(options),
            hashes_names: is_yes(options.hash_known_hosts.as_deref()),
            identity_files: self.identity_files(options, &expansion)?,
            certificate_files: self.certificate_files(options, &expansion)?,
            identities_only: self.has_own_keys() || is_yes(options.identities_only.as_deref()),
            agent: self.agent(options, &expansion)?,
            key: self.secret(&config.key)?,
            passphrase: self.secret(&config.passphrase)?,
            password: self.secret(password)?,
            host,
            port,
            user,
        })
    }

    fn secret(&self, secret: &Option<Secret>) -> Result<Option<SecretString>> {
        secret
            .as_ref()
            .map(|secret| secret.resolve(self.secrets))
            .transpose()
    }

    fn has_own_keys(&self) -> bool {
        !self.config.identity_files.is_empty() || self.config.key.is_some()
    }

    fn in_own_folder(&self, names: &[&str]) -> Vec<PathBuf> {
        let folder = self.home.iter().map(|home| home.join(".ssh"));
        folder
            .flat_map(|folder| names.iter().map(move |name| folder.join(name)))
            .collect()
    }

    fn known_hosts(&self, options: &Options, expansion: &Expansion<'_>) -> Result<Vec<PathBuf>> {
        if !self.config.known_hosts.is_empty() {
            return Ok(self.config.known_hosts.clone());
        }
        let mut files = match &options.user_known_hosts {
            Some(files) => expansion.files(files)?,
            None => self.in_own_folder(&["known_hosts", "known_hosts2"]),
        };
        files.extend(match &options.global_known_hosts {
            Some(global) => expansion.files(global)?,
            None => ["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"]
                .map(PathBuf::from)
                .to_vec(),
        });
        Ok(files)
    }

    /// `no` is taken for `accept-new`: a key that has changed is never accepted.
    fn accepts_new(&self, options: &Options) -> bool {
        self.config.accept_new_hosts
            || matches!(
                options.strict.as_deref(),
                Some("accept-new" | "no" | "off" | "false")
            )
    }

    fn identity_files(&self, options: &Options, expansion: &Expansion<'_>) -> Result<Vec<PathBuf>> {
        if self.has_own_keys() {
            return Ok(self.config.identity_files.clone());
        }
        match options.identity_files.is_empty() {
            false => expansion.files(&options.identity_files),
            true => Ok(self.in_own_folder(&["id_rsa", "id_ecdsa", "id_ed25519"])),
        }
    }

    fn certificate_files(
        &self,
        options: &Options,
        expansion: &Expansion<'_>,
    ) -> Result<Vec<PathBuf>> {
        let mut files = self.config.certificate_files.clone();
        files.extend(expansion.files(&options.certificate_files)?);
        Ok(files)
    }

    fn agent(&self, options: &Options, expansion: &Expansion<'_>) -> Result<Option<PathBuf>> {
        if !self.config.agent {
            return Ok(None);
        }
        let usual = || self.secrets.env("SSH_AUTH_SOCK").map(PathBuf::from);
        match options.identity_agent.as_deref() {
            Some("SSH_AUTH_SOCK") | None => Ok(usual().or_else(super::agent::usual_place)),
            Some(name) => match name.strip_prefix('$').filter(|name| !name.starts_with('{')) {
                Some(variable) => Ok(self.secrets.env(variable).map(PathBuf::from)),
                None => Ok(expansion.files(&[name.to_owned()])?.pop()),
            },
        }
    }
}

fn is_yes(value: Option<&str>) -> bool {
    matches!(value, Some("yes" | "true"))
}

/// Refuses what would lead elsewhere, or by ways that cannot be gone here.
fn refuse(options: &Options, host: &str) -> Result<()> {
    if matches!(
        options.canonicalize.as_deref(),
        Some("yes" | "true" | "always")
    ) {
        return Err(unsupported(host, "CanonicalizeHostname"));
    }
    match &options.proxy {
        Some(Proxy::Command(command)) if command != "none" => {
            Err(unsupported(host, "ProxyCommand"))
        }
        _ => Ok(()),
    }
}

fn unsupported(host: &str, what: &str) -> Error {
    Failure::new("find the way to", host.to_owned())
        .source(format!(
            "the SSH configuration has a {what} for it, which is not followed here"
        ))
        .advice("name another file as `ssh_config`, or \"none\", and a `jump` host in the profile")
        .unsupported()
}

fn wrong(host: &str, why: &'static str) -> Error {
    Failure::new("find the way to", host.to_owned())
        .source(why)
        .invalid_input()
}

/// The hosts on the way, the nearest first.
fn jumps(own: Option<&str>, options: &Options) -> Result<Vec<SftpServer>> {
    let list = match (own, &options.proxy) {
        (Some(list), _) => list,
        (None, Some(Proxy::Jump(list))) => list,
        (None, _) => return Ok(Vec::new()),
    };
    if list.eq_ignore_ascii_case("none") {
        return Ok(Vec::new());
    }
    list.split(',').map(|jump| parse(jump.trim())).collect()
}

/// `user@host:port`, with or without `ssh://` before it.
fn parse(jump: &str) -> Result<SftpServer> {
    let address = jump.strip_prefix("ssh://").unwrap_or(jump);
    let location = format!("sftp://{}/", address.trim_end_matches('/')).parse()?;
    match location {
        crate::Location::Sftp { server, .. } => Ok(server),
        _ => Err(wrong(jump, "write a jump host as user@host:port")),
    }
}
