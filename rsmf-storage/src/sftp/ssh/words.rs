//! Lines of ssh_config(5): a keyword, and words that may be quoted.

use std::{iter::Peekable, str::Chars};

/// The keyword in lower case and its words. `None` for a line that says nothing.
///
/// # Errors
/// A quote that does not end.
pub(super) fn split(line: &str) -> Result<Option<(String, Vec<String>)>, &'static str> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let end = line.find(|c: char| c.is_whitespace() || c == '=');
    let (keyword, rest) = line.split_at(end.unwrap_or(line.len()));
    let rest = rest.trim_start();
    let rest = rest.strip_prefix('=').unwrap_or(rest);
    let mut letters = rest.chars().peekable();
    let mut words = Vec::new();
    while let Some(word) = word(&mut letters)? {
        words.push(word);
    }
    Ok(Some((keyword.to_lowercase(), words)))
}

/// The next word; `None` at the end of the line or at a comment.
fn word(letters: &mut Peekable<Chars<'_>>) -> Result<Option<String>, &'static str> {
    while letters.next_if(|c| c.is_whitespace()).is_some() {}
    if letters.peek().is_none_or(|c| *c == '#') {
        return Ok(None);
    }
    let mut word = String::new();
    let mut quote = None;
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next_if(|c| is_escaped(*c, quote)) {
                Some(escaped) => word.push(escaped),
                None => word.push('\\'),
            },
            '"' | '\'' if quote.is_none() => quote = Some(letter),
            letter if quote == Some(letter) => quote = None,
            letter if letter.is_whitespace() && quote.is_none() => break,
            letter => word.push(letter),
        }
    }
    match quote {
        Some(_) => Err("a quote does not end"),
        None => Ok(Some(word)),
    }
}

/// What a backslash can stand before without being meant itself.
fn is_escaped(letter: char, quote: Option<char>) -> bool {
    matches!(letter, '\'' | '"' | '\\') || (quote.is_none() && letter == ' ')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_quoted_and_commented() {
        for (line, keyword, words) in [
            ("  Port 22 # usual", "port", &["22"][..]),
            ("HostName=a", "hostname", &["a"]),
            ("user = \"a b\"'c d'\\ e", "user", &["a bc d e"]),
            (
                r#"IdentityFile C:\keys "\"x" a#b"#,
                "identityfile",
                &[r"C:\keys", "\"x", "a#b"],
            ),
            ("Host \"\" b", "host", &["", "b"]),
            ("nothing", "nothing", &[]),
        ] {
            let (found, said) = split(line).unwrap().unwrap();
            assert_eq!(
                (found.as_str(), said),
                (keyword, words.iter().map(|w| (*w).to_owned()).collect())
            );
        }
        assert_eq!(split(" # x"), Ok(None));
        assert!(split("User \"a").is_err());
    }

    proptest! {
        #[test]
        fn any_line_gives_words_or_an_error(line in "\\PC*") {
            let _ = split(&line);
        }
    }
}
