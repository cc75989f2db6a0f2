//! `rsmf relativity loadfile`.

use bytes::Bytes;
use rsmf_core::{
    Failure,
    integration::{PutOptions, StorageExt},
};
use rsmf_relativity::{Encoding, LoadFileFormat, LoadFileWriter, SourceFile};

use super::upload;
use crate::{
    Console,
    args::LoadFileArgs,
    cmd::stores::{drive, open},
    config::Config,
    error::{Error, Result},
    exit,
    output::words::count,
};

/// The columns: control numbers, and where the files are.
const COLUMNS: [&str; 3] = ["Control Number", "FILE_PATH", "File Name"];
/// How many digits control numbers have.
const DIGITS: usize = 8;

pub(super) fn run(args: &LoadFileArgs, config: &Config, console: &Console) -> Result<u8> {
    let lines = drive(async {
        let (_, files) = upload::find(config, &args.input).await?;
        let text = written(args, &files).map_err(Error::Output)?;
        let target = open(config, &args.output).await.map_err(Error::Output)?;
        let options = PutOptions::default().create();
        let store = &target.place.storage;
        let put = store.put_bytes(&target.place.path, Bytes::from(text), options);
        put.await.map_err(|error| taken(&args.output, error))?;
        Ok(files.len() as u64)
    })?;
    if !args.quiet {
        console.write(|out| writeln!(out, "{} in {}", count(lines, "record"), args.output))?;
    }
    Ok(exit::OK)
}

fn written(args: &LoadFileArgs, files: &[SourceFile]) -> rsmf_core::Result<Vec<u8>> {
    let encoding = if args.utf16 {
        Encoding::Utf16
    } else {
        Encoding::Utf8
    };
    let format = LoadFileFormat::default().encoding(encoding);
    let mut writer = LoadFileWriter::new(Vec::new(), format, &COLUMNS)?;
    for (index, file) in files.iter().enumerate() {
        let number = format!("{}{:0width$}", args.prefix, index + 1, width = DIGITS);
        let below = file.name.replace('/', "\\");
        let path = format!("{}\\{below}", args.natives.trim_end_matches('\\'));
        let name = below.rsplit('\\').next().unwrap_or_default();
        writer.record(&[number.as_str().into(), path.as_str().into(), name.into()])?;
    }
    writer.finish()
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

#[cfg(test)]
mod tests {
    use super::*;
    use rsmf_core::integration::StorePath;

    #[test]
    fn records_name_files_as_windows_does() {
        let args = LoadFileArgs {
            input: "out".to_owned(),
            output: "load.dat".to_owned(),
            natives: r".\VOL01\".to_owned(),
            prefix: "AC".to_owned(),
            utf16: false,
            quiet: true,
        };
        let files = [SourceFile {
            name: "x/a.rsmf".to_owned(),
            path: StorePath::ROOT,
            size: 1,
        }];
        let text = String::from_utf8(written(&args, &files).unwrap()).unwrap();
        assert!(
            text.ends_with("þAC00000001þ\u{14}þ.\\VOL01\\x\\a.rsmfþ\u{14}þa.rsmfþ\r\n"),
            "{text}"
        );
    }
}
