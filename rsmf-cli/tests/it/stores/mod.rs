//! The command between stores that lie elsewhere: real servers, and stand-ins for what no real server gives here.

mod access;
mod convert;
mod moves;
mod places;
mod read;
mod relativity;
mod roles;
mod secrets;

use std::process::{Child, Stdio};

use crate::folder::files;
use places::Places;

/// The lines of a text.
fn lines(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    text.lines().map(ToOwned::to_owned).collect()
}

/// Starts a command that is killed after a while, unless it has ended by then; tells whether it was killed.
fn killed(mut command: std::process::Command, after: std::time::Duration) -> bool {
    let mut child: Child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(after);
    let has_ended = child.try_wait().unwrap().is_some();
    // It may have ended in between.
    let _ = child.kill();
    child.wait().unwrap();
    !has_ended
}
