//! What a Nextcloud server has besides its files.

use super::nextcloud::Caller;

/// A Nextcloud server, as one user sees it.
#[derive(Debug, Clone)]
pub(super) struct Cloud {
    pub(super) caller: Caller,
}
