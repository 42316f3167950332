//! The white-label check.

pub mod words;
