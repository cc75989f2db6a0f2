//! The whole way of an upload, against the stand-in.

mod claim;
mod flow;
mod jobs;
mod platform;
mod proof;
mod resume;
mod staging;
mod world;
