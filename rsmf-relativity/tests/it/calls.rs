//! Every call of the client, once.

use futures_util::TryStreamExt;
use rsmf_relativity::{
    Relativity, Result,
    client::{
        ArtifactId, Custodian, FileId, NewTransfer, Participant, RsmfFile, Slice, Uuid, guids,
        import::{DocumentSettings, FieldMapping, ImportAction, LoadFile, RdoSettings},
        objects::{Condition, FieldRef, NewObject, ObjectType, Query, UpdateBehavior},
        processing::{AggregatePage, DataSource, Expression, Job, NewProcessingSet, SortColumn},
    },
};

/// What became of each call.
pub(crate) type Outcomes = Vec<(&'static str, Result<()>)>;

/// Calls a method, and keeps what became of it.
macro_rules! call {
    ($out:ident, $on:ident . $method:ident ( $($argument:expr),* )) => {
        $out.push((stringify!($method), $on.$method($($argument),*).await.map(drop)))
    };
    ($out:ident, stream $on:ident . $method:ident ( $($argument:expr),* )) => {
        let all: Result<Vec<_>> = $on.$method($($argument),*).try_collect().await;
        $out.push((stringify!($method), all.map(drop)))
    };
}

const WORKSPACE: ArtifactId = ArtifactId(7);

/// The number of everything that whoever asks numbers.
pub(crate) const JOB: Uuid = Uuid::from_u128(0x1111_2222_3333_4444_5555_6666_7777_8888);

const SOURCE: Uuid = Uuid::from_u128(0x9999_aaaa_bbbb_4ccc_8ddd_eeee_ffff_0000);

/// All calls of an instance.
pub(crate) async fn instance(relativity: &Relativity) -> Outcomes {
    let mut out = Outcomes::new();
    call!(out, relativity.version());
    call!(out, relativity.import_health());
    call!(out, stream relativity.workspaces(None));
    let file = RsmfFile::bytes("a.rsmf", "content");
    call!(out, relativity.validate_rsmf(file));
    // The server of these tests logs what it gets, so that nothing planted may be in it.
    let source = "https://ours.blob.example/box?sig=sas";
    let mut transfer = NewTransfer::new(JOB, source, r"\\files\T1\ProcessingSource\run-1");
    transfer.tags.insert("matter".to_owned(), "m1".to_owned());
    call!(out, relativity.create_transfer(&transfer));
    call!(out, relativity.transfer(JOB));
    call!(out, relativity.cancel_transfer(JOB));
    call!(out, relativity.transfer_control(JOB));
    out
}

/// All calls of a workspace but those of the services that follow.
pub(crate) async fn workspace(relativity: &Relativity) -> Outcomes {
    let mut out = Outcomes::new();
    let workspace = relativity.workspace(WORKSPACE);
    call!(out, workspace.info());
    call!(out, workspace.file_shares());
    call!(out, workspace.source_locations());
    call!(out, workspace.time_zones());
    call!(out, workspace.root_folder());
    call!(out, workspace.folders(Some("Chats")));
    call!(out, workspace.profiles());
    call!(out, workspace.find_profiles("RSMF"));
    call!(out, workspace.profile(ArtifactId(20)));
    call!(out, workspace.artifact_ids(&[guids::PROFILE]));
    call!(out, workspace.collection(ArtifactId(60)));
    call!(out, workspace.collection_targets(ArtifactId(60)));
    call!(out, stream workspace.held_custodians());
    call!(out, stream workspace.project_custodians(ArtifactId(61)));
    out
}

/// All calls of Processing.
pub(crate) async fn processing(relativity: &Relativity) -> Outcomes {
    let mut out = Outcomes::new();
    let workspace = relativity.workspace(WORKSPACE);
    let ada = Custodian::person("Ada", "Müller", "REL");
    call!(out, workspace.create_custodian(&ada));
    call!(
        out,
        workspace.create_custodian(&Custodian::other("Slack", "REL"))
    );
    call!(out, workspace.custodian(ArtifactId(21)));
    call!(out, workspace.update_custodian(ArtifactId(21), &ada));
    call!(out, workspace.find_custodians("Müller, Ada"));
    let mut set = NewProcessingSet::new("run-1", ArtifactId(20));
    set.notify.push("ada@example.com".to_owned());
    call!(out, workspace.create_processing_set(&set));
    call!(out, workspace.processing_set(ArtifactId(30)));
    call!(out, workspace.update_processing_set(ArtifactId(30), &set));
    call!(out, workspace.find_processing_sets("run-1"));
    let path = r"\\files\T1\ProcessingSource\run-1";
    let mut source = DataSource::new("run-1", ArtifactId(30), ArtifactId(21), path);
    (source.folder, source.time_zone) = (ArtifactId(22), ArtifactId(23));
    source.document_numbering_prefix = "REL".to_owned();
    call!(out, workspace.create_data_source(&source));
    source.start_number = Some(8);
    call!(out, workspace.update_data_source(ArtifactId(31), &source));
    call!(out, workspace.data_source(ArtifactId(31)));
    call!(out, workspace.data_source_deletable(ArtifactId(31)));
    call!(out, workspace.find_data_sources("run-1"));
    call!(out, workspace.profile_presets(ArtifactId(20)));
    for job in [
        Job::Inventory,
        Job::Discover,
        Job::Publish,
        Job::RetryErrors,
        Job::Cancel,
    ] {
        call!(out, workspace.submit(job, ArtifactId(30)));
    }
    call!(out, workspace.processing_summary(ArtifactId(30)));
    call!(out, workspace.processing_statuses(ArtifactId(30)));
    let page = AggregatePage::new(0, 10).sorted(SortColumn::Bytes, true);
    call!(out, workspace.published(page));
    call!(out, workspace.published_of(ArtifactId(30)));
    out
}

/// All calls about files that processing found.
pub(crate) async fn files(relativity: &Relativity) -> Outcomes {
    let mut out = Outcomes::new();
    let workspace = relativity.workspace(WORKSPACE);
    let all = Expression::everything();
    let some = Expression::any([
        Expression::new("IsDeleted", "Is", false),
        Expression::new("ProcessingFileId", "Is", 5),
    ]);
    let files = [FileId(5)];
    call!(out, workspace.discovered_page(0, 10, &some, &[]));
    call!(out, stream workspace.discovered(all.clone()));
    call!(out, workspace.discovered_ids(0, 10, &all));
    call!(out, workspace.discovered_count(&all));
    call!(out, workspace.stored_filters());
    call!(out, workspace.failed_files(ArtifactId(31)));
    call!(out, workspace.document_errors_page(FileId(5), 0, 10));
    call!(out, stream workspace.document_errors(FileId(5)));
    call!(out, workspace.document_metadata(FileId(5)));
    call!(out, workspace.retry_document_errors(&files, &all));
    call!(out, workspace.retry_document_deletes(&files, &all));
    call!(out, workspace.republish_documents(&files, &all));
    call!(out, workspace.publishable_count(&files, &all));
    call!(out, workspace.publish_errors(&files, &all));
    out
}

/// All calls of the Object Manager and of the viewer of short messages.
pub(crate) async fn objects(relativity: &Relativity) -> Outcomes {
    let mut out = Outcomes::new();
    let workspace = relativity.workspace(WORKSPACE);
    let query = Query::of(ObjectType::document())
        .field(FieldRef::named("Control Number"))
        .condition(Some(Condition::starts_with("Control Number", "REL")))
        .sorted_by(FieldRef::named("Control Number"));
    call!(out, workspace.object_page(&query, 1, 10));
    call!(out, stream workspace.objects(query.clone()));
    call!(out, workspace.count_objects(&query));
    call!(
        out,
        workspace.read_object(ArtifactId(40), &[FieldRef::id(ArtifactId(41))])
    );
    let object = NewObject::of(ObjectType::guid(guids::ENTITY)).parent(ArtifactId(1));
    let object = object.value(FieldRef::guid(guids::CUSTODIAN_NAME), "Slack");
    call!(out, workspace.create_object(&object));
    let value = (FieldRef::named("Matter"), "m1".into());
    let behavior = UpdateBehavior::Merge;
    call!(
        out,
        workspace.update_object(ArtifactId(40), &[value], behavior)
    );
    call!(out, workspace.delete_object(ArtifactId(40)));
    let names = ["a.png".to_owned()];
    call!(out, workspace.validate_short_message(ArtifactId(40)));
    call!(out, workspace.short_message_json(ArtifactId(40)));
    call!(out, workspace.attachment_info(ArtifactId(40), &names));
    call!(out, workspace.participant_info(&[Participant::new("U1")]));
    call!(
        out,
        workspace.slice_short_message(ArtifactId(40), &Slice::of([0, 2]))
    );
    out
}

/// All calls of the Import Service.
pub(crate) async fn import(relativity: &Relativity) -> Outcomes {
    let mut out = Outcomes::new();
    let workspace = relativity.workspace(WORKSPACE);
    call!(out, workspace.create_import_job(JOB, "rsmf", "run-1"));
    let number = FieldMapping::new(0, "Control Number");
    let settings = DocumentSettings::natives(1, [number]);
    call!(out, workspace.configure_documents(JOB, &settings));
    call!(out, workspace.document_configuration(JOB));
    call!(out, workspace.configure_rdos(JOB, &RdoSettings::default()));
    call!(out, workspace.rdo_configuration(JOB));
    let file = LoadFile::concordance(r"\\files\T1\StructuredData\run-1\load.dat");
    call!(out, workspace.add_import_source(JOB, SOURCE, &file));
    let actions = [
        ImportAction::Begin,
        ImportAction::Pause,
        ImportAction::Resume,
    ];
    for action in actions
        .into_iter()
        .chain([ImportAction::End, ImportAction::Cancel])
    {
        call!(out, workspace.import_action(JOB, action));
    }
    call!(out, workspace.import_job(JOB));
    call!(out, workspace.import_progress(JOB));
    call!(out, stream workspace.import_jobs());
    call!(out, workspace.import_sources(JOB));
    call!(out, workspace.import_source(JOB, SOURCE));
    call!(out, workspace.import_source_progress(JOB, SOURCE));
    call!(out, workspace.import_source_columns(JOB, SOURCE));
    call!(out, workspace.import_error_file(JOB, SOURCE));
    call!(out, workspace.item_errors_page(JOB, SOURCE, 0, 20));
    call!(out, stream workspace.item_errors(JOB, SOURCE));
    out
}
