//! From errors of HTTP to those of integrations.

use rsmf_core::Failure;

use super::Error;

impl From<Error> for rsmf_core::Error {
    fn from(error: Error) -> Self {
        let target = error.url().unwrap_or("anything by HTTP").to_owned();
        let (category, delay) = (error.category(), error.retry_after());
        let failure = Failure::new("fetch", target).source(error);
        category.failure(failure, delay)
    }
}
