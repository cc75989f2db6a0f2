//! Numbers and foreign texts in lines for people.

use std::{borrow::Cow, time::Duration};

/// Longer texts are cut: the list of a channel's participants can fill screens.
const LONGEST: usize = 300;

/// A number with its noun: `1 file`, `12,345 files`.
pub(crate) fn count(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(number))
}

/// A number with a comma for every thousand.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A size in units of 1000, as file managers and Relativity show it.
pub(crate) fn size(bytes: u64) -> String {
    bytesize::ByteSize::b(bytes).display().si().to_string()
}

/// A stretch of time in its two largest units.
pub(crate) fn span(time: Duration) -> String {
    let seconds = time.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, _) if minutes >= 10 => format!("{minutes} min"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

/// A text from elsewhere, such as a chat name, on one line of bearable length.
pub(crate) fn foreign(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{} …", harmless(text.get(..end).unwrap_or_default())),
        None => harmless(text).into_owned(),
    }
}

/// Shows control characters as escapes: evidence must not be able to steer the terminal.
pub(crate) fn harmless(text: &str) -> Cow<'_, str> {
    if !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    let escape = |character: char| match character.is_control() {
        true => character.escape_default().to_string(),
        false => character.to_string(),
    };
    Cow::Owned(text.chars().map(escape).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        let texts = [0, 999, 1000, 1_234_567].map(grouped);
        assert_eq!(texts, ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(count(1, "file"), "1 file");
        assert_eq!(count(1000, "file"), "1,000 files");
        assert_eq!(size(200_000_000), "200.0 MB");
        let spans = [5, 65, 600, 3_725].map(|seconds| span(Duration::from_secs(seconds)));
        assert_eq!(spans, ["5 s", "1 min 5 s", "10 min", "1 h 2 min"]);
    }

    #[test]
    fn foreign_texts_stay_on_their_line() {
        assert_eq!(foreign("Zoë\n\u{1b}[2J"), "Zoë\\n\\u{1b}[2J");
        assert_eq!(foreign(&"ä".repeat(300)).chars().count(), 300);
        assert_eq!(foreign(&"ä".repeat(301)).chars().count(), 302);
    }
}
