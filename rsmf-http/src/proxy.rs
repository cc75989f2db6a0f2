//! The way to hosts that cannot be reached directly.

use std::fmt;

use reqwest::{NoProxy, Proxy};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::{Error, Result, Url, shown};

/// Proxies: whom a client asks instead of the hosts themselves.
///
/// A [`Fence`](crate::Fence) has to let the client connect to a proxy that is named (its name and, where it
/// is in a private network, its address); one that is given by a numeric address is taken as it is. Behind a
/// proxy, it is the proxy that resolves the names of hosts: the fence still checks the names, but cannot
/// check what addresses they lead to.
///
/// The library reads no environment; a program that wants to do as the environment says passes it:
///
/// ```
/// use rsmf_http::Proxies;
///
/// let proxies = Proxies::from_variables(|name| std::env::var(name).ok());
/// ```
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Proxies {
    /// The address of the proxy for `http` addresses; it may hold a user name and a password.
    pub http: Option<SecretString>,
    /// The same for `https` addresses.
    pub https: Option<SecretString>,
    /// Hosts that are asked directly: names (with all that end so), addresses and networks
    /// (`10.0.0.0/8`), with commas between them; `*` for all.
    pub no_proxy: String,
}

impl Proxies {
    /// One proxy for everything.
    pub fn all(address: impl Into<SecretString>) -> Self {
        let address = address.into();
        Self {
            http: Some(address.clone()),
            https: Some(address),
            no_proxy: String::new(),
        }
    }

    /// Hosts that are asked directly.
    #[must_use]
    pub fn except(mut self, hosts: impl Into<String>) -> Self {
        self.no_proxy = hosts.into();
        self
    }

    /// As the environment says: `https_proxy`, `http_proxy`, `all_proxy`, `no_proxy`, also in capitals, but
    /// for `HTTP_PROXY`, which a request to a CGI program can set.
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Self {
        let either = |name: &str| {
            let found = variable(name).or_else(|| variable(&name.to_uppercase()));
            found.filter(|value| !value.is_empty())
        };
        let all = either("all_proxy");
        let http = variable("http_proxy").filter(|value| !value.is_empty());
        Self {
            http: http.or_else(|| all.clone()).map(Into::into),
            https: either("https_proxy").or(all).map(Into::into),
            no_proxy: either("no_proxy").unwrap_or_default(),
        }
    }

    /// What reqwest takes.
    pub(crate) fn built(&self) -> Result<Vec<Proxy>> {
        let mut built = Vec::new();
        if let Some(address) = &self.http {
            built.push(self.one(address, |url| Proxy::http(url))?);
        }
        if let Some(address) = &self.https {
            built.push(self.one(address, |url| Proxy::https(url))?);
        }
        Ok(built)
    }

    fn one(
        &self,
        address: &SecretString,
        make: impl Fn(&str) -> reqwest::Result<Proxy>,
    ) -> Result<Proxy> {
        let proxy = make(address.expose_secret()).map_err(|_| {
            let problem = "it is no address of a proxy; write it as http://proxy.example:8080";
            let url = hidden(address);
            Error::Address { url, problem }
        })?;
        Ok(proxy.no_proxy(NoProxy::from_string(&self.no_proxy)))
    }
}

/// The address without user and password.
fn hidden(address: &SecretString) -> String {
    let url = address.expose_secret().parse::<Url>();
    url.map_or_else(|_| "of the proxy".to_owned(), |url| shown(&url))
}

impl PartialEq for Proxies {
    fn eq(&self, other: &Self) -> bool {
        let plain = |address: &Option<SecretString>| {
            let address = address.as_ref()?;
            Some(address.expose_secret().to_owned())
        };
        plain(&self.http) == plain(&other.http)
            && plain(&self.https) == plain(&other.https)
            && self.no_proxy == other.no_proxy
    }
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxies")
            .field("http", &self.http.as_ref().map(hidden))
            .field("https", &self.https.as_ref().map(hidden))
            .field("no_proxy", &self.no_proxy)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(variables: &[(&str, &str)]) -> String {
        let proxies = Proxies::from_variables(|name| {
            let found = variables.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        });
        format!("{proxies:?}")
    }

    #[test]
    fn the_environment_is_read_as_others_read_it() {
        let found = from(&[
            ("HTTPS_PROXY", "http://me:hunter2@a:1"),
            ("HTTP_PROXY", "http://evil"),
            ("no_proxy", "b"),
        ]);
        let wanted = r#"Proxies { http: None, https: Some("http://a:1/"), no_proxy: "b" }"#;
        assert_eq!(found, wanted);
        let found = from(&[("ALL_PROXY", "http://a"), ("https_proxy", "")]);
        let wanted =
            r#"Proxies { http: Some("http://a/"), https: Some("http://a/"), no_proxy: "" }"#;
        assert_eq!(found, wanted);
    }

    #[test]
    fn a_wrong_address_is_told_without_its_password() {
        let error = Proxies::all("http://me:hunter2@").built().unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    }
}
