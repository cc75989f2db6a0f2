//! E-mail addresses as NJsonSchema takes them.

/// Atoms joined by dots, `@`, and at least two labels; all in ASCII.
pub(in crate::validate) fn is_valid(address: &str) -> bool {
    // .NET lets a pattern's end match before a last line break.
    let address = address.strip_suffix('\n').unwrap_or(address);
    let Some((local, domain)) = address.split_once('@') else {
        return false;
    };
    local.split('.').all(is_atom) && domain.contains('.') && domain.split('.').all(is_label)
}

fn is_atom(atom: &str) -> bool {
    let special = b"!#$%&'*+/=?^_`{|}~-";
    !atom.is_empty()
        && atom
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || special.contains(&byte))
}

fn is_label(label: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    !label.is_empty()
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_addresses_and_nothing_else() {
        for address in ["a@example.com", "A.b+c@x-y.example.co", "o'neil@1.2"] {
            assert!(is_valid(address), "{address}");
        }
        for address in [
            "",
            "not an email",
            "a@localhost",
            "a.@b.c",
            "a@b@c.d",
            "a@-b.c",
            "a@b..c",
            "Ada <a@b.c>",
            "ä@b.c",
        ] {
            assert!(!is_valid(address), "{address}");
        }
    }
}
