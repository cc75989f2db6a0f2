//! Users and groups of a server. Most of it is for its administrators.

use rsmf_core::Result;
use rsmf_http::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::Ocs;
use crate::webdav::href::encoded;

/// Somebody who is to have an account.
#[derive(Debug, Clone)]
#[must_use = "nothing happens until it is given to `create_user`"]
pub struct NewUser {
    id: String,
    password: Option<SecretString>,
    email: Option<String>,
    display_name: Option<String>,
    groups: Vec<String>,
    quota: Option<String>,
}

impl NewUser {
    /// Somebody by id. The server wants a password or an e-mail address, to which it sends an invitation.
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            password: None,
            email: None,
            display_name: None,
            groups: Vec::new(),
            quota: None,
        }
    }

    /// The password.
    pub fn password(mut self, password: impl Into<SecretString>) -> Self {
        self.password = Some(password.into());
        self
    }

    /// The e-mail address.
    pub fn email(mut self, address: impl Into<String>) -> Self {
        self.email = Some(address.into());
        self
    }

    /// The name that is shown.
    pub fn display_name(mut self, name: impl Into<String>) -> Self {
        self.display_name = Some(name.into());
        self
    }

    /// A group that they belong to; it may be called several times.
    pub fn group(mut self, group: impl Into<String>) -> Self {
        self.groups.push(group.into());
        self
    }

    /// How much they may keep, in the words of the server: `5 GB`, `none`.
    pub fn quota(mut self, quota: impl Into<String>) -> Self {
        self.quota = Some(quota.into());
        self
    }
}

/// What can be changed about a user.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum UserChange {
    /// How much they may keep, in the words of the server: `5 GB`, `none`.
    Quota(String),
    /// The e-mail address.
    Email(String),
    /// The name that is shown.
    DisplayName(String),
    /// The password.
    Password(SecretString),
}

impl UserChange {
    fn fields(&self) -> [(&'static str, String); 2] {
        let (key, value) = match self {
            Self::Quota(value) => ("quota", value.clone()),
            Self::Email(value) => ("email", value.clone()),
            Self::DisplayName(value) => ("displayname", value.clone()),
            Self::Password(secret) => ("password", secret.expose_secret().to_owned()),
        };
        [("key", key.to_owned()), ("value", value)]
    }
}

/// Somebody who has an account.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct User {
    /// The id.
    pub id: String,
    /// Whether they may log in.
    #[serde(default)]
    pub enabled: bool,
    /// The e-mail address.
    #[serde(default)]
    pub email: Option<String>,
    /// The name that is shown.
    #[serde(default, alias = "display-name")]
    pub displayname: Option<String>,
    /// The groups that they belong to.
    #[serde(default)]
    pub groups: Vec<String>,
}

#[derive(Deserialize)]
struct Users {
    users: Vec<String>,
}

#[derive(Deserialize)]
struct Groups {
    groups: Vec<String>,
}

/// How many names one answer has.
const PAGE: usize = 200;

impl Ocs {
    /// Creates an account.
    ///
    /// # Errors
    /// [`Conflict`](rsmf_core::Error::Conflict) where there is one of that id;
    /// [`InvalidInput`](rsmf_core::Error::InvalidInput) for a password that the server's policy refuses.
    pub async fn create_user(&self, user: &NewUser) -> Result<()> {
        let password = user.password.as_ref();
        let fields = [
            ("userid", Some(user.id.clone())),
            (
                "password",
                password.map(|secret| secret.expose_secret().to_owned()),
            ),
            ("email", user.email.clone()),
            ("displayName", user.display_name.clone()),
            ("quota", user.quota.clone()),
        ];
        let fields = fields.into_iter();
        let fields = fields.filter_map(|(name, value)| Some((name, value?)));
        let groups = user.groups.iter().map(|group| ("groups[]", group.clone()));
        let fields: Vec<_> = fields.chain(groups).collect();
        self.caller
            .done("create a user on", Method::POST, "cloud/users", &fields)
            .await
    }

    /// What is known about somebody.
    ///
    /// # Errors
    /// [`NotFound`](rsmf_core::Error::NotFound).
    pub async fn user(&self, id: &str) -> Result<User> {
        let path = format!("cloud/users/{}", encoded(id));
        self.caller.get("look up a user on", &path, &[]).await
    }

    /// The ids of all users in whose names `search` occurs.
    ///
    /// # Errors
    /// [`Denied`](rsmf_core::Error::Denied).
    pub async fn users(&self, search: &str) -> Result<Vec<String>> {
        let mut all = Vec::new();
        loop {
            let fields = [
                ("search", search.to_owned()),
                ("limit", PAGE.to_string()),
                ("offset", all.len().to_string()),
            ];
            let page: Users = self
                .caller
                .get("list users of", "cloud/users", &fields)
                .await?;
            let last = page.users.len() < PAGE;
            all.extend(page.users);
            if last {
                return Ok(all);
            }
        }
    }

    /// Changes something about somebody.
    ///
    /// # Errors
    /// [`NotFound`](rsmf_core::Error::NotFound), [`Denied`](rsmf_core::Error::Denied).
    pub async fn change_user(&self, id: &str, change: &UserChange) -> Result<()> {
        let path = format!("cloud/users/{}", encoded(id));
        self.caller
            .done("change a user of", Method::PUT, &path, &change.fields())
            .await
    }

    /// Lets somebody log in, or no longer.
    ///
    /// # Errors
    /// [`NotFound`](rsmf_core::Error::NotFound), [`Denied`](rsmf_core::Error::Denied).
    pub async fn enable_user(&self, id: &str, enabled: bool) -> Result<()> {
        let action = if enabled { "enable" } else { "disable" };
        let path = format!("cloud/users/{}/{action}", encoded(id));
        self.caller
            .done("change a user of", Method::PUT, &path, &[])
            .await
    }

    /// Removes an account with all its files.
    ///
    /// # Errors
    /// [`NotFound`](rsmf_core::Error::NotFound), [`Denied`](rsmf_core::Error::Denied).
    pub async fn delete_user(&self, id: &str) -> Result<()> {
        let path = format!("cloud/users/{}", encoded(id));
        self.caller
            .done("delete a user of", Method::DELETE, &path, &[])
            .await
    }

    /// Takes somebody into a group, or out of it.
    ///
    /// # Errors
    /// [`InvalidInput`](rsmf_core::Error::InvalidInput) where there is no such group.
    pub async fn set_membership(&self, id: &str, group: &str, member: bool) -> Result<()> {
        let method = if member { Method::POST } else { Method::DELETE };
        let path = format!("cloud/users/{}/groups", encoded(id));
        let fields = [("groupid", group.to_owned())];
        self.caller
            .done("change a group of", method, &path, &fields)
            .await
    }

    /// The names of all groups.
    ///
    /// # Errors
    /// [`Denied`](rsmf_core::Error::Denied).
    pub async fn groups(&self) -> Result<Vec<String>> {
        let groups: Groups = self
            .caller
            .get("list groups of", "cloud/groups", &[])
            .await?;
        Ok(groups.groups)
    }

    /// The ids of those who belong to a group.
    ///
    /// # Errors
    /// [`NotFound`](rsmf_core::Error::NotFound).
    pub async fn members(&self, group: &str) -> Result<Vec<String>> {
        let path = format!("cloud/groups/{}/users", encoded(group));
        let users: Users = self.caller.get("list a group of", &path, &[]).await?;
        Ok(users.users)
    }

    /// Creates a group.
    ///
    /// # Errors
    /// [`Conflict`](rsmf_core::Error::Conflict) where there is one of that name.
    pub async fn create_group(&self, group: &str) -> Result<()> {
        let fields = [("groupid", group.to_owned())];
        self.caller
            .done("create a group on", Method::POST, "cloud/groups", &fields)
            .await
    }

    /// Removes a group; those who belonged to it stay.
    ///
    /// # Errors
    /// [`NotFound`](rsmf_core::Error::NotFound).
    pub async fn delete_group(&self, group: &str) -> Result<()> {
        let path = format!("cloud/groups/{}", encoded(group));
        self.caller
            .done("delete a group of", Method::DELETE, &path, &[])
            .await
    }
}
