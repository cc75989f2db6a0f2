//! The way to hosts that cannot be reached directly.

use std::fmt;

use reqwest::{NoProxy, Proxy};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::{Error, Result, Url, shown};

/// Proxies: whom a client asks instead of the hosts themselves.
///
/// A proxy may lie in a private network, without a [`Fence`](crate::Fence) that says so: it is chosen by whoever
/// configures the client, not by an address in the data. Behind a proxy, it is the proxy that resolves the
/// names of hosts: the fence still checks the names, but cannot check what addresses they lead to.
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
    /// The address of the proxy for `http` addresses; it may hold a user name and a password, and do without
    /// its own `http://`.
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

    /// The names of the proxies.
    pub(crate) fn hosts(&self) -> Vec<String> {
        let both = [&self.http, &self.https].into_iter().flatten();
        let urls = both.filter_map(parsed);
        urls.filter_map(|url| url.host_str().map(str::to_owned))
            .collect()
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
        // Those of other kinds, such as SOCKS, would be taken, and then not be asked as they want it.
        let url = parsed(address).filter(|url| matches!(url.scheme(), "http" | "https"));
        let proxy = url.as_ref().and_then(|url| make(url.as_str()).ok());
        let proxy = proxy.ok_or_else(|| {
            let problem = "it is no address of a proxy; write it as http://proxy.example:8080";
            let url = hidden(address);
            Error::Address { url, problem }
        })?;
        Ok(proxy.no_proxy(NoProxy::from_string(&self.no_proxy)))
    }
}

/// The address, where it is one. Without a scheme, a user name would be taken for it, and the password for a path.
fn parsed(address: &SecretString) -> Option<Url> {
    let text = address.expose_secret();
    match text.contains("://") {
        true => text.parse().ok(),
        false => format!("http://{text}").parse().ok(),
    }
}

/// The address without user and password.
fn hidden(address: &SecretString) -> String {
    parsed(address).map_or_else(|| "of the proxy".to_owned(), |url| shown(&url))
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
    fn an_address_may_do_without_its_scheme() {
        let proxies = Proxies::all("me:hunter2@Proxy.example:8080");
        assert_eq!(proxies.hosts(), ["proxy.example", "proxy.example"]);
        assert_eq!(proxies.built().unwrap().len(), 2);
        let shown = format!("{proxies:?}");
        assert!(shown.contains("http://proxy.example:8080/"), "{shown}");
        assert!(!shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn a_wrong_address_is_told_without_its_password() {
        for wrong in [
            "http://me:hunter2@",
            "me:hunter2@",
            "socks5://me:hunter2@proxy.example:1080",
        ] {
            let error = Proxies::all(wrong).built().unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        }
    }
}
