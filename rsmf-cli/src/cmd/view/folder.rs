//! Pages of all files in a folder, and a list of them.

use std::{
    fs::{self, File, OpenOptions},
    io::BufWriter,
    path::{Path, PathBuf},
    pin::pin,
    sync::{Arc, OnceLock},
};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use rsmf_core::workers::Workers;
use rsmf_view::{
    Catalogue, Files, Link, Links, Listed, NameKind, Names, Options, begin_page, end_page,
    safe_name, write_index,
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
pub(super) const PAGES: &str = "pages";

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
    let warn = |line: &str| meter.aside(|| console.say(format_args!("warning: {line}")));
    let made = make(tasks, &title, &new, &options, &workers, (&meter, &warn));
    let mut listed = made.map_err(|error| place::at(&output, error))?;
    drop(meter);
    place::move_folder(&new, &output, &workshop)?;
    finish(args, &mut listed, &index, console)
}

/// Makes the pages and their list in the folder `new`.
fn make(
    tasks: impl ExactSizeIterator<Item = Task>,
    title: &str,
    new: &Path,
    options: &Options,
    workers: &Workers,
    (meter, warn): (&Meter<'_>, &dyn Fn(&str)),
) -> Result<Catalogue> {
    let stopped = OnceLock::new();
    let stop = async {
        // Nothing has been set before.
        let _ = stopped.set(signal::stop_requested().await);
    };
    let pages = new.join(PAGES);
    let tell = |done, total, refused: Vec<String>| {
        refused.iter().for_each(|line| warn(line));
        meter.tell_files(done, total);
    };
    let show = show_all(tasks, &pages, options, workers, stop, tell);
    let mut listed = super::super::runtime()?.block_on(show)?;
    if let Some(code) = stopped.get() {
        return Err(Error::Stopped(*code));
    }
    link(&mut listed, new)?;
    list(title, &mut listed, options, &new.join("index.html"))?;
    Ok(listed)
}

fn finish(args: &ViewArgs, listed: &mut Catalogue, index: &Path, console: &Console) -> Result<u8> {
    let broken: Vec<_> = listed.broken().collect();
    for file in &broken {
        let file = listed.get(*file).map_err(Error::Output)?;
        let why = file.result.err().unwrap_or_default();
        console.say(format_args!("not shown: {}: {why}", file.name));
    }
    if !args.quiet {
        let pages = count((listed.len() - broken.len()) as u64, "page");
        console.say(format_args!("{}: {pages}", index.display()));
    }
    Ok(match broken.is_empty() {
        true => exit::OK,
        false => exit::EXCEPTIONS,
    })
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

fn tasks(args: &ViewArgs) -> Result<impl ExactSizeIterator<Item = Task>> {
    let (files, unusable) = targets::find("show", std::slice::from_ref(&args.input));
    if let Some(error) = unusable.into_iter().next() {
        return Err(error);
    }
    let mut names = Names::default();
    let input = args.input.clone();
    let task = move |file: PathBuf| {
        let path = file.strip_prefix(&input).unwrap_or(&file);
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
    Ok(files.into_iter().map(task))
}

/// Writes the pages, several at a time, all but their ends; gives them in the order of the files.
/// No further page is begun after `stop`, and none is left half-made that could get in the way of
/// cleaning up.
async fn show_all(
    tasks: impl ExactSizeIterator<Item = Task>,
    pages: &Path,
    options: &Options,
    workers: &Workers,
    stop: impl Future<Output = ()>,
    tell: impl Fn(u64, u64, Vec<String>),
) -> Result<Catalogue> {
    let total = tasks.len() as u64;
    let shared = Arc::new((pages.to_path_buf(), options.clone()));
    let show = |task: Task| {
        let shared = Arc::clone(&shared);
        async move {
            let one = workers.run(move || show(&task, &shared.0, &shared.1)).await;
            one.map_err(Error::Internal)?
        }
    };
    let shown = stream::iter(tasks)
        .take_until(Box::pin(stop))
        .map(show)
        .buffered(workers.threads() * 2);
    let mut shown = pin!(shown);
    let mut listed = Catalogue::default();
    while let Some((file, refused)) = shown.try_next().await? {
        listed.add(&file).map_err(Error::Output)?;
        tell(listed.len() as u64, total, refused);
    }
    Ok(listed)
}

/// Writes a page; with the attachments of it that were refused.
fn show(task: &Task, pages: &Path, options: &Options) -> Result<(Listed, Vec<String>)> {
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
    let listed = Listed {
        name: task.name.clone(),
        href: format!("{PAGES}/{}.html", task.page),
        result,
    };
    let refused = files.refused();
    let refused = refused.map(|line| format!("{}: {line}", task.file.display()));
    Ok((listed, refused.collect()))
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
fn link(listed: &mut Catalogue, new: &Path) -> Result<()> {
    for group in listed.groups().map_err(Error::Output)? {
        let (mut previous, mut this) = (None, None);
        let pages = group.into_iter().map(|index| listed.get(index).map(Some));
        for next in pages.chain([Ok(None)]) {
            let next = next.map_err(Error::Output)?;
            if let Some(page) = &this {
                end(page, previous.as_ref(), next.as_ref(), new)?;
            }
            (previous, this) = (this, next);
        }
    }
    Ok(())
}

/// Ends a page, with links to its neighbours.
fn end(page: &Listed, previous: Option<&Listed>, next: Option<&Listed>, new: &Path) -> Result<()> {
    let links = Links {
        previous: previous.map(slice_link),
        index: Some(Link {
            href: "../index.html".to_owned(),
            text: "All conversations".to_owned(),
        }),
        next: next.map(slice_link),
    };
    let path = new.join(&page.href);
    let file = OpenOptions::new().append(true).open(&path);
    let file = file.map_err(|error| place::failed("write", &path, error))?;
    end_page(&links, &mut BufWriter::new(file)).map_err(Error::Output)
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

fn list(title: &str, listed: &mut Catalogue, options: &Options, path: &Path) -> Result<()> {
    let file = File::create_new(path).map_err(|error| place::failed("write", path, error))?;
    write_index(title, listed, options, &mut BufWriter::new(file)).map_err(Error::Output)
}
