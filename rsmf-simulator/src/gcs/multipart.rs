//! Bodies of several parts (RFC 2046, 5.1).

use bytes::Bytes;

/// A part: its headers in lower case, and its content.
pub(super) struct Part {
    pub(super) headers: Vec<(String, String)>,
    pub(super) content: Bytes,
}

impl Part {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// What separates the parts, by the media type.
pub(super) fn boundary<'h>(media_type: &'h str, kind: &str) -> Option<&'h str> {
    let rest = media_type
        .strip_prefix(kind)?
        .trim_start()
        .strip_prefix(';')?;
    let value = rest.trim_start().strip_prefix("boundary=")?;
    Some(value.trim_matches('"')).filter(|boundary| !boundary.is_empty())
}

/// All parts, where they are as they should be.
pub(super) fn parts(body: &Bytes, boundary: &str) -> Option<Vec<Part>> {
    let first = format!("--{boundary}\r\n");
    let between = format!("\r\n--{boundary}");
    let mut rest = body.strip_prefix(first.as_bytes())?;
    let mut parts = Vec::new();
    loop {
        let end = find(rest, between.as_bytes())?;
        parts.push(part(body, rest.get(..end)?)?);
        rest = rest.get(end + between.len()..)?;
        match rest.strip_prefix(b"\r\n") {
            Some(next) => rest = next,
            None => return rest.starts_with(b"--").then_some(parts),
        }
    }
}

fn part(body: &Bytes, text: &[u8]) -> Option<Part> {
    let end = find(text, b"\r\n\r\n")?;
    let headers = std::str::from_utf8(text.get(..end)?).ok()?;
    let headers = headers.split("\r\n").map(|line| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_ascii_lowercase(), value.trim().to_owned()))
    });
    Some(Part {
        headers: headers.collect::<Option<_>>()?,
        content: body.slice_ref(text.get(end + 4..)?),
    })
}

pub(super) fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    // One byte first, because contents are long.
    let first = *wanted.first()?;
    let mut from = 0;
    loop {
        let at = from + text.get(from..)?.iter().position(|byte| *byte == first)?;
        if text.get(at..)?.starts_with(wanted) {
            return Some(at);
        }
        from = at + 1;
    }
}
