//! Reading a manifest and writing it again gives the same JSON.

use std::fs;

use proptest::prelude::*;
use rsmf_core::{
    container::RsmfReader,
    model::Manifest,
    validate::{Outcome, Profile, validate_manifest, validate_rsmf},
};
use serde_json::{Map, Value, json};

use crate::verdicts;

fn round_trip(json: &Value) -> Value {
    let manifest: Manifest = serde_json::from_value(json.clone()).unwrap();
    serde_json::to_value(manifest).unwrap()
}

#[test]
fn cases_that_relativity_takes_come_back() {
    let Some(cases) = verdicts::cases() else {
        eprintln!("skipped: no corpus of validator cases here (set RSMF_SHARED)");
        return;
    };
    let mut count = 0;
    for entry in fs::read_dir(cases).unwrap() {
        let path = entry.unwrap().path();
        let file = fs::read(&path).unwrap();
        if path.extension() != Some("rsmf".as_ref())
            || validate_rsmf(file.as_slice(), Profile::Relativity)
                .unwrap()
                .outcome()
                == Outcome::Failed
        {
            continue;
        }
        let mut reader = RsmfReader::open(file.as_slice()).unwrap();
        let mut bytes = Vec::new();
        let manifest = match reader.open_member("rsmf_manifest.json") {
            Ok(mut member) => {
                std::io::Read::read_to_end(&mut member, &mut bytes).unwrap();
                serde_json::from_slice::<Value>(
                    bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes),
                )
            }
            Err(_) => continue,
        };
        // What Relativity reads although it is no JSON cannot be compared.
        let Ok(manifest) = manifest else { continue };
        assert_eq!(
            round_trip(&manifest),
            without_empty_lists(manifest),
            "{}",
            path.display()
        );
        count += 1;
    }
    assert!(count > 50, "{count}");
}

/// The model does not tell an empty list from none.
fn without_empty_lists(value: Value) -> Value {
    match value {
        Value::Object(map) => map
            .into_iter()
            .filter(|(name, value)| is_needed(name) || value != &json!([]))
            .map(|(name, value)| (name, without_empty_lists(value)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(items) => items.into_iter().map(without_empty_lists).collect(),
        other => other,
    }
}

fn is_needed(name: &str) -> bool {
    matches!(name, "participants" | "conversations" | "events")
}

fn text() -> impl Strategy<Value = Value> {
    "\\PC{1,12}".prop_map(Value::from)
}

/// An object with the given properties and a choice of the others, one of them unknown.
fn object(
    required: Vec<(&'static str, BoxedStrategy<Value>)>,
    optional: Vec<(&'static str, BoxedStrategy<Value>)>,
) -> BoxedStrategy<Value> {
    let required: Vec<_> = required
        .into_iter()
        .map(|(name, value)| value.prop_map(move |value| (name, value)))
        .collect();
    let mut maybe: Vec<_> = optional
        .into_iter()
        .map(|(name, value)| prop::option::of(value.prop_map(move |value| (name, value))).boxed())
        .collect();
    maybe.push(prop::option::of(Just(("x-unknown", json!({"a": [1, null]})))).boxed());
    (required, maybe)
        .prop_map(|(required, maybe)| {
            let properties = required.into_iter().chain(maybe.into_iter().flatten());
            Value::Object(
                properties
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect(),
            )
        })
        .boxed()
}

fn list(item: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    prop::collection::vec(item, 1..3)
        .prop_map(Value::from)
        .boxed()
}

fn choice(values: &'static [&'static str]) -> BoxedStrategy<Value> {
    prop::sample::select(values).prop_map(Value::from).boxed()
}

fn event() -> BoxedStrategy<Value> {
    let text = || text().boxed();
    let time = || {
        choice(&[
            "2025-07-01T06:00:00Z",
            "2025-07-01T06:00:00.125",
            "2025-07-01",
        ])
    };
    let custom = || list(object(vec![("name", text()), ("value", text())], vec![]));
    let edit = object(
        vec![("participant", text())],
        vec![("timestamp", time()), ("previous", text()), ("new", text())],
    );
    let receipt = object(
        vec![("participant", text())],
        vec![
            ("timestamp", time()),
            ("action", choice(&["read", "delivered"])),
        ],
    );
    let reaction = object(
        vec![("value", text())],
        vec![
            ("count", any::<i64>().prop_map(Value::from).boxed()),
            ("participants", list(text())),
        ],
    );
    let attachment = object(
        vec![("id", text())],
        vec![
            ("display", text()),
            ("size", any::<i64>().prop_map(Value::from).boxed()),
        ],
    );
    object(
        vec![(
            "type",
            choice(&[
                "message",
                "disclaimer",
                "join",
                "leave",
                "history",
                "unknown",
            ]),
        )],
        vec![
            ("id", text()),
            ("parent", text()),
            ("body", text()),
            ("participant", text()),
            ("conversation", text()),
            ("timestamp", time()),
            ("deleted", any::<bool>().prop_map(Value::from).boxed()),
            ("importance", choice(&["normal", "high"])),
            ("direction", choice(&["incoming", "outgoing"])),
            ("attachments", list(attachment)),
            ("reactions", list(reaction)),
            ("edits", list(edit)),
            ("read_receipts", list(receipt)),
            ("custom", custom()),
        ],
    )
}

fn manifest() -> BoxedStrategy<Value> {
    let text = || text().boxed();
    let participant = object(
        vec![("id", text())],
        vec![
            ("display", text()),
            ("avatar", text()),
            ("account_id", text()),
        ],
    );
    let conversation = object(
        vec![
            ("id", text()),
            ("platform", text()),
            ("participants", list(text())),
        ],
        vec![
            ("display", text()),
            ("type", choice(&["direct", "channel"])),
            ("custodian", text()),
            ("icon", text()),
        ],
    );
    object(
        vec![
            ("version", Just(json!("2.0.0")).boxed()),
            ("participants", list(participant)),
            ("conversations", list(conversation)),
            ("events", list(event())),
        ],
        vec![("eventcollectionid", text())],
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn generated_manifests_come_back(json in manifest()) {
        prop_assert_eq!(round_trip(&json), json);
    }

    #[test]
    fn generated_manifests_keep_to_the_schema(json in manifest()) {
        let report = validate_manifest(json.to_string().as_bytes(), Profile::Strict).unwrap();
        let broken = report.findings.iter().find(|found| found.code.as_str() == "ManifestSchemaViolation");
        prop_assert_eq!(broken, None);
    }
}
