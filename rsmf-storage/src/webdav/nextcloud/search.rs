//! Looking for files by what is known about them.

use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt, stream};
use quick_xml::escape::escape;
use rsmf_core::{
    Error, Result, UtcTime,
    integration::{BoxStream, Entry, StorePath},
};
use rsmf_http::header::{CONTENT_TYPE, HeaderValue};

use super::{DAV as PLACE, Nextcloud};
use crate::webdav::{href, props, session::Session, xml::search};

/// How many results one answer has.
const PAGE: u64 = 100;

const TEXT_XML: HeaderValue = HeaderValue::from_static("text/xml; charset=utf-8");

/// What is looked for: all that is given has to be so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Search {
    /// What the name is like: `%` stands for anything.
    pub name: Option<String>,
    /// What the media type is like: `image/%`.
    pub content_type: Option<String>,
    /// It has changed since.
    pub modified_since: Option<UtcTime>,
    /// It has at least so many bytes.
    pub at_least: Option<u64>,
}

impl Search {
    /// Looks for names like this.
    pub fn name(pattern: impl Into<String>) -> Self {
        Self {
            name: Some(pattern.into()),
            ..Self::default()
        }
    }

    fn condition(&self) -> String {
        let test = |operator: &str, property: &str, literal: &str| {
            let literal = escape(literal);
            format!(
                "<d:{operator}><d:prop><{property}/></d:prop>\
                 <d:literal>{literal}</d:literal></d:{operator}>"
            )
        };
        let since = self.modified_since.map(UtcTime::to_rsmf);
        let size = self.at_least.map(|bytes| bytes.to_string());
        let tests = [
            ("like", "d:displayname", self.name.as_deref()),
            ("like", "d:getcontenttype", self.content_type.as_deref()),
            ("gte", "d:getlastmodified", since.as_deref()),
            ("gte", "oc:size", size.as_deref()),
        ];
        let tests = tests
            .into_iter()
            .filter_map(|(operator, property, literal)| Some(test(operator, property, literal?)));
        let all: String = tests.collect();
        format!("<d:and>{all}</d:and>")
    }
}

impl Nextcloud {
    /// Looks for what lies below a folder, at any depth, and fits (RFC 5323), in no order.
    pub fn search<'a>(&self, below: &StorePath, wanted: &Search) -> BoxStream<'a, Result<Entry>> {
        let state = (Arc::clone(&self.session), below.clone(), wanted.condition());
        let pages = stream::try_unfold(Some(0), move |first| {
            let (session, below, condition) = state.clone();
            async move {
                let Some(first) = first else {
                    return Ok::<_, Error>(None);
                };
                let page = session.found(&below, &condition, first).await?;
                let next = (page.len() as u64 == PAGE).then(|| first + PAGE);
                Ok(Some((stream::iter(page), next)))
            }
        });
        pages.try_flatten().boxed()
    }
}

impl Session {
    /// One page of what fits.
    async fn found(
        &self,
        below: &StorePath,
        condition: &str,
        first: u64,
    ) -> Result<Vec<Result<Entry>>> {
        let Some(cloud) = &self.cloud else {
            return Ok(Vec::new());
        };
        let mut url = self.root.clone();
        url.set_path(&format!("{}{PLACE}", cloud.caller.server.path()));
        let scope = format!(
            "/files/{}/{}",
            href::encoded(&cloud.user),
            href::encoded_path(below.as_str())
        );
        let request = self
            .request("SEARCH", url)
            .header(CONTENT_TYPE, TEXT_XML)
            .body(search(&scope, self.usual(), condition, first, PAGE))
            .safe();
        let mut answer = self.answer("search", below, request).await?;
        let mut found = Vec::new();
        while let Some(resource) = self.next("search", below, &mut answer).await? {
            let entry = href::below(&self.root, &resource.href).and_then(|path| {
                match props::is_folder(&resource) {
                    true => Ok(Entry::Folder(path)),
                    false => props::meta(path, &resource).map(Entry::Object),
                }
            });
            found.push(entry);
        }
        Ok(found)
    }
}
