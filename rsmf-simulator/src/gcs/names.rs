//! Which names the service takes.

/// Why an object cannot have this name (“Object name requirements”).
pub(super) fn refusal(name: &str) -> Option<&'static str> {
    match name {
        "" => Some("Required"),
        "." | ".." => Some("Disallowed object name"),
        name if name.len() > 1024 => Some("The object name is too long"),
        name if name.contains(['\r', '\n']) => {
            Some("Disallowed unicode characters present in object name")
        }
        name if name.starts_with(".well-known/acme-challenge/") => Some("Disallowed object name"),
        _ => None,
    }
}

/// Whether a bucket can have this name (“Bucket name requirements”).
pub(super) fn is_bucket(name: &str) -> bool {
    let inside = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c);
    let edge = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    (3..=63).contains(&name.len())
        && name.chars().all(inside)
        && name.starts_with(edge)
        && name.ends_with(edge)
}

/// Whether objects can be kept like this.
pub(super) fn is_class(class: &str) -> bool {
    ["STANDARD", "NEARLINE", "COLDLINE", "ARCHIVE"].contains(&class)
}
