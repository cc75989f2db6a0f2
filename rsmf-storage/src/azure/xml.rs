//! Reading what the service lists (“List Blobs”).
//!
//! By events: names may begin or end with spaces, which serde's reader of XML takes away.

use percent_encoding::percent_decode_str;
use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

use super::meta::Facts;

/// A page of a listing.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// In the order of the service.
    pub(super) items: Vec<Item>,
    /// Where the next page begins.
    pub(super) next: Option<String>,
}

/// One line of a listing.
#[derive(Debug, Default)]
pub(super) struct Item {
    /// The whole name; one of a folder ends with a slash.
    pub(super) name: String,
    /// Nothing for a folder.
    pub(super) facts: Option<Facts>,
    /// Which snapshot it is of, if it is of one.
    pub(super) snapshot: Option<String>,
}

impl Page {
    /// Reads a page.
    ///
    /// # Errors
    /// What is wrong with it as XML.
    pub(super) fn read(xml: &[u8]) -> Result<Self, quick_xml::Error> {
        let xml = str::from_utf8(xml)
            .map_err(|error| std::io::Error::new(std::io::ErrorKind::InvalidData, error))?;
        // The service begins with a byte order mark.
        let mut reader = Reader::from_str(xml.trim_start_matches('\u{feff}'));
        let mut state = State::default();
        loop {
            match reader.read_event()? {
                Event::Start(tag) => state.open(&tag)?,
                Event::Empty(tag) => {
                    state.open(&tag)?;
                    state.close();
                }
                Event::Text(text) => state.text.push_str(&text.xml10_content()),
                Event::CData(text) => state.text.push_str(&text.xml10_content()),
                Event::GeneralRef(entity) => {
                    if let Some(c) = entity.resolve_char_ref()? {
                        state.text.push(c);
                    } else {
                        let text = quick_xml::escape::resolve_predefined_entity(&entity);
                        state.text.push_str(text.unwrap_or_default());
                    }
                }
                Event::End(_) => state.close(),
                Event::Eof => return Ok(state.page),
                _ => {}
            }
        }
    }
}

/// Where in the document the reader is.
#[derive(Default)]
struct State {
    page: Page,
    /// The elements around, the innermost last.
    path: Vec<String>,
    text: String,
    /// Whether the name is percent-encoded, because XML has no such characters.
    encoded: bool,
    item: Item,
}

impl State {
    fn open(&mut self, tag: &BytesStart<'_>) -> Result<(), quick_xml::Error> {
        let name = tag.local_name().as_ref().to_owned();
        match name.as_str() {
            "Blob" => {
                self.item = Item {
                    facts: Some(Facts::default()),
                    ..Item::default()
                }
            }
            "BlobPrefix" => self.item = Item::default(),
            "Name" => {
                let encoded = tag
                    .try_get_attribute("Encoded")
                    .map_err(quick_xml::Error::from)?;
                self.encoded = encoded.is_some_and(|encoded| encoded.value.as_ref() == "true");
            }
            _ => {}
        }
        self.path.push(name);
        self.text.clear();
        Ok(())
    }

    fn close(&mut self) {
        let text = std::mem::take(&mut self.text);
        let Some(name) = self.path.pop() else {
            return;
        };
        let around: Vec<_> = self.path.iter().rev().map(String::as_str).collect();
        match (name.as_str(), around.as_slice()) {
            ("Blob" | "BlobPrefix", _) => self.page.items.push(std::mem::take(&mut self.item)),
            ("NextMarker", _) => self.page.next = Some(text).filter(|text| !text.is_empty()),
            ("Name", ["Blob" | "BlobPrefix", ..]) => self.item.name = self.name(text),
            ("Snapshot", ["Blob", ..]) => self.item.snapshot = Some(text),
            (_, ["Metadata", "Blob", ..]) => {
                if let Some(facts) = &mut self.item.facts {
                    facts.metadata.insert(name, text);
                }
            }
            (_, ["Blob", ..] | ["Properties", "Blob", ..]) => self.property(&name, text),
            _ => {}
        }
    }

    fn name(&self, text: String) -> String {
        match self.encoded {
            true => percent_decode_str(&text).decode_utf8_lossy().into_owned(),
            false => text,
        }
    }

    fn property(&mut self, name: &str, text: String) {
        let Some(facts) = &mut self.item.facts else {
            return;
        };
        let text = Some(text).filter(|text| !text.is_empty());
        match name {
            "Content-Length" => {
                facts.size = text.and_then(|text| text.parse().ok()).unwrap_or_default();
            }
            "Last-Modified" => facts.modified = text,
            "Etag" => facts.etag = text,
            "VersionId" => facts.version = text,
            "Content-Type" => facts.content_type = text,
            "AccessTier" => facts.tier = text,
            "Content-MD5" => facts.md5 = text,
            "CopyStatus" => facts.copy_status = text,
            "ResourceType" => facts.resource = text,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PAGE: &str = "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>\
        <EnumerationResults ContainerName=\"c\"><Prefix>x</Prefix><Blobs>\
        <BlobPrefix><Name> a&amp;b&#x41;/</Name></BlobPrefix>\
        <Blob><Name Encoded=\"true\">c%EF%BF%BFd</Name><Snapshot>s</Snapshot><VersionId>v</VersionId>\
        <Properties><Content-Length>7</Content-Length><Etag>0x1</Etag><Content-MD5 />\
        <AccessTier>Hot</AccessTier><Name>no</Name></Properties>\
        <Metadata><a_b>c d </a_b></Metadata><OrMetadata /></Blob>\
        </Blobs><NextMarker>n</NextMarker></EnumerationResults>";

    #[test]
    fn a_page_is_read_to_the_last_space() {
        let page = Page::read(PAGE.as_bytes()).unwrap();
        assert_eq!(page.next.as_deref(), Some("n"));
        let [folder, blob] = page.items.as_slice() else {
            panic!("two items");
        };
        assert_eq!(folder.name, " a&bA/");
        assert!(folder.facts.is_none());
        let facts = blob.facts.as_ref().unwrap();
        assert_eq!((blob.name.as_str(), facts.size), ("c\u{ffff}d", 7));
        assert_eq!((facts.version.as_deref(), &facts.md5), (Some("v"), &None));
        assert_eq!(blob.snapshot.as_deref(), Some("s"));
        assert_eq!(facts.metadata["a_b"], "c d ");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".*", at in 0..PAGE.len()) {
            let _ = Page::read(text.as_bytes());
            let cut = PAGE.as_bytes().split_at(at).0;
            let _ = Page::read(cut);
        }
    }
}
