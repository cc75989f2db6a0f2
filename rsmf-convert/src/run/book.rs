//! What the reports are made of.

use std::collections::HashSet;

use rsmf_core::integration::{Exception, Severity};

use super::{
    Converter, Plan,
    parts::{File, Step},
};
use crate::{
    Existing, OptionsReport, Progress, Reconciliation, Report, Result, Totals, Update,
    conversation::Tally,
    ledger::Ledger,
    report::{ConversationReport, Summary},
    slice::Subject,
};

/// What the reports are made of, as it comes in.
pub(super) struct Book<'p> {
    ledger: Ledger,
    summary: Summary,
    current: Option<ConversationReport>,
    conversations: Vec<ConversationReport>,
    totals: Totals,
    update: Update,
    /// The names of the files, where an earlier run may have left others.
    pub(super) written: HashSet<String>,
    keeps_names: bool,
    progress: &'p dyn Progress,
}

impl<'p> Book<'p> {
    pub(super) fn new(plan: &Plan, progress: &'p dyn Progress) -> Result<Self> {
        let update = Update {
            conversations: plan.subjects.len() as u64,
            ..Update::default()
        };
        Ok(Self {
            ledger: Ledger::new()?,
            summary: Summary::default(),
            current: None,
            conversations: Vec::new(),
            totals: Totals::default(),
            update,
            written: HashSet::new(),
            keeps_names: plan.settings.options.existing == Existing::Overwrite,
            progress,
        })
    }

    pub(super) fn enter(&mut self, step: Step, plan: &Plan) -> Result<()> {
        match step {
            Step::Files(subject, files, exceptions) => {
                for file in &files {
                    self.file(&subject, file, plan)?;
                }
                self.exceptions(&subject, &exceptions)?;
            }
            Step::Exceptions(subject, exceptions) => self.exceptions(&subject, &exceptions)?,
            Step::End(subject, tally) => self.end(&subject, &tally),
        }
        self.progress.update(&self.update);
        Ok(())
    }

    fn file(&mut self, subject: &Subject, file: &File, plan: &Plan) -> Result<()> {
        let rendered = &file.rendered;
        let custodian = plan.settings.custodian.as_deref().unwrap_or_default();
        self.ledger
            .file(&file.name, file.part, custodian, rendered)?;
        if self.keeps_names {
            self.written.insert(file.name.clone());
        }
        self.totals.files += 1;
        self.totals.bytes += rendered.size;
        self.totals.attachments += rendered.facts.attachments;
        self.update.files = self.totals.files;
        self.update.bytes = self.totals.bytes;
        self.update.messages += rendered.facts.events;
        self.current
            .get_or_insert_with(|| ConversationReport::new(&subject.source))
            .add_file(rendered);
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
            platform: plan.settings.platform.id,
            dry_run: options.dry_run,
            options: OptionsReport::new(options),
            reconciliation: Reconciliation::new(
                &self.totals,
                &self.conversations,
                self.summary.unread(),
            ),
            totals: self.totals,
            exceptions: self.summary.rows(),
            conversations: self.conversations,
            tables: Vec::new(),
        };
        (report, self.summary, self.ledger)
    }
}
