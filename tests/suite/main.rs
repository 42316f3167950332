//! The promises of the portal, told over HTTP in several towns, and by the real binary.

mod cache;
mod dated;
mod headers;
mod host;
mod isolation;
mod pages;
mod redirects;
