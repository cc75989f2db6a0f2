//! A service that misbehaves.

use std::time::Duration;

use rsmf_core::{Kind, secret::NoSecrets};
use rsmf_http::Category;
use rsmf_relativity::{
    Error, Relativity, RelativityConfig,
    client::{
        ArtifactId, Auth, Custodian, NewTransfer, Uuid,
        objects::{ObjectType, Query},
        processing::{Job, NewProcessingSet},
    },
};
use rsmf_simulator::{FaultServer, PLANTED, Reply, slow_motion};
use serde_json::json;

use crate::support::{config, connect, told, workspace};

const TOKENS: &str = "/Relativity/Identity/connect/token";
const SETS: &str = "/Relativity.REST/api/relativity-processing/v1/workspaces/7/processing-sets";
const QUERY: &str = "/Relativity.REST/api/Relativity.ObjectManager/v1/workspace/7/object/query";
const SUMMARY: &str =
    "/Relativity.REST/api/relativity-processing/v1/workspaces/7/processing-sets/30/summary";
const TRANSFERS: &str = "/transfer-service/api/v2/transfer/jobs";

fn busy(seconds: &str) -> Reply {
    Reply::status(429).header("RateLimit-Reset", seconds)
}

/// The answer of a service that refuses.
fn refusal(status: u16, kind: &str, message: &str) -> Reply {
    let body = json!({ "ErrorType": kind, "Identifier": "", "Message": message });
    Reply::json(&body).with_status(status)
}

fn set() -> NewProcessingSet {
    NewProcessingSet::new("run-1", ArtifactId(20))
}

fn oauth2(host: &str) -> RelativityConfig {
    let auth = Auth::oauth2("rsmf", format!("{PLANTED}secret").as_str());
    let mut usual = config(host);
    usual.auth = auth;
    usual
}

#[tokio::test(start_paused = true)]
async fn storms_of_429_are_waited_out_and_nothing_is_done_twice() {
    let server = FaultServer::start().await;
    server.next(SETS, [busy("2"), busy("3"), busy("5")]);
    server.serve(SETS, Reply::json(&json!(30)));
    server.next(QUERY, [busy("7"), busy("11")]);
    server.serve(QUERY, Reply::json(&json!({"TotalCount": 0, "Objects": []})));
    let workspace = workspace(&server.url(""));
    slow_motion(async {
        let id = workspace.create_processing_set(&set()).await.unwrap();
        assert_eq!(id, ArtifactId(30));
        let query = Query::of(ObjectType::document());
        assert_eq!(workspace.count_objects(&query).await.unwrap(), 0);
    })
    .await;
    let waited = |path| -> Vec<u64> {
        let spacing = server.spacing(path).into_iter();
        spacing.map(|span| span.as_secs()).collect()
    };
    assert_eq!(waited(SETS), [2, 3, 5]);
    assert_eq!(waited(QUERY), [7, 11]);
}

#[tokio::test(start_paused = true)]
async fn a_storm_without_end_is_an_error_that_says_how_long() {
    let server = FaultServer::start().await;
    server.serve(SETS, busy("2"));
    let workspace = workspace(&server.url(""));
    let error = slow_motion(workspace.create_processing_set(&set())).await;
    let error = error.unwrap_err();
    assert_eq!(server.seen_at(SETS).len(), 4);
    assert!(error.is_temporary() && !error.is_uncertain());
    let core = rsmf_core::Error::from(error);
    assert_eq!(core.kind(), Kind::RateLimited);
    let told = core.to_string();
    assert!(
        told.starts_with("cannot create a processing set in workspace 7: rate limited"),
        "{told}"
    );
    let rsmf_core::Error::RateLimited { retry_after, .. } = core else {
        unreachable!()
    };
    assert_eq!(retry_after, Some(Duration::from_secs(2)));
}

#[tokio::test]
async fn refusals_are_told_and_not_repeated() {
    let server = FaultServer::start().await;
    let message = "The set was already discovered";
    let discover =
        "/Relativity.REST/api/relativity-processing/v1/workspaces/7/processing-jobs/30/discover";
    server.serve(
        discover,
        refusal(
            500,
            "Relativity.Services.Exceptions.ServiceException",
            message,
        ),
    );
    let workspace = workspace(&server.url(""));
    // So many failures of other hosts would keep the client from asking again.
    for number in 1..=8 {
        let error = workspace.submit(Job::Discover, ArtifactId(30)).await;
        let error = error.unwrap_err();
        assert!(!error.is_uncertain() && !error.is_temporary());
        assert_eq!(error.refusal().unwrap().message, message);
        assert!(told(&error).contains("start the discovery in workspace 7"));
        assert_eq!(server.seen_at(discover).len(), number);
    }
}

#[tokio::test]
async fn each_kind_of_refusal_is_known() {
    let server = FaultServer::start().await;
    let workspace = workspace(&server.url(""));
    for (status, kind, category, core) in [
        (
            500,
            "A.NotFoundException",
            Category::NotFound,
            Kind::NotFound,
        ),
        (
            404,
            "A.NotFoundException",
            Category::NotFound,
            Kind::NotFound,
        ),
        (
            403,
            "A.NotAuthorizedException",
            Category::Permission,
            Kind::Denied,
        ),
        (
            500,
            "A.PermissionDeniedException",
            Category::Permission,
            Kind::Denied,
        ),
        (
            409,
            "A.ConflictException",
            Category::Conflict,
            Kind::Conflict,
        ),
        (
            400,
            "A.ValidationException",
            Category::InvalidInput,
            Kind::InvalidInput,
        ),
        (405, "A.Other", Category::InvalidInput, Kind::InvalidInput),
        (401, "A.Other", Category::Authentication, Kind::Denied),
        (500, "A.ServiceException", Category::Protocol, Kind::Other),
    ] {
        server.serve(SETS, refusal(status, kind, "no"));
        let error = workspace.create_processing_set(&set()).await.unwrap_err();
        assert_eq!(
            (error.category(), error.status()),
            (category, Some(status)),
            "{kind}"
        );
        assert!(!error.is_uncertain());
        assert_eq!(rsmf_core::Error::from(error).kind(), core, "{kind}");
    }
}

#[tokio::test]
async fn a_connection_that_breaks_after_the_deed_leaves_it_open_what_was_done() {
    let server = FaultServer::start().await;
    let workspace = workspace(&server.url(""));
    let whole = Reply::json(&json!(30));
    for reply in [Reply::reset(), whole.announcing(100)] {
        server.next(SETS, [reply]);
        let error = workspace.create_processing_set(&set()).await.unwrap_err();
        assert!(error.is_uncertain(), "{}", told(&error));
    }
    // Sent once each time.
    assert_eq!(server.seen_at(SETS).len(), 2);
    for reply in [
        Reply::html("<html>Bad Gateway</html>").with_status(502),
        Reply::html("<html>Sign in</html>"),
        Reply::json(&json!({"Message": "An error has occurred."})).with_status(500),
        Reply::text(""),
        Reply::json(&json!("thirty")),
    ] {
        server.next(SETS, [reply]);
        let error = workspace.create_processing_set(&set()).await.unwrap_err();
        assert!(error.is_uncertain(), "{}", told(&error));
    }
    assert_eq!(server.seen_at(SETS).len(), 7);
}

#[tokio::test(start_paused = true)]
async fn what_changes_nothing_is_asked_again() {
    let server = FaultServer::start().await;
    let state = json!({"SetState": {"ProcessingSetID": 30}, "HasRunningJobs": true});
    let html = Reply::html("<html>Service Unavailable</html>").with_status(503);
    server.next(SUMMARY, [Reply::reset(), html, Reply::status(500)]);
    server.serve(SUMMARY, Reply::json(&state));
    let workspace = workspace(&server.url(""));
    let summary = slow_motion(workspace.processing_summary(ArtifactId(30))).await;
    assert!(summary.unwrap().has_running_jobs);
    assert_eq!(server.seen_at(SUMMARY).len(), 4);
}

#[tokio::test]
async fn pages_of_gateways_are_no_answers() {
    let server = FaultServer::start().await;
    let page = || Reply::html(format!("<html>{PLANTED}page</html>"));
    server.serve(SUMMARY, page());
    let publish =
        "/Relativity.REST/api/relativity-processing/v1/workspaces/7/processing-jobs/30/publish";
    server.serve(publish, page());
    let workspace = workspace(&server.url(""));
    let error = workspace
        .processing_summary(ArtifactId(30))
        .await
        .unwrap_err();
    assert!(told(&error).contains("no JSON"));
    let error = workspace
        .submit(Job::Publish, ArtifactId(30))
        .await
        .unwrap_err();
    assert!(error.is_uncertain());
    assert_eq!(rsmf_core::Error::from(error).kind(), Kind::Other);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_refused_is_followed_by_another_one_and_one_more_try() {
    let server = FaultServer::start().await;
    server.issue_tokens(TOKENS, Duration::from_secs(3600));
    server.serve(SETS, Reply::json(&json!(30)));
    server.guard(SETS);
    let workspace = connect(oauth2(&server.url(""))).workspace(ArtifactId(7));
    slow_motion(async {
        workspace.create_processing_set(&set()).await.unwrap();
        server.expire_tokens();
        workspace.create_processing_set(&set()).await.unwrap();
    })
    .await;
    assert_eq!(server.seen_at(TOKENS).len(), 2);
    // The second one was refused once, before anything was done.
    assert_eq!(server.seen_at(SETS).len(), 3);
    let form = String::from_utf8(server.seen_at(TOKENS)[0].body.to_vec()).unwrap();
    for field in [
        "grant_type=client_credentials",
        "scope=SystemUserInfo",
        "client_id=rsmf",
    ] {
        assert!(form.contains(field), "{field}");
    }
    assert_eq!(server.seen_at(TOKENS)[0].header("x-csrf-header"), "-");
    // Early enough, without being refused.
    tokio::time::advance(Duration::from_secs(3599)).await;
    slow_motion(workspace.create_processing_set(&set()))
        .await
        .unwrap();
    assert_eq!(
        (server.seen_at(TOKENS).len(), server.seen_at(SETS).len()),
        (3, 4)
    );
}

#[tokio::test]
async fn credentials_that_are_wrong_are_tried_once() {
    let server = FaultServer::start().await;
    server.serve(
        TOKENS,
        Reply::json(&json!({"error": "invalid_client"})).with_status(400),
    );
    let wrong = connect(oauth2(&server.url(""))).workspace(ArtifactId(7));
    let error = wrong.create_processing_set(&set()).await.unwrap_err();
    assert!(told(&error).contains("invalid_client"));
    assert!(!error.is_uncertain());
    assert_eq!(rsmf_core::Error::from(error).kind(), Kind::Denied);
    assert!(server.seen_at(SETS).is_empty());
    server.serve(SETS, Reply::status(401));
    let basic = workspace(&server.url(""));
    let error = basic.create_processing_set(&set()).await.unwrap_err();
    assert_eq!(error.category(), Category::Authentication);
    assert_eq!(server.seen_at(SETS).len(), 1);
}

#[tokio::test]
async fn transfers_have_credentials_of_their_own_and_keep_signatures_to_themselves() {
    let server = FaultServer::start().await;
    server.issue_tokens(TOKENS, Duration::from_secs(3600));
    let signed = format!("https://ours.example/box?sig={PLANTED}sas");
    server.serve(
        TRANSFERS,
        refusal(400, "A.Validation", &format!("cannot read {signed}")),
    );
    let mut config = oauth2(&server.url(""));
    let secret = format!("{PLANTED}other");
    config.transfer.auth = Some(Auth::oauth2("rsmf-transfer", secret.as_str()));
    let relativity = connect(config);
    let transfer = NewTransfer::new(Uuid::from_u128(1), signed, r"\\files\T1\ProcessingSource\a");
    assert!(!format!("{transfer:?}").contains(PLANTED));
    let error = relativity.create_transfer(&transfer).await.unwrap_err();
    assert!(told(&error).contains("https://ours.example/box?…"));
    let form = String::from_utf8(server.seen_at(TOKENS)[0].body.to_vec()).unwrap();
    assert!(form.contains("client_id=rsmf-transfer"));
    server.serve(
        TRANSFERS,
        Reply::text("").header("Warning", "299 - \"this goes away\""),
    );
    server.guard(TRANSFERS);
    server.expire_tokens();
    relativity.create_transfer(&transfer).await.unwrap();
    assert_eq!(server.seen_at(TRANSFERS).len(), 3);
}

#[tokio::test]
async fn a_name_that_cannot_be_looked_up_by_its_field_is_still_found() {
    let server = FaultServer::start().await;
    server.next(
        QUERY,
        [refusal(400, "A.ValidationException", "no such field")],
    );
    let found = json!({"TotalCount": 2, "Objects": [
        {"ArtifactID": 1, "FieldValues": [{"Field": {}, "Value": "Lovelace, Ada"}]},
        {"ArtifactID": 2, "FieldValues": [{"Field": {}, "Value": "MÜLLER, Ada "}]},
    ]});
    server.serve(QUERY, Reply::json(&found));
    let workspace = workspace(&server.url(""));
    let ada = Custodian::person("Ada", "Müller", "REL");
    let found = workspace.find_custodians(&ada.full_name()).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].artifact_id, ArtifactId(2));
    // Whether there is one, nobody knows.
    server.serve(QUERY, Reply::status(404));
    assert!(workspace.find_custodians("x").await.is_err());
}

#[test]
fn configurations_that_cannot_be_used_are_refused() {
    let connected = |host: &str| Relativity::connect(config(host), &NoSecrets);
    for host in [
        "ftp://a.example",
        "https://ada:hush@a.example",
        "https://a.example/Relativity",
        "https://a.example/?x",
    ] {
        let error = connected(host).unwrap_err();
        assert!(matches!(error, Error::Config { .. }), "{host}");
        assert!(!told(&error).contains("hush"));
        assert_eq!(error.category(), Category::Setup);
        assert_eq!(rsmf_core::Error::from(error).kind(), Kind::InvalidInput);
    }
    let mut odd = config("https://a.example");
    odd.options.csrf = String::new();
    assert!(Relativity::connect(odd, &NoSecrets).is_err());
    let mut odd = config("https://a.example");
    odd.auth = Auth::oauth2("rsmf", rsmf_core::secret::Secret::Env("NOT_SET".to_owned()));
    let error = Relativity::connect(odd, &NoSecrets).unwrap_err();
    assert!(told(&error).contains("NOT_SET"));
    assert!(!error.is_temporary() && error.status().is_none() && error.refusal().is_none());
    let mut odd = config("https://a.example");
    odd.auth = Auth::basic("a:da", "x");
    assert!(Relativity::connect(odd, &NoSecrets).is_err());
    let fine = connected("http://[::1]:8080").unwrap();
    assert_eq!(fine.host().as_str(), "http://[::1]:8080/");
    assert!(format!("{fine:?}").contains("::1"));
}
