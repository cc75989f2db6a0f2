use std::{
    fs::Metadata,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use rsmf_core::{
    UtcTime,
    integration::{ObjectMeta, StorePath},
};

/// What the file system says about an object.
pub(super) fn describe(path: StorePath, metadata: &Metadata) -> ObjectMeta {
    let mut meta = ObjectMeta::new(path, metadata.len());
    let nanos = metadata.modified().ok().map(nanos_since_1970);
    meta.modified = nanos
        .and_then(|nanos| i64::try_from(nanos.div_euclid(1000)).ok())
        .and_then(UtcTime::from_micros);
    meta.etag = Some(etag(metadata));
    meta
}

/// The time as the system has it, where it can have it.
pub(super) fn system_time(time: UtcTime) -> Option<SystemTime> {
    let distance = Duration::from_micros(time.micros().unsigned_abs());
    match time.micros() {
        0.. => UNIX_EPOCH.checked_add(distance),
        _ => UNIX_EPOCH.checked_sub(distance),
    }
}

/// Changes with every replacement and with every change in place that the clock can tell.
pub(super) fn etag(metadata: &Metadata) -> String {
    let nanos = metadata.modified().ok().map(nanos_since_1970);
    let (size, nanos) = (metadata.len(), nanos.unwrap_or_default());
    format!("{:x}-{size:x}-{nanos:x}", inode(metadata))
}

fn nanos_since_1970(time: SystemTime) -> i128 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => after.as_nanos() as i128,
        Err(before) => -(before.duration().as_nanos() as i128),
    }
}

#[cfg(unix)]
fn inode(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_: &Metadata) -> u64 {
    0
}
