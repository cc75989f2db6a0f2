//! A server with a share, and a client of a few lines.

use std::{io::Write, path::Path, time::Duration};

use base64::{Engine, prelude::BASE64_STANDARD};
use reqwest::{Client, Method, RequestBuilder, Response};
use rsmf_simulator::Relativity;
use serde_json::{Value, json};
use zip::{ZipWriter, write::SimpleFileOptions};

pub(super) const ROOT: &str = r"\\files\T001\ProcessingSource";
pub(super) const WORKSPACE: i64 = Relativity::WORKSPACE;
pub(super) const PROCESSING: &str = "relativity-processing/v1/workspaces/1234567";
pub(super) const OBJECTS: &str = "Relativity.ObjectManager/v1/workspace/1234567/object";

pub(super) struct Here {
    pub(super) server: Relativity,
    pub(super) folder: tempfile::TempDir,
    http: Client,
}

/// Status and body of an answer; the body is null where it is no JSON.
pub(super) type Got = (u16, Value);

impl Here {
    /// With jobs that take next to no time.
    pub(super) async fn start() -> Self {
        let server = Relativity::start().await;
        let folder = tempfile::tempdir().unwrap();
        server.share(ROOT, folder.path());
        server.knobs(|knobs| (knobs.submit_gap, knobs.job_time) = (20, 20));
        // It fails where another test of this process was first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder()
            .no_proxy()
            .retry(reqwest::retry::never())
            .build()
            .unwrap();
        Self {
            server,
            folder,
            http,
        }
    }

    /// A request by the administrator, with all headers that belong to it.
    pub(super) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let path = match path.strip_prefix('/') {
            Some(path) => format!("{}/{path}", self.server.url()),
            None => format!("{}/Relativity.REST/api/{path}", self.server.url()),
        };
        let (name, password) = Relativity::PERSON;
        self.http
            .request(method, path)
            .basic_auth(name, Some(password))
            .header("X-CSRF-Header", "-")
    }

    pub(super) fn plain(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}/{path}", self.server.url()))
    }

    pub(super) async fn get(&self, path: &str) -> Got {
        got(self.request(Method::GET, path).send().await.unwrap()).await
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> Got {
        got(self
            .request(Method::POST, path)
            .json(&body)
            .send()
            .await
            .unwrap())
        .await
    }

    pub(super) async fn put(&self, path: &str, body: Value) -> Got {
        got(self
            .request(Method::PUT, path)
            .json(&body)
            .send()
            .await
            .unwrap())
        .await
    }

    /// What is created, by its number.
    pub(super) async fn made(&self, path: &str, body: Value) -> i64 {
        let (status, body) = self.post(path, body).await;
        assert_eq!(status, 200, "{body}");
        body.as_i64().unwrap()
    }

    pub(super) async fn processing(&self, path: &str, body: Value) -> Got {
        self.post(&format!("{PROCESSING}/{path}"), body).await
    }

    /// Objects of a type with these fields, and a condition.
    pub(super) async fn query(&self, kind: &str, fields: &[&str], condition: &str) -> Vec<Value> {
        let fields: Vec<_> = fields.iter().map(|name| json!({ "Name": name })).collect();
        let request =
            json!({ "ObjectType": { "Name": kind }, "Fields": fields, "Condition": condition });
        let body = json!({ "request": request, "start": 1, "length": 1000 });
        let (status, answer) = self.post(&format!("{OBJECTS}/queryslim"), body).await;
        assert_eq!(status, 200, "{answer}");
        answer["Objects"].as_array().unwrap().clone()
    }

    /// The number of the only object with this name.
    pub(super) async fn named(&self, kind: &str, name: &str) -> i64 {
        let found = self.query(kind, &[], &format!("'Name' == '{name}'")).await;
        assert_eq!(found.len(), 1, "{kind} {name}");
        found[0]["ArtifactID"].as_i64().unwrap()
    }

    pub(super) async fn custodian(&self) -> i64 {
        let body = json!({ "custodian": { "DocumentNumberingPrefix": "REL", "FirstName": "Ada", "LastName": "Lovelace",
            "CustodianType": "Person" } });
        self.made(&format!("{PROCESSING}/custodians"), body).await
    }

    pub(super) async fn set(&self, profile: &str) -> i64 {
        let profile = self.named("Processing Profile", profile).await;
        let body = json!({ "processingSet": { "Name": "run", "Profile": { "ProcessingProfileID": profile } } });
        self.made(&format!("{PROCESSING}/processing-sets"), body)
            .await
    }

    pub(super) async fn source_body(&self, set: i64, path: &str) -> Value {
        let zone = self
            .named("Relativity Time Zone", "(UTC) Coordinated Universal Time")
            .await;
        let folder = self.query("Folder", &[], "").await[0]["ArtifactID"].clone();
        json!({ "processingDataSource": { "ProcessingDataSourceID": 0, "Name": "ds", "Custodian": self.custodian().await,
            "ProcessingSet": { "ProcessingSetID": set }, "DestinationFolder": folder, "TimeZone": zone,
            "DocumentNumberingPrefix": "REL", "InputPath": path, "OcrLanguages": ["English"], "Order": 100 } })
    }

    pub(super) async fn source(&self, set: i64, path: &str) -> i64 {
        let body = self.source_body(set, path).await;
        self.made(&format!("{PROCESSING}/data-sources"), body).await
    }

    /// A set of this profile with a data source that is the whole share.
    pub(super) async fn ready(&self, profile: &str) -> i64 {
        let set = self.set(profile).await;
        self.source(set, ROOT).await;
        set
    }

    pub(super) async fn job(&self, set: i64, what: &str) -> Got {
        self.processing(&format!("processing-jobs/{set}/{what}"), json!({}))
            .await
    }

    pub(super) async fn summary(&self, set: i64) -> Value {
        let (status, body) = self
            .get(&format!("{PROCESSING}/processing-sets/{set}/summary"))
            .await;
        assert_eq!(status, 200, "{body}");
        body
    }

    /// Waits until the state of a set, as the simulator tells it, is this.
    pub(super) async fn until(&self, set: i64, key: &str, value: impl Into<Value>) {
        let value = value.into();
        for _ in 0..500 {
            let state = self.server.state();
            if state["workspaces"]["1234567"]["sets"][set.to_string()][key] == value {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{key} never is {value}: {}", self.server.state());
    }

    /// Discovers and publishes.
    pub(super) async fn processed(&self, set: i64) {
        assert_eq!(self.job(set, "discover").await.0, 200);
        self.until(set, "discover", "Completed").await;
        assert_eq!(self.job(set, "publish").await.0, 200);
        self.until(set, "publish", "Completed").await;
    }

    pub(super) fn put_file(&self, name: &str, content: &[u8]) {
        put(&self.folder.path().join(name), content);
    }
}

pub(super) fn put(path: &Path, content: &[u8]) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

pub(super) async fn got(response: Response) -> Got {
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::Null))
}

/// An archive of these files.
pub(super) fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// An e-mail around an archive.
pub(super) fn mail(headers: &str, archive: &[u8]) -> Vec<u8> {
    let code = BASE64_STANDARD.encode(archive);
    format!(
        "{headers}From: Ada <ada@example.com>\r\nTo: Bob <bob@example.com>\r\nSubject: =?utf-8?Q?caf=C3=A9?=\r\n\
         Date: Mon, 1 Jan 2024 10:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n\
         \r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nhello\r\n--b\r\nContent-Type: application/zip\r\n\
         Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"rsmf.zip\"\r\n\r\n{code}\r\n\
         --b--\r\n"
    )
    .into_bytes()
}

pub(super) const HEADERS: &str =
    "X-RSMF-Version: 2.0.0\r\nX-RSMF-EventCount: 2\r\nX-RSMF-Application: Slack\r\n";

pub(super) fn manifest(attachments: &[&str]) -> Vec<u8> {
    let attachments: Vec<_> = attachments
        .iter()
        .map(|id| json!({ "id": id, "display": id }))
        .collect();
    json!({
        "version": "2.0.0",
        "participants": [{ "id": "a", "display": "Ada", "avatar": "ada.png" }],
        "conversations": [{ "id": "c", "platform": "slack", "participants": ["a"] }],
        "events": [
            { "id": "1", "type": "message", "participant": "a", "conversation": "c", "timestamp": "2024-01-01T10:00:00Z",
              "body": "hello", "attachments": attachments },
            { "id": "2", "type": "message", "participant": "a", "conversation": "c", "timestamp": "2024-01-01T10:05:00Z",
              "body": "again" },
        ],
    })
    .to_string()
    .into_bytes()
}

/// An RSMF file with these attachments; what they hold is this text and their names.
pub(super) fn rsmf(text: &str, attachments: &[&str]) -> Vec<u8> {
    let manifest = manifest(attachments);
    let contents: Vec<_> = attachments
        .iter()
        .map(|name| format!("{text} {name}"))
        .collect();
    let mut files = vec![
        ("rsmf_manifest.json", &*manifest),
        ("ada.png", b"picture".as_slice()),
    ];
    files.extend(
        attachments
            .iter()
            .zip(&contents)
            .map(|(name, content)| (*name, content.as_bytes())),
    );
    mail(HEADERS, &zipped(&files))
}
