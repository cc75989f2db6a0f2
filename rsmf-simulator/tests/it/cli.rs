//! The stand-ins as programs.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, Command, Stdio},
};

use reqwest::Client;

struct Program {
    child: Child,
    url: String,
    told: BufReader<std::process::ChildStdout>,
}

impl Program {
    fn command(args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rsmf-simulator"));
        command.args(args).arg("--while-input");
        command
    }

    fn start(args: &[&str]) -> Self {
        let mut command = Self::command(args);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut told = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        told.read_line(&mut line).unwrap();
        let url = line
            .trim()
            .strip_prefix("listening on ")
            .unwrap()
            .trim_end_matches('/')
            .to_owned();
        Self { child, url, told }
    }

    /// What it tells until it has told this.
    fn tells(&mut self, part: &str) -> String {
        let mut line = String::new();
        while !line.contains(part) {
            line.clear();
            assert!(
                self.told.read_line(&mut line).unwrap() > 0,
                "{part} is never told"
            );
        }
        line
    }

    /// Ends its input, and with it the program.
    fn end(mut self) {
        let mut input = self.child.stdin.take().unwrap();
        input.flush().unwrap();
        drop(input);
        assert!(self.child.wait().unwrap().success());
    }
}

fn client() -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .no_proxy()
        .retry(reqwest::retry::never())
        .build()
        .unwrap()
}

/// Status and text of an answer; status 0 where there is none.
async fn get(url: String) -> (u16, String) {
    match client().get(url).send().await {
        Ok(response) => (
            response.status().as_u16(),
            response.text().await.unwrap_or_default(),
        ),
        Err(_) => (0, String::new()),
    }
}

#[tokio::test]
async fn relativity_is_a_program() {
    let folder = tempfile::tempdir().unwrap();
    let share = format!(r"\\files\T001\ProcessingSource={}", folder.path().display());
    let args = [
        "relativity",
        "--share",
        &share,
        "--workspace",
        "77=Second",
        "--knob",
        "csrf_status=403",
        "--knob",
        "job_error_end=completed_with_errors",
        "--fault",
        "instance.version={\"page\":502}",
    ];
    let mut program = Program::start(&args);
    program.tells("not confirmed");
    let (_, state) = get(format!("{}/simulator/state", program.url)).await;
    let state: serde_json::Value = serde_json::from_str(&state).unwrap();
    assert_eq!(
        (&state["workspaces"]["77"]["name"], &state["faults_left"]),
        (&"Second".into(), &1.into())
    );
    let (_, knobs) = get(format!("{}/simulator/knobs", program.url)).await;
    assert!(
        knobs.contains("\"csrf_status\":403")
            && knobs.contains("\"job_error_end\":\"completed_with_errors\"")
    );
    program.end();
}

#[tokio::test]
async fn stores_are_programs() {
    let program = Program::start(&["gcs", "--bucket", "matter", "--versions"]);
    assert_eq!(
        get(format!("{}/storage/v1/b/matter/o", program.url))
            .await
            .0,
        200
    );
    program.end();
    let program = Program::start(&["gcs", "--bucket", "matter", "--tokens", "60"]);
    assert_eq!(
        get(format!("{}/storage/v1/b/matter/o", program.url))
            .await
            .0,
        401
    );
    program.end();
    let mut program = Program::start(&["nextcloud", "--path", "/cloud", "--user", "ada"]);
    assert_eq!(
        program.tells("user ada"),
        "user ada with pl4nted-s3cret-ada\n"
    );
    assert!(
        get(format!("{}/status.php", program.url))
            .await
            .1
            .contains("installed")
    );
    program.end();
}

#[tokio::test]
async fn hosts_are_programs() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("a")).unwrap();
    std::fs::write(folder.path().join("a/b.txt"), "content").unwrap();
    let program = Program::start(&["files", folder.path().to_str().unwrap()]);
    assert_eq!(
        get(format!("{}/a/b.txt", program.url)).await,
        (200, "content".to_owned())
    );
    program.end();
    let args = [
        "faults", "--text", "/a=text", "--status", "/a=503", "--tokens", "/token", "--guard", "/b",
        "--reset", "1",
    ];
    let program = Program::start(&args);
    let path = |path: &str| format!("{}{path}", program.url);
    let answers = [
        get(path("/a")).await.0,
        get(path("/a")).await.0,
        get(path("/a")).await.0,
        get(path("/b")).await.0,
    ];
    assert_eq!(answers, [0, 503, 200, 401]);
    assert!(get(path("/token")).await.1.contains("access_token"));
    program.end();
}

#[tokio::test]
async fn proxies_are_programs() {
    let server = Program::start(&["faults", "--text", "/a=text"]);
    let behind = server.url.strip_prefix("http://").unwrap();
    let proxy = Program::start(&["proxy", behind, "--lose", "GET=/a", "--refuse", "GET=/a"]);
    let path = format!("{}/a", proxy.url);
    let answers = [
        get(path.clone()).await.0,
        get(path.clone()).await.0,
        get(path).await.0,
    ];
    assert_eq!(answers, [0, 503, 200]);
    proxy.end();
    let proxy = Program::start(&["tcp-proxy", behind, "--reset-after", "10"]);
    let path = format!("http://{}/a", proxy.url);
    assert_eq!((get(path.clone()).await.0, get(path).await.0), (0, 200));
    proxy.end();
    server.end();
}

#[test]
fn what_cannot_be_is_an_error() {
    for (args, part) in [
        (
            &["relativity", "--share", "x=/no/such/folder"][..],
            "no folder",
        ),
        (&["relativity", "--workspace", "x=y"], "no number"),
        (&["relativity", "--knob", "nobody=1"], "unknown field"),
        (&["relativity", "--fault", "set.create=nothing"], "no fault"),
        (&["relativity", "--fault", "nothing=lost"], "no call"),
        (&["relativity", "--share", "x"], "two words"),
        (&["faults", "--status", "/a=x"], "no status"),
        (&["files", "/no/such/folder"], "cannot be read"),
        (&["gcs", "--listen", "192.0.2.1:1"], "rsmf-simulator: "),
        (
            &["nextcloud", "--listen", "192.0.2.1:1"],
            "rsmf-simulator: ",
        ),
    ] {
        let output = Program::command(args)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(
            !output.status.success() && error.contains(part),
            "{args:?}: {error}"
        );
    }
}
