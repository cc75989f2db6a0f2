//! What an upload was begun with, which a run that goes on with it cannot change.

use rsmf_core::Failure;

use super::UploadOptions;
use crate::{Choices, Pick, Progress, Result};

/// What stands for an option that was not given.
const NONE: &str = "-";

impl UploadOptions {
    /// What the documents are made of, by the names of the options. Whether and how to validate, wait, check and tag is
    /// each run's own.
    pub(crate) fn choices(&self) -> Choices {
        let pick = |pick: Option<&Pick>| pick.map_or_else(|| NONE.to_owned(), ToString::to_string);
        let mut all = chosen([
            ("profile", self.profile.to_string()),
            ("custodian", self.custodian.to_string()),
            (
                "custodian-type",
                format!("{:?}", self.custodian_kind).to_lowercase(),
            ),
            ("time-zone", self.time_zone.to_string()),
            ("folder", pick(self.folder.as_ref())),
            ("ocr-languages", self.ocr_languages.join(", ")),
            ("notify", self.notify.join(", ")),
        ]);
        all.extend(prefix(self.prefix.as_ref()));
        all
    }
}

/// Choices by the names of options.
pub(crate) fn chosen<const N: usize>(all: [(&str, String); N]) -> Choices {
    all.map(|(name, value)| (name.to_owned(), value)).into()
}

/// What control numbers are to begin with.
pub(crate) fn prefix(prefix: Option<&String>) -> Choices {
    chosen([("prefix", prefix.cloned().unwrap_or_else(|| NONE.to_owned()))])
}

/// Refuses to go on with something that was begun otherwise. The way to the staging area may change as long as not all
/// files are there.
pub(crate) fn compare(progress: &Progress, now: &Choices, by: &str) -> Result<()> {
    let Some(names) = &progress.names else {
        return Ok(());
    };
    let mut different: Vec<_> = progress
        .choices
        .iter()
        .filter_map(|(name, then)| {
            let now = now.get(name).filter(|now| *now != then)?;
            Some(format!("{name} (“{then}” then, “{now}” now)"))
        })
        .collect();
    let is_staged = progress.staged.is_some();
    if let Some(then) = progress
        .by
        .as_deref()
        .filter(|then| is_staged && *then != by)
    {
        different.push(format!("staging (“{then}” then, “{by}” now)"));
    }
    if different.is_empty() {
        return Ok(());
    }
    Err(Failure::new("go on with", format!("“{}”", names.set))
        .source(format!(
            "these files were begun with other options: {}",
            different.join("; ")
        ))
        .advice("give the same options as then, or begin anew by another name (--name)")
        .conflict()
        .into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Entry, JournalKey, Names};

    #[test]
    fn what_differs_is_named() {
        let key = JournalKey::new("acme.example", 7, None, [("a.rsmf", 3)]);
        let names = Names::chosen(&key, None, None).unwrap();
        let mut options = UploadOptions::new("RSMF", "Ada");
        let mut progress = Progress::default();
        assert!(compare(&progress, &options.choices(), "a").is_ok());
        progress.apply(Entry::begun(key, &names, options.choices()));
        progress.apply(Entry::Staging { by: "a".to_owned() });
        assert!(compare(&progress, &options.choices(), "b").is_ok());
        progress.apply(Entry::Staged {
            folder: r"\\f\t\x".parse().unwrap(),
        });
        options.tags.push(("Matter".to_owned(), "42".to_owned()));
        assert!(compare(&progress, &options.choices(), "a").is_ok());
        options.custodian = "Bob".into();
        options.prefix = Some("P".to_owned());
        let error = compare(&progress, &options.choices(), "b").unwrap_err();
        let why = std::error::Error::source(&error).unwrap().to_string();
        for part in [
            "custodian (“Ada” then, “Bob” now)",
            "prefix (“-” then, “P” now)",
            "staging (“a” then, “b” now)",
        ] {
            assert!(why.contains(part), "{why}");
        }
    }
}
