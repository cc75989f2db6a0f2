//! From the command line and rsmf.toml to what brings files into the staging area.

use std::sync::Arc;

use rsmf_core::secret::Secret;
use rsmf_core::workers::Workers;
use rsmf_relativity::{
    ExternalCommand, GivenSas, PreStaged, Relativity, SasSource, Share, SignedByStore, Stager,
    TransferService, UncPath, WaitOptions, client::Auth,
};
use rsmf_storage::Location;
use secrecy::SecretString;

use super::connect::Connected;
use crate::{
    args::StagingArgs,
    config::{Config, Secrets, Staging},
    error::{Error, Result},
};

/// What a stager is made of.
pub(super) struct Parts<'p> {
    pub(super) config: &'p Config,
    pub(super) connected: &'p Connected,
    pub(super) workers: &'p Workers,
    pub(super) wait: &'p WaitOptions,
    /// The folder on this machine that the files lie in, which a program needs.
    pub(super) source: &'p std::path::Path,
}

/// What the command line says goes before what rsmf.toml says.
pub(super) async fn make(args: &StagingArgs, parts: &Parts<'_>) -> Result<Box<dyn Stager>> {
    if let Some(folder) = &args.staged {
        return Ok(Box::new(PreStaged::unseen(unc("staged", folder)?)));
    }
    let location = args
        .location
        .as_deref()
        .map(|text| unc("location", text))
        .transpose()?;
    let staging = match chosen(args, location.clone())? {
        Some(staging) => staging,
        None => parts.connected.connection.staging.clone().ok_or_else(|| {
            Error::Usage(
                "it is not said how files get into the staging area: by --share, --staged, --container or \
                 --command, or by [relativity.NAME.staging] in rsmf.toml"
                    .to_owned(),
            )
        })?,
    };
    of(staging, location, parts).await
}

/// Whether a program is to bring the files, which needs them on this machine.
pub(super) fn is_command(args: &StagingArgs, connected: &Connected) -> bool {
    let chosen = args.share.is_some() || args.staged.is_some() || args.container.is_some();
    let configured = matches!(connected.connection.staging, Some(Staging::Command { .. }));
    !args.command.is_empty() || (!chosen && configured)
}

fn chosen(args: &StagingArgs, location: Option<UncPath>) -> Result<Option<Staging>> {
    if let Some(share) = &args.share {
        let (path, store) = share.split_once('=').ok_or_else(|| {
            Error::option("share", r"write it as \\host\share=ADDRESS".to_owned())
        })?;
        let (unc, store) = (unc("share", path)?, store.to_owned());
        return Ok(Some(Staging::Share {
            unc,
            store,
            location,
        }));
    }
    if let Some(container) = &args.container {
        let (container, sas) = (
            container.clone(),
            args.container_sas_env.clone().map(Secret::Env),
        );
        return Ok(Some(Staging::TransferService {
            container,
            sas,
            location,
        }));
    }
    let command = args.command.clone();
    Ok((!command.is_empty()).then_some(Staging::Command { command, location }))
}

async fn of(
    staging: Staging,
    chosen: Option<UncPath>,
    parts: &Parts<'_>,
) -> Result<Box<dyn Stager>> {
    let workers = parts.workers.clone();
    match staging {
        Staging::Share {
            unc,
            store,
            location,
        } => {
            let opened = parts
                .config
                .stores
                .open_output(&store)
                .await
                .map_err(Error::Output)?;
            let mut share = Share::new(unc, opened.storage, opened.path, workers);
            if let Ok((Location::Local(folder), _)) = parts.config.stores.locate(&store) {
                share = share.mounted(folder);
            }
            Ok(Box::new(match chosen.or(location) {
                Some(location) => share.location(location),
                None => share,
            }))
        }
        Staging::TransferService {
            container,
            sas,
            location,
        } => {
            let opened = parts
                .config
                .stores
                .open_output(&container)
                .await
                .map_err(Error::Output)?;
            let sas: Arc<dyn SasSource> = match sas {
                Some(sas) => Arc::new(GivenSas::new(&sas, Some(&Secrets)).map_err(Error::Output)?),
                None => Arc::new(SignedByStore::new(Arc::clone(&opened.storage))),
            };
            let (relativity, wait) = (parts.connected.relativity.clone(), parts.wait.clone());
            let service =
                TransferService::new(relativity, opened.storage, opened.path, sas, wait, workers);
            Ok(Box::new(match chosen.or(location) {
                Some(location) => service.location(location),
                None => service,
            }))
        }
        Staging::Command { command, location } => {
            let mut words = command.into_iter();
            let program = words
                .next()
                .ok_or_else(|| Error::Config("staging.command is empty".to_owned()))?;
            let command = ExternalCommand::new(program, words.collect(), parts.source, workers);
            let command = with_secrets(command, parts.connected)?;
            Ok(Box::new(match chosen.or(location) {
                Some(location) => command.location(location),
                None => command,
            }))
        }
    }
}

/// The program gets what it needs to log in, in its environment only.
fn with_secrets(command: ExternalCommand, connected: &Connected) -> Result<ExternalCommand> {
    let client = &connected.connection.client;
    let relativity: &Relativity = &connected.relativity;
    let auth = client.transfer.auth.as_ref().unwrap_or(&client.auth);
    let secret = |secret: &Secret| -> Result<SecretString> {
        secret.resolve(&Secrets).map_err(Error::Output)
    };
    let command = command.variable("RSMF_RELATIVITY_HOST", relativity.host().as_str());
    Ok(match auth {
        Auth::OAuth2 {
            client_id,
            client_secret,
        } => command
            .variable("RSMF_RELATIVITY_CLIENT_ID", client_id.as_str())
            .variable("RSMF_RELATIVITY_CLIENT_SECRET", secret(client_secret)?),
        Auth::Basic { user, password } => command
            .variable("RSMF_RELATIVITY_USER", user.as_str())
            .variable("RSMF_RELATIVITY_PASSWORD", secret(password)?),
        _ => command,
    })
}

fn unc(name: &str, text: &str) -> Result<UncPath> {
    text.parse().map_err(|_| {
        Error::option(
            name,
            format!(r"{text:?} is no path such as \\host\share\folder"),
        )
    })
}
