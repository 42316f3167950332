//! The mailbox (Postkorb): messages between a person and the town hall, and decisions among them.

pub mod pages;
