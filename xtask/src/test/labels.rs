//! The documentation, as docs.rs builds it.

use std::{fs, path::Path};

use anyhow::{Result, ensure};
use xshell::cmd;

use super::Outcome;
use crate::context::Context;

/// Builds it without a warning, and finds what needs a feature labelled so.
///
/// Labels are not stable yet. Only the program that writes the pages is told to allow them: a
/// variable for all of cargo would have everything compiled anew.
pub(super) fn docs(context: &Context) -> Result<Outcome> {
    let shell = &context.shell;
    let command = cmd!(
        shell,
        "cargo doc --locked --workspace --no-deps --all-features"
    );
    let scratch = shell.create_temp_dir()?;
    let rustdoc = scratch.path().join("rustdoc");
    if cfg!(windows) {
        command.env("RUSTDOCFLAGS", "-D warnings").run()?;
        context.note("docs: labels of features are not looked at on Windows");
        return Ok(Outcome::Passed);
    }
    fs::write(
        &rustdoc,
        "#!/bin/sh\nRUSTC_BOOTSTRAP=1 exec rustdoc \"$@\"\n",
    )?;
    cmd!(shell, "chmod +x {rustdoc}").quiet().run()?;
    command
        .env("RUSTDOC", rustdoc)
        .env("RUSTDOCFLAGS", "-D warnings --cfg docsrs")
        .run()?;
    check_labels(context)
}

/// Every feature that is not on by default is named on some page of its crate.
fn check_labels(context: &Context) -> Result<Outcome> {
    let mut missing = Vec::new();
    for package in context.metadata()?.workspace_packages() {
        let usual = package.features.get("default").into_iter().flatten();
        let usual: Vec<_> = usual.collect();
        let is_extra = |name: &&String| *name != "default" && !usual.contains(name);
        let features = package.features.keys().filter(is_extra);
        let name = package.name.replace('-', "_");
        let pages = context.cache.target().join("doc").join(&name);
        for feature in features {
            if !is_labelled(&pages, feature)? {
                missing.push(format!("{name}: {feature}"));
            }
        }
    }
    ensure!(
        missing.is_empty(),
        "no page says that it needs these features: {}",
        missing.join(", ")
    );
    Ok(Outcome::Passed)
}

fn is_labelled(folder: &Path, feature: &str) -> Result<bool> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let found = match path.is_dir() {
            true => is_labelled(&path, feature)?,
            false => {
                path.extension().is_some_and(|kind| kind == "html")
                    && has_label(&fs::read_to_string(&path)?, feature)
            }
        };
        if found {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a page has a label such as “Available on crate features a and b only” with the feature.
fn has_label(page: &str, feature: &str) -> bool {
    let code = format!("<code>{feature}</code>");
    let labels = page.split("Available on ").skip(1);
    let mut labels = labels.filter_map(|label| label.split(" only").next());
    labels.any(|label| label.contains("crate feature") && label.contains(&code))
}

#[cfg(test)]
mod tests {
    use super::has_label;

    #[test]
    fn labels_are_told_from_other_mentions() {
        let page = "Available on <strong>crate features <code>a</code> and <code>b-c</code></strong> \
            only.</div> The feature <code>d</code>";
        assert!(has_label(page, "a") && has_label(page, "b-c"));
        assert!(!has_label(page, "b") && !has_label(page, "d"));
    }
}
