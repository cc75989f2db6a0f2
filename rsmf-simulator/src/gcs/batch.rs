//! Many calls in one request (“Batch requests”).

use std::sync::Mutex;

use axum::{
    body::Body,
    http::{HeaderValue, Method, Response},
};

use super::{
    Outcome, State, lock, multipart,
    request::{Asked, Small, refused},
    rewrite,
};

/// The most calls in one request.
const CALLS: usize = 100;

pub(super) async fn answer(state: &Mutex<State>, asked: Asked) -> Outcome {
    let (head, body) = asked.bytes().await;
    let body = body.unwrap_or_default();
    let media_type = head.header("content-type").unwrap_or_default();
    let boundary = multipart::boundary(media_type, "multipart/mixed");
    let Some(parts) = boundary.and_then(|boundary| multipart::parts(&body, boundary)) else {
        return Ok(refused(400, "Failed to parse batch request."));
    };
    if parts.is_empty() || parts.len() > CALLS {
        return Ok(refused(
            400,
            "The batch request has too many calls, or none.",
        ));
    }
    let mut text = String::new();
    for part in &parts {
        let call = part.header("content-type") == Some("application/http");
        let Some(one) = call
            .then(|| std::str::from_utf8(&part.content).ok().and_then(call_of))
            .flatten()
        else {
            return Ok(refused(400, "Failed to parse batch request."));
        };
        let fault = lock(state).faults.next("batched");
        let status = match fault {
            Some(super::GcsFault::Status(status)) => status,
            _ => rewrite::delete(&mut lock(state), &one).status().as_u16(),
        };
        let id = part
            .header("content-id")
            .unwrap_or_default()
            .trim_matches(['<', '>']);
        text.push_str(&format!(
            "--batch_simulated\r\nContent-Type: application/http\r\nContent-ID: <response-{id}>\r\n\r\n\
             HTTP/1.1 {status} Whatever\r\nContent-Length: 0\r\n\r\n\r\n"
        ));
    }
    text.push_str("--batch_simulated--\r\n");
    let mut answer = Response::new(Body::from(text));
    let media_type = HeaderValue::from_static("multipart/mixed; boundary=batch_simulated");
    answer.headers_mut().insert("content-type", media_type);
    Ok(answer)
}

/// One call: only removals are made so.
fn call_of(text: &str) -> Option<Small> {
    let line = text.lines().next()?;
    let target = line.strip_prefix("DELETE ")?.strip_suffix(" HTTP/1.1")?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let one = Small::new(Method::DELETE, path, query, Default::default());
    (one.kind() == "delete").then_some(one)
}
