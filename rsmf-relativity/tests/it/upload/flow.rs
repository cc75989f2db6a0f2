use std::time::Duration;

use rsmf_relativity::{Outcome, UploadEvent};
use rsmf_simulator::{JobErrorEnd, Relativity as Simulator, RelativityFault as Fault};

use super::world::{World, rsmf};
use crate::support::told;

fn is_send<T: Send>(value: T) -> T {
    value
}

#[tokio::test(flavor = "multi_thread")]
async fn all_files_become_documents_and_attachments_their_children() {
    let world = World::new().await;
    let report = is_send(world.upload()).await.unwrap();
    assert_eq!(report.outcome, Outcome::Completed, "{report:?}");
    let proof = report.verification.unwrap();
    assert_eq!((proof.documents, proof.files), (3, 3));
    assert_eq!((proof.attachments_found, proof.attachments), (3, 3));
    assert!(proof.is_whole());
    assert_eq!((report.files, report.tagged), (3, 0));
    assert!(report.errors.is_empty());
    assert_eq!(world.counts(), (1, 1, 1, 6));
    // What is no RSMF stays where it is.
    let staged = walk(&world.path("share"));
    assert_eq!(staged.len(), 3, "{staged:?}");
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(walk(&path)),
            false => found.push(path),
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_that_publishes_by_itself_is_not_told_to() {
    let mut world = World::new().await;
    world.options.profile = "RSMF auto-publish".into();
    let report = world.upload().await.unwrap();
    assert_eq!(report.outcome, Outcome::Completed);
    assert_eq!(world.server.count("job.publish"), 0);
    assert!(world.notes().contains("publishes by itself"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_without_children_is_refused_before_anything_is_sent() {
    let mut world = World::new().await;
    world.options.profile = "No children".into();
    let error = told(&world.upload().await.unwrap_err());
    assert!(error.contains("does not extract children"), "{error}");
    assert_eq!(world.counts(), (0, 0, 0, 0));
    assert!(walk(&world.path("share")).is_empty());
    world.options.profile = "RSMFF".into();
    let error = told(&world.upload().await.unwrap_err());
    assert!(error.contains("RSMF auto-publish"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn deduplication_is_noted() {
    let mut world = World::new().await;
    world.options.profile = "RSMF dedup".into();
    world.upload().await.unwrap();
    assert!(world.notes().contains("deduplicates"), "{}", world.notes());
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_files_are_told_before_anything_is_sent() {
    let world = World::new().await;
    world.put("broken.rsmf", b"no rsmf at all");
    let error = told(&world.upload().await.unwrap_err());
    assert!(error.contains("broken.rsmf"), "{error}");
    std::fs::remove_file(world.path("in/broken.rsmf")).unwrap();
    std::fs::rename(world.path("in/a.rsmf"), world.path("in/what?.rsmf")).unwrap();
    let error = told(&world.upload().await.unwrap_err());
    assert!(error.contains("what?.rsmf"), "{error}");
    assert_eq!(world.counts(), (0, 0, 0, 0));
    assert!(walk(&world.path("share")).is_empty() && world.journal().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn relativity_validates_too_where_it_is_asked() {
    let mut world = World::new().await;
    world.options.validate_remotely = true;
    let report = world.upload().await.unwrap();
    assert_eq!(report.outcome, Outcome::Completed);
    assert_eq!(world.server.count("message.validate-file"), 3);
    world.options.validate = false;
    world.options.name = Some("second".to_owned());
    world.put("z.rsmf", b"no rsmf at all");
    let error = told(&world.upload().await.unwrap_err());
    assert!(error.contains("says Relativity"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_are_tagged_where_it_is_asked() {
    let mut world = World::new().await;
    world
        .options
        .tags
        .push(("Matter ID".to_owned(), "42".to_owned()));
    let report = world.upload().await;
    let report = report.unwrap_or_else(|error| panic!("{}", told(&error)));
    assert_eq!(report.tagged, 6);
    for document in world.server.documents(Simulator::WORKSPACE) {
        assert!(document.to_string().contains("\"42\""), "{document}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_waiting_the_job_is_started_only() {
    let mut world = World::new().await;
    let wait = world.options.wait.take();
    let report = world.upload().await.unwrap();
    assert_eq!(report.outcome, Outcome::Submitted);
    assert_eq!(report.verification, None);
    world.options.wait = wait;
    let report = world.upload().await.unwrap();
    assert_eq!(report.outcome, Outcome::Completed);
    assert!(world.heard().contains(&UploadEvent::Resumed));
    assert_eq!(world.counts(), (1, 1, 1, 6));
    assert_eq!(
        (
            world.server.count("job.discover"),
            world.server.count("job.publish")
        ),
        (1, 1)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_processing_cannot_open_is_an_error_of_its_own() {
    let mut world = World::new().await;
    world.options.validate = false;
    world.put("d.rsmf", b"no rsmf at all");
    let report = world.upload().await.unwrap();
    assert_eq!(report.outcome, Outcome::CompletedWithErrors);
    assert!(
        report.errors.has_document_level && report.errors.unlisted.is_none(),
        "{:?}",
        report.errors
    );
    assert!(
        report
            .errors
            .files
            .iter()
            .any(|error| error.name == "d.rsmf"),
        "{:?}",
        report.errors
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_cannot_work_has_failed() {
    let world = World::new().await;
    world
        .server
        .knobs(|knobs| knobs.job_error_end = JobErrorEnd::Open);
    world.server.fault("source.locations", [Fault::Page(404)]);
    // Relativity does not find the folder, since nobody has put it there.
    let stager = rsmf_relativity::PreStaged::unseen(
        format!(r"{}\gone", super::world::SHARE).parse().unwrap(),
    );
    let report = world.upload_by(&stager).await.unwrap();
    assert_eq!(report.outcome, Outcome::Failed, "{report:?}");
    assert!(report.errors.has_job_level);
    assert!(world.notes().contains("taken for granted"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_to_wait_can_be_over() {
    let mut world = World::new().await;
    world.server.knobs(|knobs| knobs.stuck = true);
    let wait = world.options.wait.as_mut().unwrap();
    wait.deadline = Some(Duration::from_millis(300));
    let report = world.upload().await.unwrap();
    assert_eq!(report.outcome, Outcome::TimedOut);
    assert_eq!(world.counts(), (1, 1, 1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_ends_in_mid_wait_is_renewed() {
    let world = World::new().await;
    world
        .server
        .knobs(|knobs| (knobs.token_seconds, knobs.job_time) = (1, 1500));
    let (report, ()) = tokio::join!(world.upload(), async {
        for _ in 0..4 {
            tokio::time::sleep(Duration::from_millis(400)).await;
            world.server.expire_tokens();
        }
    });
    assert_eq!(report.unwrap().outcome, Outcome::Completed);
    assert_eq!(world.counts(), (1, 1, 1, 6));
}

#[tokio::test(flavor = "multi_thread")]
async fn storms_and_pages_of_gateways_are_ridden_out() {
    let world = World::new().await;
    world
        .server
        .fault("object.query", [Fault::SlowDown(0), Fault::SlowDown(0)]);
    world.server.fault(
        "set.summary",
        [
            Fault::Page(502),
            Fault::Page(200),
            Fault::Status(500),
            Fault::SlowDown(0),
            Fault::Reset,
        ],
    );
    let report = world.upload().await.unwrap();
    assert_eq!(report.outcome, Outcome::Completed);
    assert_eq!(world.counts(), (1, 1, 1, 6));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_folder_has_to_be_one_that_can_be_processed() {
    let world = World::new().await;
    let stager = rsmf_relativity::PreStaged::unseen(
        r"\\files.t001.example.com\T001\Elsewhere\run"
            .parse()
            .unwrap(),
    );
    let error = told(&world.upload_by(&stager).await.unwrap_err());
    assert!(error.contains("processing source location"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_file_alone_is_an_upload() {
    let world = World::empty().await;
    world.put("only.rsmf", &rsmf("x", &["y.txt"]));
    let report = world.upload().await.unwrap();
    assert_eq!((report.files, report.outcome), (1, Outcome::Completed));
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_files_arrive() {
    let mut world = World::empty().await;
    let file = rsmf("hello", &[]);
    for index in 0..10_000 {
        world.put(&format!("{}/{index}.rsmf", index / 1000), &file);
    }
    world.options.validate = false;
    let wait = world.options.wait.as_mut().unwrap();
    wait.interval = Duration::from_millis(500);
    let begun = std::time::Instant::now();
    let report = world.upload().await.unwrap();
    eprintln!("10,000 files after {:?}", begun.elapsed());
    assert_eq!(
        report.outcome,
        Outcome::Completed,
        "{:?}",
        report.verification
    );
    assert_eq!(report.verification.unwrap().documents, 10_000);
    assert_eq!(world.counts(), (1, 1, 1, 10_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_custodian_that_cannot_be_is_refused_before_anything_is_sent() {
    let mut world = World::new().await;
    let name = "x".repeat(300);
    world.options.custodian = name.as_str().into();
    let error = told(&world.upload().await.unwrap_err());
    assert!(error.contains("300 characters"), "{error}");
    let staged = std::fs::read_dir(world.path("share")).unwrap().count();
    assert_eq!((staged, world.counts()), (0, (0, 0, 0, 0)));
}
