//! What the portal writes to people by mail.

pub mod pages;
