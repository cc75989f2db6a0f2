//! Transfer Service, version 2: what lies in a container of Azure comes to a share.

mod azure;
pub(super) mod run;

use serde_json::{Value, json};

use self::azure::Container;
use super::{
    call::{Call, Keys},
    knobs::TransferWords,
    reply::{Outcome, Reply},
    world::{Task, World, names, numbers::is_guid},
};

/// A transfer.
#[derive(Debug)]
pub(super) struct Transfer {
    source: String,
    container: Container,
    destination: String,
    kind: Value,
    tags: Value,
    state: State,
    /// What there is: files and bytes.
    total: (u64, u64),
    done: (u64, u64),
    failed: (u64, u64),
    /// Path, size and end of each file.
    files: Vec<(String, u64, &'static str)>,
    error: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Waiting,
    Running,
    Completed,
    Partial,
    Failed,
    Cancelled,
}

pub(super) fn call(world: &mut World, call: &Call) -> Outcome {
    let status = world.knobs.transfer_refusal_status;
    let job = call.slot("job").to_lowercase();
    let outcome = match call.name {
        "transfer.create" => create(world, call),
        name => match world.transfers.get_mut(&job) {
            None => return Ok(refused(404, &format!("There is no transfer {job}."))),
            Some(transfer) => match name {
                "transfer.cancel" => {
                    transfer.cancel();
                    Ok(Reply::done())
                }
                "transfer.qc" => Ok(Reply::free(
                    json!({ "sasUrl": format!("{}/simulator/qc/{job}?sp=r", world.url) }),
                )),
                _ => Ok(Reply::free(
                    transfer.shown(&job, &world.knobs.transfer_words),
                )),
            },
        },
    };
    Ok(outcome.unwrap_or_else(|why: String| refused(status, &why)))
}

/// Errors of this service are not described: these are of the form that its platform uses.
fn refused(status: u16, why: &str) -> Reply {
    Reply::free(
        json!({ "type": "about:blank", "title": "Bad Request", "status": status, "detail": why }),
    )
    .status(status)
}

fn create(world: &mut World, call: &Call) -> Result<Reply, String> {
    let job = call.key("transferJobID").text().to_lowercase();
    if !is_guid(&job) {
        return Err("transferJobID is no GUID.".to_owned());
    }
    if world.transfers.contains_key(&job) {
        return Err(format!("There is a transfer {job} already."));
    }
    let destination = call.key("destinationPath").text();
    if !world.shares.is_writable(destination) {
        let message =
            "BackendServiceException: staging governance violation, nothing can be written to";
        return Err(format!("{message} '{destination}'."));
    }
    let below = destination.splitn(5, '\\').nth(4).unwrap_or_default();
    if let Some(why) = names::problem(below) {
        return Err(format!("The destination cannot be: {why}."));
    }
    let source = call.key("sourcePath").text();
    let transfer = Transfer {
        container: Container::read(source)?,
        source: source.split('?').next().unwrap_or_default().to_owned(),
        destination: destination.to_owned(),
        kind: call.key("transferType").clone(),
        tags: call.key("tags").clone(),
        state: State::Waiting,
        total: (0, 0),
        done: (0, 0),
        failed: (0, 0),
        files: Vec::new(),
        error: String::new(),
    };
    world.transfers.insert(job.clone(), transfer);
    world.tasks.push(Task::Transfer { job });
    Ok(Reply::done())
}

/// The file for quality control: a line for each file.
pub(super) fn report(world: &World, topic: &str) -> Reply {
    let job = topic.trim_start_matches("qc/").to_lowercase();
    let Some(transfer) = world.transfers.get(&job) else {
        return refused(404, "There is no such transfer.");
    };
    let lines = transfer
        .files
        .iter()
        .map(|(path, size, end)| format!("{path},{size},{end}\r\n"));
    Reply::bytes(
        "text/csv",
        format!("Path,Size,Status\r\n{}", lines.collect::<String>()),
    )
}

impl Transfer {
    fn cancel(&mut self) {
        if matches!(self.state, State::Waiting | State::Running) {
            self.state = State::Cancelled;
        }
    }

    fn shown(&self, job: &str, words: &TransferWords) -> Value {
        let word = match self.state {
            State::Waiting => &words.waiting,
            State::Running => &words.running,
            State::Completed => &words.completed,
            State::Partial => &words.partial,
            State::Failed => &words.failed,
            State::Cancelled => &words.cancelled,
        };
        json!({
            "transferStatus": word, "transferJobID": job, "transferType": self.kind, "tags": self.tags,
            "sourceFullPath": self.source, "destinationFullPath": self.destination, "eta": "00:00:00",
            "transferStatistics": {
                "successfulFiles": self.done.0, "successfulBytes": self.done.1, "successfulEmptyDirectories": 0,
                "failedFiles": self.failed.0, "failedBytes": self.failed.1, "failedEmptyDirectories": 0,
                "skippedFiles": 0, "skippedBytes": 0, "skippedEmptyDirectories": 0,
            },
            "enumerationStatistics": {
                "totalFiles": self.total.0, "totalSize": self.total.1, "totalEmptyDirectories": 0,
                "status": word, "error": self.error,
            },
        })
    }
}
