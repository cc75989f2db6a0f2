//! Connections to Relativity: `[relativity.acme]`.

use std::collections::BTreeMap;

use rsmf_core::secret::Secret;
use rsmf_relativity::{RelativityConfig, UncPath, VerifyOptions, WaitOptions};
use serde::Deserialize;
use toml::{Table, Value};

use super::read::{Problem, no_lists};

/// A connection, and what uploads by it are like.
#[derive(Debug, Clone)]
pub(crate) struct Connection {
    pub(crate) client: RelativityConfig,
    pub(crate) staging: Option<Staging>,
    pub(crate) upload: Upload,
    pub(crate) wait: WaitOptions,
    pub(crate) verify: VerifyOptions,
}

/// How files get into the staging area.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Staging {
    /// A share that is reached from here.
    Share {
        unc: UncPath,
        /// An address in any store.
        store: String,
        location: Option<UncPath>,
    },
    /// A container of Azure, which the Transfer Service fetches from.
    TransferService {
        /// The address of the container, or of a folder in it.
        container: String,
        /// The container's address with a signature; without one, the store signs by itself.
        sas: Option<Secret>,
        location: Option<UncPath>,
    },
    /// A program.
    Command {
        command: Vec<String>,
        location: Option<UncPath>,
    },
}

/// What uploads are like, where the command line does not say.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Upload {
    pub(crate) profile: Option<String>,
    pub(crate) custodian: Option<String>,
    pub(crate) time_zone: Option<String>,
    pub(crate) folder: Option<String>,
    pub(crate) ocr_languages: Option<Vec<String>>,
    pub(crate) notify: Vec<String>,
}

impl Connection {
    /// A connection with nothing but a client.
    pub(crate) fn new(client: RelativityConfig) -> Self {
        Self {
            client,
            staging: None,
            upload: Upload::default(),
            wait: WaitOptions::default(),
            verify: VerifyOptions::default(),
        }
    }
}

/// The sections of a connection that are not the client's own.
const OWN: [&str; 4] = ["staging", "upload", "wait", "verify"];

pub(super) fn read(table: &Table) -> Result<BTreeMap<String, Connection>, Problem> {
    let Some(section) = table.get("relativity") else {
        return Ok(BTreeMap::new());
    };
    let wrong = |path: &str| {
        Problem::new(
            path,
            "it has to be a section: [relativity.NAME] with a host in it",
        )
    };
    let section = section.as_table().ok_or_else(|| wrong("relativity"))?;
    let connection = |(name, value): (&String, &Value)| {
        let path = format!("relativity.{name}");
        let value = value.as_table().ok_or_else(|| wrong(&path))?;
        Ok((name.clone(), one(&path, value, table)?))
    };
    section.iter().map(connection).collect()
}

fn one(path: &str, table: &Table, all: &Table) -> Result<Connection, Problem> {
    let mut client = table.clone();
    let mut own = OWN.map(|name| client.remove(name));
    let [staging, upload, wait, verify] = &mut own;
    no_lists(table, path, &OWN)?;
    if let (Some(http), false) = (all.get("http"), client.contains_key("http")) {
        client.insert("http".to_owned(), http.clone());
    }
    Ok(Connection {
        client: part(path, Some(Value::Table(client)))?
            .ok_or_else(|| Problem::new(path, "it is empty"))?,
        staging: part(&format!("{path}.staging"), staging.take())?,
        upload: part(&format!("{path}.upload"), upload.take())?.unwrap_or_default(),
        wait: part(&format!("{path}.wait"), wait.take())?.unwrap_or_default(),
        verify: part(&format!("{path}.verify"), verify.take())?.unwrap_or_default(),
    })
}

fn part<T: serde::de::DeserializeOwned>(
    path: &str,
    value: Option<Value>,
) -> Result<Option<T>, Problem> {
    let read = value.map(|value| value.try_into().map_err(|error| Problem::of(path, &error)));
    read.transpose()
}
