//! What a second run of an upload may change, and what not; and shares that are not there.

use rsmf_simulator::{Relativity, RelativityFault as Fault};

use super::{Place, SHARE, UPLOAD, text};

impl Place {
    /// What is said where this is added to an upload.
    fn refused(&self, more: &[&str], code: i32) -> String {
        let args: Vec<_> = match more.first() {
            // An option that the usual words have, too.
            Some(&"--profile") => [&UPLOAD[..5], more, &UPLOAD[7..]].concat(),
            Some(&"--custodian") => [&UPLOAD[..7], more, &UPLOAD[9..]].concat(),
            _ => [&UPLOAD[..], more].concat(),
        };
        text(&self.run(&args, code).stderr)
    }
}

#[test]
fn a_changed_option_is_refused_by_name() {
    let place = Place::converted();
    place.run(&UPLOAD, 0);
    std::fs::create_dir(place.path().join("other")).unwrap();
    let (share, staged) = (format!("{SHARE}=other"), format!(r"{SHARE}\elsewhere"));
    for (more, named) in [
        (&["--custodian", "Bob Miller"][..], "“Bob Miller” now"),
        (&["--profile", "Other"], "profile (“RSMF” then"),
        (&["--time-zone", "CET"], "time-zone"),
        (&["--prefix", "P"], "prefix"),
        (&["--share", &share], "staging"),
        (&["--staged", &staged], "staging"),
        (&["--command", "true"], "staging"),
        (&["--location", SHARE], "staging"),
    ] {
        let words = place.refused(more, 4);
        assert!(words.contains(named), "{more:?}: {words}");
        assert!(words.contains("--name"), "{more:?}: {words}");
    }
    assert_eq!(place.counts(), (1, 1, 1));
    // What each run decides for itself.
    place.refused(&["--no-verify"], 0);
    place.refused(&["--custodian", "Bob Miller", "--name", "bob"], 0);
    assert_eq!(place.counts(), (2, 2, 2));
}

#[test]
fn a_share_that_is_not_mounted_gets_nothing() {
    let place = Place::converted();
    let nowhere = place.path().join("nowhere/x");
    let share = format!("{SHARE}={}", nowhere.display());
    let words = place.refused(&["--share", &share], 4);
    assert!(words.contains("mount the share"), "{words}");
    assert!(!nowhere.exists());
    // The folder to mount it at is there, but not what Relativity says lies in it.
    std::fs::create_dir(place.path().join("empty")).unwrap();
    let words = place.refused(&["--share", r"\\files\T001=empty"], 4);
    assert!(words.contains("mount the share"), "{words}");
    let import = format!("relativity loadfile out --import --workspace 1234567 --share {share}");
    let import: Vec<_> = import.split(' ').collect();
    assert!(text(&place.run(&import, 4).stderr).contains("mount the share"));
    assert_eq!(place.journal(), 0);
    place.run(&UPLOAD, 0);
}

#[test]
fn the_way_may_change_until_all_files_are_there() {
    let place = Place::converted();
    // Staging fails: a file lies where the upload's folder is to be.
    for name in ["full", "tried"] {
        std::fs::create_dir(place.path().join(name)).unwrap();
    }
    let named = |share: &str, code| {
        let share = format!("{SHARE}={share}");
        place.refused(&["--name", "matter", "--share", &share], code)
    };
    // What it will be called, a run tells that fails after staging.
    place.server.fault("custodian.create", [Fault::Status(400)]);
    named("tried", 4);
    std::fs::remove_dir_all(place.path().join("state")).unwrap();
    let folder = std::fs::read_dir(place.path().join("tried"))
        .unwrap()
        .next();
    let folder = folder.unwrap().unwrap().file_name();
    std::fs::write(place.path().join("full").join(folder), "").unwrap();
    named("full", 4);
    assert!(place.journal() > 0);
    named("share", 0);
    assert!(named("full", 4).contains("staging"));
}

#[test]
fn a_job_that_failed_tells_the_way_out() {
    let place = Place::converted();
    let staged = format!(r"{SHARE}\gone");
    let args = [&UPLOAD[..], &["--staged", &staged]].concat();
    let told = text(&place.run(&args, 6).stdout);
    assert!(
        told.contains("does not exist") && told.contains("next: ") && told.contains("--name"),
        "{told}"
    );
}

#[test]
fn who_does_not_wait_is_told_how_to_go_on() {
    let place = Place::converted();
    let told = text(&place.run(&UPLOAD[..9], 0).stderr);
    let command = told.split("rsmf relativity wait ").nth(1).unwrap();
    let words = command.lines().next().unwrap().split(' ');
    let wait: Vec<_> = ["relativity", "wait"].into_iter().chain(words).collect();
    assert!(told.contains("--wait"), "{told}");
    let published = || place.server.documents(Relativity::WORKSPACE).len();
    assert_eq!(published(), 0);
    place.run(&wait, 0);
    assert!(published() > 0);
}
