//! What these tests share: a stand-in with a share, a folder of RSMF files, an upload between them.

use std::{
    io::Cursor,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use rsmf_core::{
    container::{ArchiveWriter, Envelope, HeaderEncoding, write_rsmf},
    integration::{Storage, StorePath},
    model::Version,
    secret::NoSecrets,
    workers::Workers,
};
use rsmf_relativity::{
    Dataset, Error, Relativity, RelativityConfig, Result, Share, Stager, Upload, UploadEvent,
    UploadOptions, UploadReport, UploadWatch, WaitOptions, Workspace,
    client::{ArtifactId, Auth},
    upload_rsmf,
};
use rsmf_simulator::Relativity as Simulator;
use rsmf_storage::LocalStorage;
use serde_json::json;

pub(super) const SHARE: &str = r"\\files.t001.example.com\T001\ProcessingSource";

/// An RSMF file with a message per attachment, and one without.
pub(super) fn rsmf(text: &str, attachments: &[&str]) -> Vec<u8> {
    let event = |body: &str, attachment: Option<&str>| {
        let attached: Vec<_> = attachment
            .iter()
            .map(|name| json!({ "id": name, "display": name, "size": 3 }))
            .collect();
        json!({
            "type": "message", "participant": "p1", "conversation": "c1", "body": body,
            "timestamp": "2024-03-07T09:00:00.000Z", "attachments": attached,
        })
    };
    let mut events = vec![event(text, None)];
    events.extend(attachments.iter().map(|name| event("a file", Some(name))));
    let manifest = json!({
        "version": "2.0.0",
        "participants": [{ "id": "p1", "display": "Ada" }],
        "conversations": [{ "id": "c1", "platform": "slack", "display": "general", "type": "channel", "participants": ["p1"] }],
        "events": events,
    });
    let mut zip =
        ArchiveWriter::new(Cursor::new(Vec::new()), manifest.to_string().as_bytes()).unwrap();
    for name in attachments {
        zip.add(name, &mut &b"abc"[..]).unwrap();
    }
    let mut zip = zip.finish().unwrap();
    zip.set_position(0);
    let mut envelope = Envelope::new(Version::V2, "test 1.0");
    envelope.event_count = events.len() as u64;
    envelope.attachment_count = attachments.len() as u64;
    let mut file = Vec::new();
    write_rsmf(
        &mut file,
        &envelope,
        text,
        &mut zip,
        HeaderEncoding::default(),
    )
    .unwrap();
    file
}

/// A folder of this machine as a store.
pub(super) fn store(folder: &Path) -> Arc<dyn Storage> {
    Arc::new(LocalStorage::new(folder))
}

/// A stand-in, and folders around it.
pub(super) struct World {
    pub(super) server: Simulator,
    folder: tempfile::TempDir,
    pub(super) workers: Workers,
    pub(super) options: UploadOptions,
    pub(super) heard: Heard,
}

#[derive(Default, Clone)]
pub(super) struct Heard(Arc<Mutex<Vec<UploadEvent>>>);

impl UploadWatch for Heard {
    fn event(&self, event: UploadEvent) {
        self.0.lock().unwrap().push(event);
    }
}

impl World {
    /// With three files, one of which has two attachments.
    pub(super) async fn new() -> Self {
        let world = Self::empty().await;
        world.put("a.rsmf", &rsmf("hello", &[]));
        world.put("b.rsmf", &rsmf("files", &["plan.txt", "photo.txt"]));
        world.put("sub/c.rsmf", &rsmf("more", &["note.txt"]));
        world.put("report.json", b"{}");
        world
    }

    pub(super) async fn empty() -> Self {
        let server = Simulator::start().await;
        let folder = tempfile::tempdir().unwrap();
        for name in ["in", "share", "journals"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        server.share(SHARE, &folder.path().join("share"));
        server.knobs(|knobs| (knobs.submit_gap, knobs.job_time) = (20, 20));
        let mut options = UploadOptions::new("RSMF", "Ada Müller");
        options.wait = Some(quick());
        Self {
            server,
            folder,
            workers: Workers::new(NonZeroUsize::new(2).unwrap()).unwrap(),
            options,
            heard: Heard::default(),
        }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn put(&self, name: &str, bytes: &[u8]) {
        let path = self.path("in").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    pub(super) fn connect(&self) -> Relativity {
        self.connect_with(|_| ())
    }

    /// With other settings for requests.
    pub(super) fn connect_with(&self, change: impl FnOnce(&mut rsmf_http::Config)) -> Relativity {
        let (id, secret) = Simulator::CLIENT;
        let mut config =
            RelativityConfig::new(self.server.url().parse().unwrap(), Auth::oauth2(id, secret));
        config.http.retry_delay = Duration::from_millis(5);
        config.http.max_retry_delay = Duration::from_millis(20);
        change(&mut config.http);
        Relativity::connect(config, &NoSecrets).unwrap()
    }

    pub(super) fn workspace(&self) -> Workspace {
        self.connect().workspace(ArtifactId(Simulator::WORKSPACE))
    }

    pub(super) fn share(&self) -> Share {
        let unc = SHARE.parse().unwrap();
        Share::new(
            unc,
            store(&self.path("share")),
            StorePath::ROOT,
            self.workers.clone(),
        )
    }

    pub(super) async fn upload(&self) -> Result<UploadReport> {
        self.upload_by(&self.share()).await
    }

    /// Uploads after a run that was dropped: what it was just writing ends by itself.
    pub(super) async fn again(&self) -> Result<UploadReport> {
        loop {
            match self.upload().await {
                Err(Error::Core(error)) if error.context().operation() == "open" => {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                done => return done,
            }
        }
    }

    pub(super) async fn upload_by(&self, stager: &dyn Stager) -> Result<UploadReport> {
        let source = store(&self.path("in"));
        let files = Dataset::find(source.as_ref(), &StorePath::ROOT, true).await?;
        let upload = Upload {
            workspace: self.workspace(),
            source,
            files,
            stager,
            options: &self.options,
            journals: &self.path("journals"),
            workers: &self.workers,
            watch: &self.heard,
        };
        upload_rsmf(&upload).await
    }

    pub(super) fn heard(&self) -> Vec<UploadEvent> {
        self.heard.0.lock().unwrap().clone()
    }

    pub(super) fn notes(&self) -> String {
        let notes = self.heard().into_iter().filter_map(|event| match event {
            UploadEvent::Note(note) => Some(note),
            _ => None,
        });
        notes.collect::<Vec<_>>().join("\n")
    }

    /// The lines of the only journal.
    pub(super) fn journal(&self) -> Vec<String> {
        let file = std::fs::read_dir(self.path("journals")).unwrap().next();
        let text = file.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
        text.unwrap_or_default()
            .lines()
            .map(str::to_owned)
            .collect()
    }

    /// How many custodians, sets, data sources and documents there are.
    pub(super) fn counts(&self) -> (u64, usize, u64, u64) {
        let state = self.server.state();
        let workspace = &state["workspaces"][Simulator::WORKSPACE.to_string()];
        let count = |name: &str| workspace[name].as_u64().unwrap();
        let sets = workspace["sets"].as_object().unwrap().len();
        (
            count("entities"),
            sets,
            count("data_sources"),
            count("documents"),
        )
    }
}

/// Patience for tests.
pub(super) fn quick() -> WaitOptions {
    let mut options = WaitOptions::default();
    options.interval = Duration::from_millis(25);
    options.longest_interval = Duration::from_millis(50);
    options
}
