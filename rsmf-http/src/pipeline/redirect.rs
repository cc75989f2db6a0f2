//! Redirects, one by one: each is checked, and no credentials leave their host.
//!
//! `tower_http::follow_redirect` and reqwest's own policy were looked at: neither asks whether a body may be
//! sent twice, and what they know of credentials is a list of three headers.

use reqwest::{
    Method, StatusCode,
    header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION},
};

use super::{Attempt, Transport};
use crate::{
    Body, Error, Redirects, Response, Result,
    auth::apply,
    call::{Call, host},
    redact::is_secret,
};

/// Redirects that are followed one after the other.
const MAX_REDIRECTS: usize = 5;

impl<T: Transport> Attempt<T> {
    /// Follows redirects as far as the request allows it and the fence lets them through.
    pub(crate) async fn followed(&self, call: &Call) -> Result<Response> {
        let answer = self.fenced(call).await?;
        match is_redirect(&answer) {
            true => Box::pin(self.elsewhere(call.clone(), answer)).await,
            false => Ok(answer),
        }
    }

    async fn elsewhere(&self, mut call: Call, mut answer: Response) -> Result<Response> {
        for _ in 0..MAX_REDIRECTS {
            call = next(call, &answer)?;
            // Its place at the host may be needed for what comes now.
            drop(answer);
            if let Some(auth) = call.auth.clone() {
                // A signature is good for one address.
                apply(&mut call, &*auth).await?;
            }
            answer = self.fenced(&call).await?;
            if !is_redirect(&answer) {
                return Ok(answer);
            }
        }
        Err(stopped(&call, "it leads from redirect to redirect"))
    }

    async fn fenced(&self, call: &Call) -> Result<Response> {
        self.shared.fence.check(&call.url)?;
        self.admitted(call).await
    }
}

/// Other statuses of this kind are answers: that nothing has changed, or that a part has arrived.
fn is_redirect(answer: &Response) -> bool {
    match answer.status() {
        StatusCode::PERMANENT_REDIRECT => answer.headers().contains_key(LOCATION),
        status => matches!(status.as_u16(), 301..=303 | 307),
    }
}

/// The request that a redirect asks for.
fn next(mut call: Call, answer: &Response) -> Result<Call> {
    let location = answer.headers().get(LOCATION);
    let target = location.and_then(|value| call.url.join(value.to_str().ok()?).ok());
    let Some(target) = target else {
        return Err(stopped(&call, "it redirects to no address"));
    };
    let allowed = match call.redirects {
        Redirects::Never => false,
        Redirects::SameHost => host(&call.url) == host(&target),
        Redirects::Anywhere => true,
    };
    if !allowed {
        return Err(stopped(&call, "it redirects where the request may not go"));
    }
    change_method(&mut call, answer.status())?;
    if target.origin() != call.url.origin() {
        forget_credentials(&mut call);
    }
    call.url = target;
    Ok(call)
}

/// What becomes of the method and the body (RFC 9110, 15.4).
fn change_method(call: &mut Call, status: StatusCode) -> Result<()> {
    let becomes_get = match status.as_u16() {
        303 => call.method != Method::HEAD,
        301 | 302 => call.method == Method::POST,
        _ => false,
    };
    if becomes_get {
        call.method = Method::GET;
        call.body = Body::default();
        call.headers.remove(CONTENT_TYPE);
        call.headers.remove(CONTENT_LENGTH);
        return Ok(());
    }
    match call.may_repeat() {
        true => Ok(()),
        false => Err(stopped(call, "it redirects what may be sent only once")),
    }
}

fn forget_credentials(call: &mut Call) {
    call.auth = None;
    let held = call.headers.iter();
    let secret = held.filter(|(name, value)| is_secret(name, value));
    let names: Vec<_> = secret.map(|(name, _)| name.clone()).collect();
    for name in names {
        call.headers.remove(name);
    }
}

fn stopped(call: &Call, problem: &'static str) -> Error {
    let asked = call.asked();
    Error::Redirect { asked, problem }
}
