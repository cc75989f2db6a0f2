//! What comes back.

use bytes::Bytes;
use serde_json::{Value, json};

/// What a call gives.
pub(super) type Outcome = Result<Reply, Refusal>;

/// An answer in the making.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) content: Content,
}

#[derive(Debug)]
pub(super) enum Content {
    Json(Value),
    /// JSON whose keys are free, so that they are sent as they are.
    Free(Value),
    /// What a method without a result sends.
    Nothing,
    Bytes(&'static str, Bytes),
}

impl Reply {
    fn new(status: u16, content: Content) -> Self {
        Self {
            status,
            headers: Vec::new(),
            content,
        }
    }

    pub(super) fn json(value: Value) -> Self {
        Self::new(200, Content::Json(value))
    }

    pub(super) fn free(value: Value) -> Self {
        Self::new(200, Content::Free(value))
    }

    /// What methods without a result answer.
    pub(super) fn done() -> Self {
        Self::new(200, Content::Nothing)
    }

    pub(super) fn bytes(media_type: &'static str, bytes: impl Into<Bytes>) -> Self {
        Self::new(200, Content::Bytes(media_type, bytes.into()))
    }

    /// A page of a gateway, which is no JSON.
    pub(super) fn page(status: u16) -> Self {
        let text = format!(
            "<!DOCTYPE html><html><head><title>{status}</title></head><body><h1>Error {status}</h1></body></html>"
        );
        Self::bytes("text/html; charset=utf-8", text).status(status)
    }

    pub(super) fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }
}

/// An error of Kepler.
#[derive(Debug)]
pub(super) struct Refusal {
    /// What status; none for refusals of the business, whose status is a knob.
    pub(super) status: Option<u16>,
    exception: &'static str,
    pub(super) message: String,
    pub(super) headers: Vec<(&'static str, String)>,
}

impl Refusal {
    fn new(status: Option<u16>, exception: &'static str, message: &str) -> Self {
        Self {
            status,
            exception,
            message: message.to_owned(),
            headers: Vec::new(),
        }
    }

    /// An ordinary failure of what was asked for.
    pub(super) fn business(message: &str) -> Self {
        Self::new(None, "ServiceException", message)
    }

    /// A body or a condition that cannot be read.
    pub(super) fn malformed(message: &str) -> Self {
        Self::new(Some(400), "ServiceSerializationException", message)
    }

    pub(super) fn invalid(message: &str) -> Self {
        Self::new(Some(400), "ValidationException", message)
    }

    pub(super) fn not_found(message: &str) -> Self {
        Self::new(Some(404), "NotFoundException", message)
    }

    pub(super) fn no_service(status: u16, message: &str) -> Self {
        Self::new(Some(status), "ServiceNotFoundException", message)
    }

    pub(super) fn unauthorized() -> Self {
        let message = "Please provide valid credentials.";
        Self::new(Some(401), "NotAuthenticatedException", message)
            .header("www-authenticate", "Bearer realm=\"Relativity.REST\"")
    }

    pub(super) fn forbidden(message: &str) -> Self {
        Self::new(Some(403), "NotAuthorizedException", message)
    }

    pub(super) fn other(status: u16, message: &str) -> Self {
        Self::new(Some(status), "ServiceException", message)
    }

    pub(super) fn header(mut self, name: &'static str, value: impl ToString) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }

    /// The error as it is sent; `business` is the status of refusals that have none.
    pub(super) fn reply(self, business: u16) -> Reply {
        let exception = format!("Relativity.Services.Exceptions.{}", self.exception);
        let error = json!({ "ErrorType": exception, "Identifier": "", "Message": self.message });
        let mut reply = Reply::free(error).status(self.status.unwrap_or(business));
        reply.headers = self.headers;
        reply
    }
}
