//! What is sent, and whether the descriptions of the services know it.

use std::{
    collections::BTreeSet,
    fs,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use mockito::{Matcher, Server};
use rsmf_relativity::{
    Relativity,
    client::{Generation, TransferConfig},
};

use crate::{
    calls,
    support::{config, connect},
};

/// All requests, with their bodies.
const SENT: &str = include_str!("sent.txt");

/// The paths of the descriptions that the client asks.
const DESCRIBED: &str = include_str!("described.txt");

/// Those that stand on the vendor's pages and in samples, but in no description.
const FROM_PAGES: [&str; 10] = [
    "/GetRelativityVersionAsync",
    "/GetAssociatedFileShareResourceServersAsync",
    "/GetWorkspaceRootAsync",
    "/ReadMultipleArtifactIdsAsync",
    "/v2/short-message/validate",
    "/Relativity.Processing.Services.IProcessingModule/",
    "/short-message/",
    "/relativity-documentViewer/",
    "/Relativity.Objects/",
    "/Relativity/Identity/",
];

/// The descriptions that hold them.
const FILES: [&str; 12] = [
    "collectapi-api",
    "document-configuration-module-api",
    "health-check-module-api",
    "import-job-module-api",
    "import-source-module-api",
    "legal-hold-module-api",
    "object-manager-v1-api",
    "processing-module-v1-api",
    "rdo-configuration-module-api",
    "relativity-environment-module-v1-api",
    "shortmessageviewerservice-api",
    "transfercontrollerv2-api",
];

/// A server that takes everything, and what it took.
async fn recorder() -> (mockito::ServerGuard, Arc<Mutex<Vec<String>>>) {
    let mut server = Server::new_async().await;
    let taken = Arc::new(Mutex::new(Vec::new()));
    for method in ["GET", "POST", "PUT", "DELETE"] {
        let taken = Arc::clone(&taken);
        let mock = server.mock(method, Matcher::Any);
        let mock = mock.with_body_from_request(move |request| {
            let body = String::from_utf8_lossy(request.body().unwrap()).into_owned();
            let (method, path) = (request.method().to_owned(), request.path_and_query());
            assert_eq!(request.header("x-csrf-header")[0], "-");
            assert_eq!(request.header("x-kepler-version")[0], "2.0");
            assert_eq!(request.header("x-kepler-referrer")[0], "rsmf");
            if method == "POST" && body.is_empty() {
                // Some servers refuse a POST that does not say how long it is.
                assert_eq!(request.header("content-length")[0], "0");
            }
            taken
                .lock()
                .unwrap()
                .push(format!("{method} {path}\n{body}"));
            match path.contains("/import-jobs/") {
                true => br#"{"IsSuccess":true}"#.to_vec(),
                false => b"null".to_vec(),
            }
        });
        mock.create_async().await;
    }
    (server, taken)
}

async fn everything(relativity: &Relativity) {
    calls::instance(relativity).await;
    calls::workspace(relativity).await;
    calls::processing(relativity).await;
    calls::files(relativity).await;
    calls::objects(relativity).await;
    calls::import(relativity).await;
}

/// All requests of both generations, in their order.
async fn sent() -> Vec<String> {
    let (server, taken) = recorder().await;
    let url = server.url();
    let mut newer = config(&url);
    let mut transfer = TransferConfig::default();
    transfer.kind = Some("Upload".to_owned());
    newer.transfer = transfer;
    everything(&connect(newer)).await;
    let mut older = config(&url);
    older.options.processing = Generation::V0;
    older.options.objects = Generation::V0;
    older.options.short_messages = Generation::V0;
    older.options.first_result = 0;
    let older = connect(older);
    calls::processing(&older).await;
    calls::objects(&older).await;
    let taken = taken.lock().unwrap().clone();
    taken.into_iter().map(|request| settled(&request)).collect()
}

/// The same without what is different each time.
fn settled(request: &str) -> String {
    let request = request.replace("\r\n", "\n");
    let Some((before, rest)) = request.split_once("--rsmf-") else {
        return request;
    };
    let number = &rest[..32];
    format!("{before}--rsmf-{rest}").replace(number, "BOUNDARY")
}

/// Method and path of a request, without its query.
fn route(request: &str) -> String {
    let line = request.lines().next().unwrap();
    line.split('?').next().unwrap().to_owned()
}

/// Whether a path is one of this form, in which `{}` stands for anything.
fn fits(form: &str, path: &str) -> bool {
    let (form, path) = (form.trim_end_matches('/'), path.trim_end_matches('/'));
    let (form, path): (Vec<_>, Vec<_>) = (form.split('/').collect(), path.split('/').collect());
    let same = |(form, part): (&&str, &&str)| form.contains("{}") || form == part;
    form.len() == path.len() && form.iter().zip(&path).all(same)
}

#[tokio::test]
async fn requests_are_what_they_were() {
    let sent = sent().await.join("\n\n") + "\n";
    if std::env::var_os("RSMF_GOLDEN").is_some() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/sent.txt");
        fs::write(file, &sent).unwrap();
        return;
    }
    for (now, then) in sent.lines().zip(SENT.lines()) {
        assert_eq!(
            now, then,
            "where this is right, run again with RSMF_GOLDEN=1"
        );
    }
    assert_eq!(sent.lines().count(), SENT.lines().count());
}

#[tokio::test]
async fn each_newer_route_is_described() {
    let mut unused: BTreeSet<_> = DESCRIBED.lines().collect();
    for request in sent().await {
        let route = route(&request).replace("%20", " ");
        if FROM_PAGES.iter().any(|part| route.contains(part)) {
            continue;
        }
        let path = ["/Relativity.REST/api", "/transfer-service/api"].iter();
        let path = path.fold(route.clone(), |route, root| route.replace(root, ""));
        let path = path.replace("/v2/workspaces/", "/v{version}/workspaces/");
        let known = DESCRIBED.lines().find(|form| fits(form, &path));
        let known = known.unwrap_or_else(|| panic!("{route} is not described"));
        unused.remove(known);
    }
    assert!(unused.is_empty(), "not asked: {unused:?}");
}

/// The folder of the descriptions, where it is there.
fn descriptions() -> Option<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared");
    let shared = std::env::var_os("RSMF_SHARED").unwrap_or_else(|| beside.into());
    let folder = PathBuf::from(shared).join("specs/relativity");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: no descriptions of Relativity's services here (set RSMF_SHARED)");
    None
}

/// Methods and paths of a description: the lines of YAML that are indented as those are.
fn described(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut path = None;
    for line in text.lines() {
        if let Some(start) = line
            .strip_prefix("  /")
            .and_then(|rest| rest.strip_suffix(':'))
        {
            path = Some(bare(start));
        } else if let (Some(path), Some(verb)) = (&path, line.strip_prefix("    "))
            && let "get:" | "post:" | "put:" | "delete:" = verb
        {
            let verb = verb.trim_end_matches(':').to_uppercase();
            found.insert(format!("{verb} /{path}"));
        }
    }
    found
}

/// A path without the names of its arguments.
fn bare(path: &str) -> String {
    let parts = path.split('/').map(|part| match part.starts_with('{') {
        true => "{}",
        false => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

#[test]
fn what_is_said_to_be_described_is() {
    let Some(folder) = descriptions() else {
        return;
    };
    let files = FILES.iter().map(|name| {
        let file = folder.join(format!("relativity-{name}-openapi.yml"));
        fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
    });
    let all: BTreeSet<_> = files.flat_map(|text| described(&text)).collect();
    for line in DESCRIBED.lines() {
        assert!(all.contains(line), "{line} is not described");
    }
}
