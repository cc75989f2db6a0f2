//! A place of its own on each store for a test, with a name in `rsmf.toml`.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::atomic::{AtomicU32, Ordering},
};

use assert_cmd::cargo::CommandCargoExt;
use rsmf_simulator::{GcsServer, Nextcloud, PLANTED, real_server};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::folder::files;

/// All kinds of places, by the names that they have in the file. What is not there is left out.
pub(super) struct Places {
    folder: TempDir,
    /// What is there.
    pub(super) names: Vec<&'static str>,
    config: String,
    env: Vec<(&'static str, String)>,
    /// A part of names that no other test has.
    pub(super) unique: String,
    pub(super) gcs: GcsServer,
    pub(super) cloud: Nextcloud,
    _runtime: Runtime,
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap()
}

impl Places {
    /// A folder with `rsmf.toml`, and the places that it names: `bucket`, `blob`, `gcs`, `ssh`, `dav`, `cloud`.
    pub(super) fn new() -> Self {
        let mut places = Self::unmade();
        for name in places.names.clone() {
            // Folders are made by what is first put there.
            if matches!(name, "bucket" | "blob" | "gcs") {
                places.run(&["mkbucket", &format!("{name}:")], 0);
            }
        }
        places.names.sort_unstable();
        places
    }

    /// The same, before containers are created.
    pub(super) fn unmade() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        let runtime = Runtime::new().unwrap();
        let (gcs, cloud) = runtime.block_on(async {
            (
                GcsServer::start().await,
                Nextcloud::start("/nextcloud").await,
            )
        });
        let mut places = Self {
            folder: tempfile::tempdir().unwrap(),
            names: Vec::new(),
            config: "[network]\nretry_delay = '20ms'\n".to_owned(),
            env: Vec::new(),
            unique: format!("rsmf-cli-{}-{next}", std::process::id()),
            gcs,
            cloud,
            _runtime: runtime,
        };
        places.bucket();
        places.blob();
        places.google();
        places.ssh();
        places.dav();
        // Debian's Apache keeps locks in a file of Berkeley DB, which lockers in several processes, as tests are, damage
        // (BDB0689): after that, it lists and locks no more. What holds for all places is tried with the other server of WebDAV.
        places.names.retain(|name| *name != "dav");
        places.nextcloud();
        fs::write(places.at("rsmf.toml"), &places.config).unwrap();
        places
    }

    /// A section of the file, with what is to be looked for in the environment.
    fn section(&mut self, name: &'static str, url: &str, lines: &str) {
        let written = writeln!(self.config, "[stores.{name}]\nurl = '{url}'\n{lines}");
        written.unwrap();
        self.names.push(name);
    }

    fn secret_file(&self, name: &str, content: &str) -> String {
        let path = self.at(name);
        fs::write(&path, format!("{content}\n")).unwrap();
        path.display().to_string()
    }

    fn bucket(&mut self) {
        let Some(server) = real_server("seaweedfs") else {
            return;
        };
        let user = &server["admin"];
        let secret = self.secret_file("bucket.secret", text(user, "secret_key"));
        self.env
            .push(("IT_KEY", text(user, "access_key").to_owned()));
        let lines = format!(
            "endpoint = '{}'\nregion = 'us-east-1'\naccess_key_id = {{ env = 'IT_KEY' }}\n\
             secret_access_key = {{ file = '{secret}' }}\n",
            text(&server, "http")
        );
        self.section("bucket", &format!("s3://{}", self.unique), &lines);
    }

    fn blob(&mut self) {
        let Some(server) = real_server("azurite") else {
            return;
        };
        self.env
            .push(("IT_ACCOUNT", text(&server, "key").to_owned()));
        let lines = format!(
            "endpoint = '{}'\ncredential = {{ shared-key = {{ env = 'IT_ACCOUNT' }} }}\n",
            text(&server, "http")
        );
        let url = format!("az://{}/{}", text(&server, "account"), self.unique);
        self.section("blob", &url, &lines);
    }

    fn google(&mut self) {
        self.gcs.demand_tokens(std::time::Duration::from_secs(3600));
        let key = self.secret_file("gcs.json", &self.gcs.service_account());
        let lines = format!(
            "endpoint = '{}'\ncredentials = {{ file = '{key}' }}\nproject = 'acme'\n",
            self.gcs.url("")
        );
        self.section("gcs", &format!("gs://{}", self.unique), &lines);
    }

    fn ssh(&mut self) {
        let Some(server) = real_server("sshd") else {
            return;
        };
        let file = |name| Path::new(text(&server, "folder")).join(name);
        self.env
            .push(("IT_PHRASE", text(&server, "passphrase").to_owned()));
        let lines = format!(
            "known_hosts = ['{}']\nidentity_files = ['{}']\nssh_config = 'none'\n\
             passphrase = {{ env = 'IT_PHRASE' }}\n",
            file("known_hosts").display(),
            file("id_encrypted").display()
        );
        let url = format!(
            "sftp://{}@127.0.0.1:{}/~/{}",
            text(&server, "user"),
            server["port"],
            self.unique
        );
        self.section("ssh", &url, &lines);
    }

    fn dav(&mut self) {
        let Some(server) = real_server("apache") else {
            return;
        };
        self.env
            .push(("IT_DAV", text(&server, "password").to_owned()));
        let lines = format!(
            "user = '{}'\npassword = {{ env = 'IT_DAV' }}\nserver_path = '/dav'\n",
            text(&server, "user")
        );
        let url = format!("dav+{}{}", text(&server, "url"), self.unique);
        self.section("dav", &url, &lines);
    }

    fn nextcloud(&mut self) {
        let password = format!("{PLANTED}ada");
        self.cloud.user("ada", "ada", &password);
        let file = self.secret_file("cloud.secret", &password);
        let lines = format!("user = 'ada'\npassword = {{ file = '{file}' }}\n");
        let url = format!("nextcloud+{}{}", self.cloud.url(), self.unique);
        self.section("cloud", &url, &lines);
    }

    /// Where a file of the test lies.
    pub(super) fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.at(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// `rsmf` in that folder, with the credentials in the environment.
    pub(super) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::cargo_bin("rsmf").unwrap();
        command
            .current_dir(self.folder.path())
            .env_remove("RSMF_LOG")
            .env_remove("RSMF_CONFIG")
            .env("HOME", self.folder.path())
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .args(args);
        command
    }

    /// Runs it, checks the exit code, and that no secret was told.
    pub(super) fn run(&self, args: &[&str], code: i32) -> Output {
        let output = self.command(args).output().unwrap();
        self.judge(args, &output, code);
        output
    }

    pub(super) fn judge(&self, args: &[&str], output: &Output, code: i32) {
        let words = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{args:?} said:\n{words}");
        assert!(!words.contains("panicked"), "{words}");
        self.tells_no_secret(&words);
    }

    pub(super) fn tells_no_secret(&self, words: &str) {
        let planted = [PLANTED, "pl4nted", "PRIVATE KEY"];
        let secrets = self.env.iter().map(|(_, value)| value.as_str());
        for secret in planted.into_iter().chain(secrets) {
            assert!(!words.contains(secret) || secret == "admin-key", "{words}");
        }
    }

    /// What is there below an address, by `rsmf cp`.
    pub(super) fn fetched(&self, address: &str) -> BTreeMap<String, Vec<u8>> {
        let here = tempfile::tempdir_in(self.folder.path()).unwrap();
        let target = here.path().join("all").display().to_string();
        self.run(&["cp", "-r", "--quiet", address, &target], 0);
        // Of an empty folder, nothing is made.
        let target = Path::new(&target);
        match target.exists() {
            true => files(target),
            false => BTreeMap::new(),
        }
    }
}

impl Drop for Places {
    fn drop(&mut self) {
        for name in &self.names {
            let all = format!("{name}:");
            // Tests that failed need not be tidy.
            let _ = self.command(&["rm", "-ryq", &all]).output();
            let _ = self.command(&["rmbucket", &all]).output();
        }
    }
}
