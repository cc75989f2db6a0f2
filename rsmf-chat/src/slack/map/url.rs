//! Addresses without secrets.

use std::borrow::Cow;

/// Takes the access token out of an address: exports put one (`?t=xoxe-…`) into every link to a
/// file, and whoever has it can fetch the file.
pub(super) fn without_token(url: &str) -> Cow<'_, str> {
    let Some((base, query)) = url.split_once('?') else {
        return Cow::Borrowed(url);
    };
    let (query, fragment) = query
        .split_once('#')
        .map_or((query, None), |(q, f)| (q, Some(f)));
    if !query.split('&').any(is_secret) {
        return Cow::Borrowed(url);
    }
    let kept: Vec<_> = query.split('&').filter(|pair| !is_secret(pair)).collect();
    let mut clean = base.to_owned();
    for (mark, rest) in [
        ('?', (!kept.is_empty()).then(|| kept.join("&"))),
        ('#', fragment.map(str::to_owned)),
    ] {
        if let Some(rest) = rest {
            clean.push(mark);
            clean.push_str(&rest);
        }
    }
    Cow::Owned(clean)
}

fn is_secret(pair: &str) -> bool {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    name.eq_ignore_ascii_case("token") || value.starts_with("xox")
}

/// An address without user, query and fragment, where secrets stand.
pub(super) fn bare(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{host}{path}")
}

/// The host of an address.
pub(super) fn host(url: &str) -> Option<&str> {
    let rest = url.split_once("://")?.1;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = host.split(':').next()?;
    (!host.is_empty()).then_some(host)
}
