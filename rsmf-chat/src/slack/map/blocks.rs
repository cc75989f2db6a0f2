//! Blocks, as plain text.
//!
//! Source: "Blocks" and "Block elements" (docs.slack.dev). What is not text is named in brackets,
//! such as `[Image: a cat (https://…)]` or `[Approve]` for a button. Of kinds that are not known
//! every text they hold is written.

use serde_json::Value;

use super::{
    choices,
    json::{Json, first_str},
    rich_text::{self, new_line},
    text::{self, Names},
    url::without_token,
};

/// Writes blocks, each on lines of its own.
pub(super) fn write(blocks: &[Value], names: &Names<'_>, out: &mut String) {
    for block in blocks {
        new_line(out);
        write_block(block, names, out);
    }
    out.truncate(out.trim_end().len());
}

fn write_block(block: &Value, names: &Names<'_>, out: &mut String) {
    match block.str("type") {
        Some("rich_text") => rich_text::write(block, names, out),
        Some("section") => section(block, names, out),
        Some("header" | "markdown" | "alert") => field(block, "text", names, out),
        Some("context") => joined(block.list("elements"), " ", names, out),
        Some("actions" | "context_actions") => joined(block.list("elements"), " ", names, out),
        Some("divider") => out.push_str("---"),
        Some("image") => image(block, names, out),
        Some("video") => video(block, names, out),
        Some("input") => input(block, names, out),
        Some("file") => named(
            "File",
            first_str(block, &["external_id", "file_id"]),
            None,
            out,
        ),
        Some("call") => call(block, out),
        Some("table") => table(block, names, out),
        _ => write_unknown(block, names, out),
    }
}

fn section(block: &Value, names: &Names<'_>, out: &mut String) {
    field(block, "text", names, out);
    for entry in block.list("fields") {
        new_line(out);
        text_object(entry, names, out);
    }
    if let Some(accessory) = block
        .get("accessory")
        .filter(|accessory| accessory.is_object())
    {
        new_line(out);
        element(accessory, names, out);
    }
}

/// Writes a text object, or a bare string, that stands in a field.
fn field(block: &Value, key: &str, names: &Names<'_>, out: &mut String) {
    if let Some(value) = block.get(key) {
        text_object(value, names, out);
    }
}

fn text_object(value: &Value, names: &Names<'_>, out: &mut String) {
    match (value, value.str("type")) {
        (Value::String(bare), _) => out.push_str(&text::unescape(bare)),
        (_, Some("mrkdwn")) => {
            out.push_str(&text::render(value.str("text").unwrap_or_default(), names))
        }
        (_, Some("rich_text")) => rich_text::write(value, names, out),
        (_, Some("plain_text" | "raw_text")) => {
            out.push_str(&text::unescape(value.str("text").unwrap_or_default()))
        }
        _ => write_unknown(value, names, out),
    }
}

fn joined(elements: &[Value], separator: &str, names: &Names<'_>, out: &mut String) {
    for (index, inner) in elements.iter().enumerate() {
        if index > 0 {
            out.push_str(separator);
        }
        element(inner, names, out);
    }
}

/// Writes an interactive element: what it says, and what was chosen.
fn element(value: &Value, names: &Names<'_>, out: &mut String) {
    match value.str("type") {
        Some("image") => image(value, names, out),
        Some("button" | "workflow_button" | "icon_button") => {
            named(
                "",
                object_text(value, "text").as_deref(),
                value.str("url"),
                out,
            );
        }
        Some("mrkdwn" | "plain_text" | "rich_text") => text_object(value, names, out),
        Some("overflow" | "checkboxes" | "radio_buttons") => choices::buttons(value, out),
        Some(kind)
            if kind.contains("select") || kind.contains("picker") || kind.contains("input") =>
        {
            choices::field(value, names, out);
        }
        _ => write_unknown(value, names, out),
    }
}

/// The words of a text object, or a bare string.
pub(super) fn object_text(value: &Value, key: &str) -> Option<String> {
    let text = value
        .get(key)
        .and_then(|object| object.str("text"))
        .or_else(|| value.str(key))?;
    Some(text::unescape(text).into_owned())
}

/// Writes `[Kind: what (url)]`, leaving out what is not there.
pub(super) fn named(kind: &str, what: Option<&str>, url: Option<&str>, out: &mut String) {
    let parts: Vec<&str> = [kind, what.unwrap_or_default()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    if parts.is_empty() && url.is_none() {
        return;
    }
    out.push('[');
    out.push_str(&parts.join(": "));
    if let Some(url) = url {
        let url = without_token(url);
        out.push_str(&if parts.is_empty() {
            url.into_owned()
        } else {
            format!(" ({url})")
        });
    }
    out.push(']');
}

fn image(value: &Value, names: &Names<'_>, out: &mut String) {
    let mut title = String::new();
    field(value, "title", names, &mut title);
    let what = if title.is_empty() {
        value.str("alt_text").unwrap_or_default()
    } else {
        &title
    };
    let file = value.get("slack_file").unwrap_or(&Value::Null);
    let url = value
        .str("image_url")
        .or_else(|| first_str(file, &["url", "id"]));
    named("Image", Some(what), url, out);
}

fn video(block: &Value, names: &Names<'_>, out: &mut String) {
    let title = object_text(block, "title");
    named(
        "Video",
        title.as_deref().or(block.str("alt_text")),
        first_str(block, &["title_url", "video_url"]),
        out,
    );
    for key in ["description", "author_name", "provider_name"] {
        if block.get(key).is_some() {
            new_line(out);
            field(block, key, names, out);
        }
    }
}

fn input(block: &Value, names: &Names<'_>, out: &mut String) {
    field(block, "label", names, out);
    if let Some(inner) = block.get("element") {
        out.push_str(": ");
        element(inner, names, out);
    }
    if block.get("hint").is_some() {
        new_line(out);
        field(block, "hint", names, out);
    }
}

/// A call that an app started.
fn call(block: &Value, out: &mut String) {
    let versions = block.get("call").unwrap_or(&Value::Null);
    let call = versions.get("v1").unwrap_or(versions);
    named(
        "Call",
        call.str("name").or(block.str("call_id")),
        first_str(call, &["join_url", "desktop_app_join_url"]),
        out,
    );
    for (key, label) in [("date_start", "Start"), ("date_end", "End")] {
        if let Some(time) = call.time(key) {
            out.push_str(&format!("\n{label}: {time}"));
        }
    }
}

fn table(block: &Value, names: &Names<'_>, out: &mut String) {
    for row in block.list("rows") {
        new_line(out);
        let cells = row.as_array().map_or(&[][..], Vec::as_slice);
        for (index, cell) in cells.iter().enumerate() {
            if index > 0 {
                out.push_str(" | ");
            }
            text_object(cell, names, out);
        }
    }
}

/// Writes every text in something of unknown kind, each on its line.
pub(super) fn write_unknown(value: &Value, names: &Names<'_>, out: &mut String) {
    match value {
        Value::String(text) => {
            new_line(out);
            out.push_str(&text::render(&without_token(text), names));
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| write_unknown(item, names, out)),
        Value::Object(fields) => {
            for (_, inner) in fields.iter().filter(|(key, _)| !is_technical(key)) {
                write_unknown(inner, names, out);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Fields that hold nothing that anybody saw.
fn is_technical(key: &str) -> bool {
    key == "id"
        || key.ends_with("_id")
        || matches!(
            key,
            "type" | "style" | "subtype" | "team" | "ts" | "color" | "size"
        )
}
