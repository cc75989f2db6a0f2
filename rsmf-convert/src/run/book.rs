//! What the reports are made of.

use std::collections::HashSet;

use rsmf_core::integration::{Exception, Severity};

use super::{
    Converter,
    plan::Plan,
    record::{FileRecord, Record},
};
use crate::{
    Downloads, Error, Existing, OptionsReport, Progress, Reconciliation, Report, Result, Totals,
    Update,
    conversation::Tally,
    downloads::Download,
    ledger::Ledger,
    report::{ConversationReport, Summary},
    slice::Subject,
};

/// What the reports are made of, as it comes in.
pub(super) struct Book<'p> {
    ledger: Ledger,
    summary: Summary,
    current: Option<ConversationReport>,
    /// The records of the current conversation.
    pieces: usize,
    conversations: Vec<ConversationReport>,
    totals: Totals,
    downloads: Downloads,
    update: Update,
    /// The names of the files, where others may lie beside them.
    pub(super) written: HashSet<String>,
    pub(super) keeps_names: bool,
    progress: &'p dyn Progress,
}

impl<'p> Book<'p> {
    pub(super) fn new(plan: &Plan, progress: &'p dyn Progress) -> Result<Self> {
        let options = &plan.settings.options;
        let update = Update {
            conversations: plan.subjects.len() as u64,
            ..Update::default()
        };
        Ok(Self {
            ledger: Ledger::new()?,
            summary: Summary::default(),
            current: None,
            pieces: 0,
            // As many as will come: a list that grows takes up to twice as much.
            conversations: Vec::with_capacity(plan.subjects.len()),
            totals: Totals::default(),
            downloads: Downloads::default(),
            update,
            written: HashSet::new(),
            keeps_names: options.existing == Existing::Overwrite || options.resume,
            progress,
        })
    }

    pub(super) fn enter(&mut self, record: &Record, plan: &Plan) -> Result<()> {
        // Records come in the order of the conversations.
        let Some(subject) = plan.subjects.get(self.conversations.len()) else {
            return Ok(());
        };
        self.pieces += 1;
        match record {
            Record::Files(files, exceptions, downloads) => {
                for file in files {
                    self.file(subject, file, plan)?;
                }
                self.exceptions(subject, exceptions)?;
                self.downloads(subject, downloads)?;
            }
            Record::Exceptions(exceptions) => self.exceptions(subject, exceptions)?,
            Record::End(tally) => self.end(subject, tally),
        }
        Ok(())
    }

    /// Tells how far the conversion is.
    pub(super) fn tell(&self) {
        self.progress.update(&self.update);
    }

    /// How many conversations are done, and how many pieces of the next one.
    pub(super) fn position(&self) -> (usize, usize) {
        (self.conversations.len(), self.pieces)
    }

    /// That not everything has come, and so the conversion was stopped.
    pub(super) fn interrupted(&self) -> Option<Error> {
        let (done, of) = (self.update.conversations_done, self.update.conversations);
        (done < of).then_some(Error::Interrupted {
            conversations: done,
            of,
            files: self.totals.files,
        })
    }

    /// Tells what an earlier run has done, and what of it was damaged.
    pub(super) fn resumed(&self, damage: &[String]) {
        self.progress.resumed(&self.update);
        if !damage.is_empty() {
            self.progress.damaged(damage);
        }
    }

    fn file(&mut self, subject: &Subject, file: &FileRecord, plan: &Plan) -> Result<()> {
        let custodian = plan.settings.custodian.as_deref().unwrap_or_default();
        self.ledger.file(&subject.source, custodian, file)?;
        if self.keeps_names {
            self.written.insert(file.name.clone());
        }
        self.totals.files += 1;
        self.totals.bytes += file.size;
        self.totals.attachments += file.facts.attachments;
        self.update.files = self.totals.files;
        self.update.bytes = self.totals.bytes;
        self.update.messages += file.facts.events;
        self.current
            .get_or_insert_with(|| ConversationReport::new(&subject.source))
            .add_file(&file.facts);
        Ok(())
    }

    fn downloads(&mut self, subject: &Subject, downloads: &[Download]) -> Result<()> {
        for download in downloads {
            self.downloads.add(download);
            self.ledger.download(&subject.source, download)?;
        }
        Ok(())
    }

    fn exceptions(&mut self, subject: &Subject, exceptions: &[Exception]) -> Result<()> {
        exceptions
            .iter()
            .try_for_each(|exception| self.exception(&subject.source.display, exception))
    }

    pub(super) fn exception(&mut self, conversation: &str, exception: &Exception) -> Result<()> {
        if exception.severity == Severity::Error {
            tracing::warn!(path = %exception.place.path, reason = exception.reason.as_str(), "{}", exception.detail);
        }
        self.summary.add(conversation, exception);
        self.update.messages += exception.messages;
        self.ledger.exception(conversation, exception)
    }

    /// An exception that belongs to no conversation.
    pub(super) fn elsewhere(&mut self, exception: &Exception) -> Result<()> {
        self.totals.source_messages += exception.messages;
        self.totals.exceptions += exception.messages;
        self.exception("", exception)
    }

    fn end(&mut self, subject: &Subject, tally: &Tally) {
        self.pieces = 0;
        let current = self.current.take();
        let mut report = current.unwrap_or_else(|| ConversationReport::new(&subject.source));
        report.close(tally);
        self.totals.conversations += 1;
        self.totals.source_messages += report.source_messages;
        self.totals.events += report.events;
        self.totals.exceptions += report.exceptions;
        self.totals.filtered += report.filtered;
        self.totals.context_events += report.context_events;
        self.update.conversations_done += 1;
        self.update.messages += tally.filtered;
        self.conversations.push(report);
    }

    pub(super) fn close(self, converter: &Converter, plan: &Plan) -> (Report, Summary, Ledger) {
        let options = &converter.options;
        let report = Report {
            report_version: 1,
            generator: options.generator.clone(),
            input: options.input_name.clone(),
            input_digest: None,
            input_fingerprint: String::new(),
            platform: plan.settings.platform.id.into(),
            dry_run: options.dry_run,
            options: OptionsReport::new(options),
            reconciliation: Reconciliation::new(
                &self.totals,
                &self.conversations,
                self.summary.unread(),
            ),
            totals: self.totals,
            downloads: options.fetches.is_some().then_some(self.downloads),
            exceptions: self.summary.rows(),
            conversations: self.conversations,
            tables: Vec::new(),
        };
        (report, self.summary, self.ledger)
    }
}
