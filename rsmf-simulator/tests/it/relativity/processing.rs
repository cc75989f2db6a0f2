//! From files to documents.

use rsmf_simulator::{JobErrorEnd, Spelling};
use serde_json::{Value, json};

use super::here::{
    HEADERS, Here, OBJECTS, PROCESSING, ROOT, WORKSPACE, mail, manifest, rsmf, zipped,
};

const DISCOVERED: &str = "be180e9d-8abf-41f8-8507-37bd1d22f72e";
const NOT_DISCOVERED: &str = "955e0b6d-8e50-4dfb-945d-5631fc97f40a";
const WITH_ERRORS: &str = "f29b76d6-927f-4172-bc7a-92eb7b7328c9";
const PUBLISHED: &str = "2682816f-2683-4cc0-be6e-583fbdff304b";
const DISCOVER_STATUS: &str = "513DD373-661B-4EA5-9AC4-43BEA2F793EE";

#[tokio::test]
async fn files_become_documents_and_attachments_their_children() {
    let here = Here::start().await;
    here.put_file("a/one.rsmf", &rsmf("one", &["a.jpg", "b.pdf"]));
    here.put_file("two.rsmf", &rsmf("two", &[]));
    let set = here.ready("RSMF").await;
    here.processed(set).await;
    let summary = here.summary(set).await;
    assert_eq!(summary["SetState"]["DiscoverStatus"], DISCOVERED);
    assert_eq!(summary["SetState"]["PublishStatus"], PUBLISHED);
    assert_eq!(summary["HasRunningJobs"], false);
    let documents = here.server.documents(WORKSPACE);
    let column = |name: &str| {
        documents
            .iter()
            .map(|it| it[name].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        column("Control Number"),
        [
            "REL0000000001",
            "REL0000000002",
            "REL0000000003",
            "REL0000000004"
        ]
    );
    assert_eq!(
        column("File Name"),
        ["one.rsmf", "a.jpg", "b.pdf", "two.rsmf"]
    );
    assert_eq!(
        column("Relativity Attachment ID"),
        [Value::Null, json!("a.jpg"), json!("b.pdf"), Value::Null]
    );
    let groups = [
        "REL0000000001",
        "REL0000000001",
        "REL0000000001",
        "REL0000000004",
    ];
    assert_eq!(column("Group Identifier"), groups);
    assert_eq!(documents[0]["Custodian"]["Name"], "Lovelace, Ada");
    assert_eq!(
        (
            &documents[0]["Email Subject"],
            &documents[0]["RSMF Message Count"]
        ),
        (&json!("café"), &json!(2))
    );
    assert_eq!(documents[0]["Processing Folder Path"], r"\a");
    assert_eq!(documents[0]["SHA256 Hash"].as_str().unwrap().len(), 64);
    let (_, counts) = here
        .get(&format!(
            "{PROCESSING}/processing-sets/documents?skip=0&top=10"
        ))
        .await;
    assert_eq!(counts["TotalPublishedDocuments"], 4);
    assert_eq!(
        counts["ProcessingSetDocumentInfo"][0]["ProcessingSetId"],
        set
    );
}

#[tokio::test]
async fn archives_are_opened_and_what_the_manifest_does_not_name_is_kept_apart() {
    let here = Here::start().await;
    let archive = zipped(&[("rsmf_manifest.json", &manifest(&[])), ("stray.txt", b"?")]);
    let inner = zipped(&[("deep.rsmf", &rsmf("deep", &[]))]);
    let outer = zipped(&[
        ("x/one.rsmf", &mail(HEADERS, &archive)),
        ("inner.zip", &inner),
    ]);
    here.put_file("all.zip", &outer);
    let set = here.ready("RSMF").await;
    here.processed(set).await;
    let documents = here.server.documents(WORKSPACE);
    let shown: Vec<_> = documents
        .iter()
        .map(|it| {
            (
                it["File Name"].as_str().unwrap(),
                it["Virtual Path"].clone(),
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("deep.rsmf", json!(r"all.zip\inner.zip")),
            ("one.rsmf", json!("all.zip")),
            ("stray.txt", json!("rsmf.zip")),
        ]
    );
}

#[tokio::test]
async fn profiles_decide_on_children_duplicates_and_publication() {
    let here = Here::start().await;
    here.put_file("one.rsmf", &rsmf("one", &["a.jpg"]));
    let set = here.ready("No children").await;
    here.processed(set).await;
    assert_eq!(here.server.documents(WORKSPACE).len(), 1);

    let here = Here::start().await;
    here.put_file("one.rsmf", &rsmf("one", &["a.jpg"]));
    here.put_file("same.rsmf", &rsmf("one", &["a.jpg"]));
    let set = here.ready("RSMF dedup").await;
    here.processed(set).await;
    assert_eq!(here.server.documents(WORKSPACE).len(), 2);

    let set = here.ready("RSMF auto-publish").await;
    assert_eq!(here.job(set, "discover").await.0, 200);
    here.until(set, "publish", "Completed").await;
    assert_eq!(here.server.documents(WORKSPACE).len(), 6);
}

#[tokio::test]
async fn a_job_is_not_seen_at_once_and_what_it_is_called_is_not_known() {
    let here = Here::start().await;
    here.server
        .knobs(|knobs| (knobs.submit_gap, knobs.job_time) = (300, 300));
    here.put_file("one.rsmf", &rsmf("one", &[]));
    let set = here.ready("RSMF").await;
    assert_eq!(here.job(set, "discover").await.0, 200);
    let before = here.summary(set).await;
    assert_eq!(
        (
            &before["HasRunningJobs"],
            &before["SetState"]["DiscoverStatus"]
        ),
        (&json!(false), &json!(NOT_DISCOVERED))
    );
    here.until(set, "discover", "Running").await;
    let meanwhile = here.summary(set).await;
    assert_eq!(meanwhile["HasRunningJobs"], true);
    let guid = meanwhile["SetState"]["DiscoverStatus"].as_str().unwrap();
    assert!(guid.len() == 36 && ![NOT_DISCOVERED, DISCOVERED, WITH_ERRORS].contains(&guid));
    let read = json!({ "Request": { "Object": { "ArtifactID": set }, "Fields": [{ "Guid": DISCOVER_STATUS }] } });
    let status = async || {
        let (_, answer) = here.post(&format!("{OBJECTS}/read"), read.clone()).await;
        answer["Object"]["FieldValues"][0]["Value"]["Name"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert!(!status().await.contains("Complete"));
    here.until(set, "discover", "Completed").await;
    assert_eq!(status().await, "Completed");
}

#[tokio::test]
async fn the_summary_is_spelt_in_two_ways() {
    let here = Here::start().await;
    let set = here.ready("RSMF").await;
    let new = here.summary(set).await;
    assert_eq!(new["SetState"]["ProcessingSetID"], set);
    assert!(
        new["DataSourceIDs"].is_array()
            && new["HasValidProcessingProfile"] == true
            && new["IsStoreValid"] == true
    );
    here.server
        .knobs(|knobs| knobs.processing_spelling = Spelling::Old);
    let old = here.summary(set).await;
    assert_eq!(old["SetState"]["ArtifactId"], set);
    assert!(old["DataSourceIds"].is_array() && old["IsStoreValid"].is_null());
    let path = format!(
        "Relativity.Processing.Services.IProcessingModule/workspace/{WORKSPACE}/processing-sets/{set}/summary"
    );
    assert_eq!(here.get(&path).await.1, old);
}

#[tokio::test]
async fn files_with_errors_are_told_of_and_can_be_read_again() {
    let here = Here::start().await;
    here.server.knobs(|knobs| knobs.largest_file = 10_000);
    here.put_file("a-good.rsmf", &rsmf("good", &[]));
    here.put_file(
        "b-no-version.rsmf",
        &mail("", &zipped(&[("rsmf_manifest.json", &manifest(&[]))])),
    );
    here.put_file(
        "c-no-manifest.rsmf",
        &mail(HEADERS, &zipped(&[("other.json", b"{}")])),
    );
    here.put_file("d-large.rsmf", &vec![b'x'; 10_001]);
    here.put_file(
        "e-missing.rsmf",
        &mail(
            HEADERS,
            &zipped(&[("rsmf_manifest.json", &manifest(&["gone.jpg"]))]),
        ),
    );
    here.put_file("f-no-zip.rsmf", format!("{HEADERS}\r\nhello").as_bytes());
    let set = here.ready("RSMF").await;
    here.job(set, "discover").await;
    here.until(set, "discover", "CompletedWithErrors").await;
    let summary = here.summary(set).await;
    assert_eq!(summary["SetState"]["DiscoverStatus"], WITH_ERRORS);
    assert_eq!(summary["DataSourceHasDocumentLevelErrors"], true);
    assert_eq!(summary["DataSourceHasJobLevelErrors"], false);
    let expression = json!({ "Type": "CompositeExpression", "Operator": "And", "Expressions": [
        { "Type": "EmptyExpression" },
        { "Type": "ConditionalExpression", "Property": "IngestionError", "Constraint": "Is", "Value": true },
    ] });
    let request = json!({ "StartingPointOfResult": 0, "NumberOfResults": 3, "Expression": expression.to_string() });
    let (_, wrong) = here
        .processing("filters/documents", json!({ "request": request }))
        .await;
    assert_eq!(
        (
            wrong["TotalCount"].as_i64(),
            wrong["Results"].as_array().unwrap().len()
        ),
        (Some(5), 3)
    );
    assert_eq!(wrong["Results"][0]["FileName"], "b-no-version.rsmf");
    let file = wrong["Results"][0]["ProcessingFileId"].clone();
    let files = json!({ "documentsRequest": { "ProcessingFileIDs": [file] } });
    let (_, errors) = here
        .processing("documents/get-publish-job-errors", files)
        .await;
    assert_eq!(
        (&errors["ErroredJobCount"], &errors["GroupIdsCheckedCount"]),
        (&json!(0), &json!(1))
    );
    let filter = |name: &str| json!({ "request": { "FilterName": name, "DataSourceIDs": [], "Expression": expression.to_string(), "IncludeFamily": false } });
    assert_eq!(here.processing("filters", filter("")).await.0, 400);
    let (_, kept) = here.processing("filters", filter("broken")).await;
    let (_, filters) = here.get(&format!("{PROCESSING}/filters")).await;
    assert_eq!(
        (&filters, &kept["FilterName"]),
        (&json!([kept]), &json!("broken"))
    );
    let (_, errors) = here
        .get(&format!(
            "{PROCESSING}/documents/{file}/errors?skip=0&top=5"
        ))
        .await;
    assert!(
        errors["DocumentErrorHistory"][0]["ErrorMessage"]
            .as_str()
            .unwrap()
            .contains("X-RSMF-Version"),
        "{errors}"
    );
    let (_, metadata) = here
        .get(&format!("{PROCESSING}/documents/{file}/metadata"))
        .await;
    assert!(
        metadata["MetadataJson"]
            .as_str()
            .unwrap()
            .contains("b-no-version.rsmf")
    );

    here.put_file("b-no-version.rsmf", &rsmf("better", &[]));
    let files = json!({ "documentsRequest": { "ProcessingFileIDs": [file] } });
    assert_eq!(
        here.processing("documents/retry-errors", files.clone())
            .await
            .0,
        200
    );
    here.until(set, "errors", 4).await;
    assert_eq!(here.processing("documents/count", files).await.1, 1);
    here.job(set, "publish").await;
    here.until(set, "publish", "CompletedWithErrors").await;
    assert_eq!(here.server.documents(WORKSPACE).len(), 2);
}

#[tokio::test]
async fn a_missing_folder_is_an_error_of_the_job() {
    let here = Here::start().await;
    let set = here.set("RSMF").await;
    here.source(set, &format!(r"{ROOT}\gone")).await;
    here.job(set, "discover").await;
    here.until(set, "discover", "Broken").await;
    let summary = here.summary(set).await;
    assert_eq!(summary["DataSourceHasJobLevelErrors"], true);
    assert_eq!(summary["HasRunningJobs"], false);
    assert!(
        summary["EnvironmentErrors"][0]
            .as_str()
            .unwrap()
            .contains("gone")
    );
    here.server
        .knobs(|knobs| knobs.job_error_end = JobErrorEnd::CompletedWithErrors);
    let set = here.set("RSMF").await;
    here.source(set, &format!(r"{ROOT}\gone")).await;
    here.job(set, "discover").await;
    here.until(set, "discover", "CompletedWithErrors").await;
}

#[tokio::test]
async fn sets_are_cancelled_a_moment_later_and_stuck_jobs_never_end() {
    let here = Here::start().await;
    here.server.knobs(|knobs| knobs.stuck = true);
    let set = here.ready("RSMF").await;
    here.job(set, "discover").await;
    here.until(set, "discover", "Running").await;
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    assert_eq!(here.summary(set).await["HasRunningJobs"], true);
    assert_eq!(here.job(set, "cancel").await.0, 200);
    here.until(set, "cancelled", true).await;
    assert_eq!(here.summary(set).await["SetState"]["Canceled"], true);
    assert_eq!(here.job(set, "cancel").await.0, 200);
}

#[tokio::test]
async fn the_older_routes_do_the_same() {
    const MODULE: &str = "Relativity.Processing.Services.IProcessingModule";
    let here = Here::start().await;
    here.put_file("one.rsmf", &rsmf("one", &[]));
    let call = async |service: &str, body: Value| {
        let (status, answer) = here.post(&format!("{MODULE}/{service}"), body).await;
        assert_eq!(status, 200, "{answer}");
        answer
    };
    let ws = WORKSPACE;
    let profile = json!({ "Name": "Old", "ExtractionSettings": { "Extractchildren": true },
        "PublishSettings": { "AutopublishSet": false } });
    let body = json!({ "ProcessingProfileSaveRequest": { "ProcessingProfile": profile, "WorkspaceId": ws } });
    let profile =
        call("Processing%20Profile%20Manager/SaveAsync", body).await["ProcessingProfileId"].clone();
    let body = json!({ "Custodian": { "Name": "x", "CustodianType": "Other" }, "workspaceArtifactId": ws });
    call("Processing%20Custodian%20Manager/SaveAsync", body).await;
    let body = json!({ "ProcessingSet": { "Name": "old", "Profile": { "ArtifactID": profile } }, "workspaceArtifactId": ws });
    let set = call("Processing%20Set%20Manager/SaveAsync", body)
        .await
        .as_i64()
        .unwrap();
    let mut source = here.source_body(set, ROOT).await["processingDataSource"].clone();
    source
        .as_object_mut()
        .unwrap()
        .remove("ProcessingDataSourceID");
    source["ProcessingSet"] = json!({ "ArtifactID": set });
    let body = json!({ "ProcessingDataSource": source, "workspaceArtifactId": ws });
    call("Processing%20Data%20Source%20Manager/SaveAsync", body).await;
    let job = json!({ "ProcessingSetId": set, "WorkspaceArtifactId": ws });
    call(
        "Processing%20Job%20Manager/SubmitInventoryJobsAsync",
        json!({ "InventoryJob": job }),
    )
    .await;
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    call(
        "Processing%20Job%20Manager/SubmitDiscoveryJobsAsync",
        json!({ "DiscoveryJob": job }),
    )
    .await;
    here.until(set, "discover", "Completed").await;
    call(
        "Processing%20Job%20Manager/SubmitPublishJobsAsync",
        json!({ "PublishJob": job }),
    )
    .await;
    here.until(set, "publish", "Completed").await;
    call(
        "Processing%20Job%20Manager/SubmitCancelJobAsync",
        json!({ "CancelJob": job }),
    )
    .await;
    here.until(set, "cancelled", true).await;
    here.server
        .knobs(|knobs| (knobs.processing_v0, knobs.processing_v1) = (false, false));
    let path = format!("{MODULE}/Processing%20Set%20Manager/SaveAsync");
    assert_eq!(here.post(&path, json!({})).await.0, 404);
    assert_eq!(here.job(set, "cancel").await.0, 404);
}
