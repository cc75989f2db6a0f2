//! The light mark-up of chats on a page.

use serde_json::json;

use super::{
    Browser,
    sample::{channel, rsmf, view},
    view::{at, type_text},
};

#[test]
fn marks_of_a_chat_are_shown_and_copied_as_they_were_written() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let body = "*Ten* _boats_ ~sail~ `by *night*` :art:\n> so they say\n> all of them\nnot me\n```\nlet a = 1;\n  *b*\n```\nend";
    let event = json!({"type": "message", "conversation": "C1", "participant": "U1", "timestamp": at("03-07T09:00:00"), "body": body});
    let people = json!([{"id": "U1", "display": "Ana"}]);
    let file = rsmf(&channel(people, json!([event])), &[]);
    let mut page = browser.open(&view(&folder, &file, &[]));
    assert_eq!(
        page.eval("document.querySelector('.body').textContent"),
        body
    );
    page.eval("getSelection().selectAllChildren(document.querySelector('.body'))");
    assert_eq!(page.eval("getSelection().toString()"), body);
    assert_eq!(page.texts(".body strong"), ["*Ten*"]);
    assert_eq!(page.texts(".body blockquote").len(), 1);
    assert_eq!(page.visible(".body .fence"), 1);
    type_text(&mut page, "~sail~ `by *night*` :art: > so");
    assert_eq!(page.text("#count"), "1 of 1 event");
    assert_eq!(page.complaints(), [""; 0]);
}
