//! `rsmf presign`.

use std::time::Duration;

use rsmf_core::integration::{Grant, PresignOptions};
use secrecy::ExposeSecret;

use super::{drive, open::open};
use crate::{
    Console,
    args::PresignArgs,
    cmd::stretch,
    config::Config,
    error::{Error, Result},
    exit,
};

pub(crate) fn presign(args: &PresignArgs, config: &Config, console: &Console) -> Result<u8> {
    let mut options = PresignOptions::new(duration(&args.valid_for)?);
    if args.put {
        options.grant = Grant::Put;
    }
    options.password = match &args.password_env {
        None => None,
        Some(name) => Some(password(name)?),
    };
    let presigned = drive(async {
        let named = open(config, &args.address).await.map_err(Error::Input)?;
        // Only Nextcloud hands out folders.
        let is_folder = named.is_folder || named.place.path.is_root();
        if is_folder && named.place.storage.info().kind != "nextcloud" {
            let problem = "it is a folder: addresses are for single objects";
            return Err(Error::Usage(format!("{}: {problem}", named.address)));
        }
        let made = named.place.storage.presign(&named.place.path, options);
        made.await.map_err(Error::Input)
    })?;
    // It is what was asked for, and goes nowhere else.
    console.write(|out| writeln!(out, "{}", presigned.url.expose_secret()))?;
    for (name, value) in &presigned.headers {
        console.say(format_args!("the request needs the header {name}: {value}"));
    }
    Ok(exit::OK)
}

fn duration(text: &str) -> Result<Duration> {
    stretch(text).ok_or_else(|| {
        let problem = format!("{text:?} is no stretch of time; examples are 15m, 1h and 7d");
        Error::option("for", problem)
    })
}

fn password(name: &str) -> Result<secrecy::SecretString> {
    match std::env::var(name) {
        Ok(text) if !text.is_empty() => Ok(text.into()),
        _ => {
            let problem = format!("the environment has no usable variable {name}");
            Err(Error::option("password-env", problem))
        }
    }
}
