//! Writes the man pages of `rsmf` into a folder: `cargo run --example man -- FOLDER`.

use std::{
    env, fs,
    io::{self, Write},
    path::PathBuf,
};

use clap::Command;
use clap_mangen::Man;
use roff::{Roff, roman};

/// What the environment changes, wherever it does.
const ENVIRONMENT: &str = "\
RSMF_LOG     what is logged to standard error: debug, warn, info, trace
NO_COLOR     if it is not empty, nothing is coloured";
/// And in downloads.
const TOKEN: &str = "
SLACK_TOKEN  the token of Slack for downloads; --slack-token-env names another";

fn main() -> io::Result<()> {
    let folder = env::args_os().nth(1).map(PathBuf::from);
    let folder = folder.ok_or_else(|| io::Error::other("name a folder"))?;
    fs::create_dir_all(&folder)?;
    // What `rsmf help` says stands on the pages of the commands.
    let mut root = rsmf_cli::command().disable_help_subcommand(true);
    root.build();
    let codes = section(&after_help(&root), "Exit codes:");
    for command in std::iter::once(&root).chain(root.get_subcommands()) {
        let man = Man::new(command.clone());
        let mut file = fs::File::create(folder.join(man.get_filename()))?;
        write(&man, command.clone(), &codes, &mut file)?;
    }
    Ok(())
}

fn write(man: &Man, mut command: Command, codes: &str, out: &mut dyn Write) -> io::Result<()> {
    man.render_title(out)?;
    man.render_name_section(out)?;
    let usage = command.render_usage().to_string();
    as_it_is("SYNOPSIS", usage.trim_start_matches("Usage: "), out)?;
    man.render_description_section(out)?;
    man.render_options_section(out)?;
    if command.has_subcommands() {
        man.render_subcommands_section(out)?;
    }
    let help = after_help(&command);
    as_it_is("NOTES", &notes(&help), out)?;
    as_it_is("EXIT STATUS", codes, out)?;
    let downloads = command.get_name() == "convert";
    let environment = format!("{ENVIRONMENT}{}", if downloads { TOKEN } else { "" });
    as_it_is("ENVIRONMENT", &environment, out)?;
    as_it_is("EXAMPLES", &section(&help, "Examples:"), out)?;
    man.render_version_section(out)
}

fn after_help(command: &Command) -> String {
    let help = command.get_after_help();
    help.map(ToString::to_string).unwrap_or_default()
}

/// The lines below this heading, up to an empty one, without the margin.
fn section(help: &str, heading: &str) -> String {
    let lines = help.lines().skip_while(|line| *line != heading).skip(1);
    let lines = lines.take_while(|line| !line.is_empty());
    let lines = lines.map(|line| line.strip_prefix("  ").unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n")
}

/// What stands below no heading.
fn notes(help: &str) -> String {
    let headings = ["Examples:", "Exit codes:"];
    let of_none = |part: &&str| !headings.iter().any(|heading| part.starts_with(heading));
    let parts = help.split("\n\n").filter(of_none);
    parts.collect::<Vec<_>>().join("\n\n")
}

/// A section whose lines stay as they are; none without lines.
fn as_it_is(heading: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    let mut roff = Roff::new();
    roff.control("SH", [heading]).control("nf", []);
    for line in text.lines() {
        roff.text([roman(line)]);
    }
    roff.control("fi", []);
    roff.to_writer(out)
}
