//! Starting a job without a journal: Relativity itself is asked what is there.

use super::{UploadOptions, create, flow, preflight, watch::Follower};
use crate::{
    Phase, Result, UncPath, WaitOptions,
    client::{
        ArtifactId, Workspace,
        processing::{DataSource, NewProcessingSet},
    },
};

/// Makes the set of this name with a data source for the folder, as far as they are not there, and has it discovered, as
/// far as it is not.
pub(crate) async fn start_job(
    workspace: &Workspace,
    name: &str,
    folder: &UncPath,
    options: &UploadOptions,
) -> Result<ArtifactId> {
    let found = preflight::check(workspace, options).await?;
    preflight::check_folder(folder, &found.locations)?;
    let set = match flow::find_set(workspace, name).await? {
        Some(set) => set,
        None => {
            let mut new = NewProcessingSet::new(name, found.profile);
            new.notify.clone_from(&options.notify);
            workspace.create_processing_set(&new).await?
        }
    };
    let is_new = flow::find_source(workspace, set, name).await?.is_none();
    if is_new {
        let prefix = options.prefix.as_deref().unwrap_or("RSMF");
        let custodian = create::custodian(
            workspace,
            None,
            &options.custodian,
            options.custodian_kind,
            prefix,
        )
        .await?;
        let mut new = DataSource::new(name, set, custodian, folder.as_str());
        (new.folder, new.time_zone) = (found.folder, found.time_zone);
        prefix.clone_into(&mut new.document_numbering_prefix);
        new.ocr_languages.clone_from(&options.ocr_languages);
        workspace.create_data_source(&new).await?;
    }
    let usual = WaitOptions::default();
    let options = options.wait.as_ref().unwrap_or(&usual);
    let follower = Follower {
        workspace,
        set,
        options,
    };
    if !follower.has_begun(Phase::Discover).await? {
        // Who made the data source may have submitted it just now.
        follower.submit(Phase::Discover, !is_new).await?;
    }
    Ok(set)
}
