//! The faces of accounts of the portal's own, from the registration to another password.

pub mod forgotten;
pub mod register;
pub mod security;
pub mod sign_in;

use super::private;
use crate::web::{Head, Visit};

/// The head of a page to which the login leads.
fn below(visit: &Visit, title: &str) -> Head {
    private(visit, title).below(visit.text("login.title"), visit.url("/anmelden"))
}
