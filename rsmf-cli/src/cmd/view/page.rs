//! A page of one file.

use std::{
    ffi::OsStr,
    io::{self, BufWriter, Seek as _, Write as _},
    path::{Path, PathBuf},
};

use rsmf_view::{Files, Links, NameKind, Options, Overview, safe_name, write_page};

use super::{blame, open, place};
use crate::{
    Console,
    args::ViewArgs,
    error::{Error, Result},
    exit,
    output::words::count,
    signal::Listener,
};

pub(super) fn run(args: &ViewArgs, options: &Options, console: &Console) -> Result<u8> {
    let output = args
        .output
        .clone()
        .unwrap_or_else(|| default_output(&args.input));
    if output.as_os_str() == "-" {
        return to_console(args, options, console);
    }
    place::check(&output, &output, args.existing)?;
    let beside = beside(&output);
    if !output.exists() {
        place::check(&beside, &beside, args.existing)?;
    }
    let listener = Listener::start()?;
    let workshop = place::workshop(&output)?;
    let draft = place::draft(&workshop)?;
    let new_files = workshop.path().join("files");
    let address = beside.file_name().unwrap_or_default().to_string_lossy();
    let mut files = Files::beside(&new_files, safe_name(&address, NameKind::Saved));
    let page = draft.reopen();
    let page = listener.guard(page.map_err(|error| place::failed("write", &output, error))?);
    let (input, options) = (args.input.clone(), options.clone());
    let written = listener.run(move || {
        let overview = write(&input, &options, &mut files, page)?;
        Ok((overview, files))
    });
    let (overview, files) = written.map_err(|error| place::at(&output, error))?;
    // The page goes last: with it, everything that it links to is there.
    if files.written() > 0 {
        place::move_folder(&new_files, &beside, &workshop)?;
    } else if beside.exists() {
        place::clear(&beside, &workshop)?;
    }
    let persisted = draft.persist(&output);
    persisted.map_err(|error| place::failed("write", &output, error.error))?;
    warn(&args.input, &files, console);
    if !args.quiet {
        let events = count(overview.events, "event");
        console.say(format_args!("{}: {events}", output.display()));
    }
    Ok(exit::OK)
}

/// Through a temporary file: half a page must not be taken for a whole one.
fn to_console(args: &ViewArgs, options: &Options, console: &Console) -> Result<u8> {
    let temporary = || Path::new("a temporary file");
    let mut page = tempfile::tempfile().map_err(|e| place::failed("write to", temporary(), e))?;
    let (input, options) = (args.input.clone(), options.clone());
    let written = Listener::start()?.run(move || {
        let mut files = Files::none();
        write(&input, &options, &mut files, &mut page)?;
        Ok((page, files))
    });
    let (mut page, files) = written.map_err(|error| place::at(&std::env::temp_dir(), error))?;
    page.rewind()
        .map_err(|e| place::failed("read", temporary(), e))?;
    console.write(|out| io::copy(&mut page, out).map(|_| ()))?;
    warn(&args.input, &files, console);
    Ok(exit::OK)
}

/// Tells which attachments were refused.
fn warn(input: &Path, files: &Files, console: &Console) {
    for line in files.refused() {
        console.say(format_args!("warning: {}: {line}", input.display()));
    }
}

fn write(
    input: &Path,
    options: &Options,
    files: &mut Files,
    out: impl io::Write,
) -> Result<Overview> {
    let name = input
        .file_name()
        .unwrap_or(OsStr::new("-"))
        .to_string_lossy();
    let mut source = open(input, &name).map_err(Error::Input)?;
    let mut out = BufWriter::new(out);
    let overview = write_page(&mut source, options, files, &Links::default(), &mut out)
        .map_err(|error| class(input, error))?;
    out.flush()
        .map_err(|error| place::failed("write", Path::new("the page"), error))?;
    Ok(overview)
}

/// Whose fault it is. What the library says of the page and its folder is about the output.
pub(super) fn class(input: &Path, error: rsmf_core::Error) -> Error {
    match error.context().operation() {
        "write" | "write to" | "keep" => Error::Output(error),
        _ => Error::Input(blame(input, error)),
    }
}

fn default_output(input: &Path) -> PathBuf {
    let stem = input.file_stem().unwrap_or(OsStr::new("page"));
    let mut name = stem.to_owned();
    name.push(".html");
    name.into()
}

/// `page.files` for `page.html`.
pub(super) fn beside(output: &Path) -> PathBuf {
    output.with_extension("files")
}
