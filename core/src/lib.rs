//! The service portal as a library: one binary, any number of towns.
//!
//! Rooms, lowest first; a room uses those above its own line in this list and nothing below it.

#![warn(clippy::unwrap_used)]

pub mod body;
pub mod clock;
pub mod error;
pub mod locale;
pub mod log;
pub mod pack;
pub mod yaml;

pub mod config;
pub mod theme;

pub mod tenant;

pub mod paper;

pub mod crypto;

pub mod store;

pub mod audit;

pub mod web;

pub mod credentials;

pub mod jobs;

pub mod mail;

pub mod files;

pub mod catalogue;
pub mod content;

pub mod identity;

pub mod cases;

pub mod delivery;

pub mod forms;

pub mod mailbox;

pub mod staff;

pub mod keeping;

pub mod desk;

pub mod moves;

pub mod api;

pub mod walk;

pub mod lint;
pub mod plan;

pub mod onboarding;

pub mod farewell;

pub mod server;

pub mod doctor;

pub mod statements;
