//! What somebody gets who takes the libraries from crates.io.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};
use cargo_metadata::Metadata;
use xshell::cmd;

use super::Outcome;
use crate::context::Context;

/// The most bytes of a packaged crate: more means that test data slipped in.
const LARGEST: u64 = 400 << 10;

/// The program of a crate that has nothing of ours but the core.
const DOWNSTREAM: &str = include_str!("downstream.rs");

/// Makes the packages in the order in which they have to be published, and compiles what is in
/// them. Cargo could do the latter too, but mistakes the packages of an earlier run for these
/// where the version is the same.
pub(super) fn publish(context: &Context) -> Result<Outcome> {
    let shell = &context.shell;
    cmd!(
        shell,
        "cargo publish --dry-run --no-verify --allow-dirty --locked --workspace"
    )
    .run()?;
    let names = published(&context.metadata()?);
    let folder = unpack(context, &names, "unpacked")?;
    let members = names.iter().map(|name| format!("\"{name}\", "));
    let patches = names.iter().filter_map(|name| {
        let (package, _) = name.rsplit_once('-')?;
        Some(format!("{package} = {{ path = \"{name}\" }}\n"))
    });
    let manifest = format!(
        "[workspace]\nresolver = \"3\"\nmembers = [{}]\n\n[patch.crates-io]\n{}",
        members.collect::<String>(),
        patches.collect::<String>()
    );
    fs::write(folder.join("Cargo.toml"), manifest)?;
    let _here = shell.push_dir(folder);
    cmd!(shell, "cargo check --workspace --all-features").run()?;
    Ok(Outcome::Passed)
}

/// Builds and runs a program in a folder of its own, with the packaged core and nothing else of
/// ours, as somebody would who wants the format alone.
pub(super) fn downstream(context: &Context) -> Result<Outcome> {
    let mut core = published(&context.metadata()?);
    core.retain(|name| name.starts_with("rsmf-core-"));
    let folder = unpack(context, &core, "downstream")?;
    write_program(&folder, &core.concat())?;
    let shell = &context.shell;
    let _here = shell.push_dir(&folder);
    cmd!(shell, "cargo fetch --quiet").run()?;
    let said = cmd!(shell, "cargo run --quiet --offline").read()?;
    ensure!(said == "passed: Hello", "the program said {said:?}");
    let tree = cmd!(shell, "cargo tree --offline --prefix none").read()?;
    let ours = tree.lines().filter(|line| line.starts_with("rsmf"));
    let mut ours: Vec<_> = ours.filter_map(|line| line.split(' ').next()).collect();
    ours.dedup();
    ensure!(
        ours == ["rsmf-core"],
        "these came along: {}",
        ours.join(", ")
    );
    Ok(Outcome::Passed)
}

/// The packages that are published, as `name-version`.
fn published(metadata: &Metadata) -> Vec<String> {
    let packages = metadata.workspace_packages().into_iter();
    // An empty list of registries is what `publish = false` means.
    let published = packages.filter(|package| package.publish.is_none());
    published
        .map(|package| format!("{}-{}", package.name, package.version))
        .collect()
}

/// Makes packages and unpacks them into a folder beside the build output, with the versions that
/// are tested; cargo drops those that are not needed there.
fn unpack(context: &Context, names: &[String], folder: &str) -> Result<PathBuf> {
    let shell = &context.shell;
    let packages = names.iter().filter_map(|name| name.rsplit_once('-'));
    let packages = packages.flat_map(|(package, _)| ["--package", package]);
    cmd!(
        shell,
        "cargo package --quiet --no-verify --allow-dirty --locked {packages...}"
    )
    .run()?;
    let made = context.cache.target().join("package");
    let folder = made.join(folder);
    shell.remove_path(&folder)?;
    fs::create_dir(&folder)?;
    fs::copy(context.root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
    for name in names {
        let file = made.join(format!("{name}.crate"));
        let size = fs::metadata(&file)
            .with_context(|| file.display().to_string())?
            .len();
        println!("{name}: {size} bytes");
        ensure!(
            size <= LARGEST,
            "{name} has {size} bytes: what does not belong there goes into `exclude`"
        );
        let _here = shell.push_dir(&folder);
        // All times in packages are the same, so that cargo would see no change: `m` drops them.
        cmd!(shell, "tar -xzmf {file}").quiet().run()?;
    }
    Ok(folder)
}

fn write_program(folder: &Path, core: &str) -> Result<()> {
    let manifest = format!(
        "[package]\nname = \"downstream\"\nedition = \"2024\"\n\n\
         [workspace]\n\n[dependencies]\nrsmf-core = {{ path = \"{core}\" }}\n"
    );
    fs::write(folder.join("Cargo.toml"), manifest)?;
    fs::create_dir(folder.join("src"))?;
    fs::write(folder.join("src/main.rs"), DOWNSTREAM)?;
    Ok(())
}
