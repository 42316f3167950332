//! The promises of the portal, told over HTTP in several towns, and by the real binary.

mod bad_input;
mod content;
mod layers;
mod pages;
mod themes;
mod told;
