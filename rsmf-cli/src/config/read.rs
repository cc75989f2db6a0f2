//! What is wrong with the file, in words that help and hold no secret.

use std::path::Path;

use toml::{Table, Value};

use super::{Lines, words};
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
        let path = match key_of(error) {
            Some(key) => format!("{path}.{key}"),
            None => path.to_owned(),
        };
        let mut names = message.split('`').skip(1).step_by(2);
        let name = names.next().unwrap_or_default();
        let inner = match path.ends_with(&format!(".{name}")) {
            true => path.clone(),
            false => format!("{path}.{name}"),
        };
        if message.starts_with("unknown field") {
            let known: Vec<_> = names.map(ToOwned::to_owned).collect();
            return Self::unknown(&inner, name, &known);
        }
        if message.starts_with("missing field") {
            return Self::new(inner, words::missing(name));
        }
        let words = words::of(&path, message);
        Self::new(path, words)
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
        let path = lines.full(&self.path);
        Error::Config(match lines.line(&path) {
            Some(line) => format!("{file}:{line}: {path}: {}", self.what),
            None => format!("{file}: {path}: {}", self.what),
        })
    }
}

/// The key that the reader was at, which it tells on a line of its own.
fn key_of(error: &toml::de::Error) -> Option<String> {
    let text = error.to_string();
    let key = text.lines().find_map(|line| line.strip_prefix("in `"))?;
    Some(key.strip_suffix('`')?.to_owned())
}

/// What is wrong where the file is no TOML.
pub(super) fn syntax(file: Option<&Path>, text: &str, error: &toml::de::Error) -> String {
    let file = file.unwrap_or(Path::new("the configuration")).display();
    let line = error
        .span()
        .map_or(1, |span| super::lines::line(text, span.start));
    let words = words::without_values(error.message());
    format!("{file}:{line}: this is no TOML: {words}; a setting is written as name = \"text\"")
}

/// Refuses lists where sections should be: they would be read by the order of the settings.
pub(super) fn no_lists(table: &Table, path: &str, sections: &[&str]) -> Result<(), Problem> {
    let list = sections
        .iter()
        .find(|name| table.get(**name).is_some_and(Value::is_array));
    match list {
        None => Ok(()),
        Some(name) => {
            let at = format!("{path}.{name}");
            let at = at.trim_start_matches('.');
            Err(Problem::new(at, words::section(at)))
        }
    }
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
