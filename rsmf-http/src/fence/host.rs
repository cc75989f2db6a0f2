//! A host that may be talked to.

use std::{fmt, str::FromStr};

use url::{Host, Url};

use crate::{Error, Result};

/// A host that a client may talk to: `files.slack.com`, `*.slack.com` (any name that ends so, but
/// not `slack.com`), `mirror.example:8443`, `10.0.0.7`, `[fd00::7]`, or `http://mirror.example`,
/// which allows both `http` and `https`. Without a port, the scheme's own.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct AllowedHost {
    /// In lower case, as an address has it; for `*.slack.com`, `.slack.com`.
    name: String,
    any_prefix: bool,
    port: Option<u16>,
    pub(crate) plain: bool,
    pub(crate) private: bool,
}

impl AllowedHost {
    /// Lets the host be at an address that is not public, such as one of a company's network.
    #[must_use]
    pub fn private(mut self) -> Self {
        self.private = true;
        self
    }

    pub(crate) fn matches_name(&self, name: &str) -> bool {
        // A dot at the end names the same host.
        let name = name.strip_suffix('.').unwrap_or(name);
        match self.any_prefix {
            true => name
                .strip_suffix(&self.name)
                .is_some_and(|prefix| !prefix.is_empty()),
            false => name == self.name,
        }
    }

    pub(crate) fn matches_port(&self, port: Option<u16>) -> bool {
        self.port == port
    }
}

/// As it is typed.
impl fmt::Display for AllowedHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.plain { "http://" } else { "" };
        let any = if self.any_prefix { "*" } else { "" };
        write!(f, "{scheme}{any}{}", self.name)?;
        match self.port {
            Some(port) => write!(f, ":{port}"),
            None => Ok(()),
        }
    }
}

impl FromStr for AllowedHost {
    type Err = Error;

    /// # Errors
    /// [`Error::Address`] where it is no host.
    fn from_str(text: &str) -> Result<Self> {
        let wrong = || Error::Address {
            url: unspoken(text).to_owned(),
            problem: "it is no host; write it as files.example.com, files.example.com:8443, \
                      *.example.com or http://files.example.com",
        };
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme @ ("http" | "https"), rest)) => (scheme, rest),
            Some(_) => return Err(wrong()),
            None => ("https", text),
        };
        let (any_prefix, rest) = match rest.strip_prefix("*.") {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        if rest.is_empty() || rest.contains(['/', '?', '#', '@', '*', '\\']) {
            return Err(wrong());
        }
        let url = Url::parse(&format!("{scheme}://{rest}/")).map_err(|_| wrong())?;
        let host = url.host().ok_or_else(wrong)?;
        if any_prefix && !matches!(host, Host::Domain(_)) {
            return Err(wrong());
        }
        let name = host.to_string();
        let name = name.strip_suffix('.').unwrap_or(&name);
        Ok(Self {
            name: if any_prefix {
                format!(".{name}")
            } else {
                name.to_owned()
            },
            any_prefix,
            port: url.port(),
            plain: scheme == "http",
            private: false,
        })
    }
}

impl TryFrom<String> for AllowedHost {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

/// A text without what may be a secret in it: before a host, or in a query.
fn unspoken(text: &str) -> &str {
    let text = text.rsplit_once('@').map_or(text, |(_, host)| host);
    text.split_once(['?', '#']).map_or(text, |(host, _)| host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hosts_are_hosts() {
        for good in [
            "a.example",
            "A.Example:1",
            "*.a.example",
            "http://a",
            "[::1]:80",
            "1.2.3.4",
        ] {
            assert!(good.parse::<AllowedHost>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "*",
            "*.",
            "a/b",
            "ftp://a",
            "a@b",
            "a:b",
            "*.1.2.3.4",
            "a*b",
            "https://a/",
        ] {
            assert!(bad.parse::<AllowedHost>().is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_without_secrets() {
        for bad in ["https://me:s3cret@a.example", "a.example/?key=s3cret"] {
            let error = bad.parse::<AllowedHost>().unwrap_err();
            assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
            assert!(error.to_string().contains("a.example"), "{error}");
        }
    }
}
