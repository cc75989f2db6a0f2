//! Calls about jobs.

use serde_json::{Value, json};

use super::{Done, ImportJob, SourceState, config::Config, now, progress, wrapped, wrong};
use crate::relativity::{
    call::{Call, Keys},
    knobs::RelativityKnobs,
    reply::{Outcome, Refusal, Reply},
    world::{Task, World, numbers::is_guid, schema::Kind, workspace::Workspace},
};

pub(crate) fn call(world: &mut World, call: &Call) -> Outcome {
    if call.name == "import.health" {
        return Ok(Reply::json(
            json!({ "IsHealthy": true, "Message": "Import Service is healthy." }),
        ));
    }
    let job = call.slot("job").to_lowercase();
    if !job.is_empty() && !is_guid(&job) {
        return Err(Refusal::malformed(&format!(
            "'{job}' in the URL is no GUID."
        )));
    }
    let knobs = world.knobs.clone();
    let workspace = world.workspace(call)?;
    let (outcome, work) = answer(workspace, call, &job, &knobs);
    if work {
        let workspace = workspace.id;
        let job = job.clone();
        world.tasks.push(Task::Import { workspace, job });
    }
    Ok(wrapped(&job, outcome, knobs.import_refusal_status))
}

/// What is answered, and whether there is work to be begun.
fn answer(
    workspace: &mut Workspace,
    call: &Call,
    job: &str,
    knobs: &RelativityKnobs,
) -> (Done, bool) {
    match call.name {
        "import.jobs" => return (Ok(list(workspace, call)), false),
        "import.create" => return (create(workspace, call, job), false),
        "import.location" => {
            return (
                Ok(json!(format!("\\\\files\\Import\\EDDS{}", workspace.id))),
                false,
            );
        }
        _ => {}
    }
    let configures =
        call.name.starts_with("import.configure") && call.name != "import.configuration";
    let config = configures.then(|| config_of(workspace, call));
    let Some(job) = workspace.imports.get_mut(job) else {
        return (
            wrong(
                &code("J", call.name, "1601"),
                "The import job does not exist.",
            ),
            false,
        );
    };
    if let Some(config) = config {
        return (job.configure(call.key("importSettings"), config), false);
    }
    let outcome = match call.name {
        "import.configuration" => match &job.settings {
            Some(settings) => Ok(settings.clone()),
            None => wrong("C.GET_CFG.VLD.2601", "The job has no configuration."),
        },
        "import.details" => Ok(job.details()),
        "import.progress" => Ok(job.progress(knobs)),
        name => job.steer(name),
    };
    let begins = outcome.is_ok() && matches!(call.name, "import.begin" | "import.resume");
    (outcome, begins)
}

fn config_of(workspace: &Workspace, call: &Call) -> Done<Config> {
    let settings = call.key("importSettings");
    let kind = match call.name {
        "import.configure-rdos" => Config::kind(settings.key("Rdo")),
        _ => Some(Kind::Document),
    };
    match kind {
        Some(kind) => Config::read(settings, kind, workspace),
        None => wrong("R.CR.VLD.2701", "There is no such type of objects."),
    }
}

/// A code of errors of a call.
pub(super) fn code(resource: &str, name: &str, number: &str) -> String {
    let action = match name {
        "import.create" | "import.configure" | "import.configure-rdos" | "import.source-create" => {
            "CR"
        }
        "import.begin" => "BEG",
        "import.end" => "END",
        "import.cancel" => "CNL",
        "import.pause" => "PS",
        "import.resume" => "RES",
        "import.details" | "import.source-details" => "GET_DTLS",
        "import.progress" | "import.source-progress" => "GET_PRG",
        "import.configuration" => "GET_CFG",
        "import.source-columns" => "GET_COL",
        _ => "GET",
    };
    format!("{resource}.{action}.VLD.{number}")
}

fn list(workspace: &Workspace, call: &Call) -> Value {
    let number = |name| {
        call.number_in_query(name)
            .and_then(|it| usize::try_from(it).ok())
    };
    let (start, length) = (number("start").unwrap_or(0), number("length").unwrap_or(0));
    let jobs: Vec<_> = workspace.imports.keys().skip(start).take(length).collect();
    json!({ "Jobs": jobs, "TotalCount": workspace.imports.len() })
}

fn create(workspace: &mut Workspace, call: &Call, id: &str) -> Done {
    if workspace.imports.contains_key(id) {
        return wrong(
            "J.CR.VLD.1501",
            "Cannot create the job: there is one with this identifier.",
        );
    }
    let job = ImportJob {
        application: call.key("applicationName").text().to_owned(),
        user: call.user.name.clone(),
        created: now(),
        ..ImportJob::default()
    };
    workspace.imports.insert(id.to_owned(), job);
    Ok(Value::Null)
}

impl ImportJob {
    fn configure(&mut self, settings: &Value, config: Done<Config>) -> Done {
        if self.config.is_some() || self.is_begun || self.is_cancelled {
            return wrong("C.CR.VLD.2501", "The job has a configuration already.");
        }
        match config {
            Ok(config) => {
                self.settings = Some(settings.clone());
                self.config = Some(config);
                Ok(Value::Null)
            }
            Err(wrong) => {
                self.is_invalid = true;
                Err(wrong)
            }
        }
    }

    /// Begins, ends, pauses, resumes, cancels.
    fn steer(&mut self, name: &str) -> Done {
        let can = match name {
            "import.begin" => self.config.is_some() && !self.is_begun && !self.is_cancelled,
            "import.end" => self.is_begun && !self.is_ended && !self.is_cancelled,
            "import.pause" => self.is_begun && !self.is_paused && !self.is_finished(),
            "import.resume" => self.is_paused && !self.is_cancelled,
            _ => !self.is_finished(),
        };
        if !can {
            let message = format!("The state {} of the job forbids it.", self.state());
            return wrong(&code("J", name, "1501"), &message);
        }
        match name {
            "import.begin" => {
                self.is_begun = true;
                self.turn(SourceState::New, SourceState::Scheduled);
            }
            "import.end" => self.is_ended = true,
            "import.pause" => self.is_paused = true,
            "import.resume" => self.is_paused = false,
            _ => {
                self.is_cancelled = true;
                self.turn(SourceState::New, SourceState::Canceled);
                self.turn(SourceState::Scheduled, SourceState::Canceled);
            }
        }
        Ok(Value::Null)
    }

    fn turn(&mut self, from: SourceState, to: SourceState) {
        let sources = self
            .sources
            .iter_mut()
            .filter(|source| source.state == from);
        sources.for_each(|source| source.state = to);
    }

    fn details(&self) -> Value {
        let errors = if self.has_failed {
            vec!["The import failed."]
        } else {
            Vec::new()
        };
        json!({
            "IsFinished": self.is_finished(), "State": self.state(), "ApplicationName": self.application,
            "Errors": errors, "CreatedBy": self.user, "CreatedOn": self.created,
            "LastModifiedBy": self.user, "LastModifiedOn": self.created,
        })
    }

    fn progress(&self, knobs: &RelativityKnobs) -> Value {
        let sum = |count: fn(&super::Source) -> usize| self.sources.iter().map(count).sum();
        let counts = [
            sum(|it| it.records),
            sum(|it| it.imported),
            sum(|it| it.errors.len()),
        ];
        progress(counts, knobs.import_spelling)
    }
}
