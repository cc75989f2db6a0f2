//! Tools that a fresh machine lacks.

mod browser;
pub(crate) mod debian;
mod node;
mod python;
mod tmpfs;

pub(crate) use browser::browser;
pub(crate) use node::{Package, node_package};
pub(crate) use python::{Tool, python_programs, python_tools};
pub(crate) use tmpfs::tmpfs;
