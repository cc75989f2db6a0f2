//! Rich text blocks, written the way Slack writes them into `text`.
//!
//! Source: "Rich text block" and its elements (docs.slack.dev).

use serde_json::Value;

use super::{
    json::Json,
    text::{self, Names},
};

/// Writes a rich text block.
pub(super) fn write(block: &Value, names: &Names<'_>, out: &mut String) {
    for element in block.list("elements") {
        container(element, names, out);
    }
}

/// Begins a line, unless one has just begun.
pub(super) fn new_line(out: &mut String) {
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
}

fn container(element: &Value, names: &Names<'_>, out: &mut String) {
    match element.str("type") {
        Some("rich_text_section") => {
            new_line(out);
            spans(element, names, out);
        }
        Some("rich_text_list") => list(element, names, out),
        Some("rich_text_quote") => quote(element, names, out),
        Some("rich_text_preformatted") => {
            new_line(out);
            out.push_str("```\n");
            spans(element, names, out);
            new_line(out);
            out.push_str("```");
        }
        _ => span(element, names, out),
    }
}

fn spans(element: &Value, names: &Names<'_>, out: &mut String) {
    for inner in element.list("elements") {
        span(inner, names, out);
    }
}

fn list(element: &Value, names: &Names<'_>, out: &mut String) {
    // Slack itself stops at 8 levels.
    let depth = element.number("indent").unwrap_or(0).clamp(0, 16) as usize;
    let ordered = element.str("style") == Some("ordered");
    let first = element
        .number("offset")
        .unwrap_or(0)
        .max(0)
        .saturating_add(1);
    for (index, item) in (0..).zip(element.list("elements")) {
        let number = first.saturating_add(index);
        new_line(out);
        out.push_str(&"    ".repeat(depth));
        out.push_str(&if ordered {
            format!("{number}. ")
        } else {
            "• ".to_owned()
        });
        // An item is a section, of which the line has begun already.
        match item.str("type") {
            Some("rich_text_section") => spans(item, names, out),
            _ => container(item, names, out),
        }
    }
    out.push('\n');
}

fn quote(element: &Value, names: &Names<'_>, out: &mut String) {
    let mut inner = String::new();
    for element in element.list("elements") {
        container(element, names, &mut inner);
    }
    for line in inner.lines() {
        new_line(out);
        out.push_str("> ");
        out.push_str(line);
    }
    out.push('\n');
}

/// Writes a piece of text in its style.
fn span(element: &Value, names: &Names<'_>, out: &mut String) {
    let mut inner = String::new();
    match element.str("type") {
        Some("text") => inner.push_str(element.str("text").unwrap_or_default()),
        Some("link") => {
            let url = super::url::without_token(element.str("url").unwrap_or_default());
            raw_link(&url, element.str("text").unwrap_or_default(), &mut inner);
        }
        Some("emoji") => emoji(element, &mut inner),
        Some("date") => {
            let time = element
                .number("timestamp")
                .map(|time| time.to_string())
                .unwrap_or_default();
            let field = |key| element.str(key).unwrap_or_default();
            let date = text::Date {
                time: &time,
                format: field("format"),
                link: &super::url::without_token(field("url")),
                fallback: field("fallback"),
            };
            date.write(&mut inner);
        }
        Some("color") => inner.push_str(element.str("value").unwrap_or_default()),
        Some(kind) if mention(kind, element, names, &mut inner) => {}
        _ if element.get("elements").is_some() => container_of_unknown(element, names, &mut inner),
        _ => super::blocks::write_unknown(element, names, &mut inner),
    }
    styled(&inner, element, out);
}

fn container_of_unknown(element: &Value, names: &Names<'_>, out: &mut String) {
    for inner in element.list("elements") {
        container(inner, names, out);
    }
}

/// In rich text nothing is escaped, other than in `text`.
fn raw_link(url: &str, label: &str, out: &mut String) {
    text::link(
        &url.replace('&', "&amp;"),
        &label.replace('&', "&amp;"),
        out,
    );
}

fn mention(kind: &str, element: &Value, names: &Names<'_>, out: &mut String) -> bool {
    let (mark, id) = match kind {
        "user" => ('@', element.str("user_id")),
        "usergroup" => ('@', element.str("usergroup_id")),
        "team" => ('@', element.str("team_id")),
        "broadcast" => ('@', element.str("range")),
        "channel" => ('#', element.str("channel_id")),
        _ => return false,
    };
    let id = id.unwrap_or_default();
    let name = match kind {
        "user" => names.user(id),
        "channel" => names.directory.channel(id),
        _ => None,
    };
    out.push(mark);
    out.push_str(name.unwrap_or(id));
    true
}

fn emoji(element: &Value, out: &mut String) {
    out.push(':');
    out.push_str(element.str("name").unwrap_or_default());
    if let Some(tone) = element.number("skin_tone") {
        out.push_str(&format!("::skin-tone-{tone}"));
    }
    out.push(':');
}

/// Marks go next to the words: `* bold *` would not read as bold.
fn styled(inner: &str, element: &Value, out: &mut String) {
    let style = element.get("style").unwrap_or(&Value::Null);
    let marks: Vec<&str> = [
        ("bold", "*"),
        ("italic", "_"),
        ("strike", "~"),
        ("code", "`"),
    ]
    .into_iter()
    .filter_map(|(name, mark)| style.flag(name).then_some(mark))
    .collect();
    let words = inner.trim();
    if marks.is_empty() || words.is_empty() {
        return out.push_str(inner);
    }
    let start = inner.len() - inner.trim_start().len();
    out.push_str(inner.get(..start).unwrap_or_default());
    marks.iter().for_each(|mark| out.push_str(mark));
    out.push_str(words);
    marks.iter().rev().for_each(|mark| out.push_str(mark));
    out.push_str(inner.get(start + words.len()..).unwrap_or_default());
}
