//! A page of many events.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{
    Browser,
    page::Page,
    sample::{channel, rsmf, view},
    view::at,
};

/// A page of 10,000 events, its file and how long it took.
fn large(folder: &tempfile::TempDir) -> (PathBuf, Duration) {
    let people: Vec<_> = (0..50)
        .map(|n| json!({"id": format!("U{n}"), "display": format!("Person {n}")}))
        .collect();
    let event = |n: usize| {
        let mut event = json!({
            "type": "message", "id": n.to_string(), "conversation": "C1", "participant": format!("U{}", n * 7 % 50),
            "timestamp": at(&format!("03-{:02}T{:02}:{:02}:00", 1 + n / 500, n % 500 / 21, n % 60)),
            "body": format!("Message {n} about the harbour, the boats and the weather of the day, see https://a.example/{n}"),
        });
        if n % 10 > 6 {
            event["parent"] = (n - n % 10).to_string().into();
        }
        event
    };
    let events: Vec<_> = (0..10_000).map(event).collect();
    let file = rsmf(&channel(json!(people), json!(events)), &[]);
    let started = Instant::now();
    let path = view(folder, &file, &[]);
    (path, started.elapsed())
}

/// A browser that looks for where Tab leads to in all that is out of sight takes many seconds.
#[test]
fn tab_is_quick_in_both_directions() {
    const HERE: &str = "(e => e.className || e.tagName)(document.activeElement)";
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = large(&folder);
    let last = "[...document.querySelectorAll('#e9997 a, #e9997 summary')].at(-1)";
    for (begin, back, ends) in [
        // Out of the page, at its beginning and at its end; and within it.
        ("", true, "BODY"),
        ("document.querySelector('.skip').focus()", true, "BODY"),
        ("document.querySelector('#text').focus()", true, "skip"),
        (&format!("{last}.focus()"), false, "BODY"),
        (
            "document.querySelector('#e5000 .time').focus()",
            true,
            "SUMMARY",
        ),
        ("document.querySelector('#e5000 .time').focus()", false, "A"),
    ] {
        let mut page = browser.open(&path);
        page.eval(begin);
        page.settle();
        let seconds = |page: &mut Page<'_>| {
            let metrics = page.call("Performance.getMetrics", json!({}));
            value(&metrics, "TaskDuration")
        };
        page.call("Performance.enable", json!({"timeDomain": "threadTicks"}));
        let before = seconds(&mut page);
        match back {
            true => page.press_shift_tab(),
            false => page.press("Tab"),
        }
        let took = seconds(&mut page) - before;
        assert_eq!(page.eval(HERE), ends, "{begin}");
        assert!(took < 2.0, "{begin} {back}: {took} s");
        assert_eq!(page.visible("body.leaving"), 0);
        assert_eq!(page.complaints(), [""; 0]);
    }
}

fn value(metrics: &Value, name: &str) -> f64 {
    let metrics = metrics["metrics"].as_array().unwrap();
    let found = metrics.iter().find(|metric| metric["name"] == name);
    found.unwrap()["value"].as_f64().unwrap()
}

#[test]
fn ten_thousand_events_are_quick() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (path, made) = large(&folder);
    let bytes = path.metadata().unwrap().len();
    let started = Instant::now();
    let mut page = browser.open(&path);
    let opened = started.elapsed();
    // A browser that looks at each message for where Tab leads to takes a minute.
    let started = Instant::now();
    page.press("Tab");
    assert_eq!(page.eval("document.activeElement.className"), "skip");
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
    page.call("Performance.enable", json!({"timeDomain": "threadTicks"}));
    let seen = "[...document.querySelectorAll('article')].filter(e => e.checkVisibility({contentVisibilityAuto: true})).length";
    page.eval("window.changes = 0; new MutationObserver(all => { changes += all.length; }).observe(document.querySelector('main'), {subtree: true, attributes: true, childList: true})");
    let time = |page: &mut Page<'_>, words: &str| {
        page.eval(&format!("changes = 0; text.value = {}", json!(words)));
        let before = page.call("Performance.getMetrics", json!({}));
        page.eval("text.dispatchEvent(new Event('input'))");
        page.settle();
        let after = page.call("Performance.getMetrics", json!({}));
        // What is out of sight costs nothing, and what is in sight is laid out once or twice.
        assert!(page.eval(seen).as_u64().unwrap() < 300, "{words}");
        let layouts = value(&after, "LayoutCount") - value(&before, "LayoutCount");
        assert!(layouts <= 6.0, "{words}: {layouts} layouts");
        // CPU of this tab, not time: other work on the machine hardly counts.
        let took = value(&after, "TaskDuration") - value(&before, "TaskDuration");
        assert!(took < 1.0, "{words}: {took} s");
        [
            "ScriptDuration",
            "RecalcStyleDuration",
            "LayoutDuration",
            "TaskDuration",
        ]
        .map(|name| ((value(&after, name) - value(&before, name)) * 1000.0).round())
    };
    let first = time(&mut page, "message 77");
    assert_eq!(page.text("#count"), "111 of 10000 events");
    let second = time(&mut page, "boats");
    assert_eq!(page.text("#count"), "10000 of 10000 events");
    // The next letter finds the same: nothing on the page changes.
    let same = time(&mut page, "boat");
    assert_eq!(page.eval("changes"), 0);
    let third = time(&mut page, "message 4242 ");
    assert_eq!(page.visible("article:not(.dim)"), 1);
    page.press("Escape");
    // A jump lands where it should, though most of the page was never laid out.
    let top = |page: &mut Page<'_>, element: &str| {
        (0..20).for_each(|_| page.settle());
        page.eval(&format!(
            "document.querySelector('{element}').getBoundingClientRect().top"
        ))
    };
    page.eval("date.value = '2024-03-17'; date.dispatchEvent(new Event('change'))");
    let landed = top(&mut page, "#d17").as_f64().unwrap();
    assert!((60.0..120.0).contains(&landed), "{landed}");
    page.click("#days a[href='#d4']");
    let landed = top(&mut page, "#d4").as_f64().unwrap();
    assert!((60.0..120.0).contains(&landed), "{landed}");
    eprintln!(
        "10,000 events: made in {made:?} ({bytes} bytes), opened in {opened:?}, milliseconds of CPU for \
         scripts, styles, layout and all of four searches: {first:?} {second:?} {same:?} {third:?}"
    );
    assert_eq!(page.complaints(), [""; 0]);
}
