//! Who somebody is: providers, logins, sessions.

pub mod oidc;
