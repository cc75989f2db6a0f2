//! `rsmf ls`, `rsmf cat`, `rsmf stat`.

use std::{collections::BTreeMap, ops::Range, path::Path};

use futures_util::{StreamExt, TryStreamExt, stream};
use rsmf_core::{
    Failure,
    integration::{BoxStream, ByteStream, Entry, GetOptions, ObjectMeta},
};
use rsmf_storage::transfer::{self, CopyOptions};
use serde::Serialize;

use super::{
    drive, json_line,
    open::{Found, Named, open},
};
use crate::{
    Console,
    alike::suggest,
    args::{CatArgs, LsArgs, StatArgs},
    config::Config,
    error::{Error, Result},
    exit,
    output::words::harmless,
};

/// What is known about an object, for scripts.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Known<'m> {
    path: &'m str,
    size: u64,
    modified: Option<String>,
    etag: Option<&'m str>,
    version: Option<&'m str>,
    content_type: Option<&'m str>,
    storage_class: Option<&'m str>,
    checksums: Vec<String>,
    metadata: &'m BTreeMap<String, String>,
}

impl<'m> Known<'m> {
    fn of(meta: &'m ObjectMeta) -> Self {
        Self {
            path: meta.path.as_str(),
            size: meta.size,
            modified: meta.modified.map(|time| time.to_rsmf()),
            etag: meta.etag.as_deref(),
            version: meta.version.as_deref(),
            content_type: meta.content_type.as_deref(),
            storage_class: meta.storage_class.as_deref(),
            checksums: meta.checksums.iter().map(ToString::to_string).collect(),
            metadata: &meta.metadata,
        }
    }
}

/// What cannot be read, with what may have been meant.
fn unread(error: rsmf_core::Error, named: &Named) -> Error {
    suggest(Error::Input(error), Path::new(&named.address))
}

pub(crate) fn ls(args: &LsArgs, config: &Config, console: &Console) -> Result<u8> {
    drive(async {
        let named = open(config, &args.address).await.map_err(Error::Input)?;
        let mut code = exit::OK;
        let mut entries = entries(args, &named).await?;
        while let Some(entry) = entries.next().await {
            match entry {
                Ok(entry) => print(args, &named, &entry, console)?,
                Err(error) if args.versions => return Err(Error::Input(error)),
                Err(error) => {
                    code = exit::EXCEPTIONS;
                    console.say_report(&Error::Input(error).report());
                }
            }
            if console.reader_is_gone() {
                break;
            }
        }
        Ok(code)
    })
}

async fn entries<'n>(
    args: &LsArgs,
    named: &'n Named,
) -> Result<BoxStream<'n, rsmf_core::Result<Entry>>> {
    let (store, path) = (&named.place.storage, &named.place.path);
    if args.versions {
        return Ok(store.versions(path).map_ok(Entry::Object).boxed());
    }
    Ok(
        match named.look().await.map_err(|error| unread(error, named))? {
            Found::Object(meta) => stream::iter([Ok(Entry::Object(meta))]).boxed(),
            Found::Folder if args.recursive => store.list(path).map_ok(Entry::Object).boxed(),
            Found::Folder => store.list_folder(path),
        },
    )
}

fn print(args: &LsArgs, named: &Named, entry: &Entry, console: &Console) -> Result<()> {
    if args.json {
        return match entry {
            Entry::Object(meta) => json_line(console, &Known::of(meta)),
            Entry::Folder(path) => json_line(
                console,
                &serde_json::json!({ "path": path.as_str(), "folder": true }),
            ),
        };
    }
    let path = entry.path().as_str();
    // An object is called as it was asked for.
    let below = path.strip_prefix(named.place.path.as_str());
    let name = match below.unwrap_or(path).trim_start_matches('/') {
        "" => entry.path().file_name(),
        name => name,
    };
    let name = harmless(name);
    console.write(|out| match entry {
        Entry::Folder(_) if args.long => writeln!(out, "{:>14}  {:24}  {name}/", "-", "-"),
        Entry::Folder(_) => writeln!(out, "{name}/"),
        Entry::Object(meta) if args.long || args.versions => {
            let time = meta.modified.map(|time| time.to_rsmf()).unwrap_or_default();
            let version = meta
                .version
                .as_deref()
                .map(|version| format!("  {version}"));
            let version = version.filter(|_| args.versions).unwrap_or_default();
            writeln!(out, "{:>14}  {time:24}  {name}{version}", meta.size)
        }
        Entry::Object(_) => writeln!(out, "{name}"),
    })
}

pub(crate) fn stat(args: &StatArgs, config: &Config, console: &Console) -> Result<u8> {
    let meta = drive(async {
        let named = open(config, &args.address).await.map_err(Error::Input)?;
        named.object().await.map_err(|error| unread(error, &named))
    })?;
    let known = Known::of(&meta);
    if args.json {
        console.write_json(&known)?;
        return Ok(exit::OK);
    }
    let mut rows = vec![
        ("path".to_owned(), known.path.to_owned()),
        ("size".to_owned(), format!("{} bytes", meta.size)),
    ];
    for (name, value) in [
        ("modified", known.modified.as_deref()),
        ("etag", known.etag),
        ("version", known.version),
        ("content type", known.content_type),
        ("storage class", known.storage_class),
    ] {
        rows.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    }
    rows.extend(
        known
            .checksums
            .iter()
            .map(|sum| ("checksum".to_owned(), sum.clone())),
    );
    let metadata = known.metadata.iter();
    rows.extend(metadata.map(|(name, value)| (format!("metadata {name}"), value.clone())));
    console.write(|out| {
        rows.iter()
            .try_for_each(|(name, value)| writeln!(out, "{name}: {}", harmless(value)))
    })?;
    Ok(exit::OK)
}

pub(crate) fn cat(args: &CatArgs, config: &Config, console: &Console) -> Result<u8> {
    let range = args.range.as_deref().map(range).transpose()?;
    drive(async {
        let named = open(config, &args.address).await.map_err(Error::Input)?;
        let mut stream = content(&named, args, range).await?;
        while let Some(piece) = stream.try_next().await.map_err(Error::Input)? {
            console.write(|out| out.write_all(&piece))?;
            if console.reader_is_gone() {
                break;
            }
        }
        Ok(exit::OK)
    })
}

async fn content(named: &Named, args: &CatArgs, range: Option<Range<u64>>) -> Result<ByteStream> {
    let store = &named.place.storage;
    if let Some(version) = &args.object_version {
        let mut options = GetOptions::default().version(Some(version.clone()));
        options.range = range;
        let object = store.get(&named.place.path, options).await;
        return Ok(object.map_err(Error::Input)?.stream);
    }
    let mut meta = named.object().await.map_err(|error| unread(error, named))?;
    let range = range.unwrap_or(0..meta.size);
    if range.start > meta.size {
        return Err(Error::Input(
            Failure::new("read", named.address.clone())
                .source(format!("it has only {} bytes", meta.size))
                .invalid_input(),
        ));
    }
    meta.size = range.end.min(meta.size);
    let mut options = CopyOptions::default();
    options.transfer = named.transfer.clone();
    Ok(transfer::read(store, &meta, range.start, &options))
}

fn range(text: &str) -> Result<Range<u64>> {
    let ends = text.split_once('-').and_then(|(first, last)| {
        let end = last.parse::<u64>().ok()?.checked_add(1)?;
        Some(first.parse().ok()?..end)
    });
    ends.filter(|range| range.start < range.end).ok_or_else(|| {
        let problem = format!("{text:?} is no range of bytes; an example is 0-99");
        Error::option("range", problem)
    })
}
