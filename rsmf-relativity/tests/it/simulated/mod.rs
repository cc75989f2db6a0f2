//! Every call against a stand-in that shares no code with the client.

mod import;
mod messages;
mod transfer;

use std::{io::Cursor, time::Duration};

use futures_util::TryStreamExt;
use rsmf_core::{
    UtcTime,
    container::{ArchiveWriter, Envelope, HeaderEncoding, Mailbox, write_rsmf},
    model::{
        Attachment, Conversation, ConversationType, Event, EventType, Manifest, Participant,
        Version,
    },
};
use rsmf_relativity::{
    Error, Relativity, Result, Workspace,
    client::{
        ArtifactId, Auth, Custodian, CustodianType, Generation, guids,
        objects::{Condition, FieldRef, NewObject, ObjectType, Query, UpdateBehavior},
        processing::{AggregatePage, DataSource, Expression, Job, NewProcessingSet},
    },
};
use rsmf_simulator::{Relativity as Simulator, RelativityFault, RelativityKnobs};

use crate::support::{config, connect};

const ROOT: &str = r"\\files\T001\ProcessingSource";
const ATTACHMENT: &str = "a.txt";

/// An instance with a share, and a client of it.
pub(super) struct Here {
    pub(super) server: Simulator,
    pub(super) folder: tempfile::TempDir,
    pub(super) relativity: Relativity,
}

impl Here {
    pub(super) async fn start(change: impl FnOnce(&mut RelativityKnobs)) -> Self {
        Self::generation(change, Generation::Auto).await
    }

    async fn generation(change: impl FnOnce(&mut RelativityKnobs), old: Generation) -> Self {
        let server = Simulator::start().await;
        let folder = tempfile::tempdir().unwrap();
        server.share(ROOT, folder.path());
        server.knobs(|knobs| {
            (knobs.submit_gap, knobs.job_time) = (5, 5);
            change(knobs);
        });
        let mut config = config(&server.url());
        let ((id, secret), transfer) = (Simulator::CLIENT, Simulator::TRANSFER);
        config.auth = Auth::oauth2(id, secret);
        config.transfer.auth = Some(Auth::oauth2(transfer.0, transfer.1));
        (config.options.processing, config.options.page_size) = (old, 3);
        Self {
            relativity: connect(config),
            server,
            folder,
        }
    }

    pub(super) fn workspace(&self) -> Workspace {
        self.relativity.workspace(ArtifactId(Simulator::WORKSPACE))
    }
}

/// An RSMF file with a message and its attachment.
pub(super) fn rsmf() -> Vec<u8> {
    let time = UtcTime::from_micros(1_751_349_600_000_000).unwrap();
    let mut manifest = Manifest::new(Version::V2);
    manifest
        .participants
        .push(Participant::new("U1", "Ada Müller"));
    let mut channel = Conversation::new("C7", "slack");
    channel.kind = Some(ConversationType::Channel);
    channel.participants.push("U1".to_owned());
    manifest.conversations.push(channel);
    let event = Event::new(EventType::Message)
        .in_conversation("C7")
        .by("U1")
        .at(time);
    let mut event = event.saying("Hello");
    event.attachments.push(Attachment {
        id: ATTACHMENT.to_owned(),
        ..Attachment::default()
    });
    manifest.events.push(event);
    let json = serde_json::to_vec(&manifest).unwrap();
    let mut zip = ArchiveWriter::new(Cursor::new(Vec::new()), &json).unwrap();
    zip.add(ATTACHMENT, &mut "content".as_bytes()).unwrap();
    let mut envelope = Envelope::new(Version::V2, "test");
    (envelope.begin, envelope.end, envelope.date) = (Some(time), Some(time), Some(time));
    (envelope.event_count, envelope.attachment_count) = (1, 1);
    envelope.participants = vec!["Ada Müller".to_owned()];
    envelope.from = Some(Mailbox::new("Ada Müller", "ada@example.com"));
    let mut file = Vec::new();
    let mut zip = zip.finish().unwrap();
    write_rsmf(
        &mut file,
        &envelope,
        "Hello",
        &mut zip,
        HeaderEncoding::default(),
    )
    .unwrap();
    file
}

/// A set with one data source and one file.
async fn prepare(here: &Here, name: &str) -> Result<(ArtifactId, ArtifactId)> {
    let workspace = here.workspace();
    let run = here.folder.path().join(name);
    std::fs::create_dir_all(&run).unwrap();
    std::fs::write(run.join("a.rsmf"), rsmf()).unwrap();
    let ada = Custodian::person("Ada", "Müller", "REL");
    let custodian = workspace.create_custodian(&ada).await?;
    let profile = workspace.find_profiles("RSMF").await?[0].artifact_id;
    let set = NewProcessingSet::new(name, profile);
    let set = workspace.create_processing_set(&set).await?;
    let path = format!(r"{ROOT}\{name}");
    let mut source = DataSource::new(name, set, custodian, path);
    source.folder = workspace.root_folder().await?.artifact_id;
    source.time_zone = workspace.time_zones().await?[0].artifact_id;
    source.document_numbering_prefix = "REL".to_owned();
    let source = workspace.create_data_source(&source).await?;
    Ok((set, source))
}

/// Waits until the named phase is done.
async fn done(workspace: &Workspace, set: ArtifactId, job: Job) {
    for _ in 0..400 {
        let state = workspace.processing_summary(set).await.unwrap().set_state;
        let (mark, wanted) = match job {
            Job::Publish => (state.publish, guids::PUBLISH_COMPLETED),
            _ => (state.discover, guids::DISCOVER_COMPLETED),
        };
        if mark.guid() == Some(wanted) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{job:?} never ends");
}

/// From a custodian to a published document.
async fn process(here: &Here) {
    let workspace = here.workspace();
    let (set, source) = prepare(here, "run-1").await.unwrap();
    workspace.submit(Job::Discover, set).await.unwrap();
    done(&workspace, set, Job::Discover).await;
    workspace.submit(Job::Publish, set).await.unwrap();
    done(&workspace, set, Job::Publish).await;
    let summary = workspace.processing_summary(set).await.unwrap();
    assert_eq!(summary.data_source_ids, [source]);
    assert!(!summary.data_source_has_document_level_errors);
    let statuses = workspace.processing_statuses(set).await.unwrap();
    assert_eq!(statuses.publish.name, "Completed");
    assert!(statuses.publish.has_guid(guids::PUBLISH_COMPLETED));
    let found = workspace.find_processing_sets("RUN-1").await.unwrap();
    assert_eq!(found[0].artifact_id, set);
    let found = workspace.find_data_sources("run-1").await.unwrap();
    assert_eq!(found[0].artifact_id, source);
    let documents = Query::of(ObjectType::document()).field(FieldRef::named("Control Number"));
    let documents: Vec<_> = workspace.objects(documents).try_collect().await.unwrap();
    assert_eq!(documents.len(), 2, "the message and its attachment");
}

#[tokio::test]
async fn a_file_becomes_a_document_and_its_attachment_a_child() {
    let here = Here::start(|_| ()).await;
    process(&here).await;
}

#[tokio::test]
async fn answers_may_be_written_in_other_ways() {
    let here = Here::start(|knobs| {
        (knobs.shuffle_keys, knobs.extra_keys, knobs.camel_keys) = (true, true, true);
        knobs.ids_as_text = true;
        knobs.created_status = 201;
        knobs.token_says_lifetime = false;
        knobs.nothing = rsmf_simulator::Nothing::Null;
        knobs.processing_spelling = rsmf_simulator::Spelling::Old;
    })
    .await;
    process(&here).await;
    assert_eq!(here.server.count("token"), 1);
}

#[tokio::test]
async fn older_servers_are_asked_by_older_routes() {
    let here = Here::start(|knobs| knobs.processing_v1 = false).await;
    // Source locations are asked for by nothing else, and by no older route.
    process(&here).await;
    let workspace = here.workspace();
    let set = workspace.find_processing_sets("run-1").await.unwrap();
    let set = workspace.processing_set(set[0].artifact_id).await.unwrap();
    assert_eq!(set.name, "run-1");
    let source = workspace.find_data_sources("run-1").await.unwrap();
    let source = workspace.data_source(source[0].artifact_id).await.unwrap();
    assert_eq!(
        (source.set, source.input_path),
        (set.id, format!(r"{ROOT}\run-1"))
    );
    let custodian = workspace.custodian(source.custodian).await.unwrap();
    assert_eq!(custodian.full_name(), "Müller, Ada");
    workspace
        .update_custodian(source.custodian, &custodian)
        .await
        .unwrap();
    let deletable = workspace.data_source_deletable(source.id).await.unwrap();
    assert!(!deletable.can_delete && !deletable.reasons.is_empty());
    let published = workspace.published_of(set.id).await.unwrap().unwrap();
    assert_eq!(published.published_document_count, 2);
    let renamed = NewProcessingSet::new("run-1b", set.profile);
    workspace
        .update_processing_set(set.id, &renamed)
        .await
        .unwrap();
    // It was found out once.
    assert_eq!(here.server.count("custodian.create"), 1);
    assert_eq!(here.server.count("set.create"), 0);
}

#[tokio::test]
async fn what_the_service_refuses_is_refused() {
    let here = Here::generation(|_| (), Generation::V1).await;
    let workspace = here.workspace();
    let (set, source) = prepare(&here, "run-2").await.unwrap();
    let outside = DataSource::new("x", set, ArtifactId(1), r"\\elsewhere\share");
    let nothing = NewProcessingSet::new("x", ArtifactId(1));
    let absent = ArtifactId(99_999_999);
    let refusals = [
        workspace.create_data_source(&outside).await.map(drop),
        workspace.create_processing_set(&nothing).await.map(drop),
        workspace.submit(Job::Discover, absent).await,
        workspace.submit(Job::Publish, set).await,
        workspace.processing_set(absent).await.map(drop),
        workspace
            .read_object(absent, &[FieldRef::named("Name")])
            .await
            .map(drop),
        here.relativity
            .workspace(ArtifactId(5))
            .info()
            .await
            .map(drop),
    ];
    for refusal in refusals {
        let error = refusal.unwrap_err();
        assert!(matches!(error, Error::Refused { .. }), "{error}");
        assert!(!error.is_uncertain());
    }
    let condition = Some(Condition::raw("'Name' ~ 'x'"));
    let wrong = Query::of(ObjectType::document()).condition(condition);
    assert!(workspace.count_objects(&wrong).await.is_err());
    workspace.submit(Job::Cancel, set).await.unwrap();
    // It takes a while until the request is heard.
    while !workspace
        .processing_summary(set)
        .await
        .unwrap()
        .set_state
        .is_canceled
    {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(workspace.data_source(source).await.is_ok());
}

#[tokio::test]
async fn what_was_done_without_an_answer_is_found_again() {
    let here = Here::start(|_| ()).await;
    let workspace = here.workspace();
    let profile = workspace.find_profiles("RSMF").await.unwrap()[0].artifact_id;
    here.server.fault("set.create", [RelativityFault::Lost]);
    let set = NewProcessingSet::new("lost", profile);
    let error = workspace.create_processing_set(&set).await.unwrap_err();
    assert!(error.is_uncertain());
    assert_eq!(here.server.count("set.create"), 1);
    let found = workspace.find_processing_sets("lost").await.unwrap();
    assert_eq!(found.len(), 1);
    let read = workspace
        .processing_set(found[0].artifact_id)
        .await
        .unwrap();
    assert_eq!((read.name.as_str(), read.profile), ("lost", profile));
    for fault in [
        RelativityFault::Status(500),
        RelativityFault::Page(502),
        RelativityFault::Reset,
        RelativityFault::Garbled("<html>".to_owned()),
    ] {
        here.server.fault("set.create", [fault.clone()]);
        let again = workspace.create_processing_set(&set).await;
        assert!(again.is_err(), "{fault:?}");
    }
    here.server
        .fault("set.create", [RelativityFault::SlowDown(1)]);
    here.server.expire_tokens();
    assert!(workspace.create_processing_set(&set).await.is_ok());
}

#[tokio::test]
async fn each_call_of_processing_is_answered() {
    let here = Here::generation(|_| (), Generation::V1).await;
    let workspace = here.workspace();
    let (set, source) = prepare(&here, "run-3").await.unwrap();
    let read = workspace.data_source(source).await.unwrap();
    assert_eq!((read.set, read.name.as_str()), (set, "run-3"));
    let mut renamed = read.clone();
    renamed.name = "run-3b".to_owned();
    workspace
        .update_data_source(source, &renamed)
        .await
        .unwrap();
    assert_eq!(workspace.data_source(source).await.unwrap().name, "run-3b");
    assert!(
        workspace
            .data_source_deletable(source)
            .await
            .unwrap()
            .can_delete
    );
    let custodian = workspace.custodian(read.custodian).await.unwrap();
    assert_eq!(custodian.custodian_type, CustodianType::Person);
    assert_eq!(custodian.full_name(), "Müller, Ada");
    workspace
        .update_custodian(read.custodian, &custodian)
        .await
        .unwrap();
    let found = workspace.find_custodians("Müller, Ada").await.unwrap();
    assert_eq!(found[0].artifact_id, read.custodian);
    let profile = workspace.processing_set(set).await.unwrap().profile;
    let new = NewProcessingSet::new("run-3c", profile);
    workspace.update_processing_set(set, &new).await.unwrap();
    let presets = workspace.profile_presets(profile).await.unwrap();
    assert_ne!(presets.time_zone, ArtifactId(0));
    workspace.submit(Job::Inventory, set).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    workspace.submit(Job::Discover, set).await.unwrap();
    done(&workspace, set, Job::Discover).await;
    files(&workspace, source).await;
    workspace.submit(Job::Publish, set).await.unwrap();
    done(&workspace, set, Job::Publish).await;
    let published = workspace.published_of(set).await.unwrap().unwrap();
    assert_eq!(published.published_document_count, 2);
    let all = workspace
        .published(AggregatePage::new(0, 10))
        .await
        .unwrap();
    assert_eq!(all.total_published_documents, 2);
    again(&workspace, source).await;
}

/// The calls about files that were discovered.
async fn files(workspace: &Workspace, source: ArtifactId) {
    let of_source = Expression::new("DataSourceArtifactId", "Is", source.0);
    let found: Vec<_> = workspace
        .discovered(of_source.clone())
        .try_collect()
        .await
        .unwrap();
    assert_eq!(found[0].file_name, "a.rsmf");
    let both = Expression::all([of_source.clone(), Expression::everything()]);
    let count = workspace.discovered_count(&both).await.unwrap();
    assert_eq!(count, found.len() as u64);
    let ids = workspace.discovered_ids(0, 100, &of_source).await.unwrap();
    assert_eq!(ids.len(), found.len());
    assert_eq!(workspace.failed_files(source).await.unwrap(), []);
    let file = ids[0];
    let errors: Vec<_> = workspace.document_errors(file).try_collect().await.unwrap();
    assert_eq!(errors, []);
    assert_eq!(workspace.document_metadata(file).await.unwrap().id, file);
    let publishable = workspace
        .publishable_count(&ids, &Expression::everything())
        .await;
    assert!(publishable.unwrap() <= ids.len() as u64);
}

/// The calls that try again. It may be that nothing is there to be done.
async fn again(workspace: &Workspace, source: ArtifactId) {
    let of_source = Expression::new("DataSourceArtifactId", "Is", source.0);
    let ids = workspace.discovered_ids(0, 100, &of_source).await.unwrap();
    for outcome in [
        workspace
            .retry_document_errors(&ids, &Expression::everything())
            .await,
        workspace
            .retry_document_deletes(&ids, &Expression::everything())
            .await,
        workspace
            .republish_documents(&ids, &Expression::everything())
            .await,
    ] {
        assert!(
            matches!(outcome, Ok(()) | Err(Error::Refused { .. })),
            "{outcome:?}"
        );
    }
}

#[tokio::test]
async fn each_call_about_objects_and_places_is_answered() {
    let here = Here::start(|_| ()).await;
    let workspace = here.workspace();
    assert!(here.relativity.version().await.unwrap().contains('.'));
    let all: Vec<_> = here
        .relativity
        .workspaces(None)
        .try_collect()
        .await
        .unwrap();
    assert!(all.iter().any(|it| it.artifact_id == workspace.id()));
    assert_eq!(workspace.info().await.unwrap().name, "Example Workspace");
    let shares = workspace.file_shares().await.unwrap();
    assert_eq!(shares[0].root().unwrap(), r"\\files\T001");
    assert_eq!(workspace.source_locations().await.unwrap(), [ROOT]);
    assert_eq!(workspace.time_zones().await.unwrap().len(), 3);
    assert_eq!(workspace.profiles().await.unwrap().len(), 4);
    let dedup = workspace.find_profiles("RSMF dedup").await.unwrap()[0].artifact_id;
    let profile = workspace.profile(dedup).await.unwrap();
    assert_eq!(
        (profile.extracts_children, profile.is_auto_published),
        (Some(true), Some(false))
    );
    assert_eq!(profile.deduplication.name, "Custodial");
    let children = workspace.find_profiles("No children").await.unwrap()[0].artifact_id;
    assert_eq!(
        workspace.profile(children).await.unwrap().extracts_children,
        Some(false)
    );
    let root = workspace.root_folder().await.unwrap();
    let folders = workspace.folders(None).await.unwrap();
    assert!(
        folders
            .iter()
            .any(|folder| folder.artifact_id == root.artifact_id)
    );
    assert!(
        !workspace
            .artifact_ids(&[guids::PROFILE])
            .await
            .unwrap()
            .is_empty()
    );
    let entity = NewObject::of(ObjectType::guid(guids::ENTITY));
    let entity = entity.value(FieldRef::guid(guids::CUSTODIAN_NAME), "Slack");
    let id = workspace.create_object(&entity).await.unwrap().artifact_id;
    let name = FieldRef::guid(guids::CUSTODIAN_NAME);
    let values = [(name.clone(), "O'Neill \\ 100%".into())];
    workspace
        .update_object(id, &values, UpdateBehavior::Replace)
        .await
        .unwrap();
    let object = workspace.read_object(id, &[name]).await.unwrap();
    assert_eq!(object.named().name, "O'Neill \\ 100%");
    let found = workspace.find_custodians("O'Neill \\ 100%").await.unwrap();
    assert_eq!(found[0].artifact_id, id);
    workspace.delete_object(id).await.unwrap();
    assert!(workspace.read_object(id, &[]).await.is_err());
}

#[tokio::test]
async fn collections_and_holds_are_read() {
    let here = Here::start(|_| ()).await;
    let workspace = here.workspace();
    let id = here
        .server
        .collection("May", "Completed", &[("Ada", "Slack", 12)]);
    let collection = workspace.collection(ArtifactId(id)).await.unwrap();
    assert_eq!(
        (collection.name.as_str(), collection.targets[0].items),
        ("May", 12)
    );
    assert!(workspace.collection_targets(ArtifactId(id)).await.is_ok());
    let held = here.server.hold(77, "Ada", "Müller", "ada@example.com");
    let all: Vec<_> = workspace.held_custodians().try_collect().await.unwrap();
    assert_eq!(all[0].email_address, "ada@example.com");
    let ids: Vec<_> = workspace
        .project_custodians(ArtifactId(77))
        .try_collect()
        .await
        .unwrap();
    assert_eq!(ids, [ArtifactId(held)]);
}
