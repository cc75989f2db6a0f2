//! Sources are taken in one after the other.

use std::{path::Path, sync::Arc, time::Duration};

use super::{
    ImportJob, Source, SourceState,
    config::Config,
    dat,
    rows::{Place, Row},
    settings::SourceSettings,
};
use crate::relativity::{
    serve::Shared,
    world::{World, shares::Shares, workspace::Workspace},
};

/// Takes in what waits, until nothing does.
pub(crate) async fn run(shared: Arc<Shared>, workspace: i64, job: String) {
    if !hire(&mut shared.lock(), workspace, &job) {
        return;
    }
    loop {
        let (queue, time) = {
            let world = shared.lock();
            (world.knobs.import_queue, world.knobs.import_time)
        };
        tokio::time::sleep(Duration::from_millis(queue)).await;
        let Some(source) = take(&mut shared.lock(), workspace, &job) else {
            return;
        };
        tokio::time::sleep(Duration::from_millis(time / 2)).await;
        change(&mut shared.lock(), workspace, &job, &source, |source| {
            source.state = SourceState::Inserting
        });
        tokio::time::sleep(Duration::from_millis(time / 2)).await;
        insert(&mut shared.lock(), workspace, &job, &source);
    }
}

fn job_of<'a>(world: &'a mut World, workspace: i64, job: &str) -> Option<&'a mut ImportJob> {
    world.workspaces.get_mut(&workspace)?.imports.get_mut(job)
}

fn change(
    world: &mut World,
    workspace: i64,
    job: &str,
    source: &str,
    what: impl FnOnce(&mut Source),
) {
    let job = job_of(world, workspace, job);
    if let Some(source) = job.and_then(|job| job.sources.iter_mut().find(|it| it.id == source)) {
        what(source);
    }
}

/// Whether the job has nobody at work yet.
fn hire(world: &mut World, workspace: i64, job: &str) -> bool {
    job_of(world, workspace, job).is_some_and(|job| !std::mem::replace(&mut job.has_worker, true))
}

/// Takes the next source; where there is none, the work ends.
fn take(world: &mut World, workspace: i64, job: &str) -> Option<String> {
    let fails = world.knobs.import_fails;
    let job = job_of(world, workspace, job)?;
    if fails {
        job.has_failed = true;
        job.sources
            .iter_mut()
            .for_each(|source| source.state = SourceState::Failed);
    }
    match job.next() {
        Some(source) => {
            source.state = SourceState::PendingInserting;
            Some(source.id.clone())
        }
        None => {
            job.has_worker = false;
            None
        }
    }
}

/// Reads a load file and takes in its records.
fn insert(world: &mut World, workspace: i64, job: &str, id: &str) {
    let shares = world.shares.clone();
    let Some(workspace) = world.workspaces.get_mut(&workspace) else {
        return;
    };
    // Taken out meanwhile, as its records change the workspace.
    let Some(mut taken) = workspace.imports.remove(job) else {
        return;
    };
    let config = taken.config.clone();
    let source = taken.sources.iter_mut().find(|it| it.id == id);
    if let (Some(source), Some(config)) = (source, config) {
        source.insert(workspace, &config, &shares);
    }
    workspace.imports.insert(job.to_owned(), taken);
}

fn load(path: &Path, settings: &SourceSettings) -> Result<Vec<Vec<String>>, String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    dat::records(&bytes, settings)
}

impl Source {
    fn insert(&mut self, workspace: &mut Workspace, config: &Config, shares: &Shares) {
        let local = shares.local(&self.settings.path);
        let read = local
            .as_deref()
            .ok_or_else(|| "it lies on no share".to_owned());
        match read.and_then(|path| load(path, &self.settings).map(|records| (path, records))) {
            Ok((path, records)) => {
                let folder = path.parent().unwrap_or(path);
                self.take_in(&records, workspace, config, &Place { shares, folder });
            }
            Err(why) => {
                let message = format!("Cannot open the load file '{}': {why}", self.settings.path);
                self.job_error = Some(("S.RD.EXT.0217".to_owned(), message));
                self.state = SourceState::Failed;
            }
        }
    }

    fn take_in(
        &mut self,
        records: &[Vec<String>],
        workspace: &mut Workspace,
        config: &Config,
        place: &Place<'_>,
    ) {
        let names = usize::from(self.settings.has_names);
        self.columns = records
            .first()
            .filter(|_| names == 1)
            .cloned()
            .unwrap_or_default();
        let mut known = config.known(workspace);
        let counted = records
            .iter()
            .enumerate()
            .map(|(at, record)| (at + 1, record));
        for (line, record) in counted
            .skip(names)
            .filter(|(line, _)| *line >= self.settings.start)
        {
            let settings = &self.settings;
            let row = Row {
                config,
                settings,
                place,
                line,
                record,
            };
            self.records += 1;
            match row.import(workspace, &mut known) {
                Ok(()) => self.imported += 1,
                Err(error) => self.errors.push(error),
            }
        }
        self.state = match self.errors.is_empty() {
            true => SourceState::Completed,
            false => SourceState::CompletedWithItemErrors,
        };
    }
}
