//! Getting in: the methods that the server offers, in OpenSSH's order.

use std::collections::VecDeque;

use rsmf_core::{Error, Failure};
use russh::{
    MethodKind, MethodSet,
    client::{AuthResult, Handle, KeyboardInteractiveAuthResponse},
};
use secrecy::ExposeSecret;

use super::{client::Client, keys, keys::Candidate, route::Hop, signer::KeySigner};

/// Questions of a server that are answered, one after the other.
const MOST_QUESTIONS: usize = 16;

/// Logs in.
///
/// # Errors
/// [`Denied`](Error::Denied), with what was tried and why that was not enough.
pub(super) async fn log_in(handle: &mut Handle<Client>, hop: &Hop) -> Result<(), Error> {
    let mut login = Login {
        handle,
        hop,
        tried: Vec::new(),
    };
    match login.run().await {
        Ok(true) => Ok(()),
        Ok(false) => Err(login.refused()),
        Err(error) => Err(Failure::new("log in to", hop.address())
            .source(error)
            .unavailable()),
    }
}

struct Login<'a> {
    handle: &'a mut Handle<Client>,
    hop: &'a Hop,
    /// What was tried, and what came of it.
    tried: Vec<String>,
}

/// What a method has come to.
enum Step {
    In,
    /// The server wants more, by one of these methods.
    More(MethodSet),
    No,
}

impl From<AuthResult> for Step {
    fn from(result: AuthResult) -> Self {
        match result {
            AuthResult::Success => Self::In,
            AuthResult::Failure {
                remaining_methods,
                partial_success: true,
            } => Self::More(remaining_methods),
            AuthResult::Failure { .. } => Self::No,
        }
    }
}

impl Login<'_> {
    /// Whether it has worked.
    async fn run(&mut self) -> Result<bool, russh::Error> {
        let mut methods = match self.handle.authenticate_none(&self.hop.user).await? {
            AuthResult::Success => return Ok(true),
            AuthResult::Failure {
                remaining_methods, ..
            } => remaining_methods,
        };
        let mut ways: VecDeque<_> = ORDER.into();
        while let Some(method) = ways.pop_front() {
            if !methods.contains(&method) {
                continue;
            }
            match self.attempt(method).await? {
                Step::In => return Ok(true),
                Step::No => {}
                // The next factor may be any of the methods, but this one only with another key.
                Step::More(more) => {
                    methods = more;
                    ways = ORDER.into();
                    ways.retain(|way| *way != method);
                }
            }
        }
        if self.tried.is_empty() {
            let offered: Vec<&str> = methods.iter().map(Into::into).collect();
            self.tried.push(format!(
                "there is nothing to log in with; the server takes {}",
                offered.join(", ")
            ));
        }
        Ok(false)
    }

    async fn attempt(&mut self, method: MethodKind) -> Result<Step, russh::Error> {
        match method {
            MethodKind::PublicKey => self.keys().await,
            MethodKind::KeyboardInteractive => self.dialogue().await,
            _ => self.password().await,
        }
    }

    async fn keys(&mut self) -> Result<Step, russh::Error> {
        let (candidates, agent) = keys::candidates(self.hop, &mut self.tried).await;
        if candidates.is_empty() {
            return Ok(Step::No);
        }
        let hash = self.handle.best_supported_rsa_hash().await?;
        // Where the server does not say, SHA-512 is a fair guess; SHA-1 is never used.
        let hash = hash.flatten().or(Some(russh::keys::HashAlg::Sha512));
        let mut signer = KeySigner::new(agent);
        for candidate in candidates {
            let hash = hash.filter(|_| candidate.is_rsa());
            let Candidate {
                identity,
                key,
                name,
            } = candidate;
            signer.key = key;
            match signer
                .authenticate(self.handle, &self.hop.user, identity, hash)
                .await
            {
                Ok(result) => match result.into() {
                    Step::No if self.handle.is_closed() => {
                        self.tried
                            .push(format!("{name}: refused, and the server has had enough"));
                        return Ok(Step::No);
                    }
                    Step::No => self.tried.push(format!("{name}: refused")),
                    done => return Ok(done),
                },
                Err(error) => self.tried.push(format!("{name}: {error}")),
            }
        }
        Ok(Step::No)
    }

    async fn password(&mut self) -> Result<Step, russh::Error> {
        let Some(password) = &self.hop.password else {
            return Ok(Step::No);
        };
        let password = password.expose_secret().to_owned();
        let result = self
            .handle
            .authenticate_password(&self.hop.user, password)
            .await?;
        self.tried.push("password: refused".to_owned());
        Ok(result.into())
    }

    /// Answers each hidden question with the password; there is no one to answer others.
    async fn dialogue(&mut self) -> Result<Step, russh::Error> {
        let Some(password) = &self.hop.password else {
            return Ok(Step::No);
        };
        let mut reply = self
            .handle
            .authenticate_keyboard_interactive_start(&self.hop.user, None)
            .await?;
        for _ in 0..MOST_QUESTIONS {
            let prompts = match reply {
                KeyboardInteractiveAuthResponse::Success => return Ok(Step::In),
                KeyboardInteractiveAuthResponse::Failure {
                    remaining_methods,
                    partial_success,
                } => {
                    self.tried.push("keyboard-interactive: refused".to_owned());
                    return Ok(match partial_success {
                        true => Step::More(remaining_methods),
                        false => Step::No,
                    });
                }
                KeyboardInteractiveAuthResponse::InfoRequest { prompts, .. } => prompts,
            };
            let answers = prompts.iter().map(|prompt| match prompt.echo {
                false => password.expose_secret().to_owned(),
                true => String::new(),
            });
            reply = self
                .handle
                .authenticate_keyboard_interactive_respond(answers.collect())
                .await?;
        }
        self.tried
            .push("keyboard-interactive: the server does not stop asking".to_owned());
        Ok(Step::No)
    }

    fn refused(&self) -> Error {
        Failure::new("log in to", self.hop.address())
            .source(self.tried.join("; "))
            .advice("check the user, and that a key or password for it is configured")
            .denied()
    }
}

/// OpenSSH's `PreferredAuthentications`, of those that are known here.
const ORDER: [MethodKind; 3] = [
    MethodKind::PublicKey,
    MethodKind::KeyboardInteractive,
    MethodKind::Password,
];
