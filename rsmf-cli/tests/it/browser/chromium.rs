//! Finds Chromium, starts it and ends it.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::json;
use tempfile::TempDir;

use super::{devtools::DevTools, page::Page};

/// What Chromium and its relatives are called.
const NAMES: [&str; 5] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
];

/// No window, no sandbox (it does not work as root, as in containers), and nothing that a browser
/// does on its own account.
const SWITCHES: [&str; 14] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--hide-scrollbars",
    "--no-first-run",
    "--no-proxy-server",
    "--remote-debugging-port=0",
];

/// How long it may take to start on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A Chromium of its own for one test; it ends with this value.
pub(crate) struct Browser {
    process: Child,
    tools: DevTools,
    /// The user's data of a user who has none; gone with this value.
    profile: Option<TempDir>,
}

impl Browser {
    /// Starts Chromium; says that the test is skipped where there is none.
    pub(crate) fn start() -> Option<Self> {
        let Some(program) = find() else {
            // The machines of CI that run Linux have, or get, a Chromium.
            let variable = match cfg!(target_os = "linux") {
                true if env::var_os("RSMF_TEST_COMPLETE").is_none() => "CI",
                _ => "RSMF_TEST_COMPLETE",
            };
            crate::skipped(variable, "no Chromium on the PATH or in CHROME");
            return None;
        };
        let profile = tempfile::tempdir().unwrap();
        let process = Command::new(&program)
            .args(SWITCHES)
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{} does not start: {error}", program.display()));
        let tools = DevTools::connect(&address(profile.path()));
        Some(Self {
            process,
            tools,
            profile: Some(profile),
        })
    }

    /// Opens a file in a tab of its own, as wide as a small desktop window, and waits for it to
    /// be loaded.
    pub(crate) fn open(&mut self, file: &Path) -> Page<'_> {
        let file = file.canonicalize().unwrap();
        let address = url::Url::from_file_path(file).unwrap();
        Page::open(&mut self.tools, address.as_str())
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It ends its helpers itself, if asked; and must have ended before its folder can go.
        self.tools.last_words("Browser.close", json!({}));
        let started = Instant::now();
        while matches!(self.process.try_wait(), Ok(None)) && started.elapsed() < PATIENCE / 6 {
            thread::sleep(Duration::from_millis(20));
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
        if let Some(profile) = self.profile.take() {
            let _ = profile.close();
        }
    }
}

fn find() -> Option<PathBuf> {
    if let Some(program) = env::var_os("CHROME").filter(|name| !name.is_empty()) {
        return Some(program.into());
    }
    let path = env::var_os("PATH")?;
    let folders: Vec<_> = env::split_paths(&path).collect();
    let files = NAMES
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .map(|file| file.with_extension(env::consts::EXE_EXTENSION));
    files.into_iter().find(|file| file.is_file())
}

/// Where the browser listens, which it writes into its profile.
fn address(profile: &Path) -> String {
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        let text = std::fs::read_to_string(profile.join("DevToolsActivePort")).unwrap_or_default();
        if let [port, path] = text.lines().collect::<Vec<_>>()[..] {
            return format!("ws://127.0.0.1:{port}{path}");
        }
        thread::sleep(Duration::from_millis(20));
    }
    panic!("Chromium did not start within {PATIENCE:?}");
}
