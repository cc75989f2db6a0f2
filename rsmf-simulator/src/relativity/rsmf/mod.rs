//! RSMF files, as far as processing opens them.

mod digest;
mod manifest;
mod native;
mod open;

pub(super) use self::{
    digest::{Digests, file as digest_file, of as digests},
    manifest::Manifest,
    native::Native,
    open::{Child, Opened, Problem, open, open_whole},
};
