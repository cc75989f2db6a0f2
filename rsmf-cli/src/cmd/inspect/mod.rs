//! `rsmf inspect`.

mod human;
mod survey;

use std::{fs::File, io::BufReader, path::Path};

use rsmf_core::container::RsmfReader;

use crate::{
    Console,
    args::InspectArgs,
    error::{Error, Result},
    exit,
};
use survey::Survey;

pub(crate) fn run(args: &InspectArgs, console: &Console) -> Result<u8> {
    let survey = read(&args.file).map_err(Error::Input)?;
    if args.json {
        console.write_json(&survey)?;
    } else {
        console.write(|out| human::print(out, &survey))?;
    }
    Ok(exit::OK)
}

fn read(path: &Path) -> rsmf_core::Result<Survey> {
    let name = path.display().to_string();
    let unreadable = |error| rsmf_core::Error::from_io("read", &name, error);
    let file = File::open(path).map_err(unreadable)?;
    let size = file.metadata().map_err(unreadable)?.len();
    let survey =
        RsmfReader::open(BufReader::new(file)).and_then(|mut reader| Survey::take(&mut reader));
    // The library knows no file names.
    let mut survey = survey.map_err(|error| {
        rsmf_core::Failure::new("inspect", &name)
            .advice("`rsmf validate` tells what is wrong with it")
            .source(error)
            .invalid_input()
    })?;
    (survey.path, survey.size) = (name, size);
    Ok(survey)
}
