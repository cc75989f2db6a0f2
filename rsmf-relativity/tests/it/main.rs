//! The client of Relativity from outside.
