//! What somebody may have meant who typed something else.

use std::{ffi::OsStr, path::Path};

use clap::error::{ContextKind, ContextValue};
use rsmf_core::Kind;
use strsim::{damerau_levenshtein as distance, normalized_damerau_levenshtein as likeness};

use crate::error::Error;

/// How alike two names of files are, of 1, to be worth a suggestion.
const ENOUGH: f64 = 0.8;
/// The same for one of the few values of an option.
const ENOUGH_OF_FEW: f64 = 0.6;

/// Adds to an error that there is no such file which one there is, if its name is much like it.
pub(crate) fn suggest(error: Error, typed: &Path) -> Error {
    let missing = match &error {
        Error::Input(cause) | Error::Chat(rsmf_chat::Error::Core(cause)) => {
            cause.kind() == Kind::NotFound
        }
        _ => false,
    };
    match nearest(typed).filter(|_| missing && !typed.exists()) {
        Some(name) => Error::Unfinished {
            cause: Box::new(error),
            hint: format!("did you mean {}?", typed.with_file_name(name).display()),
        },
        None => error,
    }
}

/// The name in the same folder that is most like the one that was typed.
fn nearest(typed: &Path) -> Option<String> {
    let wanted = typed.file_name().and_then(OsStr::to_str)?.to_lowercase();
    let folder = typed.parent().filter(|folder| *folder != Path::new(""));
    let entries = std::fs::read_dir(folder.unwrap_or(Path::new("."))).ok()?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    best(&wanted, names, ENOUGH)
}

/// Adds which value of an option was meant, where clap, which does not see that letters were
/// swapped, has no suggestion.
pub(crate) fn suggest_value(mut error: clap::Error) -> clap::Error {
    let meant = match (
        error.get(ContextKind::InvalidValue),
        error.get(ContextKind::ValidValue),
        error.get(ContextKind::SuggestedValue),
    ) {
        (Some(ContextValue::String(typed)), Some(ContextValue::Strings(valid)), None) => {
            best(&typed.to_lowercase(), valid.iter().cloned(), ENOUGH_OF_FEW)
        }
        _ => None,
    };
    if let Some(meant) = meant {
        error.insert(ContextKind::SuggestedValue, ContextValue::String(meant));
    }
    error
}

/// Which of a few names was meant.
pub(crate) fn among(typed: &str, known: &[String]) -> Option<String> {
    best(&typed.to_lowercase(), known.iter().cloned(), ENOUGH_OF_FEW)
}

fn best(typed: &str, names: impl Iterator<Item = String>, enough: f64) -> Option<String> {
    // In a short name, a single letter is a large part.
    let is_slip =
        |name: &str| typed.chars().count() > 2 && distance(typed, &name.to_lowercase()) <= 1;
    let scored = names.map(|name| (likeness(typed, &name.to_lowercase()), name));
    let best = scored.max_by(|(a, left), (b, right)| a.total_cmp(b).then(right.cmp(left)));
    best.filter(|(score, name)| *score >= enough || is_slip(name))
        .map(|(_, name)| name)
}
