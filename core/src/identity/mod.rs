//! Who a citizen is: login at an account outside the portal, the session that follows, and what the account told.
//!
//! Invariant: nobody is somebody but by a session of this town, and no session begins but with what a provider of this
//! town vouched for in answer to a login that began in the same browser.

pub mod cookies;
pub mod doors;
mod given_back;
mod login;
pub mod oidc;
pub mod pages;
pub mod person;
pub mod provider;
mod records;
mod return_to;
pub mod sessions;
mod standing;
pub mod switch;
mod visit;

pub use cookies::{LOGIN_COOKIE, STAFF_COOKIE};
pub use given_back::given_back;
pub use pages::{ProviderState, ProviderView};
pub use provider::Logins;
pub(crate) use records::STATEMENTS;
pub use return_to::ReturnTo;
pub use standing::{Standing, standing};
pub use visit::{CitizenVisit, NotLookedUp};

use crate::store::{Result, Tx};

/// What is known of the person an account belongs to, without their being here; `None` if the account is gone.
pub async fn profile(tx: &mut Tx, account: uuid::Uuid) -> Result<Option<person::Profile>> {
    records::profile(tx, account).await
}
