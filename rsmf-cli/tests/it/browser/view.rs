//! Pages of `rsmf view`.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{
    Browser,
    page::Page,
    sample::{channel, rsmf, run, view},
};

const PICTURE: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

pub(super) fn at(time: &str) -> String {
    format!("2024-{time}Z")
}

/// Every kind of event, and everything that can hang on one.
fn everything() -> Value {
    let people = json!([
        {"id": "U1", "display": "Ana Ruiz", "email": "ana@example.com", "avatar": "ana.png"},
        {"id": "U2", "display": "Ben Osei", "account_id": "ben.o", "custom": [{"name": "Job title", "value": "Pilot"}]},
        {"id": "U3", "display": "小龙 (Li)"},
    ]);
    let said = |id: &str, who: &str, time: &str, body: &str| json!({"type": "message", "id": id, "conversation": "C1", "participant": who, "timestamp": at(time), "body": body});
    let with = |mut event: Value, more: Value| {
        for (key, value) in more.as_object().unwrap() {
            event[key] = value.clone();
        }
        event
    };
    channel(
        people,
        json!([
            {"type": "join", "conversation": "C1", "participant": "U1", "timestamp": at("03-06T22:59:59")},
            with(said("1", "U1", "03-06T23:30:00", "The plan :art: is at https://a.example/plan?x=1&y=2."), json!({
                "importance": "high", "direction": "outgoing",
                "reactions": [{"value": "+1", "count": 2, "participants": ["U2", "U3"]}, {"value": "acme", "count": 1}],
                "attachments": [
                    {"id": "p.png", "display": "map.png"}, {"id": "n.txt", "display": "notes.txt", "size": 5},
                    {"id": "gone.doc", "display": "gone.doc", "size": 2_400_000},
                ],
            })),
            said("2", "U1", "03-06T23:31:00", "Said in the same breath"),
            with(said("3", "U2", "03-07T09:00:00", "Twelve boats"), json!({
                "edits": [
                    {"participant": "U2", "timestamp": at("03-07T09:01:00"), "previous": "Ten boats", "new": "Eleven boats"},
                    {"participant": "U2", "timestamp": at("03-07T09:02:00"), "previous": "Eleven boats", "new": "Twelve boats"},
                ],
                "read_receipts": [
                    {"participant": "U1", "timestamp": at("03-07T09:05:00"), "action": "read"},
                    {"participant": "U3", "action": "delivered"},
                ],
            })),
            with(said("4", "U3", "03-07T09:10:00", "Not that one"), json!({"deleted": true, "custom": [{"name": "Deleted by", "value": "Ana"}]})),
            with(said("5", "U2", "03-08T10:00:00", "An answer to the plan"), json!({"parent": "1"})),
            with(said("6", "U3", "03-08T10:01:00", "An answer to the answer"), json!({"parent": "5"})),
            with(said("7", "U3", "03-08T10:02:00", "An answer to nothing"), json!({"parent": "99"})),
            {"type": "disclaimer", "conversation": "C1", "timestamp": at("03-08T11:00:00"), "body": "This chat is recorded"},
            {"type": "history", "conversation": "C1", "participant": "U2", "timestamp": at("03-08T11:01:00"), "body": "From 1 to 6 March"},
            {"type": "unknown", "conversation": "C1", "participant": "U2", "timestamp": at("03-08T11:02:00"), "body": "Something odd", "mystery": 7},
            {"type": "leave", "conversation": "C1", "participant": "U2", "timestamp": at("03-08T12:00:00")},
        ]),
    )
}

fn picture() -> Vec<u8> {
    STANDARD.decode(PICTURE).unwrap()
}

fn has(texts: &[String], needle: &str) -> bool {
    texts.iter().any(|text| text.contains(needle))
}

pub(super) fn type_text(page: &mut Page<'_>, text: &str) {
    page.press("/");
    page.insert(text);
}

#[test]
fn everything_in_the_file_is_on_the_page() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let png = picture();
    let files: [(&str, &[u8]); 4] = [
        ("ana.png", &png),
        ("p.png", &png),
        ("n.txt", b"notes"),
        ("extra.bin", b"?"),
    ];
    let zone = ["--timezone", "Europe/Berlin"];
    let mut page = browser.open(&view(&folder, &rsmf(&everything(), &files), &zone));
    // High enough for all: what is out of sight is not laid out and has no text to be seen.
    page.size(1280, 4000);
    page.settle();
    assert_eq!(page.text("h1"), "harbour-launch");
    assert_eq!(
        page.text(".top .sum"),
        "slack, channel 6 Mar – 8 Mar 2024 12 events 3 people Times in Europe/Berlin"
    );
    let days = page.texts(".day > h3");
    assert_eq!(
        days,
        [
            "Wednesday, 6 March 2024",
            "Thursday, 7 March 2024",
            "Friday, 8 March 2024"
        ]
    );
    assert_eq!(page.visible("article"), 12);
    // In the zone of the page, with UTC on hover.
    assert_eq!(page.text("#e2 .time"), "00:30:00");
    assert_eq!(
        page.eval("document.querySelector('#e2 time').title"),
        "2024-03-06 23:30:00.000 UTC"
    );
    let plan = page.text("#e2");
    for needle in [
        "Ana Ruiz",
        "Important",
        "The plan :art: is at https://a.example/plan?x=1&y=2.",
        "map.png",
        "notes.txt",
        "gone.doc",
        "not in this file",
        ":+1: 2",
        ":acme: 1",
    ] {
        assert!(plan.contains(needle), "{needle} is not in {plan}");
    }
    assert_eq!(
        page.eval("document.querySelector('#e2 .body a').href"),
        "https://a.example/plan?x=1&y=2"
    );
    assert_eq!(
        page.eval("document.querySelector('#e2 img').naturalWidth"),
        1
    );
    assert_eq!(
        page.eval("document.querySelector('#e2 .reactions li').title"),
        "Ben Osei, 小龙 (Li)"
    );
    let picture =
        "getComputedStyle(document.querySelector('#e2 .avatar')).backgroundImage.slice(0, 27)";
    assert_eq!(page.eval(picture), "url(\"data:image/png;base64,");
    assert_eq!(page.text("#e4 .edits summary"), "Edited 2 times");
    page.click("#e4 .edits summary");
    assert!(page.text("#e4 .history").contains("Ten boats"));
    page.click("#e4 .facts summary");
    let facts = page.text("#e4 .facts");
    assert!(facts.contains("Ana Ruiz, 7 Mar 2024, 10:05:00"), "{facts}");
    assert!(facts.contains("Delivered to"), "{facts}");
    assert_eq!(page.texts("#e5 del"), ["Not that one"]);
    // Replies stand below what they answer, also those to replies.
    let thread = page.texts(".thread .body");
    assert_eq!(thread, ["An answer to the plan", "An answer to the answer"]);
    assert_eq!(page.text(".thread summary"), "2 replies");
    assert_eq!(page.text("#e6 .time"), "8 Mar 2024, 11:00:00");
    assert!(
        page.text("#e8")
            .contains("does not stand before it in this file (99)")
    );
    let notices: Vec<_> = page
        .texts(".notice")
        .iter()
        .map(|text| text.replace('\n', " "))
        .collect();
    for needle in [
        "Ana Ruiz joined",
        "This chat is recorded",
        "was shown earlier messages",
        "Something odd",
        "Ben Osei left",
    ] {
        assert!(has(&notices, needle), "{needle}: {notices:?}");
    }
    assert!(page.text(".unmentioned").contains("extra.bin"));
    for panel in page.texts(".panel summary") {
        assert!(
            ["Days", "People", "Conversation", "File", "Ana", "Ben", "小"]
                .iter()
                .any(|word| panel.starts_with(word)),
            "{panel}"
        );
    }
    assert_eq!(page.complaints(), [""; 0]);
}

#[test]
fn the_page_is_found_through_by_keys() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let mut page = browser.open(&view(&folder, &rsmf(&everything(), &[]), &[]));
    assert_eq!(page.text("#count"), "12 events");
    // A reply brings along what it answers, dimmed; the emoji is found by its name.
    type_text(&mut page, "ANSWER TO THE  answer");
    assert_eq!(page.text("#count"), "1 of 12 events");
    assert_eq!(page.visible("article"), 2);
    assert_eq!(page.visible("article.dim"), 1);
    assert_eq!(page.visible(".day"), 1);
    assert_eq!(page.eval("CSS.highlights.get('found').size"), 1);
    page.press("Escape");
    assert_eq!(page.visible("article"), 12);
    type_text(&mut page, ":art:");
    assert_eq!(page.text("#count"), "1 of 12 events");
    page.press("Escape");
    type_text(&mut page, "boats");
    assert_eq!(page.eval("CSS.highlights.get('found').size"), 5);
    page.press("Enter");
    assert_eq!(page.eval("document.activeElement.id"), "e4");
    page.press("Escape");
    page.press("k");
    assert_eq!(page.eval("document.activeElement.id"), "e3");
    page.press("j");
    assert_eq!(page.eval("document.activeElement.id"), "e4");
    type_text(&mut page, "nothing like it");
    assert!(page.text("#none").contains("Nothing fits"));
    page.press("Escape");
    for (field, value, events) in [
        ("person", "1", 5),
        ("kind", "deleted", 1),
        ("kind", "other", 5),
    ] {
        page.eval(&format!(
            "{field}.value = '{value}'; {field}.dispatchEvent(new Event('change'))"
        ));
        page.settle();
        assert_eq!(page.text("#count"), format!("{events} of 12 events"));
        page.click("#clear");
        page.settle();
    }
    // A date is typed to its end before the focus leaves the field.
    page.eval("date.focus()");
    for key in "03072024".chars() {
        page.press(&key.to_string());
    }
    assert_eq!(page.eval("date.value"), "2024-03-07");
    assert_eq!(page.eval("document.activeElement.id"), "date");
    page.press("Enter");
    assert_eq!(page.eval("location.hash"), "#d2");
    assert_eq!(page.eval("document.activeElement.id"), "h2");
    assert_eq!(page.complaints(), [""; 0]);
}

#[test]
fn screen_readers_find_their_way() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let png = picture();
    let mut page = browser.open(&view(
        &folder,
        &rsmf(&everything(), &[("p.png", &png)]),
        &[],
    ));
    let spoken = page.spoken();
    let says =
        |role: &str, name: &str| spoken.iter().any(|(r, n)| r == role && n.starts_with(name));
    for (role, name) in [
        ("link", "Skip to the messages"),
        ("main", ""),
        ("complementary", "About this file"),
        ("navigation", "Days"),
        ("searchbox", "Search"),
        ("combobox", "Person"),
        ("status", ""),
        ("heading", "harbour-launch"),
        ("heading", "Wednesday, 6 March 2024"),
        ("list", "5 events of Friday, 8 March 2024"),
        ("heading", "Ben Osei"),
        ("image", "Picture: map.png"),
        ("image", "artist palette"),
        ("deletion", ""),
    ] {
        assert!(says(role, name), "no {role} {name:?} in {spoken:#?}");
    }
    let nameless: Vec<_> = spoken
        .iter()
        .filter(|(role, name)| {
            [
                "link",
                "button",
                "image",
                "textbox",
                "searchbox",
                "combobox",
            ]
            .contains(&role.as_str())
                && name.is_empty()
        })
        .collect();
    assert!(nameless.is_empty(), "{nameless:?}");
}

/// The least contrast of a text with what is behind it, and where; by the rules of WCAG 2.2.
const CONTRAST: &str = r"(() => {
    const paint = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
    const rgba = (color) => {
        paint.clearRect(0, 0, 1, 1); paint.fillStyle = color; paint.fillRect(0, 0, 1, 1);
        return [...paint.getImageData(0, 0, 1, 1).data];
    };
    const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
        .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const behind = (e) => {
        for (; e; e = e.parentElement) {
            const color = rgba(getComputedStyle(e).backgroundColor);
            if (color[3] === 255) { return color; }
        }
        return rgba('white');
    };
    let worst = [99, ''];
    for (const e of document.querySelectorAll('body *')) {
        const own = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
        if (!own || !e.checkVisibility() || e.closest('script, style')) { continue; }
        const [a, b] = [light(rgba(getComputedStyle(e).color)), light(behind(e))];
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (ratio < worst[0]) { worst = [ratio, e.outerHTML.slice(0, 200)]; }
    }
    return worst;
})()";

#[test]
fn every_text_can_be_read_in_light_and_dark() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let mut page = browser.open(&view(&folder, &rsmf(&everything(), &[]), &[]));
    page.eval("for (const one of document.querySelectorAll('details')) { one.open = true; }");
    for dark in [false, true] {
        page.dark(dark);
        let worst = page.eval(CONTRAST);
        assert!(worst[0].as_f64().unwrap() >= 4.5, "dark: {dark}: {worst}");
        for width in [320, 375, 768, 1280] {
            page.size(width, 800);
            page.settle();
            let wide = page.eval("document.documentElement.scrollWidth");
            assert!(
                wide.as_u64().unwrap() <= u64::from(width),
                "{wide} pixels at {width}"
            );
        }
    }
}

#[test]
fn on_paper_all_is_open() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let mut page = browser.open(&view(&folder, &rsmf(&everything(), &[]), &[]));
    page.media("print", &[]);
    assert_eq!(page.visible(".tools, .skip"), 0);
    let seen = "[...document.querySelectorAll('.history .body, .thread .body')].every(e => e.checkVisibility({contentVisibilityAuto: true}) && e.getBoundingClientRect().height > 0)";
    assert_eq!(page.eval(seen), true);
    assert!(page.print(&folder.path().join("a.pdf")) > 10_000);
}

#[test]
fn without_scripts_everything_is_there() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let file = view(&folder, &rsmf(&everything(), &[]), &[]);
    let mut page = browser.open(&file);
    page.call(
        "Emulation.setScriptExecutionDisabled",
        json!({"value": true}),
    );
    page.reload();
    assert_eq!(page.visible("article"), 12);
    assert_eq!(page.visible(".tools"), 0);
    assert_eq!(page.visible("#days[open] nav, .people"), 2);
}

#[test]
fn panels_are_open_where_they_look_open_and_every_time_is_seen() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let mut manifest = everything();
    let goes_on = json!({"type": "message", "id": "8", "conversation": "C1", "participant": "U3", "timestamp": at("03-07T09:11:00"), "body": "In one breath"});
    manifest["events"]
        .as_array_mut()
        .unwrap()
        .insert(5, goes_on);
    let mut page = browser.open(&view(&folder, &rsmf(&manifest, &[]), &[]));
    let agree = "[...document.querySelectorAll('.panel')].every(e => e.open === (e.lastElementChild.checkVisibility() && e.lastElementChild.getBoundingClientRect().height > 0))";
    assert_eq!(page.visible(".panel[open]"), 2);
    assert_eq!(page.eval(agree), true);
    let faint = "[...document.querySelectorAll('.time')].filter(e => getComputedStyle(e).opacity !== '1' || e.getBoundingClientRect().width < 8).length";
    assert_eq!(page.visible(".goes-on .time"), 1);
    assert_eq!(page.eval(faint), 0);
    page.size(375, 800);
    page.reload();
    assert_eq!(page.visible(".panel[open]"), 0);
    assert_eq!(page.eval(agree), true);
    assert_eq!(page.eval(faint), 0);
}

#[test]
fn the_list_of_a_folder_leads_to_its_pages() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("in")).unwrap();
    let days = ["2024-03-01", "2024-03-02"];
    for day in days {
        let mut manifest = everything();
        manifest["eventcollectionid"] = "1".into();
        manifest["events"] = json!([{"type": "message", "conversation": "C1", "participant": "U1", "timestamp": format!("{day}T10:00:00Z"), "body": day}]);
        std::fs::write(
            folder.path().join(format!("in/{day} #1.rsmf")),
            rsmf(&manifest, &[]),
        )
        .unwrap();
    }
    run(folder.path(), &["view", "in", "-o", "out"]);
    let mut page = browser.open(&folder.path().join("out/index.html"));
    assert_eq!(page.texts(".group h2"), ["harbour-launch"]);
    assert_eq!(page.texts("td:first-child"), ["1 Mar 2024", "2 Mar 2024"]);
    type_text(&mut page, "2 mar");
    assert_eq!(
        page.texts("tbody tr:not([hidden]) td:first-child"),
        ["2 Mar 2024"]
    );
    page.press("Escape");
    assert_eq!(page.visible("tbody tr"), 2);
    assert_eq!(page.complaints(), [""; 0]);
    page.follow("tbody a");
    assert_eq!(page.texts(".body"), [days[0]]);
    assert_eq!(
        page.texts(".slices a"),
        ["All conversations", "2 Mar 2024 →"]
    );
    page.follow(".slices a[rel=next]");
    assert_eq!(page.texts(".body"), [days[1]]);
    page.follow(".crumbs a");
    assert_eq!(page.text("h1"), "in");
}
