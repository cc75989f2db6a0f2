//! What is better avoided although Relativity's validator lets it through.

mod content;
mod images;
mod members;
mod message;
mod reaction;
mod times;

pub(super) use content::check as check_manifest;
pub(super) use images::check as check_images;
pub(super) use members::check as check_entries;
pub(super) use message::{check as check_message, compare};
