//! What `rsmf.toml` and the environment say: places with a name, and how they are talked to.

mod encoding;
mod environment;
mod find;
mod lines;
mod profiles;
mod read;
mod relativity;
mod secrets;
mod words;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use rsmf_storage::{Settings, Stores};
use serde::de::DeserializeOwned;
use toml::{Table, Value};

use crate::error::{Error, Result};
pub(crate) use find::Found;
use lines::Lines;
use read::Problem;
pub(crate) use relativity::{Connection, Staging};
pub(crate) use secrets::Here as Secrets;

/// What stands at the top of the file.
const SECTIONS: [&str; 5] = ["http", "network", "relativity", "stores", "transfer"];

/// All that is configured.
#[derive(Debug, Default)]
pub(crate) struct Config {
    /// The file, and who named it.
    pub(crate) found: Option<Found>,
    /// Opens addresses.
    pub(crate) stores: Stores,
    /// How places without a profile are talked to.
    pub(crate) settings: Settings,
    /// How hosts are asked for files of chats.
    pub(crate) http: rsmf_http::Config,
    /// Connections to Relativity, by name.
    pub(crate) relativity: BTreeMap<String, Connection>,
    /// What the file says.
    pub(crate) table: Table,
    /// Where it says that.
    pub(crate) lines: Lines,
    /// What the environment says about proxies.
    pub(crate) proxies: environment::Proxies,
}

impl Config {
    /// Reads the file that `option` names, or else the first of those that are looked for.
    ///
    /// # Errors
    /// [`Error::Input`] where one that was named is not there, [`Error::Config`] for what is wrong in it.
    pub(crate) fn load(option: Option<&Path>) -> Result<Self> {
        let found = find::find(option)?;
        let text = found.as_ref().map(|found| found.text.as_str());
        let file = found.as_ref().map(|found| found.path.clone());
        Self::read(text.unwrap_or_default(), file).map(|config| Self { found, ..config })
    }

    fn read(text: &str, file: Option<PathBuf>) -> Result<Self> {
        let lines = Lines::of(text);
        let blame = |problem: Problem| problem.told(file.as_deref(), &lines);
        let mut table: Table = text
            .parse()
            .map_err(|error| Error::Config(read::syntax(file.as_deref(), text, &error)))?;
        read::known(&table, "", &SECTIONS).map_err(blame)?;
        read::no_lists(&table, "", &["http", "network", "transfer"]).map_err(blame)?;
        let written = table.clone();
        let proxies = environment::Proxies::new(|name| std::env::var(name).ok());
        proxies.complete(&mut table).map_err(blame)?;
        let settings = Settings::default();
        let settings = {
            let mut settings = settings;
            settings.network = section(&table, "network").map_err(blame)?;
            settings.transfer = section(&table, "transfer").map_err(blame)?;
            settings
        };
        let mut http: rsmf_http::Config = section(&table, "http").map_err(blame)?;
        if http.proxies == rsmf_http::Proxies::default() {
            http.proxies = rsmf_http::Proxies::from_variables(|name| std::env::var(name).ok());
        }
        let relativity = relativity::read(&table).map_err(blame)?;
        let builder = Stores::builder()
            .settings(settings.clone())
            .secrets(Arc::new(secrets::Here));
        let stores = profiles::add(builder, &table).map_err(blame)?.build();
        Ok(Self {
            found: None,
            stores,
            settings,
            http,
            relativity,
            table: written,
            lines,
            proxies,
        })
    }
}

/// A part of the file, or the usual where it is not there.
fn section<T: DeserializeOwned + Default>(table: &Table, name: &str) -> Result<T, Problem> {
    match table.get(name) {
        None => Ok(T::default()),
        Some(value) => {
            let value: Value = value.clone();
            value.try_into().map_err(|error| Problem::of(name, &error))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> String {
        let read = Config::read(text, Some("rsmf.toml".into()));
        read.unwrap_err().report()
    }

    #[test]
    fn profiles_are_places() {
        let text = "[transfer]\nconcurrency = 2\n[stores.review]\nurl = \"/data/review\"\n";
        let config = Config::read(text, None).unwrap();
        assert_eq!(config.settings.transfer.concurrency.get(), 2);
        let (location, _) = config.stores.locate("review:acme/a.zip").unwrap();
        assert_eq!(location.to_string(), "/data/review/acme/a.zip");
        for folder in ["data", "./s3//x", "/a//b", "C:/x", "file:///x"] {
            Config::read(&format!("[stores.ab]\nurl='{folder}'"), None).unwrap();
        }
    }

    /// What a page of the documentation shows in a language.
    fn shown<'t>(page: &'t str, language: &str) -> Vec<&'t str> {
        let parts = page.split("\n```");
        let parts = parts.filter_map(|part| part.strip_prefix(language)?.strip_prefix('\n'));
        parts.collect()
    }

    #[test]
    fn what_the_documentation_shows_can_be_read() {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
        for (page, files, policies) in [("configuration.md", 2, 0), ("stores.md", 6, 4)] {
            let page = std::fs::read_to_string(docs.join(page)).unwrap();
            let examples = shown(&page, "toml");
            assert_eq!(examples.len(), files);
            for example in examples {
                let read = Config::read(example, None);
                let read = read.unwrap_or_else(|error| panic!("{}\n{example}", error.report()));
                assert!(!read.stores.profiles().is_empty() || !read.relativity.is_empty());
            }
            let examples = shown(&page, "json");
            assert_eq!(examples.len(), policies);
            for example in examples {
                serde_json::from_str::<serde_json::Value>(example).unwrap();
            }
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line_and_what_was_meant() {
        for (text, needles) in [
            (
                "[store.a]\nurl='x'",
                &["rsmf.toml:1", "`store`", "did you mean `stores`?"][..],
            ),
            (
                "[network]\n\ntimeot = '1s'",
                &["rsmf.toml:3", "did you mean `timeout`?"],
            ),
            (
                "[network]\ntimeout = 'soon'",
                &[
                    "rsmf.toml:2: network.timeout: ",
                    "a stretch of time in quotes, such as timeout = \"30s\"",
                ],
            ),
            (
                "[network]\ntimeout = '0s'",
                &[
                    "rsmf.toml:2: network.timeout: ",
                    "more than nothing, such as 30s",
                ],
            ),
            (
                "[http]\ndeadline = '0s'",
                &["rsmf.toml:2: http.deadline: ", "more than nothing"],
            ),
            (
                "[stores.ab]\nurl = 's3://b'\nnetwork = { idle_timeout = '0 s' }",
                &["stores.ab.network.idle_timeout: ", "more than nothing"],
            ),
            (
                "[network]\nhttps_proxy = 'hush'",
                &["rsmf.toml:2: network.https_proxy: ", "an address in quotes"],
            ),
            (
                "network = [1]",
                &["rsmf.toml:1: network: ", "a line [network]"],
            ),
            (
                "transfer = 1",
                &["rsmf.toml:1: transfer: ", "a line [transfer]"],
            ),
            (
                "[transfer]\nconcurrency = 0",
                &["a whole number of 1 or more, such as concurrency = 4"],
            ),
            (
                "[transfer]\npart_size = true",
                &["a size in quotes, such as part_size = \"16 MiB\""],
            ),
            (
                "[transfer]\npart_size = '1B'",
                &[
                    "rsmf.toml:2: transfer.part_size: ",
                    "from 64 KiB to 4000 MiB",
                ],
            ),
            (
                "[stores.ab]\nurl = 's3://b'\nnetwork = { timeot = '1s' }",
                &["stores.ab.network.timeot: ", "did you mean `timeout`?"],
            ),
            (
                "[stores.ab]\nurl = 's3://b'\ntransfer = [1]",
                &["rsmf.toml:3: stores.ab.transfer: ", "a section"],
            ),
            (
                "[stores.ab]\nurl = 's3://b'\npath_style = 'yes'",
                &["rsmf.toml:3: stores.ab.path_style: ", "true or false"],
            ),
            (
                "[stores.ab]\nurl = 's3://b'\nassume_role = {}",
                &["stores.ab.assume_role.arn: it is needed, such as arn = "],
            ),
            (
                "[stores.ab]\n\nurl = 1",
                &["rsmf.toml:3: stores.ab.url: ", "such as url = \"s3://"],
            ),
            (
                "[relativity.ab]\nhost = 3",
                &["rsmf.toml:2: relativity.ab.host: ", "an address in quotes"],
            ),
            (
                "[relativity.ab]\nhost = 'https://x'",
                &["relativity.ab.auth: it is needed, such as auth = { oauth2"],
            ),
            (
                "[relativity.ab]\nhost = 'https://x'\nauth.oauth2 = {}",
                &["rsmf.toml:3: relativity.ab.auth.oauth2.client_id: it is needed"],
            ),
            (
                "[relativity.ab]\nhost = 'https://x'\nauth = {}",
                &[
                    "rsmf.toml:3: relativity.ab.auth: ",
                    "exactly one setting, such as",
                ],
            ),
            (
                "[relativity.ab]\nhost = 'https://x'\nauth.basic = { user = 'a', password = { env = 'A' } }\nstaging.kind = 'shar'",
                &["relativity.ab.staging.kind: ", "did you mean \"share\"?"],
            ),
            ("a = [", &["rsmf.toml:1: this is no TOML: "]),
            (
                "[stores.ab]\nurl='/x'\nregion='y'",
                &["rsmf.toml:3", "`region`"],
            ),
            (
                "[stores.ab]\nregion='y'",
                &["rsmf.toml:1: stores.ab.url: ", "such as url = "],
            ),
            ("[stores.s3]\nurl='/x'", &["rsmf.toml:1", "another name"]),
            (
                "[stores.\"a b\"]\nurl='/x'",
                &["rsmf.toml:1", "another name"],
            ),
            ("[stores.ab]\nurl='ftp://x'", &["rsmf.toml:2", "ftp"]),
            ("[stores.ab]\nurl='s3//x'", &["rsmf.toml:2", "looks like"]),
            ("[stores.ab]\nurl='az:/x/y'", &["rsmf.toml:2", "looks like"]),
            (
                "[transfer]\nbandwidth = '0 MB'",
                &["rsmf.toml:2", "more than nothing"],
            ),
            ("stores = 1", &["rsmf.toml:1"]),
        ] {
            let told = wrong(text);
            for needle in needles {
                assert!(told.contains(needle), "{text}\n{told}");
            }
        }
    }

    #[test]
    fn what_stands_where_a_secret_should_be_named_is_not_shown() {
        for text in [
            "[http]\ntimeout = 'hush'",
            "[http]\nretry_budget = 'hush'",
            "[http.proxies]\nhttps = { 'hush' = 1 }",
        ] {
            let told = wrong(text);
            assert!(!told.contains("hush"), "{told}");
        }
    }
}
