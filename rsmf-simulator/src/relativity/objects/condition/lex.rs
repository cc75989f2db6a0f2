//! Words of a condition.

use std::{iter::Peekable, str::Chars};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// In quotes: a field, or a text.
    Quoted(String),
    /// A word, a number or a date.
    Word(String),
    /// `==`, `<>`, `(`, `[`, `,` …
    Sign(&'static str),
}

const SIGNS: [&str; 11] = ["==", "<>", ">=", "<=", ">", "<", "(", ")", "[", "]", ","];

/// Takes a text apart.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let (mut rest, mut tokens) = (text.trim_start(), Vec::new());
    while let Some(first) = rest.chars().next() {
        let (token, after) = match first {
            '\'' => quoted(rest)?,
            _ => match SIGNS.into_iter().find(|sign| rest.starts_with(sign)) {
                Some(sign) => (
                    Token::Sign(sign),
                    rest.get(sign.len()..).unwrap_or_default(),
                ),
                None => word(rest)?,
            },
        };
        tokens.push(token);
        rest = after.trim_start();
    }
    Ok(tokens)
}

fn quoted(text: &str) -> Result<(Token, &str), String> {
    let mut chars: Peekable<Chars<'_>> = text.chars().peekable();
    chars.next();
    let mut content = String::new();
    while let Some(next) = chars.next() {
        match next {
            '\'' => {
                let rest: usize = chars.map(char::len_utf8).sum();
                let rest = text.get(text.len() - rest..).unwrap_or_default();
                return Ok((Token::Quoted(content), rest));
            }
            '\\' => match chars.next() {
                Some(escaped @ ('\'' | '\\')) => content.push(escaped),
                _ => return Err("a backslash stands before neither quote nor backslash".to_owned()),
            },
            other => content.push(other),
        }
    }
    Err("a quote is never closed".to_owned())
}

fn word(text: &str) -> Result<(Token, &str), String> {
    let is_part = |it: char| it.is_alphanumeric() || "-:.+_".contains(it);
    let end = text.find(|it| !is_part(it)).unwrap_or(text.len());
    match text.split_at_checked(end) {
        Some((word, rest)) if !word.is_empty() => Ok((Token::Word(word.to_owned()), rest)),
        _ => Err(format!(
            "nothing begins with '{}'",
            text.chars().next().unwrap_or_default()
        )),
    }
}
