//! Whether the blocks of a message say no more than its text.
//!
//! Messages that people write come twice: as `text` and as `rich_text` blocks. This compares the
//! two while reading the blocks, without building anything: most messages of an export go
//! through here. Where it cannot tell, it says no, and the blocks are rendered and looked at.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeSeed, IgnoredAny},
};

use super::raw::Part;

/// Whether everything in these rich text blocks stands in this text, in the same order.
pub(super) fn covers(text: &str, blocks: &Part<'_>) -> bool {
    let mut cursor = Cursor {
        rest: text,
        in_reference: false,
    };
    match blocks {
        Part::Absent => true,
        Part::Raw(raw) => {
            let mut json = serde_json::Deserializer::from_str(raw.get());
            Walk(&mut cursor).deserialize(&mut json).is_ok()
        }
        Part::Parsed(value) => Walk(&mut cursor).deserialize(value).is_ok(),
    }
}

/// A position in a text with Slack's markup. Marks that only one of the two forms has are passed
/// over in both.
struct Cursor<'t> {
    rest: &'t str,
    in_reference: bool,
}

impl Cursor<'_> {
    /// Moves past `leaf`, where it comes next.
    fn pass(&mut self, leaf: &str) -> bool {
        let plain = memchr::memchr2(b'<', b'&', leaf.as_bytes()).is_none();
        if plain && let Some(rest) = self.rest.strip_prefix(leaf) {
            self.rest = rest;
            return true;
        }
        leaf.chars()
            .filter(|&c| !is_mark(c))
            .all(|c| self.next() == Some(c))
    }

    /// The next character that is no mark.
    fn next(&mut self) -> Option<char> {
        loop {
            let mut characters = self.rest.chars();
            let character = characters.next()?;
            let rest = characters.as_str();
            self.rest = match character {
                '&' => entity(rest),
                '<' => self.open(rest),
                '|' if self.in_reference => {
                    memchr::memchr(b'>', rest.as_bytes()).and_then(|at| rest.get(at..))?
                }
                _ => rest,
            };
            self.in_reference &= character != '>';
            if !is_mark(character) {
                return Some(character);
            }
        }
    }

    /// Of references only the id counts: the blocks hold no label.
    fn open<'t>(&mut self, rest: &'t str) -> &'t str {
        self.in_reference = rest.starts_with(['@', '#', '!']);
        rest.strip_prefix("!subteam^").unwrap_or(rest)
    }
}

fn entity(rest: &str) -> &str {
    let known = ["amp;", "lt;", "gt;"]
        .into_iter()
        .find_map(|name| rest.strip_prefix(name));
    known.unwrap_or(rest)
}

fn is_mark(character: char) -> bool {
    matches!(
        character,
        '*' | '_'
            | '~'
            | '`'
            | '<'
            | '>'
            | '|'
            | '@'
            | '#'
            | '!'
            | '^'
            | ':'
            | ';'
            | '&'
            | '-'
            | '•'
            | '◦'
            | '▪'
            | '\u{fe0e}'
            | '\u{fe0f}'
    ) || character.is_whitespace()
}

/// The fields of rich text. Any other ends the comparison: it may hold something to read.
#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Field {
    Type,
    Elements,
    #[serde(
        alias = "user_id",
        alias = "channel_id",
        alias = "usergroup_id",
        alias = "range",
        alias = "url",
        alias = "name"
    )]
    Text,
    SkinTone,
    Style,
    #[serde(
        alias = "unicode",
        alias = "display_url",
        alias = "unsafe",
        alias = "team_id",
        alias = "indent",
        alias = "border",
        alias = "offset"
    )]
    BlockId,
}

/// Goes through an array or an object.
struct Walk<'c, 't>(&'c mut Cursor<'t>);

impl<'de> DeserializeSeed<'de> for Walk<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> de::Visitor<'de> for Walk<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("rich text")
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(Walk(self.0))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        while let Some(field) = fields.next_key()? {
            match field {
                Field::Type => fields.next_value_seed(Kind)?,
                Field::Elements => fields.next_value_seed(Walk(self.0))?,
                Field::Text => fields.next_value_seed(Leaf(self.0))?,
                Field::SkinTone => {
                    let tone: u8 = fields.next_value()?;
                    check(self.0.pass("skin-tone-") && self.0.pass(&tone.to_string()))?;
                }
                Field::Style => fields.next_value_seed(Style)?,
                Field::BlockId => {
                    fields.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

fn check<E: de::Error>(holds: bool) -> Result<(), E> {
    if holds {
        Ok(())
    } else {
        Err(E::custom("not the same"))
    }
}

/// Declares a seed that looks at a string.
macro_rules! string_seed {
    ($name:ident $(<$($life:lifetime),+>)?, |$self:ident, $text:ident| $holds:expr $(, $more:item)?) => {
        impl<'de> DeserializeSeed<'de> for $name $(<$($life),+>)? {
            type Value = ();

            fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
                deserializer.deserialize_any(self)
            }
        }

        impl<'de> de::Visitor<'de> for $name $(<$($life),+>)? {
            type Value = ();

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E: de::Error>($self, $text: &str) -> Result<(), E> {
                check($holds)
            }

            $($more)?
        }
    };
}

/// The type of a block or element: only rich text is compared.
struct Kind;

string_seed!(Kind, |self, kind| matches!(
    kind,
    "rich_text"
        | "rich_text_section"
        | "rich_text_list"
        | "rich_text_quote"
        | "rich_text_preformatted"
        | "text"
        | "link"
        | "user"
        | "channel"
        | "usergroup"
        | "broadcast"
        | "emoji"
));

/// What the text has to hold.
struct Leaf<'c, 't>(&'c mut Cursor<'t>);

string_seed!(Leaf<'_, '_>, |self, leaf| self.0.pass(leaf));

/// The style of a list, of which the numbers are part of the text, or of a span.
struct Style;

string_seed!(
    Style,
    |self, style| style == "bullet",
    fn visit_map<A: de::MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        while fields.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }
);
