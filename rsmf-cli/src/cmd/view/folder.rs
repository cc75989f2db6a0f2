//! Pages of all files in a folder, and a list of them.

use std::{
    fs::{self, File, OpenOptions},
    io::BufWriter,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use rsmf_core::workers::Workers;
use rsmf_view::{
    Files, Link, Links, Listed, NameKind, Names, Options, begin_page, end_page, groups, safe_name,
    write_index,
};

use super::{open, page::class, place};
use crate::{
    Console,
    args::ViewArgs,
    cmd::{convert::folder::touches, targets},
    error::{Error, Result},
    exit,
    output::words::count,
    progress::Meter,
    signal,
};

/// Where the pages are, below the folder with the list.
const PAGES: &str = "pages";

pub(super) fn run(args: &ViewArgs, mut options: Options, console: &Console) -> Result<u8> {
    options.index = Some("../index.html".to_owned());
    let (title, output) = names(args)?;
    let index = output.join("index.html");
    place::check(&output, &index, args.existing)?;
    let tasks = tasks(args)?;
    let workers = super::super::workers(args.threads)?;
    let workshop = place::workshop(&output)?;
    let new = workshop.path().join("new");
    let pages = new.join(PAGES);
    fs::create_dir_all(&pages).map_err(|error| place::failed("write to", &pages, error))?;
    let meter = Meter::new((!args.quiet).then_some(console), "view");
    let stopped = OnceLock::new();
    let stop = async {
        // Nothing has been set before.
        let _ = stopped.set(signal::stop_requested().await);
    };
    let show = show_all(tasks, &pages, &options, &workers, stop, |done, total| {
        meter.tell_files(done, total);
    });
    let listed = super::super::runtime()?.block_on(show)?;
    if let Some(code) = stopped.get() {
        return Err(Error::Stopped(*code));
    }
    drop(meter);
    link(&listed, &new)?;
    list(&title, &listed, &options, &new.join("index.html"))?;
    place::move_folder(&new, &output, &workshop)?;
    Ok(finish(args, &listed, &index, console))
}

fn finish(args: &ViewArgs, listed: &[Listed], index: &Path, console: &Console) -> u8 {
    let broken: Vec<_> = listed
        .iter()
        .filter_map(|file| Some((&file.name, file.result.as_ref().err()?)))
        .collect();
    for (name, why) in &broken {
        console.say(format_args!("not shown: {name}: {why}"));
    }
    if !args.quiet {
        let pages = count((listed.len() - broken.len()) as u64, "page");
        console.say(format_args!("{}: {pages}", index.display()));
    }
    if broken.is_empty() {
        exit::OK
    } else {
        exit::EXCEPTIONS
    }
}

/// What the list is called, and where it goes.
fn names(args: &ViewArgs) -> Result<(String, PathBuf)> {
    let failed = |error| {
        let name = args.input.display().to_string();
        Error::Input(rsmf_core::Error::from_io("read", name, error))
    };
    let input = args.input.canonicalize().map_err(failed)?;
    let title = input
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let output = args
        .output
        .clone()
        .unwrap_or_else(|| format!("{title}-view").into());
    if output.as_os_str() == "-" {
        let problem = "a folder gives many pages; name a folder for them".to_owned();
        return Err(Error::option("output", problem));
    }
    let inside = touches(&input, &output);
    if inside.map_err(|error| place::failed("use", &output, error))? {
        let (output, input) = (output.display(), args.input.display());
        let problem =
            format!("writing to {output} would change {input}; choose a folder outside of it");
        return Err(Error::option("output", problem));
    }
    Ok((title, output))
}

/// A file to show, its name on the page, and the name of the page.
struct Task {
    file: PathBuf,
    name: String,
    page: String,
}

fn tasks(args: &ViewArgs) -> Result<Vec<Task>> {
    let (files, unusable) = targets::find("show", std::slice::from_ref(&args.input));
    if let Some(error) = unusable.into_iter().next() {
        return Err(error);
    }
    let mut names = Names::default();
    let task = |file: PathBuf| {
        let path = file.strip_prefix(&args.input).unwrap_or(&file);
        let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
        let stem = path.with_extension("");
        let stem: Vec<_> = stem.iter().map(|part| part.to_string_lossy()).collect();
        let page = safe_name(&stem.join("-"), NameKind::Saved);
        let page = names.claim(&page);
        Task {
            name: parts.join("/"),
            page,
            file,
        }
    };
    Ok(files.into_iter().map(task).collect())
}

/// Writes the pages, several at a time, all but their ends; gives them in the order of the files.
/// No further page is begun after `stop`, and none is left half-made that could get in the way of
/// cleaning up.
async fn show_all(
    tasks: Vec<Task>,
    pages: &Path,
    options: &Options,
    workers: &Workers,
    stop: impl Future<Output = ()>,
    progress: impl Fn(u64, u64),
) -> Result<Vec<Listed>> {
    let total = tasks.len() as u64;
    let shared = Arc::new((pages.to_path_buf(), options.clone()));
    let show = |task: Task| {
        let shared = Arc::clone(&shared);
        async move {
            let one = workers.run(move || show(&task, &shared.0, &shared.1)).await;
            one.map_err(Error::Internal)?
        }
    };
    let mut done = 0;
    stream::iter(tasks)
        .take_until(Box::pin(stop))
        .map(show)
        .buffered(workers.threads() * 2)
        .inspect_ok(|_| {
            done += 1;
            progress(done, total);
        })
        .try_collect()
        .await
}

fn show(task: &Task, pages: &Path, options: &Options) -> Result<Listed> {
    let path = pages.join(format!("{}.html", task.page));
    let folder = format!("{}.files", task.page);
    let mut files = Files::beside(pages.join(&folder), folder);
    let file = File::create_new(&path).map_err(|error| place::failed("write", &path, error))?;
    let mut out = BufWriter::new(file);
    let shown = open(&task.file, &task.name)
        .map_err(Error::Input)
        .and_then(|mut source| {
            begin_page(&mut source, options, &mut files, &mut out)
                .map_err(|error| class(&task.file, error))
        });
    let written = out
        .into_inner()
        .map_err(|error| place::failed("write", &path, error.into_error()));
    let result = match shown {
        Ok(overview) => {
            written?;
            Ok(overview)
        }
        Err(Error::Input(error)) => {
            fs::remove_file(&path).map_err(|error| place::failed("write", &path, error))?;
            Err(reason(&error))
        }
        Err(other) => return Err(other),
    };
    Ok(Listed {
        name: task.name.clone(),
        href: format!("{PAGES}/{}.html", task.page),
        result,
    })
}

/// Why a file cannot be shown, on one line.
fn reason(error: &rsmf_core::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = error.to_string();
        cause = error.source();
    }
    text
}

/// Ends all pages, with links to the slices before and after.
fn link(listed: &[Listed], new: &Path) -> Result<()> {
    for group in groups(listed) {
        let pages: Vec<_> = group
            .iter()
            .filter_map(|index| listed.get(*index))
            .collect();
        for (index, page) in pages.iter().enumerate() {
            let neighbour = |index: Option<usize>| pages.get(index?).map(|page| slice_link(page));
            let links = Links {
                previous: neighbour(index.checked_sub(1)),
                index: Some(Link {
                    href: "../index.html".to_owned(),
                    text: "All conversations".to_owned(),
                }),
                next: neighbour(Some(index + 1)),
            };
            let path = new.join(&page.href);
            let file = OpenOptions::new().append(true).open(&path);
            let file = file.map_err(|error| place::failed("write", &path, error))?;
            end_page(&links, &mut BufWriter::new(file)).map_err(Error::Output)?;
        }
    }
    Ok(())
}

/// From one page to another, which lies beside it.
fn slice_link(page: &Listed) -> Link {
    let href = page.href.rsplit('/').next().unwrap_or_default();
    let days = page
        .result
        .as_ref()
        .map_or("", |overview| overview.days.as_str());
    Link {
        href: href.to_owned(),
        text: if days.is_empty() {
            page.name.clone()
        } else {
            days.to_owned()
        },
    }
}

fn list(title: &str, listed: &[Listed], options: &Options, path: &Path) -> Result<()> {
    let file = File::create_new(path).map_err(|error| place::failed("write", path, error))?;
    write_index(title, listed, options, &mut BufWriter::new(file)).map_err(Error::Output)
}
