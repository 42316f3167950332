//! Where the house meets the network: the front door, the operator's side door, the names of what is measured.
//!
//! Invariant: no request reaches the app without a [`front_door::Peer`] and a [`front_door::RequestId`].

pub mod front_door;
pub mod metrics;
pub mod ops;
