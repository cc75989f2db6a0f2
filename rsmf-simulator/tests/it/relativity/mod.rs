//! The stand-in for Relativity.

mod access;
mod here;
mod import;
mod messages;
mod objects;
mod odds;
mod processing;
mod refusals;
mod transfer;
