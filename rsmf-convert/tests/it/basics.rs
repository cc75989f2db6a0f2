use std::sync::Arc;

use rsmf_convert::{BodyText, Error, Existing, Options};
use rsmf_core::{
    integration::{Exception, Place, Reason, Severity, testing::MemoryStorage},
    model::{Custom, Edit, EventType, Reaction, Version},
};

use crate::harness::*;

fn day() -> Vec<rsmf_core::integration::SourceItem> {
    items([
        message("U1", "2024-01-05T10:00:00", "Hello"),
        message("U2", "2024-01-05T10:01:00", "Hi"),
        message("U3", "2024-01-06T09:00:00", "Morning"),
    ])
}

#[test]
fn writes_a_file_per_day_and_the_reports() {
    let written = convert(general(day()), Options::default());
    let names: Vec<_> = written.files.keys().map(String::as_str).collect();
    let expected = [
        "exceptions.csv",
        "files.csv",
        "general_2024-01-05.rsmf",
        "general_2024-01-06.rsmf",
        "report.html",
        "report.json",
    ];
    assert_eq!(names, expected);
    let manifest = written.manifest("general_2024-01-05.rsmf");
    assert_eq!(manifest.events.len(), 2);
    assert_eq!(
        manifest.events[0].timestamp.as_deref(),
        Some("2024-01-05T10:00:00.000Z")
    );
    assert_eq!(manifest.conversations[0].participants, ["U1", "U2"]);
    assert_eq!(written.report.totals.events, 3);
}

#[test]
fn headers_tell_what_the_manifest_holds() {
    let written = convert(general(day()), Options::default());
    let reader = written.reader("general_2024-01-05.rsmf");
    let header = |name: &str| {
        reader
            .headers()
            .get(name)
            .map(str::to_owned)
            .unwrap_or_default()
    };
    assert_eq!(header("X-RSMF-Version"), "2.0.0");
    assert_eq!(header("X-RSMF-EventCount"), "2");
    assert_eq!(header("X-RSMF-BeginDate"), "2024-01-05T10:00:00.000Z");
    assert_eq!(header("X-RSMF-EndDate"), "2024-01-05T10:01:00.000Z");
    assert_eq!(header("X-RSMF-Participants"), "Ana Ruiz, Bo Lind");
    assert_eq!(header("X-RSMF-Application"), "Slack");
    assert_eq!(header("X-RSMF-SliceTimeZone"), "UTC");
    assert_eq!(header("Subject"), "general 2024-01-05");
    assert!(header("From").contains("ana@example.com"));
    assert!(header("To").contains("U2@slack.invalid"));
}

#[test]
fn the_report_follows_its_schema() {
    let mut source = day();
    source.push(lost(2));
    let written = convert(general(source), Options::default());
    let schema = include_str!("../../report.schema.json");
    let schema: serde_json::Value = serde_json::from_str(schema).unwrap();
    let report: serde_json::Value = serde_json::from_slice(&written.files["report.json"]).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&report)
        .map(|error| error.to_string())
        .collect();
    assert_eq!(errors, Vec::<String>::new());
    assert_eq!(report["totals"]["source_messages"], 5);
    assert_eq!(report["totals"]["exceptions"], 2);
}

#[test]
fn what_is_lost_stands_in_the_exceptions() {
    let mut source = day();
    source.insert(1, lost(1));
    let written = convert(general(source), Options::default());
    let rows = written.table("exceptions.csv");
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["reason"], "invalid-syntax");
    assert_eq!(rows[0]["conversation"], "general");
    assert_eq!(rows[0]["record"], "7");
    assert!(written.report.has_exceptions());
    assert_eq!(
        written.report.reconciliation.statement,
        "4 source messages = 3 events + 1 without an event of their own + 0 left out by filters"
    );
}

#[test]
fn files_are_listed_with_their_hashes() {
    let written = convert(general(day()), Options::default());
    for row in written.table("files.csv") {
        let bytes = &written.files[&row["path"]];
        assert_eq!(row["bytes"], bytes.len().to_string());
        use sha2::Digest;
        let hash = sha2::Sha256::digest(bytes);
        let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(row["sha256"], hex);
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let many = |threads| {
        let mut chat = source();
        for number in 0..20 {
            let messages = (0..200).map(|minute| {
                let when = format!(
                    "2024-01-{:02}T{:02}:{:02}:00",
                    1 + minute / 20,
                    number,
                    minute % 60
                );
                message("U1", &when, &"text ".repeat(minute))
            });
            chat = chat.conversation(channel(&format!("C{number}"), "same name"), items(messages));
        }
        try_convert(chat, Options::default(), threads)
            .unwrap()
            .files
    };
    let one = many(1);
    assert_eq!(one.len(), 204);
    assert_eq!(one, many(4));
}

#[test]
fn a_folder_that_is_not_empty_is_refused_unless_told() {
    let output = Arc::new(MemoryStorage::new());
    convert_into(&output, general(day()), Options::default(), 1).unwrap();
    let again = convert_into(&output, general(day()), Options::default(), 1);
    assert!(matches!(again, Err(Error::OutputNotEmpty { .. })));
    let mut options = Options::default();
    options.existing = Existing::Overwrite;
    let again = convert_into(&output, general(day()), options, 1).unwrap();
    assert!(!again.report.has_exceptions());
}

#[test]
fn overwriting_tells_which_files_an_earlier_run_left() {
    let output = Arc::new(MemoryStorage::new());
    convert_into(&output, general(day()), Options::default(), 1).unwrap();
    let mut options = Options::default();
    options.existing = Existing::Overwrite;
    options.slice = rsmf_convert::SliceBy::Week;
    let written = convert_into(&output, general(day()), options, 1).unwrap();
    let rows = written.table("exceptions.csv");
    let left: Vec<_> = rows.iter().map(|row| row["path"].as_str()).collect();
    assert_eq!(left, ["general_2024-01-05.rsmf", "general_2024-01-06.rsmf"]);
    assert!(rows.iter().all(|row| row["reason"] == "leftover"));
    assert!(written.report.has_exceptions());
}

#[test]
fn what_cannot_be_read_is_told_beside_the_sums() {
    let place = Place::new("general/2024-01-07.json");
    let unread = Exception::new(Severity::Error, Reason::UnreadableFile, place, "damaged");
    let written = convert(general(day()).exception(unread), Options::default());
    let reconciliation = &written.report.reconciliation;
    assert_eq!(reconciliation.unread_parts, 1);
    assert!(
        reconciliation
            .statement
            .ends_with("1 part of the source could not be read and is not counted")
    );
}

#[test]
fn only_what_nobody_has_counted_is_beside_the_sums() {
    let place = || Place::new("general/2024-01-07.json");
    let error = |reason| Exception::new(Severity::Error, reason, place(), "broken");
    let source = general(day())
        .exception(error(Reason::InvalidSyntax))
        .exception(error(Reason::InvalidSyntax).instead_of(2))
        .exception(error(Reason::OverLimit).instead_of(1))
        .exception(Exception::new(
            Severity::Notice,
            Reason::InvalidSyntax,
            place(),
            "odd",
        ));
    let report = convert(source, Options::default()).report;
    assert_eq!(report.reconciliation.unread_parts, 1);
    assert_eq!(report.totals.exceptions, 3);
}

#[test]
fn cells_are_no_formulas() {
    let source = source().conversation(channel("C1", "=HYPERLINK(\"evil\")"), day());
    let written = convert(source, Options::default());
    let rows = written.table("files.csv");
    assert_eq!(rows[0]["conversation"], "'=HYPERLINK(\"evil\")");
    assert_eq!(rows[0]["path"], "HYPERLINK(_evil_)_2024-01-05.rsmf");
}

#[test]
fn a_dry_run_counts_and_writes_nothing() {
    let mut options = Options::default();
    options.dry_run = true;
    let written = convert(general(day()), options);
    assert!(written.files.is_empty());
    assert_eq!(written.report.totals.files, 2);
    assert_eq!(written.report.totals.events, 3);
}

#[test]
fn strict_writes_nothing_where_something_is_amiss() {
    let output = Arc::new(MemoryStorage::new());
    let mut options = Options::default();
    options.strict = true;
    let mut broken = day();
    broken.push(lost(1));
    let result = convert_into(&output, general(broken), options.clone(), 1);
    assert!(matches!(result, Err(Error::Strict { count: 1, .. })));
    assert!(convert_into(&output, general(day()), options, 1).is_ok());
}

#[test]
fn who_acts_after_leaving_left_only_by_a_notice() {
    let mut reacted = message("U1", "2024-01-05T12:00:00", "Bye");
    reacted.event.reactions.push(Reaction {
        value: "wave".to_owned(),
        participants: vec!["U2".to_owned()],
        ..Reaction::default()
    });
    let written = convert(
        general(items([
            of_kind(EventType::Leave, "U2", "2024-01-05T10:00:00"),
            reacted,
            of_kind(EventType::Leave, "U1", "2024-01-05T13:00:00"),
        ])),
        Options::default(),
    );
    let manifest = written.manifest("general_2024-01-05.rsmf");
    let kinds: Vec<_> = manifest.events.iter().map(|event| event.kind).collect();
    assert_eq!(
        kinds,
        [EventType::Disclaimer, EventType::Message, EventType::Leave]
    );
    assert_eq!(
        manifest.events[0].body.as_deref(),
        Some("left the conversation")
    );
}

#[test]
fn the_body_tells_what_the_manifest_tells() {
    let mut deleted = message("U1", "2024-01-05T10:00:00", "secret");
    deleted.event.deleted = Some(true);
    let mut edited = message("U2", "2024-01-05T10:01:00", "later");
    edited.event.edits.push(Edit {
        participant: "U2".to_owned(),
        previous: Some("sooner".to_owned()),
        ..Edit::default()
    });
    let source = || general(items([deleted.clone(), edited.clone()]));
    let current = convert(source(), Options::default());
    let text = current
        .reader("general_2024-01-05.rsmf")
        .body_text()
        .unwrap()
        .to_owned();
    assert!(text.contains("Ana Ruiz") && text.contains("[deleted]") && text.contains("later"));
    assert!(!text.contains("secret") && !text.contains("sooner"));
    let mut options = Options::default();
    options.body_text = BodyText::History;
    edited
        .event
        .custom
        .push(Custom::new("Posted as", "Payroll Alert"));
    let history = convert(general(items([deleted, edited])), options);
    let text = history
        .reader("general_2024-01-05.rsmf")
        .body_text()
        .unwrap()
        .to_owned();
    assert!(text.contains("[deleted] secret") && text.contains("[earlier text] sooner"));
    assert!(text.contains("[posted as] Payroll Alert"));
}

#[test]
fn version_1_loses_nothing() {
    let mut options = Options::default();
    options.version = Version::V1;
    let mut edited = message("U2", "2024-01-05T10:01:00", "later");
    edited.event.edits.push(Edit {
        participant: "U2".to_owned(),
        previous: Some("sooner".to_owned()),
        ..Edit::default()
    });
    edited.event.reactions.push(Reaction {
        value: "+1".to_owned(),
        count: Some(3),
        ..Reaction::default()
    });
    let odd = of_kind(EventType::Unknown, "U1", "2024-01-05T10:02:00");
    let written = convert(general(items([edited, odd])), options);
    let manifest = written.manifest("general_2024-01-05.rsmf");
    assert_eq!(manifest.version, "1.0.0");
    assert_eq!(manifest.eventcollectionid, None);
    assert!(
        manifest
            .participants
            .iter()
            .all(|person| person.account_id.is_none())
    );
    let edited = &manifest.events[0];
    assert_eq!(edited.edits[0].previous, None);
    assert!(edited.edits[0].timestamp.is_some());
    let custom: Vec<_> = edited
        .custom
        .iter()
        .map(|c| (c.name.as_str(), c.value.as_str()))
        .collect();
    assert_eq!(custom, [("Earlier text", "sooner"), ("Reaction", "+1 (3)")]);
    assert_eq!(manifest.events[1].kind, EventType::Disclaimer);
}

#[test]
fn a_source_without_messages_gives_reports_only() {
    let written = convert(general(Vec::new()), Options::default());
    assert!(written.names().is_empty());
    assert_eq!(written.report.totals.conversations, 1);
}
