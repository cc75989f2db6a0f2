//! The profile that a configuration names: it decides who asks, whatever the environment holds.

use std::collections::BTreeSet;

use aws_config::{
    default_provider::credentials::DefaultCredentialsChain,
    meta::credentials::CredentialsProviderChain,
    profile::{self, ProfileFileCredentialsProvider},
    provider_config::ProviderConfig,
};
use aws_types::os_shim_internal::{Env, Fs};
use rsmf_core::{Failure, Result};

/// What gives the credentials of a profile; where it has none of its own, the rest of the SDK's chain.
///
/// # Errors
/// [`InvalidInput`](rsmf_core::Error::InvalidInput) where it, or one that it builds on, is not there.
pub(super) async fn credentials(
    name: &str,
    provider: ProviderConfig,
) -> Result<CredentialsProviderChain> {
    check(name).await?;
    let own = ProfileFileCredentialsProvider::builder()
        .profile_name(name)
        .configure(&provider)
        .build();
    let rest = DefaultCredentialsChain::builder()
        .profile_name(name)
        .configure(provider);
    let rest = Box::pin(rest.build()).await;
    Ok(CredentialsProviderChain::first_try("Profile", own).or_else("Default", rest))
}

/// Looks whether a profile is there, with those from which it has its credentials.
async fn check(name: &str) -> Result<()> {
    let failed = |name: &str| Failure::new("use", format!("the AWS profile {name:?}"));
    let loaded = profile::load(&Fs::real(), &Env::real(), &Default::default(), None).await;
    let profiles = loaded.map_err(|error| failed(name).source(error).invalid_input())?;
    let (mut next, mut seen) = (Some(name), BTreeSet::new());
    while let Some(name) = next.filter(|name| seen.insert(name.to_owned())) {
        let Some(profile) = profiles.get_profile(name) else {
            return Err(failed(name)
                .source("neither ~/.aws/config nor ~/.aws/credentials has it")
                .advice(
                    "check its name, or what AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE name",
                )
                .invalid_input());
        };
        next = profile.get("source_profile");
    }
    Ok(())
}
