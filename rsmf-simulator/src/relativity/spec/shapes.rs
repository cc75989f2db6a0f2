//! What bodies look like.

use std::collections::HashMap;

use serde_json::Value;

/// The shape of anything.
const ANY: &str = "*";

/// A key of an object.
#[derive(Debug)]
pub(super) struct Key {
    name: &'static str,
    /// What its value, or each item of it, looks like; it is no object without that.
    pub(super) shape: Option<&'static str>,
}

#[derive(Debug, Default)]
pub(super) struct Shapes(HashMap<&'static str, Vec<Key>>);

/// Keys with spaces between them.
pub(super) fn keys(text: &'static str) -> Vec<Key> {
    let read = |word: &'static str| match word.split_once(':') {
        Some((name, shape)) => Key {
            name,
            shape: Some(shape),
        },
        None => Key {
            name: word,
            shape: None,
        },
    };
    text.split_whitespace().map(read).collect()
}

impl Shapes {
    pub(super) fn add(&mut self, line: &'static str) {
        if let Some((name, rest)) = line.split_once(' ') {
            self.0.insert(name, keys(rest));
        }
    }

    #[cfg(test)]
    pub(super) fn knows(&self, shape: &str) -> bool {
        shape == ANY || self.0.contains_key(shape)
    }

    /// Adds the paths of all keys that are not known.
    pub(super) fn check(&self, keys: &[Key], value: &Value, at: &str, unknown: &mut Vec<String>) {
        let Value::Object(object) = value else { return };
        for (name, value) in object {
            let path = format!("{at}{name}");
            match keys.iter().find(|key| key.name.eq_ignore_ascii_case(name)) {
                None => unknown.push(path),
                Some(key) => self.check_value(key, value, path, unknown),
            }
        }
    }

    fn check_value(&self, key: &Key, value: &Value, path: String, unknown: &mut Vec<String>) {
        let one = std::slice::from_ref(value);
        let items = value.as_array().map_or(one, Vec::as_slice);
        match key.shape {
            Some(ANY) => {}
            Some(shape) => {
                let keys = self.0.get(shape).map_or(&[][..], Vec::as_slice);
                for item in items {
                    self.check(keys, item, &format!("{path}."), unknown);
                }
            }
            None if items.iter().any(Value::is_object) => unknown.push(path),
            None => {}
        }
    }
}
