//! Messages, names and files that attack whoever reads them.

use std::fs;

use serde_json::{Value, json};

use super::{
    Browser,
    sample::{channel, rsmf, view},
};

/// Each would set `window.pwned`, or load something, if the page let it.
const TEXTS: &[&str] = &[
    "<script>window.pwned = 1</script>",
    "</script><script>window.pwned = 1</script>",
    "</title></style></textarea><script>window.pwned = 1</script>",
    "<img src=x onerror='window.pwned = 1'>",
    "\"><img src=x onerror=window.pwned=1>",
    "' onmouseover='window.pwned = 1' autofocus onfocus='window.pwned = 1",
    "<svg onload=window.pwned=1><animate onbegin=window.pwned=1>",
    "<iframe srcdoc='<script>parent.pwned = 1</script>'></iframe>",
    "<a href='javascript:window.pwned=1'>click</a> javascript:window.pwned=1",
    "javascript://a.example/%0awindow.pwned=1",
    "<meta http-equiv=refresh content='0;url=http://127.0.0.1:9/'>",
    "<link rel=stylesheet href=http://127.0.0.1:9/a.css><style>@import 'http://127.0.0.1:9/b.css'</style>",
    "<base href=http://127.0.0.1:9/><form action=http://127.0.0.1:9/><button>go</button></form>",
    "<object data=http://127.0.0.1:9/><embed src=http://127.0.0.1:9/>",
    "--><script>window.pwned = 1</script><!--",
    "]]><script>window.pwned = 1</script>",
    "&lt;script&gt;window.pwned = 1&lt;/script&gt; &#60;script&#62; &amp;",
    "{{window.pwned = 1}} {% raw %} ${window.pwned = 1} <%= 1 %> {{{body}}}",
    "red;} body {background: url(http://127.0.0.1:9/)} .a0{",
    "a\u{0}b\u{8}c\u{1b}[2J\u{85}",
    "invoice\u{202E}fdp.exe \u{2066}x\u{2069} \u{200B}\u{FEFF}",
    ":<script>window.pwned=1</script>: :art' onload='window.pwned=1: :\"><b>:",
    "https://a.example/\"onmouseover=\"window.pwned=1 http://a.example/<script>window.pwned=1</script>",
    "data:text/html,<script>window.pwned=1</script> file:///etc/passwd",
];

fn manifest() -> Value {
    let people: Vec<_> = TEXTS
        .iter()
        .map(|text| json!({"id": text, "display": text, "email": text, "account_id": text, "avatar": "evil.svg", "custom": [{"name": text, "value": text}], "x": text}))
        .collect();
    let events: Vec<_> = TEXTS.iter().enumerate().flat_map(|(n, text)| {
        let said = json!({
            "type": "message", "id": text, "parent": format!("{text}?"), "conversation": "C1", "participant": text,
            "timestamp": "2024-03-07T10:00:00Z", "body": text, "deleted": n % 2 == 0,
            "reactions": [{"value": text, "count": 1, "participants": [text]}],
            "edits": [{"participant": text, "timestamp": text, "previous": text, "new": text}],
            "read_receipts": [{"participant": text, "timestamp": text}],
            "custom": [{"name": text, "value": text}], "x": {"y": text},
            "attachments": [{"id": format!("{n}.bin"), "display": text}, {"id": text, "display": text}],
        });
        let notice = json!({"type": "unknown", "conversation": "C1", "participant": text, "timestamp": text, "body": text});
        [said, notice]
    }).collect();
    let mut manifest = channel(json!(people), json!(events));
    let talk = &mut manifest["conversations"][0];
    for key in ["display", "platform"] {
        talk[key] = TEXTS[0].into();
    }
    talk["custom"] = json!([{"name": TEXTS[3], "value": TEXTS[4]}]);
    let more = json!([
        {"type": "message", "conversation": "C1", "body": "x".repeat(100_000)},
        {"type": "message", "conversation": "C1", "body": "<b>".repeat(30_000)},
        {"type": "message", "conversation": "C1", "body": "files", "attachments": [
            {"id": "evil.svg", "display": "evil.svg"}, {"id": "evil.html", "display": "../../evil.html"},
            {"id": "poly.png", "display": "poly.png"}, {"id": "fake.png", "display": "fake.png"}, {"id": "con", "display": "CON"},
        ]},
    ]);
    manifest["events"]
        .as_array_mut()
        .unwrap()
        .extend(more.as_array().unwrap().clone());
    manifest
}

fn files() -> Vec<(String, Vec<u8>)> {
    let script = b"<svg xmlns='http://www.w3.org/2000/svg' onload='top.pwned=1'><script>top.pwned=1</script></svg>";
    let html = b"<!doctype html><script>window.pwned = 1; top.pwned = 1</script>";
    let mut files = vec![
        ("evil.svg".to_owned(), script.to_vec()),
        ("evil.html".to_owned(), html.to_vec()),
        (
            "poly.png".to_owned(),
            [b"\x89PNG\r\n\x1a\n", &html[..]].concat(),
        ),
        ("fake.png".to_owned(), html.to_vec()),
        ("con".to_owned(), html.to_vec()),
        (
            "<img src=x onerror=window.pwned=1>.txt".to_owned(),
            html.to_vec(),
        ),
    ];
    files.extend((0..TEXTS.len()).map(|n| (format!("{n}.bin"), html.to_vec())));
    files
}

/// Whatever on the page could do something: handlers, styles, frames, addresses.
const ACTIVE: &str = r"(() => {
    const found = [];
    for (const e of document.querySelectorAll('*')) {
        for (const a of e.attributes) {
            if (a.name.startsWith('on') || a.name === 'style' || a.name === 'srcdoc') { found.push(a.name + '=' + a.value); }
        }
        if (['IFRAME', 'OBJECT', 'EMBED', 'BASE', 'svg', 'FRAME'].includes(e.tagName)) { found.push(e.tagName); }
        const address = e.href || e.src || '';
        const outside = e.rel?.includes('noreferrer') && /^(https?|file):/.test(address);
        const inside = /^data:(image\/(png|gif|jpeg|webp);base64,|application\/octet-stream;base64,|,)/.test(address);
        if (address && !outside && !inside && !address.startsWith(location.href.split('#')[0] + '#')) {
            found.push(address.slice(0, 100));
        }
    }
    for (const [tag, number] of [['script', 1], ['style', 1], ['link', 1], ['form', 1], ['title', 1]]) {
        const count = document.querySelectorAll(tag).length;
        if (count !== number) { found.push(`${count} ${tag}`); }
    }
    return found;
})()";

#[test]
fn nothing_that_people_wrote_runs() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let files = files();
    let files: Vec<_> = files
        .iter()
        .map(|(name, bytes)| (name.as_str(), &bytes[..]))
        .collect();
    let file = rsmf(&manifest(), &files);
    for more in [&[][..], &["--inline-limit", "0", "--existing", "overwrite"]] {
        let mut page = browser.open(&view(&folder, &file, more));
        // As a reader would: open all, point at all, search, print.
        page.eval("for (const one of document.querySelectorAll('details')) { one.open = true; }");
        page.eval("for (const one of document.querySelectorAll('*')) { for (const kind of ['mouseover', 'focus', 'load', 'error']) { if (one !== document.documentElement) { one.dispatchEvent(new Event(kind)); } } }");
        page.press("/");
        page.insert("<script>");
        page.press("Escape");
        page.media("print", &[]);
        page.media("", &[]);
        assert_eq!(page.eval("window.pwned ?? null"), Value::Null);
        assert_eq!(page.eval(ACTIVE), json!([]));
        assert_eq!(page.complaints(), [""; 0]);
        // They are read instead.
        let bodies =
            page.eval("[...document.querySelectorAll('article > .body')].map(e => e.textContent)");
        let bodies: Vec<String> = serde_json::from_value(bodies).unwrap();
        for text in TEXTS
            .iter()
            .filter(|text| text.is_ascii() && !text.contains([':', '\0']))
        {
            assert!(
                bodies.iter().any(|body| body == text),
                "{text} is not to be read"
            );
        }
        // Not as it is seen: what was never in sight has no such text.
        let all = page.eval("document.body.textContent");
        let all = all.as_str().unwrap();
        assert!(!all.contains('\u{202E}') && all.contains("invoiceU+202Efdp.exe"));
        assert!(all.contains("invoice[U+202E]fdp.exe"));
        assert!(
            page.eval("document.documentElement.scrollWidth <= innerWidth")
                .as_bool()
                .unwrap()
        );
        // The policy is in force, whatever would come to stand on the page.
        page.eval(
            "document.body.append(Object.assign(new Image(), {src: 'http://127.0.0.1:9/a.png'}))",
        );
        page.eval(
            "try { document.body.innerHTML += '<p onclick=1>'; } catch { window.refused = 1; }",
        );
        assert_eq!(page.eval("window.refused"), 1);
        let complaints = page.complaints();
        assert!(
            complaints
                .iter()
                .any(|line| line.contains("Content Security Policy")),
            "{complaints:?}"
        );
    }
    let mut names: Vec<_> = fs::read_dir(folder.path().join("a.files"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let harmless =
        |name: &String| name.ends_with(".bin") || name.ends_with(".png") || name.ends_with(".txt");
    assert!(names.iter().all(harmless), "{names:?}");
    for name in ["evil.html.bin", "evil.svg.bin", "_CON.bin"] {
        assert!(
            names.iter().any(|one| one == name),
            "{name} is not in {names:?}"
        );
    }
}

#[test]
fn files_of_messages_are_saved_and_never_run() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let html: &[u8] = b"<!doctype html><script>document.title = 'pwned'; alert(1)</script>";
    let event = json!({"type": "message", "conversation": "C1", "body": "a", "attachments": [{"id": "evil.html", "display": "evil.html"}]});
    let file = rsmf(&channel(json!([]), json!([event])), &[("evil.html", html)]);
    for more in [&[][..], &["--inline-limit", "0", "--existing", "overwrite"]] {
        let mut page = browser.open(&view(&folder, &file, more));
        page.call("Page.setDownloadBehavior", json!({"behavior": "deny"}));
        let here = page.eval("location.href");
        if more.is_empty() {
            page.click("a[download]");
        } else {
            let beside = page.eval("document.querySelector('a.file').href");
            assert!(beside.as_str().unwrap().ends_with("a.files/evil.html.bin"));
            let answer = page.call("Page.navigate", json!({"url": beside}));
            assert_eq!(answer["errorText"], "net::ERR_ABORTED", "{answer}");
        }
        let complaints = page.complaints();
        let saved = |line: &String| {
            line.starts_with("Page.downloadWillBegin")
                || line.starts_with("Page.frameRequestedNavigation")
                || line.starts_with("Network.requestWillBeSent")
        };
        assert!(
            complaints
                .iter()
                .any(|line| line.starts_with("Page.downloadWillBegin")),
            "{complaints:?}"
        );
        assert!(complaints.iter().all(saved), "{complaints:?}");
        assert_eq!(page.eval("location.href"), here);
        assert_ne!(page.eval("document.title"), "pwned");
    }
}
