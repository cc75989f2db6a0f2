//! What is proved of an upload when its job is done.

use async_trait::async_trait;
use rsmf_relativity::{
    Dataset, Outcome, PreStaged, Result, Share, StageLog, Stager, UncPath, UploadReport,
    Verification,
};
use rsmf_simulator::{Relativity as Simulator, RelativityFault as Fault};

use super::world::{SHARE, World, rsmf};
use crate::support::told;

fn proof(report: &UploadReport) -> &Verification {
    report.verification.as_ref().unwrap()
}

/// Brings all files, and then a byte too many of one.
#[derive(Debug)]
struct Careless {
    share: Share,
    root: std::path::PathBuf,
}

#[async_trait]
impl Stager for Careless {
    fn name(&self) -> &'static str {
        "a careless program"
    }

    fn place(&self) -> String {
        self.share.place()
    }

    fn destination(&self, location: Option<&UncPath>, folder: &str) -> Result<UncPath> {
        self.share.destination(location, folder)
    }

    async fn stage(&self, dataset: &Dataset, log: &dyn StageLog) -> Result<()> {
        self.share.stage(dataset, log).await?;
        let folder = dataset.destination.as_str().rsplit('\\').next();
        let spoilt = self.root.join(folder.unwrap()).join("b.rsmf");
        let mut content = std::fs::read(&spoilt).unwrap();
        content.push(b'\n');
        std::fs::write(&spoilt, content).unwrap();
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_arrives_otherwise_than_it_was_sent_is_named() {
    let world = World::new().await;
    let stager = Careless {
        share: world.share(),
        root: world.path("share"),
    };
    let report = world.upload_by(&stager).await.unwrap();
    assert_eq!(report.outcome, Outcome::CompletedWithErrors);
    let proof = proof(&report);
    assert_eq!(
        (proof.documents, proof.same, proof.differing_count),
        (3, 2, 1)
    );
    assert!(
        proof.differing[0].starts_with("b.rsmf has") && !proof.is_whole(),
        "{proof:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_holds_other_files_is_found_out() {
    let world = World::empty().await;
    world.put("a.rsmf", &rsmf("hello", &[]));
    let filled = world.path("share/filled");
    std::fs::create_dir(&filled).unwrap();
    let other = rsmf("hullo", &[]);
    std::fs::write(filled.join("a.rsmf"), other).unwrap();
    let stager = PreStaged::unseen(format!(r"{SHARE}\filled").parse().unwrap());
    let report = world.upload_by(&stager).await.unwrap();
    assert_eq!(report.outcome, Outcome::CompletedWithErrors);
    let proof = proof(&report);
    assert!(proof.differing[0].starts_with("a.rsmf has"), "{proof:?}");
    assert!(
        report.notes.iter().any(|note| note.contains("granted")),
        "{:?}",
        report.notes
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn content_that_cannot_be_compared_is_taken_for_granted() {
    for fault in [
        Fault::Status(404),
        Fault::Garbled(
            r#"{"TotalCount": 3, "Results": [{"FileName": "a.rsmf"}, {"FileName": "b.rsmf"}, {}]}"#
                .to_owned(),
        ),
        Fault::Garbled("null".to_owned()),
    ] {
        let world = World::new().await;
        world.server.fault("filter.documents", [fault.clone()]);
        let report = world.upload().await.unwrap();
        assert_eq!(report.outcome, Outcome::Completed, "{fault:?} {report:?}");
        assert_eq!((proof(&report).same, proof(&report).documents), (0, 3));
        let notes = report.notes.join("\n");
        assert!(notes.contains("is taken for granted"), "{fault:?}: {notes}");
        assert!(world.notes().contains("is taken for granted"));
    }
    let mut world = World::new().await;
    world.options.verify.as_mut().unwrap().content = false;
    let report = world.upload().await.unwrap();
    assert_eq!(
        (report.outcome, proof(&report).same),
        (Outcome::Completed, 0)
    );
    assert_eq!(world.server.count("filter.documents"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_of_an_earlier_set_is_none_of_this_one() {
    let mut world = World::empty().await;
    world.put("a.rsmf", &rsmf("hello", &[]));
    world.options.profile = "RSMF dedup".into();
    world.options.prefix = Some("ACME".to_owned());
    world.options.name = Some("first".to_owned());
    let report = world.upload().await.unwrap();
    assert_eq!(
        (report.outcome, proof(&report).same),
        (Outcome::Completed, 1)
    );
    world.options.name = Some("second".to_owned());
    let report = world.upload().await.unwrap();
    assert_eq!(report.outcome, Outcome::CompletedWithErrors, "{report:?}");
    assert_eq!(proof(&report).published, Some(0));
    assert!(proof(&report).missing_count > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_looked_at_leaves_the_proof_of_the_others() {
    let mut world = World::new().await;
    world
        .server
        .knobs(|knobs| knobs.publish_files_with_errors = true);
    world.options.validate = false;
    world.put("d.rsmf", b"no rsmf at all");
    let report = world.upload().await;
    let report = report.unwrap_or_else(|error| panic!("{}", told(&error)));
    assert_eq!(report.outcome, Outcome::CompletedWithErrors);
    assert_eq!(report.unfinished, None);
    let proof = proof(&report);
    assert_eq!((proof.documents, proof.files, proof.same), (4, 4, 4));
    assert_eq!((proof.attachments_found, proof.attachments), (3, 3));
    assert_eq!(proof.unknown_count, 1, "{proof:?}");
    assert!(
        proof.unknown[0].contains("attachments of d.rsmf"),
        "{proof:?}"
    );
}

/// An upload of what lies there, by these names.
async fn named(world: &mut World, name: &str, prefix: &str) -> UploadReport {
    world.options.name = Some(name.to_owned());
    world.options.prefix = Some(prefix.to_owned());
    let report = world.upload().await;
    report.unwrap_or_else(|error| panic!("{}", told(&error)))
}

fn tagged(world: &World) -> usize {
    let documents = world.server.documents(Simulator::WORKSPACE);
    let is_tagged = |text: &String| text.contains("\"tag-42\"");
    documents
        .iter()
        .map(ToString::to_string)
        .filter(is_tagged)
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_documents_of_this_upload_are_tagged() {
    let mut world = World::new().await;
    named(&mut world, "longer", "ACME2").await;
    named(&mut world, "earlier", "ACME").await;
    let tag = ("Matter ID".to_owned(), "tag-42".to_owned());
    world.options.tags.push(tag);
    let report = named(&mut world, "now", "ACME").await;
    assert_eq!((report.outcome, report.tagged), (Outcome::Completed, 6));
    assert_eq!(tagged(&world), 6);
    // Nor what a further run finds since then.
    world.options.tags.clear();
    named(&mut world, "later", "ACME").await;
    assert_eq!(tagged(&world), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_tagged_where_documents_of_others_may_be_among_them() {
    let mut world = World::new().await;
    let wait = world.options.wait.take();
    named(&mut world, "now", "ACME").await;
    world.options.wait = wait;
    named(&mut world, "meanwhile", "ACME2").await;
    let tag = ("Matter ID".to_owned(), "tag-42".to_owned());
    world.options.tags.push(tag);
    let report = named(&mut world, "now", "ACME").await;
    assert_eq!(report.outcome, Outcome::CompletedWithErrors);
    let why = report.unfinished.unwrap();
    assert!(
        why.contains("12 new ones") && why.contains("--prefix"),
        "{why}"
    );
    assert_eq!((report.tagged, tagged(&world)), (0, 0));
}
