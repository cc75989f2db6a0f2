//! Reads a message line by line: headers, text, and the one attachment, which goes to a spool.

mod lines;
mod part;

use std::io;

use memchr::memmem::Finder;

use self::{
    lines::{Line, Lines},
    part::{Kind, Part, Store},
};
use super::{Headers, ReadLimits};

pub(crate) use part::{Attachment, Spool};

/// Why a message cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MimeError {
    #[error(transparent)]
    Io(#[from] io::Error),
    /// One of the [`ReadLimits`].
    #[error("the file has too many or too large {0}")]
    Limit(&'static str),
}

/// What a message holds.
#[derive(Debug, Default)]
pub(crate) struct Message {
    pub(crate) headers: Headers,
    /// The first part that is plain text.
    pub(crate) text: Option<String>,
    /// The first part that is HTML.
    pub(crate) html: Option<String>,
    pub(crate) attachments: Vec<Attachment>,
    /// The content of the attachment that is most likely the zip, decoded.
    pub(crate) archive: Option<Spool>,
    pub(crate) oddities: Oddities,
}

/// What readers other than this one stumble over.
#[derive(Debug, Default)]
pub(crate) struct Oddities {
    /// A message in parts does not say what separates them.
    pub(crate) no_boundary: bool,
    /// The end of the last part is missing.
    pub(crate) unclosed: bool,
    /// The boundary turns up within a line of content.
    pub(crate) boundary_in_content: bool,
    /// The length of the longest line of base64.
    pub(crate) base64_line: usize,
}

/// Reads the whole message.
pub(crate) fn read_message(
    reader: impl io::Read,
    limits: &ReadLimits,
) -> Result<Message, MimeError> {
    let mut scanner = Scanner {
        lines: Lines::new(reader),
        limits,
        boundaries: Vec::new(),
        message: Message::default(),
        store: Store::default(),
        parts: 0,
    };
    scanner.run()?;
    let Scanner {
        mut message, store, ..
    } = scanner;
    store.give_to(&mut message);
    Ok(message)
}

struct Scanner<'l, R> {
    lines: Lines<R>,
    limits: &'l ReadLimits,
    /// Of the parts that are open, the outermost first.
    boundaries: Vec<Finder<'static>>,
    message: Message,
    store: Store,
    parts: usize,
}

/// Why reading content stopped.
#[derive(Debug, Clone, Copy)]
enum Stop {
    End,
    /// A line that separates parts: the index of its boundary, and whether it is the last one.
    Delimiter {
        level: usize,
        last: bool,
    },
}

impl<R: io::Read> Scanner<'_, R> {
    fn run(&mut self) -> Result<(), MimeError> {
        let (headers, stop) = self.headers()?;
        self.message.headers = headers.clone();
        let mut stop = match stop {
            Some(stop) => stop,
            None => self.part(headers)?,
        };
        while self.next_part(stop)? {
            let (headers, early) = self.headers()?;
            stop = match early {
                Some(stop) => stop,
                None => self.part(headers)?,
            };
        }
        self.lines.skip_all()?;
        Ok(())
    }

    /// The headers of the message or of a part, and why they stopped if not at a blank line.
    fn headers(&mut self) -> Result<(Headers, Option<Stop>), MimeError> {
        let mut block = Vec::new();
        let stop = loop {
            let Some(line) = self.lines.next()? else {
                break Some(Stop::End);
            };
            if line.starts && line.bytes.is_empty() {
                break None;
            }
            if let Some(stop) = delimiter(&self.boundaries, &line) {
                break Some(stop);
            }
            block.extend_from_slice(line.bytes);
            block.extend_from_slice(line.ending);
            if block.len() > self.limits.header_bytes {
                return Err(MimeError::Limit("headers"));
            }
        };
        Ok((Headers::parse(&block), stop))
    }

    /// Goes on to the headers of the next part; `false` behind the last one.
    fn next_part(&mut self, mut stop: Stop) -> Result<bool, MimeError> {
        loop {
            match stop {
                Stop::End => {
                    self.message.oddities.unclosed |= !self.boundaries.is_empty();
                    return Ok(false);
                }
                Stop::Delimiter { level, last: false } => {
                    self.boundaries.truncate(level + 1);
                    return Ok(true);
                }
                Stop::Delimiter { level, last: true } => self.boundaries.truncate(level),
            }
            if self.boundaries.is_empty() {
                return Ok(false);
            }
            stop = self.content(None)?;
        }
    }

    /// Reads the content of a part, up to the line that ends it or that starts a part within it.
    fn part(&mut self, headers: Headers) -> Result<Stop, MimeError> {
        self.parts += 1;
        if self.parts > self.limits.parts {
            return Err(MimeError::Limit("parts"));
        }
        let mut part = match Kind::of(&headers) {
            Kind::Multipart(boundary) => return self.open(boundary),
            Kind::Leaf(leaf) => Part::new(leaf, &mut self.store, self.limits),
        };
        let stop = self.content(Some(&mut part))?;
        part.finish(&mut self.store)?;
        Ok(stop)
    }

    fn open(&mut self, boundary: Option<String>) -> Result<Stop, MimeError> {
        if self.boundaries.len() >= self.limits.part_depth {
            return Err(MimeError::Limit("parts within parts"));
        }
        match boundary {
            Some(boundary) => self
                .boundaries
                .push(Finder::new(boundary.as_bytes()).into_owned()),
            None => self.message.oddities.no_boundary = true,
        }
        self.content(None)
    }

    /// Copies lines up to the next delimiter, whose line break belongs to it and not to the content.
    fn content(&mut self, mut part: Option<&mut Part>) -> Result<Stop, MimeError> {
        let mut ending: &'static [u8] = b"";
        while let Some(line) = self.lines.next()? {
            if let Some(stop) = delimiter(&self.boundaries, &line) {
                return Ok(stop);
            }
            if let Some(part) = part.as_deref_mut() {
                observe(&self.boundaries, &line, part, &mut self.message.oddities);
                part.push(ending)?;
                part.push(line.bytes)?;
            }
            ending = line.ending;
        }
        if let Some(part) = part {
            part.push(ending)?;
        }
        Ok(Stop::End)
    }
}

/// What the line separates, if it does.
fn delimiter(boundaries: &[Finder<'_>], line: &Line<'_>) -> Option<Stop> {
    let rest = line.bytes.strip_prefix(b"--").filter(|_| line.starts)?;
    boundaries
        .iter()
        .enumerate()
        .rev()
        .find_map(|(level, boundary)| {
            let rest = rest.strip_prefix(boundary.needle())?.trim_ascii_end();
            let last = rest.starts_with(b"--");
            (last || rest.is_empty()).then_some(Stop::Delimiter { level, last })
        })
}

fn observe(boundaries: &[Finder<'_>], line: &Line<'_>, part: &Part, oddities: &mut Oddities) {
    if !oddities.boundary_in_content {
        oddities.boundary_in_content = boundaries
            .iter()
            .any(|boundary| boundary.find(line.bytes).is_some());
    }
    if part.is_base64() {
        oddities.base64_line = oddities.base64_line.max(line.bytes.trim_ascii_end().len());
    }
}
