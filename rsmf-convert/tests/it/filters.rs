use rsmf_convert::{Error, Options};
use rsmf_core::{integration::testing::MemoryChatSource, model::ConversationType};

use crate::harness::*;

fn chat() -> MemoryChatSource {
    let mut dm = rsmf_core::integration::SourceConversation::new(
        "D1",
        "Ana Ruiz, Zoë Müller",
        ConversationType::Direct,
    );
    dm.members = Some(vec!["U1".into(), "U3".into()]);
    source()
        .conversation(
            channel("C1", "general"),
            items([
                message("U1", "2024-01-05T10:00:00", "one"),
                message("U2", "2024-01-06T10:00:00", "two"),
                message("U2", "2024-01-07T10:00:00", "three"),
            ]),
        )
        .conversation(dm, items([message("U1", "2024-01-05T10:00:00", "psst")]))
}

fn counts(change: impl FnOnce(&mut Options)) -> (u64, u64) {
    let mut options = Options::default();
    change(&mut options);
    let totals = convert(chat(), options).report.totals;
    assert_eq!(totals.source_messages, 4);
    (totals.events, totals.filtered)
}

#[test]
fn times_keep_the_beginning_and_leave_out_the_end() {
    let from = |options: &mut Options| options.filters.from = Some(at("2024-01-06T10:00:00"));
    assert_eq!(counts(from), (2, 2));
    let to = |options: &mut Options| options.filters.to = Some(at("2024-01-06T10:00:00"));
    assert_eq!(counts(to), (2, 2));
}

#[test]
fn conversations_go_by_name_or_id() {
    for name in ["general", "#General", "c1"] {
        let by_name = |options: &mut Options| options.filters.conversations = vec![name.to_owned()];
        assert_eq!(counts(by_name), (3, 1), "{name}");
    }
}

#[test]
fn people_are_in_a_conversation_by_membership_or_by_what_they_did() {
    let who = |who: &str| {
        let who = who.to_owned();
        counts(|options| options.filters.participants = vec![who])
    };
    assert_eq!(who("Zoë Müller"), (1, 3));
    assert_eq!(who("bo lind"), (3, 1));
    assert_eq!(who("ana@example.com"), (4, 0));
}

#[test]
fn the_custodian_is_named_and_only_its_conversations_are_kept() {
    let mut options = Options::default();
    options.custodian = Some("u3".to_uppercase());
    let written = convert(chat(), options);
    assert_eq!(written.report.totals.events, 1);
    assert_eq!(written.names(), ["Ana Ruiz, Zoë Müller_2024-01-05.rsmf"]);
    let reader = written.reader(written.names()[0]);
    assert_eq!(reader.headers().get("X-RSMF-Custodian"), Some("Zoë Müller"));
    assert_eq!(written.table("files.csv")[0]["custodian"], "Zoë Müller");
    let left_out: Vec<_> = written
        .report
        .conversations
        .iter()
        .map(|one| one.left_out)
        .collect();
    assert_eq!(left_out, [true, false]);
}

#[test]
fn whom_nobody_knows_is_an_error_with_a_hint() {
    let mut options = Options::default();
    options.filters.participants = vec!["Ana Ruis".to_owned()];
    let error = try_convert(chat(), options, 1).err().unwrap().to_string();
    assert!(error.contains("did you mean Ana Ruiz?"), "{error}");
    let mut options = Options::default();
    options.filters.conversations = vec!["generl".to_owned()];
    let error = try_convert(chat(), options, 1).err().unwrap();
    assert!(
        matches!(
            error,
            Error::Option {
                option: "conversation",
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn people_whom_only_messages_name_can_be_asked_for() {
    let mut foreign = message("UX", "2024-01-05T11:00:00", "hello from outside");
    foreign.people = vec![rsmf_core::model::Participant::new("UX", "Foreign Guy")];
    let source = || chat().conversation(channel("C9", "shared"), items([foreign.clone()]));
    for who in ["UX", "foreign guy"] {
        let mut options = Options::default();
        options.custodian = Some(who.to_owned());
        let written = convert(source(), options);
        assert_eq!(written.names(), ["shared_2024-01-05.rsmf"], "{who}");
        let reader = written.reader("shared_2024-01-05.rsmf");
        let custodian = reader.headers().get("X-RSMF-Custodian").map(str::to_owned);
        assert_eq!(custodian.as_deref(), Some(who));
    }
}

#[test]
fn a_stranger_has_one_name_in_a_conversation() {
    let mut later = message("UX", "2024-01-06T11:00:00", "again");
    later.people = vec![rsmf_core::model::Participant::new("UX", "UX")];
    let mut first = message("UX", "2024-01-05T11:00:00", "hello");
    first.people = vec![rsmf_core::model::Participant::new("UX", "Foreign Guy")];
    let before = of_kind(
        rsmf_core::model::EventType::Join,
        "UX",
        "2024-01-05T10:00:00",
    );
    let written = convert(general(items([before, first, later])), Options::default());
    for name in written.names() {
        let people = written.manifest(name).participants;
        assert_eq!(people[0].display.as_deref(), Some("Foreign Guy"), "{name}");
    }
}
