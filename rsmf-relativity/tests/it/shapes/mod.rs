//! Answers in all the forms in which they come.

mod import;
mod more;
mod objects;
mod processing;

use futures_util::TryStreamExt;
use mockito::{Matcher, Server, ServerGuard};
use rsmf_relativity::{
    Relativity, Workspace,
    client::{
        ArtifactId, Custodian, CustodianType, FileId, Generation, RsmfStatus, StatusMark, Uuid,
        guids,
        import::{ImportAction, ImportState, SourceState},
        objects::{FieldRef, NewObject, ObjectType, Query, UpdateBehavior},
        processing::{AggregatePage, Expression, Job},
    },
};
use serde_json::{Value, json};

use crate::support::{config, connect};

const PROCESSING: &str = "/Relativity.REST/api/relativity-processing/v1/workspaces/7";
const OLDER: &str = "/Relativity.REST/api/Relativity.Processing.Services.IProcessingModule";
const OBJECTS: &str = "/Relativity.REST/api/Relativity.ObjectManager/v1/workspace/7/object";
const JOBS: &str = "/Relativity.REST/api/import-service/v1/workspaces/7/import-jobs";
const JOB: Uuid = Uuid::from_u128(5);

/// A server, and a workspace of it.
async fn server() -> (ServerGuard, Workspace) {
    let server = Server::new_async().await;
    let workspace = connect(config(&server.url())).workspace(ArtifactId(7));
    (server, workspace)
}

/// Answers so at a path, whatever the query.
async fn at(server: &mut Server, method: &str, path: &str, body: impl Into<String>) {
    let path = Matcher::Regex(format!("^{}(\\?.*)?$", path.replace('.', "\\.")));
    let mock = server.mock(method, path).with_body(body.into());
    mock.create_async().await;
}

async fn json_at(server: &mut Server, method: &str, path: &str, body: Value) {
    at(server, method, path, body.to_string()).await;
}

#[tokio::test]
async fn numbers_come_alone_in_any_form() {
    let (mut server, workspace) = server().await;
    let custodian = Custodian::other("Slack", "REL");
    for body in [
        "1046822",
        "\"1046822\"",
        " 1046822\r\n",
        "1046822.0",
        "\u{feff}1046822",
    ] {
        at(
            &mut server,
            "POST",
            &format!("{PROCESSING}/custodians"),
            body,
        )
        .await;
        let id = workspace.create_custodian(&custodian).await.unwrap();
        assert_eq!(id, ArtifactId(1_046_822), "{body}");
    }
    for body in ["", "null", "{}", "[]", "true", "1.5", "<html>"] {
        at(
            &mut server,
            "POST",
            &format!("{PROCESSING}/custodians"),
            body,
        )
        .await;
        let error = workspace.create_custodian(&custodian).await.unwrap_err();
        assert!(error.is_uncertain(), "{body}");
    }
}

#[tokio::test]
async fn what_answers_with_nothing_may_say_nothing_or_null() {
    let (mut server, workspace) = server().await;
    let path = format!("{PROCESSING}/processing-jobs/30/discover");
    for body in ["", "null", "{}", "true"] {
        at(&mut server, "POST", &path, body).await;
        workspace
            .submit(Job::Discover, ArtifactId(30))
            .await
            .unwrap();
    }
    for status in [201, 202, 204] {
        let mock = server.mock("POST", path.as_str()).with_status(status);
        mock.create_async().await;
        workspace
            .submit(Job::Discover, ArtifactId(30))
            .await
            .unwrap();
    }
}
