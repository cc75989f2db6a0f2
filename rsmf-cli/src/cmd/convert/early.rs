//! What to say where a conversion ends early.

use std::ffi::OsString;

use rsmf_core::Kind;

use crate::error::{Error, Result};

/// Adds to an error how to go on, where something is there to go on with.
pub(super) async fn end(error: Error, output: &str, words: &[OsString]) -> Error {
    match is_early(&error) && is_unfinished(output).await.unwrap_or_default() {
        true => Error::Unfinished {
            hint: format!("to go on from here: {}", command(words)),
            cause: Box::new(error),
        },
        false => error,
    }
}

async fn is_unfinished(output: &str) -> Result<bool> {
    let output = rsmf_storage::open_output(output).map_err(Error::Output)?;
    Ok(rsmf_convert::is_unfinished(output.storage.as_ref()).await?)
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

/// The same command with `--resume`, ready to be pasted into a shell.
fn command(words: &[OsString]) -> String {
    let mut words: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
    if !words.iter().any(|word| word == "--resume") {
        let verb = words.iter().skip(1).position(|word| word == "convert");
        // Options may follow the command at once, but not what comes after `--`.
        let after = verb.map_or(words.len(), |verb| verb + 2);
        words.insert(after, "--resume".into());
    }
    let words: Vec<_> = words.iter().map(|word| quoted(word)).collect();
    words.join(" ")
}

fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+,@%:=".contains(c);
    match word {
        // An address may hold a password.
        _ if word.contains("://") && !word.starts_with("file://") => "…".to_owned(),
        _ if !word.is_empty()
            && word
                .chars()
                .all(|c| is_plain(c) || (cfg!(windows) && c == '\\')) =>
        {
            word.to_owned()
        }
        _ if cfg!(windows) => format!("\"{}\"", word.replace('"', "\\\"")),
        _ => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    use rsmf_core::Failure;

    use super::*;

    fn resumed(words: &[&str]) -> String {
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        command(&words)
    }

    #[test]
    fn the_command_is_the_same_with_resume() {
        assert_eq!(
            resumed(&["rsmf", "-v", "convert", "a.zip", "-o", "out"]),
            "rsmf -v convert --resume a.zip -o out"
        );
        assert_eq!(
            resumed(&["rsmf", "convert", "--resume", "a", "-o", "b"]),
            "rsmf convert --resume a -o b"
        );
        assert_eq!(
            resumed(&["convert", "convert", "-o", "o", "--", "convert"]),
            "convert convert --resume -o o -- convert"
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
            r"rsmf convert --resume 'my export.zip' --participant 'O'\''Neil $1' ''"
        );
    }

    #[test]
    fn an_address_is_not_shown() {
        let shown = resumed(&["rsmf", "convert", "https://user:secret@host/a.zip"]);
        assert_eq!(shown, "rsmf convert --resume …");
    }

    #[tokio::test]
    async fn only_an_early_end_with_a_journal_gets_the_hint() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().to_str().unwrap();
        let words = ["rsmf", "convert"].map(OsString::from);
        let report = async |error| end(error, output, &words).await.report();
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
