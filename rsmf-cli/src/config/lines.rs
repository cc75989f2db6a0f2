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

    /// A path with the way to sign in, which readers leave out: `auth.oauth2.client_id` for `auth.client_id`.
    pub(super) fn full(&self, path: &str) -> String {
        let of_auth = path
            .rsplit_once('.')
            .filter(|(above, _)| above.ends_with(".auth") && !self.0.contains_key(path));
        let Some((above, name)) = of_auth else {
            return path.to_owned();
        };
        let ways = self.0.keys().filter_map(|known| {
            let way = known.strip_prefix(above)?.strip_prefix('.')?;
            (!way.contains('.')).then_some(way)
        });
        match ways.collect::<Vec<_>>().as_slice() {
            [way] => format!("{above}.{way}.{name}"),
            _ => path.to_owned(),
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
