//! The light mark-up of chats, as Slack has it: shown, with every character of the source kept.

use std::fmt;

use linkify::{LinkFinder, LinkKind};

use crate::text::{write_marked, write_plain};

const FENCE: &str = "```";

/// Marks around words and the tags for what they mean. A strike is no `<del>`: that says that the
/// record itself calls the message deleted.
const PAIRS: [(char, &str); 4] = [('`', "code"), ('*', "strong"), ('_', "em"), ('~', "s")];

/// Writes the text of a message with code, quotes, bold, italic and struck out words. The marks stay,
/// so that the text on the page is the text of the message.
pub(crate) fn write_chat(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let mut rest = text;
    while let Some((before, code, after)) = next_fence(rest) {
        write_lines(f, before)?;
        rest = write_fence(f, before, code, after)?;
    }
    write_lines(f, rest)
}

/// Gives what is left to write. Code that has its lines for itself becomes a block; the break after
/// it belongs to it, or a copy of the text would have one too many.
fn write_fence<'a>(
    f: &mut fmt::Formatter<'_>,
    before: &str,
    code: &str,
    after: &'a str,
) -> Result<&'a str, fmt::Error> {
    let begins = before.is_empty() || before.ends_with('\n');
    let is_block = begins && (after.is_empty() || after.starts_with('\n'));
    f.write_str(match is_block {
        true => "<code class=\"fence\">",
        false => "<code>",
    })?;
    write!(f, "<span class=\"sign\">{FENCE}</span>")?;
    write_marked(f, code)?;
    write!(f, "<span class=\"sign\">{FENCE}</span>")?;
    let rest = after.strip_prefix('\n').filter(|_| is_block);
    if rest.is_some() {
        f.write_str("\n")?;
    }
    f.write_str("</code>")?;
    Ok(rest.unwrap_or(after))
}

/// What stands before, in and after the next block of code.
fn next_fence(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once(FENCE)?;
    let (code, after) = rest.split_once(FENCE)?;
    (!code.is_empty()).then_some((before, code, after))
}

fn write_lines(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let mut quoting = false;
    for line in text.split_inclusive('\n') {
        let quoted = line.strip_prefix('>');
        if quoted.is_some() != quoting {
            f.write_str(if quoting {
                "</blockquote>"
            } else {
                "<blockquote>"
            })?;
            quoting = !quoting;
        }
        if quoted.is_some() {
            f.write_str("<span class=\"sign\">&#62;</span>")?;
        }
        write_words(f, quoted.unwrap_or(line), &PAIRS)?;
    }
    f.write_str(if quoting { "</blockquote>" } else { "" })
}

/// Words of one line, in which these pairs of marks mean something.
fn write_words(f: &mut fmt::Formatter<'_>, text: &str, pairs: &[(char, &str)]) -> fmt::Result {
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]).url_must_have_scheme(true);
    let links: Vec<_> = finder.links(text).map(|l| l.start()..l.end()).collect();
    let free = |at: usize| {
        let before = links.partition_point(|link| link.end <= at);
        links.get(before).is_none_or(|link| at < link.start)
    };
    let mut pairs = pairs.to_vec();
    let mut from = 0;
    let mut at = 0;
    while let Some((start, mark, tag)) = next_opening(text, at, &pairs, free) {
        let inner = start + 1;
        let Some(end) = closing(text, inner, mark, free) else {
            // None for this one, none for any later one of its kind.
            pairs.retain(|(other, _)| *other != mark);
            at = inner;
            continue;
        };
        write_plain(f, text.get(from..start).unwrap_or_default())?;
        write!(f, "<{tag}><span class=\"sign\">{mark}</span>")?;
        let words = text.get(inner..end).unwrap_or_default();
        if mark == '`' {
            write_marked(f, words)?;
        } else {
            let others: Vec<_> = pairs
                .iter()
                .copied()
                .filter(|pair| pair.0 != mark)
                .collect();
            write_words(f, words, &others)?;
        }
        write!(f, "<span class=\"sign\">{mark}</span></{tag}>")?;
        at = end + 1;
        from = at;
    }
    write_plain(f, text.get(from..).unwrap_or_default())
}

/// The next mark that may begin something: not in a word, and with a word after it.
fn next_opening<'a>(
    text: &str,
    from: usize,
    pairs: &[(char, &'a str)],
    free: impl Fn(usize) -> bool,
) -> Option<(usize, char, &'a str)> {
    let mut before = text.get(..from)?.chars().next_back();
    let rest = text.get(from..)?;
    for (at, character) in rest.char_indices() {
        let pair = pairs.iter().find(|(mark, _)| *mark == character);
        if let Some((mark, tag)) = pair
            && !before.is_some_and(|c| c.is_alphanumeric() || c == *mark)
            && holds(rest.get(at + 1..)?.chars().next(), *mark)
            && free(from + at)
        {
            return Some((from + at, *mark, tag));
        }
        before = Some(character);
    }
    None
}

/// Where what begins at `from` ends: after a word, and not in one.
fn closing(text: &str, from: usize, mark: char, free: impl Fn(usize) -> bool) -> Option<usize> {
    let rest = text.get(from..)?;
    let mut before = None;
    for (at, character) in rest.char_indices() {
        let after = || rest.get(at + 1..).and_then(|rest| rest.chars().next());
        if character == mark
            && holds(before, mark)
            && !after().is_some_and(|c| c.is_alphanumeric() || c == mark)
            && free(from + at)
        {
            return Some(from + at);
        }
        before = Some(character);
    }
    None
}

/// Whether a mark may stand at this character. Code may begin and end with a space.
fn holds(neighbour: Option<char>, mark: char) -> bool {
    neighbour.is_some_and(|c| {
        c != mark && !matches!(c, '\n' | '\r') && (mark == '`' || !c.is_whitespace())
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::text::{Body, plain_of};

    /// Without what is the same everywhere.
    fn chat(text: &str) -> String {
        let html = Body::chat(text).to_string();
        html.replace("<span class=\"sign\">", "{")
            .replace("</span>", "}")
    }

    #[test]
    fn marks_mean_what_they_mean_in_a_chat() {
        for (text, html) in [
            ("a *b* c", "a <strong>{*}b{*}</strong> c"),
            (
                "*_b_*, ~c~.",
                "<strong>{*}<em>{_}b{_}</em>{*}</strong>, <s>{~}c{~}</s>.",
            ),
            ("`a *b* <c>`", "<code>{`}a *b* &#60;c&#62;{`}</code>"),
            (
                "```\na *b*\n```\nx",
                "<code class=\"fence\">{```}\na *b*\n{```}\n</code>x",
            ),
            ("a ```b``` c", "a <code>{```}b{```}</code> c"),
            (
                "> a\n> *b*\nc",
                "<blockquote>{&#62;} a\n{&#62;} <strong>{*}b{*}</strong>\n</blockquote>c",
            ),
            ("*a* b*", "<strong>{*}a{*}</strong> b*"),
        ] {
            assert_eq!(chat(text), html);
        }
    }

    #[test]
    fn what_only_looks_like_a_mark_is_text() {
        for text in [
            "2 * 3 * 4",
            "snake_case_name",
            "a*b*c",
            "__init__",
            "** **",
            "*a\nb*",
            "``",
            "```",
            "``````",
            "~/a and ~/b",
            "a > b",
            "*",
            "* a *",
        ] {
            assert_eq!(chat(text).replace("&#62;", ">"), text);
        }
        let link = chat("see https://a.example/_a_/*b* or not");
        assert!(
            link.contains(">https://a.example/_a_/*b*</a>") || link.contains("_a_/*b"),
            "{link}"
        );
        assert!(!link.contains("<em>"), "{link}");
    }

    #[test]
    fn many_marks_take_no_longer_than_many_letters() {
        for text in ["*a ", "_a *a ~a `a ", "*_a_ ", "```a", "`"] {
            let text = text.repeat(40_000);
            assert_eq!(plain_of(&Body::chat(&text).to_string()), text);
        }
    }

    proptest! {
        #[test]
        fn no_character_is_lost(text in "([*_~`>< \n:a.&\"'/]|```|:art:|https://a\\.example/|\\PC)*") {
            for html in [Body::chat(&text).to_string(), Body::plain(&text).to_string()] {
                prop_assert_eq!(plain_of(&html), crate::text::written_out(&text));
            }
        }
    }
}
