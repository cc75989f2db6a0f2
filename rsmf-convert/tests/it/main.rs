//! Conversions from memory to memory.

mod attachments;
mod basics;
mod filters;
mod harness;
mod parents;
mod slicing;
