//! The promises of the portal, told over HTTP in several towns, and by the real binary.

mod binary;
mod front_door;
mod pages;
mod reload;
