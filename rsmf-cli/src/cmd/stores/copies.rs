//! `rsmf cp` and `rsmf mv`.

use rsmf_core::{
    Failure,
    integration::{ObjectMeta, PutOptions, StorageExt},
};
use rsmf_storage::transfer::{
    self, Action, Compare, CopyOptions, Event, Place, Summary, SyncOptions,
};

use super::{
    class, drive,
    open::{Found, Named, open_all},
    tally::Tally,
};
use crate::{
    Console,
    args::{CopyArgs, TransferArgs},
    config::Config,
    error::{Error, Result},
};

/// Copying, or moving.
struct Job<'a> {
    args: &'a CopyArgs,
    moves: bool,
}

pub(crate) fn copy(args: &CopyArgs, config: &Config, console: &Console) -> Result<u8> {
    let job = Job { args, moves: false };
    job.run(config, console, "cp")
}

pub(crate) fn relocate(args: &CopyArgs, config: &Config, console: &Console) -> Result<u8> {
    let job = Job { args, moves: true };
    job.run(config, console, "mv")
}

/// How each object is copied.
pub(super) fn options(args: &TransferArgs) -> CopyOptions {
    let mut options = CopyOptions::default();
    options.verify = args.verify;
    options.put = PutOptions::default();
    if args.no_clobber {
        options.put = options.put.create();
    }
    if let Some(class) = &args.storage_class {
        options.put = options.put.storage_class(class.clone());
    }
    options
}

impl Job<'_> {
    fn run(&self, config: &Config, console: &Console, verb: &'static str) -> Result<u8> {
        let tally = Tally::new(console, verb, &self.args.show, false);
        let summary = drive(async {
            let mut named = open_all(config, &self.args.addresses)
                .await
                .map_err(class)?;
            let Some(target) = named.pop() else {
                return Err(Error::Usage("give a source and a target".to_owned()));
            };
            self.all(&named, &target, options(&self.args.transfer), &tally)
                .await
        })?;
        tally.end(&summary)
    }

    async fn all(
        &self,
        sources: &[Named],
        target: &Named,
        mut options: CopyOptions,
        tally: &Tally<'_>,
    ) -> Result<Summary> {
        let into = is_folder(target).await?;
        if sources.len() > 1 && !into {
            let problem = "several sources need a folder as their target: end it with a slash";
            return Err(Error::Usage(format!("{}: {problem}", target.address)));
        }
        let mut summary = Summary::default();
        for source in sources {
            options.transfer = source.transfer.clone();
            match source.look().await.map_err(Error::Input)? {
                Found::Object(meta) => {
                    let to = match into {
                        true => target
                            .place
                            .join(meta.path.file_name())
                            .map_err(Error::Output)?,
                        false => target.place.clone(),
                    };
                    self.object(source, &meta, &to, &options, tally, &mut summary)
                        .await?;
                }
                Found::Folder if self.args.recursive => {
                    let done = self.folder(source, target, into, &options, tally).await?;
                    add(&mut summary, &done);
                }
                Found::Folder => {
                    let problem = "it is a folder: `-r` takes all that is below it";
                    return Err(Error::Usage(format!("{}: {problem}", source.address)));
                }
            }
        }
        Ok(summary)
    }

    async fn object(
        &self,
        source: &Named,
        meta: &ObjectMeta,
        to: &Place,
        options: &CopyOptions,
        tally: &Tally<'_>,
        summary: &mut Summary,
    ) -> Result<()> {
        tally.expect(meta.size);
        let progress = |bytes| tally.event(&Event::Bytes(bytes));
        let from = &source.place;
        let done = match self.moves {
            true => transfer::relocate_known(from, meta, to, options, &progress).await,
            false => transfer::copy_known(from, meta, to, options, &progress).await,
        };
        done.map_err(class)?;
        tally.event(&Event::Done(Action::Copy, to.path.as_str()));
        summary.copied += 1;
        summary.bytes += meta.size;
        Ok(())
    }

    async fn folder(
        &self,
        source: &Named,
        target: &Named,
        into: bool,
        copy: &CopyOptions,
        tally: &Tally<'_>,
    ) -> Result<Summary> {
        let name = source.name();
        let contents = source.address.ends_with('/') || name.is_empty() || !into;
        let to = match contents {
            true => target.place.clone(),
            false => target.place.join(&name).map_err(Error::Output)?,
        };
        let mut options = SyncOptions::default();
        options.compare = Compare::Never;
        options.parallel = self.args.transfer.parallel.into();
        options.remove_source = self.moves;
        options.copy = copy.clone();
        let events = |event: Event<'_>| tally.event(&event);
        transfer::sync(&source.place, &to, &options, &events)
            .await
            .map_err(class)
    }
}

fn add(all: &mut Summary, one: &Summary) {
    all.copied += one.copied;
    all.bytes += one.bytes;
    all.same += one.same;
    all.deleted += one.deleted;
    all.failed += one.failed;
}

/// Whether what is copied goes into it rather than taking its place.
async fn is_folder(target: &Named) -> Result<bool> {
    if target.is_folder {
        return Ok(true);
    }
    let place = &target.place;
    match place.storage.holds_anything(&place.path).await {
        Ok(holds_anything) => Ok(holds_anything),
        Err(error) if error.kind() == rsmf_core::Kind::NotFound => Ok(false),
        Err(error) => Err(Error::Output(
            Failure::new("write to", target.address.clone())
                .source(error)
                .other(),
        )),
    }
}
