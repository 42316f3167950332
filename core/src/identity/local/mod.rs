//! Accounts of the portal's own: registered by people themselves, where a town offers it (promise P24).
//!
//! Invariant: nobody who asks from outside learns whether a name or an address is known here. What depends on that happens
//! in a job or behind a link that went to the address itself; a request does the same work for everybody.

mod lost;
mod records;
mod registration;
mod reset;
mod security;
mod sign_in;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    person::{Detail, Field, Source},
    records::provider_of as provider_of_account,
};
use crate::{
    credentials::folded_name,
    store::{Result, Tx},
    tenant::{
        Tenant,
        schema::{Level, Provider},
    },
};

pub use lost::{Removed, app_removed, remove_lost_app};
pub(crate) use records::STATEMENTS;
pub use registration::{
    Confirmed, Details, Seen, Stage, Waiting, Written, ask, begin, confirm, end as end_registration, forget, look_at,
    seen, take_back, try_link, work as write_mail,
};
pub use reset::{Lasting, is_open, order, set_anew, work as reset_mail};
pub use security::{
    App, Changed, Proof, State, change_password, finish_app, prepare_app, prove, remove_app, state, stop_app,
};
pub use sign_in::{Known, Tried, check_code, check_password};

/// Kinds of jobs: the mail after a registration, the end of one that nobody has confirmed, the mail with a new password, the
/// one after the operator has taken an app out of an account.
pub const REGISTRATION: &str = "registration";
pub const REGISTRATION_END: &str = "registration-end";
pub const PASSWORD_RESET: &str = "password-reset";
pub const APP_REMOVED: &str = "app-removed";

/// The town's accounts of its own for citizens, if it offers them today.
pub fn provider_of(tenant: &Tenant) -> Option<&Arc<Provider>> {
    tenant.providers().iter().find(|provider| provider.is_own_account())
}

/// What an account of the portal's own knows beside its proofs; sealed.
#[derive(Clone, Serialize, Deserialize)]
struct Own {
    /// What the account is known by among those of its provider, as others are by a subject.
    subject: String,
    /// What its owner logs in with, as they wrote it.
    name: String,
    /// Where links go. Confirmed by one.
    address: String,
}

/// What somebody logs in with; `None` for accounts of other providers.
pub async fn name_of(tx: &mut Tx, account: Uuid) -> Result<Option<String>> {
    let Some(row) = records::get(tx, account).await? else { return Ok(None) };
    Ok(Some(row.own(tx).await?.name))
}

async fn mark_of_name(tx: &mut Tx, provider: &str, name: &str) -> Result<Vec<u8>> {
    let name = folded_name(name);
    Ok(tx.sealer().await?.mark("local-name", &[provider.as_bytes(), name.as_bytes()]))
}

/// No mail server in use tells addresses apart by capitals.
async fn mark_of_address(tx: &mut Tx, provider: &str, address: &str) -> Result<Vec<u8>> {
    let address = folded_name(address);
    Ok(tx.sealer().await?.mark("local-address", &[provider.as_bytes(), address.as_bytes()]))
}

/// The mark of an address as that of an account would be kept.
pub(super) async fn mark_of_address_of(tx: &mut Tx, account: Uuid, address: &str) -> Result<Vec<u8>> {
    let provider = provider_of_account(tx, account).await?.unwrap_or_default();
    mark_of_address(tx, &provider, address).await
}

/// From here on links go to another address, and those that went to the one before count no more. `false`: it belongs to
/// another account.
pub(super) async fn set_address(tx: &mut Tx, account: Uuid, address: &str) -> Result<bool> {
    let Some(row) = records::get(tx, account).await? else { return Ok(false) };
    let mark = mark_of_address_of(tx, account, address).await?;
    if records::is_taken(tx, &mark, Some(account)).await? {
        return Ok(false);
    }
    let own = Own { address: address.to_owned(), ..row.own(tx).await? };
    records::set_address(tx, account, mark, &own).await?;
    records::drop_resets(tx, account).await?;
    Ok(true)
}

/// What somebody stated about themselves, as a provider of level `basis` would tell it.
fn stated(given_name: &str, surname: &str, email: &str) -> Vec<Detail> {
    let detail = |(field, value): (Field, &str)| Detail {
        field,
        value: value.to_owned(),
        trust: Level::Basis,
        source: Source::Stated,
    };
    [(Field::GivenName, given_name), (Field::Surname, surname), (Field::Email, email)].map(detail).into()
}
