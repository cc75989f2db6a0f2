//! What readers of values say, in words for people and without what was given: somebody may have put a
//! secret there.

use crate::alike;

/// By a part of what a reader says: what it expects, and an example. The first that fits counts.
const KINDS: [(&str, &str, &str); 17] = [
    ("duration", "a stretch of time in quotes", "\"30s\""),
    ("nonzero", "a whole number of 1 or more", "4"),
    ("boolean", "true or false, without quotes", "true"),
    ("URL", "an address in quotes", "\"https://host.example\""),
    ("path string", "a path in quotes", "\"folder/file\""),
    ("integer or string", SIZE, A_SIZE),
    ("parsable string", SIZE, A_SIZE),
    ("integer overflow", SIZE, A_SIZE),
    ("sequence", "a list", "[\"one\", \"another\"]"),
    ("f32", "a number", "2.0"),
    ("f64", "a number", "2.0"),
    ("u8", WHOLE, "4"),
    ("u16", WHOLE, "4"),
    ("u32", WHOLE, "4"),
    ("u64", WHOLE, "4"),
    ("usize", WHOLE, "4"),
    ("a string", "a text in quotes", "\"text\""),
];
const SIZE: &str = "a size in quotes";
const A_SIZE: &str = "\"16 MiB\"";
const WHOLE: &str = "a whole number, not too large and without quotes";

/// Examples of what has to be there.
const EXAMPLES: [(&str, &str); 12] = [
    ("arn", "\"arn:aws:iam::123456789012:role/rsmf\""),
    (
        "auth",
        "{ oauth2 = { client_id = \"rsmf\", client_secret = { env = \"RELATIVITY_SECRET\" } } }",
    ),
    ("client_id", "\"rsmf\""),
    ("client_secret", "{ env = \"RELATIVITY_SECRET\" }"),
    ("command", "[\"program\", \"argument\"]"),
    ("container", "\"az://account/container/folder\""),
    ("host", "\"https://acme.relativity.one\""),
    ("kind", "\"share\""),
    ("password", "{ env = \"RELATIVITY_PASSWORD\" }"),
    ("store", "\"/mnt/t001\""),
    ("unc", "'\\\\files.acme.example\\T001'"),
    ("user", "\"ada@acme.example\""),
];

/// What is said of something that has to be there.
pub(super) fn missing(name: &str) -> String {
    format!("it is needed{}", example(name))
}

fn example(name: &str) -> String {
    let known = EXAMPLES.iter().find(|(known, _)| *known == name);
    known.map_or_else(String::new, |(_, value)| {
        format!(", such as {name} = {value}")
    })
}

/// What a reader says of the setting at `path`.
pub(super) fn of(path: &str, message: &str) -> String {
    let key = path.rsplit('.').next().unwrap_or(path);
    if message.contains("`env`") && message.contains("`keyring`") {
        return "a secret cannot stand here; say where it is kept: { env = \"NAME\" }, \
                { file = \"path\" } or { keyring = \"service/user\" }"
            .to_owned();
    }
    if message.starts_with("unknown variant") {
        return none_of(message);
    }
    if message.starts_with("wanted exactly 1 element") {
        return format!("it has to hold exactly one setting{}", example(key));
    }
    match expected(message) {
        Some(expected) => kind(path, key, expected),
        None => without_values(message),
    }
}

/// What a reader expects, as it calls it.
fn expected(message: &str) -> Option<&str> {
    if message.starts_with("invalid ")
        && let Some((_, expected)) = message.rsplit_once(", expected ")
    {
        return Some(expected);
    }
    match message {
        _ if message.contains("duration") => Some("duration"),
        // Only addresses are repeated at the end.
        _ if message.ends_with('"') && message.contains(": \"") => Some("URL"),
        _ => None,
    }
}

fn kind(path: &str, key: &str, expected: &str) -> String {
    if ["struct ", "map", "enum "]
        .iter()
        .any(|it| expected.contains(it))
    {
        return section(path);
    }
    let known = KINDS.iter().find(|(part, ..)| expected.contains(part));
    match known {
        Some((_, what, example)) => format!("it has to be {what}, such as {key} = {example}"),
        None => "it cannot be written so; docs/configuration.md and docs/stores.md have examples"
            .to_owned(),
    }
}

/// What is said of something that has to be a section.
pub(super) fn section(path: &str) -> String {
    format!("it has to be a section, which begins with a line [{path}]")
}

/// The known words, and the one that was meant.
fn none_of(message: &str) -> String {
    let mut names = message.split('`').skip(1).step_by(2);
    let typed = names.next().unwrap_or_default();
    let known: Vec<_> = names.map(ToOwned::to_owned).collect();
    let meant = alike::among(typed, &known);
    let hint = meant.map_or_else(String::new, |meant| format!("; did you mean \"{meant}\"?"));
    format!("it has to be one of \"{}\"{hint}", known.join("\", \""))
}

/// A message without what stands in quotes.
pub(super) fn without_values(message: &str) -> String {
    let end = |quote| Some((message.find(quote)?, message.rfind(quote)?));
    match end('"') {
        Some((first, last)) if last > first => {
            let before = message.get(..first).unwrap_or_default();
            format!("{before}…{}", message.get(last + 1..).unwrap_or_default())
        }
        _ => message.to_owned(),
    }
}
