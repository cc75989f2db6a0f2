//! Whether what comes is the file that the export speaks of.

/// What the export says of a file's type, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stated {
    /// A page of the web.
    Html,
    /// Something that a host may well send as a page: text, Slack's own documents, or nothing said.
    Loose,
    /// Anything else: such a file is never a page.
    Firm,
}

/// What a file's first look makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// As the export says.
    Fine,
    /// A page, which it may only be if it has exactly the size that the export states.
    Page,
    /// A page where there can be none: one to sign in.
    SignIn,
    /// Of another type.
    Other,
}

/// Compares the media type that the export states with that of the answer.
pub(super) fn by_type(stated: Option<&str>, served: Option<&str>) -> Look {
    let (stated, served) = (essence(stated), essence(served));
    if matches!(served.as_str(), "text/html" | "application/xhtml+xml") {
        return page(&stated);
    }
    match agree(&stated, &served) {
        true => Look::Fine,
        false => Look::Other,
    }
}

/// Looks at the first bytes of the answer: a page may come under any type.
pub(super) fn by_content(stated: Option<&str>, head: &[u8]) -> Look {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let head = head.trim_ascii_start();
    let begins = |text: &[u8]| {
        let start = head.get(..text.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(text))
    };
    match begins(b"<!doctype html") || begins(b"<html") {
        true => page(&essence(stated)),
        false => Look::Fine,
    }
}

fn page(stated: &str) -> Look {
    match class(stated) {
        Stated::Html => Look::Fine,
        Stated::Loose => Look::Page,
        Stated::Firm => Look::SignIn,
    }
}

fn class(stated: &str) -> Stated {
    match stated {
        "text/html" | "application/xhtml+xml" => Stated::Html,
        _ if is_text(stated) || is_vague(stated) || stated.starts_with("application/vnd.slack") => {
            Stated::Loose
        }
        _ => Stated::Firm,
    }
}

/// Hosts are not exact with types: a script may be text, a sound a film. What they do not mix up
/// is a picture and a document.
fn agree(stated: &str, served: &str) -> bool {
    let family = |media: &str| -> String {
        match media.split('/').next().unwrap_or_default() {
            "audio" => "video".to_owned(),
            top => top.to_owned(),
        }
    };
    is_vague(stated)
        || is_vague(served)
        || (is_text(stated) && is_text(served))
        || family(stated) == family(served)
}

fn is_text(media: &str) -> bool {
    let named = ["json", "xml", "javascript", "x-sh", "sql", "yaml", "rtf"];
    media.starts_with("text/") || named.iter().any(|name| media.ends_with(name))
}

fn is_vague(media: &str) -> bool {
    let named = ["", "application/octet-stream", "binary/octet-stream"];
    named.contains(&media) || media.ends_with("force-download") || !media.contains('/')
}

/// The type without its parameters, in lower case.
fn essence(media: Option<&str>) -> String {
    let media = media.unwrap_or_default().split(';').next();
    media.unwrap_or_default().trim().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_compared_by_kind() {
        for (stated, served, look) in [
            ("image/png", "image/png", Look::Fine),
            ("image/jpg", "IMAGE/JPEG", Look::Fine),
            ("image/png", "application/octet-stream", Look::Fine),
            ("", "image/png", Look::Fine),
            ("audio/mp4", "video/mp4", Look::Fine),
            ("text/javascript", "application/javascript", Look::Fine),
            ("text/plain", "text/plain; charset=utf-8", Look::Fine),
            (
                "application/zip",
                "application/x-zip-compressed",
                Look::Fine,
            ),
            ("text/html", "text/html", Look::Fine),
            ("image/png", "application/pdf", Look::Other),
            ("application/pdf", "text/plain", Look::Other),
            ("image/png", "text/html; charset=utf-8", Look::SignIn),
            ("application/pdf", "text/html", Look::SignIn),
            ("text/plain", "text/html", Look::Page),
            ("application/vnd.slack-docs", "text/html", Look::Page),
            ("", "text/html", Look::Page),
        ] {
            assert_eq!(
                by_type(Some(stated), Some(served)),
                look,
                "{stated} {served}"
            );
        }
        assert_eq!(by_type(None, None), Look::Fine);
    }

    #[test]
    fn pages_are_known_by_their_beginning() {
        for page in ["<!DOCTYPE html><p>", "\u{feff}\n <html lang=en>"] {
            assert_eq!(by_content(Some("image/png"), page.as_bytes()), Look::SignIn);
            assert_eq!(by_content(Some("text/plain"), page.as_bytes()), Look::Page);
            assert_eq!(by_content(Some("text/html"), page.as_bytes()), Look::Fine);
        }
        for other in ["", "<", "<htm", "\u{89}PNG <html"] {
            assert_eq!(by_content(Some("image/png"), other.as_bytes()), Look::Fine);
        }
    }
}
