//! The folder that a conversion writes to: apart from the input, and what an early end leaves in it.

use std::{
    io,
    path::{Component, Path},
};

use rsmf_core::Kind;
use rsmf_storage::Location;

use crate::error::{Error, Result};

/// Refuses an output that would change the input, before anything is created.
///
/// # Errors
/// [`Error::Usage`] where a folder to create, or a file to write, would be inside of the input, or
/// where the result could take the place of an input file of an unusual name.
pub(super) fn keep_apart(input: &str, output: &str) -> Result<()> {
    // What is wrong with an address is told where it is opened.
    let (Ok(Location::Local(from)), Ok(Location::Local(to))) = (input.parse(), output.parse())
    else {
        return Ok(());
    };
    let Ok(from) = std::fs::canonicalize(from) else {
        return Ok(());
    };
    match touches(&from, &to) {
        Ok(false) => Ok(()),
        Ok(true) => Err(Error::option(
            "output",
            format!(
                "writing to {output} would change the export {input}; choose a folder outside of it"
            ),
        )),
        Err(error) => Err(Error::Output(rsmf_core::Error::from_io(
            "use", output, error,
        ))),
    }
}

/// Adds to an error what the output folder holds now, where it is no complete result.
pub(super) fn left_behind(error: Error, output: &str) -> Error {
    let Ok(Location::Local(folder)) = output.parse() else {
        return error;
    };
    let has_files = std::fs::read_dir(&folder).is_ok_and(|mut entries| entries.next().is_some());
    // A report is of an earlier run, and is gone before the first file of this one.
    if !has_files || folder.join("report.json").exists() || !is_early_end(&error) {
        return error;
    }
    let hint = format!(
        "the files in {output} are whole, but the set is not complete (no report.json); delete the folder \
         or run again with `--existing overwrite`, which writes all of them anew"
    );
    Error::Unfinished {
        cause: Box::new(error),
        hint,
    }
}

/// Whether files may have been written before the error. A conflict means that they are another
/// run's, which may be alive and well.
fn is_early_end(error: &Error) -> bool {
    use rsmf_convert::Error as Convert;
    match error {
        Error::Stopped(_) => true,
        Error::Convert(Convert::Output(error)) => error.kind() != Kind::Conflict,
        Error::Convert(Convert::Source(_) | Convert::Internal(_)) => true,
        _ => false,
    }
}

/// Whether creating `output` and writing to it changes `input`, which has no links.
pub(crate) fn touches(input: &Path, output: &Path) -> io::Result<bool> {
    let mut place = std::env::current_dir()?.canonicalize()?;
    for component in output.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                place.pop();
            }
            // An absolute path takes the place of the current folder.
            other => place.push(other),
        }
        match place.canonicalize() {
            Ok(real) => place = real,
            // It would be created, even where `..` leads out again.
            Err(_) if place.starts_with(input) => return Ok(true),
            Err(_) => {}
        }
    }
    Ok(place.starts_with(input) || replaces(input, &place))
}

/// Whether `input` lies in the output folder and is called like a part of the result.
fn replaces(input: &Path, output: &Path) -> bool {
    let written = |extension: &std::ffi::OsStr| {
        ["rsmf", "json", "csv", "html"]
            .iter()
            .any(|ours| extension.eq_ignore_ascii_case(ours))
    };
    input.parent() == Some(output) && input.extension().is_some_and(written)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn folder() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        std::fs::create_dir_all(root.join("sy/general")).unwrap();
        std::fs::create_dir(root.join("elsewhere")).unwrap();
        (folder, root)
    }

    #[test]
    fn what_lies_inside_is_seen_however_it_is_written() {
        let (_folder, root) = folder();
        let input = root.join("sy");
        for (output, inside) in [
            ("sy", true),
            ("sy/", true),
            ("sy/general", true),
            ("sy/general/new/deep", true),
            ("sy/./new", true),
            ("elsewhere/../sy/new", true),
            ("new/../sy/new", true),
            ("sy/new/../../out", true),
            ("sy/general/../../out", false),
            ("sy-out", false),
            ("sy2", false),
            ("elsewhere/sy", false),
            ("", false),
        ] {
            assert_eq!(
                touches(&input, &root.join(output)).unwrap(),
                inside,
                "{output}"
            );
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed() {
        use std::os::unix::fs::symlink;
        let (_folder, root) = folder();
        symlink(root.join("sy/general"), root.join("link")).unwrap();
        symlink(root.join("elsewhere"), root.join("sy/out")).unwrap();
        let input = root.join("sy");
        for (output, inside) in [
            ("link", true),
            ("link/new", true),
            ("link/../new", true),
            ("link/../../new", false),
            ("sy/out/new", false),
        ] {
            assert_eq!(
                touches(&input, &root.join(output)).unwrap(),
                inside,
                "{output}"
            );
        }
    }

    #[test]
    fn an_input_that_looks_like_output_is_not_replaced() {
        let (_folder, root) = folder();
        for (name, replaced) in [("report.json", true), ("a.RSMF", true), ("a.zip", false)] {
            let input = root.join(name);
            assert_eq!(touches(&input, &root).unwrap(), replaced, "{name}");
            assert!(!touches(&input, &root.join("out")).unwrap());
        }
    }

    #[test]
    fn only_an_early_end_with_files_gets_the_hint() {
        let (_folder, root) = folder();
        let report =
            |error, folder: &str| left_behind(error, root.join(folder).to_str().unwrap()).report();
        assert!(report(Error::Stopped(130), "sy").contains("(no report.json)"));
        std::fs::write(root.join("sy/report.json"), "{}").unwrap();
        assert!(!report(Error::Stopped(130), "sy").contains("hint"));
        std::fs::remove_file(root.join("sy/report.json")).unwrap();
        assert!(!report(Error::Stopped(130), "elsewhere").contains("hint"));
        assert!(!report(Error::Stopped(130), "gone").contains("hint"));
        let output =
            |failure: rsmf_core::Error| Error::Convert(rsmf_convert::Error::Output(failure));
        let failure = || rsmf_core::Failure::new("write", "a");
        assert!(report(output(failure().other()), "sy").contains("delete the folder"));
        assert!(!report(output(failure().conflict()), "sy").contains("delete the folder"));
    }
}
