//! `rsmf convert` where the system has not enough of something.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Stdio},
};

use super::{
    command,
    resume::{CONVERT, assert_same, export, uninterrupted},
    run, text,
};
use crate::folder::files;

#[test]
fn too_few_open_files_are_told_and_do_no_harm() {
    let folder = export();
    let expected = uninterrupted(folder.path());
    let rsmf = command(folder.path(), &[]).get_program().to_owned();
    let (mut failed, mut ended) = (0, false);
    for limit in (10..60).step_by(3) {
        let line = format!(
            "ulimit -n {limit}; exec \"$0\" convert in.zip -o out --resume --quiet --threads 2"
        );
        let mut shell = Command::new("sh");
        let output = shell
            .current_dir(folder.path())
            .args(["-c", &line])
            .arg(&rsmf)
            .output()
            .unwrap();
        let words = text(&output.stderr);
        match output.status.code() {
            Some(1) => ended = true,
            Some(3..=5) => {
                failed += 1;
                assert!(words.contains("open files"), "{limit}: {words}");
                assert!(!words.contains("defect"), "{limit}: {words}");
            }
            code => panic!("{limit}: {code:?} {words}"),
        }
    }
    assert!(failed > 0 && ended, "{failed} {ended}");
    run(folder.path(), &[&CONVERT[..], &["--resume"]].concat(), 1);
    assert_same(&files(&folder.path().join("out")), &expected);
}

/// A small file system in memory at a path, gone with this value.
struct Tmpfs(PathBuf);

impl Tmpfs {
    fn mount(path: PathBuf, options: &str) -> Option<Self> {
        fs::create_dir(&path).unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", options, "tmpfs"])
            .arg(&path)
            .stderr(Stdio::null())
            .status();
        if mounted.is_ok_and(|status| status.success()) {
            return Some(Self(path));
        }
        crate::skipped("RSMF_TEST_TMPFS", "mounting a tmpfs takes root");
        None
    }
}

impl Drop for Tmpfs {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_is_told_by_the_pages_that_were_to_go_there() {
    let folder = export();
    run(folder.path(), &CONVERT, 1);
    let Some(disk) = Tmpfs::mount(folder.path().join("disk"), "size=16k") else {
        return;
    };
    let file = files(&folder.path().join("out"))
        .into_keys()
        .find(|name| name.ends_with(".rsmf"));
    let file = format!("out/{}", file.unwrap());
    for (input, output) in [(&*file, "disk/page.html"), ("out", "disk/pages")] {
        let told = text(&run(folder.path(), &["view", input, "-o", output], 4).stderr);
        assert!(told.contains(&format!("cannot write {output}: ")), "{told}");
        assert!(told.contains("hint: free some space"), "{told}");
        assert!(crate::folder::names(&disk.0).is_empty());
    }
}

#[test]
fn a_full_disk_is_told_and_does_no_harm() {
    let folder = export();
    let expected = uninterrupted(folder.path());
    let Some(disk) = Tmpfs::mount(folder.path().join("out"), "size=100k") else {
        return;
    };
    for size in [100, 200, 400] {
        let size = format!("remount,size={size}k");
        let mount = Command::new("mount")
            .args(["-o", &size])
            .arg(&disk.0)
            .status();
        assert!(mount.unwrap().success());
        let output = run(folder.path(), &[&CONVERT[..], &["--resume"]].concat(), 4);
        let words = text(&output.stderr);
        assert!(words.contains("free some space"), "{words}");
        assert!(words.contains("--resume"), "{words}");
    }
    let mount = Command::new("mount")
        .args(["-o", "remount,size=100m"])
        .arg(&disk.0)
        .status();
    assert!(mount.unwrap().success());
    let output = run(folder.path(), &[&CONVERT[..], &["--resume"]].concat(), 1);
    assert!(text(&output.stderr).contains("done already: "));
    assert_same(&files(&disk.0), &expected);
}
