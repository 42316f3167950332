//! The faces of accounts of the portal's own, from the registration to another password.

pub mod forgotten;
pub mod register;
pub mod security;
pub mod sign_in;
