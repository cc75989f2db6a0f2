//! `rsmf relativity loadfile`.

use bytes::Bytes;
use rsmf_core::{
    Failure,
    integration::{PutOptions, StorageExt},
};
use rsmf_relativity::{Encoding, LoadFileFormat, load_file_of};

use super::{import, upload};
use crate::{
    Console,
    args::LoadFileArgs,
    cmd::{
        stores::{drive, open},
        unfinished,
    },
    config::Config,
    error::{Error, Result},
    exit,
    output::words::count,
};

/// What control numbers begin with in a file that is only written.
const PREFIX: &str = "RSMF";

pub(super) fn run(args: &LoadFileArgs, config: &Config, console: &Console) -> Result<u8> {
    if !args.unfinished {
        drive(unfinished::refuse(config, "list", &args.input))?;
    }
    match (args.import.workspace, &args.output) {
        (Some(workspace), _) if args.import.import => import::run(args, workspace, config, console),
        (_, Some(output)) => write(args, output, config, console),
        _ => Err(Error::Usage(
            "say where to write the load file (--output), or into which workspace to import"
                .to_owned(),
        )),
    }
}

fn write(args: &LoadFileArgs, output: &str, config: &Config, console: &Console) -> Result<u8> {
    let prefix = args.prefix.as_deref().unwrap_or(PREFIX);
    let lines = drive(async {
        let (_, files) = upload::find(config, &args.input).await?;
        let text = load_file_of(&format(args), &files, &args.natives, prefix);
        let text = text.map_err(Error::Output)?;
        let target = open(config, output).await.map_err(Error::Output)?;
        let options = PutOptions::default().create();
        let store = &target.place.storage;
        let put = store.put_bytes(&target.place.path, Bytes::from(text), options);
        put.await.map_err(|error| taken(output, error))?;
        Ok(files.len() as u64)
    })?;
    if !args.connection.quiet {
        console.write(|out| writeln!(out, "{} in {output}", count(lines, "record")))?;
    }
    Ok(exit::OK)
}

pub(super) fn format(args: &LoadFileArgs) -> LoadFileFormat {
    let encoding = if args.utf16 {
        Encoding::Utf16
    } else {
        Encoding::Utf8
    };
    LoadFileFormat::default().encoding(encoding)
}

fn taken(output: &str, error: rsmf_core::Error) -> Error {
    Error::Output(match error.kind() {
        rsmf_core::Kind::Conflict => Failure::new("write", output.to_owned())
            .source("it is there already")
            .advice("choose another name, or remove it")
            .other(),
        _ => error,
    })
}
