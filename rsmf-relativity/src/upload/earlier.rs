//! Documents that were there before an upload made its own.

use super::{Landmarks, flow::Run, landmarks::documents, told};
use crate::{Entry, Names, Result, StageLog};

impl Run<'_> {
    /// What documents of this upload are found by.
    pub(super) fn landmarks(&self, names: &Names) -> Landmarks {
        let custodian = self.upload.options.custodian.to_string();
        let landmarks = Landmarks::new(&names.prefix, &names.set, custodian);
        let earlier = self.log.progress().earlier.clone();
        landmarks.without(earlier.unwrap_or_default())
    }

    /// Enters which documents there are that look like those of this upload, as late as it has none for sure.
    pub(super) async fn survey(&self, names: &Names) -> Result<()> {
        let is_done = {
            let progress = self.log.progress();
            progress.earlier.is_some() || !progress.submitting.is_empty()
        };
        if is_done {
            return Ok(());
        }
        let how = self.upload.options.verify.clone().unwrap_or_default();
        match documents(&self.upload.workspace, &self.landmarks(names), &how).await {
            Ok(found) => {
                let documents = found.into_values().flatten().collect();
                self.log.record(Entry::Earlier { documents }).await
            }
            Err(error) => {
                self.log.note(&format!(
                    "it cannot be seen which documents there are already: {}",
                    told(&error)
                ));
                Ok(())
            }
        }
    }
}
