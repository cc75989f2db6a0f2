//! One request to a service, and what becomes of it.

use rsmf_http::{
    Body, Error as HttpError, Method, Request, Response, Url,
    header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue},
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    ArtifactId, Relativity,
    refusal::{failed, tidy},
    wire,
};
use crate::{Error, Operation, Result};

/// The most bytes of an answer that is read as a whole.
const LARGEST: u64 = 64 << 20;

/// Whether a request may be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// It changes nothing.
    Safe,
    /// Sent twice, it does what it does once.
    Repeatable,
    /// It creates or starts something: it is only sent again where the service said that it did not even look at it.
    Once,
}

/// What is sent.
enum Payload {
    None,
    Json(Value),
    Raw(HeaderValue, Body),
}

/// A request to a service.
pub(crate) struct Call {
    relativity: Relativity,
    operation: Operation,
    method: Method,
    url: Url,
    body: Payload,
    manner: Manner,
    /// Whether it goes to the Transfer Service, with its credentials.
    transfer: bool,
}

impl Relativity {
    /// A request for what lies at this path below the root of the services.
    pub(crate) fn get(&self, name: &'static str, path: &str) -> Call {
        self.call(name, Method::GET, path, Manner::Safe)
    }

    /// A request that creates or starts something.
    pub(crate) fn post(&self, name: &'static str, path: &str) -> Call {
        self.call(name, Method::POST, path, Manner::Once)
    }

    /// A request that sets something to what it shall be.
    pub(crate) fn put(&self, name: &'static str, path: &str) -> Call {
        self.call(name, Method::PUT, path, Manner::Repeatable)
    }

    fn call(&self, name: &'static str, method: Method, path: &str, manner: Manner) -> Call {
        let mut url = self.inner.rest.clone();
        url.set_path(&format!("{}/{path}", url.path().trim_end_matches('/')));
        Call {
            relativity: self.clone(),
            operation: Operation::new(name, None),
            method,
            url,
            body: Payload::None,
            manner,
            transfer: false,
        }
    }

    /// A request to the Transfer Service.
    pub(crate) fn transfer_call(&self, name: &'static str, method: Method, path: &str) -> Call {
        let manner = match method {
            Method::GET => Manner::Safe,
            Method::DELETE => Manner::Repeatable,
            _ => Manner::Once,
        };
        let mut call = self.call(name, method, path, manner);
        call.url.clone_from(&self.inner.transfer);
        let base = call.url.path().trim_end_matches('/').to_owned();
        call.url.set_path(&format!("{base}/{path}"));
        call.transfer = true;
        call
    }
}

impl Call {
    /// Says for errors where it is done.
    pub(crate) fn within(mut self, workspace: ArtifactId) -> Self {
        self.operation = Operation::new(self.operation.name(), Some(workspace.0));
        self
    }

    /// What is to be done, for errors.
    pub(crate) fn operation(&self) -> Operation {
        self.operation
    }

    /// Sends this as JSON.
    pub(crate) fn body(mut self, body: Value) -> Self {
        self.body = Payload::Json(body);
        self
    }

    /// Sends this as it is.
    pub(crate) fn upload(mut self, media_type: HeaderValue, body: Body) -> Self {
        self.body = Payload::Raw(media_type, body);
        self
    }

    /// Adds an argument to the query.
    pub(crate) fn query(mut self, name: &str, value: impl ToString) -> Self {
        let mut query = self.url.query_pairs_mut();
        query.append_pair(name, &value.to_string());
        drop(query);
        self
    }

    /// Says that it changes nothing, although it is a POST.
    pub(crate) fn safe(mut self) -> Self {
        self.manner = Manner::Safe;
        self
    }

    /// Says that it does no harm to send it twice, although it is a POST.
    pub(crate) fn repeatable(mut self) -> Self {
        self.manner = Manner::Repeatable;
        self
    }

    /// The answer as JSON. On the heap, lest each call be as large as all that it may become.
    pub(crate) async fn json(self) -> Result<Value> {
        Box::pin(self.parsed()).await
    }

    async fn parsed(self) -> Result<Value> {
        let operation = self.operation;
        let answer = self.send().await?;
        warn_of_age(operation, &answer);
        let body = answer.bytes().await;
        let body = body.map_err(|error| failed(operation, error))?;
        wire::parse(&body).map_err(|_| unusable(operation, "it is no JSON"))
    }

    /// The answer in its form. Nothing is no answer: it would look as if there were nothing there.
    pub(crate) async fn read<T: DeserializeOwned>(self) -> Result<T> {
        let operation = self.operation;
        read(operation, self.json().await?)
    }

    /// The answer in its form, where it may be nothing.
    pub(crate) async fn read_or_default<T: DeserializeOwned + Default>(self) -> Result<T> {
        let operation = self.operation;
        match self.json().await? {
            Value::Null => Ok(T::default()),
            answer => read(operation, answer),
        }
    }

    /// The answer to what answers with nothing. A page of a gateway is none.
    pub(crate) async fn done(self) -> Result<()> {
        self.json().await.map(drop)
    }

    /// The number of what was created, which comes alone.
    pub(crate) async fn id(self) -> Result<ArtifactId> {
        self.read().await
    }

    async fn send(self) -> Result<Response> {
        let operation = self.operation;
        let manner = self.manner;
        let request = self.request();
        let request = request.map_err(|error| failed(operation, error))?;
        let request = match manner {
            Manner::Safe => request.safe(),
            Manner::Repeatable => request.repeatable(),
            Manner::Once => request.once_done(),
        };
        let answer = request.send().await;
        answer.map_err(|error| failed(operation, error))
    }

    fn request(self) -> Result<Request, HttpError> {
        let inner = &self.relativity.inner;
        let client = match self.transfer {
            true => &inner.transfer_client,
            false => &inner.client,
        };
        let is_post = self.method == Method::POST;
        let request = client
            .request(self.method, self.url)
            .operation(self.operation.name())
            .limit(LARGEST)
            .whole();
        match self.body {
            // Servers of Windows refuse a POST that does not say how long it is.
            Payload::None if is_post => {
                Ok(request.header(CONTENT_LENGTH, HeaderValue::from_static("0")))
            }
            Payload::None => Ok(request),
            Payload::Json(body) => request.json(&body),
            Payload::Raw(media_type, body) => {
                Ok(request.header(CONTENT_TYPE, media_type).body(body))
            }
        }
    }
}

/// Routes that are going to vanish still answer, with a warning (RFC 7234, 5.5.7).
fn warn_of_age(operation: Operation, answer: &Response) {
    let warning = answer.header(&HeaderName::from_static("warning"));
    if let Some(warning) = warning.filter(|warning| warning.starts_with("299")) {
        tracing::warn!(%operation, warning = tidy(warning), "the service warns");
    }
}

pub(crate) fn read<T: DeserializeOwned>(operation: Operation, value: Value) -> Result<T> {
    if value.is_null() {
        return Err(unusable(operation, "it is empty"));
    }
    wire::read(value).map_err(|error| {
        let problem = format!("it has another form: {error}");
        unusable(operation, &problem)
    })
}

/// An answer that is of no use.
pub(crate) fn unusable(operation: Operation, problem: &str) -> Error {
    Error::Answer {
        operation,
        problem: tidy(problem),
    }
}
