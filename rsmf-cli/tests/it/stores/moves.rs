//! The commands that move objects, between different stores.

use std::{collections::BTreeMap, time::Duration};

use super::{Places, files, killed, lines};

/// Names that each store keeps, and contents of several sizes.
fn sample(places: &Places) -> BTreeMap<String, Vec<u8>> {
    let large: Vec<u8> = (0..9_000_000_u32).map(|at| (at >> 6) as u8).collect();
    for (name, content) in [
        ("in/a.zip", large),
        ("in/b c+d%41.csv", b"1,2".to_vec()),
        ("in/deep/er/ü.rsmf", b"x".to_vec()),
        ("in/deep/empty", Vec::new()),
        ("in/drafts/d.zip", b"PK".to_vec()),
    ] {
        places.write(name, content);
    }
    files(&places.at("in"))
}

#[test]
fn copies_and_moves_between_any_two() {
    let places = Places::new();
    let all = sample(&places);
    let first = places.names[0];
    places.run(&["cp", "-rq", "in/", &format!("{first}:start")], 0);
    for (at, from) in places.names.iter().enumerate() {
        if from != &first {
            let (source, target) = (format!("{first}:start/"), format!("{from}:start"));
            places.run(&["cp", "-rq", &source, &target, "--verify"], 0);
        }
        // Within the store, and to the next one.
        for to in [*from, places.names[(at + 1) % places.names.len()]] {
            let (source, target) = (format!("{from}:start"), format!("{to}:of-{from}"));
            let told = lines(&places.run(&["cp", "-r", &source, &target], 0).stdout);
            assert_eq!(told, ["5 objects copied (9.0 MB)"], "{from} to {to}");
            let moved = format!("{from}:back-from-{to}");
            places.run(&["mv", "-rq", &target, &moved], 0);
            assert!(places.fetched(&moved) == all, "{to} to {from}");
            let left = places.command(&["ls", "-r", &target]).output().unwrap();
            assert!(lines(&left.stdout).is_empty());
            places.run(&["rm", "-rqy", &moved], 0);
        }
        let (one, other) = (format!("{from}:start/a.zip"), format!("{from}:other/"));
        places.run(&["cp", "-q", &one, &other], 0);
        places.run(&["cp", "-qn", &one, &other], 4);
        places.run(
            &[
                "mv",
                "-q",
                &format!("{other}a.zip"),
                &format!("{from}:b.zip"),
            ],
            0,
        );
        places.run(&["stat", &format!("{other}a.zip")], 3);
        places.run(&["cp", "-q", &format!("{from}:start"), &other], 2);
        places.run(&["cp", "-q", &format!("{from}:gone"), &other], 3);
        places.run(
            &["rm", &format!("{from}:b.zip"), &format!("{from}:gone")],
            3,
        );
        places.run(&["rm", "-r", &format!("{from}:start")], 2);
        places.run(&["rm", "-q", &format!("{from}:b.zip")], 0);
    }
}

#[test]
fn sync_makes_places_alike() {
    let places = Places::new();
    let all = sample(&places);
    let mut before = "in".to_owned();
    for name in &places.names {
        let to = format!("{name}:synced");
        places.run(&["cp", "-q", "in/a.zip", &format!("{to}/old.zip")], 0);
        places.run(&["cp", "-q", "in/a.zip", &format!("{to}/old.txt")], 0);
        let dry = places.run(&["sync", "--delete", "--dry-run", &before, &to], 0);
        let dry = lines(&dry.stdout);
        assert!(
            dry.contains(&"copy deep/er/ü.rsmf (1 B)".to_owned()),
            "{dry:?}"
        );
        assert!(
            dry.contains(&"remove old.zip (9.0 MB)".to_owned()),
            "{dry:?}"
        );
        assert_eq!(places.fetched(&to).len(), 2);
        let some = [
            "sync",
            &before,
            &to,
            "--delete",
            "-q",
            "--include",
            "*.zip",
            "--exclude",
            "drafts/",
        ];
        places.run(&some, 0);
        let found = places.fetched(&to);
        let found: Vec<_> = found.keys().map(String::as_str).collect();
        assert_eq!(found, ["a.zip", "old.txt"], "{name}");
        places.run(&["sync", &before, &to, "--delete", "-q"], 0);
        assert!(places.fetched(&to) == all, "{name}");
        for more in [&[][..], &["--checksum"]] {
            let again = [&["sync", &before, &to], more].concat();
            let told = lines(&places.run(&again, 0).stdout);
            let expected = "0 objects copied (0 B), 5 objects left as they are";
            assert_eq!(told, [expected], "{before} to {to} {more:?}");
        }
        places.run(&["sync", "--delete", &format!("{name}:gone"), &to], 3);
        assert_eq!(places.fetched(&to).len(), 5);
        before = to;
    }
}

#[test]
fn a_killed_sync_is_gone_on_with() {
    let places = Places::new();
    for number in 0..120_usize {
        let content: Vec<u8> = (0..1000 + number * 300)
            .map(|at| (at * number) as u8)
            .collect();
        places.write(&format!("in/{}/{number}", number % 5), content);
    }
    let large: Vec<u8> = (0..40_000_000_u32).map(|at| (at >> 10) as u8).collect();
    places.write("in/large", &large);
    let all = files(&places.at("in"));
    for name in &places.names {
        let to = format!("{name}:killed");
        let mut was_killed = 0;
        for pause in [100, 250, 400, 800] {
            let command = places.command(&["sync", "in", &to, "--quiet"]);
            was_killed += usize::from(killed(command, Duration::from_millis(pause)));
            // What is there under its name is whole.
            let listed = places.command(&["ls", "-r", &to]).output().unwrap();
            if listed.status.success() {
                for (path, content) in places.fetched(&to) {
                    assert!(all.get(&path) == Some(&content), "{name}: {path}");
                }
            }
        }
        assert!(was_killed > 0, "{name} is too quick");
        places.run(&["sync", "in", &to, "--delete", "--checksum", "-q"], 0);
        assert!(places.fetched(&to) == all, "{name}");
        let check = ["sync", &to, "in", "--dry-run", "--delete", "--checksum"];
        let told = lines(&places.run(&check, 0).stdout);
        assert!(told[0].contains("121 objects left as they are"), "{told:?}");
    }
}
