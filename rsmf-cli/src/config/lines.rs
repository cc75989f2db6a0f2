//! On which line of the file something stands.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

/// Lines by what stands there: `stores.review.url`.
#[derive(Debug, Default)]
pub(crate) struct Lines(BTreeMap<String, usize>);

impl Lines {
    /// Nothing for what is no TOML.
    pub(super) fn of(text: &str) -> Self {
        let mut lines = Self::default();
        if let Ok(table) = DeTable::parse(text) {
            lines.note("", table.get_ref(), text);
        }
        lines
    }

    fn note(&mut self, path: &str, table: &DeTable<'_>, text: &str) {
        for (key, value) in table {
            let path = match path {
                "" => key.get_ref().to_string(),
                _ => format!("{path}.{}", key.get_ref()),
            };
            self.0.insert(path.clone(), line(text, key.span().start));
            if let DeValue::Table(table) = value.get_ref() {
                self.note(&path, table, text);
            }
        }
    }

    /// The line of `path`, or of the nearest that is around it.
    pub(crate) fn line(&self, path: &str) -> Option<usize> {
        match self.0.get(path) {
            Some(line) => Some(*line),
            None => self.line(path.rsplit_once('.')?.0),
        }
    }

    /// The line of exactly this.
    pub(crate) fn exactly(&self, path: &str) -> Option<usize> {
        self.0.get(path).copied()
    }
}

/// Counted from 1.
pub(super) fn line(text: &str, at: usize) -> usize {
    let before = text.get(..at).unwrap_or(text);
    before.matches('\n').count() + 1
}
