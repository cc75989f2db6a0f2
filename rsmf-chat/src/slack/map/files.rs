//! Files that came with a message.
//!
//! Source: "File object" (docs.slack.dev); modes of real exports. Exports made by Slack hold links
//! only; other tools put the bytes beside the messages.

use std::collections::HashSet;

use rsmf_core::{
    integration::{FileContent, Link, SourceFile},
    model::Custom,
};
use serde_json::Value;

use super::{
    ConversationContext,
    blocks::named,
    body::{Body, items, object},
    json::{Json, first_str},
    raw::RawMessage,
    rich_text::new_line,
    text,
    url::{bare, host, without_token},
};

/// The files of a message and what the export tells of their content.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// Each file once.
    pub(super) files: Vec<SourceFile>,
    /// Facts on them.
    pub(super) custom: Vec<Custom>,
    /// What stands in files of which there are no bytes.
    pub(super) previews: Vec<String>,
    /// What the sender said of the file while uploading it: only old records keep it apart.
    pub(super) comment: Option<String>,
    seen: HashSet<String>,
}

/// Collects the files of a record, and of the messages that it shares.
pub(super) fn files(
    raw: &RawMessage<'_>,
    body: &mut Body,
    conversation: &ConversationContext<'_>,
) -> Files {
    let mut found = Files::default();
    let problems = &mut body.problems;
    for file in items(&raw.files, "files", problems) {
        found.add(&file, conversation, problems);
    }
    if !raw.file.is_absent() {
        let file = object(&raw.file, "file", problems);
        if file.is_object() {
            found.add(&file, conversation, problems);
        }
        let comment = file
            .get("initial_comment")
            .and_then(|comment| comment.str("comment"));
        found.comment = comment.map(str::to_owned);
    }
    for attachment in &body.attachments {
        for file in attachment.list("files") {
            found.add(file, conversation, problems);
        }
    }
    for file in items(&raw.x_files, "x_files", problems) {
        found.add(&file, conversation, problems);
    }
    // Who comments on a file does not share it again.
    if matches!(raw.subtype(), Some("file_comment" | "file_mention")) {
        found.previews.clear();
        found.comment = None;
    }
    found
}

impl Files {
    fn add(
        &mut self,
        file: &Value,
        conversation: &ConversationContext<'_>,
        problems: &mut Vec<String>,
    ) {
        // Slack keeps bare ids of files that are gone.
        let id = file
            .as_str()
            .or_else(|| first_str(file, &["id", "name", "title"]));
        let Some(id) = id.filter(|id| !id.is_empty()) else {
            return problems.push("a file has neither id nor name and was left out".to_owned());
        };
        if !self.seen.insert(id.to_owned()) {
            return;
        }
        let name = name(file, id);
        let available = conversation.files.find(id, &name);
        let content = match available {
            Some((key, size)) => FileContent::Available { key, size },
            None => {
                self.previews.extend(preview(file, &name));
                absence(file)
            }
        };
        self.facts(file, &name);
        let mut entry = SourceFile::new(id, name, content);
        // Of what lies elsewhere Slack does not know the size, and writes 0.
        let elsewhere = is_external(file);
        entry.size = file
            .number("size")
            .and_then(|size| u64::try_from(size).ok())
            .filter(|size| *size > 0 || !elsewhere);
        entry.media_type = file.str("mimetype").map(str::to_owned);
        self.files.push(entry);
    }

    fn facts(&mut self, file: &Value, name: &str) {
        let title = file.str("title").map(text::unescape).unwrap_or_default();
        let same = *title == *name
            || name
                .strip_prefix(&*title)
                .is_some_and(|rest| rest.starts_with('.'));
        if !same && !title.is_empty() {
            self.custom
                .extend(text::custom("File title", &format!("{name}: {title}")));
        }
        if let Some(alternative) = file.str("alt_txt") {
            self.custom.extend(text::custom(
                "File description",
                &format!("{name}: {alternative}"),
            ));
        }
        if let Some(url) = external_url(file) {
            self.custom.extend(text::custom(
                "External file",
                &format!("{name}: {}", without_token(url)),
            ));
        }
    }
}

/// The name with its extension: other than the title, `name` has one.
fn name(file: &Value, id: &str) -> String {
    let name = match (first_str(file, &["name", "title"]), file.str("filetype")) {
        (Some(name), _) => text::single_line(&text::unescape(name)),
        (None, Some(kind)) => format!("{id}.{kind}"),
        (None, None) => id.to_owned(),
    };
    if name.is_empty() { id.to_owned() } else { name }
}

/// Where a file lies that is not Slack's.
fn external_url(file: &Value) -> Option<&str> {
    let url = first_str(file, &["external_url", "url_private", "permalink"])?;
    is_external(file).then_some(url)
}

fn is_external(file: &Value) -> bool {
    matches!(file.str("mode"), Some("external" | "remote")) || file.flag("is_external")
}

/// Why there are no bytes, and where they may be had.
fn absence(file: &Value) -> FileContent {
    let fixed = match (file.str("mode"), file.str("file_access")) {
        (Some("tombstone"), _) => "deleted in Slack",
        (Some("hidden_by_limit"), _) => "hidden by the plan's limit",
        (_, Some("file_not_found")) => "not found in Slack when the export was made",
        (_, Some("access_denied")) => "not accessible when the export was made",
        _ if file.flag("is_tombstoned") || file.flag("is_deleted") => "deleted in Slack",
        _ if file.is_string() => "the export holds only its id",
        _ => "",
    };
    if !fixed.is_empty() {
        return FileContent::Absent(fixed.to_owned());
    }
    if let Some(url) = external_url(file) {
        let host = host(url).map(|host| format!("external file at {host}"));
        return FileContent::Absent(host.unwrap_or_else(|| "external file".to_owned()));
    }
    // What stands behind `permalink` is a page about the file.
    let Some(url) = first_str(file, &["url_private_download", "url_private"]) else {
        return FileContent::Absent(match file.str("permalink") {
            Some(_) => only_a_link(file),
            None => "the export holds neither the file nor a link".to_owned(),
        });
    };
    FileContent::Linked {
        link: Link::new(url, bare(url)),
        why: only_a_link(file),
    }
}

fn only_a_link(file: &Value) -> String {
    match file.str("mode") {
        Some(kind @ ("canvas" | "quip" | "list" | "space" | "post" | "email")) => {
            format!(
                "kept in Slack as {}; the export holds only a link",
                article(kind)
            )
        }
        _ => "the export holds only a link".to_owned(),
    }
}

/// What people call the kinds of documents that Slack keeps itself.
fn article(mode: &str) -> &'static str {
    match mode {
        "canvas" | "quip" => "a canvas",
        "list" => "a list",
        "email" => "an e-mail",
        _ => "a post",
    }
}

/// What the export tells of the content of a file whose bytes it lacks.
fn preview(file: &Value, name: &str) -> Option<String> {
    let mut shown = String::new();
    let email = file.str("filetype") == Some("email") || file.str("mode") == Some("email");
    if email {
        headers(file, &mut shown);
    }
    let text = first_str(file, &["plain_text", "preview_plain_text", "preview"])
        .map(|text| text.replace("\r\n", "\n"));
    if let Some(text) = text {
        new_line(&mut shown);
        shown.push_str(text.trim_end());
        remainder(file, &mut shown);
    }
    let transcript = file
        .get("transcription")
        .and_then(|t| t.get("preview"))
        .and_then(|p| p.str("content"));
    if let Some(transcript) = transcript {
        new_line(&mut shown);
        named("Transcript", Some(transcript), None, &mut shown);
    }
    let kind = if email { "E-mail" } else { "Content of" };
    (!shown.trim().is_empty()).then(|| format!("[{kind} {name}]\n{}", shown.trim_end()))
}

fn headers(file: &Value, out: &mut String) {
    for (key, label) in [("from", "From"), ("to", "To"), ("cc", "Cc")] {
        let people: Vec<&str> = file
            .list(key)
            .iter()
            .filter_map(|person| first_str(person, &["original", "address", "name"]))
            .collect();
        if !people.is_empty() {
            new_line(out);
            out.push_str(&format!("{label}: {}", people.join(", ")));
        }
    }
    if let Some(subject) = file.str("subject") {
        new_line(out);
        out.push_str(&format!("Subject: {subject}"));
    }
}

/// Says that the preview is not all.
fn remainder(file: &Value, out: &mut String) {
    let more = file.number("lines_more").unwrap_or(0);
    if more > 0 {
        out.push_str(&format!(
            "\n[{more} more lines that the export does not hold]"
        ));
    } else if file.flag("preview_is_truncated") {
        out.push_str("\n[more that the export does not hold]");
    }
}
