//! From the command line and rsmf.toml to a client.

use rsmf_core::secret::Secret;
use rsmf_http::Proxies;
use rsmf_relativity::{
    Relativity, RelativityConfig, Workspace,
    client::{ArtifactId, Auth},
};

use crate::{
    args::ConnectionArgs,
    config::{Config, Connection, Secrets},
    error::{Error, Result},
};

/// A client, and what rsmf.toml says besides.
pub(super) struct Connected {
    pub(super) relativity: Relativity,
    pub(super) connection: Connection,
    /// The options that name it, to be typed again.
    pub(super) words: String,
}

impl Connected {
    pub(super) fn new(args: &ConnectionArgs, config: &Config) -> Result<Self> {
        let (mut connection, words) = match &args.host {
            Some(host) => (by_options(args, host, config)?, again(args, host)),
            None => by_name(args.connection.as_deref(), config)?,
        };
        let http = &mut connection.client.http;
        if http.proxies == Proxies::default() {
            http.proxies = config.http.proxies.clone();
        }
        let relativity = Relativity::connect(connection.client.clone(), &Secrets)?;
        Ok(Self {
            relativity,
            connection,
            words,
        })
    }

    pub(super) fn workspace(&self, id: i64) -> Workspace {
        self.relativity.workspace(ArtifactId(id))
    }
}

/// The options of a connection, which hold no secret.
fn again(args: &ConnectionArgs, host: &str) -> String {
    let file = args
        .secret_file
        .as_ref()
        .map(|file| file.display().to_string());
    let secret = match &file {
        Some(file) => ("secret-file", Some(file)),
        None => ("secret-env", Some(&args.secret_env)),
    };
    let options = [
        ("client-id", args.client_id.as_ref()),
        ("user", args.user.as_ref()),
        secret,
    ];
    let given = options
        .iter()
        .filter_map(|(name, value)| Some(format!(" --{name} {}", (*value)?)));
    format!(" --host {host}{}", given.collect::<String>())
}

fn by_name(name: Option<&str>, config: &Config) -> Result<(Connection, String)> {
    let all = &config.relativity;
    let known = || all.keys().cloned().collect::<Vec<_>>().join(", ");
    if let Some(name) = name {
        let connection = all.get(name).ok_or_else(|| {
            let problem = match all.is_empty() {
                true => format!("rsmf.toml has no [relativity.{name}]"),
                false => format!("rsmf.toml has no [relativity.{name}]; it has {}", known()),
            };
            Error::option("connection", problem)
        })?;
        return Ok((connection.clone(), format!(" --connection {name}")));
    }
    match (all.len(), all.get("default"), all.values().next()) {
        (_, Some(connection), _) | (1, None, Some(connection)) => Ok((connection.clone(), String::new())),
        (0, ..) => Err(Error::Usage(
            "no connection to Relativity is configured: give [relativity.NAME] in rsmf.toml, or --host".to_owned(),
        )),
        _ => Err(Error::Usage(format!(
            "rsmf.toml has several connections to Relativity: choose one of {} by --connection",
            known()
        ))),
    }
}

fn by_options(args: &ConnectionArgs, host: &str, config: &Config) -> Result<Connection> {
    let url = host
        .parse()
        .map_err(|error| Error::option("host", format!("it is no address: {error}")))?;
    let secret = match &args.secret_file {
        Some(path) => Secret::File(path.clone()),
        None => Secret::Env(args.secret_env.clone()),
    };
    let auth = match (&args.client_id, &args.user) {
        (Some(id), _) => Auth::oauth2(id, secret),
        (None, Some(user)) => Auth::basic(user, secret),
        (None, None) => {
            let problem = "say as whom to log in: by --client-id or --user".to_owned();
            return Err(Error::option("host", problem));
        }
    };
    let mut client = RelativityConfig::new(url, auth);
    client.http = config.http.clone();
    Ok(Connection::new(client))
}
