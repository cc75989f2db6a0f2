//! Colours, for terminals. Words tell the same without.

use std::borrow::Cow;

use anstyle::{AnsiColor, Style};

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default().bold();
const GOOD: Style = AnsiColor::Green.on_default();
const QUIET: Style = Style::new().dimmed();

/// How a word that tells how grave something is looks.
pub(crate) fn of(word: &str) -> Style {
    match word {
        "error" | "failed" => ERROR,
        "warning" | "passed with warnings" => WARNING,
        "hint" => HINT,
        "passed" => GOOD,
        "notice" | "info" | "  because" => QUIET,
        _ => Style::new(),
    }
}

/// A line with the word before its colon in colour, such as `error: cannot read a`.
pub(super) fn line(line: &str) -> Cow<'_, str> {
    match line.split_once(':') {
        Some((word, rest)) if of(word) != Style::new() => {
            let style = of(word);
            format!("{style}{word}:{style:#}{rest}").into()
        }
        _ => line.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_word_is_coloured() {
        assert_eq!(
            line("error: a: b"),
            "\u{1b}[1m\u{1b}[31merror:\u{1b}[0m a: b"
        );
        assert_eq!(line("reading a: b"), "reading a: b");
    }
}
