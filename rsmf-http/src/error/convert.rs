//! From errors of HTTP to those of integrations.

use std::time::Duration;

use rsmf_core::Failure;

use super::{Category, Error};

impl Category {
    /// The failure of an integration that this is; `delay` is how long the [server asked to wait](Error::retry_after).
    #[cfg_attr(docsrs, doc(cfg(feature = "integration")))]
    pub fn failure(self, failure: Failure, delay: Option<Duration>) -> rsmf_core::Error {
        match self {
            Self::RateLimit => failure.rate_limited(delay),
            Self::Timeout | Self::Deadline => failure.timed_out(),
            Self::Network | Self::Server | Self::CircuitOpen => failure.unavailable(),
            Self::Authentication | Self::Permission => failure.denied(),
            Self::NotFound => failure.not_found(),
            Self::Conflict => failure.conflict(),
            Self::InvalidInput => failure.invalid_input(),
            Self::Protocol | Self::Setup => failure.other(),
        }
    }
}

#[cfg_attr(docsrs, doc(cfg(feature = "integration")))]
impl From<Error> for rsmf_core::Error {
    fn from(error: Error) -> Self {
        let target = error.url().unwrap_or("anything by HTTP").to_owned();
        let (category, delay) = (error.category(), error.retry_after());
        let failure = Failure::new("fetch", target).source(error);
        category.failure(failure, delay)
    }
}
