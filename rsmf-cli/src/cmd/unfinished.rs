//! Folders that a conversion has begun to fill, and not finished.

use std::path::PathBuf;

use rsmf_core::Failure;
use rsmf_storage::{LocalStorage, Location};

use crate::{
    Console,
    config::Config,
    error::{Error, Result},
};

/// Whether `folder` is the output of such a conversion.
pub(super) async fn is_unfinished(config: &Config, folder: &str) -> Result<bool> {
    let output = config.stores.open_output(folder).await;
    let output = output.map_err(Error::Output)?;
    Ok(rsmf_convert::is_unfinished(output.storage.as_ref()).await?)
}

/// Refuses such a folder, or a part of one, since nobody could tell later that files are missing.
pub(crate) async fn refuse(config: &Config, operation: &'static str, input: &str) -> Result<()> {
    match is_part_of_one(config, input).await {
        false => Ok(()),
        true => Err(Error::Input(
            Failure::new(operation, input)
                .source("the conversion that writes it is not finished: files are missing")
                .advice(
                    "finish it by the same `rsmf convert` with --resume; --unfinished takes what is there",
                )
                .invalid_input(),
        )),
    }
}

/// Says so where a command does what it is asked for all the same.
pub(crate) async fn warn(config: &Config, input: &str, console: &Console) {
    if is_part_of_one(config, input).await {
        console.say(format_args!(
            "warning: {input}: the conversion that writes it is not finished, so files are missing; the same \
             `rsmf convert` with --resume finishes it"
        ));
    }
}

/// Whether an address is the output of such a conversion, or a folder in it. What is wrong with an address is told
/// where it is opened for good.
pub(crate) async fn is_part_of_one(config: &Config, input: &str) -> bool {
    let Ok((location, _)) = config.stores.locate(input) else {
        return false;
    };
    let Location::Local(path) = location else {
        return is_unfinished(config, input).await.unwrap_or_default();
    };
    // A single file is there as a whole.
    let Some(folder) = std::fs::canonicalize(path)
        .ok()
        .filter(|path| path.is_dir())
    else {
        return false;
    };
    for folder in folder.ancestors().map(PathBuf::from) {
        let found = rsmf_convert::is_unfinished(&LocalStorage::new(folder)).await;
        if found.unwrap_or_default() {
            return true;
        }
    }
    false
}
