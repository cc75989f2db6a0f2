//! What is asked for less often.

use std::time::Duration;

use reqwest::Method;
use rsmf_simulator::RelativityFault;
use serde_json::{Value, json};

use super::here::{Here, PROCESSING, ROOT, WORKSPACE, got, rsmf, zipped};

#[tokio::test]
async fn profiles_propose_what_data_sources_need() {
    let here = Here::start().await;
    let profile = here.named("Processing Profile", "RSMF").await;
    let (_, presets) = here
        .get(&format!(
            "{PROCESSING}/data-sources/profile-presets/{profile}"
        ))
        .await;
    assert_eq!(
        (
            &presets["DocumentNumberingPrefix"],
            &presets["NumberingType"]
        ),
        (&json!("REL"), &json!("AutoNumber"))
    );
    let set = here.set("RSMF").await;
    let source = here.source(set, ROOT).await;
    let (_, can) = here
        .get(&format!(
            "{PROCESSING}/data-sources/{source}/delete-validation"
        ))
        .await;
    assert_eq!(can, json!({ "CanDelete": true, "Reasons": [] }));
    let (_, read) = here
        .get(&format!("{PROCESSING}/data-sources/{source}"))
        .await;
    assert_eq!(
        (&read["InputPath"], &read["OcrLanguages"]),
        (&json!(ROOT), &json!(["English"]))
    );
}

#[tokio::test]
async fn custodians_are_changed_and_checked() {
    let here = Here::start().await;
    let id = here.custodian().await;
    let path = format!("{PROCESSING}/custodians/{id}");
    let body = |first: &str, kind: &str| json!({ "custodian": { "FirstName": first, "LastName": "B", "CustodianType": kind } });
    assert_eq!(here.put(&path, body("A", "Person")).await, (200, json!(id)));
    assert_eq!(here.get(&path).await.1["Name"], "B, A");
    for body in [
        body("", "Person"),
        body("A", "Alien"),
        body(&"x".repeat(126), "Person"),
        body("A", "Other"),
    ] {
        assert_eq!(here.put(&path, body).await.0, 400);
    }
    assert_eq!(here.put(&path, json!({})).await.0, 400);
    assert_eq!(here.get(&format!("{path}0")).await.0, 404);
}

#[tokio::test]
async fn files_are_filtered_counted_and_published_again() {
    let here = Here::start().await;
    here.put_file("one.rsmf", &rsmf("one", &[]));
    here.put_file("bad.zip", b"no archive");
    here.put_file("note.txt", b"plain");
    let set = here.ready("RSMF").await;
    here.job(set, "discover").await;
    here.until(set, "discover", "CompletedWithErrors").await;
    let condition = |property: &str, constraint: &str, value: Value| json!({ "Type": "ConditionalExpression", "Property": property, "Constraint": constraint, "Value": value });
    let all = json!({ "Type": "CompositeExpression", "Operator": "Or", "Expressions": [
        condition("FileExtension", "Is", "rsmf".into()), condition("FileExtension", "IsNot", "rsmf".into()) ] });
    let ids = async |expression: &str| {
        let request =
            json!({ "StartingPointOfResult": 0, "NumberOfResults": 9, "Expression": expression });
        here.processing("filters/document-ids", json!({ "request": request }))
            .await
    };
    assert_eq!(ids(&all.to_string()).await.1["TotalCount"], 3);
    for wrong in [
        "{",
        "{\"Type\":\"Else\"}",
        &condition("FileName", "Near", 1.into()).to_string(),
    ] {
        assert_eq!(ids(wrong).await.0, 400);
    }
    let wanted = |expression: &Value| json!({ "documentsRequest": { "Expression": expression.to_string() } });
    let good = wanted(&condition("Unprocessable", "Is", false.into()));
    assert_eq!(here.processing("documents/count", good.clone()).await.1, 2);
    assert_eq!(
        here.processing("documents/retry", good.clone()).await.0,
        200
    );
    let nobody = wanted(&condition("FileName", "Is", "nobody".into()));
    assert_eq!(here.processing("documents/publish", nobody).await.0, 404);
    assert_eq!(here.processing("documents/publish", good).await.0, 200);
    here.until(set, "publish", "CompletedWithErrors").await;
    assert_eq!(here.server.documents(WORKSPACE).len(), 2);
    here.put_file("bad.zip", &zipped(&[("x.txt", b"x")]));
    assert_eq!(here.job(set, "retry-errors").await.0, 200);
    here.until(set, "discover", "Completed").await;
}

#[tokio::test]
async fn names_that_the_share_does_not_take_are_errors() {
    let here = Here::start().await;
    here.put_file("\u{e000}/one.rsmf", &rsmf("one", &[]));
    let set = here.ready("RSMF").await;
    here.job(set, "discover").await;
    here.until(set, "errors", 1).await;
}

#[tokio::test]
async fn older_reads_do_as_newer_ones() {
    const MODULE: &str = "Relativity.Processing.Services.IProcessingModule/Processing%20";
    let here = Here::start().await;
    let set = here.ready("RSMF").await;
    let custodian = here.custodian().await;
    let read = async |service: &str, id: i64| {
        let body = json!({ "ArtifactId": id, "workspaceArtifactId": WORKSPACE });
        here.post(&format!("{MODULE}{service}%20Manager/ReadAsync"), body)
            .await
            .1
    };
    assert_eq!(read("Custodian", custodian).await["ArtifactID"], custodian);
    assert_eq!(read("Set", set).await["ArtifactID"], set);
    let source = here.summary(set).await["DataSourceIDs"][0]
        .as_i64()
        .unwrap();
    assert_eq!(
        read("Data%20Source", source).await["ProcessingSet"]["ArtifactID"],
        set
    );
    let request = json!({ "request": { "WorkspaceArtifactId": WORKSPACE, "PageSize": 5, "Page": 0,
        "SortColumnName": "PublishedDocumentCount", "SortDescending": true } });
    let (_, counts) = here
        .post(
            &format!("{MODULE}Set%20Manager/GetDocumentAggregates"),
            request,
        )
        .await;
    assert_eq!(counts["TotalProcessingSets"], 0);
    here.server.knobs(|knobs| knobs.deprecates_v0 = true);
    let body = json!({ "ArtifactId": set, "workspaceArtifactId": WORKSPACE });
    let request = here
        .request(Method::POST, &format!("{MODULE}Set%20Manager/ReadAsync"))
        .json(&body);
    assert!(
        request.send().await.unwrap().headers()["warning"]
            .to_str()
            .unwrap()
            .starts_with("299 ")
    );
}

#[tokio::test]
async fn sets_are_counted_in_order() {
    let here = Here::start().await;
    here.put_file("a/one.rsmf", &rsmf("one", &[]));
    here.put_file("b/one.rsmf", &rsmf("one", &["a.jpg"]));
    let mut sets = Vec::new();
    for folder in ["a", "b"] {
        let set = here.set("RSMF").await;
        here.source(set, &format!(r"{ROOT}\{folder}")).await;
        here.processed(set).await;
        sets.push(set);
    }
    let first = async |column: &str, descending: bool| {
        let query = format!("skip=0&top=1&sortColumnName={column}&sortDescending={descending}");
        let (_, counts) = here
            .get(&format!("{PROCESSING}/processing-sets/documents?{query}"))
            .await;
        assert_eq!(counts["TotalPublishedDocuments"], 3);
        counts["ProcessingSetDocumentInfo"][0]["ProcessingSetId"]
            .as_i64()
            .unwrap()
    };
    for column in [
        "PublishedDocumentCount",
        "PublishedDocumentSizeInBytes",
        "ProcessingSetDateCreated",
    ] {
        assert_eq!(
            (first(column, false).await, first(column, true).await),
            (sets[0], sets[1]),
            "{column}"
        );
    }
}

#[tokio::test]
async fn some_requests_get_no_answer_and_basic_can_be_off() {
    let here = Here::start().await;
    here.server
        .fault("source.locations", [RelativityFault::Silence]);
    let path = format!("{PROCESSING}/data-sources/source-location-paths");
    let silent = here
        .request(Method::GET, &path)
        .timeout(Duration::from_millis(100))
        .send()
        .await;
    assert!(silent.unwrap_err().is_timeout());
    here.server
        .fault("source.locations", [RelativityFault::Reset]);
    here.server.forget_faults();
    assert_eq!(here.get(&path).await.0, 200);
    here.server.knobs(|knobs| knobs.basic = false);
    assert_eq!(here.get(&path).await.0, 401);
    for (method, path) in [
        (Method::POST, "expire-tokens"),
        (Method::DELETE, "requests"),
    ] {
        assert_eq!(
            got(here
                .plain(method, &format!("simulator/{path}"))
                .send()
                .await
                .unwrap())
            .await
            .0,
            200
        );
    }
    here.server.expire_tokens();
    assert!(here.server.seen().is_empty());
    assert_eq!(
        got(here
            .plain(Method::GET, "simulator/calls")
            .send()
            .await
            .unwrap())
        .await
        .0,
        200
    );
    here.server.workspace(77, "Second");
    assert_eq!(here.server.state()["workspaces"]["77"]["name"], "Second");
}

#[tokio::test]
async fn bodies_must_be_what_they_are_called() {
    let here = Here::start().await;
    let path = format!("{PROCESSING}/custodians");
    let send = async |media_type: &str, body: &'static str| {
        let request = here
            .request(Method::POST, &path)
            .header("content-type", media_type)
            .body(body);
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(send("text/plain", "{}").await, 415);
    assert_eq!(send("application/json", "{").await, 400);
    assert_eq!(send("application/json", "[]").await, 400);
    let form = here
        .plain(Method::POST, "Relativity/Identity/connect/token")
        .json(&json!({}));
    assert_eq!(
        got(form.send().await.unwrap()).await,
        (400, json!({ "error": "invalid_request" }))
    );
}
