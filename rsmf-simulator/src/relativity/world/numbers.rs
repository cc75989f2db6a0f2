//! Numbers and GUIDs that nothing else has.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

/// Numbers of artifacts, which all workspaces share.
#[derive(Debug, Clone)]
pub(crate) struct Numbers(Arc<AtomicI64>);

impl Default for Numbers {
    fn default() -> Self {
        Self(Arc::new(AtomicI64::new(1_038_000)))
    }
}

impl Numbers {
    pub(crate) fn next(&self) -> i64 {
        self.0.fetch_add(1, Ordering::Relaxed) + 1
    }
}

/// A GUID that is really random: whoever knows it knows it by chance.
pub(crate) fn guid() -> String {
    let bits = fastrand::u128(..);
    let hex = format!("{bits:032x}");
    let parts = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ];
    parts.join("-")
}

/// Whether this is a GUID, with or without braces.
pub(crate) fn is_guid(text: &str) -> bool {
    let text = text.trim_start_matches('{').trim_end_matches('}');
    let parts: Vec<_> = text.split('-').collect();
    let lengths: Vec<_> = parts.iter().map(|part| part.len()).collect();
    lengths == [8, 4, 4, 4, 12]
        && parts
            .iter()
            .all(|part| part.bytes().all(|it| it.is_ascii_hexdigit()))
}
