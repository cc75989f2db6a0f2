//! A user's files.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use quick_xml::escape::escape;

/// Something in a tree.
#[derive(Debug, Clone)]
pub(super) struct Node {
    /// `None` for a folder.
    pub(super) bytes: Option<Bytes>,
    pub(super) id: u64,
    pub(super) etag: String,
    /// Seconds since 1970.
    pub(super) modified: u64,
    pub(super) checksum: Option<String>,
    /// Properties that clients have set, by namespace and name.
    pub(super) properties: BTreeMap<(String, String), String>,
    /// Former contents, by their times.
    pub(super) versions: BTreeMap<u64, Bytes>,
    /// The numbers of its tags.
    pub(super) tags: BTreeSet<u64>,
}

/// Paths without slashes at the ends; the root is the empty one.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) nodes: BTreeMap<String, Node>,
}

pub(super) fn now() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    now.unwrap_or_default().as_secs()
}

pub(super) fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}

impl Node {
    pub(super) fn new(id: u64, bytes: Option<Bytes>) -> Self {
        Self {
            bytes,
            id,
            etag: format!("\"{id:032x}\""),
            modified: now(),
            checksum: None,
            properties: BTreeMap::new(),
            versions: BTreeMap::new(),
            tags: BTreeSet::new(),
        }
    }

    pub(super) fn last_modified(&self) -> String {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(self.modified);
        httpdate::fmt_http_date(time)
    }

    /// All properties, as XML.
    pub(super) fn properties(&self) -> String {
        let mut text = format!(
            "<d:getetag>{}</d:getetag><d:getlastmodified>{}</d:getlastmodified>\
             <oc:fileid>{}</oc:fileid><oc:permissions>RGDNVW</oc:permissions>",
            escape(&self.etag),
            self.last_modified(),
            self.id
        );
        text += &match &self.bytes {
            Some(bytes) => format!(
                "<d:resourcetype/><d:getcontentlength>{}</d:getcontentlength>\
                 <d:getcontenttype>application/octet-stream</d:getcontenttype>",
                bytes.len()
            ),
            None => "<d:resourcetype><d:collection/></d:resourcetype>".to_owned(),
        };
        if let Some(sum) = &self.checksum {
            text += &format!("<oc:checksums><oc:checksum>{sum}</oc:checksum></oc:checksums>");
        }
        for ((namespace, name), value) in &self.properties {
            let value = escape(value);
            text += &format!("<x:{name} xmlns:x=\"{namespace}\">{value}</x:{name}>");
        }
        text
    }
}

/// An answer about one resource.
pub(super) fn resource(href: &str, properties: &str) -> String {
    format!(
        "<d:response><d:href>{}</d:href><d:propstat><d:prop>{properties}</d:prop>\
         <d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>",
        encoded(href)
    )
}

pub(super) fn encoded(path: &str) -> String {
    let segments = path
        .split('/')
        .map(|name| utf8_percent_encode(name, NON_ALPHANUMERIC).to_string());
    segments.collect::<Vec<_>>().join("/")
}

impl Tree {
    pub(super) fn is_folder(&self, path: &str) -> bool {
        path.is_empty()
            || self
                .nodes
                .get(path)
                .is_some_and(|node| node.bytes.is_none())
    }

    pub(super) fn has(&self, path: &str) -> bool {
        path.is_empty() || self.nodes.contains_key(path)
    }

    /// Paths of what lies directly in a folder.
    pub(super) fn children(&self, folder: &str) -> Vec<String> {
        let names = self.nodes.keys();
        names
            .filter(|path| parent(path) == folder)
            .cloned()
            .collect()
    }

    /// A node and everything below it, with paths from it on.
    pub(super) fn branch(&self, path: &str) -> Vec<(String, Node)> {
        let below = format!("{path}/");
        let inside = self.nodes.iter().filter_map(|(name, node)| {
            let rest = match name == path {
                true => "",
                false => name
                    .strip_prefix(path)?
                    .get(..)
                    .filter(|_| name.starts_with(&below))?,
            };
            Some((rest.to_owned(), node.clone()))
        });
        inside.collect()
    }

    pub(super) fn remove(&mut self, path: &str) {
        for (rest, _) in self.branch(path) {
            self.nodes.remove(&format!("{path}{rest}"));
        }
    }

    pub(super) fn size(&self) -> u64 {
        let files = self.nodes.values().filter_map(|node| node.bytes.as_ref());
        files.map(|bytes| bytes.len() as u64).sum()
    }
}
