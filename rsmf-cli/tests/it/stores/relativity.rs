//! Uploads by the Transfer Service: files go to a real container, and the stand-in for Relativity fetches them from
//! there, by the signature that it is given.

use std::{fs, process::Stdio, time::Duration};

use rsmf_simulator::Relativity;
use serde_json::Value;
use tokio::runtime::Runtime;

use super::places::Places;
use crate::folder::files;

const EXPORT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../fixtures/slack/acme-export.zip"
);
const SHARE: &str = r"\\files\T001\ProcessingSource";
const UPLOAD: [&str; 10] = [
    "relativity",
    "upload",
    "out",
    "--workspace",
    "1234567",
    "--profile",
    "RSMF",
    "--custodian",
    "Ada Müller",
    "--wait",
];

/// A container with a stand-in that fetches from it, and converted files; `None` where there is no container.
struct Scene {
    places: Places,
    server: Relativity,
    _runtime: Runtime,
}

impl Scene {
    fn new() -> Option<Self> {
        let places = Places::new();
        if !places.names.contains(&"blob") {
            return None;
        }
        let runtime = Runtime::new().unwrap();
        let server = runtime.block_on(Relativity::start());
        fs::create_dir(places.at("share")).unwrap();
        server.share(SHARE, &places.at("share"));
        server.knobs(|knobs| (knobs.submit_gap, knobs.job_time) = (20, 20));
        let auth = |(id, secret): (&str, &str)| {
            places.write(id, secret);
            format!("{{ client_id = '{id}', client_secret = {{ file = '{id}' }} }}")
        };
        let config = format!(
            "{}[relativity.acme]\nhost = '{}'\nauth.oauth2 = {}\ntransfer.auth.oauth2 = {}\n\
             staging = {{ kind = 'transfer-service', container = 'blob:rsmf' }}\n\
             wait = {{ interval = '20ms', longest_interval = '50ms' }}\n",
            fs::read_to_string(places.at("rsmf.toml")).unwrap(),
            server.url(),
            auth(Relativity::CLIENT),
            auth(Relativity::TRANSFER),
        );
        places.write("rsmf.toml", config);
        let convert = [
            "convert", EXPORT, "-o", "out", "--quiet", "--slice", "month",
        ];
        places.run(&convert, 0);
        Some(Self {
            places,
            server,
            _runtime: runtime,
        })
    }

    fn upload(&self, more: &[&str]) -> Value {
        let args = [&UPLOAD[..], &["--json"], more].concat();
        serde_json::from_slice(&self.places.run(&args, 0).stdout).unwrap()
    }

    /// The address that the service was given last.
    fn address(&self) -> String {
        let seen = self.server.seen();
        let created = seen.iter().rfind(|seen| seen.call == "transfer.create");
        created.unwrap().body["sourcePath"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// Whether just the files of the conversion lie in the share's folder of the upload with this name.
    fn has_arrived(&self, name: &str) -> bool {
        let share = fs::read_dir(self.places.at("share")).unwrap();
        let mut folders = share.map(|folder| folder.unwrap().file_name().into_string().unwrap());
        let folder = folders.find(|folder| folder.starts_with(&format!("{name}-")));
        let folder = folder.unwrap();
        let mut wanted = files(&self.places.at("out"));
        wanted.retain(|name, _| name.ends_with(".rsmf"));
        files(&self.places.at("share").join(folder)) == wanted
    }
}

#[test]
fn relativity_fetches_from_the_container_what_was_put_there() {
    let Some(scene) = Scene::new() else { return };
    let report = scene.upload(&["--name", "matter"]);
    assert_eq!(report["outcome"], "completed", "{report}");
    assert_eq!(report["verification"]["documents"], report["files"]);
    assert!(scene.has_arrived("matter"));
    let address = scene.address();
    assert!(address.contains("sp=rl"), "not just Read and List");
    // The same once more: nothing is sent or transferred again.
    scene.upload(&["--name", "matter"]);
    assert_eq!(scene.server.count("transfer.create"), 1);
    // A signature that somebody else has made.
    let (place, right) = address.split_once('?').unwrap();
    let unique = &scene.places.unique;
    let (before, _) = place.split_once(unique.as_str()).unwrap();
    let container = format!("{before}{unique}");
    let args = [&UPLOAD[..], &["--name", "given", "--container", "blob:"]].concat();
    let by = |sas: &str| {
        let args = [&args[..], &["--container-sas-env", "IT_SAS"]].concat();
        let output = scene
            .places
            .command(&args)
            .env("IT_SAS", sas)
            .output()
            .unwrap();
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!words.contains("sig="), "{words}");
        (output.status.code(), words)
    };
    let less = right.replace("sp=rl", "sp=r");
    let (code, words) = by(&format!("{container}?{less}"));
    assert_eq!(code, Some(4), "{words}");
    assert!(words.contains("Read and List"), "{words}");
    let (code, words) = by(&format!("{container}?{right}"));
    assert_eq!(code, Some(0), "{words}");
    assert!(scene.has_arrived("given"));
}

#[test]
fn killed_while_relativity_fetches_it_goes_on_with_the_same_transfer() {
    let Some(scene) = Scene::new() else { return };
    scene.server.knobs(|knobs| knobs.transfer_time = 1000);
    let args = [&UPLOAD[..], &["--name", "killed"]].concat();
    let mut child = scene.places.command(&args);
    let mut child = child
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while scene.server.count("transfer.create") == 0 {
        assert!(child.try_wait().unwrap().is_none(), "it has ended");
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let report = scene.upload(&["--name", "killed"]);
    assert_eq!(report["outcome"], "completed", "{report}");
    assert_eq!(scene.server.count("transfer.create"), 1);
    assert!(scene.has_arrived("killed"));
}
