//! The verdicts of Relativity's own validator, where the corpus is at hand.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::PathBuf,
};

use rsmf_core::validate::{Level, Profile, Report, validate_rsmf};
use serde::Deserialize;

#[derive(Debug, Deserialize, PartialEq, Eq)]
struct Verdict {
    result: String,
    errors: Vec<String>,
    warnings: Vec<String>,
}

impl Verdict {
    fn of(report: &Report) -> Self {
        let codes = |level| {
            let findings = report
                .findings
                .iter()
                .filter(|finding| finding.level == level);
            findings
                .map(|finding| finding.code.as_str().to_owned())
                .collect()
        };
        Self {
            result: report.outcome().as_str().to_owned(),
            errors: codes(Level::Error),
            warnings: codes(Level::Warning),
        }
        .sorted()
    }

    fn sorted(mut self) -> Self {
        self.errors.sort();
        self.warnings.sort();
        self
    }
}

#[test]
fn agrees_with_relativity_on_every_case() {
    let Some(cases) = cases() else {
        eprintln!("skipped: no corpus of validator cases here (set RSMF_SHARED)");
        return;
    };
    let verdicts = fs::read_to_string(cases.join("verdicts.json")).unwrap();
    let verdicts: BTreeMap<String, Verdict> = serde_json::from_str(&verdicts).unwrap();
    assert!(!verdicts.is_empty());
    let mut wrong = String::new();
    for (name, verdict) in verdicts {
        let file = File::open(cases.join(format!("{name}.rsmf"))).unwrap();
        let report = validate_rsmf(file, Profile::Relativity).unwrap();
        let (expected, found) = (verdict.sorted(), Verdict::of(&report));
        if expected != found {
            wrong += &format!("{name}\n  Relativity: {expected:?}\n  we:         {found:?}\n");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

pub(crate) fn cases() -> Option<PathBuf> {
    let shared = std::env::var_os("RSMF_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared")),
        PathBuf::from,
    );
    let cases = shared.join("validator-cases");
    cases.is_dir().then_some(cases)
}
