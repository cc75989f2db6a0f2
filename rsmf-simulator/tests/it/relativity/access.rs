//! Tokens, headers, errors, faults.

use reqwest::Method;
use rsmf_simulator::{Nothing, Relativity, RelativityFault};
use serde_json::{Value, json};

use super::here::{Here, OBJECTS, PROCESSING, WORKSPACE, got};

const VERSION: &str = "Relativity.Services.InstanceDetails.IInstanceDetailsModule/InstanceDetailsService/GetRelativityVersionAsync";

async fn token(here: &Here, change: impl Fn(&str) -> Option<&'static str>) -> (u16, Value) {
    let (id, secret) = Relativity::CLIENT;
    let form = [
        ("client_id", id),
        ("client_secret", secret),
        ("scope", "SystemUserInfo"),
        ("grant_type", "client_credentials"),
    ];
    let form = form.map(|(name, value)| (name, change(name).unwrap_or(value)));
    let body: String = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    let request = here.plain(Method::POST, "Relativity/Identity/connect/token");
    let request = request
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body);
    got(request.send().await.unwrap()).await
}

#[tokio::test]
async fn tokens_are_given_to_clients_and_end() {
    let here = Here::start().await;
    for (field, value, error) in [
        ("client_secret", "wrong", "invalid_client"),
        ("client_id", "nobody", "invalid_client"),
        ("scope", "all", "invalid_scope"),
        ("grant_type", "password", "unsupported_grant_type"),
    ] {
        let answer = token(&here, |name| (name == field).then_some(value)).await;
        assert_eq!(answer, (400, json!({ "error": error })));
    }
    here.server.knobs(|knobs| knobs.token_seconds = 1);
    let (status, answer) = token(&here, |_| None).await;
    assert_eq!((status, &answer["expires_in"]), (200, &json!(1)));
    let ask = async || {
        let request = here.plain(Method::POST, &format!("Relativity.REST/api/{VERSION}"));
        let request = request.bearer_auth(answer["access_token"].as_str().unwrap());
        request.header("x-csrf-header", "-").send().await.unwrap()
    };
    assert_eq!(got(ask().await).await, (200, json!("24.0.375.2")));
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    let refused = ask().await;
    assert_eq!(
        refused.headers()["www-authenticate"],
        "Bearer realm=\"Relativity.REST\""
    );
    assert_eq!(got(refused).await.0, 401);
    here.server.knobs(|knobs| knobs.token_says_lifetime = false);
    assert!(token(&here, |_| None).await.1["expires_in"].is_null());
}

#[tokio::test]
async fn requests_need_their_header_and_errors_are_those_of_kepler() {
    let here = Here::start().await;
    let ask = || here.plain(Method::POST, &format!("Relativity.REST/api/{VERSION}"));
    let (name, password) = Relativity::PERSON;
    assert_eq!(
        got(ask().header("x-csrf-header", "-").send().await.unwrap())
            .await
            .0,
        401
    );
    for (knob, status) in [(404, 404), (403, 403)] {
        here.server.knobs(|knobs| knobs.csrf_status = knob);
        for value in ["", " "] {
            let request = ask()
                .basic_auth(name, Some(password))
                .header("X-CSRF-Header", value);
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), status);
            let text = response.text().await.unwrap();
            assert!(
                text.starts_with("{\"ErrorType\":\"Relativity.Services.Exceptions."),
                "{text}"
            );
            assert!(
                text.contains(",\"Identifier\":\"\",\"Message\":\""),
                "{text}"
            );
        }
    }
}

#[tokio::test]
async fn paths_and_keys_may_be_written_in_any_case() {
    let here = Here::start().await;
    let path = format!("/relativity.rest/API/{}/", PROCESSING.to_uppercase());
    let (status, body) = here
        .get(&format!("{path}Data-Sources/Source-Location-Paths/"))
        .await;
    assert_eq!((status, body), (200, json!([super::here::ROOT])));
    let body = json!({ "CUSTODIAN": { "name": "Export", "custodiantype": "other" } });
    let id = here.made(&format!("{PROCESSING}/custodians"), body).await;
    let (_, read) = here.get(&format!("{PROCESSING}/custodians/{id}")).await;
    assert_eq!(
        (&read["Name"], &read["CustodianType"]),
        (&json!("Export"), &json!("Other"))
    );
    let (status, error) = here
        .processing(
            "custodians",
            json!({ "custodian": { "Nmae": "x" }, "x": 1 }),
        )
        .await;
    assert_eq!(status, 400);
    assert!(
        error["Message"]
            .as_str()
            .unwrap()
            .ends_with("custodian.Nmae, x"),
        "{error}"
    );
    assert_eq!(here.get(&format!("{PROCESSING}/custodians")).await.0, 405);
    assert_eq!(here.get("nowhere").await.0, 404);
    let large = json!({ "custodian": { "Name": "x".repeat(5 << 20), "CustodianType": "Other" } });
    assert_eq!(here.processing("custodians", large).await.0, 400);
}

#[tokio::test]
async fn the_instance_tells_of_itself() {
    let here = Here::start().await;
    let (_, workspace) = here
        .get(&format!("relativity-environment/v1/workspace/{WORKSPACE}"))
        .await;
    assert_eq!(workspace["Name"], "Example Workspace");
    assert_eq!(
        here.get("relativity-environment/v1/workspace/1").await.0,
        404
    );
    let path = "Relativity.Services.Workspace.IWorkspaceModule/Workspace%20Manager%20Service/\
                GetAssociatedFileShareResourceServersAsync";
    let (_, shares) = here
        .post(path, json!({ "workspace": { "ArtifactId": "1234567" } }))
        .await;
    assert_eq!(shares[0]["UNCPath"], r"\\files\T001\Files\");
    let path = "Relativity.Services.Folder.IFolderModule/Folder%20Manager/GetWorkspaceRootAsync";
    let (_, folder) = here
        .post(path, json!({ "workspaceArtifactID": WORKSPACE }))
        .await;
    assert!(folder["ArtifactID"].is_i64());
    let path = "Relativity.Services.ArtifactGuid.IArtifactGuidModule/Artifact%20Guid%20Manager/\
                ReadMultipleArtifactIdsAsync";
    let guid = "410AC62F-DB2A-41E2-AA96-CCDB3AD10C85";
    let (_, ids) = here
        .post(path, json!({ "workspaceId": WORKSPACE, "guids": [guid] }))
        .await;
    assert_eq!(ids[0]["Guid"], guid);
    let query = json!({ "request": { "ObjectType": { "Name": "Workspace" }, "Fields": [{ "Name": "Name" }] } });
    let (_, found) = here
        .post("Relativity.Objects/workspace/-1/object/query", query)
        .await;
    assert_eq!(found["Objects"][0]["ArtifactID"], WORKSPACE);
}

#[tokio::test]
async fn calls_go_wrong_as_they_are_told() {
    use RelativityFault::{Garbled, Lost, Page, Reset, Slow, SlowDown, Status};
    let here = Here::start().await;
    let path = format!("{PROCESSING}/custodians");
    let body = json!({ "custodian": { "Name": "Export", "CustodianType": "Other" } });
    let send = || here.request(Method::POST, &path).json(&body).send();
    here.server.fault(
        "custodian.create",
        [
            Status(503),
            Page(502),
            SlowDown(7),
            Reset,
            Lost,
            Slow(30),
            Garbled("{".into()),
        ],
    );
    assert_eq!(send().await.unwrap().status(), 503);
    let page = send().await.unwrap();
    assert_eq!(
        (page.status().as_u16(), &page.headers()["content-type"]),
        (502, &"text/html; charset=utf-8".parse().unwrap())
    );
    let busy = send().await.unwrap();
    assert_eq!(
        (busy.status().as_u16(), &busy.headers()["ratelimit-reset"]),
        (429, &"7".parse().unwrap())
    );
    assert!(send().await.is_err(), "reset");
    assert_eq!(here.query("Entity", &[], "").await.len(), 0);
    assert!(send().await.is_err(), "lost");
    assert_eq!(
        here.query("Entity", &[], "").await.len(),
        1,
        "done all the same"
    );
    let start = std::time::Instant::now();
    assert_eq!(send().await.unwrap().status(), 200);
    assert!(start.elapsed().as_millis() >= 30);
    assert_eq!(send().await.unwrap().text().await.unwrap(), "{");
    assert_eq!(here.server.count("custodian.create"), 7);
    here.server.fault("*", [Status(500)]);
    assert_eq!(here.get(VERSION).await.0, 500);
}

#[tokio::test]
async fn callers_are_limited_one_by_one() {
    let here = Here::start().await;
    here.server
        .knobs(|knobs| (knobs.requests_a_minute, knobs.retry_after) = (Some(2), true));
    let ask = |referrer: &'static str| {
        let body = json!({ "request": { "ObjectType": { "ArtifactTypeID": 10 } } });
        let path = format!("{OBJECTS}/query");
        here.request(Method::POST, &path)
            .header("X-Kepler-Referrer", referrer)
            .json(&body)
            .send()
    };
    for _ in 0..2 {
        assert_eq!(ask("one").await.unwrap().status(), 200);
    }
    let refused = ask("one").await.unwrap();
    assert_eq!(refused.status(), 429);
    for header in ["ratelimit-reset", "retry-after"] {
        assert!(
            refused.headers()[header]
                .to_str()
                .unwrap()
                .parse::<u32>()
                .unwrap()
                <= 60
        );
    }
    assert_eq!(ask("two").await.unwrap().status(), 200);
}

#[tokio::test]
async fn the_simulator_is_steered_over_http() {
    let here = Here::start().await;
    let send = async |method, path: &str, body: Value| {
        let request = here.plain(method, &format!("simulator/{path}")).json(&body);
        got(request.send().await.unwrap()).await
    };
    assert_eq!(
        send(
            Method::PATCH,
            "knobs",
            json!({ "nothing": "null", "submit_gap": 0 })
        )
        .await
        .0,
        200
    );
    here.server
        .knobs(|knobs| assert_eq!(knobs.nothing, Nothing::Null));
    assert_eq!(
        send(Method::PATCH, "knobs", json!({ "nothnig": "null" }))
            .await
            .0,
        400
    );
    let order = json!({ "call": "set.create", "faults": ["lost", { "status": 500 }] });
    assert_eq!(send(Method::POST, "faults", order).await.0, 200);
    assert_eq!(
        send(Method::POST, "faults", json!({ "call": "x", "faults": [] }))
            .await
            .0,
        400
    );
    let (_, state) = send(Method::GET, "state", Value::Null).await;
    assert_eq!(
        (&state["faults_left"], &state["requests"]),
        (&json!(2), &json!(0))
    );
    here.get(VERSION).await;
    let (_, seen) = send(Method::GET, "requests", Value::Null).await;
    assert_eq!(
        (&seen[0]["method"], &seen[0]["status"]),
        (&json!("GET"), &json!(405))
    );
    let (_, unconfirmed) = send(Method::GET, "unconfirmed", Value::Null).await;
    assert!(unconfirmed.as_array().unwrap().len() > 10);
    assert_eq!(send(Method::GET, "else", Value::Null).await.0, 404);
}
