//! Credentials, and where to find them.

use std::{fmt, path::PathBuf};

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::{Error, Failure, Result};

/// A secret, or where one is kept. A configuration file can only say where: `{ env = "NAME" }`,
/// `{ file = "path" }` or `{ keyring = "service/user" }`; programs can also hold it themselves.
///
/// ```
/// use rsmf_core::secret::{Secret, SecretSource};
/// use secrecy::ExposeSecret;
///
/// struct Here;
/// impl SecretSource for Here {
///     fn env(&self, name: &str) -> Option<String> {
///         (name == "ACME_KEY").then(|| "hush".to_owned())
///     }
/// }
///
/// let secret: Secret = serde_json::from_str(r#"{"env": "ACME_KEY"}"#)?;
/// assert_eq!(secret.resolve(&Here)?.expose_secret(), "hush");
/// assert_eq!(secret.to_string(), "environment variable ACME_KEY");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Secret {
    /// An environment variable.
    Env(String),
    /// A file, whose last line break does not count.
    File(PathBuf),
    /// The system's keyring: service and user, with a slash between.
    Keyring(String),
    /// The secret itself.
    #[serde(skip)]
    Value(SecretString),
}

/// What gives the secrets that a [`Secret`] names. Only the program around a library knows what it
/// may read.
pub trait SecretSource: Send + Sync {
    /// The environment variable of this name. The default has none.
    fn env(&self, name: &str) -> Option<String> {
        let _ = name;
        None
    }

    /// The keyring's entry for this service and user.
    ///
    /// # Errors
    /// Where there is no such entry, or, as by default, no keyring.
    fn keyring(&self, service: &str, user: &str) -> Result<SecretString> {
        Err(
            Failure::new("read", format!("{service}/{user} from the keyring"))
                .source("no keyring can be used here")
                .unsupported(),
        )
    }
}

/// Gives nothing: for programs that hold their secrets themselves. Files are read all the same.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoSecrets;

impl SecretSource for NoSecrets {}

impl Secret {
    /// Fetches the secret.
    ///
    /// # Errors
    /// [`InvalidInput`](Error::InvalidInput) where there is none, where it is empty, or where a header or a
    /// password could not hold it (line breaks); whatever the file system or the keyring meets.
    pub fn resolve(&self, source: &dyn SecretSource) -> Result<SecretString> {
        let text = match self {
            Self::Value(secret) => secret.clone(),
            Self::Env(name) => source
                .env(name)
                .ok_or_else(|| self.wrong("it is not set"))?
                .into(),
            Self::File(path) => read(path)?.into(),
            Self::Keyring(entry) => {
                let (service, user) = entry
                    .split_once('/')
                    .ok_or_else(|| self.wrong("write it as service/user"))?;
                source.keyring(service, user)?
            }
        };
        match text.expose_secret() {
            "" => Err(self.wrong("it is empty")),
            text if matches!(self, Self::Env(_))
                && text.contains(['\r', '\n'])
                && !text.contains("-----BEGIN") =>
            {
                Err(self.wrong("it has line breaks"))
            }
            _ => Ok(text),
        }
    }

    fn wrong(&self, why: &'static str) -> Error {
        Failure::new("take a secret from", self.to_string())
            .source(why)
            .invalid_input()
    }
}

fn read(path: &PathBuf) -> Result<String> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Error::from_io("read a secret from", path.display().to_string(), error))?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
}

impl From<SecretString> for Secret {
    fn from(secret: SecretString) -> Self {
        Self::Value(secret)
    }
}

impl From<&str> for Secret {
    fn from(secret: &str) -> Self {
        Self::Value(secret.into())
    }
}

impl fmt::Display for Secret {
    /// Where it is kept, never what it is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "environment variable {name}"),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Keyring(entry) => write!(f, "keyring entry {entry}"),
            Self::Value(_) => f.write_str("the program"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;

    struct Env;

    impl SecretSource for Env {
        fn env(&self, name: &str) -> Option<String> {
            ["EMPTY", "LINES"]
                .contains(&name)
                .then(|| name.replace("EMPTY", "").replace("LINES", "a\nb"))
        }
    }

    #[test]
    fn what_cannot_be_a_secret_is_refused() {
        for name in ["EMPTY", "LINES", "ABSENT"] {
            let error = Secret::Env(name.to_owned()).resolve(&Env).unwrap_err();
            assert_eq!(error.kind(), Kind::InvalidInput, "{name}");
            assert!(error.to_string().contains(name));
        }
        let error = Secret::Keyring("a/b".to_owned()).resolve(&Env).unwrap_err();
        assert_eq!(error.kind(), Kind::Unsupported);
        let error = Secret::Keyring("ab".to_owned()).resolve(&Env).unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidInput);
    }

    #[test]
    fn a_file_ends_with_a_line_break() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        for (text, secret) in [
            ("hush\r\n", "hush"),
            ("hush\n\n", "hush\n"),
            ("a\nb", "a\nb"),
        ] {
            std::fs::write(&file, text).unwrap();
            let found = Secret::File(file.clone()).resolve(&NoSecrets).unwrap();
            assert_eq!(found.expose_secret(), secret);
        }
        std::fs::remove_file(&file).unwrap();
        let error = Secret::File(file).resolve(&NoSecrets).unwrap_err();
        assert_eq!(error.kind(), Kind::NotFound);
    }

    #[test]
    fn a_secret_is_never_shown_nor_read_from_a_configuration() {
        let secret = Secret::from("hush");
        assert!(!format!("{secret} {secret:?}").contains("hush"));
        assert!(serde_json::from_str::<Secret>(r#"{"value": "hush"}"#).is_err());
        assert!(serde_json::from_str::<Secret>(r#""hush""#).is_err());
    }
}
