//! Sharing files and folders with others.

use jiff::civil::Date;
use rsmf_core::Result;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};

use super::Ocs;
use rsmf_http::Method;

const SHARES: &str = "apps/files_sharing/api/v1/shares";

/// With whom something is shared.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ShareWith {
    /// A user of the server, by their id.
    User(String),
    /// A group.
    Group(String),
    /// Whoever has the address.
    Link,
    /// Whoever gets this e-mail.
    Email(String),
}

impl ShareWith {
    fn kind(&self) -> u8 {
        match self {
            Self::User(_) => 0,
            Self::Group(_) => 1,
            Self::Link => 3,
            Self::Email(_) => 4,
        }
    }

    fn whom(&self) -> Option<&str> {
        match self {
            Self::User(name) | Self::Group(name) | Self::Email(name) => Some(name),
            Self::Link => None,
        }
    }
}

/// What those may do with whom something is shared: a sum of bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Permissions(pub u8);

impl Permissions {
    /// Read it.
    pub const READ: Self = Self(1);
    /// Change it.
    pub const UPDATE: Self = Self(2);
    /// Put something into it.
    pub const CREATE: Self = Self(4);
    /// Delete it.
    pub const DELETE: Self = Self(8);
    /// Share it with others.
    pub const SHARE: Self = Self(16);
    /// Everything.
    pub const ALL: Self = Self(31);

    /// Both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Something that is to be shared.
#[derive(Debug, Clone)]
#[must_use = "nothing happens until it is given to `share`"]
pub struct NewShare {
    path: String,
    with: ShareWith,
    change: ShareChange,
}

impl NewShare {
    /// Shares what lies at `path` in the user's files.
    pub fn new(path: impl Into<String>, with: ShareWith) -> Self {
        Self {
            path: path.into(),
            with,
            change: ShareChange::default(),
        }
    }

    /// Shares it by an address, to be read.
    pub fn link(path: impl Into<String>) -> Self {
        Self::new(path, ShareWith::Link)
    }

    /// What those may do; the server's usual where this is not said.
    pub fn permissions(mut self, permissions: Permissions) -> Self {
        self.change.permissions = Some(permissions);
        self
    }

    /// What they have to know besides.
    pub fn password(mut self, password: impl Into<SecretString>) -> Self {
        self.change.password = Some(password.into());
        self
    }

    /// From which day on it is over.
    pub fn expires(mut self, day: Date) -> Self {
        self.change.expires = Some(day);
        self
    }

    /// What is written to them.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.change.note = Some(note.into());
        self
    }

    /// By what name the owner knows it.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.change.label = Some(label.into());
        self
    }
}

/// What is to be different about a share; what is `None` stays.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ShareChange {
    /// What those may do.
    pub permissions: Option<Permissions>,
    /// What they have to know.
    pub password: Option<SecretString>,
    /// From which day on it is over.
    pub expires: Option<Date>,
    /// What is written to them.
    pub note: Option<String>,
    /// By what name the owner knows it.
    pub label: Option<String>,
}

impl ShareChange {
    fn fields(&self) -> Vec<(&'static str, String)> {
        let permissions = self
            .permissions
            .map(|permissions| permissions.0.to_string());
        let password = self.password.as_ref();
        let fields = [
            ("permissions", permissions),
            (
                "password",
                password.map(|secret| secret.expose_secret().to_owned()),
            ),
            ("expireDate", self.expires.map(|day| day.to_string())),
            ("note", self.note.clone()),
            ("label", self.label.clone()),
        ];
        let given = fields.into_iter();
        given
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    }
}

/// Something that is shared.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct Share {
    /// By what it is changed and revoked.
    #[serde(deserialize_with = "text")]
    pub id: String,
    /// With whom, by number: 0 a user, 1 a group, 3 a link, 4 an e-mail.
    pub share_type: u32,
    /// With whom, by name.
    #[serde(default)]
    pub share_with: Option<String>,
    /// What they may do.
    pub permissions: Permissions,
    /// Where it lies in the owner's files.
    #[serde(default)]
    pub path: Option<String>,
    /// The address of a link: whoever has it gets in, so it is a secret.
    #[serde(default)]
    pub url: Option<SecretString>,
    /// What stands for the link in addresses: as secret as that.
    #[serde(default)]
    pub token: Option<SecretString>,
    /// When it is over, as the server writes it: `2030-01-31 00:00:00`.
    #[serde(default)]
    pub expiration: Option<String>,
    /// What was written to them.
    #[serde(default)]
    pub note: Option<String>,
    /// By what name the owner knows it.
    #[serde(default)]
    pub label: Option<String>,
}

/// Some servers write numbers as texts, others as numbers.
pub(super) fn text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Text(String),
        Number(i64),
    }

    Either::deserialize(from).map(|either| match either {
        Either::Text(text) => text,
        Either::Number(number) => number.to_string(),
    })
}

impl Ocs {
    /// Shares something. It is asked for once only: a lost answer may leave a share behind.
    ///
    /// # Errors
    /// [`NotFound`](rsmf_core::Error::NotFound) for the path; [`Denied`](rsmf_core::Error::Denied) or
    /// [`InvalidInput`](rsmf_core::Error::InvalidInput) where the server's policy asks for another password
    /// or an earlier day, which the cause tells.
    pub async fn share(&self, share: &NewShare) -> Result<Share> {
        let mut fields = share.change.fields();
        fields.push(("path", format!("/{}", share.path.trim_start_matches('/'))));
        fields.push(("shareType", share.with.kind().to_string()));
        fields.extend(share.with.whom().map(|name| ("shareWith", name.to_owned())));
        self.caller
            .form("share", Method::POST, SHARES, &fields)
            .await
    }

    /// What is shared at `path` in the user's files.
    ///
    /// # Errors
    /// [`NotFound`](rsmf_core::Error::NotFound).
    pub async fn shares(&self, path: &str) -> Result<Vec<Share>> {
        let path = format!("/{}", path.trim_start_matches('/'));
        self.caller
            .get("list shares on", SHARES, &[("path", path)])
            .await
    }

    /// Changes a share. Nextcloud takes one change at a time, so that some may take place before one is refused.
    ///
    /// # Errors
    /// As for [`share`](Self::share).
    pub async fn change_share(&self, id: &str, change: &ShareChange) -> Result<()> {
        let path = format!("{SHARES}/{}", crate::webdav::href::encoded(id));
        for field in change.fields() {
            let fields = [field];
            self.caller
                .done("change a share on", Method::PUT, &path, &fields)
                .await?;
        }
        Ok(())
    }

    /// Ends a share.
    ///
    /// # Errors
    /// [`NotFound`](rsmf_core::Error::NotFound).
    pub async fn revoke_share(&self, id: &str) -> Result<()> {
        let path = format!("{SHARES}/{}", crate::webdav::href::encoded(id));
        self.caller
            .done("end a share on", Method::DELETE, &path, &[])
            .await
    }
}
