//! The bucket itself.

use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
use rsmf_core::{Failure, Kind, Result};

use super::{S3Storage, send};

/// The region that is not named when a bucket is created in it.
const UNNAMED: &str = "us-east-1";

impl S3Storage {
    /// Lists one object: that takes the address, the credentials and the right to see the bucket.
    pub(super) async fn check_bucket(&self) -> Result<()> {
        self.first_object("check").await.map(|_| ())
    }

    async fn first_object(&self, operation: &'static str) -> Result<Option<String>> {
        let request = self
            .client()
            .list_objects_v2()
            .bucket(&self.inner.bucket)
            .set_request_payer(self.inner.payer())
            .max_keys(1);
        let answer = send!(request)
            .map_err(|refusal| refusal.error(operation, self.inner.info.name.clone()))?;
        let first = answer.contents().first();
        Ok(first.and_then(|object| object.key()).map(str::to_owned))
    }

    pub(super) async fn create_bucket(&self) -> Result<()> {
        let name = || self.inner.info.name.clone();
        // Some take a second creation by the same owner for a success.
        match send!(self.client().head_bucket().bucket(&self.inner.bucket)) {
            Ok(_) => {
                let failure = Failure::new("create", name()).source("it exists already");
                return Err(failure.conflict());
            }
            Err(refusal) if refusal.kind == Kind::NotFound => {}
            // Who may create buckets need not be able to look at all.
            Err(refusal) if refusal.kind == Kind::Denied => {}
            Err(refusal) => return Err(refusal.error("create", name())),
        }
        let region = self
            .client()
            .config()
            .region()
            .map(|region| region.to_string());
        let place = region.filter(|region| region != UNNAMED && !self.inner.foreign);
        let place = place.map(|region| {
            CreateBucketConfiguration::builder()
                .location_constraint(BucketLocationConstraint::from(region.as_str()))
                .build()
        });
        let request = self.client().create_bucket().bucket(&self.inner.bucket);
        match send!(request.set_create_bucket_configuration(place)) {
            Ok(_) => Ok(()),
            // The answer to the first attempt was lost.
            Err(refusal) if refusal.code == "BucketAlreadyOwnedByYou" && refusal.attempts > 1 => {
                Ok(())
            }
            Err(refusal) => Err(refusal.error("create", name())),
        }
    }

    pub(super) async fn remove_bucket(&self) -> Result<()> {
        let name = self.inner.info.name.clone();
        // Some remove a bucket with all that is in it.
        if let Some(object) = self.first_object("remove").await? {
            return Err(Failure::new("remove", name)
                .source(format!("it is not empty: {object:?} is in it"))
                .conflict());
        }
        match send!(self.client().delete_bucket().bucket(&self.inner.bucket)) {
            Ok(_) => Ok(()),
            Err(refusal) if refusal.kind == Kind::NotFound && refusal.attempts > 1 => Ok(()),
            Err(refusal) => Err(refusal.error("remove", name)),
        }
    }
}
