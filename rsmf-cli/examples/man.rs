//! Writes the man pages of `rsmf` into a folder: `cargo run --example man -- FOLDER`.

use std::{env, fs, io, path::PathBuf};

fn main() -> io::Result<()> {
    let folder = env::args_os().nth(1).map(PathBuf::from);
    let folder = folder.ok_or_else(|| io::Error::other("name a folder"))?;
    fs::create_dir_all(&folder)?;
    // What `rsmf help` says stands on the pages of the commands.
    clap_mangen::generate_to(rsmf_cli::command().disable_help_subcommand(true), folder)
}
