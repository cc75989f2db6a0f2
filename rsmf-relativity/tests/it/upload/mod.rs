//! The whole way of an upload, against the stand-in.

mod claim;
mod flow;
mod jobs;
mod platform;
mod resume;
mod staging;
mod world;
