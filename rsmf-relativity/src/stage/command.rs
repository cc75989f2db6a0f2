//! A program of somebody else that brings the files, such as a small one around the vendor's SDK.

use std::{
    collections::{BTreeSet, HashMap},
    io::Write,
    path::PathBuf,
    process::Stdio,
};

use async_trait::async_trait;
use rsmf_core::{Failure, workers::Workers};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::{Child, Command},
};

use super::{Arrived, Dataset, SourceFile, StageLog, Stager, copy::Copier, in_location, within};
use crate::{Result, UncPath, sum};

/// What is shorter is no secret, and would be found in all sorts of words.
const SHORTEST: usize = 6;

/// The most bytes of a program's complaints that an error repeats.
const MOST_WORDS: u64 = 4096;

/// A program that brings the files. `docs/relativity.md` holds the contract in full:
///
/// - It is started as `PROGRAM ARGUMENTS… --source FOLDER --files LIST --destination UNC --job UUID`. `LIST` is a file
///   with a line of JSON per file: `{"name": "a/b.rsmf", "size": 12}`, names relative to both folders.
/// - Secrets are in its environment only.
/// - It writes lines of JSON to standard output: `{"event": "file", "name": "a/b.rsmf", "size": 12, "sha256": "…"}` for each
///   file that has arrived (`sha256`, of what it has sent, may be left out), `{"event": "failed", "name": …, "message": …}`,
///   `{"event": "progress", "bytes": 4096}` for bytes since the last one, `{"event": "note", "message": …}`, and at last
///   `{"event": "done", "files": 1, "bytes": 12}`. Other events mean nothing.
/// - It ends with 0 where all files have arrived, and with anything else where not; standard error tells why.
#[derive(Debug)]
pub struct ExternalCommand {
    program: PathBuf,
    arguments: Vec<String>,
    environment: Vec<(String, SecretString)>,
    source: PathBuf,
    location: Option<UncPath>,
    copier: Copier,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
enum Event {
    File {
        name: String,
        size: u64,
        sha256: Option<String>,
    },
    Failed {
        name: String,
        message: Option<String>,
    },
    Progress {
        bytes: u64,
    },
    Note {
        message: String,
    },
    Done {
        files: u64,
        bytes: u64,
    },
    #[serde(other)]
    Unknown,
}

#[derive(Serialize)]
struct Wanted<'f> {
    name: &'f str,
    size: u64,
}

impl ExternalCommand {
    /// Runs `program` with these arguments before its own. `source` is the folder on this machine that the dataset's files
    /// lie in under their names.
    pub fn new(
        program: impl Into<PathBuf>,
        arguments: Vec<String>,
        source: impl Into<PathBuf>,
        workers: Workers,
    ) -> Self {
        Self {
            program: program.into(),
            arguments,
            environment: Vec::new(),
            source: source.into(),
            location: None,
            copier: Copier::new(workers),
        }
    }

    /// Adds a variable to the program's environment, where secrets belong.
    #[must_use]
    pub fn variable(mut self, name: impl Into<String>, value: impl Into<SecretString>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Sets where folders are made, if it is not where the workspace says.
    #[must_use]
    pub fn location(mut self, location: UncPath) -> Self {
        self.location = Some(location);
        self
    }

    fn start(&self, dataset: &Dataset, list: &std::path::Path) -> rsmf_core::Result<Child> {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .arg("--source")
            .arg(&self.source)
            .arg("--files")
            .arg(list)
            .args([
                "--destination",
                dataset.destination.as_str(),
                "--job",
                &dataset.id,
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        for (name, value) in &self.environment {
            command.env(name, value.expose_secret());
        }
        let name = self.program.display().to_string();
        command
            .spawn()
            .map_err(|error| rsmf_core::Error::from_io("start", name, error))
    }

    fn failed(&self, why: impl AsRef<str>) -> crate::Error {
        Failure::new("stage with", self.program.display().to_string())
            .source(self.masked(why.as_ref()))
            .advice("what has arrived is in the staging area; another upload begins a folder of its own")
            .other()
            .into()
    }
}

impl ExternalCommand {
    /// What the program says, without the secrets that it was given.
    fn masked(&self, text: &str) -> String {
        let secrets = self
            .environment
            .iter()
            .map(|(_, value)| value.expose_secret());
        let secrets = secrets.filter(|value| value.len() >= SHORTEST);
        secrets.fold(text.to_owned(), |text, value| text.replace(value, "[…]"))
    }
}

#[async_trait]
impl Stager for ExternalCommand {
    fn name(&self) -> &'static str {
        "an external command"
    }

    /// Its words stand there as a digest, since nobody knows what they hold.
    fn place(&self) -> String {
        let mut summer = sum::sha256();
        for word in &self.arguments {
            summer.update(format!("{}:{word}\n", word.len()).as_bytes());
        }
        let words = sum::hex(summer);
        let words = words.get(..12).unwrap_or_default();
        let program = self.program.display();
        let location = in_location(self.location.as_ref());
        format!("{} {program} (words {words}){location}", self.name())
    }

    fn destination(&self, location: Option<&UncPath>, folder: &str) -> Result<UncPath> {
        within(self.location.as_ref().or(location), folder)
    }

    async fn stage(&self, dataset: &Dataset, log: &dyn StageLog) -> Result<()> {
        let list = write_list(dataset)?;
        let mut child = self.start(dataset, list.path())?;
        let (out, complaints) = (child.stdout.take(), child.stderr.take());
        let (Some(out), Some(complaints)) = (out, complaints) else {
            return Err(self.failed("its output cannot be read"));
        };
        let mut heard = Heard::new(dataset);
        let words = last_words(complaints);
        let note = |message: &str| log.note(&self.masked(message));
        let listening = heard.listen(out, log, &note);
        let (told, words) = futures_util::future::join(listening, words).await;
        told?;
        let status = child
            .wait()
            .await
            .map_err(|error| self.failed(error.to_string()))?;
        if let Some(failed) = heard.failed.first() {
            return Err(self.failed(format!("{failed} ({} in all)", heard.failed.len())));
        }
        if !status.success() {
            let words = words.trim();
            let words = if words.is_empty() {
                "it does not say why"
            } else {
                words
            };
            return Err(self.failed(format!("{status}: {words}")));
        }
        heard.check(dataset).map_err(|why| self.failed(why))?;
        self.compare(dataset, heard.arrived, log).await
    }
}

impl ExternalCommand {
    /// Compares what the program has sent with what lies here.
    async fn compare(
        &self,
        dataset: &Dataset,
        arrived: HashMap<String, Option<String>>,
        log: &dyn StageLog,
    ) -> Result<()> {
        for file in dataset.files.iter() {
            let here = self
                .copier
                .hash(dataset.source.as_ref(), &file.path, file.size)
                .await?;
            match arrived.get(&file.name) {
                Some(Some(sent)) if !sent.eq_ignore_ascii_case(&here) => {
                    return Err(self.failed(format!("{} was sent with another SHA-256", file.name)));
                }
                _ => {}
            }
            let (name, size) = (file.name.clone(), file.size);
            log.arrived(&[Arrived {
                name,
                size,
                sha256: here,
            }])
            .await?;
        }
        Ok(())
    }
}

fn write_list(dataset: &Dataset) -> rsmf_core::Result<tempfile::NamedTempFile> {
    let failed =
        |error: std::io::Error| rsmf_core::Error::from_io("write", "a temporary file", error);
    let mut file = tempfile::NamedTempFile::new().map_err(failed)?;
    let mut out = std::io::BufWriter::new(&mut file);
    for SourceFile { name, size, .. } in dataset.files.iter() {
        let line = serde_json::to_writer(&mut out, &Wanted { name, size: *size });
        line.map_err(std::io::Error::from)
            .and_then(|()| out.write_all(b"\n"))
            .map_err(failed)?;
    }
    out.flush().map_err(failed)?;
    drop(out);
    Ok(file)
}

/// What a program says on its way, its last words kept.
async fn last_words(mut out: impl tokio::io::AsyncRead + Unpin) -> String {
    let mut kept = Vec::new();
    let mut piece = [0; 1024];
    while let Ok(length @ 1..) = out.read(&mut piece).await {
        kept.extend_from_slice(piece.get(..length).unwrap_or_default());
        let surplus = kept.len().saturating_sub(MOST_WORDS as usize);
        kept.drain(..surplus);
    }
    String::from_utf8_lossy(&kept).into_owned()
}

/// What a program has told so far.
struct Heard<'d> {
    sizes: HashMap<&'d str, u64>,
    arrived: HashMap<String, Option<String>>,
    failed: Vec<String>,
    done: Option<(u64, u64)>,
}

impl<'d> Heard<'d> {
    fn new(dataset: &'d Dataset) -> Self {
        Self {
            sizes: dataset
                .files
                .iter()
                .map(|file| (file.name.as_str(), file.size))
                .collect(),
            arrived: HashMap::new(),
            failed: Vec::new(),
            done: None,
        }
    }

    async fn listen(
        &mut self,
        out: impl tokio::io::AsyncRead + Unpin,
        log: &dyn StageLog,
        note: &(dyn Fn(&str) + Sync),
    ) -> Result<()> {
        let mut lines = BufReader::new(out).lines();
        loop {
            let line = lines.next_line().await;
            let line = line.map_err(|error| {
                rsmf_core::Error::from_io("read", "what the program says", error)
            })?;
            let Some(line) = line else { return Ok(()) };
            // What is no event means nothing: programs and their libraries say all sorts of things.
            // They are not even logged, since they may hold anything.
            let Ok(event) = serde_json::from_str(&line) else {
                continue;
            };
            match event {
                Event::Note { message } => note(&message),
                event => self.take(event, log),
            }
        }
    }

    fn take(&mut self, event: Event, log: &dyn StageLog) {
        match event {
            Event::File { name, size, .. } if self.sizes.get(name.as_str()) != Some(&size) => {
                self.failed.push(format!(
                    "{name} has arrived with {size} bytes, which is none of the files"
                ));
            }
            Event::File { name, sha256, .. } => {
                self.arrived.insert(name, sha256);
            }
            Event::Failed { name, message } => {
                self.failed.push(format!(
                    "{name}: {}",
                    message.unwrap_or_else(|| "failed".to_owned())
                ));
            }
            Event::Progress { bytes } => log.bytes(bytes),
            Event::Done { files, bytes } => self.done = Some((files, bytes)),
            Event::Note { .. } | Event::Unknown => {}
        }
    }

    /// Whether everything has arrived, as the program says itself.
    fn check(&self, dataset: &Dataset) -> Result<(), String> {
        let wanted = (dataset.files.len() as u64, dataset.bytes());
        match self.done {
            Some(done) if done == wanted => {}
            Some((files, bytes)) => {
                return Err(format!(
                    "it counts {files} files with {bytes} bytes instead of {} with {}",
                    wanted.0, wanted.1
                ));
            }
            None => return Err("it ended without saying that it is done".to_owned()),
        }
        let named: BTreeSet<_> = self.arrived.keys().map(String::as_str).collect();
        let missing = self.sizes.keys().find(|name| !named.contains(*name));
        missing.map_or(Ok(()), |name| {
            Err(format!("it does not say that {name} has arrived"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_of_its_environment_is_repeated() {
        let command = ExternalCommand::new("sh", Vec::new(), ".", Workers::in_place());
        let command = command.variable("SECRET", "pl4nted").variable("SHORT", "g");
        assert_eq!(command.masked("+ login pl4nted"), "+ login […]");
        let error = command.failed("exit status: 3: pl4nted is wrong");
        assert!(!format!("{error} {error:?}").contains("pl4nted"));
    }
}
