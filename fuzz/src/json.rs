//! JSON in a form in which any bytes are a value, so that a change of an input seldom breaks it.
//!
//! A value starts with a byte that tells its kind. Names and words of Slack's take one byte each.

use serde_json::{Map, Value};

/// Deeper values are `null`. Slack itself nests some ten levels.
const DEEPEST: usize = 200;

/// The names of members.
const KEYS: &[&str] = &[
    "type",
    "elements",
    "text",
    "style",
    "indent",
    "offset",
    "border",
    "user_id",
    "channel_id",
    "usergroup_id",
    "team_id",
    "range",
    "url",
    "name",
    "skin_tone",
    "unicode",
    "timestamp",
    "format",
    "fallback",
    "value",
    "bold",
    "italic",
    "strike",
    "code",
    "unsafe",
    "language",
    "block_id",
    "fields",
    "accessory",
    "title",
    "alt_text",
    "image_url",
    "label",
    "element",
    "rows",
    "options",
    "option_groups",
    "initial_option",
    "initial_options",
    "initial_value",
    "placeholder",
    "action_id",
    "slack_file",
    "description",
    "emoji",
    "link",
    "client_msg_id",
    "verbatim",
    "video_url",
    "title_url",
    "provider_name",
    "author_name",
    "call",
    "v1",
    "id",
    "join_url",
    "external_id",
    "hint",
    "initial_date",
    "initial_time",
    "selected_users",
];

/// Texts that mean something.
const WORDS: &[&str] = &[
    "rich_text",
    "rich_text_section",
    "rich_text_list",
    "rich_text_quote",
    "rich_text_preformatted",
    "text",
    "link",
    "emoji",
    "user",
    "usergroup",
    "team",
    "channel",
    "broadcast",
    "date",
    "color",
    "ordered",
    "bullet",
    "section",
    "header",
    "markdown",
    "alert",
    "context",
    "actions",
    "divider",
    "image",
    "video",
    "input",
    "file",
    "call",
    "table",
    "mrkdwn",
    "plain_text",
    "raw_text",
    "button",
    "overflow",
    "checkboxes",
    "radio_buttons",
    "static_select",
    "datepicker",
    "plain_text_input",
    "U1",
    "C1",
    "here",
    "",
    "a",
    "b c",
    " x ",
    "x\ny",
    "*",
    "<@U1>",
    "<!here|h>",
    "&amp;&lt;",
    "<https://a.example|b>",
    "{date_num} {time}",
    "https://a.example/?token=xoxe-1",
    "\u{fffc}",
    "é",
    "\u{200b}",
    "```",
    "> ",
    "1704412800",
];

const LITERAL: u8 = u8::MAX;
const FIRST_WORD: u8 = 8;

/// Takes one value from the bytes.
pub fn decode(mut bytes: &[u8]) -> Value {
    value(&mut bytes, 0)
}

fn value(bytes: &mut &[u8], depth: usize) -> Value {
    let kind = byte(bytes);
    match kind {
        1 => true.into(),
        2 => false.into(),
        3 => i16::from_le_bytes(take(bytes)).into(),
        4 => f64::from_le_bytes(take(bytes)).into(),
        5 => text(bytes).into(),
        6 | 7 if depth > DEEPEST => Value::Null,
        6 => (0..byte(bytes)).map_while(|_| more(bytes, depth)).collect(),
        7 => (0..byte(bytes))
            .map_while(|_| Some((key(bytes), more(bytes, depth)?)))
            .collect::<Map<_, _>>()
            .into(),
        word => match WORDS.get(usize::from(word.wrapping_sub(FIRST_WORD))) {
            Some(word) => (*word).into(),
            None => Value::Null,
        },
    }
}

fn more(bytes: &mut &[u8], depth: usize) -> Option<Value> {
    (!bytes.is_empty()).then(|| value(bytes, depth + 1))
}

fn key(bytes: &mut &[u8]) -> String {
    match byte(bytes) {
        LITERAL => text(bytes),
        index => KEYS[usize::from(index) % KEYS.len()].to_owned(),
    }
}

fn text(bytes: &mut &[u8]) -> String {
    let length = usize::from(byte(bytes)).min(bytes.len());
    let (text, rest) = bytes.split_at(length);
    *bytes = rest;
    String::from_utf8_lossy(text).into_owned()
}

fn byte(bytes: &mut &[u8]) -> u8 {
    let [byte] = take(bytes);
    byte
}

/// The next bytes; zeros behind the end.
fn take<const N: usize>(bytes: &mut &[u8]) -> [u8; N] {
    let mut taken = [0; N];
    let length = N.min(bytes.len());
    let (head, rest) = bytes.split_at(length);
    taken[..length].copy_from_slice(head);
    *bytes = rest;
    taken
}

/// Writes a value so that [`decode`] gives it back, or one that is cut where it is too large.
pub fn encode(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.push(0),
        Value::Bool(true) => out.push(1),
        Value::Bool(false) => out.push(2),
        Value::Number(number) => encode_number(number, out),
        Value::String(text) => match WORDS.iter().position(|word| word == text) {
            Some(index) => out.push(FIRST_WORD + index as u8),
            None => {
                out.push(5);
                encode_text(text, out);
            }
        },
        Value::Array(items) => {
            out.extend([6, items.len().min(255) as u8]);
            items.iter().take(255).for_each(|item| encode(item, out));
        }
        Value::Object(members) => {
            out.extend([7, members.len().min(255) as u8]);
            for (name, value) in members.iter().take(255) {
                match KEYS.iter().position(|key| key == name) {
                    Some(index) => out.push(index as u8),
                    None => {
                        out.push(LITERAL);
                        encode_text(name, out);
                    }
                }
                encode(value, out);
            }
        }
    }
}

fn encode_number(number: &serde_json::Number, out: &mut Vec<u8>) {
    match number
        .as_i64()
        .and_then(|number| i16::try_from(number).ok())
    {
        Some(small) => {
            out.push(3);
            out.extend(small.to_le_bytes());
        }
        None => {
            out.push(4);
            out.extend(number.as_f64().unwrap_or_default().to_le_bytes());
        }
    }
}

fn encode_text(text: &str, out: &mut Vec<u8>) {
    let text = &text[..text.floor_char_boundary(255)];
    out.push(text.len() as u8);
    out.extend(text.as_bytes());
}
