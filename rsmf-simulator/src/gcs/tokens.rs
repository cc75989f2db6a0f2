//! Those who give tokens: OAuth 2.0, the exchange of tokens, the metadata server, the IAM service.

use std::{
    collections::HashMap,
    sync::Mutex,
    time::{Duration, SystemTime},
};

use axum::{
    body::Body,
    http::{HeaderValue, Response},
};
use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};

use super::{
    Outcome, State, keys, lock,
    request::{Asked, Small, json, refused},
};

/// What each secret of the parties is.
const REFRESH: &str = "pl4nted-s3cret-refresh";
const CLIENT: &str = "pl4nted-s3cret-client";
/// The token of somebody else that can be exchanged.
const SUBJECT: &str = "pl4nted-s3cret-subject";
const AUDIENCE: &str =
    "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q";

#[derive(Debug, Default)]
pub(super) struct Tokens {
    lifetime: Option<Duration>,
    good: Vec<String>,
    count: u64,
    skew: i64,
}

impl Tokens {
    pub(super) fn demand(&mut self, lifetime: Duration) {
        self.lifetime = Some(lifetime);
    }

    pub(super) fn expire(&mut self) {
        self.good.clear();
    }

    pub(super) fn skew(&mut self, seconds: i64) {
        self.skew = seconds;
    }

    /// Seconds since 1970, by the clock of this server.
    pub(super) fn now(&self) -> i64 {
        let now = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        i64::try_from(now.as_secs()).unwrap_or_default() + self.skew
    }

    pub(super) fn admits(&self, header: Option<&str>) -> bool {
        let token = header.and_then(|header| header.strip_prefix("Bearer "));
        self.lifetime.is_none()
            || token.is_some_and(|token| self.good.iter().any(|good| good == token))
    }

    fn issue(&mut self, kind: &str) -> (String, u64) {
        self.count += 1;
        let token = format!("{}{kind}-{}", crate::PLANTED, self.count);
        self.good.push(token.clone());
        (
            token,
            self.lifetime.map_or(3600, |lifetime| lifetime.as_secs()),
        )
    }
}

pub(super) async fn answer(state: &Mutex<State>, kind: &str, asked: Asked) -> Outcome {
    let (head, body) = asked.bytes().await;
    let body = body.unwrap_or_default();
    let mut state = lock(state);
    let tokens = &mut state.tokens;
    let form: HashMap<String, String> = url::form_urlencoded::parse(&body).into_owned().collect();
    let mut answer = match kind {
        "token" => oauth(tokens, &head, &form),
        "exchange" => exchange(tokens, &form),
        "metadata" => metadata(tokens, &head),
        "impersonate" => impersonate(tokens, &body),
        _ => sign(&head, &body),
    };
    let now = u64::try_from(tokens.now()).unwrap_or_default();
    let date = httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(now));
    let date = HeaderValue::from_str(&date).expect("a value of a header");
    answer.headers_mut().insert("date", date);
    Ok(answer)
}

fn given(tokens: &mut Tokens, kind: &str) -> Response<Body> {
    let (token, seconds) = tokens.issue(kind);
    json(
        200,
        &json!({ "access_token": token, "expires_in": seconds, "token_type": "Bearer" }),
    )
}

fn oauth(tokens: &mut Tokens, head: &Small, form: &HashMap<String, String>) -> Response<Body> {
    let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let is_granted = match field("grant_type") {
        "urn:ietf:params:oauth:grant-type:jwt-bearer" => {
            let host = head.header("host").unwrap_or_default();
            is_statement(tokens, field("assertion"), &format!("http://{host}/token"))
        }
        "refresh_token" => {
            field("refresh_token") == REFRESH
                && field("client_id") == "cli"
                && field("client_secret") == CLIENT
        }
        _ => return json(400, &json!({ "error": "unsupported_grant_type" })),
    };
    match is_granted {
        true => given(tokens, "oauth"),
        false => json(400, &json!({ "error": "invalid_grant" })),
    }
}

/// Whether a statement is signed, for this server, and of now (“Using OAuth 2.0 for Server to Server
/// Applications”).
fn is_statement(tokens: &Tokens, statement: &str, audience: &str) -> bool {
    let parts: Vec<_> = statement.split('.').collect();
    let [header, claims, signature] = parts.as_slice() else {
        return false;
    };
    let decode = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).unwrap_or_default();
    let read = |part: &str| serde_json::from_slice::<Value>(&decode(part)).unwrap_or_default();
    let (header_fields, fields) = (read(header), read(claims));
    let time = |name: &str| fields[name].as_i64().unwrap_or_default();
    let (begin, end, now) = (time("iat"), time("exp"), tokens.now());
    header_fields["alg"] == "RS256"
        && fields["iss"] == keys::EMAIL
        && fields["aud"] == audience
        && fields["scope"]
            .as_str()
            .is_some_and(|scope| !scope.is_empty())
        && (begin - 60..end).contains(&now)
        && end - begin <= 3600
        && keys::is_signed(format!("{header}.{claims}").as_bytes(), &decode(signature))
}

/// RFC 8693, 2.
fn exchange(tokens: &mut Tokens, form: &HashMap<String, String>) -> Response<Body> {
    let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let is_granted = field("grant_type") == "urn:ietf:params:oauth:grant-type:token-exchange"
        && field("requested_token_type") == "urn:ietf:params:oauth:token-type:access_token"
        && field("audience") == AUDIENCE
        && !field("scope").is_empty()
        && field("subject_token_type") == "urn:ietf:params:oauth:token-type:jwt"
        && field("subject_token") == SUBJECT;
    match is_granted {
        true => given(tokens, "sts"),
        false => json(400, &json!({ "error": "invalid_grant" })),
    }
}

fn metadata(tokens: &mut Tokens, head: &Small) -> Response<Body> {
    if head.header("metadata-flavor") != Some("Google") {
        return refused(403, "Missing Metadata-Flavor:Google header.");
    }
    let account = "/computeMetadata/v1/instance/service-accounts/default/";
    let mut answer = match head.path.strip_prefix(account) {
        Some("token") => given(tokens, "metadata"),
        Some("email") => Response::new(Body::from(format!("{}\n", keys::EMAIL))),
        _ => refused(404, "Not Found"),
    };
    let flavor = HeaderValue::from_static("Google");
    answer.headers_mut().insert("metadata-flavor", flavor);
    answer
}

fn impersonate(tokens: &mut Tokens, body: &[u8]) -> Response<Body> {
    let asked: Value = serde_json::from_slice(body).unwrap_or_default();
    let is_scoped = asked["scope"]
        .as_array()
        .is_some_and(|scopes| !scopes.is_empty());
    if !is_scoped || asked["lifetime"] != "3600s" {
        return refused(400, "Request contains an invalid argument.");
    }
    let (token, seconds) = tokens.issue("iam");
    let end = tokens.now() + i64::try_from(seconds).unwrap_or_default();
    let end = jiff::Timestamp::from_second(end).unwrap_or_default();
    json(
        200,
        &json!({ "accessToken": token, "expireTime": end.to_string() }),
    )
}

fn sign(head: &Small, body: &[u8]) -> Response<Body> {
    let asked: Value = serde_json::from_slice(body).unwrap_or_default();
    let payload = BASE64_STANDARD.decode(asked["payload"].as_str().unwrap_or_default());
    let account = head
        .path
        .rsplit('/')
        .next()
        .and_then(|last| last.strip_suffix(":signBlob"));
    match (payload, account) {
        (Ok(payload), Some(keys::EMAIL)) if !payload.is_empty() => {
            let signature = BASE64_STANDARD.encode(keys::sign(&payload));
            json(200, &json!({ "keyId": "k-1", "signedBlob": signature }))
        }
        (Ok(_), Some(_)) => refused(403, "Permission 'iam.serviceAccounts.signBlob' denied."),
        _ => refused(400, "Request contains an invalid argument."),
    }
}
