//! Foreign texts on the page: escaped, with nothing in them that could mislead the reader.

use std::{
    borrow::Cow,
    fmt::{self, Write as _},
};

use askama::filters::{Escaper as _, Html, HtmlSafe};
use linkify::{LinkFinder, LinkKind};

use crate::markup::write_chat;

/// A name or another short text, on one line: characters that show nothing, or that turn the
/// direction of what follows, are written out as `[U+202E]`. Not escaped: the templates do that.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|c| is_hidden(c) || is_break(c)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for (character, hidden) in marked(text) {
        if hidden {
            let _ = write!(out, "[{}]", code(character));
        } else if is_break(character) {
            out.push(' ');
        } else {
            out.push(character);
        }
    }
    Cow::Owned(out)
}

/// The text of a message: escaped, with links and emoji, and hidden characters written out. But for
/// those, the text of what it writes is the text of the message.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Body<'a> {
    text: &'a str,
    /// Whether marks around words mean something.
    is_chat: bool,
}

impl<'a> Body<'a> {
    pub(crate) fn plain(text: &'a str) -> Self {
        let is_chat = false;
        Self { text, is_chat }
    }

    /// With the light mark-up of chats.
    pub(crate) fn chat(text: &'a str) -> Self {
        let is_chat = true;
        Self { text, is_chat }
    }
}

/// What it writes is HTML that is escaped already.
impl HtmlSafe for Body<'_> {}

impl fmt::Display for Body<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.is_chat {
            true => write_chat(f, self.text),
            false => write_plain(f, self.text),
        }
    }
}

/// Text with links and emoji.
pub(crate) fn write_plain(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]).url_must_have_scheme(true);
    for span in finder.spans(text) {
        let text = span.as_str();
        if span.kind().is_some() && is_harmless_link(text) {
            f.write_str("<a rel=\"noopener noreferrer nofollow\" target=\"_blank\" href=\"")?;
            Html.write_escaped_str(&mut *f, text)?;
            f.write_str("\">")?;
            Html.write_escaped_str(&mut *f, text)?;
            f.write_str("</a>")?;
        } else {
            write_words(f, text)?;
        }
    }
    Ok(())
}

/// An emoji by its short name, or the name as chats write it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Emoji<'a>(pub(crate) &'a str);

impl HtmlSafe for Emoji<'_> {}

impl fmt::Display for Emoji<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(emoji) = emojis::get_by_shortcode(self.0) {
            return write_emoji(f, self.0, emoji);
        }
        let name = visible(self.0);
        // Some writers give the emoji itself.
        let colon = if name.is_ascii() { ":" } else { "" };
        f.write_str(colon)?;
        Html.write_escaped_str(&mut *f, &name)?;
        f.write_str(colon)
    }
}

/// Links lead out of the evidence: only where any reader would follow one, and with nothing in
/// its text that looks like something else.
fn is_harmless_link(text: &str) -> bool {
    let scheme = text.split(':').next().unwrap_or_default();
    let known = ["http", "https", "mailto"];
    known.iter().any(|name| scheme.eq_ignore_ascii_case(name))
        && !text.chars().any(|c| is_hidden(c) || is_break(c))
}

/// Text without links. What stands between colons may be an emoji's short name.
fn write_words(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let mut rest = text;
    let mut before = None;
    while let Some((start, inner)) = next_name(rest, before) {
        let (plain, tail) = rest.split_at(start);
        write_marked(f, plain)?;
        let length = inner.len() + 2;
        match emojis::get_by_shortcode(inner) {
            Some(emoji) => write_emoji(f, inner, emoji)?,
            None => write_marked(f, tail.get(..length).unwrap_or_default())?,
        }
        before = Some(':');
        rest = tail.get(length..).unwrap_or_default();
    }
    write_marked(f, rest)
}

/// Where the next `:name:` begins, and the name. One after a letter or digit is none, as in the
/// time `10:100:00`.
fn next_name(text: &str, before: Option<char>) -> Option<(usize, &str)> {
    let mut from = 0;
    loop {
        let start = from + text.get(from..)?.find(':')?;
        let rest = text.get(start + 1..)?;
        let last = text.get(..start)?.chars().next_back().or(before);
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "_+-'".contains(c)));
        match end {
            Some(end)
                if end > 0
                    && rest[end..].starts_with(':')
                    && !last.is_some_and(char::is_alphanumeric) =>
            {
                return Some((start, &rest[..end]));
            }
            _ => from = start + 1,
        }
    }
}

/// The style sheet shows the picture; the text stays the name, for copies and searches.
fn write_emoji(f: &mut fmt::Formatter<'_>, name: &str, emoji: &emojis::Emoji) -> fmt::Result {
    f.write_str("<span class=\"emoji\" role=\"img\" title=\"")?;
    Html.write_escaped_str(&mut *f, emoji.name())?;
    f.write_str("\" data-e=\"")?;
    Html.write_escaped_str(&mut *f, emoji.as_str())?;
    f.write_str("\"><span>:")?;
    Html.write_escaped_str(&mut *f, name)?;
    f.write_str(":</span></span>")
}

/// Escaped text, with hidden characters written out.
pub(crate) fn write_marked(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let mut plain_from = 0;
    for ((at, character), (_, hidden)) in text.char_indices().zip(marked(text)) {
        if hidden {
            Html.write_escaped_str(&mut *f, text.get(plain_from..at).unwrap_or_default())?;
            write!(f, "<span class=\"mark\">{}</span>", code(character))?;
            plain_from = at + character.len_utf8();
        }
    }
    Html.write_escaped_str(&mut *f, text.get(plain_from..).unwrap_or_default())
}

/// Each character, and whether it must be written out. The tags after a black flag spell the
/// flag of a region and are no hidden text.
fn marked(text: &str) -> impl Iterator<Item = (char, bool)> {
    let mut in_flag = false;
    text.chars().map(move |character| {
        let is_tag = ('\u{E0020}'..='\u{E007F}').contains(&character);
        in_flag = character == '\u{1F3F4}' || (in_flag && is_tag);
        (character, is_hidden(character) && !(is_tag && in_flag))
    })
}

fn is_break(character: char) -> bool {
    matches!(character, '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}')
}

/// Shows nothing of its own: controls, marks of direction, characters without width, tags. The
/// joiners, which emoji and many scripts need, and the marks of single letters' direction stay.
fn is_hidden(character: char) -> bool {
    let breaks = matches!(character, '\n' | '\r' | '\t');
    (character.is_control() && !breaks)
        || matches!(character,
            '\u{00AD}' | '\u{034F}' | '\u{115F}' | '\u{1160}' | '\u{180E}' | '\u{200B}'
            | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FEFF}'
            | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

fn code(character: char) -> String {
    format!("U+{:04X}", u32::from(character))
}

/// The text of HTML of ours, as a browser reads it.
#[cfg(test)]
pub(crate) fn plain_of(html: &str) -> String {
    let parts = html.split('<').enumerate();
    let text: String = parts
        .map(|(index, part)| match index {
            0 => part,
            _ => part.split_once('>').unwrap().1,
        })
        .collect();
    let escapes = [
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#38;", "&"),
    ];
    let unescape = |text: String, (code, plain): &(&str, &str)| text.replace(code, plain);
    escapes.iter().fold(text, unescape)
}

/// A text with its hidden characters written out as on the page.
#[cfg(test)]
pub(crate) fn written_out(text: &str) -> String {
    marked(text)
        .map(|(character, hidden)| match hidden {
            true => code(character),
            false => character.to_string(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn body(text: &str) -> String {
        Body::plain(text).to_string()
    }

    #[test]
    fn markup_is_text() {
        assert_eq!(
            body("<b onclick='a'>&amp;\"</b>"),
            "&#60;b onclick=&#39;a&#39;&#62;&#38;amp;&#34;&#60;/b&#62;"
        );
    }

    #[test]
    fn only_harmless_links_are_links() {
        let link = body("see https://a.example/?a=1&b=\"2\", ok");
        assert!(
            link.contains("href=\"https://a.example/?a=1&#38;b="),
            "{link}"
        );
        for text in [
            "javascript:alert(1)",
            "javascript://a.example/%0aalert(1)",
            "data:text/html,a",
            "file:///etc/passwd",
            "vbscript://a",
            "https://a.example/\u{202E}gpj.exe",
        ] {
            assert!(!body(text).contains("href=\"java"), "{text}");
            assert!(!body(text).contains("\u{202E}"), "{text}");
        }
        assert!(!body("javascript://a.example/%0aalert(1)").contains("<a"));
    }

    #[test]
    fn hidden_characters_are_written_out() {
        assert_eq!(
            visible("gpj\u{202E}exe.\u{0}\n"),
            "gpj[U+202E]exe.[U+0000] "
        );
        assert_eq!(body("a\u{200B}b"), "a<span class=\"mark\">U+200B</span>b");
        let england = "\u{1F3F4}\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}";
        assert_eq!(visible(england), england);
        assert_eq!(visible("a\u{E0067}"), "a[U+E0067]");
        let family = "👨\u{200D}👩\u{200D}👧";
        assert_eq!(body(family), family);
    }

    #[test]
    fn short_names_of_emoji_are_shown() {
        assert!(body("wow :art::heart_eyes:").contains(":art:</span></span><span"));
        assert!(body("(:+1:)").contains("data-e=\"👍\"><span>:+1:<"));
        for text in [
            "at 10:100:00",
            "a :nothing_of_the_kind: b",
            "::",
            ":",
            "C:\\",
            ": :",
        ] {
            assert_eq!(body(text), text);
        }
        assert!(Emoji("+1").to_string().contains("👍"));
        assert_eq!(Emoji("acme<").to_string(), ":acme&#60;:");
        assert_eq!(Emoji("👍").to_string(), "👍");
    }

    proptest! {
        #[test]
        fn any_text_gives_only_tags_of_ours(text in "\\PC*|[<>&\"':a-z/. *_~`\n]*") {
            let html = body(&text) + &Body::chat(&text).to_string();
            for tag in html.split('<').skip(1) {
                let ours = [
                    "a rel=", "/a>", "span class=\"emoji\"", "span class=\"mark\"", "span class=\"sign\"", "span>", "/span>",
                    "code>", "code class=\"fence\"", "strong>", "em>", "s>", "blockquote>", "/code>", "/strong>", "/em>", "/s>", "/blockquote>",
                ];
                prop_assert!(ours.iter().any(|start| tag.starts_with(start)), "{}", html);
            }
            prop_assert!(!visible(&text).contains('\n'));
        }
    }
}
