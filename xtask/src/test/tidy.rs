//! House rules that no other tool knows.

use std::{fs, path::Path};

use anyhow::{Result, ensure};

use super::Outcome;
use crate::context::Context;

/// The most lines of code, without blank ones and comments, that a file may have.
const LONGEST: usize = 500;

/// Words that stand for work not done. Written apart, so that this file passes.
const LEFTOVERS: [&str; 3] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("X", "XX"),
];

/// Where a manifest or a tool's settings would state the oldest Rust a second time.
const MSRV_KEYS: [&str; 3] = ["rust-version =", "msrv =", "channel ="];

pub(super) fn run(context: &Context) -> Result<Outcome> {
    let mut found = Vec::new();
    for path in context.files()? {
        let Ok(name) = path.strip_prefix(&context.root) else {
            continue;
        };
        if ["fixtures", "fuzz/corpus", "fuzz/regressions"]
            .iter()
            .any(|folder| name.starts_with(folder))
        {
            continue;
        }
        // What is no text is no concern of these rules.
        if let Ok(text) = fs::read_to_string(&path) {
            found.extend(complaints(name, &text));
        }
    }
    for complaint in &found {
        eprintln!("{complaint}");
    }
    ensure!(found.is_empty(), "{} complaints", found.len());
    Ok(Outcome::Passed)
}

fn complaints(name: &Path, text: &str) -> Vec<String> {
    let place = name.display();
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if LEFTOVERS.iter().any(|word| has_word(line, word)) {
            found.push(format!("{place}:{}: left undone", index + 1));
        }
        if line.trim_end() != line && name.extension().is_some_and(|kind| kind != "md") {
            found.push(format!("{place}:{}: ends in blanks", index + 1));
        }
    }
    if name.extension().is_some_and(|kind| kind == "rs") && code_lines(text) > LONGEST {
        found.push(format!(
            "{place}: {} lines of code, at most {LONGEST} are allowed",
            code_lines(text)
        ));
    }
    if name.extension().is_some_and(|kind| kind == "toml") {
        found.extend(manifest_complaints(name, text));
    }
    found
}

fn manifest_complaints(name: &Path, text: &str) -> Vec<String> {
    let place = name.display();
    let mut found = Vec::new();
    let states_msrv = text.lines().any(|line| {
        MSRV_KEYS
            .iter()
            .any(|key| line.trim_start().starts_with(key))
    });
    if states_msrv && name != Path::new("Cargo.toml") {
        found.push(format!(
            "{place}: the oldest Rust is stated in the root Cargo.toml alone"
        ));
    }
    let is_member = text.contains("[package]") && !text.contains("[workspace]");
    if is_member && name.file_name().is_some_and(|file| file == "Cargo.toml") {
        for wanted in ["rust-version.workspace = true", "[lints]\nworkspace = true"] {
            if !text.contains(wanted) {
                found.push(format!("{place}: lacks {wanted:?}"));
            }
        }
    }
    found
}

fn code_lines(text: &str) -> usize {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("//"))
        .count()
}

fn has_word(line: &str, word: &str) -> bool {
    line.split(|c: char| !c.is_alphanumeric())
        .any(|part| part == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leftovers_are_words() {
        let line = format!("// {}: later", LEFTOVERS[0]);
        assert_eq!(complaints(Path::new("a.rs"), &line).len(), 1);
        assert!(complaints(Path::new("a.rs"), "let TODOS = 1;").is_empty());
    }

    #[test]
    fn comments_do_not_make_a_file_long() {
        let text = "// why\n".repeat(LONGEST + 1);
        assert!(complaints(Path::new("a.rs"), &text).is_empty());
        let text = "f();\n".repeat(LONGEST + 1);
        assert_eq!(complaints(Path::new("a.rs"), &text).len(), 1);
    }

    #[test]
    fn the_oldest_rust_is_stated_once() {
        let text = "[package]\nrust-version = \"1\"\n";
        assert_eq!(complaints(Path::new("a/Cargo.toml"), text).len(), 3);
        let text = "[package]\nrust-version.workspace = true\n\n[lints]\nworkspace = true\n";
        assert!(complaints(Path::new("a/Cargo.toml"), text).is_empty());
    }
}
