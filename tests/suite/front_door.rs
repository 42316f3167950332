//! The front door, driven with raw bytes: whatever a peer does or leaves undone, it is answered or sent away in time,
//! and everybody else is served.
//!
//! Each test shortens only the deadline it is about; all others are longer than the test would ever wait.

mod body;
mod deadlines;
mod house;
mod ops;
mod peer;
mod shutdown;
mod tls;
