//! Calls: each with its deadline, its attempts counted, and its failures told as ours.

use std::{fmt, future::Future, sync::Arc, time::Duration};

use azure_core::{
    error::CheckSuccessOptions,
    http::{
        ClientMethodOptions, ClientOptions, Context, Method, Pipeline, PipelineSendOptions,
        RawResponse, Request, RetryOptions, Transport, Url,
    },
};
use azure_storage_blob::{
    BlobClient, BlobContainerClient, BlobServiceClient, BlobServiceClientOptions,
};
use rsmf_core::{Failure, Result, integration::StorePath, secret::SecretSource};
use tokio::time::timeout;

use super::{
    AzureConfig,
    auth::{Authorization, Tokens, authority, metadata, resolve},
    error::failure,
    retry::{Count, Patience, Tally},
    wire::Wire,
};

/// A container, and the way to it.
pub(super) struct Client {
    pub(super) service: BlobServiceClient,
    pub(super) container: BlobContainerClient,
    pub(super) authorization: Authorization,
    pub(super) account: String,
    /// Requests that the SDK has no call for go through the same policies.
    pipeline: Pipeline,
    version: String,
    deadline: Duration,
    /// `az://account/container`.
    pub(super) name: String,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("name", &self.name)
            .field("authorization", &self.authorization)
            .finish_non_exhaustive()
    }
}

impl Client {
    pub(super) fn new(
        account: &str,
        container: &str,
        config: &AzureConfig,
        secrets: &dyn SecretSource,
    ) -> Result<Self> {
        let name = format!("az://{account}/{container}");
        let resolved = resolve(account, config, secrets)?;
        let endpoint = without_slash(resolved.endpoint);
        let authority = authority(config, secrets)?;
        let identity = secrets.env("IDENTITY_ENDPOINT");
        let identity = identity.and_then(|url| Url::parse(&url).ok());
        let mut places = vec![&endpoint, &authority];
        places.extend(&identity);
        let metadata = metadata(config, secrets)?;
        let wire = Wire::new(&config.network, &places, metadata.as_ref())?;
        let mut options = ClientOptions {
            retry: RetryOptions::custom(Arc::new(Patience::new(&config.network))),
            transport: Some(Transport::new(Arc::new(wire))),
            ..ClientOptions::default()
        };
        let authorization = Authorization::new(resolved.proof, || {
            Ok(Tokens {
                config,
                secrets,
                authority: authority.clone(),
                options: options.clone(),
            })
        })?;
        options.per_try_policies.push(Arc::new(Count));
        authorization.add(&mut options);
        let service_options = BlobServiceClientOptions {
            client_options: options.clone(),
            ..BlobServiceClientOptions::default()
        };
        let version = service_options.version.clone();
        let service = BlobServiceClient::new(endpoint, None, Some(service_options));
        let service = service.map_err(|error| {
            let failure = Failure::new("open", name.clone());
            failure.source(error).invalid_input()
        })?;
        Ok(Self {
            container: service.blob_container_client(container),
            service,
            authorization,
            account: account.to_owned(),
            pipeline: Pipeline::new(Some("rsmf-storage"), None, options, vec![], vec![], None),
            version,
            deadline: config.network.deadline,
            name,
        })
    }

    /// The SDK's client of one blob.
    pub(super) fn blob(&self, path: &StorePath) -> BlobClient {
        self.container.blob_client(path.as_str())
    }

    /// The address of one blob, without credentials.
    pub(super) fn url(&self, path: &StorePath) -> Url {
        self.blob(path).url().clone()
    }

    /// A request for which the SDK has no call.
    pub(super) fn request(&self, url: Url, method: Method) -> Request {
        let mut request = Request::new(url, method);
        request.insert_header("x-ms-version", self.version.clone());
        request
    }

    /// Begins to do something to a path.
    pub(super) fn call(&self, operation: &'static str, path: &StorePath) -> Call<'_> {
        let target = match path.is_root() {
            true => self.name.clone(),
            false => format!("{}/{path}", self.name),
        };
        Call {
            client: self,
            operation,
            target,
            tally: Tally::default(),
        }
    }
}

/// One thing that is done, with all its attempts.
pub(super) struct Call<'c> {
    client: &'c Client,
    operation: &'static str,
    target: String,
    tally: Tally,
}

impl Call<'_> {
    /// Makes one of the SDK's calls.
    pub(super) async fn run<T, F>(
        &self,
        call: impl FnOnce(ClientMethodOptions<'static>) -> F,
    ) -> Result<T>
    where
        F: Future<Output = azure_core::Result<T>>,
    {
        let context = Context::new().with_value(self.tally.clone());
        match timeout(self.client.deadline, call(ClientMethodOptions { context })).await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(error)) => Err(failure(self.failure(), error)),
            Err(_) => Err(self.failure().source("the deadline is over").timed_out()),
        }
    }

    /// Sends a request for which the SDK has no call.
    pub(super) async fn send(
        &self,
        request: &mut Request,
        success: &'static [u16],
    ) -> Result<RawResponse> {
        self.run(async |options: ClientMethodOptions<'static>| {
            let check_success = CheckSuccessOptions {
                success_codes: success,
            };
            let sending = PipelineSendOptions {
                check_success,
                ..PipelineSendOptions::default()
            };
            let pipeline = &self.client.pipeline;
            pipeline
                .send(&options.context, request, Some(sending))
                .await
        })
        .await
    }

    /// Whether it was tried more than once, so that an earlier attempt may have done it.
    pub(super) fn was_repeated(&self) -> bool {
        self.tally.attempts() > 1
    }

    /// The beginning of an error about it.
    pub(super) fn failure(&self) -> Failure {
        Failure::new(self.operation, self.target.clone()).attempts(self.tally.attempts())
    }
}

fn without_slash(mut url: Url) -> Url {
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty();
    }
    url
}
