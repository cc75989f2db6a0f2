//! Who may come in.

use std::{collections::HashMap, time::Duration};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::json;
use tokio::time::Instant;

use super::{
    knobs::RelativityKnobs,
    reply::{Outcome, Refusal, Reply},
};

/// Somebody who calls.
#[derive(Debug, Clone, Default)]
pub(super) struct User {
    pub(super) name: String,
    pub(super) is_administrator: bool,
}

#[derive(Debug)]
struct Account {
    secret: String,
    user: User,
}

#[derive(Debug, Default)]
pub(super) struct Tokens {
    /// By `client_id`.
    clients: HashMap<String, Account>,
    /// By name, with password.
    people: HashMap<String, Account>,
    given: HashMap<String, (User, Instant)>,
    count: u64,
}

impl Tokens {
    pub(super) fn add_client(&mut self, id: &str, secret: &str, is_administrator: bool) {
        self.clients
            .insert(id.to_owned(), Account::new(id, secret, is_administrator));
    }

    pub(super) fn add_person(&mut self, name: &str, password: &str) {
        self.people
            .insert(name.to_owned(), Account::new(name, password, true));
    }

    /// Takes no token any more that was given out so far.
    pub(super) fn expire(&mut self) {
        self.given.clear();
    }

    /// How many were given out so far.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Answers a request for a token (RFC 6749, 4.4).
    pub(super) fn answer(
        &mut self,
        knobs: &RelativityKnobs,
        media_type: &str,
        body: &[u8],
    ) -> Outcome {
        if !media_type.starts_with("application/x-www-form-urlencoded") {
            return Ok(error("invalid_request"));
        }
        let form: HashMap<_, _> = url::form_urlencoded::parse(body).into_owned().collect();
        let field = |name: &str| form.get(name).map_or("", String::as_str);
        if field("grant_type") != "client_credentials" {
            return Ok(error("unsupported_grant_type"));
        }
        if field("scope") != "SystemUserInfo" {
            return Ok(error("invalid_scope"));
        }
        let known = self.clients.get(field("client_id"));
        let Some(account) = known.filter(|it| it.secret == field("client_secret")) else {
            return Ok(error("invalid_client"));
        };
        let user = account.user.clone();
        Ok(self.give(user, knobs))
    }

    fn give(&mut self, user: User, knobs: &RelativityKnobs) -> Reply {
        self.count += 1;
        let token = format!("{}relativity-{}", crate::PLANTED, self.count);
        let ends = Instant::now() + Duration::from_secs(knobs.token_seconds);
        self.given.insert(token.clone(), (user, ends));
        let mut answer = json!({ "access_token": token, "token_type": "Bearer" });
        if knobs.token_says_lifetime {
            answer["expires_in"] = knobs.token_seconds.into();
        }
        Reply::free(answer)
    }

    /// Who shows this header `Authorization`.
    pub(super) fn user(&self, header: &str, knobs: &RelativityKnobs) -> Result<User, Refusal> {
        let found = match header.split_once(' ') {
            Some(("Bearer", token)) => self.bearer(token),
            Some(("Basic", code)) if knobs.basic => self.basic(code),
            _ => None,
        };
        found.ok_or_else(Refusal::unauthorized)
    }

    fn bearer(&self, token: &str) -> Option<User> {
        let (user, ends) = self.given.get(token)?;
        (Instant::now() < *ends).then(|| user.clone())
    }

    fn basic(&self, code: &str) -> Option<User> {
        let text = String::from_utf8(BASE64_STANDARD.decode(code).ok()?).ok()?;
        let (name, password) = text.split_once(':')?;
        let account = self.people.get(name)?;
        (account.secret == password).then(|| account.user.clone())
    }
}

impl Account {
    fn new(name: &str, secret: &str, is_administrator: bool) -> Self {
        let user = User {
            name: name.to_owned(),
            is_administrator,
        };
        Self {
            secret: secret.to_owned(),
            user,
        }
    }
}

fn error(code: &str) -> Reply {
    Reply::free(json!({ "error": code })).status(400)
}
