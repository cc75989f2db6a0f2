#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod attachments;
mod build;
mod conversation;
mod downloads;
mod error;
mod filter;
mod hashing;
mod ledger;
mod legacy;
mod members;
mod micros;
mod names;
mod options;
mod page;
mod people;
mod period;
mod progress;
mod render;
mod report;
mod run;
mod similar;
mod slice;
mod spool;
mod text;
mod threads;
mod timeline;

pub use downloads::Downloads;
pub use error::{Error, Result};
pub use options::{
    BodyText, Existing, Filters, MissingFiles, Options, Parents, SliceBy, parse_size, parse_time,
};
pub use progress::{Progress, Silent, Update};
pub use report::{
    ConversationReport, ExceptionSummary, InputDigest, OptionsReport, Reconciliation, Report,
    TableReport, Totals,
};
pub use run::{Converter, is_unfinished};
pub use timeline::{Timeline, TimelineUnit};
