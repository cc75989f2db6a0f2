//! The commands that show something, with what lies elsewhere.

use serde_json::Value;

use super::{Places, lines};
use crate::cli::files::VALID;

fn ready() -> Places {
    let places = Places::new();
    places.write("in/a.rsmf", VALID.build());
    places.write("in/deep/er/b – ü.rsmf", VALID.build());
    places.write("in/broken.rsmf", "no");
    places.write("in/notes.txt", "no RSMF");
    for name in &places.names {
        places.run(&["cp", "-rq", "in/", &format!("{name}:in")], 0);
    }
    places
}

#[test]
fn validate_and_inspect_take_any_address() {
    let places = ready();
    for name in &places.names {
        let folder = format!("{name}:in");
        let told = places.run(&["validate", &folder, "--format", "json", "-q"], 1);
        let told = String::from_utf8(told.stdout).unwrap();
        for path in ["a.rsmf", "deep/er/b – ü.rsmf", "broken.rsmf"] {
            assert!(told.contains(&format!("{folder}/{path}")), "{told}");
        }
        assert!(
            !told.contains("notes.txt") && !told.contains("/tmp"),
            "{told}"
        );
        let one = format!("{name}:in/a.rsmf");
        places.run(&["validate", &one, "in/a.rsmf", "-q"], 0);
        let gone = format!("{name}:in/gone.rsmf");
        let told = places.run(&["validate", &one, &gone, "-q"], 3);
        assert!(String::from_utf8_lossy(&told.stderr).contains("in/gone.rsmf"));
        let told = places.run(&["inspect", &one, "--json"], 0);
        let mut told: Value = serde_json::from_slice(&told.stdout).unwrap();
        assert_eq!(told["path"], one.as_str());
        let here = places.run(&["inspect", "in/a.rsmf", "--json"], 0);
        let here: Value = serde_json::from_slice(&here.stdout).unwrap();
        told["path"] = here["path"].clone();
        assert_eq!(told, here);
        places.run(&["inspect", &folder], 3);
        places.run(&["inspect", &gone], 3);
    }
}

#[test]
fn view_reads_and_writes_any_place() {
    let places = ready();
    places.run(&["view", "in/a.rsmf", "-o", "a.html", "-q"], 0);
    let page = std::fs::read(places.at("a.html")).unwrap();
    for name in &places.names {
        let (one, to) = (format!("{name}:in/a.rsmf"), format!("{name}:pages/a.html"));
        places.run(&["view", &one, "-o", &to, "-q"], 0);
        assert!(places.run(&["cat", &to], 0).stdout == page);
        // What is there stays, unless it is to be replaced and was written by the same command.
        places.run(&["view", &one, "-o", &to, "-q"], 4);
        places.run(
            &["view", &one, "-o", &to, "-q", "--existing", "overwrite"],
            0,
        );
        let other = format!("{name}:in/notes.txt");
        let overwrite = ["view", &one, "-o", &other, "--existing", "overwrite"];
        let told = places.run(&overwrite, 4);
        assert!(String::from_utf8_lossy(&told.stderr).contains("has not written it"));
        assert_eq!(places.run(&["cat", &other], 0).stdout, b"no RSMF");

        let (folder, to) = (format!("{name}:in"), format!("{name}:all"));
        places.run(&["view", &folder, "-o", &to, "-q"], 1);
        let all = places.fetched(&to);
        assert!(all.contains_key("index.html"), "{:?}", all.keys());
        places.run(&["view", &folder, "-o", &to, "-q"], 4);
        places.run(&["rm", "-q", &format!("{name}:in/deep/er/b – ü.rsmf")], 0);
        let overwrite = ["view", &folder, "-o", &to, "-q", "--existing", "overwrite"];
        places.run(&overwrite, 1);
        let fewer = places.fetched(&to);
        assert!(fewer.len() < all.len(), "{:?}", fewer.keys());
    }
}

#[test]
fn ls_cat_and_stat_know_each_store() {
    let places = ready();
    for name in &places.names {
        let at = |path: &str| format!("{name}:{path}");
        let ls = |args: &[&str]| lines(&places.run(args, 0).stdout);
        assert_eq!(
            ls(&["ls", &at("in")]),
            ["a.rsmf", "broken.rsmf", "deep/", "notes.txt"]
        );
        let long = ls(&["ls", "-lr", &at("in/")]);
        assert_eq!(long.len(), 4);
        assert!(long[2].ends_with("  deep/er/b – ü.rsmf"), "{long:?}");
        assert_eq!(ls(&["ls", &at("in/a.rsmf")]), ["a.rsmf"]);
        places.run(&["ls", &at("gone")], 3);
        assert_eq!(
            places.run(&["cat", &at("in/notes.txt")], 0).stdout,
            b"no RSMF"
        );
        let part = ["cat", &at("in/notes.txt"), "--range", "3-6"];
        assert_eq!(places.run(&part, 0).stdout, b"RSMF");
        places.run(&["cat", &at("in/notes.txt"), "--range", "70-80"], 3);
        places.run(&["cat", &at("in")], 3);
        let known = places.run(&["stat", "--json", &at("in/notes.txt")], 0);
        let known: Value = serde_json::from_slice(&known.stdout).unwrap();
        assert_eq!(known["size"], 7);
        assert!(known["modified"].is_string(), "{known}");
        places.run(&["stat", &at("in")], 3);
        let told = places.run(&["stat", &at("gone")], 3);
        let told = String::from_utf8_lossy(&told.stderr).into_owned();
        assert!(told.contains("not found"), "{told}");
    }
}
