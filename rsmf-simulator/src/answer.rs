//! What a host answers, rightly or wrongly.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use hyper::{
    Request, Response,
    body::{Body as HttpBody, Frame, SizeHint},
    header::{HeaderMap, HeaderName, HeaderValue},
};

use crate::Content;

/// How much is sent at a time.
const PIECE: usize = 16 * 1024;

/// How one answer goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// This status, and nothing else.
    Status(u16),
    /// This status with a header `Retry-After`.
    SlowDown(u16, String),
    /// A redirect to this address.
    Redirect(String),
    /// A page with status 200 instead of the file: its media type and text.
    Page(&'static str, String),
    /// The file with another media type.
    Type(&'static str),
    /// The file without a length, piece by piece.
    Unsized,
    /// The file, but the connection breaks after so many bytes of the answer.
    Cut(usize),
    /// The file, but nothing more comes after so many bytes of the answer.
    Stall(usize),
    /// The whole file with status 200, whatever range is asked for.
    WholeFile,
    /// The connection ends before there is any answer.
    Reset,
}

/// The answer to a request for `content`; an error ends the connection.
pub(crate) fn answer<B>(
    request: &Request<B>,
    content: &Content,
    fault: Option<Fault>,
) -> io::Result<Response<Body>> {
    match fault {
        Some(Fault::Reset) => Err(io::ErrorKind::ConnectionReset.into()),
        Some(Fault::Status(status)) => Ok(empty(status)),
        Some(Fault::SlowDown(status, after)) => Ok(with(empty(status), "retry-after", &after)),
        Some(Fault::Redirect(target)) => Ok(with(empty(302), "location", &target)),
        Some(Fault::Page(media_type, text)) => {
            let response = Response::new(Body::whole(text.into()));
            Ok(with(response, "content-type", media_type))
        }
        fault => Ok(file(request.headers(), content, fault)),
    }
}

/// An answer without a body.
pub(crate) fn empty(status: u16) -> Response<Body> {
    let mut response = Response::new(Body::whole(Bytes::new()));
    *response.status_mut() = status.try_into().expect("a status of HTTP");
    response
}

fn file(headers: &HeaderMap, content: &Content, fault: Option<Fault>) -> Response<Body> {
    let from = match fault {
        Some(Fault::WholeFile) => None,
        _ => start(headers, content),
    };
    let all = content.bytes.len();
    let rest = content.bytes.slice(from.unwrap_or(0).min(all)..);
    let mut body = Body::whole(rest);
    let mut media_type = content.media_type;
    match fault {
        Some(Fault::Type(other)) => media_type = other,
        Some(Fault::Unsized) => body.length = None,
        Some(Fault::Cut(at)) => body.end_early(at, End::Broken),
        Some(Fault::Stall(at)) => body.end_early(at, End::Silent),
        _ => {}
    }
    let mut response = with(Response::new(body), "content-type", media_type);
    if let Some(etag) = &content.etag {
        response = with(response, "etag", etag);
    }
    if let Some(from) = from {
        *response.status_mut() = hyper::StatusCode::PARTIAL_CONTENT;
        let range = format!("bytes {from}-{}/{all}", all.saturating_sub(1));
        response = with(response, "content-range", &range);
    }
    response
}

/// Where a request for a range begins (RFC 9110, 13.1.5 and 14.2), if it is still the same file.
fn start(headers: &HeaderMap, content: &Content) -> Option<usize> {
    let text = |name| headers.get(name)?.to_str().ok();
    if text("if-range").is_some_and(|etag| Some(etag) != content.etag.as_deref()) {
        return None;
    }
    let from = text("range")?.strip_prefix("bytes=")?.strip_suffix('-')?;
    let from = from.parse().ok()?;
    (from < content.bytes.len()).then_some(from)
}

fn with(mut response: Response<Body>, name: &'static str, value: &str) -> Response<Body> {
    let value = HeaderValue::from_str(value).expect("a value of a header");
    let name = HeaderName::from_static(name);
    response.headers_mut().insert(name, value);
    response
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Proper,
    Broken,
    Silent,
}

/// A body that may end as none should.
#[derive(Debug)]
pub struct Body {
    rest: Bytes,
    /// What is announced.
    length: Option<u64>,
    end: End,
    waited: bool,
}

impl Body {
    fn whole(rest: Bytes) -> Self {
        Self {
            length: Some(rest.len() as u64),
            rest,
            end: End::Proper,
            waited: false,
        }
    }

    fn end_early(&mut self, at: usize, end: End) {
        self.rest.truncate(at);
        self.end = end;
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let this = self.get_mut();
        if this.rest.is_empty() {
            return match this.end {
                End::Proper => Poll::Ready(None),
                // What came before is sent only while this waits.
                End::Broken if !std::mem::replace(&mut this.waited, true) => {
                    context.waker().wake_by_ref();
                    Poll::Pending
                }
                End::Broken => Poll::Ready(Some(Err(io::ErrorKind::BrokenPipe.into()))),
                End::Silent => Poll::Pending,
            };
        }
        let piece = this.rest.split_to(this.rest.len().min(PIECE));
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.end == End::Proper
    }

    fn size_hint(&self) -> SizeHint {
        self.length
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
