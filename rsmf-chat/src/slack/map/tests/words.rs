//! Texts and attachments.

use super::*;

/// The body of a message with this text.
fn shown(text: &str) -> String {
    message(json!({"user": "U1", "text": text}))
        .event
        .body
        .unwrap_or_default()
}

#[test]
fn references_are_shown_as_people_saw_them() {
    let cases = [
        (
            "<@U1> <@U2|bo> <@U9> <@U9|eve> <@B3>",
            "@Ana Ruiz @Bo Li @U9 @eve @Deploy",
        ),
        (
            "<#C7> <#C7|> <#C7|old-name> <#C9>",
            "#general #general #old-name #C9",
        ),
        (
            "<!here> <!channel|channel> <!everyone|@everyone> <!group>",
            "@here @channel @everyone @group",
        ),
        ("<!subteam^S1|@team> <!subteam^S1>", "@team @S1"),
        (
            "<!date^1704412800^{date}|Jan 5> <!date^1704412800^{date}>",
            "January 5th, 2024 January 5th, 2024",
        ),
        (
            "<!date^1704412800^{date}^https://a.example|Jan 5>",
            "January 5th, 2024 (https://a.example)",
        ),
        (
            "<!date^1710000000^{date_num} {time_secs}|some day>",
            "2024-03-09 16:00:00 UTC",
        ),
        (
            "<!date^1710000000^On {date_short}, {date_short_pretty} &amp; {date_pretty}|x>",
            "On Mar 9, 2024, Mar 9, 2024 & March 9th, 2024",
        ),
        (
            "<!date^1710000000^{date_long} / {date_long_pretty} / {day_divider_pretty}|x>",
            "Saturday, March 9th, 2024 / Saturday, March 9th, 2024 / Saturday, March 9th, 2024",
        ),
        (
            "<!date^1710000000^{time}, {ago}, {date_slash}|x>",
            "16:00 UTC, 2024-03-09 16:00 UTC, 03/09/2024",
        ),
        (
            "<!date^1711756800^{date}|x> <!date^1711929600^{date}|x>",
            "March 30th, 2024 April 1st, 2024",
        ),
        (
            "<!date^1710000000^{era}|some day> <!date^1710000000^|some day> <!date^x^{date}|some day>",
            "some day some day some day",
        ),
        ("<!date^1710000000^{open>", "2024-03-09T16:00:00.000Z"),
        ("<@USLACKBOT>", "@Slackbot"),
        ("<!date^soon^{date}>", "soon"),
        ("<!custom|shown> <!custom>", "shown <!custom>"),
        (
            "<https://a.example/?a=1&amp;b=2>",
            "https://a.example/?a=1&b=2",
        ),
        (
            "<http://a.example|a.example> <https://a.example/|a.example>",
            "http://a.example https://a.example/",
        ),
        (
            "<https://a.example|see &lt;here&gt;>",
            "see <here> (https://a.example)",
        ),
        (
            "<mailto:a@b.example|a@b.example> <mailto:a@b.example|Ana> <tel:+41|+41> <tel:+41>",
            "a@b.example Ana (mailto:a@b.example) +41 +41",
        ),
        ("&amp;lt; &lt;b&gt; &quot; &", "&lt; <b> &quot; &"),
        (
            "a < b, <b>x</b>, <<@U1>, <",
            "a < b, <b>x</b>, <@Ana Ruiz, <",
        ),
        ("<@> <#> <!>", "<@> <#> <!>"),
        (
            "*bold* _it_ ~no~ `code` :wave: 👋🏽 <3",
            "*bold* _it_ ~no~ `code` :wave: 👋🏽 <3",
        ),
        ("a\r\nb\tc\rd", "a\nb\tc\nd"),
        ("Grüße", "Grüße"),
    ];
    for (text, expected) in cases {
        assert_eq!(shown(text), expected, "{text}");
    }
}

#[test]
fn characters_that_break_viewers_are_taken_out_and_told() {
    let message = message(json!({"user": "U1", "text": "a\u{fffc}b\u{7}c\u{fffc}d\u{85}é"}));
    assert_eq!(message.event.body.as_deref(), Some("abcdé"));
    assert_eq!(
        facts(&message),
        "Removed characters: U+0007, U+0085, U+FFFC (2)"
    );
}

#[test]
fn a_text_of_brackets_takes_no_longer_than_any_other() {
    let text = "<".repeat(1 << 20);
    let start = std::time::Instant::now();
    assert_eq!(shown(&text).len(), text.len());
    assert!(start.elapsed().as_secs() < 20, "took {:?}", start.elapsed());
}

/// The body of a message with this text and attachments.
fn attached(text: &str, attachments: Value) -> String {
    let message = message(json!({"user": "U1", "text": text, "attachments": attachments}));
    assert!(message.notes.is_empty(), "{:?}", message.notes);
    message.event.body.unwrap_or_default()
}

#[test]
fn cards_of_apps() {
    let card = json!([{
        "pretext": "New <https://a.example/1|build>", "author_name": "CI &amp; co", "title": "Build 7",
        "title_link": "https://a.example/7?token=abc&x=1", "text": "*failed* for <@U1>",
        "fields": [{"title": "Branch", "value": "main", "short": true}, {"title": "Alone"}, {"value": "v"}],
        "image_url": "https://files.slack.com/i.png?t=xoxe-1", "footer": "ci", "ts": 1704412800,
        "actions": [{"type": "button", "text": "Retry"}, {"text": "Log", "url": "https://a.example/log"}],
        "fallback": "not shown",
    }]);
    let expected = "New build (https://a.example/1)\nCI & co\nBuild 7 (https://a.example/7?x=1)\n*failed* for @Ana Ruiz\n\
        Branch: main\nAlone\nv\n[Image (https://files.slack.com/i.png)]\n[Retry][Log (https://a.example/log)]\n\
        ci, 2024-01-05T00:00:00.000Z";
    assert_eq!(attached("", card.clone()), expected);
    let marked = format!("Look\n\n{}", expected.replacen('\n', "\n[Attachment]\n", 1));
    assert_eq!(attached("Look", card), marked);
    assert_eq!(
        attached("", json!([{"fallback": "only this &amp; that"}])),
        "only this & that"
    );
    assert_eq!(attached("a", json!([{}, {"id": 1}, null])), "a");
}

#[test]
fn previews_of_links() {
    let preview = json!([{
        "from_url": "https://a.example/x", "original_url": "https://a.example/x", "service_name": "Example",
        "title": "A page", "title_link": "https://a.example/x", "text": "What it says", "fallback": "Example: A page",
    }]);
    let expected = "<see\n\n[Link preview: https://a.example/x]\nExample\nA page\nWhat it says";
    assert_eq!(attached("&lt;see", preview), expected);
}

#[test]
fn shared_messages() {
    let rich = json!([{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "the plan"}]}]}]);
    let shared = json!([{
        "is_share": true, "is_msg_unfurl": true, "author_name": "Bo Li", "author_id": "U2", "channel_id": "C7",
        "ts": "1704412800.000200", "from_url": "https://w.slack.com/archives/C7/p1", "text": "the plan",
        "message_blocks": [{"team": "T1", "channel": "C7", "ts": "1704412800.000200", "message": {"blocks": rich}}],
        "footer": "Posted in #general", "fallback": "[Jan 5] Bo: the plan",
    }]);
    let expected = "fyi\n\n[Shared message: Bo Li, 2024-01-05T00:00:00.000Z, #general]\nthe plan\nPosted in #general";
    assert_eq!(attached("fyi", shared), expected);
    let bare = json!([{"is_reply_unfurl": true, "author_id": "U1", "blocks": rich}]);
    assert_eq!(attached("", bare), "[Shared message: Ana Ruiz]\nthe plan");
    let nameless = json!([{"is_share": true, "from_url": "https://w.slack.com/a/C7/p1", "text": "x", "blocks": [{"type": "header", "text": "y"}]}]);
    assert_eq!(
        attached("", nameless),
        "[Shared message: https://w.slack.com/a/C7/p1]\ny\nx"
    );
}

#[test]
fn what_is_of_a_wrong_shape_is_told() {
    let message = message(
        json!({"user": "U1", "text": "kept", "blocks": "b", "attachments": 7, "files": {}, "reactions": "r", "pinned_to": 1}),
    );
    assert_eq!(message.event.body.as_deref(), Some("kept"));
}
