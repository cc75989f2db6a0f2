//! What is wrong with the file, in words that help and hold no secret.

use std::path::Path;

use toml::Table;

use super::Lines;
use crate::{alike, error::Error};

/// Something wrong with what stands at a path of the file, such as `network.timeout`.
#[derive(Debug)]
pub(super) struct Problem {
    path: String,
    what: String,
}

impl Problem {
    pub(super) fn new(path: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            what: what.into(),
        }
    }

    /// What a reader of values says about the section at `path`.
    pub(super) fn of(path: &str, error: &toml::de::Error) -> Self {
        let message = error.message();
        let mut names = message.split('`').skip(1).step_by(2);
        if message.starts_with("unknown field") {
            let typed = names.next().unwrap_or_default();
            let known: Vec<_> = names.map(ToOwned::to_owned).collect();
            let key = key_of(error).unwrap_or_else(|| typed.to_owned());
            return Self::unknown(&format!("{path}.{key}"), typed, &known);
        }
        let path = match key_of(error) {
            Some(key) => format!("{path}.{key}"),
            None => path.to_owned(),
        };
        Self::new(path, without_values(message))
    }

    pub(super) fn unknown(path: &str, typed: &str, known: &[String]) -> Self {
        let meant = alike::among(typed, known);
        let hint = match meant {
            Some(meant) => format!("; did you mean `{meant}`?"),
            None if known.is_empty() => "; there is nothing to set here".to_owned(),
            None => format!("; known are {}", known.join(", ")),
        };
        Self::new(path, format!("nothing is called `{typed}`{hint}"))
    }

    pub(super) fn told(self, file: Option<&Path>, lines: &Lines) -> Error {
        let file = file.unwrap_or(Path::new("the configuration")).display();
        Error::Config(match lines.line(&self.path) {
            Some(line) => format!("{file}:{line}: {}: {}", self.path, self.what),
            None => format!("{file}: {}: {}", self.path, self.what),
        })
    }
}

/// The key that the reader was at, which it tells on a line of its own.
fn key_of(error: &toml::de::Error) -> Option<String> {
    let text = error.to_string();
    let key = text.lines().find_map(|line| line.strip_prefix("in `"))?;
    Some(key.strip_suffix('`')?.to_owned())
}

/// A message without what was given: somebody may have put a secret there.
fn without_values(message: &str) -> String {
    if message.contains("`env`") && message.contains("`keyring`") {
        return "a secret cannot stand here; say where it is kept: { env = \"NAME\" }, \
                { file = \"path\" } or { keyring = \"service/user\" }"
            .to_owned();
    }
    let end = |quote| Some((message.find(quote)?, message.rfind(quote)?));
    match end('"') {
        Some((first, last)) if last > first => {
            let before = message.get(..first).unwrap_or_default();
            format!("{before}…{}", message.get(last + 1..).unwrap_or_default())
        }
        _ if message.starts_with("unknown variant") => {
            let known = message
                .split_once(", expected")
                .map_or("", |(_, known)| known);
            format!("it is none of{}", known.trim_start_matches(" one of"))
        }
        _ => message.to_owned(),
    }
}

/// What is wrong where the file is no TOML.
pub(super) fn syntax(file: Option<&Path>, text: &str, error: &toml::de::Error) -> String {
    let file = file.unwrap_or(Path::new("the configuration")).display();
    let line = error
        .span()
        .map_or(1, |span| super::lines::line(text, span.start));
    format!("{file}:{line}: {}", without_values(error.message()))
}

/// Refuses names that are not among the known ones.
pub(super) fn known(table: &Table, path: &str, known: &[&str]) -> Result<(), Problem> {
    let unknown = table.keys().find(|key| !known.contains(&key.as_str()));
    match unknown {
        None => Ok(()),
        Some(key) => {
            let known: Vec<_> = known.iter().map(ToString::to_string).collect();
            let at = format!("{path}.{key}");
            Err(Problem::unknown(at.trim_start_matches('.'), key, &known))
        }
    }
}
