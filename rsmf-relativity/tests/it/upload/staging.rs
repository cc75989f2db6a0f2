use std::sync::Arc;

use rsmf_core::{integration::StorePath, secret::Secret};
use rsmf_relativity::{GivenSas, Outcome, PreStaged, TransferService};
use rsmf_simulator::RelativityFault as Fault;

use super::world::{SHARE, World, quick, store};
use crate::support::told;

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_filled_already_is_compared() {
    let world = World::new().await;
    let folder = format!(r"{SHARE}\filled")
        .parse::<rsmf_relativity::UncPath>()
        .unwrap();
    let filled = world.path("share/filled");
    let stager = PreStaged::seen(
        folder,
        store(&filled),
        StorePath::ROOT,
        world.workers.clone(),
    );
    std::fs::create_dir_all(filled.join("sub")).unwrap();
    for name in ["a.rsmf", "b.rsmf"] {
        std::fs::copy(world.path("in").join(name), filled.join(name)).unwrap();
    }
    let error = told(&world.upload_by(&stager).await.unwrap_err());
    assert!(error.contains("sub/c.rsmf is not there"), "{error}");
    let (right, size) = (
        world.path("in/sub/c.rsmf"),
        std::fs::metadata(world.path("in/sub/c.rsmf"))
            .unwrap()
            .len(),
    );
    std::fs::write(filled.join("sub/c.rsmf"), vec![0; size as usize]).unwrap();
    let error = told(&world.upload_by(&stager).await.unwrap_err());
    assert!(error.contains("another SHA-256"), "{error}");
    std::fs::copy(right, filled.join("sub/c.rsmf")).unwrap();
    let report = world.upload_by(&stager).await.unwrap();
    assert_eq!(report.outcome, Outcome::Completed);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_been_emptied_since_is_brought_again() {
    let world = World::new().await;
    // As a loss of power leaves it: an earlier run has noted all files, and one has lost its content.
    world.server.fault("custodian.create", [Fault::Status(400)]);
    world.upload().await.unwrap_err();
    let journal = std::fs::read_dir(world.path("journals")).unwrap().next();
    let journal = journal.unwrap().unwrap().path();
    let lines = world.journal();
    let until: Vec<_> = lines
        .iter()
        .take_while(|line| !line.contains("staged"))
        .collect();
    assert!(until.len() > 3 && until.len() < lines.len());
    let text: String = until.iter().map(|line| format!("{line}\n")).collect();
    std::fs::write(journal, text).unwrap();
    let folder = std::fs::read_dir(world.path("share")).unwrap().next();
    let there = folder.unwrap().unwrap().path().join("b.rsmf");
    let content = std::fs::read(&there).unwrap();
    std::fs::write(&there, vec![0; content.len()]).unwrap();
    let report = world.upload().await.unwrap();
    assert_eq!(report.outcome, Outcome::Completed);
    assert_eq!(std::fs::read(&there).unwrap(), content);
}

#[cfg(unix)]
mod command {
    use rsmf_relativity::ExternalCommand;

    use super::*;

    /// A helper of a few lines: copies what it is told to, and says so.
    const HELPER: &str = r#"
while [ $# -gt 0 ]; do
  case "$1" in
    --source) source=$2;; --files) files=$2;; --destination) destination=$2;;
  esac
  shift 2
done
to="$SHARE/$(printf %s "$destination" | sed 's/.*\\//')"
count=0; bytes=0
while read -r line; do
  name=$(printf %s "$line" | sed 's/.*"name":"\([^"]*\)".*/\1/'); size=$(printf %s "$line" | sed 's/.*"size":\([0-9]*\).*/\1/')
  mkdir -p "$(dirname "$to/$name")"; cp "$source/$name" "$to/$name"
  printf '{"event":"file","name":"%s","size":%s}\n{"event":"news"}\n' "$name" "$size"
  count=$((count+1)); bytes=$((bytes+size))
done < "$files"
[ -z "$SECRET" ] && echo "no secret" >&2 && exit 3
printf '{"event":"done","files":%s,"bytes":%s}\n' "$count" "$bytes"
exit $CODE
"#;

    fn helper(world: &World, code: &str) -> ExternalCommand {
        let arguments = vec!["-c".to_owned(), HELPER.to_owned(), "helper".to_owned()];
        ExternalCommand::new("sh", arguments, world.path("in"), world.workers.clone())
            .variable("SHARE", world.path("share").display().to_string())
            .variable("CODE", code)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_program_brings_the_files() {
        let world = World::new().await;
        let helper = helper(&world, "0").variable("SECRET", "pl4nted-s3cret-helper");
        let report = world.upload_by(&helper).await;
        let report = report.unwrap_or_else(|error| panic!("{}", told(&error)));
        assert_eq!(report.outcome, Outcome::Completed);
        assert!(!format!("{helper:?}").contains("pl4nted"));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_program_that_fails_is_told_with_its_words() {
        let world = World::new().await;
        let error = told(&world.upload_by(&helper(&world, "0")).await.unwrap_err());
        assert!(
            error.contains("no secret") && error.contains('3'),
            "{error}"
        );
        let failing = helper(&world, "7").variable("SECRET", "x");
        let error = told(&world.upload_by(&failing).await.unwrap_err());
        assert!(error.contains('7'), "{error}");
        for (script, needle) in [
            ("echo nonsense", "without saying that it is done"),
            (
                r#"echo '{"event":"failed","name":"a.rsmf","message":"no room"}'"#,
                "no room",
            ),
            (
                r#"echo '{"event":"file","name":"a.rsmf","size":1}'"#,
                "none of the files",
            ),
            (
                r#"echo '{"event":"done","files":1,"bytes":1}'"#,
                "it counts 1 files",
            ),
            ("true", "without saying that it is done"),
        ] {
            let arguments = vec!["-c".to_owned(), script.to_owned()];
            let program =
                ExternalCommand::new("sh", arguments, world.path("in"), world.workers.clone());
            let error = told(&world.upload_by(&program).await.unwrap_err());
            assert!(error.contains(needle), "{script}: {error}");
        }
        let absent = ExternalCommand::new(
            "no-such-program",
            Vec::new(),
            world.path("in"),
            world.workers.clone(),
        );
        assert!(told(&world.upload_by(&absent).await.unwrap_err()).contains("no-such-program"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_transfer_service_fetches_from_a_container() {
    let world = World::new().await;
    std::fs::create_dir(world.path("container")).unwrap();
    let sas = GivenSas::new(
        &Secret::from("https://acme.blob.core.windows.net/staging?sig=pl4nted-s3cret-sas"),
        None,
    )
    .unwrap();
    let service = TransferService::new(
        world.connect(),
        store(&world.path("container")),
        StorePath::ROOT,
        Arc::new(sas),
        quick(),
        world.workers.clone(),
    );
    // Who may administrate may not transfer.
    let error = told(&world.upload_by(&service).await.unwrap_err());
    assert!(error.contains("transfer"), "{error}");
}

/// Remembers which transfer was about to be created.
#[derive(Default)]
struct Noted {
    transfer: std::sync::Mutex<Option<String>>,
    notes: std::sync::Mutex<String>,
}

#[async_trait::async_trait]
impl rsmf_relativity::StageLog for Noted {
    fn known(&self, _: &str) -> Option<(u64, String)> {
        None
    }

    fn has_claimed(&self) -> bool {
        true
    }

    async fn claim(&self) -> rsmf_relativity::Result<()> {
        Ok(())
    }

    async fn arrived(&self, _: &[rsmf_relativity::Arrived]) -> rsmf_relativity::Result<()> {
        Ok(())
    }

    fn transfer(&self) -> Option<String> {
        self.transfer.lock().unwrap().clone()
    }

    async fn transferring(&self, job: &str) -> rsmf_relativity::Result<()> {
        *self.transfer.lock().unwrap() = Some(job.to_owned());
        Ok(())
    }

    fn bytes(&self, _: u64) {}

    fn note(&self, note: &str) {
        self.notes.lock().unwrap().push_str(note);
    }
}

/// Stages the files of a world by a Transfer Service that gives these answers, one after the other; how it ended, and how
/// often a job was created.
async fn transferred(
    world: &World,
    log: &Noted,
    answers: Vec<serde_json::Value>,
) -> (rsmf_relativity::Result<()>, usize) {
    let mut server = mockito::Server::new_async().await;
    let created = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = Arc::clone(&created);
    let create = server
        .mock("POST", "/transfer-service/api/v2/transfer/jobs")
        .with_body_from_request(move |_| {
            count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            Vec::new()
        });
    create.create_async().await;
    let path = mockito::Matcher::Regex("/transfer-service/api/v2/transfer/jobs/[^/]+$".to_owned());
    let answers = std::sync::Mutex::new(answers.into_iter().peekable());
    let answers = Arc::new(answers);
    let peeked = Arc::clone(&answers);
    let look = server
        .mock("GET", path)
        // Nothing is what the service does not know.
        .with_status_code_from_request(move |_| {
            let mut answers = peeked.lock().unwrap();
            if answers.peek().unwrap().is_null() {
                404
            } else {
                200
            }
        })
        .with_body_from_request(move |_| {
            let mut answers = answers.lock().unwrap();
            let answer = answers.next().unwrap();
            answer.to_string().into_bytes()
        });
    look.create_async().await;
    let path =
        mockito::Matcher::Regex("/transfer-service/api/v2/transfer/jobs/[^/]+/qc$".to_owned());
    server
        .mock("GET", path)
        .with_body(r#"{"sasUrl": null}"#)
        .create_async()
        .await;
    let source = store(&world.path("in"));
    let files = rsmf_relativity::Dataset::find(source.as_ref(), &StorePath::ROOT, true)
        .await
        .unwrap();
    let destination = format!(r"{SHARE}\run").parse().unwrap();
    let id = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
    let dataset = rsmf_relativity::Dataset::new(source, files, destination, id);
    let sas = GivenSas::new(&Secret::from("https://acme.example/staging?sig=x"), None).unwrap();
    let service = TransferService::new(
        crate::support::connect(crate::support::config(&server.url())),
        store(&world.path("container")),
        StorePath::ROOT,
        Arc::new(sas),
        quick(),
        world.workers.clone(),
    );
    let staged = rsmf_relativity::Stager::stage(&service, &dataset, log).await;
    (staged, created.load(std::sync::atomic::Ordering::Relaxed))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_is_judged_by_words_and_numbers() {
    let world = World::new().await;
    std::fs::create_dir(world.path("container")).unwrap();
    let bytes: u64 = ["a.rsmf", "b.rsmf", "sub/c.rsmf"]
        .map(|name| {
            std::fs::metadata(world.path("in").join(name))
                .unwrap()
                .len()
        })
        .iter()
        .sum();
    let answer = |status: &str, files: u64, failed: u64| {
        serde_json::json!({
            "transferStatus": status,
            "transferStatistics": {
                "successfulFiles": files, "failedFiles": failed, "successfulBytes": if files == 3 { bytes } else { 1 },
            },
            "enumerationStatistics": { "totalFiles": 3, "totalSize": bytes },
        })
    };
    let log = Noted::default();
    let (staged, created) = transferred(
        &world,
        &log,
        vec![answer("Zorp", 1, 0), answer("Completed", 3, 0)],
    )
    .await;
    staged.unwrap_or_else(|error| panic!("{}", told(&error)));
    assert_eq!(created, 1);
    assert!(world.path("container/run/sub/c.rsmf").exists());
    // Another run finds the job, and makes no second one; words that nobody knows mean nothing.
    let (staged, created) = transferred(
        &world,
        &log,
        vec![answer("Zorp", 1, 0), answer("Zorp", 3, 0)],
    )
    .await;
    assert!(staged.is_ok() && created == 0);
    for (status, files, failed) in [
        ("Completed", 2, 1),
        ("Failed", 0, 3),
        ("Canceled", 1, 0),
        ("Zorp", 2, 1),
    ] {
        let (staged, _) = transferred(
            &world,
            &Noted::default(),
            vec![answer(status, files, failed)],
        )
        .await;
        let error = told(&staged.unwrap_err());
        assert!(error.contains(&format!("{files} of 3 files")), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_that_cannot_be_seen_yet_is_waited_for() {
    let world = World::new().await;
    std::fs::create_dir(world.path("container")).unwrap();
    let files = ["a.rsmf", "b.rsmf", "sub/c.rsmf"].map(|name| world.path("in").join(name));
    let bytes: u64 = files
        .map(|file| std::fs::metadata(file).unwrap().len())
        .iter()
        .sum();
    let done = serde_json::json!({
        "transferStatus": "Completed",
        "transferStatistics": { "successfulFiles": 3, "successfulBytes": bytes },
        "enumerationStatistics": { "totalFiles": 3, "totalSize": bytes },
    });
    let nothing = serde_json::Value::Null;
    let log = Noted::default();
    let looks = vec![nothing.clone(), nothing.clone(), done.clone()];
    let (staged, created) = transferred(&world, &log, looks).await;
    staged.unwrap_or_else(|error| panic!("{}", told(&error)));
    assert_eq!(created, 1);
    let note = format!("counts 3 files and {bytes} bytes");
    assert!(log.notes.lock().unwrap().contains(&note));
    // But not for long.
    let (staged, _) = transferred(&world, &Noted::default(), vec![nothing; 5]).await;
    let error = told(&staged.unwrap_err());
    assert!(error.contains("does not know the job"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_for_transfers_are_tried_before_anything_is_sent() {
    let world = World::new().await;
    std::fs::create_dir(world.path("container")).unwrap();
    let (id, secret) = rsmf_simulator::Relativity::CLIENT;
    let host = world.server.url().parse().unwrap();
    let auth = rsmf_relativity::client::Auth::oauth2(id, secret);
    let mut config = rsmf_relativity::RelativityConfig::new(host, auth);
    let (id, _) = rsmf_simulator::Relativity::TRANSFER;
    let wrong = rsmf_relativity::client::Auth::oauth2(id, "pl4nted-wrong");
    config.transfer.auth = Some(wrong);
    let relativity = crate::support::connect(config);
    relativity.version().await.unwrap();
    let sas = GivenSas::new(&Secret::from("https://acme.example/staging?sig=x"), None).unwrap();
    let service = TransferService::new(
        relativity,
        store(&world.path("container")),
        StorePath::ROOT,
        Arc::new(sas),
        quick(),
        world.workers.clone(),
    );
    let error = world.upload_by(&service).await.unwrap_err();
    assert_eq!(error.category(), rsmf_http::Category::Permission);
    let error = told(&error);
    assert!(error.contains("the credentials for transfers"), "{error}");
    let sent = std::fs::read_dir(world.path("container")).unwrap().count();
    assert_eq!((sent, world.journal().len()), (0, 0));
}
