//! The white-label check.
pub mod foreign;
