//! The promises of the strict profile, tried with messages made on the spot.

mod attacks;
mod claims;
mod downgrades;
mod good;
mod idp;
mod keys;
mod mutations;
mod requests;
