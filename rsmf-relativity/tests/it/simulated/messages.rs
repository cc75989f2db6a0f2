//! The viewer of short messages.

use super::*;
use rsmf_relativity::client::{Participant as Person, RsmfFile, RsmfStatus, Slice};

#[tokio::test]
async fn files_are_validated_before_they_go_anywhere() {
    let here = Here::start(|_| ()).await;
    let validate = |content: Vec<u8>| {
        here.relativity
            .validate_rsmf(RsmfFile::bytes("ä \"b\".rsmf", content))
    };
    let verdict = validate(rsmf()).await.unwrap();
    assert_eq!(
        (verdict.status, verdict.errors.len()),
        (RsmfStatus::Passed, 0)
    );
    let verdict = validate(b"nothing".to_vec()).await.unwrap();
    assert_eq!(verdict.status, RsmfStatus::Failed);
    assert!(!verdict.errors[0].message.is_empty());
    // As one that is larger than what is read at a time.
    let large = validate(vec![b'x'; 300_000]).await.unwrap();
    assert_eq!(large.status, RsmfStatus::Failed);
}

#[tokio::test]
async fn documents_prove_that_their_attachments_arrived() {
    let here = Here::start(|_| ()).await;
    process(&here).await;
    let workspace = here.workspace();
    let documents: Vec<_> = workspace
        .objects(Query::of(ObjectType::document()).sorted_by(FieldRef::named("Artifact ID")))
        .try_collect()
        .await
        .unwrap();
    let (document, child) = (documents[0].artifact_id, documents[1].artifact_id);
    for generation in [Generation::Auto, Generation::V0] {
        let mut config = config(&here.server.url());
        let (name, password) = Simulator::PERSON;
        config.auth = Auth::basic(name, password);
        config.options.short_messages = generation;
        let workspace = connect(config).workspace(workspace.id());
        let verdict = workspace.validate_short_message(document).await.unwrap();
        assert_eq!(verdict.status, RsmfStatus::Passed);
        let manifest = workspace.short_message_json(document).await.unwrap();
        assert_eq!(manifest["events"][0]["body"], "Hello");
        let names = [ATTACHMENT.to_owned(), "gone.txt".to_owned()];
        let infos = workspace.attachment_info(document, &names).await.unwrap();
        assert_eq!(infos.len(), 1);
        assert_eq!(
            (infos[0].attachment_id.as_str(), infos[0].document),
            (ATTACHMENT, child)
        );
        let people = workspace
            .participant_info(&[Person::new("U1")])
            .await
            .unwrap();
        assert_eq!(people[0].id, "U1");
    }
    workspace
        .slice_short_message(document, &Slice::of([0]))
        .await
        .unwrap();
    let nothing = workspace
        .slice_short_message(document, &Slice::of([99]))
        .await;
    assert!(matches!(nothing, Err(Error::Refused { .. })));
}
