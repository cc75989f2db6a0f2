//! The page that lists the pages of a folder.

use std::{collections::BTreeMap, io::Write};

use askama::Template;
use rsmf_core::Result;

use crate::{GENERATOR, end::writing, overview::Overview, policy::policy, text::visible};

const STYLE: &str = concat!(
    include_str!("../assets/common.css"),
    include_str!("../assets/index.css")
);
const SCRIPT: &str = include_str!("../assets/index.js");

/// Names of people that are listed; the style sheet shows two lines of them, searches find all.
const NAMES: usize = 100;

/// A file of the folder.
#[derive(Debug)]
pub struct Listed {
    /// The path of the file below the folder.
    pub name: String,
    /// The address of its page, relative to the list.
    pub href: String,
    /// What the page shows, or why there is none.
    pub result: Result<Overview, String>,
}

/// Which files are slices of one conversation: indexes into `files`, in the order of the list,
/// and within a conversation in the order of time. Files without a page are left out.
pub fn groups(files: &[Listed]) -> Vec<Vec<usize>> {
    let mut groups: BTreeMap<(String, &str), Vec<usize>> = BTreeMap::new();
    let mut titles: BTreeMap<&str, &str> = BTreeMap::new();
    for (index, file) in files.iter().enumerate() {
        if let Ok(overview) = &file.result {
            // A conversation may change its name: the first one counts.
            let title = *titles.entry(&overview.group).or_insert(&overview.title);
            let key = (title.to_lowercase(), overview.group.as_str());
            groups.entry(key).or_default().push(index);
        }
    }
    let mut groups: Vec<_> = groups.into_values().collect();
    for group in &mut groups {
        group.sort_by_key(|index| {
            let file = files.get(*index);
            file.map(|file| (file.result.as_ref().ok().and_then(|o| o.begin), &file.name))
        });
    }
    groups
}

/// A conversation with its slices.
struct Group<'a> {
    title: &'a str,
    kind: &'a str,
    people: String,
    events: u64,
    context: u64,
    slices: Vec<Slice<'a>>,
}

struct Slice<'a> {
    href: &'a str,
    days: &'a str,
    events: u64,
    attachments: u64,
    file: String,
}

/// A file that has no page.
struct Broken {
    name: String,
    why: String,
}

#[derive(Template)]
#[template(path = "index.html")]
struct Index<'a> {
    policy: String,
    style: &'static str,
    script: &'static str,
    generator: &'static str,
    title: &'a str,
    zone: &'a str,
    files: usize,
    groups: Vec<Group<'a>>,
    broken: Vec<Broken>,
}

/// Writes the list of the pages of a folder: by conversation, with all slices of each, and what
/// could not be shown first.
///
/// # Errors
/// What `out` returns.
pub fn write_index(
    title: &str,
    files: &[Listed],
    options: &crate::Options,
    out: &mut impl Write,
) -> Result<()> {
    let broken = files.iter().filter_map(|file| {
        let why = file.result.as_ref().err()?;
        Some(Broken {
            name: visible(&file.name).into_owned(),
            why: visible(why).into_owned(),
        })
    });
    let index = Index {
        policy: policy(STYLE, SCRIPT),
        style: STYLE,
        script: SCRIPT,
        generator: GENERATOR,
        title: &visible(title),
        zone: options.zone_name(),
        files: files.len(),
        groups: groups(files)
            .iter()
            .filter_map(|group| describe(group, files))
            .collect(),
        broken: broken.collect(),
    };
    index
        .write_into(out)
        .and_then(|()| out.flush())
        .map_err(writing)
}

fn describe<'a>(group: &[usize], files: &'a [Listed]) -> Option<Group<'a>> {
    let slices: Vec<_> = group
        .iter()
        .filter_map(|index| {
            let file = files.get(*index)?;
            Some((file, file.result.as_ref().ok()?))
        })
        .collect();
    let (_, first) = slices.first()?;
    let mut people: Vec<_> = slices
        .iter()
        .flat_map(|(_, overview)| &overview.people)
        .collect();
    people.sort_unstable();
    people.dedup();
    Some(Group {
        title: &first.title,
        kind: first.talks.first().map_or("", |talk| &talk.kind),
        people: some_of(&people),
        events: slices.iter().map(|(_, overview)| overview.events).sum(),
        context: slices.iter().map(|(_, overview)| overview.context).sum(),
        slices: slices
            .iter()
            .map(|(file, overview)| slice(file, overview))
            .collect(),
    })
}

fn slice<'a>(file: &'a Listed, overview: &'a Overview) -> Slice<'a> {
    Slice {
        href: &file.href,
        days: &overview.days,
        events: overview.events,
        attachments: overview.attachments,
        file: visible(&file.name).into_owned(),
    }
}

fn some_of(names: &[&String]) -> String {
    let mut text = names
        .iter()
        .take(NAMES)
        .map(|name| name.as_str())
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > NAMES {
        text += &format!(" and {} more", names.len() - NAMES);
    }
    text
}
