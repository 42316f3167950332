//! Who a citizen is: login at an account outside the portal, the session that follows, and what the account told.
//!
//! Invariant: nobody is somebody but by a session of this town, and no session begins but with what a provider of this
//! town vouched for in answer to a login that began in the same browser.

pub mod oidc;
pub mod pages;
pub mod person;
mod records;
mod return_to;
mod standing;

pub use pages::{ProviderState, ProviderView};
pub use return_to::ReturnTo;
pub use standing::{Standing, standing};
