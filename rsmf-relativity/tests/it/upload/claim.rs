//! Whose a folder in the staging area is.

use std::path::{Path, PathBuf};

use rsmf_core::integration::StorePath;
use rsmf_relativity::{Arrived, Dataset, Outcome, Result, StageLog, Stager};

use super::world::{SHARE, World, store};
use crate::support::told;

/// A log of a first run, in which somebody else puts a file into the folder once it was found empty.
#[derive(Default)]
struct First {
    comes: Option<(PathBuf, Vec<u8>)>,
}

#[async_trait::async_trait]
impl StageLog for First {
    fn known(&self, _: &str) -> Option<(u64, String)> {
        None
    }

    fn has_claimed(&self) -> bool {
        false
    }

    async fn claim(&self) -> Result<()> {
        if let Some((path, content)) = &self.comes {
            put(path, content);
        }
        Ok(())
    }

    async fn arrived(&self, _: &[Arrived]) -> Result<()> {
        Ok(())
    }

    fn transfer(&self) -> Option<String> {
        None
    }

    async fn transferring(&self, _: &str) -> Result<()> {
        Ok(())
    }

    fn bytes(&self, _: u64) {}

    fn note(&self, _: &str) {}
}

fn put(path: &Path, content: &[u8]) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

/// Stages the files of a world into `share/run`.
async fn stage(world: &World, log: &First) -> Result<()> {
    let source = store(&world.path("in"));
    let files = Dataset::find(source.as_ref(), &StorePath::ROOT, true).await?;
    let destination = format!(r"{SHARE}\run").parse()?;
    let dataset = Dataset::new(source, files, destination, "1");
    world.share().stage(&dataset, log).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lies_there_already_is_left_as_it_is() {
    let same = |world: &World| std::fs::read(world.path("in/a.rsmf")).unwrap();
    for (name, is_same) in [
        ("other.txt", false),
        ("a.rsmf", false),
        ("a.rsmf", true),
        ("sub/c.rsmf", false),
    ] {
        let world = World::new().await;
        let theirs = if is_same {
            same(&world)
        } else {
            b"theirs".to_vec()
        };
        put(&world.path("share/run").join(name), &theirs);
        let error = told(&stage(&world, &First::default()).await.unwrap_err());
        let why = format!("{name} lies there already");
        assert!(error.contains(&why), "{error}");
        let there = std::fs::read(world.path("share/run").join(name)).unwrap();
        assert_eq!(there, theirs, "{name}");
        let others = walk(&world.path("share/run"));
        assert_eq!(others, 1, "{name}: something was sent");
    }
}

fn walk(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap();
    let count = |entry: std::fs::DirEntry| match entry.path().is_dir() {
        true => walk(&entry.path()),
        false => 1,
    };
    entries.map(|entry| count(entry.unwrap())).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_meanwhile_is_left_as_it_is() {
    let right = |world: &World| std::fs::read(world.path("in/a.rsmf")).unwrap();
    for is_similar in [false, true] {
        // A folder of its own each time: the other files of one that was refused may still be on their way.
        let world = World::new().await;
        let path = world.path("share/run/a.rsmf");
        let theirs = match is_similar {
            true => {
                let mut wrong = right(&world);
                wrong[0] ^= 1;
                wrong
            }
            false => b"theirs".to_vec(),
        };
        let log = First {
            comes: Some((path.clone(), theirs.clone())),
        };
        let error = told(&stage(&world, &log).await.unwrap_err());
        assert!(error.contains("a.rsmf lies there already"), "{error}");
        assert_eq!(std::fs::read(&path).unwrap(), theirs);
    }
    // What is the same may be our own: the answer to its request was lost.
    let world = World::new().await;
    let log = First {
        comes: Some((world.path("share/run/a.rsmf"), right(&world))),
    };
    stage(&world, &log).await.unwrap();
}

/// Cuts the journal as a kill would have, right after what was found to be empty.
fn forget(world: &World) {
    let journal = std::fs::read_dir(world.path("journals")).unwrap().next();
    let lines = world.journal();
    let until = lines.iter().position(|line| line.contains("claimed"));
    let kept = &lines[..=until.unwrap()];
    let text: String = kept.iter().map(|line| format!("{line}\n")).collect();
    std::fs::write(journal.unwrap().unwrap().path(), text).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn files_without_a_line_in_the_journal_are_known_by_their_content() {
    for changed in [false, true] {
        let world = World::new().await;
        let refused = [rsmf_simulator::RelativityFault::Status(400)];
        world.server.fault("custodian.create", refused);
        world.upload().await.unwrap_err();
        forget(&world);
        let folder = std::fs::read_dir(world.path("share")).unwrap().next();
        let there = folder.unwrap().unwrap().path().join("b.rsmf");
        let mut content = std::fs::read(&there).unwrap();
        content[0] ^= u8::from(changed);
        std::fs::write(&there, &content).unwrap();
        let again = world.upload().await;
        match changed {
            false => assert_eq!(again.unwrap().outcome, Outcome::Completed),
            true => {
                let error = told(&again.unwrap_err());
                assert!(error.contains("b.rsmf lies there already"), "{error}");
            }
        }
        assert_eq!(std::fs::read(&there).unwrap(), content);
    }
}
