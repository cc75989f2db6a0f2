//! The manifest, as far as processing looks at it.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::relativity::call::Keys;

/// What `rsmf_manifest.json` says.
#[derive(Debug, Clone, Default)]
pub(crate) struct Manifest {
    /// The identifiers of attachments, each once.
    pub(crate) attachments: BTreeSet<String>,
    /// Pictures of participants and icons of conversations, which are no attachments.
    pub(crate) pictures: BTreeSet<String>,
    /// Times of the events, as they are written.
    pub(crate) times: Vec<String>,
}

impl Manifest {
    /// Reads one; an error says what it lacks.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(bytes).map_err(|_| "rsmf_manifest.json is not UTF-8.")?;
        let value: Value = serde_json::from_str(text.trim_start_matches('\u{feff}'))
            .map_err(|error| format!("rsmf_manifest.json cannot be read: {error}"))?;
        for list in ["participants", "conversations", "events"] {
            if !value.get(list).is_some_and(Value::is_array) {
                return Err(format!("rsmf_manifest.json has no list '{list}'."));
            }
        }
        Ok(Self::of(&value))
    }

    fn of(value: &Value) -> Self {
        let events = value.key("events").items();
        let texts = |values: &[Value], key: &str| -> Vec<String> {
            let texts = values.iter().map(|it| it.key(key).text().to_owned());
            texts.filter(|text| !text.is_empty()).collect()
        };
        let attachments = events
            .iter()
            .flat_map(|event| event.key("attachments").items());
        let attachments = attachments.map(|it| it.key("id").text().to_owned());
        let participants = value.key("participants").items();
        let avatars = texts(participants, "avatar").into_iter();
        let icons = texts(value.key("conversations").items(), "icon");
        Self {
            attachments: attachments.filter(|id| !id.is_empty()).collect(),
            pictures: avatars.chain(icons).collect(),
            times: texts(events, "timestamp"),
        }
    }
}
