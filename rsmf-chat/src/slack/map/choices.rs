//! Elements that people choose or write something in.
//!
//! Source: "Block elements" (docs.slack.dev). A menu reads `[Choose one: Bo] (options: Ana, Bo)`:
//! what it asks for, what it is set to, and what there is to choose from.

use serde_json::Value;

use super::{
    blocks::{named, object_text},
    json::{Json, first_str},
    rich_text,
    text::Names,
};

/// Writes a menu, or a field to write in.
pub(super) fn field(value: &Value, names: &Names<'_>, out: &mut String) {
    let placeholder = object_text(value, "placeholder").unwrap_or_default();
    let initial = initial(value, names);
    let initial = (!initial.is_empty()).then(|| initial.join(", "));
    named(&placeholder, initial.as_deref(), None, out);
    options(value, out);
}

/// Writes options of which each has its button or box.
pub(super) fn buttons(value: &Value, out: &mut String) {
    let chosen: Vec<&Value> = value.get("initial_option").into_iter().collect();
    let is_chosen =
        |option: &Value| chosen.contains(&option) || value.list("initial_options").contains(option);
    for option in value.list("options") {
        let mark = if is_chosen(option) { " (chosen)" } else { "" };
        let label = label(option).map(|label| format!("{label}{mark}"));
        named("", label.as_deref(), None, out);
    }
}

/// Writes what there is to choose from.
pub(super) fn options(value: &Value, out: &mut String) {
    let mut told: Vec<String> = value.list("options").iter().filter_map(label).collect();
    for group in value.list("option_groups") {
        let inner: Vec<String> = group.list("options").iter().filter_map(label).collect();
        let title = object_text(group, "label").or_else(|| object_text(group, "text"));
        let title = title.map(|title| format!("{title}: ")).unwrap_or_default();
        told.push(format!("{title}{}", inner.join(", ")));
    }
    if !told.is_empty() {
        out.push_str(&format!(" (options: {})", told.join(", ")));
    }
}

/// What an option says, and what it says of itself.
pub(super) fn label(option: &Value) -> Option<String> {
    let text = object_text(option, "text")?;
    Some(match object_text(option, "description") {
        Some(description) => format!("{text} – {description}"),
        None => text,
    })
}

/// What it is set to.
fn initial(value: &Value, names: &Names<'_>) -> Vec<String> {
    let option = value.get("initial_option").into_iter();
    let options = option.chain(value.list("initial_options"));
    let mut told: Vec<String> = options.filter_map(label).collect();
    for key in ["user", "channel", "conversation"] {
        let one = value.str(&format!("initial_{key}"));
        let more = value.list(&format!("initial_{key}s")).iter();
        let ids = one.into_iter().chain(more.filter_map(Value::as_str));
        told.extend(ids.map(|id| reference(id, names)));
    }
    let plain = ["initial_value", "initial_date", "initial_time"];
    told.extend(first_str(value, &plain).map(str::to_owned));
    told.extend(value.time("initial_date_time").map(|time| time.to_string()));
    if let Some(rich) = value.get("initial_value").filter(|rich| rich.is_object()) {
        let mut shown = String::new();
        rich_text::write(rich, names, &mut shown);
        told.push(shown.trim().to_owned());
    }
    told
}

/// A person or a channel; conversations may be either.
fn reference(id: &str, names: &Names<'_>) -> String {
    match (names.directory.channel(id), names.user(id)) {
        (Some(channel), _) => format!("#{channel}"),
        (None, Some(user)) => format!("@{user}"),
        (None, None) => id.to_owned(),
    }
}
