//! Processing: summaries, sets, files, and its older routes.

use super::*;

#[tokio::test]
async fn both_spellings_of_a_summary_are_read() {
    let (mut server, workspace) = server().await;
    let (older, newer) = (
        json!({
            "SetState": {"ArtifactId": 501, "InventoryStatus": "4bab4cc3-a8a8-438c-a649-6fd4e0d111eb",
                "DiscoverStatus": "BE180E9D-8ABF-41F8-8507-37BD1D22F72E",
                "PublishStatus": "Frobnicating", "Canceled": false, "ProcessingProfileId": 77},
            "HasRunningJobs": true, "EnvironmentErrors": ["text"], "DataSourceIds": [502, 503],
            "DataSourceHasDocumentLevelErrors": false, "DataSourceHasJobLevelErrors": true,
        }),
        json!({
            "isStoreValid": true, "more": 1,
            "dataSourceIDs": ["502", 503], "environmentErrors": ["text"], "hasRunningJobs": "true",
            "dataSourceHasJobLevelErrors": true, "dataSourceHasDocumentLevelErrors": null,
            "setState": {"processingSetID": "501", "processingProfileID": 77, "canceled": "False",
                "publishStatus": "Frobnicating", "discoverStatus": "be180e9d-8abf-41f8-8507-37bd1d22f72e",
                "inventoryStatus": "4bab4cc3-a8a8-438c-a649-6fd4e0d111eb"},
        }),
    );
    let path = format!("{PROCESSING}/processing-sets/501/summary");
    for body in [older, newer] {
        json_at(&mut server, "GET", &path, body).await;
        let summary = workspace.processing_summary(ArtifactId(501)).await.unwrap();
        let state = &summary.set_state;
        assert_eq!((state.id, state.profile), (ArtifactId(501), ArtifactId(77)));
        assert_eq!(state.inventory.guid(), Some(guids::INVENTORY_NOT_STARTED));
        assert_eq!(state.discover.guid(), Some(guids::DISCOVER_COMPLETED));
        assert_eq!(state.publish, StatusMark::from("Frobnicating".to_owned()));
        assert_eq!(state.publish.to_string(), "Frobnicating");
        assert!(!state.is_canceled && summary.has_running_jobs);
        assert_eq!(summary.data_source_ids, [ArtifactId(502), ArtifactId(503)]);
        assert_eq!(summary.environment_errors, ["text"]);
        assert!(summary.data_source_has_job_level_errors);
    }
    // What says nothing does not say that nothing is going on.
    for body in ["{}", "null", "[]"] {
        at(&mut server, "GET", &path, body).await;
        assert!(workspace.processing_summary(ArtifactId(501)).await.is_err());
    }
}

#[tokio::test]
async fn custodians_sets_and_sources_are_read_in_both_forms() {
    let (mut server, workspace) = server().await;
    let path = format!("{PROCESSING}/custodians/21");
    for (body, kind, name) in [
        (
            json!({"ArtifactID": 21, "CustodianType": "Entity", "FirstName": "-", "LastName": "-",
            "Name": "Slack"}),
            CustodianType::Other,
            "Slack",
        ),
        (
            json!({"custodianID": 21, "custodianType": "PERSON", "firstName": "Ada", "lastName": "B"}),
            CustodianType::Person,
            "B, Ada",
        ),
        (
            json!({"ArtifactID": 21, "CustodianType": "Organization", "Name": "X"}),
            CustodianType::Unknown("Organization".to_owned()),
            "X",
        ),
    ] {
        json_at(&mut server, "GET", &path, body).await;
        let custodian = workspace.custodian(ArtifactId(21)).await.unwrap();
        assert_eq!(custodian.artifact_id, ArtifactId(21));
        assert_eq!(
            (&custodian.custodian_type, custodian.full_name().as_str()),
            (&kind, name)
        );
        let sent = json!(custodian);
        assert_eq!(sent["CustodianType"], String::from(kind));
    }
    let path = format!("{PROCESSING}/processing-sets/30");
    for body in [
        json!({"ProcessingSetID": 30, "Name": "a", "Profile": {"ProcessingProfileID": 20}}),
        json!({"ArtifactID": 30, "Name": "a", "Profile": {"ArtifactID": 20, "Name": "", "IsNew": false}}),
    ] {
        json_at(&mut server, "GET", &path, body).await;
        let set = workspace.processing_set(ArtifactId(30)).await.unwrap();
        assert_eq!((set.id, set.profile), (ArtifactId(30), ArtifactId(20)));
        assert_eq!((set.name.as_str(), set.notify.len()), ("a", 0));
    }
    let path = format!("{PROCESSING}/data-sources/31");
    for (id, set) in [
        ("ProcessingDataSourceID", "ProcessingSetID"),
        ("ArtifactID", "ArtifactID"),
    ] {
        let body =
            json!({id: 31, "ProcessingSet": {set: 30}, "InputPath": r"\\a\b", "StartNumber": null});
        json_at(&mut server, "GET", &path, body).await;
        let source = workspace.data_source(ArtifactId(31)).await.unwrap();
        assert_eq!((source.id, source.set), (ArtifactId(31), ArtifactId(30)));
        assert_eq!(
            (source.input_path.as_str(), source.start_number),
            (r"\\a\b", None)
        );
    }
}

#[tokio::test]
async fn older_routes_are_found_out_once_and_remembered() {
    let (mut server, workspace) = server().await;
    let absent =
        r#"{"ErrorType":"Relativity.ServiceNotFoundException","Identifier":"","Message":"no"}"#;
    let newer = server.mock("POST", format!("{PROCESSING}/custodians").as_str());
    let newer = newer.with_status(404).with_body(absent).expect(1);
    let newer = newer.create_async().await;
    let older = format!("{OLDER}/Processing%20Custodian%20Manager/SaveAsync");
    at(&mut server, "POST", &older, "9").await;
    for _ in 0..2 {
        let id = workspace
            .create_custodian(&Custodian::other("a", "b"))
            .await;
        assert_eq!(id.unwrap(), ArtifactId(9));
    }
    newer.assert_async().await;
    let summary = json!({"SetState": {"ArtifactId": 30}});
    let path = format!("{OLDER}/workspace/7/processing-sets/30/summary");
    json_at(&mut server, "GET", &path, summary).await;
    assert!(workspace.processing_summary(ArtifactId(30)).await.is_ok());
}

#[tokio::test]
async fn what_older_servers_do_not_read_by_get_is_read_by_post() {
    let (mut server, _) = server().await;
    let path = format!("{OLDER}/workspace/7/processing-sets/30/summary");
    let get = server.mock("GET", path.as_str()).with_status(405);
    get.create_async().await;
    json_at(
        &mut server,
        "POST",
        &path,
        json!({"SetState": {"ArtifactId": 30}}),
    )
    .await;
    let mut old = config(&server.url());
    old.options.processing = Generation::V0;
    let workspace = connect(old).workspace(ArtifactId(7));
    let summary = workspace.processing_summary(ArtifactId(30)).await.unwrap();
    assert_eq!(summary.set_state.id, ArtifactId(30));
}

#[tokio::test]
async fn older_routes_are_asked_however_a_server_says_that_there_are_no_newer_ones() {
    let no_route = r#"{"Message":"No HTTP resource was found that matches the request URI."}"#;
    let not_found = r#"{"ErrorType":"A.NotFoundException","Identifier":"","Message":"no"}"#;
    for (status, body) in [
        (404, no_route),
        (404, not_found),
        (404, "<html>"),
        (405, ""),
        (501, ""),
    ] {
        let (mut server, workspace) = server().await;
        let newer = server
            .mock("POST", format!("{PROCESSING}/custodians").as_str())
            .with_status(status)
            .with_body(body)
            .expect(1);
        let newer = newer.create_async().await;
        let older = format!("{OLDER}/Processing%20Custodian%20Manager/SaveAsync");
        at(&mut server, "POST", &older, "9").await;
        for _ in 0..2 {
            let id = workspace
                .create_custodian(&Custodian::other("a", "b"))
                .await;
            assert_eq!(id.unwrap(), ArtifactId(9), "{status} {body}");
        }
        newer.assert_async().await;
    }
}

#[tokio::test]
async fn a_thing_that_is_not_there_is_told_in_the_words_of_the_newer_routes() {
    let (mut server, workspace) = server().await;
    let gone = r#"{"ErrorType":"A.NotFoundException","Identifier":"","Message":"no"}"#;
    let path = format!("{PROCESSING}/processing-sets/30");
    let mock = server
        .mock("GET", path.as_str())
        .with_status(404)
        .with_body(gone);
    mock.create_async().await;
    let error = workspace.processing_set(ArtifactId(30)).await.unwrap_err();
    assert_eq!(error.refusal().unwrap().message, "no");
    // Neither is there: the newer ones are what is told.
    let neither = connect(config(&server.url())).workspace(ArtifactId(8));
    let error = neither.processing_set(ArtifactId(30)).await.unwrap_err();
    assert!(crate::support::told(&error).contains("/workspaces/8/processing-sets/30"));
    let mut strict = config(&server.url());
    strict.options.processing = Generation::V1;
    let strict = connect(strict).workspace(ArtifactId(8));
    assert!(strict.processing_set(ArtifactId(30)).await.is_err());
}

#[tokio::test]
async fn published_sets_are_looked_for_page_by_page() {
    let (mut server, _) = server().await;
    let mut small = config(&server.url());
    small.options.page_size = 1;
    let workspace = connect(small).workspace(ArtifactId(7));
    let path = format!("{PROCESSING}/processing-sets/documents");
    for (page, id) in [(0, 29), (1, 30)] {
        let body = json!({"TotalPublishedDocuments": 5, "TotalProcessingSets": 2,
            "ProcessingSetDocumentInfo": [{"ProcessingSetId": id, "PublishedDocumentCount": "3",
                "PublishedDocumentSizeInBytes": 31744.0}]});
        let asked = Matcher::UrlEncoded("skip".to_owned(), page.to_string());
        let mock = server.mock("GET", path.as_str()).match_query(asked);
        mock.with_body(body.to_string()).create_async().await;
    }
    let set = workspace
        .published_of(ArtifactId(30))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(set.published_document_count, 3);
    assert!(
        workspace
            .published_of(ArtifactId(31))
            .await
            .unwrap()
            .is_none()
    );
    let all = workspace.published(AggregatePage::new(0, 1)).await.unwrap();
    assert_eq!(all.total_published_documents, 5);
}

#[tokio::test]
async fn files_and_their_errors_are_read() {
    let (mut server, workspace) = server().await;
    let files = json!({"TotalCount": 2, "Results": [
        {"ProcessingFileId": 5, "FileName": "a.rsmf", "SHA256Hash": "ab", "ErrorMessage": null},
        {"ProcessingFileId": "6", "ErrorMessage": "corrupt", "Unprocessable": true},
    ]});
    json_at(
        &mut server,
        "POST",
        &format!("{PROCESSING}/filters/documents"),
        files,
    )
    .await;
    let all: Vec<_> = workspace
        .discovered(Expression::everything())
        .try_collect()
        .await
        .unwrap();
    assert_eq!((all.len(), all[0].sha256.as_str()), (2, "ab"));
    let failed = workspace.failed_files(ArtifactId(31)).await.unwrap();
    assert_eq!((failed.len(), failed[0].processing_file_id), (1, FileId(6)));
    assert_eq!(
        workspace
            .discovered_count(&Expression::everything())
            .await
            .unwrap(),
        2
    );
    let errors = json!({"TotalCount": 1, "DocumentErrorHistory": [{"Category": "Environmental"}]});
    json_at(
        &mut server,
        "GET",
        &format!("{PROCESSING}/documents/5/errors"),
        errors,
    )
    .await;
    let errors: Vec<_> = workspace
        .document_errors(FileId(5))
        .try_collect()
        .await
        .unwrap();
    assert_eq!(errors[0].category, "Environmental");
    for (path, body) in [
        ("filters", json!([{"FilterID": 1}])),
        ("documents/5/metadata", json!({"Errors": ["x"]})),
    ] {
        json_at(&mut server, "GET", &format!("{PROCESSING}/{path}"), body).await;
    }
    assert_eq!(workspace.stored_filters().await.unwrap()[0].id, 1);
    assert_eq!(
        workspace.document_metadata(FileId(5)).await.unwrap().errors,
        ["x"]
    );
    json_at(
        &mut server,
        "POST",
        &format!("{PROCESSING}/documents/count"),
        json!(4),
    )
    .await;
    let count = workspace
        .publishable_count(&[], &Expression::everything())
        .await;
    assert_eq!(count.unwrap(), 4);
    json_at(
        &mut server,
        "POST",
        &format!("{PROCESSING}/filters/document-ids"),
        json!({"Results": [5, "6"]}),
    )
    .await;
    let ids = workspace
        .discovered_ids(0, 9, &Expression::everything())
        .await
        .unwrap();
    assert_eq!(ids, [FileId(5), FileId(6)]);
}
