//! A request, taken in whole and understood.

use axum::http::HeaderMap;
use bytes::Bytes;
use serde_json::{Map, Value};

use super::{reply::Refusal, spec::Slots, tokens::User};

static NULL: Value = Value::Null;

/// A call, let in.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) name: &'static str,
    pub(super) slots: Slots,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: HeaderMap,
    /// The body as JSON; null where it is empty or something else.
    pub(super) body: Value,
    pub(super) bytes: Bytes,
    pub(super) user: User,
}

impl Call {
    pub(super) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.and_then(|it| it.to_str().ok()).unwrap_or_default()
    }

    pub(super) fn slot(&self, name: &str) -> &str {
        self.slots.get(name).map_or("", String::as_str)
    }

    /// The number in a path.
    pub(super) fn id(&self, slot: &str) -> Result<i64, Refusal> {
        let text = self.slot(slot);
        text.parse()
            .map_err(|_| Refusal::malformed(&format!("'{text}' in the URL is no number.")))
    }

    pub(super) fn query(&self, name: &str) -> Option<&str> {
        let found = self
            .query
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub(super) fn number_in_query(&self, name: &str) -> Option<i64> {
        self.query(name)?.parse().ok()
    }

    /// What stands under this key of the body; null where nothing does.
    pub(super) fn key(&self, name: &str) -> &Value {
        self.body.key(name)
    }
}

/// JSON whose keys may be written in any case, and numbers as texts.
pub(super) trait Keys {
    /// What stands under this key; null where nothing does.
    fn key(&self, name: &str) -> &Value;
    fn number(&self) -> Option<i64>;
    fn text(&self) -> &str;
    fn truth(&self) -> Option<bool>;
    fn items(&self) -> &[Value];
    /// The object under it, which it must be.
    fn object(&self, name: &str) -> Result<&Map<String, Value>, Refusal>;
}

impl Keys for Value {
    fn key(&self, name: &str) -> &Value {
        let found = self.as_object().and_then(|object| {
            object
                .iter()
                .find(|(key, _)| key.eq_ignore_ascii_case(name))
        });
        found.map_or(&NULL, |(_, value)| value)
    }

    fn number(&self) -> Option<i64> {
        self.as_i64().or_else(|| self.as_str()?.trim().parse().ok())
    }

    fn text(&self) -> &str {
        self.as_str().unwrap_or_default()
    }

    fn truth(&self) -> Option<bool> {
        self.as_bool()
    }

    fn items(&self) -> &[Value] {
        self.as_array().map_or(&[], Vec::as_slice)
    }

    fn object(&self, name: &str) -> Result<&Map<String, Value>, Refusal> {
        let message = || Refusal::malformed(&format!("The body has no object '{name}'."));
        self.key(name).as_object().ok_or_else(message)
    }
}
