//! The folder that a conversion writes to lies apart from the input.

use std::{
    io,
    path::{Component, Path},
};

use rsmf_storage::Location;

use crate::{
    config::Config,
    error::{Error, Result},
};

/// Refuses an output that would change the input, before anything is created.
///
/// # Errors
/// [`Error::Usage`] where a folder to create, or a file to write, would be inside of the input, or
/// where the result could take the place of an input file of an unusual name.
pub(crate) fn keep_apart(config: &Config, input: &str, output: &str) -> Result<()> {
    let locate = |address| config.stores.locate(address).map(|(location, _)| location);
    // What is wrong with an address is told where it is opened.
    let (Ok(from), Ok(to)) = (locate(input), locate(output)) else {
        return Ok(());
    };
    let (Location::Local(from), Location::Local(to)) = (&from, &to) else {
        return match is_below(&to, &from) {
            true => Err(changes(input, output)),
            false => Ok(()),
        };
    };
    let Ok(from) = std::fs::canonicalize(from) else {
        return Ok(());
    };
    match touches(&from, to) {
        Ok(false) => Ok(()),
        Ok(true) => Err(changes(input, output)),
        Err(error) => Err(Error::Output(rsmf_core::Error::from_io(
            "use", output, error,
        ))),
    }
}

fn changes(input: &str, output: &str) -> Error {
    let problem = format!(
        "writing to {output} would change the export {input}; choose a folder outside of it"
    );
    Error::option("output", problem)
}

/// Whether one place elsewhere is another one, or lies in it.
fn is_below(inner: &Location, outer: &Location) -> bool {
    let (inner, outer) = (inner.to_string(), outer.to_string());
    let rest = inner.strip_prefix(outer.trim_end_matches('/'));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
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
    fn places_elsewhere_are_kept_apart_too() {
        let config = Config::default();
        let apart = |input, output| keep_apart(&config, input, output).is_ok();
        assert!(!apart("s3://b/acme", "s3://b/acme/out"));
        assert!(!apart("s3://b/acme/", "s3://b/acme"));
        assert!(!apart("s3://b", "s3://b/out"));
        assert!(apart("s3://b/acme.zip", "s3://b/acme"));
        assert!(apart("s3://b/acme", "s3://b/acme-out"));
        assert!(apart("s3://b/acme", "gs://b/acme"));
        assert!(apart("s3://b/acme", "out"));
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
}
