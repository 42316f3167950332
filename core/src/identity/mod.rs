//! Who a citizen is: login at an account outside the portal, the session that follows, and what the account told.
//!
//! Invariant: nobody is somebody but by a session of this town, and no session begins but with what a provider of this
//! town vouched for in answer to a login that began in the same browser.

pub mod cookies;
pub mod doors;
mod given_back;
pub mod local;
mod login;
pub mod oidc;
pub mod own_data;
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
pub(crate) use local::STATEMENTS as OF_LOCAL;
pub(crate) use own_data::STATEMENTS as OF_OWN_DATA;
pub use pages::{ProviderState, ProviderView};
pub use provider::Logins;
pub(crate) use records::STATEMENTS;
pub use return_to::ReturnTo;
pub use standing::{Standing, standing};
pub use visit::{CitizenVisit, NotLookedUp};

use crate::{
    crypto::Sealed,
    store::{Result, Tx},
};

/// Whether mails say that something new lies in the Postkorb.
pub async fn is_notified(tx: &mut Tx, account: uuid::Uuid) -> Result<bool> {
    records::is_notified(tx, account).await
}

pub async fn set_notified(tx: &mut Tx, account: uuid::Uuid, on: bool) -> Result<()> {
    records::set_notified(tx, account, on).await
}

/// Some accounts of a provider, those after `after` in the order of their ids; none: that was all. Guests are left out.
pub async fn accounts_of(tx: &mut Tx, provider: &str, after: uuid::Uuid) -> Result<Vec<(uuid::Uuid, person::Profile)>> {
    records::accounts_of(tx, provider, after).await
}

/// The id of the provider an account belongs to; `None`: it is gone, or a guest's.
pub async fn provider_of(tx: &mut Tx, account: uuid::Uuid) -> Result<Option<String>> {
    records::provider_of(tx, account).await
}

/// Lets everybody else who changes the account, or begins something in it, wait until this transaction is over. Whoever
/// writes a profile back holds the account before reading it. `false`: there is no such account.
pub async fn hold(tx: &mut Tx, account: uuid::Uuid) -> Result<bool> {
    records::hold(tx, account).await
}

/// Writes down what is known of a person from now on.
pub async fn save_profile(tx: &mut Tx, account: uuid::Uuid, profile: &person::Profile) -> Result<()> {
    records::save_profile(tx, account, profile).await
}

/// Ends every login of an account.
pub async fn end_all(tx: &mut Tx, account: uuid::Uuid) -> Result<u64> {
    records::end_all(tx, account).await
}

/// What is known of the person an account belongs to, without their being here; `None` if the account is gone.
pub async fn profile(tx: &mut Tx, account: uuid::Uuid) -> Result<Option<person::Profile>> {
    records::profile(tx, account).await
}

/// The same for whoever has found it in the row of the account.
pub async fn open_profile(tx: &mut Tx, account: uuid::Uuid, sealed: &Sealed) -> Result<person::Profile> {
    records::open_profile(tx, account, sealed).await
}
