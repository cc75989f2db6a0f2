//! Writes first inputs for all targets, made of the fixtures: `seeds FIXTURES OUT [RSMF-FILES]`.

use std::{
    collections::BTreeMap,
    env, fs,
    io::{Cursor, Read as _},
    path::{Path, PathBuf},
};

use rsmf_core::container::RsmfReader;
use rsmf_fuzz::json;
use serde_json::Value;
use zip::ZipArchive;

/// Larger inputs make a fuzzer slow and say no more.
const LARGEST: usize = 24 << 10;

struct Seeds {
    out: PathBuf,
    count: usize,
}

impl Seeds {
    fn add(&mut self, target: &str, input: &[u8]) {
        if input.len() > LARGEST {
            return;
        }
        let folder = self.out.join(target);
        fs::create_dir_all(&folder).expect("a folder");
        self.count += 1;
        fs::write(folder.join(format!("seed-{:04}", self.count)), input).expect("a file");
    }
}

fn main() {
    let folders: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let [fixtures, out, rest @ ..] = &folders[..] else {
        panic!("seeds FIXTURES OUT [RSMF-FILES]")
    };
    let mut seeds = Seeds {
        out: out.clone(),
        count: 0,
    };
    for path in files(&fixtures.join("slack"), "zip") {
        let zip = fs::read(path).expect("a file");
        seeds.add("zip", &zip);
        from_export(&mut seeds, &zip);
    }
    for path in files(&fixtures.join("golden"), "json") {
        seeds.add(
            "rsmf",
            &[b"\x02", &fs::read(path).expect("a file")[..]].concat(),
        );
    }
    for path in rest.iter().flat_map(|folder| files(folder, "rsmf")) {
        from_rsmf(&mut seeds, &fs::read(path).expect("a file"));
    }
}

/// The files of a kind below a folder, in order.
fn files(folder: &Path, kind: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path, kind));
        } else if path.extension().is_some_and(|extension| extension == kind) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn from_export(seeds: &mut Seeds, zip: &[u8]) {
    let members = members(zip);
    let list = |name: &str| {
        let mut found = members.iter().filter(|(path, _)| path.ends_with(name));
        found.next().map_or(&b"[]"[..], |(_, content)| &content[..])
    };
    let (users, channels) = (list("users.json"), list("channels.json"));
    for name in ["=", "\u{fffd}"] {
        let names = text_fields(users, &["real_name", "name", "email"]).join(name);
        for kind in [1, 2] {
            seeds.add(
                "headers",
                &[&[kind], names.replace(name, "\0").as_bytes()].concat(),
            );
        }
    }
    let days: Vec<_> = members
        .iter()
        .filter(|(path, _)| path.contains('/'))
        .collect();
    for pair in days.chunks(2) {
        let content = |index: usize| pair.get(index).map_or(&b"[]"[..], |(_, day)| &day[..]);
        seeds.add("slack", &[content(0), content(1), users, channels].join(&0));
        seeds.add("slack", &[content(1), content(0)].join(&0));
    }
    for content in members.values() {
        let Ok(value) = serde_json::from_slice(content) else {
            continue;
        };
        each_blocks(&value, &mut |blocks| {
            let mut input = Vec::new();
            json::encode(blocks, &mut input);
            seeds.add("rich_text", &input);
        });
    }
}

/// The members of a zip that are JSON and can be read.
fn members(zip: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let Ok(mut archive) = ZipArchive::new(Cursor::new(zip)) else {
        return BTreeMap::new();
    };
    let read = |index| {
        let mut content = Vec::new();
        let member = archive.by_index(index).ok()?;
        let name = member.name().ok()?.into_owned();
        member.take(LARGEST as u64).read_to_end(&mut content).ok()?;
        name.ends_with(".json").then_some((name, content))
    };
    (0..ZipArchive::new(Cursor::new(zip)).map_or(0, |zip| zip.len()))
        .filter_map(read)
        .collect()
}

fn text_fields(json: &[u8], names: &[&str]) -> Vec<String> {
    let value = serde_json::from_slice(json).unwrap_or(Value::Null);
    let people = value.as_array().cloned().unwrap_or_default();
    let texts = people.iter().flat_map(|person| {
        names
            .iter()
            .filter_map(|name| person[name].as_str().or(person["profile"][name].as_str()))
    });
    texts.map(str::to_owned).collect()
}

fn each_blocks(value: &Value, found: &mut dyn FnMut(&Value)) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| each_blocks(item, found)),
        Value::Object(members) => {
            for (name, value) in members {
                if name == "blocks" {
                    found(value);
                }
                each_blocks(value, found);
            }
        }
        _ => {}
    }
}

fn from_rsmf(seeds: &mut Seeds, file: &[u8]) {
    seeds.add("rsmf", &[b"\0", file].concat());
    let head = file
        .windows(4)
        .position(|bytes| bytes == b"\r\n\r\n")
        .unwrap_or(0);
    seeds.add("headers", &[b"\0", &file[..head]].concat());
    let Ok(mut reader) = RsmfReader::open(file) else {
        return;
    };
    let mut manifest = Vec::new();
    let Ok(mut member) = reader.open_member("rsmf_manifest.json") else {
        return;
    };
    if member.read_to_end(&mut manifest).is_ok() {
        seeds.add("rsmf", &[b"\x02", &manifest[..]].concat());
    }
}
