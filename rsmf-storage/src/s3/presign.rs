//! Addresses that work without credentials.

use std::time::Duration;

use aws_sdk_s3::presigning::PresigningConfig;
use rsmf_core::{
    Failure, Result,
    integration::{Grant, PresignOptions, Presigned, StorePath},
};

use super::{S3Storage, object};

/// For how long S3 lets an address be good.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 3600);

impl S3Storage {
    pub(super) async fn presign_object(
        &self,
        path: &StorePath,
        options: PresignOptions,
    ) -> Result<Presigned> {
        let failure = || Failure::new("make an address for", self.address(path));
        if options.valid_for > LONGEST {
            return Err(failure()
                .source("S3 lets no address be good for more than seven days")
                .invalid_input());
        }
        if options.password.is_some() {
            return Err(failure()
                .source("S3 has no passwords for addresses")
                .unsupported());
        }
        if self.inner.customer.is_some() {
            return Err(failure()
                .source("whoever used it would need the key for encryption")
                .unsupported());
        }
        let config = PresigningConfig::expires_in(options.valid_for)
            .map_err(|error| failure().source(error).invalid_input())?;
        let signed = match options.grant {
            Grant::Get => {
                let request = object!(self, path, self.client().get_object());
                Box::pin(request.presigned(config))
                    .await
                    .map_err(|error| error.to_string())
            }
            Grant::Put => {
                self.check_name(path).await?;
                let request = object!(self, path, self.client().put_object());
                Box::pin(request.presigned(config))
                    .await
                    .map_err(|error| error.to_string())
            }
            Grant::ReadAndList => {
                return Err(failure().source("S3 signs single requests").unsupported());
            }
        };
        let signed = signed.map_err(|why| failure().source(why).denied())?;
        let headers = signed.headers();
        Ok(Presigned {
            url: signed.uri().to_owned().into(),
            headers: headers
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        })
    }
}
