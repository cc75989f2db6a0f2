//! `rsmf check`, `rsmf mkbucket`, `rsmf rmbucket`.

use std::sync::Arc;

use rsmf_core::{Failure, Kind, Result as CoreResult, integration::Storage};
use rsmf_storage::{LocalStorage, Location};
use serde_json::json;

use super::{drive, json_line};
use crate::{
    Console,
    args::{BucketArgs, CheckArgs},
    cmd::unfinished::is_part_of_one,
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

const UNFINISHED: &str = "in order, but an unfinished conversion lies there; the same `rsmf convert` with --resume \
                          finishes it";

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
            let found = match is_absent(config, address) {
                true => "nothing is there yet, but it can be made",
                false if is_part_of_one(config, address).await => UNFINISHED,
                false => "all in order",
            };
            tell(address, problem.map_or(Ok(found), Err), args.json, console)?;
        }
        Ok(())
    })?;
    Ok(code)
}

/// Whether it is a folder of this machine that nobody has made yet.
fn is_absent(config: &Config, address: &str) -> bool {
    match config.stores.locate(address) {
        Ok((Location::Local(path), _)) => !path.exists(),
        _ => false,
    }
}

fn tell(
    address: &str,
    checked: std::result::Result<&str, Error>,
    json: bool,
    console: &Console,
) -> Result<()> {
    match (json, checked) {
        (true, checked) => {
            let problem = checked.err().map(|error| error.report());
            json_line(
                console,
                &json!({ "address": address, "ok": problem.is_none(), "error": problem }),
            )
        }
        (false, Ok(found)) => {
            // What names a place ends in a colon.
            let address = harmless(address.trim_end_matches(':'));
            console.write(|out| writeln!(out, "{address}: {found}"))
        }
        (false, Err(error)) => {
            console.say_report(&error.report());
            Ok(())
        }
    }
}
