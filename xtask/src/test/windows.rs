//! Everything compiles for Windows, without a Windows and without `rustup target add`.

use std::path::PathBuf;

use anyhow::Result;
use xshell::{Cmd, cmd};

use super::Outcome;
use crate::{context::Context, install::debian};

const TARGET: &str = "x86_64-pc-windows-gnu";
const COMPILER: &str = "x86_64-w64-mingw32-gcc";

pub(super) fn run(context: &Context) -> Result<Outcome> {
    let shell = &context.shell;
    let check = cmd!(
        shell,
        "cargo check --locked --workspace --all-features --target {TARGET}"
    )
    .env("CARGO_TARGET_DIR", context.cache.target().join("windows"));
    if cfg!(windows) {
        return Ok(Outcome::Skipped(
            "this is Windows: the other steps compile for it".into(),
        ));
    }
    let libraries = cmd!(shell, "rustc --print target-libdir --target {TARGET}")
        .quiet()
        .read()?;
    if debian::is_debian() && !context.has_program(COMPILER) {
        // Some dependencies bring C; its archiver also makes import libraries.
        debian::install(context, &["gcc-mingw-w64-x86-64-win32"])?;
    }
    if PathBuf::from(libraries).is_dir() {
        check.run()?;
    } else if debian::is_debian() {
        with_debian_rust(context, check)?;
    } else {
        return Ok(Outcome::Skipped(format!(
            "neither rustup's {TARGET} nor Debian's Rust is here"
        )));
    }
    Ok(Outcome::Passed)
}

/// Compiles with Debian's Rust for browsers, which brings the sources of `std`; it is unpacked
/// beside the toolchain, not installed, so that rustup's stays the one that is used.
fn with_debian_rust(context: &Context, check: Cmd<'_>) -> Result<()> {
    let root = context.cache.tool("debian-rust");
    if !root.is_dir() {
        debian::unpack(context, &packages(context)?, &root)?;
    }
    let rustc = root.join("usr/bin/rustc");
    check
        .args(["-Zbuild-std=std,panic_unwind", "--quiet"])
        .env("LD_LIBRARY_PATH", root.join("usr/lib/x86_64-linux-gnu"))
        .env("RUSTC", rustc)
        .env("RUSTC_BOOTSTRAP", "1")
        .run()?;
    Ok(())
}

/// The compiler, its libraries, and the sources of `std`; some of their names carry versions.
fn packages(context: &Context) -> Result<Vec<String>> {
    let mut packages = ["rustc-web", "libstd-rust-web-dev", "rust-web-src"]
        .map(str::to_owned)
        .to_vec();
    let libraries = debian::depends(context, "libstd-rust-web-dev", "libstd-rust-web-")?;
    for library in libraries {
        packages.extend(debian::depends(context, &library, "libllvm")?);
        packages.push(library);
    }
    Ok(packages)
}
