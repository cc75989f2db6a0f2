//! Stopping before the end.

use std::pin::pin;

use futures_util::future::{BoxFuture, Either, Shared, select};

use crate::{Error, Result};

/// Ready when the conversion is to stop.
pub(super) type Stop<'a> = Shared<BoxFuture<'a, ()>>;

/// Does the work, which has nothing in hand that would have to be finished, or stops.
pub(super) async fn until<T>(stop: &Stop<'_>, work: impl Future<Output = Result<T>>) -> Result<T> {
    match select(pin!(work), stop.clone()).await {
        Either::Left((result, _)) => result,
        Either::Right(_) => Err(Error::Interrupted {
            conversations: 0,
            of: 0,
            files: 0,
        }),
    }
}
