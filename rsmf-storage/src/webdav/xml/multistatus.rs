//! Reads answers with the status 207, one resource at a time.

use std::{io, sync::Arc};

use quick_xml::{
    escape::resolve_predefined_entity,
    events::{BytesRef, Event},
    name::ResolveResult,
    reader::NsReader,
};
use tokio::io::AsyncBufRead;

use super::{DAV, measured::Measured};

/// The most bytes of one tag or text.
const PIECE: usize = 1 << 20;

/// The most bytes that one resource may bring.
const RESOURCE: usize = 4 << 20;

/// How deep elements may lie in one another.
const DEPTH: usize = 64;

/// Why an answer is no `multistatus`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum XmlError {
    /// It could not be read to its end.
    #[error("it cannot be read to its end")]
    Read(#[source] Arc<io::Error>),
    /// It is no XML.
    #[error("it is no XML: {0}")]
    Syntax(String),
    /// It is XML of another kind, or asks for too much.
    #[error("it is no answer of WebDAV: {0}")]
    Shape(&'static str),
}

impl From<quick_xml::Error> for XmlError {
    fn from(error: quick_xml::Error) -> Self {
        match error {
            quick_xml::Error::Io(error) => Self::Read(error),
            error => Self::Syntax(error.to_string()),
        }
    }
}

/// A property that a resource has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Property {
    /// The namespace of its name: `DAV:`.
    pub namespace: String,
    /// Its name there: `getetag`.
    pub name: String,
    /// All the text in it.
    pub text: String,
    /// The names of the elements in it, at any depth, without their namespaces.
    pub elements: Vec<String>,
}

/// What an answer says about one resource (RFC 4918, 14.24).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Resource {
    /// Its address, as the server writes it.
    pub href: String,
    /// What became of it, where the answer says so for the whole of it.
    pub status: Option<u16>,
    /// The properties that it has: those with a status of success.
    pub properties: Vec<Property>,
    /// The properties that the server did not give or set, with the status that tells why.
    pub refused: Vec<(Property, u16)>,
}

impl Resource {
    /// The property of this name.
    pub fn property(&self, namespace: &str, name: &str) -> Option<&Property> {
        let is_it = |property: &&Property| property.namespace == namespace && property.name == name;
        self.properties.iter().find(is_it)
    }

    /// The text of this property, without blanks around it; `None` where that is empty.
    pub fn text(&self, namespace: &str, name: &str) -> Option<&str> {
        let text = self.property(namespace, name)?.text.trim();
        (!text.is_empty()).then_some(text)
    }
}

/// Reads a `multistatus` (RFC 4918, 13) piece by piece, however long it is, and whoever wrote it: there
/// are no entities but XML's own, and no document types; one resource has at most 4 MiB.
///
/// ```
/// use rsmf_storage::webdav::Multistatus;
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let answer = r#"<d:multistatus xmlns:d="DAV:"><d:response><d:href>/a.txt</d:href><d:propstat>
///     <d:prop><d:getetag>"1"</d:getetag></d:prop><d:status>HTTP/1.1 200 OK</d:status>
/// </d:propstat></d:response></d:multistatus>"#;
/// let mut answer = Multistatus::new(answer.as_bytes());
/// let resource = answer.next().await?.expect("one resource");
/// assert_eq!((resource.href.as_str(), resource.text("DAV:", "getetag")), ("/a.txt", Some("\"1\"")));
/// assert!(answer.next().await?.is_none());
/// # Ok::<(), rsmf_storage::webdav::XmlError>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Multistatus<R> {
    reader: NsReader<Measured<R>>,
    buffer: Vec<u8>,
    state: State,
}

impl<R: AsyncBufRead + Unpin> Multistatus<R> {
    /// Reads from here.
    pub fn new(input: R) -> Self {
        let mut reader = NsReader::from_reader(Measured::new(input, PIECE));
        reader.config_mut().expand_empty_elements = true;
        Self {
            reader,
            buffer: Vec::new(),
            state: State::default(),
        }
    }

    /// The next resource; `None` at the end.
    ///
    /// # Errors
    /// [`XmlError`]; there is nothing to be read after that.
    pub async fn next(&mut self) -> Result<Option<Resource>, XmlError> {
        loop {
            self.buffer.clear();
            self.reader.get_mut().go_on();
            let read = self.reader.read_resolved_event_into_async(&mut self.buffer);
            let (namespace, event) = read.await?;
            match event {
                Event::Start(tag) => {
                    let namespace = match namespace {
                        ResolveResult::Bound(namespace) => namespace.0,
                        ResolveResult::Unbound => "",
                        ResolveResult::Unknown(_) => {
                            return Err(XmlError::Shape("a prefix stands for nothing"));
                        }
                    };
                    let name = tag.local_name();
                    self.state.open(namespace, name.as_ref())?;
                }
                Event::End(_) => {
                    if let Some(resource) = self.state.close() {
                        return Ok(Some(resource));
                    }
                }
                Event::Text(text) => self.state.text(&text.xml10_content())?,
                Event::CData(text) => self.state.text(&text.xml10_content())?,
                Event::GeneralRef(reference) => self.state.text(&resolved(&reference)?)?,
                Event::DocType(_) => return Err(XmlError::Shape("it has a document type")),
                Event::Eof if self.state.ended => return Ok(None),
                Event::Eof => return Err(XmlError::Shape("it ends too soon")),
                _ => {}
            }
        }
    }
}

/// What `&amp;` and the like stand for. A document cannot define more.
fn resolved(reference: &BytesRef<'_>) -> Result<String, XmlError> {
    if let Some(character) = reference.resolve_char_ref()? {
        return Ok(character.into());
    }
    let known = resolve_predefined_entity(reference);
    known
        .map(str::to_owned)
        .ok_or(XmlError::Shape("it has an entity of its own"))
}

/// What the elements that are open mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Multistatus,
    Response,
    Href,
    Status,
    PropStat,
    PropStatus,
    Prop,
    Property,
    Within,
    Other,
}

#[derive(Debug, Default)]
struct State {
    open: Vec<Part>,
    resource: Resource,
    /// The properties whose status is still to come, and that status.
    pending: Vec<Property>,
    status: String,
    weight: usize,
    ended: bool,
}

impl State {
    fn open(&mut self, namespace: &str, name: &str) -> Result<(), XmlError> {
        self.weigh(namespace.len() + name.len())?;
        let parent = self.open.last().copied();
        let part = part(parent, namespace, name);
        match part {
            Part::Other if parent.is_none() => {
                return Err(XmlError::Shape("it does not begin with multistatus"));
            }
            Part::Response => {
                self.resource = Resource::default();
                self.weight = 0;
            }
            Part::PropStat => self.pending.clear(),
            Part::Status | Part::PropStatus => self.status.clear(),
            Part::Property => self.pending.push(Property {
                namespace: namespace.to_owned(),
                name: name.to_owned(),
                ..Property::default()
            }),
            Part::Within => {
                if let Some(property) = self.pending.last_mut() {
                    property.elements.push(name.to_owned());
                }
            }
            _ => {}
        }
        if self.ended || self.open.len() == DEPTH {
            return Err(XmlError::Shape("its elements lie too deep"));
        }
        self.open.push(part);
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), XmlError> {
        self.weigh(text.len())?;
        match self.open.last() {
            Some(Part::Href) => self.resource.href.push_str(text),
            Some(Part::Status | Part::PropStatus) => self.status.push_str(text),
            Some(Part::Property | Part::Within) => {
                if let Some(property) = self.pending.last_mut() {
                    property.text.push_str(text);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Gives a resource that is complete.
    fn close(&mut self) -> Option<Resource> {
        match self.open.pop()? {
            Part::Multistatus => self.ended = true,
            Part::Status => self.resource.status = code(&self.status),
            Part::PropStat => self.sort_properties(),
            Part::Response => return Some(std::mem::take(&mut self.resource)),
            Part::Within => {
                // Texts of elements that follow each other stay apart.
                if let Some(property) = self.pending.last_mut() {
                    property.text.push(' ');
                }
            }
            _ => {}
        }
        None
    }

    fn sort_properties(&mut self) {
        let status = code(&self.status).unwrap_or(200);
        let pending = self.pending.drain(..);
        match status {
            200..=299 => self.resource.properties.extend(pending),
            _ => {
                let refused = pending.map(|property| (property, status));
                self.resource.refused.extend(refused);
            }
        }
        self.status.clear();
    }

    fn weigh(&mut self, bytes: usize) -> Result<(), XmlError> {
        self.weight = self.weight.saturating_add(bytes);
        match self.weight > RESOURCE {
            true => Err(XmlError::Shape("a resource in it is too large")),
            false => Ok(()),
        }
    }
}

fn part(parent: Option<Part>, namespace: &str, name: &str) -> Part {
    let name = (namespace == DAV).then_some(name);
    match (parent, name) {
        (None, Some("multistatus")) => Part::Multistatus,
        (Some(Part::Multistatus), Some("response")) => Part::Response,
        (Some(Part::Response), Some("href")) => Part::Href,
        (Some(Part::Response), Some("status")) => Part::Status,
        (Some(Part::Response), Some("propstat")) => Part::PropStat,
        (Some(Part::PropStat), Some("prop")) => Part::Prop,
        (Some(Part::PropStat), Some("status")) => Part::PropStatus,
        (Some(Part::Prop), _) => Part::Property,
        (Some(Part::Property | Part::Within), _) => Part::Within,
        _ => Part::Other,
    }
}

/// The number in `HTTP/1.1 200 OK`.
fn code(line: &str) -> Option<u16> {
    line.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests;
