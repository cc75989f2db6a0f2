//! `rsmf check`, `rsmf mkbucket`, `rsmf rmbucket`.

use std::sync::Arc;

use rsmf_core::{Failure, Kind, Result as CoreResult, integration::Storage};
use rsmf_storage::{LocalStorage, Location};
use serde_json::json;

use super::{drive, json_line};
use crate::{
    Console,
    args::{BucketArgs, CheckArgs},
    config::Config,
    error::{Error, Result},
    exit,
    output::words::harmless,
};

pub(crate) fn create(args: &BucketArgs, config: &Config, console: &Console) -> Result<u8> {
    drive(async {
        let store = whole(config, &args.address).await.map_err(Error::Output)?;
        store.create_container().await.map_err(Error::Output)
    })?;
    console.say(format_args!("{} is there", args.address));
    Ok(exit::OK)
}

pub(crate) fn destroy(args: &BucketArgs, config: &Config, console: &Console) -> Result<u8> {
    drive(async {
        let store = whole(config, &args.address).await.map_err(Error::Output)?;
        store
            .remove_container()
            .await
            .map_err(|error| match error.kind() {
                Kind::NotFound => Error::Input(error),
                _ => Error::Output(error),
            })
    })?;
    console.say(format_args!("{} is gone", args.address));
    Ok(exit::OK)
}

/// The store itself: an address with a path in it means something else.
async fn whole(config: &Config, address: &str) -> CoreResult<Arc<dyn Storage>> {
    if let (Location::Local(path), _) = config.stores.locate(address)? {
        return Ok(Arc::new(LocalStorage::new(path)));
    }
    let (store, below) = config.stores.open(address).await?;
    match below.path.is_root() {
        true => Ok(store),
        false => Err(Failure::new("use", address.to_owned())
            .source("it is a place in a bucket and not a bucket")
            .advice("folders need not be created: the first object does that")
            .invalid_input()),
    }
}

pub(crate) fn check(args: &CheckArgs, config: &Config, console: &Console) -> Result<u8> {
    let mut code = exit::OK;
    drive(async {
        for address in &args.addresses {
            let checked = async {
                let (store, _) = config.stores.open(address).await?;
                store.check().await
            };
            let problem = checked.await.err().map(Error::Input);
            if problem.is_some() {
                code = exit::INPUT;
            }
            tell(address, problem.as_ref(), args.json, console)?;
        }
        Ok(())
    })?;
    Ok(code)
}

fn tell(address: &str, problem: Option<&Error>, json: bool, console: &Console) -> Result<()> {
    match (json, problem) {
        (true, problem) => {
            let problem = problem.map(Error::report);
            json_line(
                console,
                &json!({ "address": address, "ok": problem.is_none(), "error": problem }),
            )
        }
        (false, None) => console.write(|out| writeln!(out, "{}: all in order", harmless(address))),
        (false, Some(error)) => {
            console.say(error.report());
            Ok(())
        }
    }
}
