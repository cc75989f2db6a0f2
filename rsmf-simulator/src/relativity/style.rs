//! How answers are written down.

use serde_json::{Map, Value};

use super::knobs::RelativityKnobs;

/// Writes JSON as the knobs have it.
pub(super) fn write(value: Value, knobs: &RelativityKnobs) -> String {
    let mut text = String::new();
    put(&mut text, &dress(value, knobs), knobs.shuffle_keys);
    text
}

/// Changes keys and numbers.
fn dress(value: Value, knobs: &RelativityKnobs) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(|it| dress(it, knobs)).collect(),
        Value::Object(object) => {
            let mut dressed: Map<String, Value> = object
                .into_iter()
                .map(|(key, value)| {
                    let value = if knobs.ids_as_text {
                        id_as_text(&key, value)
                    } else {
                        value
                    };
                    (
                        if knobs.camel_keys { camel(&key) } else { key },
                        dress(value, knobs),
                    )
                })
                .collect();
            if knobs.extra_keys {
                dressed.insert(
                    "XUnheardOf".to_owned(),
                    serde_json::json!({ "Nested": [1, null] }),
                );
            }
            Value::Object(dressed)
        }
        other => other,
    }
}

fn id_as_text(key: &str, value: Value) -> Value {
    match value {
        Value::Number(number) if key.to_ascii_lowercase().ends_with("id") => {
            Value::String(number.to_string())
        }
        other => other,
    }
}

fn camel(key: &str) -> String {
    let mut chars = key.chars();
    let first = chars.next().map(|it| it.to_ascii_lowercase());
    first.into_iter().chain(chars).collect()
}

/// Writes a value; keys stand in any order where they are shuffled.
fn put(text: &mut String, value: &Value, is_shuffled: bool) {
    match value {
        Value::Array(items) => {
            text.push('[');
            for (at, item) in items.iter().enumerate() {
                text.push_str(if at > 0 { "," } else { "" });
                put(text, item, is_shuffled);
            }
            text.push(']');
        }
        Value::Object(object) => {
            let mut pairs: Vec<_> = object.iter().collect();
            if is_shuffled {
                fastrand::shuffle(&mut pairs);
            }
            text.push('{');
            for (at, (key, value)) in pairs.into_iter().enumerate() {
                text.push_str(if at > 0 { "," } else { "" });
                text.push_str(&Value::from(key.as_str()).to_string());
                text.push(':');
                put(text, value, is_shuffled);
            }
            text.push('}');
        }
        other => text.push_str(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn answers_can_look_otherwise_and_say_the_same() {
        let value = json!({ "ArtifactID": 7, "Name": "a\"b", "List": [{ "Count": 1 }] });
        assert_eq!(
            write(value.clone(), &RelativityKnobs::default()),
            value.to_string()
        );
        let knobs = RelativityKnobs {
            shuffle_keys: true,
            camel_keys: true,
            ids_as_text: true,
            extra_keys: true,
            ..RelativityKnobs::default()
        };
        let read: Value = serde_json::from_str(&write(value, &knobs)).unwrap();
        assert_eq!(
            (&read["artifactID"], &read["name"]),
            (&json!("7"), &json!("a\"b"))
        );
        assert_eq!(read["list"][0]["count"], 1);
        assert!(read["list"][0]["XUnheardOf"].is_object());
    }
}
