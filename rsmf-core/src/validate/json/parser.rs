//! Lists and objects, without recursion: a text may nest as deep as it likes.

use std::borrow::Cow;

use super::{Data, Document, Property, SyntaxError, Value, scalar};

/// Values below this depth are checked but not kept: RSMF ends at seven, and dropping a tree recurses.
const KEPT_DEPTH: usize = 32;

/// Open lists and objects, and values in all; a few hundred megabytes in memory.
const MAX_DEPTH: usize = 1_000_000;
const MAX_VALUES: usize = 10_000_000;

/// Parses the whole text.
pub(in crate::validate) fn parse(text: &str) -> Result<Document<'_>, SyntaxError> {
    let mut parser = Parser {
        text,
        at: 0,
        open: Vec::new(),
        comma: None,
        trailing_comma: None,
        values: 0,
    };
    let root = parser.document()?;
    Ok(Document {
        root,
        trailing_comma: parser.trailing_comma,
    })
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    open: Vec<Frame<'a>>,
    /// The comma just passed.
    comma: Option<usize>,
    trailing_comma: Option<usize>,
    values: usize,
}

/// A list or object that is not closed yet.
struct Frame<'a> {
    at: usize,
    items: Items<'a>,
}

enum Items<'a> {
    List(Vec<Value<'a>>),
    Record(Vec<Property<'a>>, Option<(Cow<'a, str>, usize)>),
}

impl<'a> Parser<'a> {
    fn document(&mut self) -> Result<Value<'a>, SyntaxError> {
        let mut next = self.item()?;
        loop {
            if let Some(value) = next {
                match self.attach(value)? {
                    Some(root) => {
                        self.skip_blanks()?;
                        return match self.peek() {
                            None => Ok(root),
                            Some(_) => Err(self.error("text behind the end of the JSON")),
                        };
                    }
                    None => next = self.after_value()?,
                }
            } else {
                next = self.item()?;
            }
        }
    }

    /// The next item of whatever is open: a value, or `None` where one has been opened.
    fn item(&mut self) -> Result<Option<Value<'a>>, SyntaxError> {
        self.skip_blanks()?;
        if matches!(
            self.open.last(),
            Some(Frame {
                items: Items::Record(..),
                ..
            })
        ) {
            if self.peek() == Some(b'}') {
                return self.close().map(Some);
            }
            self.name()?;
            self.skip_blanks()?;
        } else if self.peek() == Some(b']') && !self.open.is_empty() {
            return self.close().map(Some);
        }
        self.comma = None;
        match self.peek() {
            Some(b'{') => self.open(Items::Record(Vec::new(), None)),
            Some(b'[') => self.open(Items::List(Vec::new())),
            Some(b',') if !self.open.is_empty() => Ok(Some(self.value(self.at, Data::Undefined)?)),
            _ => {
                let at = self.at;
                let (data, end) = scalar::value(self.text, at)?;
                self.at = end;
                Ok(Some(self.value(at, data)?))
            }
        }
    }

    /// Goes on behind a value: to a comma, or to the end of what is open, which is the next value.
    fn after_value(&mut self) -> Result<Option<Value<'a>>, SyntaxError> {
        self.skip_blanks()?;
        let is_record = matches!(
            self.open.last(),
            Some(Frame {
                items: Items::Record(..),
                ..
            })
        );
        match (self.peek(), is_record) {
            (Some(b','), _) => {
                self.comma = Some(self.at);
                self.at += 1;
                Ok(None)
            }
            (Some(b'}'), true) | (Some(b']'), false) => self.close().map(Some),
            _ => Err(self.error("neither a comma nor the end of the list or object")),
        }
    }

    fn open(&mut self, items: Items<'a>) -> Result<Option<Value<'a>>, SyntaxError> {
        if self.open.len() >= MAX_DEPTH {
            return Err(self.error("too many lists and objects within each other"));
        }
        self.open.push(Frame { at: self.at, items });
        self.at += 1;
        Ok(None)
    }

    fn close(&mut self) -> Result<Value<'a>, SyntaxError> {
        if let Some(comma) = self.comma.take() {
            self.trailing_comma.get_or_insert(comma);
        }
        self.at += 1;
        let data = match self.open.pop() {
            Some(Frame {
                at,
                items: Items::List(list),
            }) => (at, Data::List(list)),
            Some(Frame {
                at,
                items: Items::Record(record, _),
            }) => (at, Data::Record(record)),
            None => return Err(self.error("an end without a start")),
        };
        self.value(data.0, data.1)
    }

    fn value(&mut self, at: usize, data: Data<'a>) -> Result<Value<'a>, SyntaxError> {
        self.values += 1;
        if self.values > MAX_VALUES {
            return Err(self.error("too many values"));
        }
        Ok(Value { at, data })
    }

    /// Puts the value where it belongs; gives it back if it is the whole document.
    fn attach(&mut self, value: Value<'a>) -> Result<Option<Value<'a>>, SyntaxError> {
        let keep = self.open.len() <= KEPT_DEPTH;
        match self.open.last_mut().map(|frame| &mut frame.items) {
            None => return Ok(Some(value)),
            Some(Items::List(list)) if keep => list.push(value),
            Some(Items::Record(record, name)) => {
                if let Some((name, at)) = name.take().filter(|_| keep) {
                    record.push(Property { name, at, value });
                }
            }
            Some(Items::List(_)) => {}
        }
        Ok(None)
    }

    fn name(&mut self) -> Result<(), SyntaxError> {
        let at = self.at;
        let (name, end) = scalar::name(self.text, at)?;
        self.at = end;
        self.skip_blanks()?;
        if self.peek() != Some(b':') {
            return Err(self.error("no colon behind the name of a property"));
        }
        self.at += 1;
        if let Some(Frame {
            items: Items::Record(_, pending),
            ..
        }) = self.open.last_mut()
        {
            *pending = Some((name, at));
        }
        Ok(())
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// White space and comments; Json.NET also skips NUL.
    fn skip_blanks(&mut self) -> Result<(), SyntaxError> {
        loop {
            while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
                self.at += 1;
            }
            match self.peek() {
                Some(b'/') => self.skip_comment()?,
                Some(0..b' ' | 0x80..) => {
                    let rest = self.text.get(self.at..).unwrap_or_default();
                    let rare = |c: char| c.is_whitespace() || c == '\0';
                    let skipped = rest.len() - rest.trim_start_matches(rare).len();
                    if skipped == 0 {
                        return Ok(());
                    }
                    self.at += skipped;
                }
                _ => return Ok(()),
            }
        }
    }

    fn skip_comment(&mut self) -> Result<(), SyntaxError> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length = match rest.as_bytes() {
            [b'/', b'/', ..] => rest.find(['\n', '\r']).unwrap_or(rest.len()),
            [b'/', b'*', body @ ..] => match memchr::memmem::find(body, b"*/") {
                Some(end) => end + 4,
                None => return Err(self.error("a comment without an end")),
            },
            _ => return Err(self.error("a slash that starts no comment")),
        };
        self.at += length;
        Ok(())
    }

    fn error(&self, message: &str) -> SyntaxError {
        SyntaxError {
            at: self.at,
            message: message.to_owned(),
        }
    }
}
