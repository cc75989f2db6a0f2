//! What the template is filled with.

use std::borrow::Cow;

use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde::Serialize;

use super::{
    chart::Chart,
    exceptions::{Group, verdict},
    text::{count, foreign, grouped, local, size},
};
use crate::{ConversationReport, Downloads, Options, OptionsReport, Report, report::Sample};

/// How many conversations are drawn.
const DRAWN: usize = 20;
/// How many conversations are listed; the others are summed up.
const LISTED: usize = 300;

/// The whole page.
#[derive(Debug, Serialize)]
pub(super) struct View<'a> {
    style: &'a str,
    style_hash: &'a str,
    /// What was converted, by its name alone: its path would tell of the machine.
    title: String,
    platform: &'a str,
    generator: String,
    version: &'a str,
    verdict_class: &'static str,
    verdict: String,
    statement: String,
    balanced: bool,
    sums: Vec<Sum>,
    notes: Vec<String>,
    facts: Vec<Fact>,
    zone: String,
    /// One, or none; so are these others: the template takes nothing that is missing.
    chart: Vec<Chart>,
    conversations: Vec<Row>,
    others: Vec<Row>,
    groups: Vec<Group>,
    choices: Vec<Choice>,
    input_hash: Vec<InputHash>,
    tables: Vec<Table>,
}

#[derive(Debug, Serialize)]
struct Sum {
    label: &'static str,
    count: String,
    words: &'static str,
    class: &'static str,
}

#[derive(Debug, Serialize)]
struct Fact {
    label: &'static str,
    value: String,
    more: String,
}

#[derive(Debug, Serialize)]
struct Row {
    name: String,
    kind: Cow<'static, str>,
    /// Of 100, against the largest.
    share: u64,
    events: String,
    exceptions: String,
    filtered: String,
    files: String,
    begin: String,
    end: String,
}

#[derive(Debug, Serialize)]
struct Choice {
    label: &'static str,
    value: String,
    default: bool,
}

#[derive(Debug, Serialize)]
struct InputHash {
    /// Empty where there is none.
    sha256: String,
    is_file: bool,
    what: String,
    problem: String,
}

#[derive(Debug, Serialize)]
struct Table {
    name: Cow<'static, str>,
    sha256: String,
    size: String,
}

impl<'a> View<'a> {
    pub(super) fn new(
        report: &'a Report,
        platform: &'a str,
        samples: &[Sample],
        style: &'a str,
        style_hash: &'a str,
    ) -> Self {
        let zone = TimeZoneDatabase::bundled()
            .get(&report.options.time_zone)
            .unwrap_or(TimeZone::UTC);
        let (verdict_class, verdict) = verdict(report);
        let sorted = by_size(&report.conversations);
        let (largest, others) = sorted.split_at(sorted.len().min(LISTED));
        let most = largest.first().map_or(0, |one| one.events);
        Self {
            style,
            style_hash,
            title: foreign(name_of(&report.input)),
            platform,
            generator: foreign(&report.generator),
            version: &report.options.rsmf_version,
            verdict_class,
            verdict,
            statement: report.reconciliation.statement.clone(),
            balanced: report.reconciliation.balanced,
            sums: sums(report),
            notes: notes(report),
            facts: facts(report, &zone),
            zone: foreign(&report.options.time_zone),
            chart: Chart::new(&report.conversations, &sorted, DRAWN)
                .into_iter()
                .collect(),
            conversations: largest
                .iter()
                .map(|one| Row::new(one, most, &zone))
                .collect(),
            others: (!others.is_empty())
                .then(|| Row::others(others))
                .into_iter()
                .collect(),
            groups: Group::all(report, samples),
            choices: choices(&report.options),
            input_hash: input_hash(report).into_iter().collect(),
            tables: tables(report),
        }
    }
}

/// The last part of a path.
pub(super) fn name_of(path: &str) -> &str {
    let trimmed = path.trim_end_matches(['/', '\\']);
    trimmed.rsplit(['/', '\\']).next().unwrap_or(trimmed)
}

/// The conversations with the most events first; the order of the source breaks ties.
fn by_size(conversations: &[ConversationReport]) -> Vec<&ConversationReport> {
    let mut sorted: Vec<_> = conversations.iter().collect();
    sorted.sort_by_key(|one| std::cmp::Reverse((one.events, one.source_messages)));
    sorted
}

fn sums(report: &Report) -> Vec<Sum> {
    let totals = &report.totals;
    let sum = |label, number, words, class| Sum {
        label,
        count: grouped(number),
        words,
        class,
    };
    let all = totals.events + totals.exceptions + totals.filtered;
    vec![
        sum(
            "Messages in the export",
            totals.source_messages,
            "every record of every conversation",
            "source",
        ),
        sum(
            "Written as events",
            totals.events,
            "each stands in exactly one RSMF file",
            "",
        ),
        sum(
            "Without an event of their own",
            totals.exceptions,
            "each is among the notes below, with its reason: for example an edit, shown as part of the edited message",
            "",
        ),
        sum(
            "Left out by filters",
            totals.filtered,
            "as the options below ask for",
            "",
        ),
        sum("Sum", all, "", "sum"),
    ]
}

fn notes(report: &Report) -> Vec<String> {
    let mut notes = Vec::new();
    let unread = report.reconciliation.unread_parts;
    if unread > 0 {
        notes.push(format!(
            "{} of the export could not be read, or not to the end. How many messages they hold is \
             not known; the figures are without them. The notes tell which they are.",
            count(unread, "part")
        ));
    }
    let copies = report.totals.context_events;
    if copies > 0 {
        notes.push(format!(
            "{} of threads shown again where only replies fall into a file, marked as context. They \
             are not counted above.",
            count(copies, "first message")
        ));
    }
    notes
}

fn facts(report: &Report, zone: &TimeZone) -> Vec<Fact> {
    let totals = &report.totals;
    let fact = |label, value, more: String| Fact { label, value, more };
    let left_out = report
        .conversations
        .iter()
        .filter(|one| one.left_out)
        .count() as u64;
    let mut facts = vec![
        fact("RSMF files", grouped(totals.files), size(totals.bytes)),
        fact(
            "Events",
            grouped(totals.events),
            "messages, joins, notices".to_owned(),
        ),
        fact(
            "Attachments",
            grouped(totals.attachments),
            "within the files".to_owned(),
        ),
        fact(
            "Conversations",
            grouped(totals.conversations),
            match left_out {
                0 => String::new(),
                some => format!("{} left out by filters", grouped(some)),
            },
        ),
    ];
    let begins = report
        .conversations
        .iter()
        .filter_map(|one| one.begin.as_deref());
    let ends = report
        .conversations
        .iter()
        .filter_map(|one| one.end.as_deref());
    if let (Some(begin), Some(end)) = (begins.min(), ends.max()) {
        for (label, time) in [("First event", begin), ("Last event", end)] {
            let time = local(time, zone);
            let (date, clock) = time.split_once(' ').unwrap_or((&time, ""));
            facts.push(fact(label, date.to_owned(), clock.to_owned()));
        }
    }
    if let Some(downloads) = &report.downloads {
        facts.push(downloaded(downloads));
    }
    if let Some(custodian) = &report.options.custodian {
        facts.push(fact("Custodian", foreign(custodian), String::new()));
    }
    facts
}

/// What became of the links.
fn downloaded(downloads: &Downloads) -> Fact {
    let (got, of) = (grouped(downloads.fetched), grouped(downloads.links));
    Fact {
        label: "Linked files downloaded",
        value: format!("{got} of {of}"),
        more: match downloads.failed {
            0 => size(downloads.bytes),
            some => format!("{}; {} not", size(downloads.bytes), grouped(some)),
        },
    }
}

impl Row {
    fn new(one: &ConversationReport, most: u64, zone: &TimeZone) -> Self {
        let time = |time: &Option<String>| match time {
            Some(time) => local(time, zone),
            None => String::new(),
        };
        Self {
            name: foreign(&one.display),
            kind: match one.left_out {
                true => "left out".into(),
                false => one.kind.clone(),
            },
            share: one.events.saturating_mul(100) / most.max(1),
            events: grouped(one.events),
            exceptions: grouped(one.exceptions),
            filtered: grouped(one.filtered),
            files: grouped(one.files),
            begin: time(&one.begin),
            end: time(&one.end),
        }
    }

    /// What the smaller conversations come to.
    fn others(others: &[&ConversationReport]) -> Self {
        let sum =
            |of: fn(&ConversationReport) -> u64| grouped(others.iter().map(|one| of(one)).sum());
        Self {
            name: count(others.len() as u64, "other conversation"),
            kind: "".into(),
            share: 0,
            events: sum(|one| one.events),
            exceptions: sum(|one| one.exceptions),
            filtered: sum(|one| one.filtered),
            files: sum(|one| one.files),
            begin: String::new(),
            end: String::new(),
        }
    }
}

/// What is told of the size of downloads. The default is the fetcher's, and nothing where none fetches.
const LARGEST_DOWNLOAD: &str = "Largest download";

fn choices(options: &OptionsReport) -> Vec<Choice> {
    let defaults = words(&OptionsReport::new(&Options::default()));
    let words = words(options).into_iter().zip(defaults);
    words
        .map(|((label, value), (_, default))| Choice {
            label,
            default: value == default || label == LARGEST_DOWNLOAD && !options.chose_fetch_max_size,
            value,
        })
        .collect()
}

/// Each option with its value.
fn words(options: &OptionsReport) -> Vec<(&'static str, String)> {
    let time = |time: &Option<String>, none: &str| time.clone().unwrap_or_else(|| none.to_owned());
    let list = |names: &[String]| match names {
        [] => "all".to_owned(),
        names => foreign(&names.join(", ")),
    };
    vec![
        ("RSMF version", options.rsmf_version.to_string()),
        (
            "A file for each conversation and",
            match &*options.slice {
                "conversation" => "nothing more".to_owned(),
                slice => slice.to_owned(),
            },
        ),
        ("Time zone", foreign(&options.time_zone)),
        ("Most events in a file", grouped(options.max_events as u64)),
        ("Largest file", size(options.max_size)),
        (
            "First messages of threads in later files",
            options.parents.to_string(),
        ),
        ("Text that is searched", options.body_text.to_string()),
        (
            "Files that the export lacks",
            options.missing_files.to_string(),
        ),
        ("Download linked files", yes_or_no(options.fetch_files)),
        (
            LARGEST_DOWNLOAD,
            match (options.fetch_files, options.fetch_max_size) {
                (false, _) => "none".to_owned(),
                (true, None) => "any size".to_owned(),
                (true, Some(bytes)) => size(bytes),
            },
        ),
        (
            "Further hosts to download from",
            match options.fetch_hosts.as_slice() {
                [] => "none".to_owned(),
                hosts => foreign(&hosts.join(", ")),
            },
        ),
        ("Names in headers", options.header_encoding.to_string()),
        ("From", time(&options.from, "the beginning")),
        ("To (not included)", time(&options.to, "the end")),
        ("Conversations", list(&options.conversations)),
        ("Participants", list(&options.participants)),
        ("Custodian", list(options.custodian.as_slice())),
        ("Refuse any warning or error", yes_or_no(options.strict)),
    ]
}

fn yes_or_no(choice: bool) -> String {
    if choice { "yes" } else { "no" }.to_owned()
}

fn input_hash(report: &Report) -> Option<InputHash> {
    let digest = report.input_digest.as_ref()?;
    Some(InputHash {
        sha256: digest.sha256.clone().unwrap_or_default(),
        is_file: digest.of.as_deref() == Some("file"),
        what: format!("{}, {}", count(digest.files, "file"), size(digest.bytes)),
        problem: foreign(digest.problem.as_deref().unwrap_or_default()),
    })
}

fn tables(report: &Report) -> Vec<Table> {
    let table = |table: &crate::TableReport| Table {
        name: table.name.clone(),
        sha256: table.sha256.clone(),
        size: size(table.bytes),
    };
    report.tables.iter().map(table).collect()
}
