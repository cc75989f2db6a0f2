//! The stand-in for Relativity.

mod access;
mod here;
mod objects;
mod processing;
mod refusals;
