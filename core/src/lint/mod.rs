//! The white-label check.
