//! Who gives tokens where nobody said so: the first that has one.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use async_trait::async_trait;
use azure_core::{
    Error as SdkError,
    credentials::{AccessToken, TokenCredential, TokenRequestOptions},
    error::ErrorKind,
};
use tokio::time::timeout;

/// How long is waited for a source that may not be there, such as the metadata service of virtual
/// machines outside of one.
const PROBE: Duration = Duration::from_secs(5);

/// One that may give tokens, and its name.
pub(super) type Source = (&'static str, Arc<dyn TokenCredential>);

/// Sources of tokens, in the order in which they are asked, until one has given a token.
#[derive(Debug)]
pub(super) struct Chain {
    sources: Vec<Source>,
    found: OnceLock<Arc<dyn TokenCredential>>,
}

impl Chain {
    pub(super) fn new(sources: Vec<Source>) -> Self {
        let found = OnceLock::new();
        Self { sources, found }
    }
}

#[async_trait]
impl TokenCredential for Chain {
    async fn get_token(
        &self,
        scopes: &[&str],
        options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        if let Some(found) = self.found.get() {
            return found.get_token(scopes, options).await;
        }
        let mut reasons = Vec::new();
        for (name, source) in &self.sources {
            match timeout(PROBE, source.get_token(scopes, None)).await {
                Ok(Ok(token)) => {
                    // Where two asked at the same time, both found the same.
                    let _ = self.found.set(Arc::clone(source));
                    return Ok(token);
                }
                Ok(Err(error)) => reasons.push(format!("{name}: {}", first_line(&error))),
                Err(_) => reasons.push(format!("{name}: no answer")),
            }
        }
        Err(SdkError::with_message(
            ErrorKind::Credential,
            format!("nobody gives a token ({})", reasons.join("; ")),
        ))
    }
}

fn first_line(error: &SdkError) -> String {
    let text = error.to_string();
    text.lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use azure_core::time::OffsetDateTime;

    use super::*;

    #[derive(Debug)]
    enum Played {
        Gives(&'static str),
        Refuses,
        Hangs,
    }

    #[async_trait]
    impl TokenCredential for Played {
        async fn get_token(
            &self,
            _: &[&str],
            _: Option<TokenRequestOptions<'_>>,
        ) -> azure_core::Result<AccessToken> {
            match self {
                Self::Gives(token) => Ok(AccessToken::new(*token, OffsetDateTime::now_utc())),
                Self::Refuses => Err(SdkError::with_message(ErrorKind::Credential, "no\nmore")),
                Self::Hangs => std::future::pending().await,
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_that_has_a_token_is_asked_from_then_on() {
        let chain = Chain::new(vec![
            ("a", Arc::new(Played::Hangs) as _),
            ("b", Arc::new(Played::Refuses) as _),
            ("c", Arc::new(Played::Gives("t")) as _),
        ]);
        for _ in 0..2 {
            let token = chain.get_token(&["s"], None).await.unwrap();
            assert_eq!(token.token.secret(), "t");
        }
        let none = Chain::new(vec![
            ("a", Arc::new(Played::Hangs) as _),
            ("b", Arc::new(Played::Refuses) as _),
        ]);
        let error = none.get_token(&["s"], None).await.unwrap_err();
        let told = "nobody gives a token (a: no answer; b: no)";
        assert_eq!(error.to_string(), told);
    }
}
