//! What a conversion tells about itself.

use std::{borrow::Cow, collections::BTreeMap};

use rsmf_core::{
    UtcTime,
    integration::{Exception, Reason, Severity, SourceDigest},
    model::ConversationType,
};
use serde::{Deserialize, Serialize};

use crate::{
    BodyText, Downloads, MissingFiles, Options, Parents, Timeline,
    build::Facts,
    conversation::Tally,
    hashing::Hashed,
    page::{count, grouped},
};

/// The report of a conversion: `report.json`, whose schema is `report.schema.json` beside this crate.
///
/// It holds nothing that differs from run to run: the same input and options give the same report.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Report {
    /// The version of this report's form.
    pub report_version: u32,
    /// The program, with its version.
    pub generator: String,
    /// What was converted, as the caller calls it.
    pub input: String,
    /// The SHA-256 of the input; none where that was not asked for.
    pub input_digest: Option<InputDigest>,
    /// The digest of what tells the input from any other without reading it: the names, sizes
    /// and checksums of its files, as [`Fingerprint::content`](rsmf_core::integration::Fingerprint::content).
    pub input_fingerprint: String,
    /// The chat platform.
    pub platform: Cow<'static, str>,
    /// Whether nothing was written, on request.
    pub dry_run: bool,
    /// How it was converted.
    pub options: OptionsReport,
    /// The sums.
    pub totals: Totals,
    /// What became of the files that the source only links to; none where they were not to be fetched.
    pub downloads: Option<Downloads>,
    /// Whether the counts add up.
    pub reconciliation: Reconciliation,
    /// The exceptions, by reason and severity.
    pub exceptions: Vec<ExceptionSummary>,
    /// Each conversation, in the order of the source.
    pub conversations: Vec<ConversationReport>,
    /// The other reports, which are written before this one; none where nothing is written.
    pub tables: Vec<TableReport>,
}

/// A report that was written beside `report.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TableReport {
    /// The name of the file.
    pub name: Cow<'static, str>,
    /// Its SHA-256: 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
}

impl Report {
    /// Whether anything is amiss: an exception that is a warning or an error.
    pub fn has_exceptions(&self) -> bool {
        self.exceptions
            .iter()
            .any(|summary| summary.severity != Severity::Notice.as_str())
    }
}

impl TableReport {
    pub(crate) fn new<W>(name: &'static str, table: &Hashed<W>) -> Self {
        Self {
            name: name.into(),
            sha256: table.sha256.clone(),
            bytes: table.size,
        }
    }
}

/// The SHA-256 of the input, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct InputDigest {
    /// 64 lower-case hexadecimal digits; none where the source gives none, or cannot be read as a whole.
    pub sha256: Option<String>,
    /// `file` where it is the file's own; `listing` where it is that of the list of all files, as
    /// [`SourceDigest`] says.
    pub of: Option<Cow<'static, str>>,
    /// How many files were read for it.
    pub files: u64,
    /// How many bytes they have together.
    pub bytes: u64,
    /// Why there is none.
    pub problem: Option<String>,
}

impl InputDigest {
    pub(crate) fn new(digest: SourceDigest) -> Self {
        Self {
            sha256: Some(digest.sha256),
            of: Some(digest.of.as_str().into()),
            files: digest.files,
            bytes: digest.bytes,
            problem: None,
        }
    }

    pub(crate) fn failed(problem: String) -> Self {
        Self {
            sha256: None,
            of: None,
            files: 0,
            bytes: 0,
            problem: Some(problem),
        }
    }
}

/// The options that shaped the result.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OptionsReport {
    /// `1.0.0` or `2.0.0`.
    pub rsmf_version: Cow<'static, str>,
    /// `8h`, `12h`, `day`, `week`, `month` or `conversation`.
    pub slice: Cow<'static, str>,
    /// The IANA name.
    pub time_zone: String,
    /// Events per file, at most.
    pub max_events: usize,
    /// Bytes per file, at most.
    pub max_size: u64,
    /// `placeholder` or `full`.
    pub parents: Cow<'static, str>,
    /// `current` or `history`.
    pub body_text: Cow<'static, str>,
    /// `encoded-words` or `utf-8`.
    pub header_encoding: Cow<'static, str>,
    /// `record` or `placeholder`.
    pub missing_files: Cow<'static, str>,
    /// The first moment that is kept.
    pub from: Option<String>,
    /// The first moment that is not kept any more.
    pub to: Option<String>,
    /// The conversations that are kept; all where empty.
    pub conversations: Vec<String>,
    /// The people whose conversations are kept; all where empty.
    pub participants: Vec<String>,
    /// The custodian, as given.
    pub custodian: Option<String>,
    /// Whether files were to be fetched that the source only links to.
    pub fetch_files: bool,
    /// Larger files were not to be fetched, in bytes; none where there is no limit, or nothing was fetched.
    pub fetch_max_size: Option<u64>,
    /// Whether somebody chose that; for the page only.
    #[serde(skip)]
    pub(crate) chose_fetch_max_size: bool,
    /// The hosts that files might come from besides the platform's own.
    pub fetch_hosts: Vec<String>,
    /// Whether warnings and errors were forbidden.
    pub strict: bool,
}

impl OptionsReport {
    pub(crate) fn new(options: &Options) -> Self {
        use rsmf_core::container::HeaderEncoding;
        Self {
            rsmf_version: options.version.as_str().into(),
            slice: options.slice.as_str().into(),
            time_zone: options.time_zone_name().to_owned(),
            max_events: options.max_events,
            max_size: options.max_size,
            parents: match options.parents {
                Parents::Placeholder => "placeholder".into(),
                Parents::Full => "full".into(),
            },
            body_text: match options.body_text {
                BodyText::Current => "current".into(),
                BodyText::History => "history".into(),
            },
            header_encoding: match options.header_encoding {
                HeaderEncoding::Utf8 => "utf-8".into(),
                _ => "encoded-words".into(),
            },
            missing_files: match options.missing_files {
                MissingFiles::Record => "record".into(),
                MissingFiles::Placeholder => "placeholder".into(),
            },
            from: options.filters.from.map(UtcTime::to_rsmf),
            to: options.filters.to.map(UtcTime::to_rsmf),
            conversations: options.filters.conversations.clone(),
            participants: options.filters.participants.clone(),
            custodian: options.custodian.clone(),
            fetch_files: options.fetches.is_some(),
            fetch_max_size: options.fetches.as_ref().and_then(|terms| terms.max_size),
            chose_fetch_max_size: (options.fetches.as_ref())
                .is_some_and(|terms| terms.max_size != terms.default_max_size),
            fetch_hosts: (options.fetches.as_ref())
                .map(|terms| terms.more_hosts.clone())
                .unwrap_or_default(),
            strict: options.strict,
        }
    }
}

/// The sums over all conversations.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Totals {
    /// Conversations of the source.
    pub conversations: u64,
    /// Records of the source.
    pub source_messages: u64,
    /// Records that became events, counted in the files.
    pub events: u64,
    /// Records that did not, each of which is in `exceptions.csv`.
    pub exceptions: u64,
    /// Records that the filters left out.
    pub filtered: u64,
    /// Parents from other files, which count nowhere else.
    pub context_events: u64,
    /// Attachments in the files.
    pub attachments: u64,
    /// Files written.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Whether the counts add up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Reconciliation {
    /// Whether source messages = events + exceptions + filtered, in total and in each conversation.
    pub balanced: bool,
    /// Parts of the source that could not be read (further). How many messages they hold is not
    /// known, so the sums are without them.
    pub unread_parts: u64,
    /// The same in words.
    pub statement: String,
}

impl Reconciliation {
    pub(crate) fn new(totals: &Totals, conversations: &[ConversationReport], unread: u64) -> Self {
        let sum = totals.events + totals.exceptions + totals.filtered;
        let each = conversations
            .iter()
            .all(|one| one.source_messages == one.events + one.exceptions + one.filtered);
        Self {
            balanced: each && sum == totals.source_messages,
            unread_parts: unread,
            statement: format!(
                "{} = {} + {} without an event of their own + {} left out by filters{}",
                count(totals.source_messages, "source message"),
                count(totals.events, "event"),
                grouped(totals.exceptions),
                grouped(totals.filtered),
                match unread {
                    0 => String::new(),
                    1 => "; 1 part of the source could not be read and is not counted".to_owned(),
                    _ => format!(
                        "; {unread} parts of the source could not be read and are not counted"
                    ),
                },
            ),
        }
    }
}

/// How often something went wrong for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ExceptionSummary {
    /// `notice`, `warning` or `error`.
    pub severity: Cow<'static, str>,
    /// The reason, as in `exceptions.csv`.
    pub reason: Cow<'static, str>,
    /// The reason in words.
    pub description: Cow<'static, str>,
    /// Lines in `exceptions.csv`.
    pub entries: u64,
    /// Records that these lines account for instead of an event.
    pub messages: u64,
}

/// What became of one conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ConversationReport {
    /// The platform's id.
    pub id: String,
    /// The name.
    pub display: String,
    /// `direct` or `channel`.
    #[serde(rename = "type")]
    pub kind: Cow<'static, str>,
    /// Whether a filter left the whole conversation out.
    pub left_out: bool,
    /// Records of the source.
    pub source_messages: u64,
    /// Records that became events, counted in the files.
    pub events: u64,
    /// Records that did not.
    pub exceptions: u64,
    /// Records that the filters left out.
    pub filtered: u64,
    /// Parents from other files.
    pub context_events: u64,
    /// Files written.
    pub files: u64,
    /// The time of the first event.
    pub begin: Option<String>,
    /// The time of the last event.
    pub end: Option<String>,
    /// When the events were sent.
    pub timeline: Timeline,
}

impl ConversationReport {
    pub(crate) fn new(conversation: &rsmf_core::integration::SourceConversation) -> Self {
        Self {
            id: conversation.id.clone(),
            display: conversation.display.clone(),
            kind: match conversation.kind {
                ConversationType::Direct => "direct".into(),
                ConversationType::Channel => "channel".into(),
            },
            left_out: false,
            source_messages: 0,
            events: 0,
            exceptions: 0,
            filtered: 0,
            context_events: 0,
            files: 0,
            begin: None,
            end: None,
            timeline: Timeline::default(),
        }
    }

    pub(crate) fn add_file(&mut self, facts: &Facts) {
        self.events += facts.events;
        self.context_events += facts.contexts;
        self.files += 1;
        self.timeline.merge(&facts.timeline);
        let begin = facts.begin.to_rsmf();
        let end = facts.end.to_rsmf();
        // The form sorts like the time that it stands for.
        self.begin = self
            .begin
            .take()
            .map_or(Some(begin.clone()), |old| Some(old.min(begin)));
        self.end = self
            .end
            .take()
            .map_or(Some(end.clone()), |old| Some(old.max(end)));
    }

    pub(crate) fn close(&mut self, tally: &Tally) {
        self.source_messages = tally.source_messages;
        self.exceptions = tally.exceptions;
        self.filtered = tally.filtered;
        self.left_out = tally.left_out;
    }
}

/// How many exceptions of each reason and severity are kept to be shown.
pub(crate) const SAMPLES: u64 = 20;

/// One of the first exceptions of its reason and severity.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    pub(crate) conversation: String,
    pub(crate) exception: Exception,
}

/// Whether something of the source could not be read, of which nobody knows how many messages it holds: what is known
/// is counted.
fn is_unread(exception: &Exception) -> bool {
    let lost = [
        Reason::UnreadableFile,
        Reason::OverLimit,
        Reason::UnsafeName,
        Reason::InvalidSyntax,
    ];
    exception.severity == Severity::Error
        && exception.messages == 0
        && lost.contains(&exception.reason)
}

/// Counts exceptions by reason.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    counts: BTreeMap<(std::cmp::Reverse<Severity>, Reason), (u64, u64)>,
    unread: u64,
    pub(crate) samples: Vec<Sample>,
    pub(crate) first: Option<Box<Exception>>,
}

impl Summary {
    pub(crate) fn add(&mut self, conversation: &str, exception: &Exception) {
        let key = (std::cmp::Reverse(exception.severity), exception.reason);
        let count = self.counts.entry(key).or_default();
        count.0 += 1;
        count.1 += exception.messages;
        self.unread += u64::from(is_unread(exception));
        if count.0 <= SAMPLES {
            self.samples.push(Sample {
                conversation: conversation.to_owned(),
                exception: exception.clone(),
            });
        }
        if self.first.is_none() && exception.severity > Severity::Notice {
            self.first = Some(Box::new(exception.clone()));
        }
    }

    /// Parts of the source that could not be read, whose messages nobody knows.
    pub(crate) fn unread(&self) -> u64 {
        self.unread
    }

    /// Exceptions that are more than a notice.
    pub(crate) fn serious(&self) -> u64 {
        let serious = self
            .counts
            .iter()
            .filter(|((severity, _), _)| severity.0 > Severity::Notice);
        serious.map(|(_, (entries, _))| entries).sum()
    }

    pub(crate) fn rows(&self) -> Vec<ExceptionSummary> {
        let row = |(key, count): (&(std::cmp::Reverse<Severity>, Reason), &(u64, u64))| {
            ExceptionSummary {
                severity: key.0.0.as_str().into(),
                reason: key.1.as_str().into(),
                description: key.1.description().into(),
                entries: count.0,
                messages: count.1,
            }
        };
        self.counts.iter().map(row).collect()
    }
}
