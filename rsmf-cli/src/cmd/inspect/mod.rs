//! `rsmf inspect`.

mod human;
mod survey;

use std::{fs::File, io::BufReader, path::Path};

use crate::{
    Console,
    args::InspectArgs,
    cmd::shape,
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
    let unreadable = |error| shape::unreadable(path, error);
    let file = File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(rsmf_core::Failure::new("inspect", &name)
            .source("it is a folder")
            .advice("give one of the files in it")
            .invalid_input());
    }
    let survey = shape::of(path).and_then(|shape| Survey::take(BufReader::new(file), shape));
    // The library knows no file names.
    let mut survey = survey.map_err(|error| {
        rsmf_core::Failure::new("inspect", &name)
            .advice("`rsmf validate` tells what is wrong with it")
            .source(error)
            .invalid_input()
    })?;
    (survey.path, survey.size) = (name, metadata.len());
    Ok(survey)
}
