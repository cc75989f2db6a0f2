//! From a configuration to a client of the SDK.

use aws_config::{
    BehaviorVersion, ConfigLoader, SdkConfig,
    environment::region::EnvironmentVariableRegionProvider, meta::region::RegionProviderChain,
    profile::region::ProfileFileRegionProvider, provider_config::ProviderConfig,
    sts::AssumeRoleProvider,
};
use aws_sdk_s3::{
    Client,
    config::{
        Builder, Credentials, Region, SharedCredentialsProvider, StalledStreamProtectionConfig,
        retry::{RetryConfig, RetryPartition, TokenBucket},
        timeout::TimeoutConfig,
    },
};
use aws_smithy_types::retry::RetrySpec;
use aws_types::service_config::ServiceConfigKey;
use rsmf_core::{
    Failure, Result,
    secret::{Secret, SecretSource},
};
use secrecy::ExposeSecret;

use super::{S3Config, profile, retry::MoreRetries, wire};
use crate::Network;

/// What is asked where nobody names a region.
const REGION: &str = "us-east-1";

/// A client, and the address of the server that it asks, where that is not Amazon's.
pub(super) async fn client(
    config: &S3Config,
    secrets: &dyn SecretSource,
) -> Result<(Client, Option<String>)> {
    let given = given(config, secrets)?;
    let http = wire::client(&config.network)?;
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http.clone())
        .region(region(config))
        .retry_config(retries(&config.network))
        .timeout_config(timeouts(&config.network))
        // What does not move is noticed by the wire itself, by the limits that were configured.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .use_dual_stack(config.dual_stack)
        .use_fips(config.fips);
    if let Some(name) = &config.profile {
        let provider = ProviderConfig::without_region()
            .with_http_client(http)
            .with_region(region(config).region().await);
        let credentials = profile::credentials(name, provider).await?;
        loader = loader.profile_name(name).credentials_provider(credentials);
    }
    loader = match given {
        Some(credentials) => loader.credentials_provider(credentials),
        None if config.anonymous => loader.no_credentials(),
        None => loader,
    };
    let sdk = as_role(loader, config).await;
    let endpoint = endpoint(config, &sdk);
    let builder = Builder::from(&sdk)
        .force_path_style(config.path_style.unwrap_or(endpoint.is_some()))
        .retry_partition(quota())
        .retry_classifier(MoreRetries);
    let builder = match &endpoint {
        Some(endpoint) => builder.endpoint_url(endpoint),
        None => builder,
    };
    Ok((Client::from_conf(builder.build()), endpoint))
}

/// The address of a server that is not Amazon's: the one that is configured here, or the one that environment or profile
/// name for all tools of AWS (`AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`).
fn endpoint(config: &S3Config, sdk: &SdkConfig) -> Option<String> {
    let here = config.endpoint.as_ref().map(|url| url.as_str().to_owned());
    let of_service = || {
        let key = ServiceConfigKey::builder()
            .service_id("S3")
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url");
        sdk.service_config()?.load_config(key.build().ok()?)
    };
    here.or_else(of_service)
        .or_else(|| sdk.endpoint_url().map(ToOwned::to_owned))
}

/// The credentials that stand in the configuration.
fn given(config: &S3Config, secrets: &dyn SecretSource) -> Result<Option<Credentials>> {
    let resolve = |secret: &Option<Secret>| {
        let secret = secret.as_ref().map(|secret| secret.resolve(secrets));
        Ok::<_, rsmf_core::Error>(
            secret
                .transpose()?
                .map(|text| text.expose_secret().to_owned()),
        )
    };
    let key = resolve(&config.access_key_id)?;
    let secret = resolve(&config.secret_access_key)?;
    match (key, secret) {
        (Some(key), Some(secret)) => {
            let token = resolve(&config.session_token)?;
            Ok(Some(Credentials::new(key, secret, token, None, "rsmf")))
        }
        (None, None) => Ok(None),
        _ => Err(Failure::new("use", "half of a pair of keys")
            .advice("give both access_key_id and secret_access_key, or none of them")
            .invalid_input()),
    }
}

fn region(config: &S3Config) -> RegionProviderChain {
    let named = RegionProviderChain::first_try(config.region.clone().map(Region::new));
    let mut profile = ProfileFileRegionProvider::builder();
    if let Some(name) = &config.profile {
        profile = profile.profile_name(name);
    }
    // Machines of Amazon could be asked too; elsewhere that takes seconds until it fails.
    named
        .or_else(EnvironmentVariableRegionProvider::new())
        .or_else(profile.build())
        .or_else(Region::new(REGION))
}

/// Loads everything, and takes on the role where there is one.
async fn as_role(loader: ConfigLoader, config: &S3Config) -> SdkConfig {
    let sdk = Box::pin(loader.load()).await;
    let Some(role) = &config.assume_role else {
        return sdk;
    };
    let mut provider = AssumeRoleProvider::builder(&role.arn)
        .session_name(role.session_name.as_deref().unwrap_or("rsmf"))
        .configure(&sdk);
    if let Some(id) = &role.external_id {
        provider = provider.external_id(id);
    }
    let provider = SharedCredentialsProvider::new(Box::pin(provider.build()).await);
    sdk.into_builder().credentials_provider(provider).build()
}

fn retries(network: &Network) -> RetryConfig {
    let spec = RetrySpec::v2_0().with_non_throttling_initial_backoff(network.retry_delay);
    RetryConfig::standard()
        .with_max_attempts(network.max_retries.saturating_add(1))
        .with_initial_backoff(network.retry_delay)
        .with_max_backoff(network.max_retry_delay)
        .with_retry_spec(spec)
}

fn timeouts(network: &Network) -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(network.connect_timeout)
        .operation_timeout(network.deadline)
        .build()
}

/// Each request has its own attempts: what keeps a host that is down from being flooded is the breaker.
fn quota() -> RetryPartition {
    RetryPartition::custom("rsmf")
        .token_bucket(TokenBucket::unlimited())
        .build()
}
