//! `rsmf inspect`.

mod human;
mod survey;

use std::path::Path;

use crate::{
    Console,
    alike::suggest,
    args::InspectArgs,
    cmd::{shape, staging::Staging},
    config::Config,
    error::{Error, Result},
    exit,
    signal::Listener,
};
use survey::Survey;

pub(crate) fn run(args: &InspectArgs, config: &Config, console: &Console) -> Result<u8> {
    let mut staging = Staging::default();
    let file = staging.input(config, &args.file)?;
    let origin = staging.origin(&file).display().to_string();
    let mut survey = Listener::start()?
        .run(move || read(&file).map_err(Error::Input))
        .map_err(|error| suggest(error, &args.file))?;
    survey.path = origin;
    if args.json {
        console.write_json(&survey)?;
    } else {
        console.write(|out| human::print(out, &survey))?;
    }
    Ok(exit::OK)
}

fn read(path: &Path) -> rsmf_core::Result<Survey> {
    let name = path.display().to_string();
    if path.is_dir() {
        return Err(rsmf_core::Failure::new("inspect", &name)
            .source("it is a folder")
            .advice("give one of the files in it")
            .invalid_input());
    }
    let (file, shape) = shape::open(path)?;
    let metadata = file.get_ref().metadata();
    let size = metadata
        .map_err(|error| shape::unreadable(path, error))?
        .len();
    let survey = Survey::take(file, shape);
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
