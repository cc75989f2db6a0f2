//! Attachments: what apps hang on messages, previews of links, and shared messages.
//!
//! Source: "Secondary message attachments" (docs.slack.dev); previews and shares as real exports
//! hold them. Each begins with a line in brackets that tells what it is, unless it is all that
//! the message holds.

use serde_json::Value;

use super::{
    blocks,
    body::choose,
    choices,
    json::{Json, first_str},
    rich_text::new_line,
    text::{self, Names},
    url::without_token,
};

/// Appends attachments to what the message itself says.
pub(super) fn append(attachments: &[Value], names: &Names<'_>, out: &mut String) {
    for attachment in attachments {
        let mut shown = String::new();
        write(attachment, !out.is_empty(), names, &mut shown);
        let shown = shown.trim();
        if !shown.is_empty() && !out.is_empty() {
            out.push_str("\n\n");
        }
        out.push_str(shown);
    }
}

fn write(attachment: &Value, marked: bool, names: &Names<'_>, out: &mut String) {
    line(attachment, "pretext", names, out);
    let mut inner = String::new();
    credits(attachment, names, &mut inner);
    words(attachment, names, &mut inner);
    extras(attachment, names, &mut inner);
    if inner.is_empty() && out.is_empty() {
        line(attachment, "fallback", names, &mut inner);
    }
    if inner.is_empty() && out.is_empty() {
        return;
    }
    if let Some(kind) = kind(attachment, marked, names) {
        new_line(out);
        blocks::named(kind.0, kind.1.as_deref(), None, out);
    }
    new_line(out);
    out.push_str(&inner);
}

/// What it is, and of what; nothing where it is the card of an app and stands alone.
fn kind(
    attachment: &Value,
    marked: bool,
    names: &Names<'_>,
) -> Option<(&'static str, Option<String>)> {
    let url = first_str(attachment, &["from_url", "original_url"])
        .map(|url| without_token(url).into_owned());
    if is_shared_message(attachment) {
        return Some(("Shared message", origin(attachment, names).or(url)));
    }
    match url {
        Some(url) => Some(("Link preview", Some(url))),
        None => marked.then_some(("Attachment", None)),
    }
}

fn is_shared_message(attachment: &Value) -> bool {
    [
        "is_msg_unfurl",
        "is_share",
        "is_reply_unfurl",
        "is_thread_root_unfurl",
    ]
    .iter()
    .any(|key| attachment.flag(key))
        || !attachment.list("message_blocks").is_empty()
}

/// Who wrote the shared message, when and where.
fn origin(attachment: &Value, names: &Names<'_>) -> Option<String> {
    let author = first_str(attachment, &["author_name", "author_subname"])
        .map(text::unescape)
        .or_else(|| {
            attachment
                .str("author_id")
                .map(|id| names.user(id).unwrap_or(id).into())
        });
    let channel = attachment.str("channel_name").or_else(|| {
        let id = attachment.str("channel_id")?;
        Some(names.directory.channel(id).unwrap_or(id))
    });
    let parts = [
        author.map(std::borrow::Cow::into_owned),
        attachment.time("ts").map(|time| time.to_string()),
        channel.map(|name| format!("#{}", name.trim_start_matches('#'))),
    ];
    let told: Vec<String> = parts.into_iter().flatten().collect();
    (!told.is_empty()).then(|| told.join(", "))
}

/// The service, the author and the title.
fn credits(attachment: &Value, names: &Names<'_>, out: &mut String) {
    if !is_shared_message(attachment) {
        let names = ["service_name", "author_name", "author_subname"];
        let told: Vec<_> = names
            .iter()
            .filter_map(|key| attachment.str(key))
            .map(text::unescape)
            .collect();
        out.push_str(&told.join(" — "));
    }
    if let Some(title) = attachment.str("title") {
        new_line(out);
        let url = attachment.str("title_link").unwrap_or_default();
        let from = first_str(attachment, &["from_url", "original_url"]);
        let repeated = from == Some(url) || url.is_empty();
        let title = text::render(title, names);
        match repeated {
            true => out.push_str(&title),
            false => out.push_str(&format!(
                "{title} ({})",
                text::unescape(&without_token(url))
            )),
        }
    }
}

/// The text, or the blocks where they say more.
fn words(attachment: &Value, names: &Names<'_>, out: &mut String) {
    let mut rich = String::new();
    blocks::write(attachment.list("blocks"), names, &mut rich);
    for shared in attachment.list("message_blocks") {
        new_line(&mut rich);
        let message = shared.get("message").unwrap_or(&Value::Null);
        blocks::write(message.list("blocks"), names, &mut rich);
    }
    let plain = text::render(attachment.str("text").unwrap_or_default(), names);
    let chosen = choose(plain.into_owned(), rich);
    new_line(out);
    out.push_str(&chosen.shown);
    if let Some(other) = chosen.other {
        new_line(out);
        out.push_str(&other);
    }
}

/// Fields, pictures, buttons and the footer.
fn extras(attachment: &Value, names: &Names<'_>, out: &mut String) {
    for field in attachment.list("fields") {
        new_line(out);
        let title = text::render(field.str("title").unwrap_or_default(), names);
        let value = text::render(field.str("value").unwrap_or_default(), names);
        let both = !title.is_empty() && !value.is_empty();
        out.push_str(&[&*title, &*value].join(if both { ": " } else { "" }));
    }
    let alone = out.is_empty();
    let thumbnail = attachment.str("thumb_url").filter(|_| alone);
    if let Some(url) = attachment.str("image_url").or(thumbnail) {
        new_line(out);
        blocks::named("Image", None, Some(url), out);
    }
    let buttons = attachment.list("actions");
    if !buttons.is_empty() {
        new_line(out);
        buttons.iter().for_each(|button| action(button, out));
    }
    footer(attachment, names, out);
}

/// A button or a menu, in which something may be chosen.
fn action(button: &Value, out: &mut String) {
    let chosen = button.list("selected_options").iter();
    let chosen: Vec<String> = chosen.filter_map(choices::label).collect();
    let text = button.str("text").map(text::unescape).unwrap_or_default();
    let chosen = (!chosen.is_empty()).then(|| chosen.join(", "));
    blocks::named(&text, chosen.as_deref(), button.str("url"), out);
    choices::options(button, out);
}

/// The footer of a shared message says again where it was posted; its time is in the first line.
fn footer(attachment: &Value, names: &Names<'_>, out: &mut String) {
    let time = attachment
        .time("ts")
        .filter(|_| !is_shared_message(attachment));
    let text = attachment
        .str("footer")
        .map(|footer| text::render(footer, names).into_owned());
    let told: Vec<String> = text
        .into_iter()
        .chain(time.map(|time| time.to_string()))
        .collect();
    if !told.is_empty() {
        new_line(out);
        out.push_str(&told.join(", "));
    }
}

fn line(attachment: &Value, key: &str, names: &Names<'_>, out: &mut String) {
    if let Some(text) = attachment.str(key) {
        new_line(out);
        out.push_str(&text::render(text, names));
    }
}
