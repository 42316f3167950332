pub mod log;
pub mod web;
