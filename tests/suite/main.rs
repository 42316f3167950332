//! The promises of the portal, told over HTTP in several towns, and by the real binary.

mod api;
mod bad_input;
mod binary;
mod cache;
mod content;
mod dated;
mod doctor;
mod drift;
mod examples;
mod faces;
mod front_door;
mod generations;
mod headers;
mod host;
mod isolation;
mod layers;
mod leaflets;
mod machines;
mod pages;
mod redirects;
mod reload;
mod search;
mod themes;
mod told;
mod words;
