//! E-mail addresses as a message may hold them.

use std::borrow::Cow;

use super::{HeaderEncoding, Mailbox, header::looks_encoded};

/// Stands where there is no usable address; RFC 2606 reserves the domain for that.
const UNKNOWN: &str = "unknown@invalid";

/// The longest address that is written, in bytes (RFC 5321, section 4.5.3.1: 64 + 1 + 255).
const MAX_ADDRESS: usize = 320;

/// The name and an address that a message can hold. An address that is none goes into the name,
/// so that it is not lost.
pub(super) fn usable(mailbox: &Mailbox, encoding: HeaderEncoding) -> (Cow<'_, str>, String) {
    let Mailbox { display, address } = mailbox;
    if is_address(address, encoding == HeaderEncoding::EncodedWords) {
        return (display.into(), address.clone());
    }
    let display = match (display.is_empty(), address.is_empty()) {
        (_, true) => display.into(),
        (true, false) => address.into(),
        (false, false) => format!("{display} ({address})").into(),
    };
    (display, UNKNOWN.to_owned())
}

/// Whether a word needs no quotes (RFC 5322, section 3.2.3, and RFC 6532 beyond ASCII).
pub(super) fn is_atom(word: &str, ascii: bool) -> bool {
    let atext = |c: char| {
        c.is_ascii_alphanumeric()
            || "!#$%&'*+-/=?^_`{|}~".contains(c)
            || !(ascii || c.is_ascii() || c.is_control() || c.is_whitespace())
    };
    !word.is_empty() && word.chars().all(atext)
}

fn is_address(address: &str, ascii: bool) -> bool {
    let dot_atom = |part: &str| part.split('.').all(|word| is_atom(word, ascii));
    address.len() <= MAX_ADDRESS
        && !looks_encoded(address)
        && address
            .rsplit_once('@')
            .is_some_and(|(local, domain)| dot_atom(local) && dot_atom(domain))
}
