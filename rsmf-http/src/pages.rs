//! Lists that come page by page.

use std::{collections::HashSet, future::Future, hash::Hash};

use futures_core::Stream;
use futures_util::stream::{self, TryStreamExt};
use reqwest::header::LINK;
use url::Url;

use crate::{Error, Response, Result};

/// A page, and where the next one is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page<T, N> {
    /// What stands on it.
    pub items: Vec<T>,
    /// What to ask for the next page; `None` on the last one.
    pub next: Option<N>,
}

impl<T, N> Page<T, N> {
    /// A page that names the next one: an address, a number, anything.
    pub fn new(items: Vec<T>, next: Option<N>) -> Self {
        Self { items, next }
    }
}

impl<T> Page<T, String> {
    /// A page with a cursor, which is missing or empty on the last one.
    pub fn cursor(items: Vec<T>, cursor: Option<String>) -> Self {
        let next = cursor.filter(|cursor| !cursor.is_empty());
        Self { items, next }
    }
}

impl<T> Page<T, u64> {
    /// A page of a list that is asked for by the number of the first item, counted from `offset`;
    /// `total` is the length of the whole list, where the service tells it. Without it, the list ends
    /// with the first empty page: one that is merely short proves nothing, since services give
    /// fewer than they are asked for.
    pub fn offset(items: Vec<T>, offset: u64, total: Option<u64>) -> Self {
        let end = offset.saturating_add(items.len() as u64);
        let more = !items.is_empty() && total.is_none_or(|total| end < total);
        let next = more.then_some(end);
        Self { items, next }
    }
}

/// How much is taken at the most. A list that is longer is an error, never cut in silence; whoever
/// wants just the first items takes them from the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Most {
    /// Items: 1,000,000.
    pub items: u64,
    /// Pages: 10,000.
    pub pages: u64,
}

impl Default for Most {
    fn default() -> Self {
        Self {
            items: 1_000_000,
            pages: 10_000,
        }
    }
}

/// The items of all pages, one after the other. A page is asked for when the items before it are
/// taken. After an error, nothing more comes.
///
/// # Errors
/// Those of `fetch`; [`Error::Paging`] where a page leads to one that was there before, or more comes
/// than `most`.
///
/// ```no_run
/// use futures_util::TryStreamExt;
/// use rsmf_http::{Client, Most, Page, Result, next_link, pages};
///
/// # async fn example(client: Client) -> Result<Vec<String>> {
/// let first = "https://api.example.com/names".parse().unwrap();
/// let client = &client;
/// let names = pages(first, Most::default(), move |url| async move {
///     let answer = client.get(url).send().await?;
///     let next = next_link(&answer)?;
///     let items = answer.json().await?;
///     Ok(Page::new(items, next))
/// });
/// names.try_collect().await
/// # }
/// ```
pub fn pages<T, N, F, A>(first: N, most: Most, fetch: F) -> impl Stream<Item = Result<T>>
where
    N: Clone + Eq + Hash,
    F: FnMut(N) -> A,
    A: Future<Output = Result<Page<T, N>>>,
{
    let walk = Walk {
        next: Some(first),
        seen: HashSet::new(),
        items: 0,
        most,
        fetch,
    };
    let pages = stream::unfold(walk, |mut walk| async move {
        let page = walk.page().await.transpose()?;
        if page.is_err() {
            walk.next = None;
        }
        Some((page, walk))
    });
    let items = pages.map_ok(|items| stream::iter(items.into_iter().map(Ok)));
    items.try_flatten()
}

struct Walk<N, F> {
    next: Option<N>,
    seen: HashSet<N>,
    items: u64,
    most: Most,
    fetch: F,
}

impl<N: Clone + Eq + Hash, F> Walk<N, F> {
    async fn page<T, A>(&mut self) -> Result<Option<Vec<T>>>
    where
        F: FnMut(N) -> A,
        A: Future<Output = Result<Page<T, N>>>,
    {
        let Some(next) = self.next.take() else {
            return Ok(None);
        };
        if self.seen.len() as u64 >= self.most.pages {
            return Err(Error::Paging("there are more pages than allowed"));
        }
        if !self.seen.insert(next.clone()) {
            return Err(Error::Paging("a page leads back to one before it"));
        }
        let page = (self.fetch)(next).await?;
        self.items = self.items.saturating_add(page.items.len() as u64);
        if self.items > self.most.items {
            return Err(Error::Paging("there are more items than allowed"));
        }
        self.next = page.next;
        Ok(Some(page.items))
    }
}

/// Where an answer says that the next page is: its header `Link` with the relation `next` (RFC 8288).
///
/// # Errors
/// [`Error::Paging`] where it is on another host, which must not see the credentials of this one.
pub fn next_link(answer: &Response) -> Result<Option<Url>> {
    let fields = answer.headers().get_all(LINK);
    let mut fields = fields.iter().filter_map(|field| field.to_str().ok());
    let Some(target) = fields.find_map(next_of) else {
        return Ok(None);
    };
    match answer.url().join(target) {
        Ok(next) if next.origin() == answer.url().origin() => Ok(Some(next)),
        Ok(_) => Err(Error::Paging("the next page is on another host")),
        Err(_) => Err(Error::Paging("the next page has no valid address")),
    }
}

/// The target of the first link with the relation `next` in a header field (RFC 8288, 3).
fn next_of(field: &str) -> Option<&str> {
    let mut rest = field;
    loop {
        let (target, after) = rest.split_once('<')?.1.split_once('>')?;
        let (is_next, after) = relation(after);
        if is_next {
            return Some(target.trim());
        }
        rest = after;
    }
}

/// Whether these parameters have `rel` with `next`, and what comes after them.
fn relation(text: &str) -> (bool, &str) {
    let mut rest = text;
    let mut found = None;
    while let Some(after) = rest.trim_start().strip_prefix(';') {
        let end = after.find(['=', ';', ',']).unwrap_or(after.len());
        let (name, after) = after.split_at(end);
        let (value, after) = match after.strip_prefix('=') {
            Some(after) => value(after.trim_start()),
            None => ("", after),
        };
        // Only the first one counts (RFC 8288, 3.3).
        if found.is_none() && name.trim().eq_ignore_ascii_case("rel") {
            let mut kinds = value.split_ascii_whitespace();
            found = Some(kinds.any(|kind| kind.eq_ignore_ascii_case("next")));
        }
        rest = after;
    }
    (found == Some(true), rest)
}

/// The value of a parameter, quoted or not, and what comes after it. Relations hold nothing that
/// would be escaped within quotes.
fn value(text: &str) -> (&str, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        return text.split_at(text.find([';', ',']).unwrap_or(text.len()));
    };
    let mut escaped = false;
    for (at, letter) in quoted.char_indices() {
        match letter {
            '"' if !escaped => {
                let (value, after) = quoted.split_at(at);
                return (value, after.get(1..).unwrap_or_default());
            }
            _ => escaped = letter == '\\' && !escaped,
        }
    }
    (quoted, "")
}

#[cfg(test)]
mod tests {
    use futures_util::{StreamExt, future::ready};
    use proptest::prelude::*;

    use super::*;

    /// The numbers up to 10, three to a page.
    fn three(offset: u64, total: Option<u64>) -> Page<u64, u64> {
        let items = (offset..10).take(3).collect();
        Page::offset(items, offset, total)
    }

    #[tokio::test]
    async fn all_pages_are_one_stream() {
        for (total, expected) in [(None, vec![0, 3, 6, 9, 10]), (Some(10), vec![0, 3, 6, 9])] {
            let mut asked = Vec::new();
            let numbers = pages(0, Most::default(), |offset| {
                asked.push(offset);
                ready(Ok(three(offset, total)))
            });
            let numbers: Vec<_> = numbers.try_collect().await.unwrap();
            assert_eq!(numbers, Vec::from_iter(0..10));
            assert_eq!(asked, expected);
        }
    }

    #[tokio::test]
    async fn a_page_is_asked_for_when_it_is_needed() {
        let mut asked = 0;
        let numbers = pages(0, Most::default(), |offset| {
            asked += 1;
            ready(Ok(three(offset, None)))
        });
        let first: Vec<_> = numbers.take(3).try_collect().await.unwrap();
        assert_eq!((first, asked), (vec![0, 1, 2], 1));
    }

    #[tokio::test]
    async fn too_much_is_an_error_and_the_end() {
        let (items, pages_) = (
            Most {
                items: 8,
                ..Most::default()
            },
            Most {
                pages: 2,
                ..Most::default()
            },
        );
        for (most, before) in [(items, 6), (pages_, 6)] {
            let numbers = pages(0, most, |offset| ready(Ok(three(offset, None))));
            let all: Vec<_> = numbers.collect().await;
            assert_eq!(all.len(), before + 1);
            assert!(matches!(all[before], Err(Error::Paging(_))));
        }
    }

    #[tokio::test]
    async fn a_circle_is_noticed() {
        let next = |cursor: String| match cursor.as_str() {
            "a" => "b",
            "b" => "c",
            _ => "a",
        };
        let numbers = pages("a".to_owned(), Most::default(), |cursor| {
            ready(Ok(Page::cursor(vec![()], Some(next(cursor).to_owned()))))
        });
        let all: Vec<_> = numbers.collect().await;
        assert_eq!(all.len(), 4);
        assert!(all[3].is_err());
        assert_eq!(Page::cursor(vec![()], Some(String::new())).next, None);
    }

    #[test]
    fn the_next_link_is_found_among_others() {
        for (field, next) in [
            (
                "<https://a/?page=2>; rel=\"next\"",
                Some("https://a/?page=2"),
            ),
            ("<a>; rel=prev, <b>;REL=Next;title=x", Some("b")),
            (
                "<a>; rel=\"prev\"; title=\"x, <c>; rel=next\", < b >; rel=\"last next\"",
                Some("b"),
            ),
            ("<a>; rel=prev; rel=next", None),
            (
                "<a>; title=\"say \\\"x\\\"; rel=next\"; rel = \"next\"",
                Some("a"),
            ),
            ("<a>; crossorigin; rel=next", Some("a")),
            ("<a>; rel=nexte", None),
            ("<a>; rel=\"next", Some("a")),
            ("<a", None),
            ("", None),
        ] {
            assert_eq!(next_of(field), next, "{field}");
        }
    }

    proptest! {
        #[test]
        fn any_field_has_a_link_or_none(field in r#"[<>;,="\\ a-zé]{0,40}|.*"#) {
            let _ = next_of(&field);
        }

        #[test]
        fn a_link_that_is_written_is_found(target in "[a-z/?=&.]{1,20}", others in 0..4_usize) {
            let field = format!("{}<{target}>; rel=\"next\"", "<x>; rel=\"prev\", ".repeat(others));
            prop_assert_eq!(next_of(&field), Some(target.as_str()));
        }
    }
}
