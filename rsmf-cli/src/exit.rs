//! What the exit codes of `rsmf` mean. Scripts may rely on them.

/// Everything was done; what was found wrong, if anything, are notices and warnings.
pub const OK: u8 = 0;
/// The command did its work, but the result needs a look: there are errors or warnings in the
/// report (`convert`), a file failed (`validate`), or not all has arrived (`relativity`).
pub const EXCEPTIONS: u8 = 1;
/// The command line makes no sense: an unknown option, a value that is none. Nothing was done.
pub const USAGE: u8 = 2;
/// The input is not there or cannot be read.
pub const INPUT: u8 = 3;
/// The output cannot be written. What has been written so far is whole.
pub const OUTPUT: u8 = 4;
/// A defect of the program, such as counts that do not add up. Do not use the result.
pub const INTERNAL: u8 = 5;
/// A job in Relativity has failed.
pub const FAILED: u8 = 6;
/// A job in Relativity was cancelled.
pub const CANCELLED: u8 = 7;
/// A job in Relativity goes on, but the time to wait for it was over.
pub const TIMED_OUT: u8 = 8;
/// Stopped by Ctrl-C (SIGINT). What has been written so far is whole; `--resume` goes on.
pub const INTERRUPTED: u8 = 130;
/// Stopped by SIGTERM. What has been written so far is whole; `--resume` goes on.
pub const TERMINATED: u8 = 143;
