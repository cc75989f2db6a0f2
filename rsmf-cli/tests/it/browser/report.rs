//! `report.html`, as a lawyer sees it, and as somebody hostile would like it to be.

use std::{fs, path::Path, process::Command};

use assert_cmd::cargo::CommandCargoExt;
use serde_json::json;

use super::Browser;

fn convert(folder: &Path, arguments: &[&str]) {
    let status = Command::cargo_bin("rsmf")
        .unwrap()
        .current_dir(folder)
        .args(["convert", "--quiet", "-o", "out"])
        .args(arguments)
        .status()
        .unwrap();
    assert!(matches!(status.code(), Some(0 | 1)), "{status}");
}

#[test]
fn it_tells_whether_everything_is_there() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let export = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../fixtures/slack/acme-export.zip"
    );
    convert(folder.path(), &[export, "--slice", "week"]);
    let mut page = browser.open(&folder.path().join("out/report.html"));
    assert_eq!(page.text("h1"), "acme-export.zip");
    assert_eq!(
        page.text(".verdict"),
        "Every message was converted, but 7 of their files are not in the result; 9 notices to know of."
    );
    assert!(
        page.text(".lead")
            .contains("196 source messages = 196 events")
    );
    assert_eq!(page.text(".sums .sum td"), "196");
    assert_eq!(page.texts(".stack:not(.cases) tbody tr").len(), 11);
    assert_eq!(page.visible("svg path:not(.grid)"), 12);
    let scale = page.texts(".scale span");
    assert_eq!(scale.len(), 3, "{scale:?}");
    let dates = page.eval("document.querySelector('.axis').textContent");
    assert!(dates.as_str().unwrap().contains("8 Jan 2024"), "{dates}");
    assert!(page.text(".strips tbody tr").contains("#falcon-launch"));
    assert!(
        page.text(".cases")
            .contains("falcon-launch/2024-03-07.json")
    );
    assert_eq!(page.texts(".options b").len(), 1);
    let hash = page.text(".hash");
    assert!(hash.len() == 64 && hash.chars().all(|c| c.is_ascii_hexdigit()));
    let spoken = page.spoken();
    let tells = |words: &str| spoken.iter().any(|(_, name)| name.contains(words));
    assert!(
        tells("#falcon-launch: 53 events, most of them"),
        "{spoken:?}"
    );
    assert_eq!(page.visible(".figures"), 0);
    page.click("summary");
    assert_eq!(page.visible(".figures"), 1);
    for (width, dark) in [(1100, false), (1100, true), (375, false), (320, true)] {
        page.size(width, 800);
        page.dark(dark);
        let overflow = page.eval("document.documentElement.scrollWidth - innerWidth");
        assert!(overflow.as_i64().unwrap() <= 0, "{width}: {overflow}");
    }
    page.size(375, 800);
    let name =
        page.eval("document.querySelector('.strips tbody th').getBoundingClientRect().width");
    assert!(
        name.as_f64().unwrap() > 300.0,
        "a name has {name} pixels of 375"
    );
    page.size(1100, 800);
    page.click("summary");
    page.media("print", &[]);
    assert_eq!(
        page.visible(".figures td"),
        page.texts(".figures td").len() as u64
    );
    let styles = page.eval("document.querySelector('style').textContent");
    assert!(
        styles
            .as_str()
            .unwrap()
            .contains(r"Conversion report: acme\2d export\2e zip")
    );
    assert!(page.print(&folder.path().join("report.pdf")) > 10_000);
    assert_eq!(page.complaints(), [""; 0]);
}

/// Texts that would run something, load something or break out of where they stand.
const HOSTILE: [&str; 6] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(2)>",
    "</title></style><svg onload=alert(3)>",
    "' onmouseover='alert(4)",
    "<iframe src=https://example.com>",
    "{{#each this}}{{{style}}}<a href=javascript:alert(5)>\u{202e}\u{0}",
];

#[cfg(unix)]
#[test]
fn hostile_texts_run_nothing() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let export = folder.path().join("<img src=x onerror=alert(0)>");
    let write = |path: &str, content: serde_json::Value| {
        let path = export.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content.to_string()).unwrap();
    };
    let user = |(number, name)| json!({"id": format!("U{number}"), "name": name, "profile": {"real_name": name}});
    let users: Vec<_> = HOSTILE.iter().enumerate().map(user).collect();
    write("users.json", users.into());
    let direct = |number: usize| json!({"id": format!("D{number}"), "members": [format!("U{number}"), "U0"]});
    let directs: Vec<_> = (0..HOSTILE.len()).map(direct).collect();
    write("dms.json", directs.into());
    write("channels.json", json!([]));
    for (number, text) in HOSTILE.iter().enumerate() {
        let user = format!("U{number}");
        let good =
            json!({"type": "message", "user": user, "text": text, "ts": "1704412800.000100"});
        let bad =
            json!({"type": "message", "subtype": text, "user": text, "text": text, "ts": text});
        let odd = json!({"type": text, "user": text, "text": [text], "ts": "1704412801.000100"});
        write(
            &format!("D{number}/2024-01-05.json"),
            json!([good, bad, odd, text]),
        );
        write(
            &format!("{}.json", text.replace(['/', '\0'], "_")),
            json!({"a": text}),
        );
    }
    let input = export.to_str().unwrap().to_owned();
    convert(folder.path(), &[&input, "--participant", HOSTILE[0]]);
    let mut page = browser.open(&folder.path().join("out/report.html"));
    assert_eq!(page.text("h1"), "<img src=x onerror=alert(0)>");
    let text = page.text("body");
    for hostile in HOSTILE.iter().take(5) {
        assert!(text.contains(hostile), "{hostile} is not seen in {text}");
    }
    assert_eq!(page.visible("script, img, iframe, a, form, object"), 0);
    assert_eq!(page.eval("document.querySelectorAll('style').length"), 1);
    page.click("summary");
    assert_eq!(page.complaints(), [""; 0]);
}
