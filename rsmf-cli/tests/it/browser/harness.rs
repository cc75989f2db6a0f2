//! That the harness hears what it is there to hear.

use std::fs;

use super::Browser;

const HARMLESS: &str = "<!doctype html><html lang='en'><title>t</title>
    <h1>Hello</h1><p hidden>not seen</p><details><summary>More</summary><i>said</i></details><input aria-label='Name'>
    <img alt='' src='data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA='>";

#[test]
fn a_harmless_page_is_seen_and_used() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a page #1.html");
    fs::write(&file, HARMLESS).unwrap();
    let mut page = browser.open(&file);
    assert_eq!(page.text("h1"), "Hello");
    assert_eq!(page.visible("h1, p, i"), 1);
    page.click("summary");
    assert_eq!(page.visible("h1, p, i"), 2);
    page.eval("document.querySelector('input').focus()");
    page.insert("Zoë ");
    page.press("x");
    assert_eq!(page.eval("document.querySelector('input').value"), "Zoë x");
    let spoken = page.spoken();
    assert!(
        spoken.contains(&("textbox".to_owned(), "Name".to_owned())),
        "{spoken:?}"
    );
    page.size(375, 800);
    page.dark(true);
    assert_eq!(page.eval("innerWidth"), 375);
    assert_eq!(
        page.eval("matchMedia('(prefers-color-scheme: dark)').matches"),
        true
    );
    let picture = folder.path().join("a.png");
    page.picture(&picture);
    assert!(fs::read(picture).unwrap().starts_with(b"\x89PNG"));
    assert!(page.print(&folder.path().join("a.pdf")) > 1000);
    assert_eq!(page.complaints(), [""; 0]);
}

#[test]
fn whatever_a_page_must_not_do_is_heard() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let policy = "<meta http-equiv='Content-Security-Policy' content=\"script-src 'none'\">";
    for (body, needle) in [
        (
            "<script>alert(1)</script>".to_owned(),
            "javascriptDialogOpening",
        ),
        (
            "<script>console.log('a')</script>".to_owned(),
            "consoleAPICalled",
        ),
        ("<script>fail()</script>".to_owned(), "exceptionThrown"),
        (
            "<img src='http://127.0.0.1:9/a.png'>".to_owned(),
            "requestWillBeSent",
        ),
        (
            "<iframe src='other.html'></iframe>".to_owned(),
            "requestWillBeSent",
        ),
        (format!("{policy}<p onclick='1'>a</p>"), "Log.entryAdded"),
    ] {
        let file = folder.path().join("a.html");
        fs::write(&file, format!("<!doctype html>{body}")).unwrap();
        let complaints = browser.open(&file).complaints();
        assert!(
            complaints
                .iter()
                .any(|complaint| complaint.contains(needle)),
            "{body}: {complaints:?}"
        );
    }
}
