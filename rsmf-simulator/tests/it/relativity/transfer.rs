//! Transfer Service.

use std::time::Duration;

use reqwest::Method;
use rsmf_simulator::{FaultServer, Relativity, Reply};
use serde_json::{Value, json};

use super::here::{Got, Here, ROOT, got};

const JOB: &str = "0E8E9D1C-5B9C-4B1E-9A43-6B6D8F9F0001";
const RIGHT: &str = "sp=rl&se=2100-01-01T00:00:00Z&sig=pl4nted-s3cret-sig";
const JOBS: &str = "transfer-service/api/v2/transfer/jobs";

/// A container with these blobs; one of them cannot be read.
async fn container(blobs: &[(&str, &str)]) -> FaultServer {
    let server = FaultServer::start().await;
    let listed = blobs.iter().map(|(name, content)| {
        let size = content.len();
        format!("<Blob><Name>{name}</Name><Properties><Content-Length>{size}</Content-Length></Properties></Blob>")
    });
    let list = format!(
        "<EnumerationResults><Blobs>{}</Blobs><NextMarker/></EnumerationResults>",
        listed.collect::<String>()
    );
    server.serve("/account/matter", Reply::text(list));
    for (name, content) in blobs.iter().filter(|(name, _)| !name.contains("broken")) {
        server.serve(
            &format!("/account/matter/{name}"),
            Reply::text((*content).to_owned()),
        );
    }
    server
}

impl Here {
    /// A request by somebody who may transfer.
    async fn transfer(&self, method: Method, path: &str, body: Option<Value>) -> Got {
        let (id, secret) = Relativity::TRANSFER;
        let form = format!(
            "client_id={id}&client_secret={secret}&scope=SystemUserInfo&grant_type=client_credentials"
        );
        let token = self.plain(Method::POST, "Relativity/Identity/connect/token");
        let token = token
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form);
        let (_, token) = got(token.send().await.unwrap()).await;
        let request = self
            .plain(method, &format!("{JOBS}{path}"))
            .bearer_auth(token["access_token"].as_str().unwrap());
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        got(request.send().await.unwrap()).await
    }

    async fn ended(&self) -> Value {
        for _ in 0..300 {
            let (_, job) = self.transfer(Method::GET, &format!("/{JOB}"), None).await;
            if !["Submitted", "InProgress"].contains(&job["transferStatus"].as_str().unwrap()) {
                return job;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the transfer never ends");
    }
}

fn job(source: &str, destination: &str) -> Value {
    json!({ "transferJobID": JOB, "sourcePath": source, "destinationPath": destination, "transferType": "Upload",
        "tags": { "Run": "1" } })
}

#[tokio::test]
async fn a_container_comes_to_the_share() {
    let here = Here::start().await;
    let storage = container(&[("run/a.rsmf", "first"), ("run/x/b.rsmf", "second")]).await;
    let source = format!("{}?{RIGHT}", storage.url("/account/matter/run"));
    let destination = format!(r"{ROOT}\run-1");
    let created = here
        .transfer(Method::POST, "", Some(job(&source, &destination)))
        .await;
    assert_eq!(created, (200, Value::Null));
    let ended = here.ended().await;
    assert_eq!(
        (&ended["transferStatus"], &ended["tags"]["Run"]),
        (&json!("Completed"), &json!("1"))
    );
    assert_eq!(
        (
            &ended["transferStatistics"]["successfulFiles"],
            &ended["enumerationStatistics"]["totalSize"]
        ),
        (&json!(2), &json!(11))
    );
    assert!(!ended.to_string().contains("sig="));
    let read =
        |name: &str| std::fs::read_to_string(here.folder.path().join("run-1").join(name)).unwrap();
    assert_eq!(
        (read("a.rsmf"), read("x/b.rsmf")),
        ("first".to_owned(), "second".to_owned())
    );
    let (_, quality) = here
        .transfer(Method::GET, &format!("/{JOB}/qc"), None)
        .await;
    let report = reqwest::get(quality["sasUrl"].as_str().unwrap())
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert_eq!(
        report,
        "Path,Size,Status\r\na.rsmf,5,Success\r\nx/b.rsmf,6,Success\r\n"
    );
}

#[tokio::test]
async fn files_that_cannot_be_read_are_counted() {
    let here = Here::start().await;
    let storage = container(&[("broken", "first"), ("good", "second")]).await;
    let source = format!("{}?{RIGHT}", storage.url("/account/matter"));
    here.transfer(
        Method::POST,
        "",
        Some(job(&source, &format!(r"{ROOT}\run"))),
    )
    .await;
    let ended = here.ended().await;
    assert_eq!(
        (
            &ended["transferStatus"],
            &ended["transferStatistics"]["failedFiles"]
        ),
        (&json!("CompletedWithErrors"), &json!(1))
    );
}

#[tokio::test]
async fn transfers_are_cancelled_and_fail() {
    let here = Here::start().await;
    here.server.knobs(|knobs| knobs.transfer_time = 1000);
    let source = format!("http://127.0.0.1:1/account/matter?{RIGHT}");
    let destination = format!(r"{ROOT}\run");
    here.transfer(Method::POST, "", Some(job(&source, &destination)))
        .await;
    assert_eq!(
        here.transfer(Method::DELETE, &format!("/{JOB}"), None)
            .await
            .0,
        200
    );
    assert_eq!(here.ended().await["transferStatus"], "Canceled");
    let here = Here::start().await;
    here.transfer(Method::POST, "", Some(job(&source, &destination)))
        .await;
    let ended = here.ended().await;
    assert_eq!(ended["transferStatus"], "Failed");
    assert!(
        !ended["enumerationStatistics"]["error"]
            .as_str()
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn what_cannot_be_transferred_is_refused() {
    let here = Here::start().await;
    let source = |right: &str| format!("http://127.0.0.1:1/account/matter?{right}");
    let good = format!(r"{ROOT}\run");
    for (body, part) in [
        (
            job(&source("sp=r&se=2100-01-01T00:00:00Z&sig=x"), &good),
            "Read and List",
        ),
        (
            job(&source("sp=rl&se=2000-01-01T00:00:00Z&sig=x"), &good),
            "expired",
        ),
        (job(&source(""), &good), "no SAS"),
        (job(&source(RIGHT), ROOT), "governance"),
        (job(&source(RIGHT), r"\\files\T001\Files\run"), "governance"),
        (
            json!({ "transferJobID": "1", "sourcePath": "", "destinationPath": "" }),
            "GUID",
        ),
    ] {
        let (status, error) = here.transfer(Method::POST, "", Some(body)).await;
        assert_eq!(status, 400);
        assert!(error["detail"].as_str().unwrap().contains(part), "{error}");
        assert!(!error.to_string().contains(RIGHT));
    }
    assert_eq!(
        here.transfer(
            Method::POST,
            "",
            Some(json!({ "transferJobId": JOB, "path": "" }))
        )
        .await
        .0,
        400
    );
    assert_eq!(
        here.transfer(Method::GET, &format!("/{JOB}"), None).await.0,
        404
    );
    let by_administrator = here.request(Method::GET, &format!("/{JOBS}/{JOB}"));
    assert_eq!(by_administrator.send().await.unwrap().status(), 403);
    here.server.knobs(|knobs| {
        (
            knobs.rest_demands_administrator,
            knobs.transfer_refuses_administrator,
        ) = (true, false)
    });
    let by_administrator = here.request(Method::GET, &format!("/{JOBS}/{JOB}"));
    assert_eq!(by_administrator.send().await.unwrap().status(), 404);
}
