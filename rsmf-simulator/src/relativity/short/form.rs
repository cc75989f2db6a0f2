//! Forms in parts.

use crate::relativity::{call::Keys, reply::Refusal};

/// The part `file` of a form; its other part has an empty name, and is JSON that tells the name of the file.
pub(super) fn file<'a>(media_type: &str, body: &'a [u8]) -> Result<&'a [u8], Refusal> {
    let wrong = |why: &str| Refusal::malformed(&format!("The form cannot be read: {why}"));
    let boundary = boundary(media_type)
        .ok_or_else(|| wrong("it is no multipart/form-data with a boundary"))?;
    let (mut file, mut name) = (None, None);
    for part in parts(body, &boundary) {
        let (head, content) =
            split(part, b"\r\n\r\n").ok_or_else(|| wrong("a part has no headers"))?;
        let head = String::from_utf8_lossy(head);
        match field(&head).as_deref() {
            Some("file") => file = Some(content),
            Some("")
                if head
                    .to_ascii_lowercase()
                    .contains("content-type: application/json") =>
            {
                let value: serde_json::Value = serde_json::from_slice(content).unwrap_or_default();
                name = Some(value.key("fileName").text().to_owned());
            }
            other => return Err(wrong(&format!("the part {other:?} is none that is known"))),
        }
    }
    if name.is_none_or(|name| name.is_empty()) {
        return Err(wrong("no part without a name tells the name of the file"));
    }
    file.ok_or_else(|| wrong("the part 'file' is missing"))
}

fn boundary(media_type: &str) -> Option<Vec<u8>> {
    let (kind, rest) = media_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let boundary = rest.trim().strip_prefix("boundary=")?.trim_matches('"');
    Some(format!("\r\n--{boundary}").into_bytes())
}

/// What stands between the boundaries, the first of which may be at the very beginning.
fn parts<'a>(body: &'a [u8], boundary: &[u8]) -> Vec<&'a [u8]> {
    let first = boundary.get(2..).unwrap_or_default();
    let Some(mut rest) = body.strip_prefix(first) else {
        return Vec::new();
    };
    let mut parts = Vec::new();
    while !rest.starts_with(b"--") {
        let Some((part, after)) = split(rest, boundary) else {
            break;
        };
        parts.push(part.strip_prefix(b"\r\n").unwrap_or(part));
        rest = after;
    }
    parts
}

fn split<'a>(bytes: &'a [u8], at: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let found = memchr::memmem::find(bytes, at)?;
    Some((bytes.get(..found)?, bytes.get(found + at.len()..)?))
}

/// The name of a part.
fn field(head: &str) -> Option<String> {
    let line = head.lines().find(|line| {
        line.to_ascii_lowercase()
            .starts_with("content-disposition: form-data")
    })?;
    let mut words = line.split(';').map(str::trim);
    let name = words.find_map(|word| word.strip_prefix("name="))?;
    Some(name.trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPE: &str = "multipart/form-data; boundary=x";

    fn form(parts: &[(&str, &str)]) -> Vec<u8> {
        let parts = parts.iter().map(|(head, content)| {
            format!("--x\r\nContent-Disposition: form-data; name={head}\r\n\r\n{content}\r\n")
        });
        (parts.collect::<String>() + "--x--\r\n").into_bytes()
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_a_form_or_an_error(head in "[^\\r\\n]{0,30}", content: Vec<u8>) {
            let mut body = format!("--x\r\n{head}\r\n\r\n").into_bytes();
            body.extend_from_slice(&content);
            body.extend_from_slice(b"\r\n--x--");
            let _ = file(TYPE, &body);
        }
    }

    #[test]
    fn forms_have_a_part_without_a_name() {
        let file_part = (
            "\"file\"; filename=\"a.rsmf\"\r\nContent-Type: message/rfc822",
            "con\r\n--tent",
        );
        let name_part = (
            "\"\"\r\nContent-Type: application/json",
            "{\"fileName\":\"a.rsmf\"}",
        );
        assert_eq!(
            file(TYPE, &form(&[file_part, name_part])).unwrap(),
            b"con\r\n--tent"
        );
        for parts in [
            &[file_part][..],
            &[name_part],
            &[file_part, name_part, ("\"else\"", "")],
            &[],
        ] {
            assert!(file(TYPE, &form(parts)).is_err());
        }
        assert!(file("application/json", &form(&[file_part, name_part])).is_err());
    }
}
