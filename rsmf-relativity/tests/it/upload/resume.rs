use std::time::Duration;

use rsmf_relativity::Outcome;
use rsmf_simulator::RelativityFault as Fault;

use super::world::World;
use crate::support::told;

/// Runs an upload until its journal has so many lines, and drops it there.
async fn until_line(world: &World, lines: usize) -> bool {
    let reached = async {
        while world.journal().len() < lines {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::select! {
        done = world.upload() => done.is_ok(),
        () = reached => false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_ends_after_any_step_is_gone_on_with() {
    for lines in 1.. {
        let world = World::new().await;
        let done = until_line(&world, lines).await;
        let report = world
            .again()
            .await
            .unwrap_or_else(|error| panic!("{lines}: {}", told(&error)));
        assert_eq!(report.outcome, Outcome::Completed, "{lines}");
        assert_eq!(world.counts(), (1, 1, 1, 6), "{lines}");
        let jobs = ["job.discover", "job.publish"].map(|job| world.server.count(job));
        assert_eq!(jobs, [1, 1], "{lines}");
        if done {
            assert!(lines > 12, "{lines}");
            break;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_submitted_and_cannot_be_seen_yet_is_not_submitted_again() {
    for phase in ["discover", "publish"] {
        let world = World::new().await;
        world.server.knobs(|knobs| knobs.submit_gap = 60);
        let job = format!("job.{phase}");
        let submitted = async {
            while world.server.count(&job) == 0 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::select! {
            done = world.upload() => panic!("{phase}: {done:?}"),
            () = submitted => {}
        }
        let report = world.again().await.unwrap();
        assert_eq!(report.outcome, Outcome::Completed, "{phase}");
        assert_eq!(world.server.count(&job), 1, "{phase}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_is_told_again() {
    let world = World::new().await;
    let first = world.upload().await.unwrap();
    let second = world.upload().await.unwrap();
    assert_eq!((first.set, first.outcome), (second.set, second.outcome));
    assert_eq!(world.counts(), (1, 1, 1, 6));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_server_did_before_the_connection_broke_is_found() {
    for call in [
        "custodian.create",
        "set.create",
        "source.create",
        "job.discover",
        "job.publish",
    ] {
        let lost = [Fault::Lost];
        let garbled = [Fault::Garbled("<html>".to_owned())];
        let slow = [Fault::Reset];
        for faults in [&lost[..], &garbled[..], &slow[..]] {
            let world = World::new().await;
            world.server.fault(call, faults.to_vec());
            let report = world
                .upload()
                .await
                .unwrap_or_else(|error| panic!("{call} {faults:?}: {}", told(&error)));
            assert_eq!(report.outcome, Outcome::Completed, "{call} {faults:?}");
            assert_eq!(world.counts(), (1, 1, 1, 6), "{call} {faults:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_died_with_the_connection_finds_what_is_there() {
    for (call, steps) in [
        ("custodian.create", "custodian"),
        ("set.create", "set"),
        ("source.create", "data-source"),
    ] {
        let world = World::new().await;
        world.server.fault(call, [Fault::Lost]);
        let intention = format!("\"creating\",\"thing\":\"{steps}\"");
        let stopped = async {
            while !world.journal().iter().any(|line| line.contains(&intention))
                || world.server.count(call) == 0
            {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::select! {
            done = world.upload() => panic!("{call}: {done:?}"),
            () = stopped => {}
        }
        let report = world.again().await.unwrap();
        assert_eq!(report.outcome, Outcome::Completed, "{call}");
        assert_eq!(world.counts(), (1, 1, 1, 6), "{call}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_of_the_same_name_is_nobody_elses() {
    let world = World::new().await;
    world.upload().await.unwrap();
    std::fs::remove_dir_all(world.path("journals")).unwrap();
    let error = told(&world.upload().await.unwrap_err());
    assert!(
        error.contains("there is one of this name already"),
        "{error}"
    );
    assert_eq!(world.counts(), (1, 1, 1, 6));
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_have_changed_since_are_noticed() {
    let mut world = World::new().await;
    world.options.wait = None;
    world.upload().await.unwrap();
    let path = world.path("in/a.rsmf");
    let mut bytes = std::fs::read(&path).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let error = told(&world.upload().await.unwrap_err());
    assert!(
        error.contains("a.rsmf is not the file that was staged"),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_runs_do_not_meet() {
    let world = World::new().await;
    let (one, other) = tokio::join!(world.upload(), world.upload());
    let refused = [&one, &other]
        .into_iter()
        .filter_map(|run| run.as_ref().err())
        .next()
        .unwrap();
    assert!(told(refused).contains("another run"), "{refused:?}");
    assert_eq!(world.counts(), (1, 1, 1, 6));
}
