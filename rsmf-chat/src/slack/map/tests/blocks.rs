//! Every kind of block and element.

use super::*;

/// The body of a message that has blocks only.
fn shown(blocks: Value) -> String {
    let message = message(json!({"user": "U1", "text": "", "blocks": blocks}));
    assert!(message.notes.is_empty(), "{:?}", message.notes);
    message.event.body.unwrap_or_default()
}

/// A rich text section with these elements.
fn section(elements: Value) -> Value {
    json!({"type": "rich_text_section", "elements": elements})
}

fn rich(elements: Value) -> Value {
    json!([{"type": "rich_text", "block_id": "b", "elements": elements}])
}

#[test]
fn spans_of_rich_text() {
    let cases = [
        (json!({"type": "text", "text": "a & b <c>"}), "a & b <c>"),
        (
            json!({"type": "text", "text": " loud ", "style": {"bold": true, "italic": true}}),
            " *_loud_* ",
        ),
        (
            json!({"type": "text", "text": "x", "style": {"strike": true}}),
            "~x~",
        ),
        (
            json!({"type": "text", "text": "x", "style": {"code": true}}),
            "`x`",
        ),
        (
            json!({"type": "link", "url": "https://a.example/?b=1&c=2"}),
            "https://a.example/?b=1&c=2",
        ),
        (
            json!({"type": "link", "url": "https://a.example/", "text": "a.example"}),
            "https://a.example/",
        ),
        (
            json!({"type": "link", "url": "https://a.example/x", "text": "here & now"}),
            "here & now (https://a.example/x)",
        ),
        (
            json!({"type": "link", "url": "mailto:a@b.example", "text": "a@b.example"}),
            "a@b.example",
        ),
        (
            json!({"type": "link", "url": "https://files.slack.com/f?t=xoxe-1"}),
            "https://files.slack.com/f",
        ),
        (json!({"type": "user", "user_id": "U1"}), "@Ana Ruiz"),
        (json!({"type": "user", "user_id": "U9"}), "@U9"),
        (json!({"type": "usergroup", "usergroup_id": "S1"}), "@S1"),
        (json!({"type": "team", "team_id": "T1"}), "@T1"),
        (json!({"type": "channel", "channel_id": "C7"}), "#general"),
        (json!({"type": "channel", "channel_id": "C9"}), "#C9"),
        (json!({"type": "broadcast", "range": "here"}), "@here"),
        (
            json!({"type": "emoji", "name": "wave", "unicode": "1f44b-1f3fb", "skin_tone": 2}),
            ":wave::skin-tone-2:",
        ),
        (json!({"type": "emoji", "name": "party"}), ":party:"),
        (
            json!({"type": "date", "timestamp": 1704412800, "format": "{date}", "fallback": "Jan 5"}),
            "January 5th, 2024",
        ),
        (
            json!({"type": "date", "timestamp": 1704412800, "fallback": "Jan 5"}),
            "Jan 5",
        ),
        (
            json!({"type": "date", "timestamp": 1704412800, "format": "{date}"}),
            "January 5th, 2024",
        ),
        (json!({"type": "color", "value": "#ff0000"}), "#ff0000"),
        (
            json!({"type": "novelty", "caption": "seen &amp; read", "novelty_id": "N1"}),
            "seen & read",
        ),
    ];
    for (element, expected) in cases {
        assert_eq!(
            shown(rich(json!([section(json!([element.clone()]))]))),
            expected.trim_end(),
            "{element}"
        );
    }
}

#[test]
fn containers_of_rich_text() {
    let item = |text: &str| section(json!([{"type": "text", "text": text}]));
    let list = |style: &str, indent: u8, offset: u8| json!({"type": "rich_text_list", "style": style, "indent": indent, "offset": offset, "elements": [item("one"), item("two")]});
    let cases = [
        (json!([list("bullet", 0, 0)]), "• one\n• two"),
        (json!([list("ordered", 0, 2)]), "3. one\n4. two"),
        (
            json!([
                item("before:"),
                list("bullet", 0, 0),
                list("ordered", 1, 0),
                item("after")
            ]),
            "before:\n• one\n• two\n    1. one\n    2. two\nafter",
        ),
        (
            json!([{"type": "rich_text_quote", "elements": [{"type": "text", "text": "a\n\nb"}]}, item("c")]),
            "> a\n> \n> b\nc",
        ),
        (
            json!([{"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "x = 1"}]}]),
            "```\nx = 1\n```",
        ),
        (
            json!([{"type": "rich_text_list", "elements": [list("bullet", 1, 0)]}]),
            "• \n    • one\n    • two",
        ),
        (
            json!([{"type": "rich_text_novelty", "elements": [item("kept")]}]),
            "kept",
        ),
    ];
    for (elements, expected) in cases {
        assert_eq!(shown(rich(elements.clone())), expected, "{elements}");
    }
}

#[test]
fn a_list_cannot_count_too_far() {
    let item = section(json!([{"type": "text", "text": "x"}]));
    let list = json!({"type": "rich_text_list", "style": "ordered", "offset": i64::MAX - 2, "elements": [item, item, item]});
    assert_eq!(
        shown(rich(json!([list]))),
        "9223372036854775806. x\n9223372036854775807. x\n9223372036854775807. x"
    );
}

#[test]
fn other_blocks() {
    let mrkdwn = |text: &str| json!({"type": "mrkdwn", "text": text});
    let plain = |text: &str| json!({"type": "plain_text", "text": text, "emoji": true});
    let button =
        json!({"type": "button", "text": plain("Approve"), "action_id": "a", "value": "v1"});
    let cases = [
        (
            json!({"type": "section", "text": mrkdwn("*Hi* <@U1>"), "fields": [mrkdwn("a"), plain("b &amp; c")], "accessory": button}),
            "*Hi* @Ana Ruiz\na\nb & c\n[Approve]",
        ),
        (json!({"type": "header", "text": plain("Q&amp;A")}), "Q&A"),
        (
            json!({"type": "context", "elements": [{"type": "image", "image_url": "https://a.example/i.png", "alt_text": "cat"}, mrkdwn("by <@U2>")]}),
            "[Image: cat (https://a.example/i.png)] by @Bo Li",
        ),
        (
            json!({"type": "image", "title": plain("A cat"), "alt_text": "cat", "slack_file": {"id": "F9", "url": "https://files.slack.com/c.png?t=xoxe-9"}}),
            "[Image: A cat (https://files.slack.com/c.png)]",
        ),
        (
            json!({"type": "video", "title": plain("Clip"), "title_url": "https://v.example/1", "description": plain("what it shows"), "author_name": "Ana", "provider_name": "V"}),
            "[Video: Clip (https://v.example/1)]\nwhat it shows\nAna\nV",
        ),
        (
            json!({"type": "input", "label": plain("Reason"), "element": {"type": "plain_text_input", "initial_value": "none"}}),
            "Reason: [none]",
        ),
        (
            json!({"type": "actions", "elements": [button, {"type": "button", "text": plain("Open"), "url": "https://a.example"}]}),
            "[Approve] [Open (https://a.example)]",
        ),
        (
            json!({"type": "actions", "elements": [{"type": "static_select", "placeholder": plain("Choose"), "options": []},
            {"type": "users_select", "initial_option": {"text": plain("Ana")}}, {"type": "datepicker", "initial_date": "2024-01-05"},
            {"type": "radio_buttons", "options": [{"text": plain("yes")}, {"text": plain("no")}]}]}),
            "[Choose] [Ana] [2024-01-05] [yes][no]",
        ),
        (
            json!({"type": "actions", "elements": [
                {"type": "static_select", "placeholder": plain("pick"), "options": [{"text": plain("one")}, {"text": plain("two"), "description": plain("more")}], "initial_option": {"text": plain("one")}},
                {"type": "multi_static_select", "option_groups": [{"label": plain("Fruit"), "options": [{"text": plain("fig")}]}], "initial_options": [{"text": plain("fig")}]},
                {"type": "users_select", "initial_user": "U2"}, {"type": "multi_conversations_select", "initial_conversations": ["C7", "U1", "X9"]},
                {"type": "checkboxes", "options": [{"text": plain("a")}, {"text": plain("b")}], "initial_options": [{"text": plain("b")}]}]}),
            "[pick: one] (options: one, two – more) [fig] (options: Fruit: fig) [@Bo Li] [#general, @Ana Ruiz, X9] [a][b (chosen)]",
        ),
        (
            json!({"type": "input", "label": plain("lbl"), "hint": plain("a hint"), "element": {"type": "rich_text_input", "placeholder": plain("ph"),
                "initial_value": {"type": "rich_text", "elements": [section(json!([{"type": "text", "text": "IV"}]))]}}}),
            "lbl: [ph: IV]\na hint",
        ),
        (
            json!({"type": "context_actions", "elements": [{"type": "feedback_buttons", "positive_button": {"text": plain("Good")}, "negative_button": {"text": plain("Bad")}}]}),
            "Good\nBad",
        ),
        (
            json!({"type": "file", "external_id": "X1", "source": "remote"}),
            "[File: X1]",
        ),
        (
            json!({"type": "call", "call_id": "R1", "call": {"v1": {"name": "Sync", "join_url": "https://z.example/1", "date_start": 1704412800, "date_end": 0}}}),
            "[Call: Sync (https://z.example/1)]\nStart: 2024-01-05T00:00:00.000Z",
        ),
        (
            json!({"type": "markdown", "text": "**bold** [a](https://a.example)"}),
            "**bold** [a](https://a.example)",
        ),
        (
            json!({"type": "table", "rows": [[{"type": "raw_text", "text": "a"}, {"type": "raw_text", "text": "b"}],
            [{"type": "rich_text", "elements": [section(json!([{"type": "text", "text": "1"}]))]}, {"type": "raw_text", "text": "2"}]]}),
            "a | b\n1 | 2",
        ),
        (
            json!({"type": "carousel", "elements": [{"type": "card", "title": mrkdwn("First"), "body": mrkdwn("one <@U1>"), "block_id": "x"}]}),
            "First\none @Ana Ruiz",
        ),
        (json!({"text": "no type at all"}), "no type at all"),
        (json!("not even an object"), "not even an object"),
        (json!(17), ""),
    ];
    for (block, expected) in cases {
        assert_eq!(shown(json!([block.clone()])), expected, "{block}");
    }
    assert_eq!(shown(json!([{"type": "divider"}])), "");
    assert_eq!(
        shown(
            json!([{"type": "header", "text": "a"}, {"type": "divider"}, {"type": "header", "text": "b"}])
        ),
        "a\n---\nb"
    );
}

#[test]
fn text_and_blocks_that_say_the_same_are_said_once() {
    let blocks = rich(json!([section(json!([
        {"type": "text", "text": "Hi "}, {"type": "user", "user_id": "U1"}, {"type": "text", "text": " & all, see "},
        {"type": "channel", "channel_id": "C7"}, {"type": "text", "text": ": "},
        {"type": "link", "url": "https://a.example/?x=1&y=2", "text": "this"}, {"type": "usergroup", "usergroup_id": "S1"},
        {"type": "broadcast", "range": "here"}, {"type": "emoji", "name": "wave", "skin_tone": 3, "unicode": "1f44b"},
        {"type": "text", "text": "now", "style": {"bold": true}},
    ]))]));
    let text = "Hi <@U1|ana> &amp; all, see <#C7|general>: <https://a.example/?x=1&amp;y=2|this> \
        <!subteam^S1|@team> <!here|here> :wave::skin-tone-3: *now*";
    let message = message(json!({"user": "U1", "text": text, "blocks": blocks}));
    let expected = "Hi @Ana Ruiz & all, see #general: this (https://a.example/?x=1&y=2) @team @here :wave::skin-tone-3: *now*";
    assert_eq!(message.event.body.as_deref(), Some(expected));
    assert_eq!(facts(&message), "");
}

#[test]
fn of_text_and_blocks_that_differ_nothing_is_lost() {
    let say = |text: &str, blocks: Value| {
        let message = message(json!({"user": "U1", "text": text, "blocks": blocks}));
        (
            message.event.body.clone().unwrap_or_default(),
            facts(&message),
        )
    };
    let header =
        |text: &str| json!([{"type": "header", "text": {"type": "plain_text", "text": text}}]);
    // Blocks say more.
    assert_eq!(
        say("Alert", header("Alert: disk full")),
        ("Alert: disk full".into(), String::new())
    );
    // The text says more.
    assert_eq!(
        say("Alert: disk full", header("Alert")),
        ("Alert: disk full".into(), String::new())
    );
    // Each says something else.
    assert_eq!(
        say("You have mail", header("Disk full")),
        (
            "Disk full".into(),
            "Notification text: You have mail".into()
        )
    );
    // Numbered lists and dates take the longer way and come out alike.
    let list = rich(
        json!([{"type": "rich_text_list", "style": "ordered", "elements": [section(json!([{"type": "text", "text": "one"}]))]}]),
    );
    assert_eq!(say("1. one", list), ("1. one".into(), String::new()));
}
