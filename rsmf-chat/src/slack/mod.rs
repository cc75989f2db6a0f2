//! Slack exports: zip files and folders, as workspaces, Enterprise Grid organisations and
//! slackdump write them.
//!
//! [`SlackSource`] gives every record of the export as an event or as an exception that accounts
//! for it. Conversations are read file by file with bounded memory, on as many threads as the
//! given [`Workers`] have; the result does not depend on how many those are.

mod amendments;
mod contents;
mod conversation;
#[cfg(feature = "slack-files")]
mod download;
mod files;
mod layout;
mod map;
mod marks;
mod order;
mod pump;
mod records;
mod scene;
mod source;

use rsmf_core::workers::Workers;

#[cfg(feature = "slack-files")]
#[cfg_attr(docsrs, doc(cfg(feature = "slack-files")))]
pub use self::download::{DownloadOptions, SlackDownloads};
pub use self::source::SlackSource;
use crate::Limits;

/// How a Slack export is read.
///
/// ```
/// use rsmf_chat::slack::SlackOptions;
/// use rsmf_core::workers::Workers;
///
/// let workers = Workers::new(2.try_into()?)?;
/// let mut options = SlackOptions::new(workers);
/// options.limits.max_ratio = 100;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SlackOptions {
    /// The threads that decompress and parse.
    pub workers: Workers,
    /// How much the export may ask of the machine.
    pub limits: Limits,
}

impl SlackOptions {
    /// Reads with these threads and the default limits.
    pub fn new(workers: Workers) -> Self {
        Self {
            workers,
            limits: Limits::default(),
        }
    }
}
