//! Several places that serve the same.
//!
//! `tower::balance` was looked at: it prefers who has least to do, but knows neither weights nor
//! regions that stand in for others.

mod health;
mod layer;

use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::Instant;
use url::Url;

pub(crate) use self::layer::Choice;
use crate::{Error, Result, call::host, host::Hosts, shown};

/// One of several places that serve the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    base: Url,
    weight: u32,
    rank: u32,
}

impl Endpoint {
    /// The place that this address begins with: `https://eu.example.com/api/`.
    pub fn new(base: Url) -> Self {
        Self {
            base,
            weight: 1,
            rank: 0,
        }
    }

    /// Gives it so many shares of the requests, at least 1: 1.
    #[must_use]
    pub fn weight(mut self, shares: u32) -> Self {
        self.weight = shares;
        self
    }

    /// Lets it stand in where all of lower ranks are down: 0.
    #[must_use]
    pub fn rank(mut self, rank: u32) -> Self {
        self.rank = rank;
        self
    }
}

/// Several places that serve the same, such as regions. Each attempt goes to one of the lowest rank that
/// is well, at random by their weights; another attempt of the same request goes to another one. When the
/// first is well again, requests return to it.
///
/// A place is not well while its [circuit](crate::CircuitState) is open, while it asks for a pause, or
/// after a [health check](Endpoints::watch) failed. Clones share what they know.
///
/// ```no_run
/// use rsmf_http::{Client, Endpoint, Endpoints, Method};
///
/// # async fn example(client: Client) -> Result<(), Box<dyn std::error::Error>> {
/// let endpoints = Endpoints::new([
///     Endpoint::new("https://eu.example.com/api/".parse()?).weight(3),
///     Endpoint::new("https://eu2.example.com/api/".parse()?),
///     Endpoint::new("https://us.example.com/api/".parse()?).rank(1),
/// ])?;
/// let answer = client.at(&endpoints, Method::GET, "v1/users")?.send().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Endpoints(Arc<[State]>);

#[derive(Debug)]
struct State {
    endpoint: Endpoint,
    /// A health check failed, which counts until the next ones should have come.
    down_until: Mutex<Option<Instant>>,
}

impl State {
    fn is_down(&self) -> bool {
        let until = *self
            .down_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| until > Instant::now())
    }

    fn is_well(&self, hosts: &Hosts) -> bool {
        !self.is_down() && hosts.get(host(&self.endpoint.base)).is_ready()
    }
}

impl Endpoints {
    /// These places.
    ///
    /// # Errors
    /// [`Error::Setup`] where there are none.
    pub fn new(endpoints: impl IntoIterator<Item = Endpoint>) -> Result<Self> {
        let states = endpoints.into_iter().map(|endpoint| State {
            endpoint,
            down_until: Mutex::default(),
        });
        let states: Arc<[State]> = states.collect();
        match states.is_empty() {
            true => Err(Error::Setup("there is no endpoint to choose from".into())),
            false => Ok(Self(states)),
        }
    }

    /// The address of a path at the first place.
    pub(crate) fn first(&self, path: &str) -> Result<Url> {
        self.url(0, path)
    }

    fn url(&self, index: usize, path: &str) -> Result<Url> {
        let Some(State { endpoint, .. }) = self.0.get(index) else {
            return Err(Error::Setup("there is no such endpoint".into()));
        };
        let url = endpoint.base.join(path.trim_start_matches('/')).ok();
        // A path that is an address by itself would lead credentials astray.
        let url = url.filter(|url| url.origin() == endpoint.base.origin());
        url.ok_or_else(|| Error::Address {
            url: shown(&endpoint.base),
            problem: "what is asked for there is no path",
        })
    }

    /// Where the next attempt goes: where none went so far, if possible, and where all is well, if
    /// possible.
    fn pick(&self, hosts: &Hosts, tried: &[usize]) -> usize {
        let well = |index: &usize| self.0.get(*index).is_some_and(|state| state.is_well(hosts));
        let untried = |index: &usize| !tried.contains(index);
        let all = || 0..self.0.len();
        self.among(all().filter(untried).filter(well))
            .or_else(|| self.among(all().filter(well)))
            .or_else(|| self.among(all().filter(untried)))
            .or_else(|| self.among(all()))
            .unwrap_or_default()
    }

    /// Whether there is somewhere else to go that is well.
    fn has_other(&self, hosts: &Hosts, tried: &[usize]) -> bool {
        let mut states = self.0.iter().enumerate();
        states.any(|(index, state)| !tried.contains(&index) && state.is_well(hosts))
    }

    /// One of these at random, by weight, among those of the lowest rank.
    fn among(&self, candidates: impl Iterator<Item = usize>) -> Option<usize> {
        let found: Vec<_> = candidates
            .filter_map(|index| Some((index, &self.0.get(index)?.endpoint)))
            .collect();
        let rank = found.iter().map(|(_, endpoint)| endpoint.rank).min()?;
        let found = found.iter().filter(|(_, endpoint)| endpoint.rank == rank);
        let weight = |endpoint: &Endpoint| u64::from(endpoint.weight.max(1));
        let total = found.clone().map(|(_, endpoint)| weight(endpoint)).sum();
        let mut left = fastrand::u64(0..total);
        for (index, endpoint) in found {
            match left.checked_sub(weight(endpoint)) {
                Some(rest) => left = rest,
                None => return Some(*index),
            }
        }
        None
    }

    fn set_down(&self, index: usize, until: Option<Instant>) {
        if let Some(state) = self.0.get(index) {
            *state
                .down_until
                .lock()
                .unwrap_or_else(PoisonError::into_inner) = until;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::HashMap, time::Duration};

    use super::*;
    use crate::{
        Config,
        host::{Pass, Verdict},
        stats::Meter,
    };

    fn hosts() -> Hosts {
        let meter = Meter::new().unwrap();
        Hosts::new(Arc::new(Config::default()), Arc::new(meter))
    }

    fn endpoints(each: &[(u32, u32)]) -> Endpoints {
        let each = each.iter().enumerate().map(|(index, (weight, rank))| {
            let base = format!("https://e{index}.example/api/").parse().unwrap();
            Endpoint::new(base).weight(*weight).rank(*rank)
        });
        Endpoints::new(each).unwrap()
    }

    fn open(hosts: &Hosts, name: &str) {
        for _ in 0..5 {
            Pass::new(hosts.get(name)).unwrap().end(Verdict::Failed);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn shares_follow_the_weights() {
        let (endpoints, hosts) = (endpoints(&[(3, 0), (1, 0), (9, 1)]), hosts());
        let mut found = HashMap::new();
        for _ in 0..4000 {
            *found.entry(endpoints.pick(&hosts, &[])).or_insert(0) += 1;
        }
        assert!((2800..3200).contains(&found[&0]), "{found:?}");
        assert!(!found.contains_key(&2));
    }

    #[tokio::test(start_paused = true)]
    async fn another_region_stands_in_until_the_first_is_well() {
        let (endpoints, hosts) = (endpoints(&[(1, 0), (1, 1), (1, 2)]), hosts());
        assert_eq!(endpoints.pick(&hosts, &[0]), 1);
        open(&hosts, "e0.example");
        assert_eq!(endpoints.pick(&hosts, &[]), 1);
        assert!(endpoints.has_other(&hosts, &[]));
        hosts.get("e1.example").hold(Duration::from_secs(40));
        assert_eq!(endpoints.pick(&hosts, &[]), 2);
        assert!(!endpoints.has_other(&hosts, &[2]));
        tokio::time::advance(Duration::from_secs(31)).await;
        assert_eq!(endpoints.pick(&hosts, &[]), 0);
        // Where nothing is well, something is tried nevertheless.
        endpoints.set_down(0, Instant::now().checked_add(Duration::from_secs(9)));
        open(&hosts, "e2.example");
        assert_eq!(endpoints.pick(&hosts, &[]), 0);
        assert_eq!(endpoints.pick(&hosts, &[0]), 1);
    }

    #[test]
    fn paths_stay_where_they_belong() {
        let endpoints = endpoints(&[(1, 0)]);
        let url = endpoints.first("/v1/a?b=c").unwrap();
        assert_eq!(url.as_str(), "https://e0.example/api/v1/a?b=c");
        for path in ["https://evil.example/", "http://e0.example/"] {
            assert!(endpoints.first(path).is_err(), "{path}");
        }
        assert!(Endpoints::new([]).is_err());
    }
}
