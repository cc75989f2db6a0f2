//! Proxies, as the environment names them.

use toml::{Table, Value};
use url::Url;

use super::read::Problem;

/// What the variables say, by the names of the file; with the variable.
#[derive(Debug, Default)]
pub(crate) struct Proxies(Vec<(&'static str, &'static str, String)>);

impl Proxies {
    /// As curl reads them: names in small letters go first, and `HTTP_PROXY` does not count.
    pub(super) fn new(variable: impl Fn(&str) -> Option<String>) -> Self {
        let known = [
            (
                "https_proxy",
                &["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"][..],
            ),
            ("http_proxy", &["http_proxy", "all_proxy", "ALL_PROXY"]),
            ("no_proxy", &["no_proxy", "NO_PROXY"]),
        ];
        let set = |(key, names): (&'static str, &'static [&'static str])| {
            let set = |name: &&'static str| Some((*name, variable(name)?));
            let (name, value) = names
                .iter()
                .filter_map(set)
                .find(|(_, value)| !value.is_empty())?;
            Some((key, name, value))
        };
        Self(known.into_iter().filter_map(set).collect())
    }

    /// The variable that a setting of `[network]` comes from.
    pub(crate) fn variable(&self, key: &str) -> Option<&'static str> {
        let known = self.0.iter().find(|(known, ..)| *known == key);
        known.map(|(_, name, _)| *name)
    }

    /// Adds what the file does not say.
    pub(super) fn complete(&self, table: &mut Table) -> Result<(), Problem> {
        if self.0.is_empty() {
            return Ok(());
        }
        let network = table
            .entry("network")
            .or_insert_with(|| Value::Table(Table::new()));
        let Some(network) = network.as_table_mut() else {
            return Ok(());
        };
        for (key, name, value) in &self.0 {
            if !network.contains_key(*key) {
                let value = match *key {
                    "no_proxy" => value.clone(),
                    _ => address(name, value)?,
                };
                network.insert((*key).to_owned(), Value::String(value));
            }
        }
        Ok(())
    }
}

/// `proxy:8080` is one of a proxy as well.
fn address(name: &str, value: &str) -> Result<String, Problem> {
    let url = match value.contains("://") {
        true => value.to_owned(),
        false => format!("http://{value}"),
    };
    match url.parse::<Url>() {
        Ok(_) => Ok(url),
        Err(error) => Err(Problem::new(
            format!("environment variable {name}"),
            format!("it is no address of a proxy: {error}"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_goes_before_the_environment() {
        let proxies = Proxies::new(|name| match name {
            "HTTPS_PROXY" => Some("proxy:8080".to_owned()),
            "HTTP_PROXY" => Some("http://not.me".to_owned()),
            "no_proxy" => Some("localhost".to_owned()),
            _ => None,
        });
        let mut table: Table = "[network]\nno_proxy = 'a'".parse().unwrap();
        proxies.complete(&mut table).unwrap();
        let expected = "[network]\nhttps_proxy = 'http://proxy:8080'\nno_proxy = 'a'";
        assert_eq!(table, expected.parse().unwrap());
        assert_eq!(proxies.variable("https_proxy"), Some("HTTPS_PROXY"));
        let wrong = Proxies::new(|_| Some("http://[secret".to_owned()));
        let problem = wrong.complete(&mut Table::new()).unwrap_err();
        assert!(!format!("{problem:?}").contains("secret"));
    }
}
