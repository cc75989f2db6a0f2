//! Lists that come page by page.

use futures_util::{StreamExt, TryStreamExt, stream, stream::BoxStream};

use crate::Result;

/// The items of all pages, in their order. `page` gives those from a place on, and how many there are in all, where
/// the service says so. `first` is the place of the first item; the services do not agree about it.
pub(crate) fn all<T, F, A>(first: u64, size: u64, page: F) -> BoxStream<'static, Result<T>>
where
    T: Send + 'static,
    F: Fn(u64) -> A + Send + Sync + 'static,
    A: Future<Output = Result<(Vec<T>, Option<u64>)>> + Send + 'static,
{
    let pages = stream::try_unfold(Some(0), move |taken: Option<u64>| {
        let next = taken.map(|taken| (taken, page(first.saturating_add(taken))));
        async move {
            let Some((taken, page)) = next else {
                return Ok::<_, crate::Error>(None);
            };
            let (items, total) = page.await?;
            let came = items.len() as u64;
            let taken = taken.saturating_add(came);
            // Nobody counted, where something came of nothing.
            let is_last = match total.filter(|total| *total > 0) {
                Some(total) => taken >= total,
                None => came < size,
            };
            // An empty page says that there is no more, whatever was counted.
            let next = (came > 0 && !is_last).then_some(taken);
            Ok(Some((items, next)))
        }
    });
    let items = pages.map_ok(|items| stream::iter(items.into_iter().map(Ok)));
    items.try_flatten().boxed()
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use futures_util::TryStreamExt;

    use super::*;

    async fn asked(first: u64, list: u64, says: impl Fn(u64) -> Option<u64>) -> Vec<u64> {
        let starts = Arc::new(Mutex::new(Vec::new()));
        let total = says(list);
        let seen = Arc::clone(&starts);
        let items = all(first, 2, move |start| {
            seen.lock().unwrap().push(start);
            let from = start - first;
            async move { Ok(((from..list.min(from + 2)).collect(), total)) }
        });
        let items: Vec<u64> = items.try_collect().await.unwrap();
        assert_eq!(items, (0..list).collect::<Vec<_>>());
        starts.lock().unwrap().clone()
    }

    #[tokio::test]
    async fn pages_are_asked_for_to_the_end_and_no_further() {
        assert_eq!(asked(1, 4, Some).await, [1, 3]);
        assert_eq!(asked(0, 5, Some).await, [0, 2, 4]);
        assert_eq!(asked(0, 0, Some).await, [0]);
        assert_eq!(asked(0, 4, |_| None).await, [0, 2, 4]);
        assert_eq!(asked(0, 3, |_| None).await, [0, 2]);
        // More were promised than there are.
        assert_eq!(asked(0, 4, |_| Some(9)).await, [0, 2, 4]);
    }
}
