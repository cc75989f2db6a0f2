//! `rsmf sync`.

use rsmf_core::Failure;
use rsmf_storage::transfer::{self, Compare, Event, Filter, SyncOptions};

use super::{
    class, copies, drive,
    open::{Found, open_all},
    tally::Tally,
};
use crate::{
    Console,
    args::SyncArgs,
    cmd::unfinished,
    config::Config,
    error::{Error, Result},
};

pub(crate) fn sync(args: &SyncArgs, config: &Config, console: &Console) -> Result<u8> {
    let mut options = options(args)?;
    let tally = Tally::new(console, "sync", &args.show, args.dry_run);
    let summary = drive(async {
        let addresses = [args.source.clone(), args.target.clone()];
        let named = open_all(config, &addresses).await.map_err(class)?;
        let [source, target] = named.as_slice() else {
            return Err(Error::Usage("give a source and a target".to_owned()));
        };
        // One that is not there must not make the target empty.
        if let Found::Object(_) = source.look().await.map_err(Error::Input)? {
            return Err(Error::Input(
                Failure::new("sync", source.address.clone())
                    .source("it is no folder")
                    .advice("`rsmf cp` copies single objects")
                    .invalid_input(),
            ));
        }
        unfinished::warn(config, &source.address, console).await;
        options.copy.transfer = source.transfer.clone();
        let events = |event: Event<'_>| tally.event(&event);
        transfer::sync(&source.place, &target.place, &options, &events)
            .await
            .map_err(class)
    })?;
    tally.end(&summary)
}

fn options(args: &SyncArgs) -> Result<SyncOptions> {
    let mut options = SyncOptions::default();
    options.compare = match args.checksum {
        true => Compare::Content,
        false => Compare::SizeAndTime,
    };
    options.filter = filter(args)?;
    options.delete = args.delete;
    options.dry_run = args.dry_run;
    options.parallel = args.transfer.parallel.into();
    options.copy = copies::options(&args.transfer);
    Ok(options)
}

fn filter(args: &SyncArgs) -> Result<Filter> {
    let wrong = |option: &'static str| {
        move |error: rsmf_core::Error| Error::option(option, error.to_string())
    };
    let mut filter = Filter::builder();
    for pattern in &args.include {
        filter = filter.include(pattern).map_err(wrong("include"))?;
    }
    for pattern in &args.exclude {
        filter = filter.exclude(pattern).map_err(wrong("exclude"))?;
    }
    filter.build().map_err(wrong("include"))
}
