use std::time::Duration;

use rsmf_core::integration::{JobId, JobState, ReviewPlatform, StorePath};
use rsmf_http::Category;
use rsmf_relativity::{
    Outcome, Pick, PreStaged, RelativityPlatform, Unwatched, UploadOptions, cancel_job,
    client::ArtifactId, collect_errors, find_set, retry_errors, view_job, wait_for_job,
};

use rsmf_simulator::{JobErrorEnd, RelativityFault as Fault};

use super::world::{SHARE, World, quick, store};
use crate::support::told;

/// A set whose discovery was submitted.
async fn begun(world: &mut World) -> ArtifactId {
    world.options.wait = None;
    world.upload().await.unwrap().set
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_can_be_picked_up_by_anybody() {
    let mut world = World::new().await;
    let set = begun(&mut world).await;
    let workspace = world.workspace();
    let view = view_job(&workspace, set).await.unwrap();
    assert_eq!(view.outcome, None);
    let end = wait_for_job(&workspace, set, &quick(), &Unwatched)
        .await
        .unwrap();
    assert_eq!(end.outcome, Outcome::Completed);
    let view = view_job(&workspace, set).await.unwrap();
    assert_eq!(view.outcome, Some(Outcome::Completed));
    assert!(collect_errors(&workspace, set).await.unwrap().is_empty());
    let name = workspace.processing_set(set).await.unwrap().name;
    assert_eq!(find_set(&workspace, &Pick::Name(name)).await.unwrap(), set);
    assert!(
        find_set(&workspace, &Pick::from("no such set"))
            .await
            .is_err()
    );
    // Once more does no harm.
    let end = wait_for_job(&workspace, set, &quick(), &Unwatched)
        .await
        .unwrap();
    assert_eq!(end.outcome, Outcome::Completed);
    assert_eq!(world.server.count("job.publish"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_anew_publishes_nothing_twice() {
    let mut world = World::new().await;
    let set = begun(&mut world).await;
    let workspace = world.workspace();
    world.server.knobs(|knobs| knobs.submit_gap = 60);
    let options = quick();
    let submitted = async {
        while world.server.count("job.publish") == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::select! {
        done = wait_for_job(&workspace, set, &options, &Unwatched) => panic!("{done:?}"),
        () = submitted => {}
    }
    let end = wait_for_job(&workspace, set, &options, &Unwatched).await;
    assert_eq!(end.unwrap().outcome, Outcome::Completed);
    assert_eq!(world.server.count("job.publish"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_spared_for_a_while_is_waited_for() {
    let mut world = World::new().await;
    let set = begun(&mut world).await;
    let relativity = world.connect_with(|http| {
        http.max_retries = 0;
        http.circuit_open_after_failures = 2;
        http.circuit_reset_timeout = Duration::from_millis(200);
    });
    let workspace = relativity.workspace(world.workspace().id());
    world
        .server
        .fault("set.summary", [Fault::Page(503), Fault::Page(503)]);
    for _ in 0..2 {
        workspace.processing_summary(set).await.unwrap_err();
    }
    let error = workspace.processing_summary(set).await.unwrap_err();
    assert_eq!(error.category(), Category::CircuitOpen);
    assert!(error.is_temporary() && !error.is_uncertain());
    assert!(error.retry_after().is_some());
    let end = wait_for_job(&workspace, set, &quick(), &Unwatched).await;
    assert_eq!(end.unwrap().outcome, Outcome::Completed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_set_is_cancelled() {
    let mut world = World::new().await;
    world.server.knobs(|knobs| knobs.stuck = true);
    let set = begun(&mut world).await;
    let workspace = world.workspace();
    cancel_job(&workspace, set).await.unwrap();
    let end = wait_for_job(&workspace, set, &quick(), &Unwatched)
        .await
        .unwrap();
    assert_eq!(end.outcome, Outcome::Cancelled);
    world.options.wait = Some(quick());
    let report = world.upload().await.unwrap();
    assert_eq!(report.outcome, Outcome::Cancelled);
    // To cancel it again is no error.
    cancel_job(&workspace, set).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_ended_cannot_be_cancelled() {
    let world = World::new().await;
    let set = world.upload().await.unwrap().set;
    let error = told(&cancel_job(&world.workspace(), set).await.unwrap_err());
    assert!(error.contains("ended already"), "{error}");
    let _ = retry_errors(&world.workspace(), set).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_job_has_failed_for_everybody() {
    let mut world = World::new().await;
    world
        .server
        .knobs(|knobs| knobs.job_error_end = JobErrorEnd::Open);
    world.options.wait = None;
    // Relativity does not find the folder, since nobody has put it there.
    let gone: rsmf_relativity::UncPath = format!(r"{SHARE}\gone").parse().unwrap();
    let stager = PreStaged::unseen(gone.clone());
    let set = world.upload_by(&stager).await.unwrap().set;
    let workspace = world.workspace();
    let end = wait_for_job(&workspace, set, &quick(), &Unwatched).await;
    assert_eq!(end.unwrap().outcome, Outcome::Failed);
    let view = view_job(&workspace, set).await.unwrap();
    assert_eq!(view.outcome, Some(Outcome::Failed), "{view:?}");
    let platform = RelativityPlatform::new(
        workspace.clone(),
        gone,
        store(&world.path("share")),
        StorePath::ROOT,
        UploadOptions::new("RSMF", "Ada Müller"),
    );
    let status = platform.status(&JobId(set.to_string())).await.unwrap();
    assert_eq!(status.state, JobState::Failed);
    assert!(!status.errors.is_empty());
    // It can be cancelled all the same, so that nothing of it stays behind.
    cancel_job(&workspace, set).await.unwrap();
}
