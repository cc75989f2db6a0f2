//! Bodies of requests.

use std::fmt::Write as _;

use quick_xml::escape::escape;

use super::{DAV, NC, OC, OURS};

/// A property by namespace and name.
pub(in crate::webdav) type Name = (&'static str, &'static str);

const HEAD: &str = r#"<?xml version="1.0" encoding="utf-8"?>"#;

/// The prefix of a namespace in what is sent.
fn prefix(namespace: &str) -> &'static str {
    match namespace {
        OC => "oc",
        NC => "nc",
        OURS => "r",
        _ => "d",
    }
}

/// What declares all prefixes.
fn declared() -> String {
    [DAV, OC, NC, OURS]
        .into_iter()
        .fold(String::new(), |mut text, namespace| {
            let _ = write!(text, r#" xmlns:{}="{namespace}""#, prefix(namespace));
            text
        })
}

fn names(names: &[Name]) -> String {
    names
        .iter()
        .fold(String::new(), |mut text, (namespace, name)| {
            let _ = write!(text, "<{}:{name}/>", prefix(namespace));
            text
        })
}

/// Asks for these properties (RFC 4918, 9.1).
pub(in crate::webdav) fn prop_find(wanted: &[Name]) -> String {
    format!(
        "{HEAD}<d:propfind{}><d:prop>{}</d:prop></d:propfind>",
        declared(),
        names(wanted)
    )
}

/// Sets a property, or takes it away (RFC 4918, 9.2).
pub(in crate::webdav) fn prop_patch((namespace, name): Name, value: Option<&str>) -> String {
    let tag = format!("{}:{name}", prefix(namespace));
    let change = match value {
        Some(value) => format!(
            "<d:set><d:prop><{tag}>{}</{tag}></d:prop></d:set>",
            escape(value)
        ),
        None => format!("<d:remove><d:prop><{tag}/></d:prop></d:remove>"),
    };
    format!(
        "{HEAD}<d:propertyupdate{}>{change}</d:propertyupdate>",
        declared()
    )
}

/// Asks for a lock that nobody shares (RFC 4918, 9.10).
pub(in crate::webdav) fn lock_info(owner: &str) -> String {
    format!(
        "{HEAD}<d:lockinfo{}><d:lockscope><d:exclusive/></d:lockscope>\
         <d:locktype><d:write/></d:locktype><d:owner>{}</d:owner></d:lockinfo>",
        declared(),
        escape(owner)
    )
}

/// Asks for what lies below `scope` and fits `condition`, which is XML (RFC 5323), from the
/// `first` result on and at most `limit` results.
pub(in crate::webdav) fn search(
    scope: &str,
    wanted: &[Name],
    condition: &str,
    first: u64,
    limit: u64,
) -> String {
    format!(
        "{HEAD}<d:searchrequest{}><d:basicsearch><d:select><d:prop>{}</d:prop></d:select>\
         <d:from><d:scope><d:href>{}</d:href><d:depth>infinity</d:depth></d:scope></d:from>\
         <d:where>{condition}</d:where><d:orderby><d:order><d:prop><oc:fileid/></d:prop>\
         <d:ascending/></d:order></d:orderby><d:limit><d:nresults>{limit}</d:nresults>\
         <nc:firstresult>{first}</nc:firstresult></d:limit></d:basicsearch></d:searchrequest>",
        declared(),
        names(wanted),
        escape(scope)
    )
}
