//! `rsmf rm`.

use std::io::{BufRead, IsTerminal};

use futures_util::{StreamExt, stream};
use rsmf_core::{
    Kind,
    integration::{ObjectMeta, StorePath},
};
use rsmf_storage::transfer::{Action, Event, Summary};

use super::{
    drive,
    open::{Found, Named, open},
    tally::Tally,
};
use crate::{
    Console,
    args::RmArgs,
    config::Config,
    error::{Error, Result},
};

/// Objects that are removed in one go.
const BATCH: usize = 500;

pub(crate) fn remove(args: &RmArgs, config: &Config, console: &Console) -> Result<u8> {
    let tally = Tally::new(console, "rm", &args.show, args.dry_run);
    let summary = drive(async {
        let mut found = Vec::new();
        for address in &args.addresses {
            let named = open(config, address).await.map_err(Error::Input)?;
            let what = named.look().await.map_err(Error::Input)?;
            if matches!(what, Found::Folder) && !args.recursive {
                let problem = "it is a folder: `-r` removes all that is below it";
                return Err(Error::Usage(format!("{address}: {problem}")));
            }
            found.push((named, what));
        }
        let folders: Vec<_> = found
            .iter()
            .filter(|(_, what)| matches!(what, Found::Folder))
            .map(|(named, _)| named.address.as_str())
            .collect();
        if !folders.is_empty() && !args.yes && !args.dry_run {
            confirm(&folders.join(", "), console)?;
        }
        let mut summary = Summary::default();
        for (named, what) in &found {
            remove_one(named, what, args.dry_run, &tally, &mut summary).await?;
        }
        Ok(summary)
    })?;
    tally.end(&summary)
}

/// Asks, where somebody is there to answer.
fn confirm(folders: &str, console: &Console) -> Result<()> {
    let refuse = |problem: &str| Err(Error::Usage(format!("{folders}: {problem}")));
    if !std::io::stdin().is_terminal() {
        return refuse(
            "to remove all that is below it, say `--yes`; `--dry-run` shows what that is",
        );
    }
    console.say(format_args!("remove everything below {folders}? [y/N]"));
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    match read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes") {
        true => Ok(()),
        false => refuse("nothing was removed"),
    }
}

async fn remove_one(
    named: &Named,
    what: &Found,
    is_dry: bool,
    tally: &Tally<'_>,
    summary: &mut Summary,
) -> Result<()> {
    let store = &named.place.storage;
    let listed = match what {
        Found::Object(meta) => stream::iter([Ok(meta.clone())]).boxed(),
        Found::Folder => store.list(&named.place.path),
    };
    let mut batches = listed.ready_chunks(BATCH);
    while let Some(batch) = batches.next().await {
        let mut objects = Vec::new();
        for item in batch {
            match item {
                Ok(meta) => objects.push(meta),
                Err(error) => {
                    summary.failed += 1;
                    tally.fail(None, &error);
                }
            }
        }
        remove_batch(named, &objects, is_dry, tally, summary).await;
    }
    Ok(())
}

async fn remove_batch(
    named: &Named,
    objects: &[ObjectMeta],
    is_dry: bool,
    tally: &Tally<'_>,
    summary: &mut Summary,
) {
    for meta in objects {
        tally.event(&Event::Planned(
            Action::Delete,
            meta.path.as_str(),
            meta.size,
        ));
    }
    let paths: Vec<StorePath> = objects.iter().map(|meta| meta.path.clone()).collect();
    let results = match is_dry {
        true => paths.iter().map(|_| Ok(())).collect(),
        false => named.place.storage.delete_many(&paths).await,
    };
    for (path, result) in paths.iter().zip(results) {
        match result {
            Err(error) if error.kind() != Kind::NotFound => {
                summary.failed += 1;
                tally.fail(Some(path.as_str()), &error);
            }
            _ => {
                summary.deleted += 1;
                tally.event(&Event::Done(Action::Delete, path.as_str()));
            }
        }
    }
}
