//! Accounts of the portal's own: registered by people themselves, where a town offers it (promise P24).
//!
//! Invariant: nobody who asks from outside learns whether a name or an address is known here. What depends on that happens
//! in a job or behind a link that went to the address itself; a request does the same work for everybody.

mod records;
mod registration;
mod reset;
mod security;
mod sign_in;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;

use super::person::{Detail, Field, Source};
use crate::{
    store::{Result, Tx},
    tenant::{
        Tenant,
        schema::{Level, Provider},
    },
};

pub(crate) use records::STATEMENTS;
pub use registration::{
    Confirmed, Details, Seen, Stage, ask, begin, confirm, end as end_registration, forget, look_at, seen, take_back,
    work as write_mail,
};
pub use reset::{Lasting, is_open, order, set_anew, work as reset_mail};
pub use security::{App, Changed, Proof, State, change_password, finish_app, prepare_app, remove_app, state};
pub use sign_in::{Known, Tried, check_code, check_password};

/// Kinds of jobs: the mail after a registration, the end of one that nobody has confirmed, the mail with a new password.
pub const REGISTRATION: &str = "registration";
pub const REGISTRATION_END: &str = "registration-end";
pub const PASSWORD_RESET: &str = "password-reset";

/// The town's accounts of its own for citizens, if it offers them today.
pub fn provider_of(tenant: &Tenant) -> Option<&Provider> {
    tenant.providers().iter().map(|provider| &**provider).find(|provider| provider.is_own_account())
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

/// Names are compared without capitals and however their letters are composed.
async fn mark_of_name(tx: &mut Tx, provider: &str, name: &str) -> Result<Vec<u8>> {
    let name = name.trim().to_lowercase().nfkc().collect::<String>();
    Ok(tx.sealer().await?.mark("local-name", &[provider.as_bytes(), name.as_bytes()]))
}

/// No mail server in use tells addresses apart by capitals.
async fn mark_of_address(tx: &mut Tx, provider: &str, address: &str) -> Result<Vec<u8>> {
    let address = address.trim().to_lowercase().nfkc().collect::<String>();
    Ok(tx.sealer().await?.mark("local-address", &[provider.as_bytes(), address.as_bytes()]))
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
