//! What downloads files, as the command line wants it.

use std::{
    env,
    io::Read,
    path::{Path, PathBuf, absolute},
    sync::Arc,
    time::Duration,
};

use rsmf_chat::slack::{DownloadOptions, SlackDownloads};
use rsmf_convert::parse_size;
use rsmf_core::{integration::FileFetcher, workers::Workers};
use rsmf_http::{AllowedHost, Client, SecretString};
use rsmf_storage::Location;

use super::folder;
use crate::{
    args::{ConvertArgs, FetchArgs},
    cmd::stretch,
    config::Config,
    error::{Error, Result},
};

/// Where the token is looked for if nothing else is said.
const VARIABLE: &str = "SLACK_TOKEN";
/// What `--fetch-timeout` may be.
const SHORTEST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(3600);
/// Tokens are much shorter.
const LONGEST_TOKEN: u64 = 4096;

/// The downloads, where they are asked for.
pub(super) async fn fetcher(
    args: &ConvertArgs,
    config: &Config,
    workers: &Workers,
) -> Result<Option<Arc<dyn FileFetcher>>> {
    let fetch = &args.fetch;
    if !fetch.fetch_files {
        return Ok(None);
    }
    let mut options = DownloadOptions::default();
    options.token = token(fetch)?;
    options.parallel = fetch.fetch_parallel.into();
    options.max_size = parse_size(&fetch.max_file_size)
        .map_err(|error| Error::option("max-file-size", error.to_string()))?;
    let cache = cache(args, config)?;
    let cache = config
        .stores
        .open_output(&cache)
        .await
        .map_err(Error::Output)?;
    let client = Client::builder(SlackDownloads::fence(hosts(fetch)?))
        .config(patience(&config.http, fetch.fetch_timeout.as_deref())?)
        .build()
        .map_err(|error| Error::Internal(error.into()))?;
    let downloads = SlackDownloads::new(client, cache.storage, workers.clone(), options);
    Ok(Some(Arc::new(downloads)))
}

/// What is configured, with the time that a host may be silent.
fn patience(http: &rsmf_http::Config, text: Option<&str>) -> Result<rsmf_http::Config> {
    let mut config = http.clone();
    let Some(text) = text else {
        return Ok(config);
    };
    let Some(silence) = stretch(text).filter(|silence| (SHORTEST..=LONGEST).contains(silence))
    else {
        let problem = format!("{text:?} is no time from 100ms to 1h; examples are 30s and 2m");
        return Err(Error::option("fetch-timeout", problem));
    };
    (config.timeout, config.idle_timeout) = (silence, silence);
    config.connect_timeout = config.connect_timeout.min(silence);
    Ok(config)
}

fn hosts(fetch: &FetchArgs) -> Result<Vec<AllowedHost>> {
    let host = |text: &String| -> Result<AllowedHost> {
        let host: AllowedHost = text
            .parse()
            .map_err(|error: rsmf_http::Error| Error::option("fetch-host", error.to_string()))?;
        Ok(match fetch.allow_private_addresses {
            true => host.private(),
            false => host,
        })
    };
    fetch.fetch_host.iter().map(host).collect()
}

/// The token, which no message ever shows.
fn token(fetch: &FetchArgs) -> Result<Option<SecretString>> {
    let (option, text) = if let Some(file) = &fetch.slack_token_file {
        ("slack-token-file", read(file)?)
    } else {
        let named = fetch.slack_token_env.as_deref();
        match (env::var(named.unwrap_or(VARIABLE)), named) {
            (Ok(text), _) => ("slack-token-env", text),
            (Err(env::VarError::NotPresent), None) => return Ok(None),
            (Err(_), _) => {
                let name = named.unwrap_or(VARIABLE);
                let problem = format!("the environment has no usable variable {name}");
                return Err(Error::option("slack-token-env", problem));
            }
        }
    };
    let text = text.trim();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        let problem = "what is there is no token: one is a single word such as xoxp-…";
        return Err(Error::option(option, problem.to_owned()));
    }
    Ok(Some(text.into()))
}

fn read(file: &Path) -> Result<String> {
    let failed = |error| {
        let name = file.display().to_string();
        Error::Input(rsmf_core::Error::from_io("read", name, error))
    };
    let mut text = String::new();
    let opened = std::fs::File::open(file).map_err(failed)?;
    let read = opened.take(LONGEST_TOKEN).read_to_string(&mut text);
    read.map_err(failed)?;
    Ok(text)
}

/// Where downloads are kept: beside the output, never in it, nor in the export.
fn cache(args: &ConvertArgs, config: &Config) -> Result<String> {
    let wrong = |problem: &str| Err(Error::option("files-cache", problem.to_owned()));
    let output = local(config, &args.output);
    let cache = match (&args.fetch.files_cache, &output) {
        (Some(cache), _) => cache.clone(),
        (None, Some(output)) => match beside(output) {
            Some(cache) => cache,
            None => return wrong("give a folder: there is no place beside the output"),
        },
        (None, None) => return wrong("give a folder: the output is no folder of this machine"),
    };
    if folder::keep_apart(config, &args.input, &cache).is_err() {
        return wrong("it must lie outside of the export");
    }
    match (local(config, &cache), output) {
        (Some(cache), Some(output)) if cache.starts_with(&output) => {
            wrong("it must lie outside of the output")
        }
        (None, None) if folder::keep_apart(config, &args.output, &cache).is_err() => {
            wrong("it must lie outside of the output")
        }
        _ => Ok(cache),
    }
}

fn local(config: &Config, address: &str) -> Option<PathBuf> {
    match config.stores.locate(address) {
        Ok((Location::Local(path), _)) => absolute(path).ok(),
        _ => None,
    }
}

fn beside(output: &Path) -> Option<String> {
    let mut name = output.file_name()?.to_owned();
    name.push(".files");
    Some(output.with_file_name(name).to_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_has_a_unit_and_bounds() {
        let http = rsmf_http::Config::default();
        let read = |text| {
            let config = patience(&http, Some(text));
            config.map(|config| (config.connect_timeout, config.idle_timeout))
        };
        let seconds = Duration::from_secs;
        assert_eq!(read("2m").unwrap(), (seconds(10), seconds(120)));
        assert_eq!(read("5s").unwrap(), (seconds(5), seconds(5)));
        for wrong in ["", "30", "-3s", "0s", "2h", "soon"] {
            assert!(
                read(wrong).unwrap_err().report().contains("fetch-timeout"),
                "{wrong}"
            );
        }
    }
}
