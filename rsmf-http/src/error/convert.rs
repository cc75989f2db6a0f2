//! From errors of HTTP to those of integrations.

use rsmf_core::Failure;

use super::{Category, Error};

impl From<Error> for rsmf_core::Error {
    fn from(error: Error) -> Self {
        let target = error.url().unwrap_or("anything by HTTP").to_owned();
        let (category, delay) = (error.category(), error.retry_after());
        let failure = Failure::new("fetch", target).source(error);
        match category {
            Category::RateLimit => failure.rate_limited(delay),
            Category::Timeout | Category::Deadline => failure.timed_out(),
            Category::Network | Category::Server | Category::CircuitOpen => failure.unavailable(),
            Category::Authentication | Category::Permission => failure.denied(),
            Category::NotFound => failure.not_found(),
            Category::Conflict => failure.conflict(),
            Category::InvalidInput => failure.invalid_input(),
            Category::Protocol | Category::Setup => failure.other(),
        }
    }
}
