//! Short messages, Collect and Legal Hold.

use reqwest::Method;
use rsmf_simulator::Spelling;
use serde_json::{Value, json};

use super::here::{HEADERS, Here, WORKSPACE, got, mail, manifest, rsmf, zipped};

impl Here {
    async fn validate(&self, content: &[u8], name_part: &str) -> (u16, Value) {
        let mut body =
            b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.rsmf\"\r\n\r\n"
                .to_vec();
        body.extend_from_slice(content);
        body.extend_from_slice(name_part.as_bytes());
        body.extend_from_slice(b"\r\n--x--\r\n");
        let request = self.request(
            Method::POST,
            "relativity-documentViewer/v2/short-message/validate",
        );
        let request = request
            .header("content-type", "multipart/form-data; boundary=x")
            .body(body);
        got(request.send().await.unwrap()).await
    }
}

const NAME: &str = "\r\n--x\r\nContent-Disposition: form-data; name=\"\"\r\nContent-Type: application/json\r\n\r\n{\"fileName\":\"a.rsmf\"}";

#[tokio::test]
async fn files_are_validated_before_they_go_anywhere() {
    let here = Here::start().await;
    let archive = |files: &[(&str, &[u8])]| mail(HEADERS, &zipped(files));
    let stray = archive(&[("rsmf_manifest.json", &manifest(&[])), ("stray.txt", b"?")]);
    let missing = archive(&[("rsmf_manifest.json", &manifest(&["gone.jpg"]))]);
    for (content, status) in [
        (rsmf("x", &["a.jpg"]), "Passed"),
        (stray, "PassedWithWarnings"),
        (missing, "Failed"),
        (b"nothing".to_vec(), "Failed"),
    ] {
        let (code, verdict) = here.validate(&content, NAME).await;
        assert_eq!(
            (code, &verdict["Status"]),
            (200, &json!(status)),
            "{verdict}"
        );
    }
    assert_eq!(here.validate(&rsmf("x", &[]), "").await.0, 400);
    here.server.knobs(|knobs| knobs.largest_stream = 100);
    assert_eq!(here.validate(&rsmf("x", &[]), NAME).await.0, 400);
}

#[tokio::test]
async fn documents_give_back_what_they_were_made_of() {
    let here = Here::start().await;
    here.put_file(
        "all.zip",
        &zipped(&[("x/one.rsmf", &rsmf("one", &["a.jpg", "b.pdf"]))]),
    );
    let set = here.ready("RSMF").await;
    here.processed(set).await;
    let documents = here.server.documents(WORKSPACE);
    let id = &documents[0]["ArtifactID"];
    let old = format!("relativity-documentViewer/v2/workspace/{WORKSPACE}/short-message/{id}");
    let new = format!("v2/workspaces/{WORKSPACE}/short-messages/{id}");
    assert_eq!(
        here.get(&format!("{new}/validate")).await.1["Status"],
        "Passed"
    );
    for path in [&old, &new] {
        assert_eq!(
            here.get(&format!("{path}/message-json")).await.1["events"][0]["body"],
            "hello"
        );
        let (_, found) = here
            .post(
                &format!("{path}/attachment-info"),
                json!({ "attachmentIDs": ["b.pdf", "none"] }),
            )
            .await;
        assert_eq!(found.as_array().unwrap().len(), 1);
        assert_eq!(
            (&found[0]["AttachmentId"], &found[0]["DocumentArtifactId"]),
            (&json!("b.pdf"), &documents[2]["ArtifactID"])
        );
    }
    here.server
        .knobs(|knobs| knobs.message_spelling = Spelling::Old);
    let (_, found) = here
        .post(
            &format!("{new}/attachment-info"),
            json!({ "attachmentIDs": ["a.jpg"] }),
        )
        .await;
    assert_eq!(found[0]["DocumentArtifactID"], documents[1]["ArtifactID"]);
    let people = json!({ "participantRequests": [{ "Id": "a", "Name": "Lovelace, Ada", "Email": "" }, { "Id": "b" }] });
    let (_, people) = here
        .post(
            &format!("v2/workspaces/{WORKSPACE}/short-messages/participant-info"),
            people,
        )
        .await;
    assert_eq!(
        (&people[0]["EntityName"], &people[1]["EntityName"]),
        (&json!("Lovelace, Ada"), &json!(""))
    );
    let slice = |indexes: Value| json!({ "sliceRequest": { "EventIndexes": indexes, "Options": { "CreateAttachments": true } } });
    assert_eq!(
        here.post(&format!("{new}/slice"), slice(json!([0, 2])))
            .await
            .0,
        400
    );
    assert_eq!(
        here.post(&format!("{new}/slice"), slice(json!([1])))
            .await
            .0,
        200
    );
    let all = here.server.documents(WORKSPACE);
    assert_eq!(all.last().unwrap()["Control Number"], "REL0000000001_S1");
    assert_eq!(here.get(&format!("{new}0/message-json")).await.0, 404);
    let child = &documents[1]["ArtifactID"];
    assert_eq!(
        here.get(&format!(
            "v2/workspaces/{WORKSPACE}/short-messages/{child}/validate"
        ))
        .await
        .0,
        404
    );
}

#[tokio::test]
async fn collections_and_holds_can_be_made() {
    let here = Here::start().await;
    let made = json!({ "name": "Teams", "status": "Error", "targets": [["Bob", "Teams", 0]] });
    let held = json!({ "project": 7, "first": "Di", "last": "Dean", "email": "d@example.com" });
    for (topic, body) in [("collections", made), ("holds", held)] {
        let sent = here
            .plain(Method::POST, &format!("simulator/{topic}"))
            .json(&body)
            .send()
            .await;
        assert_eq!(sent.unwrap().status(), 200);
    }
    let query = format!("workspaceId={WORKSPACE}");
    let (_, found) = here
        .get(&format!("preservation/7/getCustodians?{query}"))
        .await;
    assert_eq!(found["TotalCount"], 1);
}

#[tokio::test]
async fn collections_and_holds_can_be_read() {
    let here = Here::start().await;
    let id = here
        .server
        .collection("Slack of Ada", "Completed", &[("Ada", "Slack", 7)]);
    let path = format!("collect-services/v1/CollectAPI/{WORKSPACE}/collection");
    let (_, found) = here.get(&format!("{path}/{id}")).await;
    assert_eq!(
        (
            &found["Value"]["Status"],
            &found["Value"]["Targets"][0]["Items"]
        ),
        (&json!("Completed"), &json!(7))
    );
    assert_eq!(
        here.get(&format!("{path}/{id}/target-generation")).await.1["Value"],
        json!(["Ada"])
    );
    assert_eq!(here.get(&format!("{path}/1")).await.0, 404);
    let people = [("Ada", "Lovelace"), ("Bob", "Brown"), ("Cy", "Cole")];
    let ids = people.map(|(first, last)| here.server.hold(5, first, last, "x@example.com"));
    here.server.hold(6, "Else", "Where", "y@example.com");
    let query = format!("workspaceId={WORKSPACE}&startingIndex=1");
    let (_, held) = here
        .get(&format!("preservation/5/getCustodians?{query}&pageSize=1"))
        .await;
    assert_eq!(
        (&held["TotalCount"], &held["ArtifactIDs"]),
        (&json!(3), &json!([ids[1]]))
    );
    let (_, summary) = here
        .get(&format!(
            "custodian-request-manager/ActiveCustodianSummary?{query}&length=9"
        ))
        .await;
    assert_eq!(
        (summary.as_array().unwrap().len(), &summary[0]["FullName"]),
        (3, &json!("Brown, Bob"))
    );
    assert_eq!(
        here.get(&format!("preservation/IsInstalled/{WORKSPACE}"))
            .await
            .1["Summary"]["Completed"],
        1
    );
}
