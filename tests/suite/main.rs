//! The promises of the portal, told over HTTP in several towns, and by the real binary.

mod binary;
mod pages;
mod reload;
