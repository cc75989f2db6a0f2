//! For code-scanning tools: a SARIF 2.1.0 log (OASIS, Static Analysis Results Interchange Format).

use std::path::PathBuf;

use rsmf_core::validate::{Code, Finding, Level};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    super::{check::Checked, uri},
    Printer,
};
use crate::{Console, cmd::shape::Shape, error::Result};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

pub(super) struct Sarif<'a> {
    console: &'a Console,
    base: PathBuf,
    separator: &'static str,
}

impl<'a> Sarif<'a> {
    pub(super) fn new(console: &'a Console) -> Result<Self> {
        let driver = json!({
            "name": "rsmf",
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "informationUri": env!("CARGO_PKG_HOMEPAGE"),
            "rules": Code::all().iter().map(rule).collect::<Vec<_>>(),
        });
        console.write(|out| {
            write!(
                out,
                "{{\"$schema\":\"{SCHEMA}\",\"version\":\"2.1.0\",\"runs\":[{{\
                 \"tool\":{{\"driver\":{driver}}},\n\"columnKind\":\"unicodeCodePoints\",\n\"results\":["
            )
        })?;
        Ok(Self {
            console,
            // Without a current folder, every location is an absolute URI.
            base: std::env::current_dir().unwrap_or_default(),
            separator: "\n",
        })
    }
}

impl Printer for Sarif<'_> {
    fn file(&mut self, checked: &Checked) -> Result<()> {
        let uri = uri::of(&checked.path, &self.base);
        let separator = &mut self.separator;
        self.console.write(|out| {
            for finding in &checked.report.findings {
                let separator = std::mem::replace(separator, ",\n");
                write!(out, "{separator}{}", result(finding, &uri, checked.shape))?;
            }
            Ok(())
        })
    }

    fn end(&mut self, unreadable: &[String]) -> Result<()> {
        let notifications: Vec<_> = unreadable
            .iter()
            .map(|message| json!({"level": "error", "message": {"text": message}}))
            .collect();
        let invocation = json!({
            "executionSuccessful": unreadable.is_empty(),
            "toolExecutionNotifications": notifications,
        });
        self.console
            .write(|out| writeln!(out, "\n],\"invocations\":[{invocation}]}}]}}"))
    }
}

fn rule(code: &Code) -> Value {
    json!({
        "id": code.as_str(),
        "shortDescription": {"text": code.description()},
        "defaultConfiguration": {"level": level(code.level())},
    })
}

fn result(finding: &Finding, uri: &str, shape: Shape) -> Value {
    let region = finding.line.map(|start_line| Region {
        start_line,
        start_column: finding.column,
    });
    let inner = region.as_ref().and_then(|_| manifest_within(shape));
    let location = Location {
        physical_location: Physical {
            artifact_location: Artifact { uri },
            region,
        },
        logical_locations: inner.map(Logical::manifest).into_iter().collect(),
    };
    json!({
        "ruleId": finding.code.as_str(),
        "ruleIndex": Code::all().iter().position(|code| *code == finding.code),
        "level": level(finding.level),
        "message": {"text": finding.message},
        "locations": [location],
    })
}

/// Lines count within the manifest: where that is in the file, if it is not the file itself.
fn manifest_within(shape: Shape) -> Option<&'static str> {
    match shape {
        Shape::Rsmf => Some("rsmf.zip/rsmf_manifest.json"),
        Shape::Zip => Some("rsmf_manifest.json"),
        Shape::Manifest => None,
    }
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Info => "note",
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'a> {
    physical_location: Physical<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logical_locations: Vec<Logical>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical<'a> {
    artifact_location: Artifact<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

#[derive(Serialize)]
struct Artifact<'a> {
    uri: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_column: Option<u64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Logical {
    name: &'static str,
    fully_qualified_name: &'static str,
    kind: &'static str,
}

impl Logical {
    fn manifest(path: &'static str) -> Self {
        Self {
            name: "rsmf_manifest.json",
            fully_qualified_name: path,
            kind: "resource",
        }
    }
}
