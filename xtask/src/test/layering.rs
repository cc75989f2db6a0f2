//! What may depend on what.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use cargo_metadata::{DependencyKind, Package};
use xshell::cmd;

use super::Outcome;
use crate::context::Context;

/// What every other crate may build on.
const SHARED: [&str; 2] = ["rsmf-core", "rsmf-http"];

/// Those that put the concrete ones together: the tool, and the examples.
const TOP: [&str; 2] = ["rsmf-cli", "rsmf-examples"];

/// Runtimes and clients that the core must not bring to those who only want the format.
const FOREIGN_TO_CORE: [&str; 8] = [
    "tokio",
    "async-std",
    "smol",
    "reqwest",
    "hyper",
    "rustls",
    "openssl",
    "tracing-subscriber",
];

pub(super) fn run(context: &Context) -> Result<Outcome> {
    let metadata = context.metadata()?;
    let mut broken: Vec<_> = metadata
        .workspace_packages()
        .into_iter()
        .flat_map(wrong_dependencies)
        .collect();
    broken.extend(foreign_in_core(context)?);
    ensure!(broken.is_empty(), "{}", broken.join("; "));
    Ok(Outcome::Passed)
}

/// Dependencies of a member on another that the layers forbid. Tests may use any.
fn wrong_dependencies(package: &Package) -> Vec<String> {
    let name = package.name.as_str();
    package
        .dependencies
        .iter()
        .filter(|dependency| {
            dependency.path.is_some() && dependency.kind != DependencyKind::Development
        })
        .filter(|dependency| !may_use(name, &dependency.name))
        .map(|dependency| format!("{name} must not depend on {}", dependency.name))
        .collect()
}

fn may_use(user: &str, used: &str) -> bool {
    match user {
        top if TOP.contains(&top) => true,
        "rsmf-core" => false,
        "rsmf-http" => used == "rsmf-core",
        _ => SHARED.contains(&used),
    }
}

fn foreign_in_core(context: &Context) -> Result<Vec<String>> {
    let tree = cmd!(
        context.shell,
        "cargo tree --locked --package rsmf-core --all-features --edges normal,build --prefix none"
    )
    .quiet()
    .read()?;
    let names: BTreeSet<_> = tree
        .lines()
        .filter_map(|line| line.split(' ').next())
        .collect();
    let found = FOREIGN_TO_CORE
        .into_iter()
        .filter(|name| names.contains(name));
    Ok(found
        .map(|name| format!("rsmf-core must not bring {name}"))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::may_use;

    #[test]
    fn only_the_top_names_integrations() {
        assert!(may_use("rsmf-cli", "rsmf-chat"));
        assert!(may_use("rsmf-chat", "rsmf-core"));
        assert!(!may_use("rsmf-chat", "rsmf-storage"));
        assert!(!may_use("rsmf-convert", "rsmf-chat"));
        assert!(!may_use("rsmf-core", "rsmf-http"));
    }
}
