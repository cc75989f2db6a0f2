//! Looking up and reading objects (“Objects: get”).

use std::io;

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, Response},
};
use bytes::Bytes;
use futures_util::stream;

use super::{
    GcsFault, Outcome, State,
    objects::{Object, missing, no_bucket, sum},
    request::{Asked, Small, json, refused},
};

pub(super) fn head(state: &State, asked: &Small) -> Response<Body> {
    match find(state, asked) {
        Ok((bucket, name, object)) => json(200, &object.json(&bucket, &name)),
        Err(refusal) => *refusal,
    }
}

type Found<'s> = Result<(String, String, &'s Object), Box<Response<Body>>>;

fn find<'s>(state: &'s State, asked: &Small) -> Found<'s> {
    let bucket_name = asked.part(3).unwrap_or_default();
    let name = asked.part(5).unwrap_or_default();
    let bucket = state.buckets.get(&bucket_name).ok_or_else(no_bucket)?;
    let found = bucket.find(&name, asked.get("generation"));
    let object = found.ok_or_else(|| missing(&format!("{bucket_name}/{name}")))?;
    match bucket.unmet(asked, "ifGenerationMatch", &name) {
        Some(refusal) => Err(Box::new(refusal)),
        None => Ok((bucket_name, name, object)),
    }
}

pub(super) fn media(state: &State, asked: &Asked, fault: Option<GcsFault>) -> Outcome {
    match find(state, &asked.head) {
        Ok((_, _, object)) => Ok(content(object, &asked.head, fault)),
        Err(refusal) => Ok(*refusal),
    }
}

/// The content, or a part of it.
pub(super) fn content(object: &Object, asked: &Small, fault: Option<GcsFault>) -> Response<Body> {
    let size = object.content.len();
    let (status, part) = match asked.header("range").map(|range| part(range, size)) {
        None => (200, 0..size),
        Some(Some(part)) => (206, part),
        Some(None) => return refused(416, "Requested range not satisfiable"),
    };
    let range = format!("bytes {}-{}/{size}", part.start, part.end.saturating_sub(1));
    let length = part.len();
    let mut answer = Response::new(body(object.content.slice(part), fault));
    *answer.status_mut() = status.try_into().expect("a status of HTTP");
    let mut say = |name: &str, value: &str| {
        let name: HeaderName = name.parse().expect("a name of a header");
        // What is no plain text comes with a look-up only.
        if let Ok(value) = HeaderValue::from_str(value) {
            answer.headers_mut().append(name, value);
        }
    };
    say("content-length", &length.to_string());
    if status == 206 {
        say("content-range", &range);
    }
    describe(object, fault, &mut say);
    answer
}

fn describe(object: &Object, fault: Option<GcsFault>, say: &mut impl FnMut(&str, &str)) {
    let crc = match fault {
        Some(GcsFault::WrongSum) => object.crc32c ^ 1,
        _ => object.crc32c,
    };
    let text = |name: &str| object.fields.get(name).and_then(|value| value.as_str());
    say("x-goog-generation", &object.generation.to_string());
    say("x-goog-metageneration", "1");
    say(
        "x-goog-stored-content-length",
        &object.content.len().to_string(),
    );
    say("x-goog-stored-content-encoding", "identity");
    say(
        "x-goog-storage-class",
        text("storageClass").unwrap_or("STANDARD"),
    );
    say("x-goog-hash", &format!("crc32c={}", sum(crc)));
    say(
        "content-type",
        text("contentType").unwrap_or("application/octet-stream"),
    );
    say("last-modified", &object.modified());
    let metadata = object
        .fields
        .get("metadata")
        .and_then(|value| value.as_object());
    for (name, value) in metadata.into_iter().flatten() {
        say(
            &format!("x-goog-meta-{name}"),
            value.as_str().unwrap_or_default(),
        );
    }
}

/// The bytes that are asked for, where some of them are there (RFC 9110, 14.1.2).
fn part(range: &str, size: usize) -> Option<std::ops::Range<usize>> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    if first.is_empty() {
        let count: usize = last.parse().ok()?;
        return (count > 0 && size > 0).then(|| size.saturating_sub(count)..size);
    }
    let first: usize = first.parse().ok()?;
    let end = match last {
        "" => size,
        last => last.parse::<usize>().ok()?.saturating_add(1).min(size),
    };
    (first < end).then_some(first..end)
}

fn body(bytes: Bytes, fault: Option<GcsFault>) -> Body {
    match fault {
        Some(GcsFault::Flip) if !bytes.is_empty() => {
            let mut wrong = bytes.to_vec();
            wrong[0] ^= 1;
            Body::from(wrong)
        }
        Some(GcsFault::Cut(at)) if at < bytes.len() => {
            let pieces = [Ok(bytes.slice(..at))];
            let broken = stream::once(async {
                // What came before is sent only while this waits.
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                Err(io::Error::from(io::ErrorKind::BrokenPipe))
            });
            Body::from_stream(futures_util::StreamExt::chain(stream::iter(pieces), broken))
        }
        _ => Body::from(bytes),
    }
}
