//! What staging costs more than a plain copy of the same files to the same folder, and how fast files are validated.
//!
//! The stand-in for Relativity runs in this process and does nothing while files are copied. Contestants take turns, each
//! into a folder of its own; of several rounds, the best of each counts.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs
)]

mod material;

use std::{
    fs,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use cpu_time::ProcessTime;
use rsmf_core::{
    integration::{Storage, StorePath},
    secret::NoSecrets,
    validate::{Outcome, Profile, validate_rsmf},
    workers::Workers,
};
use rsmf_relativity::{
    Arrived, Dataset, Relativity, RelativityConfig, Share, SourceFile, StageLog, Stager, UncPath,
    Unwatched, Upload, UploadOptions,
    client::{ArtifactId, Auth},
    upload_rsmf,
};
use rsmf_simulator::Relativity as Simulator;
use rsmf_storage::LocalStorage;
use sha2::{Digest, Sha256};

const SHARE: &str = r"\\files.t001.example.com\T001\ProcessingSource";

fn main() {
    let mut args = std::env::args().skip(1).filter(|arg| arg != "--bench");
    let mut next = |usual: &str| args.next().unwrap_or(usual.to_owned());
    let (files, runs) = (next("10000").parse().unwrap(), next("5").parse().unwrap());
    let folder = PathBuf::from(next(&std::env::temp_dir().display().to_string()));
    let folder = tempfile::tempdir_in(folder).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let place = Place::new(folder.path(), files).await;
        place.compare(runs).await;
    });
    validate(&folder.path().join("in"));
}

/// What a round of one contestant took.
#[derive(Clone, Copy)]
struct Taken {
    wall: Duration,
    cpu: Duration,
}

struct Clock(Instant, ProcessTime);

impl Clock {
    fn start() -> Self {
        Self(Instant::now(), ProcessTime::now())
    }

    fn stop(self) -> Taken {
        let (wall, cpu) = (self.0.elapsed(), self.1.elapsed());
        Taken { wall, cpu }
    }
}

const CONTESTANTS: [&str; 5] = [
    "plain copy",
    "plain copy, until it is on the disk",
    "the same, both sides' SHA-256 compared",
    "staging alone",
    "rsmf relativity upload, to the submission",
];

struct Place {
    source: PathBuf,
    share: PathBuf,
    journals: PathBuf,
    files: Arc<[SourceFile]>,
    workers: Workers,
    server: Simulator,
}

impl Place {
    async fn new(folder: &Path, count: usize) -> Self {
        let [source, share, journals] = ["in", "share", "journals"].map(|name| folder.join(name));
        material::make(&source, count);
        fs::create_dir(&share).unwrap();
        let server = Simulator::start().await;
        server.share(SHARE, &share);
        let store = LocalStorage::new(&source);
        let files = Dataset::find(&store, &StorePath::ROOT, true).await.unwrap();
        let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        Self {
            source,
            share,
            journals,
            files,
            workers: Workers::new(threads).unwrap(),
            server,
        }
    }

    async fn compare(&self, runs: usize) {
        let bytes: u64 = self.files.iter().map(|file| file.size).sum();
        println!(
            "{} files, {:.0} kB each on average, {} to {} kB; the best of {runs} rounds",
            self.files.len(),
            bytes as f64 / self.files.len() as f64 / 1e3,
            self.files.iter().map(|file| file.size).min().unwrap_or(0) / 1000,
            self.files.iter().map(|file| file.size).max().unwrap_or(0) / 1000,
        );
        let mut best = [None::<Taken>; CONTESTANTS.len()];
        for round in 0..runs {
            for turn in 0..CONTESTANTS.len() {
                let one = (round + turn) % CONTESTANTS.len();
                let taken = self.turn(one, &format!("{round}-{one}")).await;
                best[one] = Some(match best[one] {
                    None => taken,
                    Some(best) => Taken {
                        wall: best.wall.min(taken.wall),
                        cpu: best.cpu.min(taken.cpu),
                    },
                });
            }
        }
        report(&best.map(|best| best.expect("there was a round")));
    }

    async fn turn(&self, one: usize, name: &str) -> Taken {
        let folder = self.share.join(name);
        sync(&self.share);
        let taken = match one {
            0 => self.copy(&folder, false),
            1 => self.copy(&folder, true),
            2 => self.compared(&folder),
            3 => self.stage(name).await,
            _ => self.upload(name).await,
        };
        assert_eq!(fs::read_dir(&folder).unwrap().count(), self.files.len());
        fs::remove_dir_all(&folder).unwrap();
        taken
    }

    /// As `cp -r` does, one after the other.
    fn copy(&self, folder: &Path, synced: bool) -> Taken {
        let clock = Clock::start();
        fs::create_dir(folder).unwrap();
        for entry in fs::read_dir(&self.source).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
        }
        if synced {
            sync(folder);
        }
        clock.stop()
    }

    /// What somebody does by hand who has to prove that all has arrived.
    fn compared(&self, folder: &Path) -> Taken {
        let clock = Clock::start();
        self.copy(folder, true);
        for entry in fs::read_dir(&self.source).unwrap() {
            let entry = entry.unwrap();
            let sides = [entry.path(), folder.join(entry.file_name())];
            let [sent, arrived] = sides.map(|side| Sha256::digest(fs::read(side).unwrap()));
            assert_eq!(sent, arrived);
        }
        clock.stop()
    }

    fn share(&self) -> Share {
        let store = Arc::new(LocalStorage::new(&self.share));
        let unc = SHARE.parse().unwrap();
        Share::new(unc, store, StorePath::ROOT, self.workers.clone())
    }

    fn store(&self) -> Arc<dyn Storage> {
        Arc::new(LocalStorage::new(&self.source))
    }

    async fn stage(&self, name: &str) -> Taken {
        let clock = Clock::start();
        let unc: UncPath = SHARE.parse().unwrap();
        let destination = unc.join(name).unwrap();
        let dataset = Dataset::new(self.store(), Arc::clone(&self.files), destination, "1");
        self.share().stage(&dataset, &NoLog).await.unwrap();
        clock.stop()
    }

    async fn upload(&self, name: &str) -> Taken {
        let (id, secret) = Simulator::CLIENT;
        let clock = Clock::start();
        let config =
            RelativityConfig::new(self.server.url().parse().unwrap(), Auth::oauth2(id, secret));
        let relativity = Relativity::connect(config, &NoSecrets).unwrap();
        let mut options = UploadOptions::new("RSMF", "Ada Müller");
        options.name = Some(name.to_owned());
        (options.validate, options.verify, options.wait) = (false, None, None);
        let (source, share) = (self.store(), self.share());
        let found = Dataset::find(source.as_ref(), &StorePath::ROOT, true).await;
        let upload = Upload {
            workspace: relativity.workspace(ArtifactId(Simulator::WORKSPACE)),
            files: found.unwrap(),
            source,
            stager: &share,
            options: &options,
            journals: &self.journals,
            workers: &self.workers,
            watch: &Unwatched,
        };
        upload_rsmf(&upload).await.unwrap();
        clock.stop()
    }
}

struct NoLog;

#[async_trait]
impl StageLog for NoLog {
    fn known(&self, _: &str) -> Option<(u64, String)> {
        None
    }

    fn has_claimed(&self) -> bool {
        false
    }

    async fn claim(&self) -> rsmf_relativity::Result<()> {
        Ok(())
    }

    async fn arrived(&self, _: &[Arrived]) -> rsmf_relativity::Result<()> {
        Ok(())
    }

    fn transfer(&self) -> Option<String> {
        None
    }

    async fn transferring(&self, _: &str) -> rsmf_relativity::Result<()> {
        Ok(())
    }

    fn bytes(&self, _: u64) {}

    fn note(&self, _: &str) {}
}

/// Waits until the disk has everything; where there is no such program, nobody waits.
fn sync(folder: &Path) {
    if !cfg!(target_os = "linux") {
        return;
    }
    let mut sync = Command::new("sync");
    assert!(sync.arg("-f").arg(folder).status().unwrap().success());
}

fn report(best: &[Taken; CONTESTANTS.len()]) {
    println!(
        "{:44} {:>8} {:>8} {:>12} {:>12}",
        "", "wall s", "CPU s", "x the 2nd", "x the 1st"
    );
    let [plain, synced, ..] = best;
    for (name, taken) in CONTESTANTS.iter().zip(best) {
        let times = |than: &Taken| taken.wall.as_secs_f64() / than.wall.as_secs_f64();
        println!(
            "{name:44} {:8.3} {:8.3} {:12.2} {:12.2}",
            taken.wall.as_secs_f64(),
            taken.cpu.as_secs_f64(),
            times(synced),
            times(plain),
        );
    }
}

/// One thread validates what was staged, and single files of several sizes, from memory.
fn validate(folder: &Path) {
    println!("\nvalidated on one core, as `upload` does");
    let staged = fs::read_dir(folder).unwrap().take(MOST_VALIDATED);
    let staged: Vec<_> = staged
        .map(|entry| fs::read(entry.unwrap().path()).unwrap())
        .collect();
    throughput("those files", &staged);
    for (name, messages, attachments) in material::SIZES {
        throughput(name, &[material::file(7, messages, attachments)]);
    }
}

/// How many of the files are validated: those in memory at the same time.
const MOST_VALIDATED: usize = 1000;

fn throughput(name: &str, files: &[Vec<u8>]) {
    let bytes: usize = files.iter().map(Vec::len).sum();
    let rounds = (50_000_000 / bytes).clamp(1, 2000);
    let best = (0..5).map(|_| {
        let clock = Clock::start();
        for file in std::iter::repeat_n(files, rounds).flatten() {
            let report = validate_rsmf(&file[..], Profile::Relativity).unwrap();
            assert_eq!(report.outcome(), Outcome::Passed, "{:?}", report.findings);
        }
        clock.stop().cpu
    });
    let best = best.min().expect("there was a round").as_secs_f64();
    println!(
        "{name:44} {:8.0} kB {:8.0} MB/s",
        bytes as f64 / files.len() as f64 / 1e3,
        (rounds * bytes) as f64 / best / 1e6
    );
}
