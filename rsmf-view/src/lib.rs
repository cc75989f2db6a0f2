#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(not(test), warn(clippy::indexing_slicing))]

mod avatars;
mod catalogue;
mod clock;
mod end;
mod event;
mod files;
mod index;
mod markup;
mod names;
mod options;
mod overview;
mod page;
mod people;
mod policy;
mod source;
mod survey;
mod text;

pub use catalogue::{Catalogue, Listed};
pub use end::{Link, Links, end_page};
pub use files::Files;
pub use index::write_index;
pub use names::{NameKind, Names, safe_name};
pub use options::Options;
pub use overview::{Overview, Talk};
pub use page::{begin_page, write_page};
pub use source::Source;

/// What the pages say about what made them. A folder whose `index.html` holds it is one of ours.
pub const GENERATOR: &str = concat!("rsmf-view ", env!("CARGO_PKG_VERSION"));
