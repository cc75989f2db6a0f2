//! A request, taken in whole.

use axum::{body::to_bytes, extract::Request};
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use percent_encoding::percent_decode_str;
use quick_xml::{NsReader, events::Event, name::ResolveResult};

/// A request.
pub(super) struct Asked {
    pub(super) method: String,
    /// The path, decoded.
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
    pub(super) body: Bytes,
    headers: axum::http::HeaderMap,
}

impl Asked {
    pub(super) async fn read(request: Request) -> Option<Self> {
        let (parts, body) = request.into_parts();
        let path = percent_decode_str(parts.uri.path()).decode_utf8().ok()?;
        Some(Self {
            method: parts.method.to_string(),
            path: path.into_owned(),
            query: fields(parts.uri.query().unwrap_or_default()),
            // A body that breaks off is none.
            body: to_bytes(body, usize::MAX).await.ok()?,
            headers: parts.headers,
        })
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The fields of the query and of a form.
    pub(super) fn fields(&self, name: &str) -> Vec<String> {
        let form = fields(&String::from_utf8_lossy(&self.body));
        let all = self.query.iter().cloned().chain(form);
        let named = all.filter(|(key, _)| key == name);
        named.map(|(_, value)| value).collect()
    }

    /// The first of them.
    pub(super) fn field(&self, name: &str) -> Option<String> {
        self.fields(name).into_iter().next()
    }

    /// Name and password.
    pub(super) fn credentials(&self) -> Option<(String, String)> {
        let encoded = self.header("authorization")?.strip_prefix("Basic ")?;
        let text = String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()?;
        let (user, password) = text.split_once(':')?;
        Some((user.to_owned(), password.to_owned()))
    }

    /// The path in a header that holds an address.
    pub(super) fn destination(&self) -> Option<String> {
        let (_, rest) = self.header("destination")?.split_once("://")?;
        let path = rest.get(rest.find('/')?..)?;
        let decoded = percent_decode_str(path).decode_utf8().ok()?;
        Some(decoded.into_owned())
    }

    /// The address and the etag of `If: <address> (["etag"])`.
    pub(super) fn condition(&self) -> Option<(String, String)> {
        let (url, list) = self.header("if")?.strip_prefix('<')?.split_once('>')?;
        let (_, rest) = url.split_once("://")?;
        let path = percent_decode_str(rest.get(rest.find('/')?..)?);
        let etag = list.trim().strip_prefix("([")?.strip_suffix("])")?;
        Some((path.decode_utf8().ok()?.into_owned(), etag.to_owned()))
    }

    /// The elements of the body that hold no others, with namespace, name and text; `None` where it is no XML.
    pub(super) fn leaves(&self) -> Option<Vec<(String, String, String)>> {
        let text = std::str::from_utf8(&self.body).ok()?;
        let mut reader = NsReader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        let (mut leaves, mut open) = (Vec::new(), None);
        loop {
            let (namespace, event) = reader.read_resolved_event().ok()?;
            match event {
                Event::Start(tag) => {
                    let namespace = match namespace {
                        ResolveResult::Bound(namespace) => namespace.0.to_owned(),
                        _ => String::new(),
                    };
                    let name = tag.local_name().as_ref().to_owned();
                    open = Some((namespace, name, String::new()));
                }
                Event::Text(piece) => {
                    if let Some((_, _, text)) = &mut open {
                        text.push_str(&piece);
                    }
                }
                Event::GeneralRef(reference) => {
                    if let Some((_, _, text)) = &mut open {
                        let raw = format!("&{};", &*reference);
                        text.push_str(&quick_xml::escape::unescape(&raw).ok()?);
                    }
                }
                Event::End(_) => leaves.extend(open.take()),
                Event::Eof => return Some(leaves),
                _ => {}
            }
        }
    }
}

fn fields(text: &str) -> Vec<(String, String)> {
    let decode = |text: &str| {
        let text = text.replace('+', " ");
        percent_decode_str(&text).decode_utf8_lossy().into_owned()
    };
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}
