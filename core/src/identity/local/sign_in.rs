//! Name and password, then the code of an app where somebody has set one up.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{mark_of_name, records};
use crate::{
    audit::{self, Actor, Entry},
    credentials::{Credentials, slowly, step_of},
    error,
    identity::person::{Delivered, Method},
    store::{Result, TenantStore, Tx},
    tenant::schema::Level,
};

/// After so many wrong proofs by somebody who knows the password or sits in a session an account rests.
pub(super) const FAILURES: i64 = 5;
const RESTS: SignedDuration = SignedDuration::from_mins(15);

/// Somebody whose password was right.
pub struct Known {
    pub account: Uuid,
    subject: String,
    /// They have set an app up: without its code nobody gets in.
    pub needs_code: bool,
}

impl Known {
    /// What the portal vouches for as a provider: nothing but that it is the same person.
    pub fn delivered(self) -> Delivered {
        Delivered {
            subject: Some(self.subject),
            level: Level::Basis,
            method: Method::Password,
            specimen: false,
            details: Vec::new(),
        }
    }
}

/// Who has this name and password; `None` tells neither which of them is wrong nor that an account rests. The same work
/// is done for names that nobody has.
pub async fn check_password(
    store: &TenantStore,
    provider: &str,
    name: &str,
    password: &str,
    now: Timestamp,
) -> error::Result<Option<Known>> {
    let mut tx = store.write().await?;
    let mark = mark_of_name(&mut tx, provider, name).await?;
    let found = records::find(&mut tx, mark, provider).await?.filter(|row| !row.is_locked(now));
    let account = match found {
        Some(row) => Some((row.account_id, row.own(&mut tx).await?, row.credentials(&mut tx).await?)),
        None => None,
    };
    tx.commit().await?;
    let password = password.to_owned();
    let checked = slowly(move || match account {
        Some((account, own, credentials)) if credentials.is_password(&password) => {
            Some(Known { account, subject: own.subject, needs_code: credentials.totp.is_some() })
        }
        Some(_) => None,
        None => {
            Credentials::waste_time(&password);
            None
        }
    });
    checked.await
}

/// What became of a code.
pub enum Tried {
    Right(Known),
    Wrong,
    /// The account rests, is gone, or has no app any more: the login begins anew.
    Over,
}

/// Looks at the code of somebody whose password was right. The caller commits whatever the outcome.
pub async fn check_code(tx: &mut Tx, account: Uuid, code: &str, now: Timestamp) -> Result<Tried> {
    let Some(tries) = records::try_proof(tx, account, now).await? else { return Ok(Tried::Over) };
    let Some(row) = records::get(tx, account).await? else { return Ok(Tried::Over) };
    let (own, credentials) = (row.own(tx).await?, row.credentials(tx).await?);
    let Some(secret) = credentials.totp else { return Ok(Tried::Over) };
    if let Some(step) = step_of(&secret, code, row.totp_step, now)
        && records::use_step(tx, account, step).await?
    {
        return Ok(Tried::Right(Known { account, subject: own.subject, needs_code: false }));
    }
    rest_after(tx, account, tries, now).await?;
    Ok(Tried::Wrong)
}

pub(super) async fn rest_after(tx: &mut Tx, account: Uuid, tries: i64, now: Timestamp) -> Result<()> {
    if tries >= FAILURES {
        records::lock(tx, account, now + RESTS).await?;
        audit::record(tx, now, Entry::new(Actor::System, "account.rests").about(account).concerns([account])).await?;
    }
    Ok(())
}
