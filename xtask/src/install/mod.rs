//! Tools that a fresh machine lacks.

pub(crate) mod debian;
mod python;

pub(crate) use python::{Tool, python_tools};
