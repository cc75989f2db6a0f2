//! The time that a request may take as a whole.

use tokio::time::timeout_at;

use super::{Attempt, Transport};
use crate::{Error, Response, Result, call::Call};

impl<T: Transport> Attempt<T> {
    /// Gives up an attempt when the time of its request is over. Pauses between attempts end before.
    pub(super) async fn bounded(&self, call: &Call) -> Result<Response> {
        let Some(end) = call.deadline else {
            return self.chosen(call).await;
        };
        match timeout_at(end, Box::pin(self.chosen(call))).await {
            Ok(result) => result,
            Err(_) => Err(Error::Deadline {
                asked: call.asked(),
                source: None,
            }),
        }
    }
}
