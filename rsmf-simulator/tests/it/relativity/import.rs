//! Import Service.

use std::time::Duration;

use rsmf_simulator::Spelling;
use serde_json::{Value, json};

use super::here::{Got, Here, WORKSPACE, rsmf};

const JOB: &str = "0e8e9d1c-5b9c-4b1e-9a43-6b6d8f9f0001";
const SOURCE: &str = "0e8e9d1c-5b9c-4b1e-9a43-6b6d8f9f0002";
const OTHER: &str = "0e8e9d1c-5b9c-4b1e-9a43-6b6d8f9f0003";
const LOAD: &str = r"\\files\T001\StructuredData";
const MISSING: &str = "0e8e9d1c-5b9c-4b1e-9a43-6b6d8f9f0004";

impl Here {
    async fn importing() -> Self {
        let here = Self::start().await;
        here.server.share(LOAD, &here.folder.path().join("load"));
        here.server
            .knobs(|knobs| (knobs.import_queue, knobs.import_time) = (20, 20));
        here
    }

    fn path(rest: &str) -> String {
        format!("import-service/v1/workspaces/{WORKSPACE}/import-jobs/{JOB}{rest}")
    }

    async fn import(&self, rest: &str, body: Value) -> Got {
        self.post(&Self::path(rest), body).await
    }

    /// A call that succeeds.
    async fn imports(&self, rest: &str, body: Value) {
        let (status, answer) = self.import(rest, body).await;
        assert_eq!(
            (status, &answer["IsSuccess"]),
            (200, &json!(true)),
            "{answer}"
        );
        assert_eq!(answer["ImportJobID"], JOB);
    }

    /// The code of a refusal, which comes with status 200.
    async fn refused(&self, rest: &str, body: Value) -> String {
        let (status, answer) = self.import(rest, body).await;
        assert_eq!(
            (status, &answer["IsSuccess"]),
            (200, &json!(false)),
            "{answer}"
        );
        answer["ErrorCode"].as_str().unwrap().to_owned()
    }

    async fn value(&self, rest: &str) -> Value {
        let (_, answer) = self.get(&Self::path(rest)).await;
        assert_eq!(answer["IsSuccess"], true, "{answer}");
        answer["Value"].clone()
    }

    async fn state(&self) -> String {
        self.value("/details").await["State"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    async fn until_state(&self, rest: &str, state: &str) {
        for _ in 0..300 {
            if self.value(&format!("{rest}/details")).await["State"] == state {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!(
            "never {state}: {}",
            self.value(&format!("{rest}/details")).await
        );
    }

    async fn created(&self) {
        self.imports(
            "",
            json!({ "applicationName": "rsmf", "correlationID": "run-1" }),
        )
        .await;
    }

    async fn source_of(&self, id: &str, file: &str) {
        self.imports(&format!("/sources/{id}"), source(file)).await;
    }
}

fn settings(overlay: Value) -> Value {
    let mapping = |column: u32, field: &str| json!({ "ColumnIndex": column, "Field": field });
    let fields = [
        mapping(0, "Control Number"),
        mapping(2, "Custodian"),
        mapping(3, "Review Tags"),
        mapping(4, "Notes"),
        mapping(5, "Sent Date"),
        mapping(6, "RSMF Message Count"),
    ];
    json!({ "importSettings": { "Overlay": overlay, "Image": null, "Native": { "FilePathColumnIndex": 1 },
        "Folder": null, "Fields": { "FieldMappings": fields } } })
}

fn source(file: &str) -> Value {
    json!({ "dataSourceSettings": { "Path": format!(r"{LOAD}\run\{file}"), "FirstLineContainsColumnNames": true,
        "StartLine": 0, "ColumnDelimiter": "\u{14}", "QuoteDelimiter": "\u{fe}", "NewLineDelimiter": "\u{ae}",
        "MultiValueDelimiter": ";", "NestedValueDelimiter": "\\", "EndOfLine": "Windows", "Encoding": "utf-8",
        "CultureInfo": "en-us", "Type": "LoadFile" } })
}

fn dat(rows: &[[&str; 7]]) -> Vec<u8> {
    let names = [
        "Control Number",
        "FILE_PATH",
        "Custodian",
        "Tags",
        "Notes",
        "Sent",
        "Count",
    ];
    let lines = [names].into_iter().chain(rows.iter().copied()).map(|row| {
        let row: Vec<_> = row
            .iter()
            .map(|value| format!("\u{fe}{value}\u{fe}"))
            .collect();
        row.join("\u{14}") + "\r\n"
    });
    format!("\u{feff}{}", lines.collect::<String>()).into_bytes()
}

#[tokio::test]
async fn load_files_are_read_line_by_line() {
    let here = Here::importing().await;
    here.put_file("load/run/natives/a.rsmf", &rsmf("a", &[]));
    here.put_file(
        "load/run/all.dat",
        &dat(&[
            [
                "A1",
                r".\natives\a.rsmf",
                "Ada",
                "Hot;New",
                "one\u{ae}two",
                "2024-01-01T10:00:00Z",
                "7",
            ],
            ["A2", r".\natives\gone.rsmf", "", "", "", "", ""],
            ["A3", "", "Ada", "", "", "soon", ""],
            ["", "", "", "", "", "", ""],
            ["A1", "", "", "", "", "", ""],
            [
                "A4",
                r"\\files\T001\StructuredData\run\natives\a.rsmf",
                "Ada",
                "",
                "",
                "",
                "x",
            ],
        ]),
    );
    here.created().await;
    assert_eq!(here.state().await, "New");
    here.imports("/documents-configurations/", settings(Value::Null))
        .await;
    assert_eq!(here.state().await, "Configured");
    here.source_of(SOURCE, "all.dat").await;
    here.imports("/begin/", json!({})).await;
    assert_eq!(here.state().await, "Scheduled");
    here.until_state("", "Idle").await;
    assert_eq!(here.value("/details").await["IsFinished"], false);
    here.imports("/end", json!({})).await;
    let details = here.value("/details").await;
    assert_eq!(
        (&details["State"], &details["IsFinished"]),
        (&json!("Completed"), &json!(true))
    );
    here.until_state(&format!("/sources/{SOURCE}"), "CompletedWithItemErrors")
        .await;
    let old = here.value("/progress").await;
    assert_eq!(
        old,
        json!({ "TotalRecords": 5, "ImportedRecords": 1, "ErroredRecords": 4 })
    );
    here.server
        .knobs(|knobs| knobs.import_spelling = Spelling::New);
    let new = here.value(&format!("/sources/{SOURCE}/progress")).await;
    assert_eq!(
        new,
        json!({ "RecordsInDataSources": 5, "ImportedRecords": 1, "ErrorRecords": 4 })
    );
    let documents = here.server.documents(WORKSPACE);
    assert_eq!(documents.len(), 1);
    let document = &documents[0];
    assert_eq!(
        (&document["Control Number"], &document["Notes"]),
        (&json!("A1"), &json!("one\ntwo"))
    );
    assert_eq!(
        (&document["File Name"], &document["Custodian"]["Name"]),
        (&json!("a.rsmf"), &json!("Ada"))
    );
    assert_eq!(document["Review Tags"].as_array().unwrap().len(), 2);
    let errors = here
        .value(&format!("/sources/{SOURCE}/itemerrors?start=0&length=3"))
        .await;
    assert_eq!(
        (&errors["TotalCount"], &errors["HasMoreRecords"]),
        (&json!(4), &json!(true))
    );
    assert_eq!(
        (
            &errors["Errors"][0]["LineNumber"],
            &errors["Errors"][0]["ErrorDetails"][0]["ColumnIndex"]
        ),
        (&json!(3), &json!(1))
    );
    let rest = here
        .value(&format!("/sources/{SOURCE}/itemerrors?start=3&length=3"))
        .await;
    assert_eq!(rest["HasMoreRecords"], false);
    assert_eq!(
        here.value(&format!("/sources/{SOURCE}/columns")).await[1],
        "FILE_PATH"
    );
    let path = here
        .value(&format!("/sources/{SOURCE}/errorloadfile"))
        .await;
    assert!(path.as_str().unwrap().starts_with(LOAD));
    let written = std::fs::read_to_string(
        here.folder
            .path()
            .join(format!("load/run/{SOURCE}_errors.dat")),
    )
    .unwrap();
    assert_eq!(written.lines().count(), 5);
}

#[tokio::test]
async fn a_missing_load_file_fails_its_source_alone() {
    let here = Here::importing().await;
    here.put_file("load/run/good.dat", &dat(&[["B1", "", "", "", "", "", ""]]));
    here.created().await;
    here.imports("/documents-configurations", settings(Value::Null))
        .await;
    here.imports("/begin", json!({})).await;
    assert_eq!(here.state().await, "Idle");
    here.source_of(MISSING, "gone.dat").await;
    here.source_of(OTHER, "good.dat").await;
    here.imports("/end", json!({})).await;
    assert!(here.state().await.starts_with("PendingCompletion_"));
    here.until_state("", "Completed").await;
    let details = here.value(&format!("/sources/{MISSING}/details")).await;
    assert_eq!(
        (
            &details["State"],
            &details["JobLevelErrors"][0]["LineNumber"]
        ),
        (&json!("Failed"), &json!(-1))
    );
    assert_eq!(
        details["JobLevelErrors"][0]["ErrorDetails"][0]["ErrorCode"],
        "S.RD.EXT.0217"
    );
    assert_eq!(here.server.documents(WORKSPACE).len(), 1);
    let sources = here.value("/sources").await;
    assert_eq!(
        (&sources["Sources"], &sources["TotalCount"]),
        (&json!([MISSING, OTHER]), &json!(2))
    );
    here.server
        .knobs(|knobs| knobs.import_sources_key = "Jobs".to_owned());
    assert!(here.value("/sources").await["Jobs"].is_array());
}

#[tokio::test]
async fn overlays_change_what_is_there() {
    let here = Here::importing().await;
    here.put_file(
        "load/run/one.dat",
        &dat(&[["C1", "", "", "Hot", "old", "", ""]]),
    );
    here.put_file(
        "load/run/two.dat",
        &dat(&[
            ["c1", "", "", "New", "new", "", ""],
            ["C2", "", "", "", "", "", ""],
        ]),
    );
    let overlay = json!({ "Mode": "AppendOverlay", "KeyField": "Control Number", "MultiFieldOverlayBehaviour": 2 });
    here.created().await;
    here.imports("/documents-configurations", settings(overlay))
        .await;
    here.source_of(SOURCE, "one.dat").await;
    here.source_of(OTHER, "two.dat").await;
    here.imports("/begin", json!({})).await;
    here.imports("/end", json!({})).await;
    here.until_state("", "Completed").await;
    let documents = here.server.documents(WORKSPACE);
    assert_eq!(documents.len(), 2);
    assert_eq!(
        (
            &documents[0]["Notes"],
            documents[0]["Review Tags"].as_array().unwrap().len()
        ),
        (&json!("new"), 2)
    );
}

#[tokio::test]
async fn jobs_are_paused_and_cancelled() {
    let here = Here::importing().await;
    here.put_file("load/run/one.dat", &dat(&[["D1", "", "", "", "", "", ""]]));
    here.server.knobs(|knobs| knobs.import_queue = 200);
    here.created().await;
    here.imports("/documents-configurations", settings(Value::Null))
        .await;
    here.source_of(SOURCE, "one.dat").await;
    here.imports("/begin", json!({})).await;
    here.imports("/pause", json!({})).await;
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(here.state().await, "Paused");
    assert!(here.server.documents(WORKSPACE).is_empty());
    assert_eq!(here.refused("/pause", json!({})).await, "J.PS.VLD.1501");
    here.imports("/resume", json!({})).await;
    here.until_state("", "Idle").await;
    here.source_of(OTHER, "one.dat").await;
    here.imports("/cancel", json!({})).await;
    assert_eq!(here.state().await, "Canceled");
    assert_eq!(
        here.value(&format!("/sources/{OTHER}/details")).await["State"],
        "Canceled"
    );
    assert_eq!(
        here.refused(&format!("/sources/{MISSING}"), source("x.dat"))
            .await,
        "S.CR.VLD.3502"
    );
    assert_eq!(here.server.documents(WORKSPACE).len(), 1);
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_a_code() {
    let here = Here::importing().await;
    assert_eq!(here.refused("/begin", json!({})).await, "J.BEG.VLD.1601");
    here.created().await;
    assert_eq!(
        here.refused("", json!({ "applicationName": "x" })).await,
        "J.CR.VLD.1501"
    );
    assert_eq!(here.refused("/begin", json!({})).await, "J.BEG.VLD.1501");
    assert_eq!(here.refused("/end", json!({})).await, "J.END.VLD.1501");
    let nothing =
        json!({ "importSettings": { "Overlay": null, "Fields": { "FieldMappings": [] } } });
    assert_eq!(
        here.refused("/documents-configurations", nothing).await,
        "C.CR.VLD.2001"
    );
    assert_eq!(here.state().await, "InvalidConfiguration");
    let unknown = json!({ "importSettings": { "Fields": { "FieldMappings": [{ "ColumnIndex": 0, "Field": "Nothing" }] } } });
    assert_eq!(
        here.refused("/documents-configurations", unknown).await,
        "C.CR.VLD.2701"
    );
    here.imports("/documents-configurations", settings(Value::Null))
        .await;
    assert_eq!(
        here.refused("/documents-configurations", settings(Value::Null))
            .await,
        "C.CR.VLD.2501"
    );
    assert!(here.value("/documents-configurations").await["Fields"].is_object());
    assert_eq!(
        here.refused(
            &format!("/sources/{SOURCE}"),
            json!({ "dataSourceSettings": { "Path": "" } })
        )
        .await,
        "S.CR.VLD.3001"
    );
    here.source_of(SOURCE, "x.dat").await;
    assert_eq!(
        here.refused(&format!("/sources/{SOURCE}"), source("x.dat"))
            .await,
        "S.CR.VLD.3501"
    );
    here.imports(&format!("/sources/{SOURCE}/delete"), json!({}))
        .await;
    assert_eq!(
        here.refused(&format!("/sources/{SOURCE}/delete"), json!({}))
            .await,
        "S.DEL.VLD.3501"
    );
    here.server.knobs(|knobs| knobs.import_refusal_status = 400);
    let (status, answer) = here
        .get(&Here::path(&format!("/sources/{SOURCE}/details")))
        .await;
    assert_eq!(
        (status, &answer["ErrorCode"]),
        (400, &json!("S.GET_DTLS.VLD.3601"))
    );
    let (_, jobs) = here
        .get(&format!(
            "import-service/v1/workspaces/{WORKSPACE}/import-jobs/jobs/?start=0&length=5"
        ))
        .await;
    assert_eq!(jobs["Value"], json!({ "Jobs": [JOB], "TotalCount": 1 }));
    let path = format!("import-service/v1/workspaces/{WORKSPACE}/import-jobs/not-a-guid");
    assert_eq!(here.post(&path, json!({})).await.0, 400);
    let (_, health) = here.get("import-service/v1/health-check/").await;
    assert_eq!(health["IsHealthy"], true);
}

#[tokio::test]
async fn objects_are_imported_too_and_imports_can_fail() {
    let here = Here::importing().await;
    here.put_file("load/run/one.dat", &dat(&[["Ada", "", "", "", "", "", ""]]));
    here.created().await;
    let fields = json!([{ "ColumnIndex": 0, "Field": "Full Name" }]);
    let wrong = json!({ "importSettings": { "Fields": { "FieldMappings": fields }, "Rdo": { "ArtifactTypeID": 5 } } });
    assert_eq!(
        here.refused("/rdos-configurations", wrong).await,
        "R.CR.VLD.2701"
    );
    let good = json!({ "importSettings": { "Overlay": null, "Fields": { "FieldMappings": fields },
        "Rdo": { "ArtifactTypeID": 1_000_048, "ParentColumnIndex": null } } });
    here.imports("/rdos-configurations", good).await;
    here.source_of(SOURCE, "one.dat").await;
    here.imports("/begin", json!({})).await;
    here.until_state("", "Idle").await;
    assert_eq!(
        here.query("Entity", &[], "'Full Name' == 'Ada'")
            .await
            .len(),
        1
    );
    here.server.knobs(|knobs| knobs.import_fails = true);
    here.source_of(OTHER, "one.dat").await;
    here.until_state("", "Failed").await;
    assert_eq!(
        here.value("/details").await["Errors"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn values_of_all_sorts_are_read_and_folders_made() {
    let here = Here::importing().await;
    let ada = here.custodian().await;
    here.put_file("load/run/text.txt", b"long text");
    let number = ada.to_string();
    here.put_file(
        "load/run/all.dat",
        &dat(&[
            [
                "E1",
                "",
                &number,
                "Ada;Bob",
                "Reviewed",
                r".\text.txt",
                "yes",
            ],
            ["E2", "", "1", "", "", "", ""],
            ["E3", "", "", "", "", r".\gone.txt", ""],
            ["E4", "", "", "", "", r"..\text.txt", ""],
        ]),
    );
    let mapping = |column: u32, field: &str, ids: bool, path: bool| json!({ "ColumnIndex": column, "Field": field, "ContainsID": ids, "ContainsFilePath": path });
    let fields = [
        mapping(0, "Control Number", false, false),
        mapping(2, "Custodian", true, false),
        mapping(3, "Related Custodians", false, false),
        mapping(4, "Review Status", false, false),
        mapping(5, "Extracted Text", false, true),
        mapping(6, "Has Native", false, false),
    ];
    let root = here.query("Folder", &[], "").await[0]["ArtifactID"].clone();
    let folder = json!({ "RootFolderID": root, "FolderPathColumnIndex": 4 });
    let settings = json!({ "importSettings": { "Overlay": null, "Folder": folder, "Fields": { "FieldMappings": fields } } });
    here.created().await;
    here.imports("/documents-configurations", settings).await;
    here.source_of(SOURCE, "all.dat").await;
    here.imports("/begin", json!({})).await;
    here.until_state("", "Idle").await;
    assert_eq!(here.value("/progress").await["ErroredRecords"], 3);
    let document = &here.server.documents(WORKSPACE)[0];
    assert_eq!(
        (
            &document["Custodian"]["ArtifactID"],
            &document["Extracted Text"]
        ),
        (&json!(ada), &json!("long text"))
    );
    assert_eq!(
        (&document["Review Status"]["Name"], &document["Has Native"]),
        (&json!("Reviewed"), &json!(true))
    );
    assert_eq!(document["Related Custodians"].as_array().unwrap().len(), 2);
    assert_eq!(
        here.query("Folder", &[], "'Name' == 'Reviewed'")
            .await
            .len(),
        1
    );
}
