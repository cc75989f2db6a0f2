//! Load files.

use super::*;
use rsmf_relativity::client::{
    Uuid,
    import::{
        DocumentSettings, FieldMapping, ImportAction, ImportState, LoadFile, RdoSettings,
        SourceState,
    },
};

const LOAD: &str = r"\\files\T001\StructuredData";
const JOB: Uuid = Uuid::from_u128(0x0e8e_9d1c);
const SOURCE: Uuid = Uuid::from_u128(0x0e8e_9d1d);

/// A load file of these lines, with the native of each beside it.
fn load(here: &Here, lines: &[&str]) {
    let folder = here.folder.path().join("load");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("a.rsmf"), rsmf()).unwrap();
    let row =
        |number: &str, path: &str| format!("\u{fe}{number}\u{fe}\u{14}\u{fe}{path}\u{fe}\r\n");
    let rows: String = lines
        .iter()
        .map(|number| row(number, r".\a.rsmf"))
        .collect();
    let text = format!("\u{feff}{}{rows}", row("Control Number", "FILE_PATH"));
    std::fs::write(folder.join("all.dat"), text).unwrap();
}

async fn start(change: impl FnOnce(&mut RelativityKnobs)) -> Here {
    let here = Here::start(|knobs| {
        (knobs.import_queue, knobs.import_time) = (5, 5);
        change(knobs);
    })
    .await;
    here.server.share(LOAD, &here.folder.path().join("load"));
    here
}

async fn configured(here: &Here, file: &str) -> Workspace {
    let workspace = here.workspace();
    workspace
        .create_import_job(JOB, "rsmf", "run-1")
        .await
        .unwrap();
    let settings = DocumentSettings::natives(1, [FieldMapping::new(0, "Control Number")]);
    workspace.configure_documents(JOB, &settings).await.unwrap();
    assert_eq!(
        workspace.document_configuration(JOB).await.unwrap().native,
        settings.native
    );
    let file = LoadFile::concordance(format!(r"{LOAD}\{file}"));
    workspace
        .add_import_source(JOB, SOURCE, &file)
        .await
        .unwrap();
    workspace
}

/// Begins and ends the import, with these steps in between, and waits for what it comes to.
async fn run(workspace: &Workspace, steps: &[ImportAction]) -> ImportState {
    let all = [&[ImportAction::Begin], steps, &[ImportAction::End]].concat();
    for action in all {
        workspace.import_action(JOB, action).await.unwrap();
    }
    for _ in 0..400 {
        let job = workspace.import_job(JOB).await.unwrap();
        if job.is_finished {
            return job.state;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the import never ends");
}

#[tokio::test]
async fn lines_become_documents() {
    let here = start(|knobs| knobs.import_sources_key = "Sources".to_owned()).await;
    load(&here, &["D1", "D2", "D3", "D4"]);
    assert!(here.relativity.import_health().await.unwrap().is_healthy);
    let workspace = configured(&here, "all.dat").await;
    let steps = [ImportAction::Pause, ImportAction::Resume];
    assert_eq!(run(&workspace, &steps).await, ImportState::Completed);
    let progress = workspace.import_progress(JOB).await.unwrap();
    assert_eq!(
        (progress.total, progress.imported, progress.errored),
        (4, 4, 0)
    );
    let columns = workspace.import_source_columns(JOB, SOURCE).await.unwrap();
    assert_eq!(columns, ["Control Number", "FILE_PATH"]);
    let of_source = workspace.import_source_progress(JOB, SOURCE).await.unwrap();
    assert_eq!(of_source.imported, 4);
    assert_eq!(workspace.import_sources(JOB).await.unwrap(), [SOURCE]);
    let jobs: Vec<_> = workspace.import_jobs().try_collect().await.unwrap();
    assert_eq!(jobs, [JOB]);
    let source = workspace.import_source(JOB, SOURCE).await.unwrap();
    assert_eq!(source.state, SourceState::Completed);
    let documents = Query::of(ObjectType::document());
    assert_eq!(workspace.count_objects(&documents).await.unwrap(), 4);
}

#[tokio::test]
async fn lines_that_are_errors_are_told_page_by_page() {
    let here = start(|_| ()).await;
    // Each number may be there once.
    load(&here, &["D1", "D1", "D1", "D1", "D1", "D2"]);
    let workspace = configured(&here, "all.dat").await;
    run(&workspace, &[]).await;
    let source = workspace.import_source(JOB, SOURCE).await.unwrap();
    assert_eq!(source.state, SourceState::CompletedWithItemErrors);
    let lines: Vec<_> = workspace
        .item_errors(JOB, SOURCE)
        .try_collect()
        .await
        .unwrap();
    assert_eq!(lines.len(), 4);
    let first = workspace.item_errors_page(JOB, SOURCE, 0, 2).await.unwrap();
    assert_eq!(first.errors, lines[..2]);
    workspace.import_error_file(JOB, SOURCE).await.unwrap();
}

#[tokio::test]
async fn what_the_import_service_refuses_is_refused() {
    for status in [200, 400] {
        let here = start(|knobs| knobs.import_refusal_status = status).await;
        load(&here, &["D1"]);
        let workspace = configured(&here, "gone.dat").await;
        let again = workspace
            .create_import_job(JOB, "rsmf", "run-1")
            .await
            .unwrap_err();
        let refusal = again.refusal().unwrap();
        assert_eq!(refusal.status, status);
        assert!(
            refusal.import_code().unwrap().is_state_conflict(),
            "{refusal}"
        );
        let absent = workspace.import_job(Uuid::from_u128(9)).await.unwrap_err();
        assert!(absent.refusal().is_some());
        run(&workspace, &[]).await;
        let source = workspace.import_source(JOB, SOURCE).await.unwrap();
        assert_eq!(source.state, SourceState::Failed);
        let error = &source.job_level_errors[0];
        assert_eq!(
            (
                error.line_number,
                error.error_details[0].error_code.as_str()
            ),
            (-1, "S.RD.EXT.0217")
        );
    }
}

#[tokio::test]
async fn jobs_for_objects_are_configured_and_cancelled() {
    let here = start(|_| ()).await;
    let workspace = here.workspace();
    here.server.fault("import.create", [RelativityFault::Lost]);
    let lost = workspace
        .create_import_job(JOB, "rsmf", "run-1")
        .await
        .unwrap_err();
    assert!(lost.is_uncertain());
    assert_eq!(
        workspace.import_job(JOB).await.unwrap().state,
        ImportState::New
    );
    let mut settings = RdoSettings::default();
    settings.rdo.type_id = ArtifactId(1_000_042);
    settings.fields = DocumentSettings::natives(1, [FieldMapping::new(0, "Name")]).fields;
    let outcome = workspace.configure_rdos(JOB, &settings).await;
    assert!(
        matches!(outcome, Ok(()) | Err(Error::Refused { .. })),
        "{outcome:?}"
    );
    if outcome.is_ok() {
        let read = workspace.rdo_configuration(JOB).await.unwrap();
        assert_eq!(read.rdo, settings.rdo);
    }
    workspace
        .import_action(JOB, ImportAction::Cancel)
        .await
        .unwrap();
    assert_eq!(
        workspace.import_job(JOB).await.unwrap().state,
        ImportState::Canceled
    );
}
