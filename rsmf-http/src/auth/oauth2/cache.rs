//! A token for many.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared, WeakShared},
};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

/// How long before its end a token is renewed, at the most; at the least, a tenth of its life.
const MARGIN: Duration = Duration::from_secs(60);

/// Gets tokens, in whatever way: [`Tokens`](super::Tokens) keeps them, and asks again when it is time.
#[async_trait]
pub trait Issuer: Send + Sync + 'static {
    /// Why there is none.
    type Error: std::error::Error + Send + Sync + 'static;

    /// A new token.
    ///
    /// # Errors
    /// Why there is none, without any secret in it. Where an [`Error`](crate::Error) is the cause, the request
    /// that needs the token fails as that does.
    async fn issue(&self) -> Result<Token, Self::Error>;
}

/// A token and its end.
#[derive(Debug, Clone)]
pub struct Token {
    pub(super) value: SecretString,
    /// From when on another one is better; `None` where it is good until it is refused.
    renew: Option<Instant>,
    end: Option<Instant>,
}

impl Token {
    /// A token that was asked for at this moment, and lives that long; where `None`, until it is refused.
    pub fn new(value: SecretString, asked: Instant, lifetime: Option<Duration>) -> Self {
        let at = |after| asked.checked_add(after);
        let early = lifetime.map(|life| life.saturating_sub(MARGIN.min(life / 10)));
        Self {
            value,
            renew: early.and_then(at),
            end: lifetime.and_then(at),
        }
    }

    fn is_fresh(&self) -> bool {
        self.renew.is_none_or(|renew| Instant::now() < renew)
    }

    fn is_good(&self) -> bool {
        self.end.is_none_or(|end| Instant::now() < end)
    }
}

/// A failure that all who waited share.
pub(super) struct Failed<E>(Arc<E>);

impl<E> Failed<E> {
    pub(super) fn error(&self) -> &E {
        &self.0
    }
}

impl<E> Clone for Failed<E> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<E: fmt::Debug> fmt::Debug for Failed<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<E: fmt::Display> fmt::Display for Failed<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<E: std::error::Error> std::error::Error for Failed<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

type Issued<E> = Result<Token, Failed<E>>;
type Flight<E> = BoxFuture<'static, Issued<E>>;

/// Keeps a token, and gets another one when it is time, once for all who ask.
pub(super) struct Cache<I: Issuer> {
    issuer: Arc<I>,
    slot: Arc<Mutex<Slot<I::Error>>>,
}

struct Slot<E> {
    token: Option<Token>,
    /// The request on its way, for as long as somebody waits for it.
    flight: Option<WeakShared<Flight<E>>>,
}

impl<I: Issuer> Cache<I> {
    pub(super) fn new(issuer: I) -> Self {
        let slot = Slot {
            token: None,
            flight: None,
        };
        Self {
            issuer: Arc::new(issuer),
            slot: Arc::new(Mutex::new(slot)),
        }
    }

    pub(super) fn issuer(&self) -> &I {
        &self.issuer
    }

    /// A token that is good now.
    pub(super) async fn token(&self) -> Issued<I::Error> {
        let (flight, old) = {
            let mut slot = lock(&self.slot);
            let old = slot.token.clone().filter(Token::is_good);
            if let Some(token) = old.clone().filter(Token::is_fresh) {
                return Ok(token);
            }
            let flying = slot.flight.as_ref().and_then(WeakShared::upgrade);
            match (flying, old) {
                (Some(_), Some(old)) => return Ok(old),
                (Some(flight), None) => (flight, None),
                (None, old) => (self.depart(&mut slot), old),
            }
        };
        match (flight.await, old) {
            (Err(error), Some(old)) => {
                tracing::warn!(%error, "the old token goes on");
                Ok(old)
            }
            (issued, _) => issued,
        }
    }

    /// Does not give this token any more.
    pub(super) fn forget(&self, refused: &str) {
        let mut slot = lock(&self.slot);
        let is_it = |token: &Token| token.value.expose_secret() == refused;
        if slot.token.as_ref().is_some_and(is_it) {
            slot.token = None;
        }
    }

    /// Sends for a new token.
    fn depart(&self, slot: &mut Slot<I::Error>) -> Shared<Flight<I::Error>> {
        let (issuer, place) = (Arc::clone(&self.issuer), Arc::clone(&self.slot));
        let flight = async move {
            let issued = issuer.issue().await;
            let mut slot = lock(&place);
            slot.flight = None;
            let token = issued.map_err(|error| Failed(Arc::new(error)))?;
            slot.token = Some(token.clone());
            Ok(token)
        };
        let flight = flight.boxed().shared();
        slot.flight = flight.downgrade();
        flight
    }
}

fn lock<E>(slot: &Mutex<Slot<E>>) -> MutexGuard<'_, Slot<E>> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use futures_util::future::join_all;
    use tokio::time::{advance, sleep, timeout};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Takes a second for each token, which then lives for so long.
    struct Counter {
        issued: AtomicU32,
        lifetime: Option<Duration>,
        down_from: u32,
    }

    #[async_trait]
    impl Issuer for Counter {
        type Error = std::io::Error;

        async fn issue(&self) -> Result<Token, std::io::Error> {
            let asked = Instant::now();
            let number = self.issued.fetch_add(1, Ordering::SeqCst) + 1;
            sleep(SECOND).await;
            match number < self.down_from {
                true => Ok(Token::new(number.to_string().into(), asked, self.lifetime)),
                false => Err(std::io::Error::other("down")),
            }
        }
    }

    fn cache(lifetime: Option<u64>, down_from: u32) -> Cache<Counter> {
        Cache::new(Counter {
            issued: AtomicU32::new(0),
            lifetime: lifetime.map(Duration::from_secs),
            down_from,
        })
    }

    impl Cache<Counter> {
        async fn number(&self) -> Option<u32> {
            let token = self.token().await.ok()?;
            token.value.expose_secret().parse().ok()
        }

        async fn two_hundred(&self) -> Vec<Option<u32>> {
            let mut numbers = join_all((0..200).map(|_| self.number())).await;
            numbers.dedup();
            numbers
        }

        fn issued(&self) -> u32 {
            self.issuer.issued.load(Ordering::SeqCst)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn many_share_one_token() {
        let cache = cache(Some(3600), 9);
        assert_eq!(cache.two_hundred().await, [Some(1)]);
        // All of them are refused, and each says so.
        for _ in 0..200 {
            cache.forget("1");
        }
        assert_eq!(cache.two_hundred().await, [Some(2)]);
        // One that comes too late changes nothing.
        cache.forget("1");
        assert_eq!(cache.two_hundred().await, [Some(2)]);
        assert_eq!(cache.issued(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn many_share_one_failure() {
        let cache = cache(None, 1);
        assert_eq!(cache.two_hundred().await, [None]);
        assert_eq!(cache.issued(), 1);
        assert_eq!(cache.number().await, None);
        assert_eq!(cache.issued(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_is_renewed_early_by_one_while_the_others_go_on() {
        let cache = cache(Some(3600), 9);
        assert_eq!(cache.number().await, Some(1));
        // It was asked for a second ago.
        advance(3538 * SECOND).await;
        assert_eq!(cache.number().await, Some(1));
        advance(SECOND).await;
        let (renewing, other) = tokio::join!(cache.number(), cache.number());
        assert_eq!((renewing, other), (Some(2), Some(1)));
        assert_eq!(cache.issued(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_serves_to_its_end_while_no_other_can_be_had() {
        let cache = cache(Some(100), 2);
        assert_eq!(cache.number().await, Some(1));
        advance(95 * SECOND).await;
        assert_eq!(cache.number().await, Some(1));
        advance(4 * SECOND).await;
        assert_eq!(cache.number().await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_without_an_end_is_good_until_it_is_refused() {
        let cache = cache(None, 9);
        assert_eq!(cache.number().await, Some(1));
        advance(1_000_000 * SECOND).await;
        assert_eq!(cache.number().await, Some(1));
    }

    #[tokio::test(start_paused = true)]
    async fn who_gives_up_takes_nobody_along() {
        let cache = cache(None, 9);
        let hasty = timeout(SECOND / 2, cache.number());
        let (hasty, patient) = tokio::join!(hasty, cache.number());
        assert!(hasty.is_err());
        assert_eq!(patient, Some(1));
        cache.forget("1");
        assert!(timeout(SECOND / 2, cache.number()).await.is_err());
        sleep(60 * SECOND).await;
        assert_eq!(cache.number().await, Some(3));
    }
}
