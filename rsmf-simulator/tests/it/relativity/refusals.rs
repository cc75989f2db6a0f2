//! What is refused, by the numbers of the sheet: X1 to X12.

use serde_json::{Value, json};

use super::here::{Got, Here, PROCESSING, ROOT, rsmf};

/// Refused with status 500 and an error whose message holds this.
fn refused((status, body): Got, part: &str) {
    assert_eq!(status, 500, "{body}");
    assert_eq!(
        body["ErrorType"],
        "Relativity.Services.Exceptions.ServiceException"
    );
    assert!(body["Message"].as_str().unwrap().contains(part), "{body}");
}

impl Here {
    async fn rename(&self, set: i64, profile: &str) -> Got {
        let profile = self.named("Processing Profile", profile).await;
        let body = json!({ "processingSet": { "Name": "other", "Profile": { "ProcessingProfileID": profile } } });
        self.put(&format!("{PROCESSING}/processing-sets/{set}"), body)
            .await
    }

    async fn discovered(&self, set: i64) {
        assert_eq!(self.job(set, "discover").await.0, 200);
        self.until(set, "discover", "Completed").await;
    }

    async fn cancelled(&self, set: i64) {
        assert_eq!(self.job(set, "cancel").await.0, 200);
        self.until(set, "cancelled", true).await;
    }
}

#[tokio::test]
async fn x1_and_x3_a_set_is_discovered_once() {
    let here = Here::start().await;
    here.server.knobs(|knobs| knobs.submit_gap = 500);
    let set = here.ready("RSMF").await;
    assert_eq!(here.job(set, "discover").await.0, 200);
    refused(here.job(set, "discover").await, &set.to_string());
    here.until(set, "discover", "Completed").await;
    refused(here.job(set, "discover").await, "already discovered");
    refused(here.job(set, "inventory").await, "no inventory");
}

#[tokio::test]
async fn x2_a_set_needs_a_data_source() {
    let here = Here::start().await;
    let set = here.set("RSMF").await;
    for job in ["discover", "cancel"] {
        refused(here.job(set, job).await, "no data source");
    }
}

#[tokio::test]
async fn x4_and_x10_a_cancelled_set_stays_so() {
    let here = Here::start().await;
    let set = here.ready("RSMF").await;
    here.cancelled(set).await;
    refused(here.job(set, "discover").await, "cancelled");
    refused(here.rename(set, "RSMF").await, "cancelled");
    let body = here.source_body(set, ROOT).await;
    refused(here.processing("data-sources", body).await, "cancelled");
}

#[tokio::test]
async fn x5_sets_and_workspaces_must_be_there() {
    let here = Here::start().await;
    for job in ["discover", "cancel"] {
        refused(here.job(99, job).await, "cannot be resolved");
        let path = format!("relativity-processing/v1/workspaces/99/processing-jobs/1/{job}");
        refused(here.post(&path, json!({})).await, "cannot be resolved");
    }
    here.server.knobs(|knobs| knobs.refusal_status = 400);
    assert_eq!(here.job(99, "discover").await.0, 400);
}

#[tokio::test]
async fn x6_nothing_goes_without_the_engine() {
    let here = Here::start().await;
    let set = here.ready("RSMF").await;
    here.server.knobs(|knobs| knobs.worker_manager_down = true);
    refused(here.job(set, "discover").await, "worker manager");
    refused(here.rename(set, "RSMF").await, "processing engine");
    here.server.knobs(|knobs| knobs.worker_manager_down = false);
    here.discovered(set).await;
}

#[tokio::test]
async fn x7_and_x8_sets_change_between_jobs_and_keep_their_profile() {
    let here = Here::start().await;
    let set = here.ready("RSMF").await;
    assert_eq!(here.rename(set, "No children").await, (200, json!(set)));
    assert_eq!(here.rename(set, "RSMF").await.0, 200);
    here.server.knobs(|knobs| knobs.stuck = true);
    here.job(set, "discover").await;
    here.until(set, "discover", "Running").await;
    refused(here.rename(set, "RSMF").await, "running");
    here.server.knobs(|knobs| knobs.stuck = false);
    here.until(set, "discover", "Completed").await;
    refused(here.rename(set, "No children").await, "profile");
    assert_eq!(here.rename(set, "RSMF").await.0, 200);
    let (_, read) = here
        .get(&format!("{PROCESSING}/processing-sets/{set}"))
        .await;
    assert_eq!(
        (&read["Name"], &read["Profile"]["Name"]),
        (&json!("other"), &json!("RSMF"))
    );
}

#[tokio::test]
async fn x9_data_comes_from_known_places() {
    let here = Here::start().await;
    let set = here.set("RSMF").await;
    for path in [
        r"\\other\T001\ProcessingSource\x",
        r"\\files\T001\ProcessingSourceX",
        "",
    ] {
        let body = here.source_body(set, path).await;
        refused(
            here.processing("data-sources", body).await,
            "source location",
        );
    }
    let body = here
        .source_body(set, r"\\FILES\T001\processingsource\any")
        .await;
    assert_eq!(here.processing("data-sources", body).await.0, 200);
}

#[tokio::test]
async fn x10_a_set_takes_data_sources_before_its_jobs() {
    let here = Here::start().await;
    here.server.knobs(|knobs| knobs.submit_gap = 300);
    let set = here.ready("RSMF").await;
    let body = here.source_body(set, ROOT).await;
    here.job(set, "discover").await;
    refused(
        here.processing("data-sources", body.clone()).await,
        "queued",
    );
    here.until(set, "discover", "Completed").await;
    refused(
        here.processing("data-sources", body).await,
        "already discovered",
    );
}

#[tokio::test]
async fn x11_data_sources_change_less_and_less() {
    let here = Here::start().await;
    here.put_file("one.rsmf", &rsmf("one", &[]));
    let set = here.set("RSMF").await;
    let mut body = here.source_body(set, ROOT).await;
    let id = here
        .made(&format!("{PROCESSING}/data-sources"), body.clone())
        .await;
    let mut change = async |key: &str, value: Value| {
        body["processingDataSource"][key] = value;
        let answer = here
            .put(&format!("{PROCESSING}/data-sources/{id}"), body.clone())
            .await;
        if answer.0 != 200 {
            let (_, read) = here.get(&format!("{PROCESSING}/data-sources/{id}")).await;
            body["processingDataSource"][key] = read[key].clone();
        }
        answer
    };
    assert_eq!(
        change("InputPath", format!(r"{ROOT}\").into()).await,
        (200, Value::Null)
    );
    here.server.knobs(|knobs| knobs.submit_gap = 300);
    here.job(set, "discover").await;
    refused(change("Name", "new".into()).await, "queued");
    here.until(set, "discover", "Completed").await;
    for (key, value) in [
        ("Name", json!("n")),
        ("DocumentNumberingPrefix", json!("P")),
        ("Order", json!(1)),
    ] {
        assert_eq!(change(key, value).await.0, 200, "{key}");
    }
    refused(change("InputPath", ROOT.into()).await, "cannot be changed");
    here.job(set, "publish").await;
    here.until(set, "publish", "Completed").await;
    refused(change("Order", 2.into()).await, "cannot be changed");
    assert_eq!(change("Name", "m".into()).await.0, 200);
    let (_, can) = here
        .get(&format!("{PROCESSING}/data-sources/{id}/delete-validation"))
        .await;
    assert_eq!(can["CanDelete"], false);
}

#[tokio::test]
async fn x12_numbers_begin_where_they_can() {
    let here = Here::start().await;
    let set = here.set("RSMF").await;
    let plain = here.source_body(set, ROOT).await;
    let with = |start: i64, visible: Value| {
        let mut body = plain.clone();
        body["processingDataSource"]["StartNumber"] = start.into();
        body["processingDataSource"]["IsStartNumberVisible"] = visible;
        body
    };
    let create = async |body| here.processing("data-sources", body).await;
    refused(create(with(0, true.into())).await, "greater than 0");
    refused(create(with(12_345_678_901, true.into())).await, "digits");
    refused(create(with(5, Value::Null)).await, "IsStartNumberVisible");
    let (_, id) = create(with(5, true.into())).await;
    refused(
        here.put(&format!("{PROCESSING}/data-sources/{id}"), plain.clone())
            .await,
        "turned off",
    );
}

#[tokio::test]
async fn publication_waits_for_discovery() {
    let here = Here::start().await;
    let set = here.ready("RSMF").await;
    refused(here.job(set, "publish").await, "not discovered");
    here.server
        .knobs(|knobs| (knobs.retry_errors, knobs.stuck) = (false, true));
    here.job(set, "discover").await;
    here.until(set, "discover", "Running").await;
    refused(here.job(set, "publish").await, "running");
    here.server.knobs(|knobs| knobs.stuck = false);
    here.until(set, "discover", "Completed").await;
    refused(here.job(set, "retry-errors").await, "cannot be retried");
}
