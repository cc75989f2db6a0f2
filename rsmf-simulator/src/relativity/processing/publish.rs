//! Publication: files become documents.

use super::state::{File, Found};
use crate::relativity::{
    knobs::RelativityKnobs,
    rsmf::{Child, Opened},
    world::{
        artifact::{Artifact, Val},
        schema::Kind,
        workspace::Workspace,
    },
};

/// Makes documents of all files of a set that are none yet, and of their children.
pub(crate) fn publish(workspace: &mut Workspace, set: i64, knobs: &RelativityKnobs) {
    let Some(state) = workspace.sets.get_mut(&set) else {
        return;
    };
    let mut files = std::mem::take(&mut state.files);
    let mut bytes = state.published_bytes;
    let options = workspace.options(set);
    for file in &mut files {
        let is_wrong = file.found.error.is_some() && !knobs.publish_files_with_errors;
        if is_wrong || file.document.is_some() || file.is_duplicate {
            continue;
        }
        if workspace.is_duplicate(file, &options) {
            file.is_duplicate = true;
            continue;
        }
        file.document = Some(workspace.publish_family(file, set, &options));
        bytes += file.found.size;
    }
    if let Some(state) = workspace.sets.get_mut(&set) {
        state.files = files;
        state.published_bytes = bytes;
    }
}

/// What the profile of a set says.
struct Options {
    extract_children: bool,
    dedup: String,
    digits: usize,
}

/// What all documents of a family share.
struct Family<'a> {
    source: &'a Artifact,
    set: i64,
    group: String,
    folder: i64,
    digits: usize,
}

impl Workspace {
    fn options(&self, set: i64) -> Options {
        let profile = self
            .artifacts
            .get(&set)
            .and_then(|set| set.number("Processing profile"));
        let profile = profile.and_then(|id| self.artifacts.get(&id));
        let number = |field| profile.and_then(|it| it.number(field));
        Options {
            extract_children: profile.is_some_and(|it| it.truth("Extract children")),
            dedup: self.choice_name(number("Deduplication method")).to_owned(),
            digits: number("Number of digits")
                .and_then(|it| usize::try_from(it).ok())
                .unwrap_or(10),
        }
    }

    /// Whether the same was published already: of the same custodian, or of anybody.
    fn is_duplicate(&self, file: &File, options: &Options) -> bool {
        if options.dedup == "None" {
            return false;
        }
        let hash = file.found.duplicate_hash();
        let custodian = self.custodian(file.source);
        self.all(Kind::Document).any(|document| {
            document.text("Processing Duplicate Hash") == hash
                && (options.dedup == "Global" || document.number("Custodian") == custodian)
        })
    }

    fn custodian(&self, source: i64) -> Option<i64> {
        self.artifacts.get(&source)?.number("Custodian")
    }

    /// A document with its children; says the number of the document.
    fn publish_family(&mut self, file: &File, set: i64, options: &Options) -> i64 {
        let Some(source) = self.artifacts.get(&file.source).cloned() else {
            return 0;
        };
        let control = self.control_number(&source, options.digits);
        let family = Family {
            folder: source
                .number("Destination folder")
                .unwrap_or(self.root_folder),
            source: &source,
            set,
            group: control.clone(),
            digits: options.digits,
        };
        let mut values = family.values(&control);
        values.extend(values_of(file));
        let id = self.add(Kind::Document, family.folder, values);
        self.natives.insert(id, file.found.native.clone());
        if let Some(opened) = file
            .found
            .rsmf
            .as_deref()
            .filter(|_| options.extract_children)
        {
            for child in &opened.children {
                self.publish_child(child, &family);
            }
        }
        id
    }

    fn publish_child(&mut self, child: &Child, family: &Family<'_>) {
        let control = self.control_number(family.source, family.digits);
        let mut values = family.values(&control);
        let extension = child
            .name
            .rsplit_once('.')
            .map_or("", |(_, extension)| extension);
        values.extend([
            ("Parent Document ID", Val::from(&*family.group)),
            ("File Name", child.name.as_str().into()),
            ("File Extension", extension.into()),
            ("File Size", number(child.digests.size)),
            ("MD5 Hash", child.digests.md5.as_str().into()),
            ("SHA256 Hash", child.digests.sha256.as_str().into()),
        ]);
        match &child.attachment {
            Some(id) => values.push(("Relativity Attachment ID", id.as_str().into())),
            // What the manifest does not name lies in a folder of that name.
            None => values.push(("Virtual Path", "rsmf.zip".into())),
        }
        self.add(Kind::Document, family.folder, values);
    }

    /// The next number of the prefix of a data source.
    fn control_number(&mut self, source: &Artifact, digits: usize) -> String {
        let prefix = source.text("Document numbering prefix").to_owned();
        let start = source.number("Start number").unwrap_or(1);
        let last = self.control_numbers.entry(prefix.clone()).or_insert(0);
        *last = (*last + 1).max(start);
        format!("{prefix}{last:0digits$}")
    }
}

impl Family<'_> {
    fn values(&self, control: &str) -> Vec<(&'static str, Val)> {
        let custodian = self.source.number("Custodian").unwrap_or_default();
        vec![
            ("Control Number", control.into()),
            ("Group Identifier", self.group.as_str().into()),
            ("Custodian", Val::Object(custodian)),
            ("Originating Processing Set", Val::Object(self.set)),
            (
                "Originating Processing Data Source",
                Val::Object(self.source.id),
            ),
            ("Has Native", true.into()),
        ]
    }
}

fn values_of(file: &File) -> Vec<(&'static str, Val)> {
    let found = &file.found;
    let mut values = vec![
        ("File Name", Val::from(&*found.name)),
        ("File Extension", found.extension().into()),
        ("File Size", number(found.size)),
        ("MD5 Hash", found.md5.as_str().into()),
        ("SHA256 Hash", found.sha256.as_str().into()),
        ("Processing File ID", file.id.into()),
        ("Processing Duplicate Hash", found.duplicate_hash().into()),
        ("Processing Folder Path", found.folder.as_str().into()),
        ("Virtual Path", found.container.as_str().into()),
    ];
    if let Some(opened) = &found.rsmf {
        values.push(("File Type", "Relativity Short Message Format".into()));
        values.extend(values_of_rsmf(opened));
    }
    values.retain(|(_, value)| *value != Val::from(""));
    values
}

fn values_of_rsmf(opened: &Opened) -> Vec<(&'static str, Val)> {
    let header = |name: &str| Val::from(opened.header(name));
    let count = |name: &str| {
        opened
            .header(name)
            .trim()
            .parse::<i64>()
            .map(Val::from)
            .ok()
    };
    let or = |first: &str, second: &str| Val::from(if first.is_empty() { second } else { first });
    let mut values = vec![
        ("Email Subject", Val::from(&*opened.subject)),
        ("Email From", opened.from.as_str().into()),
        ("Email To", opened.to.as_str().into()),
        ("Sent Date", or(&opened.date, opened.header("BeginDate"))),
        ("Extracted Text", opened.text.as_str().into()),
        ("RSMF Begin Date", header("BeginDate")),
        ("RSMF End Date", header("EndDate")),
        ("RSMF Version", header("Version")),
        ("RSMF Application", header("Application")),
        ("RSMF Generator", header("Generator")),
        ("RSMF Custodian", header("Custodian")),
        ("RSMF Participants", header("Participants")),
        ("RSMF Event Collection ID", header("EventCollectionID")),
    ];
    let counts = [
        ("RSMF Message Count", "EventCount"),
        ("RSMF Attachment Count", "AttachmentCount"),
    ];
    values.extend(
        counts
            .into_iter()
            .filter_map(|(field, name)| Some((field, count(name)?))),
    );
    values
}

impl Found {
    /// What two files have in common that are one: subject, sender and date, recipients, text, attachments.
    fn duplicate_hash(&self) -> String {
        let Some(opened) = &self.rsmf else {
            return self.sha256.clone();
        };
        let mut text = [
            &*opened.subject,
            &opened.from,
            &opened.date,
            &opened.to,
            &opened.text,
        ]
        .join("\0");
        for child in &opened.children {
            text.push('\0');
            text.push_str(&child.digests.sha256);
        }
        crate::relativity::rsmf::digests(text.as_bytes()).sha256
    }
}

fn number(size: u64) -> Val {
    Val::Number(i64::try_from(size).unwrap_or(i64::MAX))
}
