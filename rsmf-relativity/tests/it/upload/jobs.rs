use rsmf_relativity::{
    Outcome, Pick, Unwatched, cancel_job, client::ArtifactId, collect_errors, find_set,
    retry_errors, view_job, wait_for_job,
};

use super::world::{World, quick};
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
