//! Transfers, as they run.

use std::{path::PathBuf, sync::Arc, time::Duration};

use super::{State, azure::Container};
use crate::relativity::{
    serve::Shared,
    world::{World, names},
};

/// Brings everything to the share, in the order of the list.
pub(crate) async fn run(shared: Arc<Shared>, job: String) {
    let time = shared.lock().knobs.transfer_time;
    tokio::time::sleep(Duration::from_millis(time / 2)).await;
    let Some((container, folder)) = begin(&mut shared.lock(), &job) else {
        return;
    };
    match container.list().await {
        Ok(blobs) => {
            change(&shared, &job, |transfer| {
                transfer.total = (blobs.len() as u64, blobs.iter().map(|(_, size)| size).sum());
            });
            for (name, size) in blobs {
                fetch(&shared, &job, &container, &folder, &name, size).await;
            }
        }
        Err(error) => change(&shared, &job, |transfer| transfer.error = error.to_string()),
    }
    tokio::time::sleep(Duration::from_millis(time / 2)).await;
    change(&shared, &job, super::Transfer::end);
}

fn begin(world: &mut World, job: &str) -> Option<(Container, PathBuf)> {
    let transfer = world.transfers.get_mut(job)?;
    if transfer.state != State::Waiting {
        return None;
    }
    transfer.state = State::Running;
    Some((
        transfer.container.clone(),
        world.shares.local(&transfer.destination)?,
    ))
}

fn change(shared: &Shared, job: &str, what: impl FnOnce(&mut super::Transfer)) {
    if let Some(transfer) = shared.lock().transfers.get_mut(job) {
        what(transfer);
    }
}

/// Brings one file, unless the transfer was cancelled.
async fn fetch(
    shared: &Shared,
    job: &str,
    container: &Container,
    folder: &std::path::Path,
    name: &str,
    size: u64,
) {
    let is_running = shared
        .lock()
        .transfers
        .get(job)
        .is_some_and(|it| it.state == State::Running);
    if !is_running {
        return;
    }
    // Names that lead out of the folder, or that the share does not take.
    let is_safe = !name.contains('\\') && names::problem(&name.replace('/', "\\")).is_none();
    let outcome = match is_safe {
        true => container.fetch(name, &folder.join(name)).await,
        false => Err(std::io::ErrorKind::InvalidInput.into()),
    };
    change(shared, job, |transfer| {
        let (count, end) = match &outcome {
            Ok(fetched) if *fetched == size => (&mut transfer.done, "Success"),
            _ => (&mut transfer.failed, "Failed"),
        };
        count.0 += 1;
        count.1 += size;
        transfer.files.push((name.to_owned(), size, end));
    });
}

impl super::Transfer {
    fn end(&mut self) {
        if self.state != State::Running {
            return;
        }
        self.state = match (self.done.0, self.failed.0) {
            _ if !self.error.is_empty() => State::Failed,
            (_, 0) => State::Completed,
            (0, _) => State::Failed,
            _ => State::Partial,
        };
    }
}
