//! Tokens of Entra ID.

use std::{path::PathBuf, sync::Arc};

use azure_core::{
    cloud::{CloudConfiguration, CustomConfiguration},
    credentials::{Secret as SdkSecret, TokenCredential},
    http::ClientOptions,
};
use azure_identity::{
    AzureCliCredential, ClientAssertionCredential, ClientAssertionCredentialOptions,
    ClientSecretCredential, ClientSecretCredentialOptions, ManagedIdentityCredential,
    ManagedIdentityCredentialOptions, UserAssignedId, WorkloadIdentityCredential,
    WorkloadIdentityCredentialOptions,
};
use rsmf_core::{
    Failure, Result,
    secret::{Secret, SecretSource},
};
use secrecy::ExposeSecret;
use url::Url;

use super::{AzureConfig, AzureCredential, certificate::Certificate, chain::Chain};

type Credential = Arc<dyn TokenCredential>;

/// Who gives tokens.
pub(in crate::azure) fn authority(config: &AzureConfig, secrets: &dyn SecretSource) -> Result<Url> {
    if let Some(authority) = &config.authority {
        return Ok(authority.clone());
    }
    let text = secrets.env("AZURE_AUTHORITY_HOST");
    let usual = "https://login.microsoftonline.com";
    parsed("AZURE_AUTHORITY_HOST", text.as_deref().unwrap_or(usual))
}

/// Who gives the tokens of this virtual machine, if not the usual address. The variable is the one that Microsoft's
/// libraries for other languages know.
pub(in crate::azure) fn metadata(
    config: &AzureConfig,
    secrets: &dyn SecretSource,
) -> Result<Option<Url>> {
    const VARIABLE: &str = "AZURE_POD_IDENTITY_AUTHORITY_HOST";
    if config.metadata.is_some() {
        return Ok(config.metadata.clone());
    }
    let text = secrets.env(VARIABLE).filter(|text| !text.is_empty());
    text.map(|text| parsed(VARIABLE, &text)).transpose()
}

fn parsed(variable: &'static str, text: &str) -> Result<Url> {
    Url::parse(text).map_err(|error| {
        Failure::new("use", format!("the address in {variable}"))
            .source(error)
            .invalid_input()
    })
}

/// Makes credentials.
pub(in crate::azure) struct Tokens<'a> {
    pub(in crate::azure) config: &'a AzureConfig,
    pub(in crate::azure) secrets: &'a dyn SecretSource,
    pub(in crate::azure) authority: Url,
    /// How those who give tokens are reached.
    pub(in crate::azure) options: ClientOptions,
}

impl Tokens<'_> {
    /// What the configuration names.
    pub(super) fn credential(&self) -> Result<Credential> {
        match &self.config.credential {
            AzureCredential::ClientSecret {
                tenant,
                client,
                secret,
            } => self.secret(tenant, client, secret),
            AzureCredential::ClientCertificate {
                tenant,
                client,
                certificate,
            } => self.certificate(tenant, client, certificate),
            AzureCredential::WorkloadIdentity {
                tenant,
                client,
                token_file,
            } => self.workload(tenant, client, token_file.clone()),
            AzureCredential::ManagedIdentity { client } => self.managed(client.as_deref()),
            AzureCredential::Cli => cli(),
            AzureCredential::Custom(credential) => Ok(Arc::clone(credential)),
            _ => self.usual(),
        }
    }

    /// What the environment names is meant; only where it names nothing is something searched for.
    fn usual(&self) -> Result<Credential> {
        let variable = |name| self.secrets.env(name).filter(|value| !value.is_empty());
        let client = variable("AZURE_CLIENT_ID");
        if let (Some(tenant), Some(client)) = (variable("AZURE_TENANT_ID"), &client) {
            if let Some(secret) = variable("AZURE_CLIENT_SECRET") {
                return self.secret(&tenant, client, &secret.as_str().into());
            }
            if let Some(path) = variable("AZURE_CLIENT_CERTIFICATE_PATH") {
                return self.certificate(&tenant, client, &Secret::File(path.into()));
            }
            if let Some(path) = variable("AZURE_FEDERATED_TOKEN_FILE") {
                return self.workload(&tenant, client, path.into());
            }
        }
        let mut sources = vec![("managed identity", self.managed(client.as_deref())?)];
        if let Ok(cli) = cli() {
            sources.push(("az", cli));
        }
        Ok(Arc::new(Chain::new(sources)))
    }

    fn secret(&self, tenant: &str, client: &str, secret: &Secret) -> Result<Credential> {
        let secret = secret.resolve(self.secrets)?;
        let secret = SdkSecret::new(secret.expose_secret().to_owned());
        let options = ClientSecretCredentialOptions {
            client_options: self.cloud(),
        };
        let made = ClientSecretCredential::new(tenant, client.to_owned(), secret, Some(options));
        Ok(made.map_err(|error| unusable("client-secret", error))?)
    }

    fn certificate(&self, tenant: &str, client: &str, pem: &Secret) -> Result<Credential> {
        let authority = self.authority.as_str().trim_end_matches('/');
        let audience = format!("{authority}/{tenant}/oauth2/v2.0/token");
        let assertion = Certificate::new(&pem.resolve(self.secrets)?, client, audience)?;
        let options = ClientAssertionCredentialOptions {
            client_options: self.cloud(),
        };
        let (tenant, client) = (tenant.to_owned(), client.to_owned());
        let made = ClientAssertionCredential::new(tenant, client, assertion, Some(options));
        Ok(made.map_err(|error| unusable("client-certificate", error))?)
    }

    fn workload(&self, tenant: &str, client: &str, token_file: PathBuf) -> Result<Credential> {
        let options = WorkloadIdentityCredentialOptions {
            credential_options: ClientAssertionCredentialOptions {
                client_options: self.cloud(),
            },
            client_id: Some(client.to_owned()),
            tenant_id: Some(tenant.to_owned()),
            token_file_path: Some(token_file),
        };
        let made = WorkloadIdentityCredential::new(Some(options));
        Ok(made.map_err(|error| unusable("workload-identity", error))?)
    }

    fn managed(&self, client: Option<&str>) -> Result<Credential> {
        let options = ManagedIdentityCredentialOptions {
            user_assigned_id: client.map(|id| UserAssignedId::ClientId(id.to_owned())),
            client_options: self.options.clone(),
        };
        let made = ManagedIdentityCredential::new(Some(options));
        Ok(made.map_err(|error| unusable("managed-identity", error))?)
    }

    fn cloud(&self) -> ClientOptions {
        let mut custom = CustomConfiguration::default();
        custom.authority_host = self.authority.to_string();
        ClientOptions {
            cloud: Some(Arc::new(CloudConfiguration::Custom(custom))),
            ..self.options.clone()
        }
    }
}

fn cli() -> Result<Credential> {
    let made = AzureCliCredential::new(None);
    Ok(made.map_err(|error| unusable("cli", error))?)
}

fn unusable(name: &str, error: azure_core::Error) -> rsmf_core::Error {
    Failure::new("use", format!("the credential {name}"))
        .source(error)
        .invalid_input()
}
