//! Paths in addresses.

use percent_encoding::percent_decode_str;
use rsmf_core::{Failure, Result, integration::StorePath};
use url::Url;

pub(super) use crate::segment::{encoded, encoded_path};

/// The address of a path below a folder, whose own address ends with a slash.
pub(super) fn join(folder: &Url, path: &StorePath, is_folder: bool) -> Url {
    let mut url = folder.clone();
    let slash = match is_folder && !path.is_root() {
        true => "/",
        false => "",
    };
    let whole = format!("{}{}{slash}", folder.path(), encoded_path(path.as_str()));
    url.set_path(&whole);
    url
}

/// The address of a folder, which ends with a slash.
pub(super) fn folder(mut url: Url) -> Url {
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    url
}

/// Where something lies below `folder`, by the address that a server gives for it: whole, or from the
/// host's root on. The folder itself is the root.
///
/// # Errors
/// [`InvalidInput`](rsmf_core::Error::InvalidInput) where that is no path, or leads elsewhere.
pub(super) fn below(folder: &Url, href: &str) -> Result<StorePath> {
    let wrong = |why: &'static str| {
        Failure::new("use", format!("the address {href:?} in an answer"))
            .source(why)
            .invalid_input()
    };
    let path = match href.split_once("://") {
        Some((_, rest)) => rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/"),
        None => href,
    };
    let decode = |text: &str| percent_decode_str(text).decode_utf8().map(String::from);
    let root = decode(folder.path()).map_err(|_| wrong("its bytes are not UTF-8"))?;
    let decoded = decode(path).map_err(|_| wrong("its bytes are not UTF-8"))?;
    if path.to_ascii_lowercase().contains("%2f") {
        return Err(wrong("a name in it holds a slash"));
    }
    let is_root = decoded.strip_suffix('/').unwrap_or(&decoded) == root.trim_end_matches('/');
    if is_root {
        return Ok(StorePath::ROOT);
    }
    let rest = decoded
        .strip_prefix(&root)
        .ok_or_else(|| wrong("it does not lie where the question was asked"))?;
    StorePath::new(rest.strip_suffix('/').unwrap_or(rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    #[test]
    fn folders_and_files_have_addresses() {
        let root = folder(url("https://h/dav"));
        let path = StorePath::new("a b/100%/ü").unwrap();
        assert_eq!(join(&root, &path, false).path(), "/dav/a%20b/100%25/%C3%BC");
        assert_eq!(join(&root, &path, true).path(), "/dav/a%20b/100%25/%C3%BC/");
        assert_eq!(join(&root, &StorePath::ROOT, true).path(), "/dav/");
    }

    #[test]
    fn what_leads_elsewhere_is_refused() {
        let root = url("https://h/dav/x/");
        for (href, expected) in [
            ("/dav/x/", Some("")),
            ("/dav/x", Some("")),
            ("https://other/dav/x/a", Some("a")),
            ("/dav/x/a%c3%bc/", Some("aü")),
            ("/dav/xy/a", None),
            ("/dav/a", None),
            ("/dav/x/../a", None),
            ("/dav/x/%2e%2e/a", None),
            ("/dav/x/a//b", None),
            ("/dav/x/a%2Fb", None),
            ("/dav/x/%ff", None),
            ("", None),
        ] {
            let found = below(&root, href).ok();
            let found = found.as_ref().map(StorePath::as_str);
            assert_eq!(found, expected, "{href}");
        }
    }

    proptest! {
        #[test]
        fn paths_come_back(path in "[^/\0]{1,20}(/[^/\0]{1,20}){0,3}") {
            prop_assume!(path.split('/').all(|name| name != "." && name != ".."));
            let path = StorePath::new(path).unwrap();
            let root = url("https://h/a%20b/");
            let there = join(&root, &path, true);
            prop_assert_eq!(below(&root, there.path()).unwrap(), path);
        }

        #[test]
        fn any_href_is_a_path_or_an_error(href: String) {
            let _ = below(&url("https://h/a/"), &href);
        }
    }
}
