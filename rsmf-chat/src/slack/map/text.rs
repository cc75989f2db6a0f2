//! Slack's markup, as people saw it.
//!
//! Source: "Formatting text for app surfaces" (docs.slack.dev). Only `&amp;`, `&lt;` and `&gt;`
//! are escaped; references stand in angle brackets. Styles (`*bold*`) and `:short_names:` stay as
//! they are: they read well and the viewer knows the latter.

use std::borrow::Cow;

use rsmf_core::model::Custom;

use super::{date::Moment, directory::Directory, people::SLACKBOT};

/// Whom and what ids in a text stand for.
#[derive(Debug, Clone)]
pub(super) struct Names<'n> {
    /// The workspace.
    pub(super) directory: &'n Directory,
    /// The sender, where the directory lacks them: id and name.
    pub(super) sender: Option<(String, String)>,
}

impl Names<'_> {
    /// The name of a user or bot.
    pub(super) fn user(&self, id: &str) -> Option<&str> {
        self.directory
            .name(id)
            .or_else(|| {
                let (sender, name) = self.sender.as_ref()?;
                (sender == id).then_some(name.as_str())
            })
            .or((id == SLACKBOT).then_some("Slackbot"))
    }
}

/// Shows a text with its references resolved.
pub(super) fn render<'t>(text: &'t str, names: &Names<'_>) -> Cow<'t, str> {
    if memchr::memchr2(b'<', b'&', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr2(b'<', b'&', rest.as_bytes()) {
        let (before, special) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(before);
        let taken = if special.starts_with('&') {
            entity(special, &mut out)
        } else {
            reference(special, names, &mut out)
        };
        if taken == 0 {
            out.push_str(special.get(..1).unwrap_or_default());
        }
        rest = special.get(taken.max(1)..).unwrap_or_default();
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Undoes the escaping and nothing else.
pub(super) fn unescape(text: &str) -> Cow<'_, str> {
    if memchr::memchr(b'&', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, special)) =
        memchr::memchr(b'&', rest.as_bytes()).and_then(|at| rest.split_at_checked(at))
    {
        out.push_str(before);
        let taken = entity(special, &mut out);
        if taken == 0 {
            out.push('&');
        }
        rest = special.get(taken.max(1)..).unwrap_or_default();
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Writes the character that an entity at the start of `text` stands for; returns its length.
fn entity(text: &str, out: &mut String) -> usize {
    const ENTITIES: [(&str, char); 3] = [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>')];
    let found = ENTITIES.iter().find(|(name, _)| text.starts_with(name));
    found.map_or(0, |(name, character)| {
        out.push(*character);
        name.len()
    })
}

/// Writes what the reference at the start of `text` stands for; returns its length, or 0 where
/// it is none.
fn reference(text: &str, names: &Names<'_>, out: &mut String) -> usize {
    let Some(inner) = text.get(1..) else { return 0 };
    // Stops at the next `<` too, so that a text of nothing but `<` is not searched over and over.
    let end = memchr::memchr2(b'<', b'>', inner.as_bytes()).unwrap_or(inner.len());
    let (Some(inner), Some(">")) = (inner.get(..end), inner.get(end..end + 1)) else {
        return 0;
    };
    let (target, label) = inner.split_once('|').unwrap_or((inner, ""));
    let known = match target.chars().next() {
        Some('@') => user(target.get(1..).unwrap_or_default(), label, names, out),
        Some('#') => channel(target.get(1..).unwrap_or_default(), label, names, out),
        Some('!') => command(target.get(1..).unwrap_or_default(), label, out),
        _ => target.contains(':') && link(target, label, out),
    };
    if known { end + 2 } else { 0 }
}

fn user(id: &str, label: &str, names: &Names<'_>, out: &mut String) -> bool {
    if id.is_empty() {
        return false;
    }
    let label = label.strip_prefix('@').unwrap_or(label);
    let name = names
        .user(id)
        .or((!label.is_empty()).then_some(label))
        .unwrap_or(id);
    out.push('@');
    out.push_str(&unescape(name));
    true
}

fn channel(id: &str, label: &str, names: &Names<'_>, out: &mut String) -> bool {
    if id.is_empty() {
        return false;
    }
    let label = label.strip_prefix('#').unwrap_or(label);
    let name = if label.is_empty() {
        names.directory.channel(id).unwrap_or(id)
    } else {
        label
    };
    out.push('#');
    out.push_str(&unescape(name));
    true
}

/// `<!here>`, `<!subteam^S1|@team>`, `<!date^…|fallback>`.
fn command(target: &str, label: &str, out: &mut String) -> bool {
    let mut parts = target.split('^');
    match parts.next().unwrap_or_default() {
        name @ ("here" | "channel" | "everyone" | "group") => {
            out.push('@');
            out.push_str(name);
        }
        "subteam" => {
            let id = parts.next().unwrap_or_default();
            let name = if label.is_empty() { id } else { label };
            out.push('@');
            out.push_str(&unescape(name.strip_prefix('@').unwrap_or(name)));
        }
        "date" => {
            let date = Date {
                time: parts.next().unwrap_or_default(),
                format: &unescape(parts.next().unwrap_or_default()),
                link: parts.next().unwrap_or_default(),
                fallback: label,
            };
            date.write(out);
        }
        _ if !label.is_empty() => out.push_str(&unescape(label)),
        _ => return false,
    }
    true
}

/// A time in a text. People saw it in their own zone; it is written in UTC.
pub(super) struct Date<'d> {
    /// In seconds since 1970.
    pub(super) time: &'d str,
    /// With tokens such as `{date_num}`.
    pub(super) format: &'d str,
    /// Where it leads; may be empty.
    pub(super) link: &'d str,
    /// What clients show that cannot write the time; may be empty.
    pub(super) fallback: &'d str,
}

impl Date<'_> {
    /// Writes the time in its format, or else the fallback.
    pub(super) fn write(&self, out: &mut String) {
        let time = super::parse_ts(self.time);
        let formatted = time.and_then(|time| Moment::new(time).fill(self.format));
        match (formatted, time) {
            (Some(formatted), _) => out.push_str(&formatted),
            _ if !self.fallback.is_empty() => out.push_str(&unescape(self.fallback)),
            (None, Some(time)) => out.push_str(&time.to_rsmf()),
            (None, None) => out.push_str(self.time),
        }
        if !self.link.is_empty() {
            out.push_str(" (");
            out.push_str(&unescape(self.link));
            out.push(')');
        }
    }
}

/// Writes label and address, or only one of them where they say the same.
pub(super) fn link(url: &str, label: &str, out: &mut String) -> bool {
    let (url, label) = (unescape(url), unescape(label));
    if label.is_empty() || *label == *url {
        out.push_str(strip_scheme(&url));
    } else if strip_scheme(&url) == label {
        out.push_str(&label);
    } else if url
        .split_once("://")
        .is_some_and(|(_, rest)| rest.trim_end_matches('/') == label.trim_end_matches('/'))
    {
        out.push_str(&url);
    } else {
        out.push_str(&label);
        out.push_str(" (");
        out.push_str(&url);
        out.push(')');
    }
    true
}

/// Nobody sees `mailto:` and `tel:`.
fn strip_scheme(url: &str) -> &str {
    url.strip_prefix("mailto:")
        .or_else(|| url.strip_prefix("tel:"))
        .unwrap_or(url)
}

/// Takes out what breaks viewers: control characters other than line breaks and tabs, and
/// U+FFFC, which Relativity shows as "OBJ". Returns what was taken out, in order of appearance.
pub(super) fn clean(text: &mut String) -> Vec<char> {
    let suspect = |byte: u8| {
        (byte < b' ' && byte != b'\n' && byte != b'\t')
            || byte == 0x7f
            || byte == 0xc2
            || byte == 0xef
    };
    if !text.bytes().any(suspect) {
        return Vec::new();
    }
    // The line breaks of old Windows clients are line breaks, not control characters.
    if text.contains('\r') {
        *text = text.replace("\r\n", "\n").replace('\r', "\n");
    }
    let mut removed = Vec::new();
    text.retain(|character| {
        let keep = !is_unfit(character);
        if !keep {
            removed.push(character);
        }
        keep
    });
    removed
}

fn is_unfit(character: char) -> bool {
    (character.is_control() && character != '\n' && character != '\t') || character == '\u{fffc}'
}

/// A name for one line: without control characters, line breaks become spaces.
pub(super) fn single_line(text: &str) -> String {
    if !text.contains(char::is_control) && !text.contains('\u{fffc}') {
        return text.trim().to_owned();
    }
    let spaced = text.chars().map(|c| {
        if matches!(c, '\n' | '\r' | '\t') {
            ' '
        } else {
            c
        }
    });
    spaced
        .filter(|&c| !is_unfit(c))
        .collect::<String>()
        .trim()
        .to_owned()
}

/// A custom property, or none where the value is empty: the schema allows no empty values.
pub(super) fn custom(name: &str, value: &str) -> Option<Custom> {
    let mut value = value.trim().to_owned();
    clean(&mut value);
    (!value.is_empty()).then(|| Custom::new(name, value))
}
