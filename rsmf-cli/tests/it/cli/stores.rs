//! The commands that move objects, with folders of this machine.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Output, Stdio},
    time::Duration,
};

use super::{command, json, run, text};
use crate::folder::files;

fn write(folder: &Path, name: &str, content: impl AsRef<[u8]>) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

fn names(folder: &Path) -> Vec<String> {
    files(folder).into_keys().collect()
}

fn sample() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in [
        ("in/a.zip", "PK"),
        ("in/b c.csv", "1,2"),
        ("in/deep/er/ü.rsmf", "x"),
    ] {
        write(folder.path(), name, content);
    }
    folder
}

fn lines(output: &Output) -> Vec<String> {
    text(&output.stdout)
        .lines()
        .map(ToOwned::to_owned)
        .collect()
}

#[test]
fn ls_shows_a_level_or_all() {
    let folder = sample();
    let at = folder.path();
    assert_eq!(
        lines(&run(at, &["ls", "in"], 0)),
        ["a.zip", "b c.csv", "deep/"]
    );
    let all = lines(&run(at, &["ls", "-lr", "in/"], 0));
    assert_eq!(all.len(), 3);
    assert!(all[2].ends_with("Z  deep/er/ü.rsmf"), "{all:?}");
    assert_eq!(lines(&run(at, &["ls", "in/a.zip"], 0)), ["a.zip"]);
    let first = run(at, &["ls", "--json", "in"], 0);
    let first = json(lines(&first)[0].as_bytes());
    assert_eq!(
        (&first["path"], &first["size"]),
        (&"a.zip".into(), &2.into())
    );
    let gone = text(&run(at, &["ls", "gone"], 3).stderr);
    assert!(gone.contains("not found"), "{gone}");
    run(at, &["ls", "--versions", "in/a.zip"], 3);
    fs::create_dir(at.join("empty")).unwrap();
    assert!(lines(&run(at, &["ls", "empty"], 0)).is_empty());
}

#[test]
fn cat_and_stat_show_an_object() {
    let folder = tempfile::tempdir().unwrap();
    let content: Vec<u8> = (0..20_000_000_u32).map(|at| (at >> 8) as u8).collect();
    write(folder.path(), "a", &content);
    let output = run(folder.path(), &["cat", "a"], 0);
    assert!(output.stdout == content);
    let part = run(folder.path(), &["cat", "a", "--range", "255-256"], 0);
    assert_eq!(part.stdout, [0, 1]);
    run(
        folder.path(),
        &["cat", "a", "--range", "30000000-30000001"],
        3,
    );
    run(folder.path(), &["cat", "a", "--range", "2-1"], 2);
    run(folder.path(), &["cat", "."], 3);
    let known = text(&run(folder.path(), &["stat", "a"], 0).stdout);
    assert!(known.contains("size: 20000000 bytes"), "{known}");
    let known = json(&run(folder.path(), &["stat", "a", "--json"], 0).stdout);
    assert_eq!(known["size"], 20_000_000);
    assert!(known["modified"].as_str().unwrap().ends_with('Z'));
}

#[test]
fn cp_copies_files_as_people_expect() {
    let folder = sample();
    let at = folder.path();
    run(at, &["cp", "in/a.zip", "new.zip"], 0);
    run(at, &["cp", "in/a.zip", "made/"], 0);
    fs::create_dir(at.join("there")).unwrap();
    run(
        at,
        &["cp", "in/a.zip", "in/b c.csv", "there", "--verify"],
        0,
    );
    assert_eq!(fs::read(at.join("new.zip")).unwrap(), b"PK");
    assert_eq!(names(&at.join("made")), ["a.zip"]);
    assert_eq!(names(&at.join("there")), ["a.zip", "b c.csv"]);
    let time = |name: &str| fs::metadata(at.join(name)).unwrap().modified().unwrap();
    assert!(time("there/a.zip") <= time("there/b c.csv") + Duration::from_secs(5));
    // Several sources need a folder; a folder needs -r; what is there can be left.
    run(at, &["cp", "in/a.zip", "in/b c.csv", "new"], 2);
    run(at, &["cp", "in", "other"], 2);
    write(at, "new.zip", "mine");
    run(at, &["cp", "-n", "in/a.zip", "new.zip"], 4);
    assert_eq!(fs::read(at.join("new.zip")).unwrap(), b"mine");
    run(at, &["cp", "gone", "there"], 3);
    run(at, &["cp", "in/a.zip", "in/a.zip"], 4);
    assert!(!at.join("other").exists());
}

#[test]
fn cp_and_mv_take_folders() {
    let folder = sample();
    let at = folder.path();
    let all = names(&at.join("in"));
    run(at, &["cp", "-r", "in", "new"], 0);
    assert_eq!(names(&at.join("new")), all);
    run(at, &["cp", "-r", "in", "new"], 0);
    assert_eq!(names(&at.join("new/in")), all);
    let told = run(at, &["cp", "-r", "in/", "other", "--json"], 0);
    let last = lines(&told).pop().unwrap();
    assert_eq!(json(last.as_bytes())["summary"]["copied"], 3);
    run(at, &["cp", "-r", "in", "in/below"], 4);
    let moved = run(at, &["mv", "-r", "other", "moved"], 0);
    assert_eq!(text(&moved.stdout), "3 objects moved (6 B)\n");
    assert_eq!(names(&at.join("moved")), all);
    assert!(names(&at.join("other")).is_empty());
    run(at, &["mv", "moved/a.zip", "b.zip"], 0);
    assert!(at.join("b.zip").exists() && !at.join("moved/a.zip").exists());
}

#[test]
fn rm_asks_before_it_removes_a_folder() {
    let folder = sample();
    let at = folder.path();
    run(at, &["rm", "in"], 2);
    let refused = text(&run(at, &["rm", "-r", "in"], 2).stderr);
    assert!(refused.contains("--yes"), "{refused}");
    let told = text(&run(at, &["rm", "-r", "--dry-run", "in"], 0).stdout);
    assert!(told.contains("remove a.zip (2 B)"), "{told}");
    assert_eq!(names(&at.join("in")).len(), 3);
    run(at, &["rm", "in/a.zip", "in/gone"], 3);
    assert!(
        at.join("in/a.zip").exists(),
        "nothing goes where one is wrong"
    );
    run(at, &["rm", "in/a.zip"], 0);
    let told = run(at, &["rm", "-r", "--yes", "in"], 0);
    assert_eq!(text(&told.stdout), "2 objects removed\n");
    assert!(names(&at.join("in")).is_empty());
}

#[test]
fn sync_makes_alike() {
    let folder = sample();
    let at = folder.path();
    write(at, "out/old.zip", "x");
    write(at, "out/a.zip", "an older one");
    let told = text(&run(at, &["sync", "--delete", "--dry-run", "in", "out"], 0).stdout);
    assert!(told.contains("copy a.zip (2 B)\n"), "{told}");
    assert!(told.contains("remove old.zip (1 B)\n"), "{told}");
    assert_eq!(names(&at.join("out")), ["a.zip", "old.zip"]);
    run(
        at,
        &["sync", "--include", "*.zip", "in", "out", "--delete"],
        0,
    );
    assert_eq!(names(&at.join("out")), ["a.zip"]);
    run(at, &["sync", "in", "out"], 0);
    assert_eq!(files(&at.join("out")), files(&at.join("in")));
    let told = run(at, &["sync", "in", "out"], 0);
    assert_eq!(
        text(&told.stdout),
        "0 objects copied (0 B), 3 objects left as they are\n"
    );
    // Of the same size, and as new.
    let time = fs::metadata(at.join("in/a.zip"))
        .unwrap()
        .modified()
        .unwrap();
    write(at, "out/a.zip", "XX");
    let file = fs::File::options()
        .write(true)
        .open(at.join("out/a.zip"))
        .unwrap();
    file.set_modified(time).unwrap();
    run(at, &["sync", "in", "out"], 0);
    assert_eq!(fs::read(at.join("out/a.zip")).unwrap(), b"XX");
    run(at, &["sync", "--checksum", "in", "out"], 0);
    assert_eq!(fs::read(at.join("out/a.zip")).unwrap(), b"PK");
    run(at, &["sync", "--delete", "gone", "out"], 3);
    run(at, &["sync", "in/a.zip", "out"], 3);
    run(at, &["sync", "in", "out", "--include", "["], 2);
    assert_eq!(names(&at.join("out")).len(), 3);
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_that_cannot_be_used_hides_nothing_beside_it() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write(at, "in/good.txt", "x");
    fs::write(at.join("in").join(OsStr::from_bytes(b"bad\xff.txt")), "y").unwrap();
    let listed = run(at, &["ls", "in"], 1);
    assert!(text(&listed.stdout).contains("good.txt"));
    assert!(text(&listed.stderr).contains("not Unicode"));
    run(at, &["cp", "-r", "in/", "copy"], 1);
    run(at, &["sync", "in", "synced", "--delete"], 1);
    for folder in ["copy", "synced"] {
        assert_eq!(fs::read(at.join(folder).join("good.txt")).unwrap(), b"x");
    }
}

#[test]
fn what_cannot_be_copied_is_named_and_the_rest_goes_on() {
    let folder = sample();
    let at = folder.path();
    fs::create_dir_all(at.join("out/a.zip/is-a-folder")).unwrap();
    let told = run(at, &["sync", "in", "out", "--delete"], 1);
    assert!(
        text(&told.stderr).contains("failed: a.zip: "),
        "{}",
        text(&told.stderr)
    );
    assert!(at.join("out/b c.csv").exists());
    let told = run(at, &["sync", "in", "out", "--json"], 1);
    assert!(
        lines(&told)
            .iter()
            .any(|line| json(line.as_bytes())["error"].is_string())
    );
}

#[test]
fn a_killed_sync_is_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    for number in 0..300_usize {
        let content = vec![number as u8; 1000 + number * 300];
        write(at, &format!("in/{}/{number}", number % 5), content);
    }
    let large: Vec<u8> = (0..100_000_000_u32).map(|at| (at >> 10) as u8).collect();
    write(at, "in/large", &large);
    for pause in [5, 40, 100, 300] {
        let mut child = command(at, &["sync", "in", "out", "--quiet"])
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(pause));
        // It may have ended already.
        let _ = child.kill();
        child.wait().unwrap();
        // What is there under its name is whole.
        let out = at.join("out");
        let found = match out.exists() {
            true => files(&out),
            false => BTreeMap::new(),
        };
        for (name, content) in found {
            if !name.contains(".partial") {
                assert!(
                    content == fs::read(at.join("in").join(&name)).unwrap(),
                    "{name}"
                );
            }
        }
    }
    run(at, &["sync", "in", "out", "--delete", "--checksum"], 0);
    assert!(run(at, &["ls", "-r", "out"], 0).stdout == run(at, &["ls", "-r", "in"], 0).stdout);
    for (name, content) in files(&at.join("in")) {
        assert!(
            fs::read(at.join("out").join(&name)).unwrap() == content,
            "{name}"
        );
    }
}

#[test]
fn check_tells_of_an_unfinished_conversion() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::create_dir(at.join("out")).unwrap();
    fs::write(at.join("out/.rsmf-run.json"), "{}").unwrap();
    let told = text(&run(at, &["check", "out"], 0).stdout);
    assert!(
        told.contains("an unfinished conversion lies there") && told.contains("--resume"),
        "{told}"
    );
}

#[test]
fn folders_are_created_checked_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    run(at, &["mkbucket", "new/er"], 0);
    run(at, &["mkbucket", "new/er"], 4);
    let told = run(at, &["check", "new/er", "other"], 0);
    assert_eq!(
        text(&told.stdout),
        "new/er: all in order\nother: nothing is there yet, but it can be made\n"
    );
    run(at, &["rmbucket", "new"], 4);
    run(at, &["rmbucket", "new/er"], 0);
    run(at, &["rmbucket", "new/er"], 3);
    write(at, "file", "x");
    let told = run(at, &["check", "file", "--json"], 3);
    assert_eq!(json(&told.stdout)["ok"], false);
}

#[test]
fn a_folder_gives_no_addresses_to_hand_out() {
    let folder = sample();
    let refused = run(folder.path(), &["presign", "in/a.zip"], 3);
    assert!(refused.stdout.is_empty());
    assert!(text(&refused.stderr).contains("not supported"));
    run(folder.path(), &["presign", "in/a.zip", "--for", "soon"], 2);
    run(
        folder.path(),
        &["presign", "in/a.zip", "--password-env", "NOT_SET_HERE"],
        2,
    );
}

#[test]
fn places_have_names() {
    let folder = sample();
    let at = folder.path();
    let url = at.join("in").display().to_string().replace('\\', "/");
    write(at, "rsmf.toml", format!("[stores.case]\nurl = '{url}'\n"));
    assert_eq!(lines(&run(at, &["ls", "case:deep"], 0)), ["er/"]);
    assert_eq!(run(at, &["cat", "case:a.zip"], 0).stdout, b"PK");
    run(at, &["cp", "case:a.zip", "case:copies/"], 0);
    assert!(at.join("in/copies/a.zip").exists());
    // Nothing outside of the place is reached.
    run(at, &["cat", "case:../rsmf.toml"], 3);
    run(at, &["ls", "other:deep"], 3);
}

#[test]
fn config_shows_what_is_in_force_and_from_where() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let file = "[network]\ntimeout = '1m'\nhttp_proxy = 'http://me:hush@proxy:1'\n\n[stores.case]\nurl = '/data'\n";
    write(at, "case.toml", file);
    let shown = |args: &[&str]| {
        let output = command(at, args)
            .env("HTTPS_PROXY", "http://me:hush@proxy:8080")
            .env_remove("https_proxy")
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0));
        text(&output.stdout)
    };
    let text_shown = shown(&["config", "--config", "case.toml"]);
    for needle in [
        "file: case.toml (--config)",
        "(case.toml:2)",
        "http://…@proxy:1/  (case.toml:3)",
        "http://…@proxy:8080/  (environment variable HTTPS_PROXY)",
        "stores.case.url",
        "(case.toml:6)",
        "(default)",
    ] {
        assert!(
            text_shown.contains(needle),
            "{needle} is not in\n{text_shown}"
        );
    }
    let json_shown = shown(&["--config", "case.toml", "config", "--json"]);
    assert_eq!(json(json_shown.as_bytes())["file"]["path"], "case.toml");
    assert!(!format!("{text_shown}{json_shown}").contains("hush"));
    run(at, &["config", "--config", "gone.toml"], 3);
    write(at, "rsmf.toml", "[netwrok]\n");
    let wrong = text(&run(at, &["ls", "."], 2).stderr);
    assert!(
        wrong
            .contains("rsmf.toml:1: netwrok: nothing is called `netwrok`; did you mean `network`?"),
        "{wrong}"
    );
}
