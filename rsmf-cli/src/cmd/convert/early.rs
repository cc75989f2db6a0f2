//! What to say where a conversion ends early.

use std::{borrow::Cow, ffi::OsString};

use rsmf_core::Kind;

use crate::{cmd::unfinished::is_unfinished, config::Config, error::Error};

/// Adds to an error how to go on, where something is there to go on with.
pub(super) async fn end(error: Error, config: &Config, output: &str, words: &[OsString]) -> Error {
    match is_early(&error) && is_unfinished(config, output).await.unwrap_or_default() {
        true => Error::Unfinished {
            hint: match command(words) {
                Some(command) => format!("to go on from here: {command}"),
                None => "the same command with --resume goes on from here".to_owned(),
            },
            cause: Box::new(error),
        },
        false => error,
    }
}

/// Whether this run may have begun something. A conflict means that what is there is another
/// run's, which may be alive and well.
fn is_early(error: &Error) -> bool {
    use rsmf_convert::Error as Convert;
    match error {
        Error::Stopped(_) | Error::Interrupted { .. } => true,
        Error::Convert(Convert::Output(error)) => error.kind() != Kind::Conflict,
        Error::Convert(Convert::Source(_) | Convert::Fetch(_) | Convert::Internal(_)) => true,
        _ => false,
    }
}

/// The same command with `--resume` as its last option, ready to be pasted into a shell; nothing where that cannot
/// be, since control characters are shown as something else.
fn command(words: &[OsString]) -> Option<String> {
    let can_be_pasted = |word: &&str| !word.contains(char::is_control);
    let words: Option<Vec<_>> = words
        .iter()
        .map(|word| word.to_str().filter(can_be_pasted))
        .collect();
    let words = words?;
    // What comes after `--` is no option.
    let end = words.iter().position(|word| *word == "--");
    let (options, rest) = words.split_at(end.unwrap_or(words.len()));
    let options = options.iter().filter(|word| **word != "--resume");
    let all: Vec<_> = options
        .map(|word| quoted(word))
        .chain(["--resume".to_owned()])
        .chain(rest.iter().map(|word| quoted(word)))
        .collect();
    Some(all.join(" "))
}

pub(super) fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+,@%:=".contains(c);
    let word = without_secrets(word);
    match word.as_ref() {
        word if !word.is_empty()
            && word
                .chars()
                .all(|c| is_plain(c) || (cfg!(windows) && c == '\\')) =>
        {
            word.to_owned()
        }
        word if cfg!(windows) => format!("\"{}\"", word.replace('"', "\\\"")),
        word => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

/// A word, without what may be a secret in an address: user and password, and what asks the host.
fn without_secrets(word: &str) -> Cow<'_, str> {
    let Some((scheme, rest)) = word.split_once("://") else {
        return word.into();
    };
    if scheme == "file" || !rest.contains(['@', '?', '#']) {
        return word.into();
    }
    // A password that is not encoded as it should be may hold a slash, or what begins a query.
    let (user, rest) = match rest.rsplit_once('@') {
        Some((_, rest)) => ("…@", rest),
        None => ("", rest),
    };
    match rest.find(['?', '#']) {
        Some(end) => format!("{scheme}://{user}{}…", rest.get(..=end).unwrap_or_default()).into(),
        None => format!("{scheme}://{user}{rest}").into(),
    }
}

#[cfg(test)]
mod tests {
    use rsmf_core::Failure;

    use super::*;

    fn resumed(words: &[&str]) -> String {
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        command(&words).unwrap()
    }

    #[test]
    fn what_cannot_be_pasted_is_not_suggested() {
        let words = ["rsmf", "convert", "a\nb.zip"].map(OsString::from);
        assert_eq!(command(&words), None);
    }

    #[test]
    fn the_command_is_the_same_with_resume() {
        assert_eq!(
            resumed(&["rsmf", "-v", "convert", "a.zip", "-o", "out"]),
            "rsmf -v convert a.zip -o out --resume"
        );
        assert_eq!(
            resumed(&["rsmf", "convert", "--resume", "a", "-o", "b"]),
            "rsmf convert a -o b --resume"
        );
        assert_eq!(
            resumed(&["convert", "convert", "-o", "o", "--", "convert"]),
            "convert convert -o o --resume -- convert"
        );
    }

    #[cfg(unix)]
    #[test]
    fn words_are_quoted_as_shells_want_them() {
        assert_eq!(
            resumed(&[
                "rsmf",
                "convert",
                "my export.zip",
                "--participant",
                "O'Neil $1",
                ""
            ]),
            r"rsmf convert 'my export.zip' --participant 'O'\''Neil $1' '' --resume"
        );
    }

    #[test]
    fn addresses_are_shown_without_their_secrets() {
        for (word, shown) in [
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            (
                "--fetch-host=https://files.example/a",
                "--fetch-host=https://files.example/a",
            ),
            ("file:///data/a@b.zip", "file:///data/a@b.zip"),
            ("https://user:secret@host/a.zip", "https://…@host/a.zip"),
            ("https://user:se/c?r#et@host/a.zip", "https://…@host/a.zip"),
            ("s3://host/a.zip?key=secret", "s3://host/a.zip?…"),
            ("https://host/a.zip?to=me@secret?b", "https://…@secret?…"),
            ("https://host/a.zip#secret", "https://host/a.zip#…"),
        ] {
            assert_eq!(without_secrets(word), shown);
        }
        assert_eq!(
            resumed(&[
                "rsmf",
                "convert",
                "a.zip",
                "--fetch-host",
                "http://127.0.0.1:8080"
            ]),
            "rsmf convert a.zip --fetch-host http://127.0.0.1:8080 --resume"
        );
    }

    #[tokio::test]
    async fn only_an_early_end_with_a_journal_gets_the_hint() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().to_str().unwrap();
        let words = ["rsmf", "convert"].map(OsString::from);
        let config = Config::default();
        let report = async |error| end(error, &config, output, &words).await.report();
        let failed =
            |failure: rsmf_core::Error| Error::Convert(rsmf_convert::Error::Output(failure));
        let failure = || Failure::new("write", "a");
        assert!(!report(Error::Stopped(130)).await.contains("hint"));
        std::fs::write(folder.path().join(".rsmf-run.json"), "{}").unwrap();
        assert!(report(Error::Stopped(130)).await.contains("--resume"));
        assert!(report(failed(failure().other())).await.contains("--resume"));
        assert!(
            !report(failed(failure().conflict()))
                .await
                .contains("--resume")
        );
    }
}
