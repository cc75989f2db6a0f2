//! Calls about sources.

use serde_json::{Value, json};

use super::{
    Done, ImportJob, ItemError, Source, SourceState, calls::code, progress,
    settings::SourceSettings, wrapped, wrong,
};
use crate::relativity::{
    call::Call,
    knobs::RelativityKnobs,
    reply::{Outcome, Refusal},
    world::{Task, World, numbers::is_guid, shares::Shares},
};

pub(crate) fn call(world: &mut World, call: &Call) -> Outcome {
    let (job, source) = (
        call.slot("job").to_lowercase(),
        call.slot("source").to_lowercase(),
    );
    if [&job, &source]
        .into_iter()
        .any(|id| !id.is_empty() && !is_guid(id))
    {
        return Err(Refusal::malformed("An identifier in the URL is no GUID."));
    }
    let (knobs, shares) = (world.knobs.clone(), world.shares.clone());
    let workspace = world.workspace(call)?;
    let outcome = match workspace.imports.get_mut(&job) {
        None => wrong(
            &code("S", call.name, "3601"),
            "The import job does not exist.",
        ),
        Some(found) => found.answer(call, &source, &knobs, &shares),
    };
    let begins = outcome.is_ok() && call.name == "import.source-create";
    let is_begun = workspace.imports.get(&job).is_some_and(|job| job.is_begun);
    let workspace = workspace.id;
    if begins && is_begun {
        let job = job.clone();
        world.tasks.push(Task::Import { workspace, job });
    }
    Ok(wrapped(&job, outcome, knobs.import_refusal_status))
}

impl ImportJob {
    fn answer(&mut self, call: &Call, id: &str, knobs: &RelativityKnobs, shares: &Shares) -> Done {
        match call.name {
            "import.sources" => {
                let ids: Vec<_> = self.sources.iter().map(|source| &source.id).collect();
                return Ok(
                    json!({ &knobs.import_sources_key: ids, "TotalCount": self.sources.len() }),
                );
            }
            "import.source-create" => return self.add(call, id),
            "import.source-delete" => return self.remove(id),
            _ => {}
        }
        let Some(source) = self.sources.iter().find(|source| source.id == id) else {
            return wrong(&code("S", call.name, "3601"), "The source does not exist.");
        };
        match call.name {
            "import.source-details" => Ok(source.details(self)),
            "import.source-progress" => {
                let counts = [source.records, source.imported, source.errors.len()];
                Ok(progress(counts, knobs.import_spelling))
            }
            "import.source-columns" => Ok(json!(source.columns)),
            "import.source-itemerrors" => Ok(source.page_of_errors(call)),
            _ => source.error_load_file(shares),
        }
    }

    fn add(&mut self, call: &Call, id: &str) -> Done {
        if self.sources.iter().any(|source| source.id == id) {
            return wrong("S.CR.VLD.3501", "There is a source with this identifier.");
        }
        if self.is_ended || self.is_cancelled {
            return wrong("S.CR.VLD.3502", "The job takes no more sources.");
        }
        let sent = call.key("dataSourceSettings");
        self.sources.push(Source {
            id: id.to_owned(),
            sent: sent.clone(),
            settings: SourceSettings::read(sent)?,
            state: if self.is_begun {
                SourceState::Scheduled
            } else {
                SourceState::New
            },
            columns: Vec::new(),
            records: 0,
            imported: 0,
            errors: Vec::new(),
            job_error: None,
        });
        Ok(Value::Null)
    }

    fn remove(&mut self, id: &str) -> Done {
        let is_it = |source: &Source| source.id == id && source.state == SourceState::New;
        let before = self.sources.len();
        self.sources.retain(|source| !is_it(source));
        match self.sources.len() < before {
            true => Ok(Value::Null),
            false => wrong(
                "S.DEL.VLD.3501",
                "Only sources that are not begun can be deleted.",
            ),
        }
    }
}

impl Source {
    fn details(&self, job: &ImportJob) -> Value {
        let errors: Vec<_> = self.job_error.iter().map(|(code, message)| {
            json!({ "LineNumber": -1, "ErrorDetails": [detail(-1, code, message)] })
        }).collect();
        json!({
            "State": format!("{:?}", self.state), "DataSourceSettings": self.sent, "JobLevelErrors": errors,
            "IsParentFolderDeleted": false, "CreatedBy": job.user, "CreatedOn": job.created,
        })
    }

    fn page_of_errors(&self, call: &Call) -> Value {
        let number = |name| {
            call.number_in_query(name)
                .and_then(|it| usize::try_from(it).ok())
        };
        let (start, length) = (number("start").unwrap_or(0), number("length").unwrap_or(0));
        let page: Vec<_> = self
            .errors
            .iter()
            .skip(start)
            .take(length)
            .map(ItemError::shown)
            .collect();
        json!({
            "DataSourceID": self.id, "TotalCount": self.errors.len(), "NumberOfSkippedRecords": start,
            "NumberOfRecords": page.len(), "HasMoreRecords": start + page.len() < self.errors.len(), "Errors": page,
        })
    }

    /// Writes the lines with errors beside the load file, and says where.
    fn error_load_file(&self, shares: &Shares) -> Done {
        let settings = &self.settings;
        let folder = settings
            .path
            .rsplit_once('\\')
            .map_or("", |(folder, _)| folder);
        let path = format!("{folder}\\{}_errors.dat", self.id);
        let Some(local) = shares.local(&path).filter(|_| !self.errors.is_empty()) else {
            return wrong("S.GET.VLD.3601", "The source has no errors.");
        };
        let names = (!self.columns.is_empty()).then_some(&self.columns);
        let lines = names
            .into_iter()
            .chain(self.errors.iter().map(|error| &error.record));
        let text: String = lines
            .map(|values| {
                let quote = settings.quote;
                let values: Vec<_> = values
                    .iter()
                    .map(|value| {
                        let value = value.replace('\n', &settings.newline.to_string());
                        format!(
                            "{quote}{}{quote}",
                            value.replace(quote, &format!("{quote}{quote}"))
                        )
                    })
                    .collect();
                values.join(&settings.column.to_string()) + settings.end_of_line
            })
            .collect();
        match std::fs::write(local, text) {
            Ok(()) => Ok(path.into()),
            Err(error) => wrong("S.GET.EXT.0301", &error.to_string()),
        }
    }
}

impl ItemError {
    fn shown(&self) -> Value {
        let column = self
            .column
            .and_then(|it| i64::try_from(it).ok())
            .unwrap_or(-1);
        json!({ "LineNumber": self.line, "ErrorDetails": [detail(column, self.code, &self.message)] })
    }
}

fn detail(column: i64, code: &str, message: &str) -> Value {
    json!({
        "ColumnIndex": column, "ErrorCode": code, "ErrorMessage": message, "ErrorMessageTemplate": message,
        "ErrorProperties": {},
    })
}
