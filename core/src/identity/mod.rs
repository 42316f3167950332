//! Who a citizen is: login at an account outside the portal, the session that follows, and what the account told.

pub mod pages;

pub use pages::{ProviderState, ProviderView};
