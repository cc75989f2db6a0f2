//! Where a client may go.

mod class;
mod host;

use std::net::IpAddr;

use url::{Host, Url};

pub use self::{class::is_public, host::AllowedHost};
use crate::{Error, Result, shown};

/// The hosts that a client may talk to. Whatever an address in the data says, nothing else is
/// ever connected to, also not after a redirect, and never an address that is not
/// [public](is_public), unless that host's rule says so.
///
/// ```
/// use rsmf_http::{AllowedHost, Fence};
///
/// let fence = Fence::new(["*.slack.com".parse()?]);
/// assert!(fence.check(&"https://files.slack.com/a.png".parse()?).is_ok());
/// for elsewhere in ["https://example.com/", "http://files.slack.com/", "https://slack.com.evil.example/"] {
///     assert!(fence.check(&elsewhere.parse()?).is_err());
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Fence {
    allowed: Vec<AllowedHost>,
    /// Whether every public host is allowed.
    everyone: bool,
    /// Names of proxies, which may lie anywhere, but are no hosts to ask for something.
    proxies: Vec<String>,
}

impl Fence {
    /// Lets through to these hosts.
    pub fn new(allowed: impl IntoIterator<Item = AllowedHost>) -> Self {
        Self {
            allowed: allowed.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Lets through to every host of the public internet, by `https`.
    pub fn public() -> Self {
        Self {
            everyone: true,
            ..Self::default()
        }
    }

    /// Lets through to this host as well.
    #[must_use]
    pub fn and(mut self, host: AllowedHost) -> Self {
        self.allowed.push(host);
        self
    }

    /// Lets connections to these proxies through, wherever they are.
    pub(crate) fn by(mut self, proxies: Vec<String>) -> Self {
        self.proxies = proxies;
        self
    }

    /// The hosts that are let through to.
    pub fn hosts(&self) -> &[AllowedHost] {
        &self.allowed
    }

    /// Whether an address may be asked for, as far as can be told before its name is resolved.
    ///
    /// # Errors
    /// [`Error::Address`] for another scheme than `https` (and `http`, where allowed), or one
    /// with a user name in it; [`Error::HostNotAllowed`]; [`Error::PrivateAddress`] where the
    /// host is such an address.
    pub fn check(&self, url: &Url) -> Result<()> {
        let wrong = |problem| Error::Address {
            url: shown(url),
            problem,
        };
        let Some(host) = url.host() else {
            return Err(wrong("it names no host"));
        };
        if !matches!(url.scheme(), "http" | "https") {
            return Err(wrong("only https:// addresses are fetched"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("it holds a user name or a password"));
        }
        let rule = self.rule(url);
        let private = rule.is_some_and(|rule| rule.private);
        let allowed = rule.is_some() || (self.everyone && url.scheme() == "https");
        // A name may be private at some ports only, which its addresses do not tell any more.
        if !allowed || (!private && self.is_private(url.host_str().unwrap_or_default())) {
            return Err(Error::HostNotAllowed {
                host: place(url, &host),
                url: shown(url),
            });
        }
        match address(&host) {
            Some(address) if !private && !is_public(address) => Err(Error::PrivateAddress {
                host: host.to_string(),
                url: shown(url),
            }),
            _ => Ok(()),
        }
    }

    /// Whether a host of this name may be found at this address.
    pub(crate) fn admits(&self, name: &str, address: IpAddr) -> bool {
        is_public(address) || self.is_private(name)
    }

    /// Whether a host of this name may lie at an address that is not public, at some port.
    fn is_private(&self, name: &str) -> bool {
        let mut rules = self.allowed.iter();
        rules.any(|rule| rule.private && rule.matches_name(name))
            || self.proxies.iter().any(|proxy| proxy == name)
    }

    fn rule(&self, url: &Url) -> Option<&AllowedHost> {
        let name = url.host_str()?;
        // The one that allows most, where several speak of the host.
        let fitting = self.allowed.iter().filter(|rule| {
            rule.matches_name(name)
                && rule.matches_port(url.port())
                && (rule.plain || url.scheme() == "https")
        });
        fitting.max_by_key(|rule| rule.private)
    }
}

/// What people have to allow to let this address through.
fn place(url: &Url, host: &Host<&str>) -> String {
    let scheme = match url.scheme() {
        "https" => "",
        _ => "http://",
    };
    match url.port() {
        Some(port) => format!("{scheme}{host}:{port}"),
        None => format!("{scheme}{host}"),
    }
}

fn address(host: &Host<&str>) -> Option<IpAddr> {
    match host {
        Host::Ipv4(address) => Some((*address).into()),
        Host::Ipv6(address) => Some((*address).into()),
        Host::Domain(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(fence: &Fence, url: &str) -> &'static str {
        match fence.check(&url.parse().unwrap()) {
            Ok(()) => "ok",
            Err(Error::HostNotAllowed { .. }) => "host",
            Err(Error::PrivateAddress { .. }) => "private",
            Err(Error::Address { .. }) => "address",
            Err(_) => "other",
        }
    }

    #[test]
    fn lets_through_what_is_named_and_nothing_else() {
        let rules = [
            "files.slack.com",
            "*.slack.com",
            "10.0.0.7:8080",
            "http://mirror.example",
        ];
        let fence = Fence::new(rules.map(|rule| rule.parse().unwrap()));
        for (url, expected) in [
            ("https://files.slack.com/a?t=xoxe-1", "ok"),
            ("https://FILES.slack.com./a", "ok"),
            ("https://acme.slack.com/a", "ok"),
            ("https://a.b.slack.com/a", "ok"),
            ("https://slack.com/a", "host"),
            ("https://evilslack.com/a", "host"),
            ("https://files.slack.com.evil.example/", "host"),
            ("https://files.slack.com@evil.example/", "address"),
            ("https://user:word@files.slack.com/", "address"),
            ("https://files.slack.com:8443/a", "host"),
            ("http://files.slack.com/a", "host"),
            ("http://mirror.example/a", "ok"),
            ("https://mirror.example/a", "ok"),
            ("https://10.0.0.7:8080/a", "private"),
            ("https://10.0.0.7/a", "host"),
            ("https://127.0.0.1/a", "host"),
            ("file:///etc/passwd", "address"),
            ("ftp://files.slack.com/a", "address"),
            ("data:text/plain,a", "address"),
        ] {
            assert_eq!(verdict(&fence, url), expected, "{url}");
        }
    }

    #[test]
    fn private_addresses_are_allowed_host_by_host() {
        let mine: AllowedHost = "http://[::1]:9000".parse().unwrap();
        let fence = Fence::new([mine.private(), "*.slack.com".parse().unwrap()]);
        assert_eq!(verdict(&fence, "http://[::1]:9000/a"), "ok");
        assert_eq!(verdict(&fence, "http://[::1]:9001/a"), "host");
        // Another way to write an address is the same address.
        let mapped = Fence::new(["[::ffff:127.0.0.1]".parse().unwrap()]);
        assert_eq!(verdict(&mapped, "https://[::ffff:7f00:1]/"), "private");
        assert!(!fence.admits("files.slack.com", [10, 0, 0, 1].into()));
        assert!(fence.admits("files.slack.com", [3, 0, 0, 1].into()));
        // What is private at one port is not open at all others.
        let inside: AllowedHost = "http://inside.example:8080".parse().unwrap();
        let fence = Fence::public().and(inside.private());
        assert_eq!(verdict(&fence, "http://inside.example:8080/"), "ok");
        assert_eq!(verdict(&fence, "https://inside.example/"), "host");
        assert_eq!(verdict(&fence, "https://elsewhere.example/"), "ok");
        // A proxy is connected to, but not asked for anything itself.
        let fence = Fence::public().by(vec!["proxy.example".to_owned()]);
        assert!(fence.admits("proxy.example", [10, 0, 0, 1].into()));
        assert_eq!(verdict(&fence, "https://proxy.example/"), "host");
    }
}
