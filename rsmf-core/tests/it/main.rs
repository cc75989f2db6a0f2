//! Integration tests of rsmf-core.

mod verdicts;
