//! The end of accounts whose provider is gone: told once, deleted after the last day.

use std::sync::Arc;

use jiff::{Timestamp, ToSpan, civil::Date};
use serde::Serialize;
use uuid::Uuid;

use super::records;
use crate::{
    audit::Actor,
    clock::local_zone,
    error::Result,
    identity, keeping,
    locale::Locale,
    mail::{
        self,
        pages::{EndMail, write},
    },
    store::{self, Tx},
    tenant::{
        Found, Tenant,
        schema::{Moving, Stage},
    },
    web::{Portal, Visit},
};

/// Nobody is deleted sooner than so many days after they were told, also where the portal was away in between.
const TOLD_DAYS: i64 = 14;
const AT_ONCE: i64 = 50;
/// A range of ids.
const EVERYBODY: (Uuid, Uuid) = (Uuid::nil(), Uuid::max());

/// How it stands with the accounts of one provider.
#[derive(Debug, Clone, Serialize)]
pub struct Retiring {
    /// Ids of the providers.
    pub from: String,
    pub to: String,
    /// `open`, `closing`, `over`
    pub stage: &'static str,
    /// The last day on which somebody may take over an old account.
    pub last_day: String,
    pub accounts: u64,
    /// Of these, taken over.
    pub moved: u64,
    /// Not told yet that they end; a mail goes out in the last 14 days.
    pub not_told: u64,
    /// Deleted by the next sweep: told two weeks ago, or moved and nobody can undo it.
    pub due: u64,
    /// Deleted sooner or later unless their people move: everything that was not taken over.
    pub will_go: u64,
    /// Accounts with cases that are not over: those stay, as files of the town.
    pub with_open_cases: u64,
}

/// The move that is open into accounts of a provider, and its last day. After the end it stays open as long as a mail has
/// promised it to somebody who has not moved yet; to everybody alike, so that it tells nothing of who has an account.
///
/// # Errors
/// The database does not answer.
pub async fn open_into<'a>(
    tx: &mut Tx,
    tenant: &'a Tenant,
    provider: &str,
    now: Timestamp,
) -> store::Result<Option<(&'a Moving, Date)>> {
    if let Some(moving) = tenant.moving_into(provider) {
        return Ok(Some((moving, moving.last_day)));
    }
    for moving in tenant.moving.iter().filter(|moving| moving.to.id == provider) {
        let told = records::last_warned(tx, &moving.from.id).await?;
        if let Some(told) = told.filter(|told| *told > told_before(now)) {
            return Ok(Some((moving, last_day(moving, told))));
        }
    }
    Ok(None)
}

/// How it stands with every provider that goes.
pub async fn retiring(tx: &mut Tx, tenant: &Tenant, now: Timestamp) -> store::Result<Vec<Retiring>> {
    let mut all = Vec::new();
    for moving in &tenant.moving {
        let [accounts, moved, not_told, with_open_cases] = records::counts(tx, &moving.from.id).await?;
        let due = match moving.stage {
            Stage::Over => to_retire(tx, moving, now, EVERYBODY, i64::MAX).await?.len(),
            Stage::Open | Stage::Closing => 0,
        };
        all.push(Retiring {
            from: moving.from.id.clone(),
            to: moving.to.id.clone(),
            stage: match moving.stage {
                Stage::Open => "open",
                Stage::Closing => "closing",
                Stage::Over => "over",
            },
            last_day: moving.last_day.to_string(),
            accounts,
            moved,
            not_told,
            due: due as u64,
            will_go: accounts.saturating_sub(moved),
            with_open_cases,
        });
    }
    Ok(all)
}

/// What a sweep has done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Swept {
    pub told: u64,
    pub deleted: u64,
    /// Accounts that should have gone; the next sweep tries again.
    pub failed: u64,
}

/// Tells whoever has not moved in the last days of a window, and deletes what is left after it. Each account in a
/// transaction of its own: what is done is done.
pub async fn sweep(portal: &Arc<Portal>, tenant: &Arc<Tenant>, now: Timestamp) -> Result<Swept> {
    // nobody may have visited the town since a date has passed
    let Found::Tenant(tenant) = portal.tenants.find(tenant.canonical_host()) else { return Ok(Swept::default()) };
    let mut swept = Swept::default();
    let visit = Visit::to(portal.clone(), tenant.clone(), Locale::german(), "/");
    for moving in tenant.moving.iter().filter(|moving| moving.stage != Stage::Open) {
        swept.told += tell(&visit, moving, now).await?;
        if moving.stage == Stage::Over {
            delete(&visit, moving, now, &mut swept).await?;
        }
    }
    if swept.deleted > 0 {
        // in the database's log as well
        portal.store.platform().sweep().await?;
    }
    Ok(swept)
}

async fn tell(visit: &Visit, moving: &Moving, now: Timestamp) -> Result<u64> {
    let mut told = 0;
    loop {
        let mut tx = visit.store().write().await?;
        let accounts = records::to_warn(&mut tx, &moving.from.id, AT_ONCE).await?;
        if accounts.is_empty() {
            return Ok(told);
        }
        for account in accounts {
            let profile = identity::profile(&mut tx, account).await?;
            // another node may be sweeping too; who has no address cannot be told, and waits as long
            if !records::warn(&mut tx, account, now).await? {
                continue;
            }
            told += 1;
            let Some(profile) = profile else { continue };
            let Some(address) = profile.address() else { continue };
            let speaks = Visit { locale: profile.locale(&visit.tenant), ..visit.clone() };
            let last = last_day(moving, now);
            let url = speaks.whole_url("/anmelden");
            let page = EndMail::of(&moving.from.name, &moving.to.name, speaks.date(last), url);
            mail::send_to_person(&mut tx, now, account, write(&page, &speaks)?, address, None).await?;
        }
        tx.commit().await?;
    }
}

/// Each in a transaction of its own: one that cannot go keeps nobody else, and nobody in town waits for all of them.
async fn delete(visit: &Visit, moving: &Moving, now: Timestamp, swept: &mut Swept) -> Result<()> {
    let (mut after, last) = EVERYBODY;
    loop {
        let mut tx = visit.store().read().await?;
        let accounts = to_retire(&mut tx, moving, now, (after, last), AT_ONCE).await?;
        drop(tx);
        let Some(end) = accounts.last() else { return Ok(()) };
        after = *end;
        for account in accounts {
            match retire(visit, moving, account, now).await {
                Ok(is_gone) => swept.deleted += u64::from(is_gone),
                Err(error) => {
                    swept.failed += 1;
                    tracing::warn!(tenant = %visit.tenant.id, %error, "an account whose provider is gone could not be deleted");
                }
            }
        }
    }
}

/// `false`: it has gone, or somebody has taken it over, since it was found.
async fn retire(visit: &Visit, moving: &Moving, account: Uuid, now: Timestamp) -> Result<bool> {
    let mut tx = visit.store().write().await?;
    let alone = (Uuid::from_u128(account.as_u128().saturating_sub(1)), account);
    if !identity::hold(&mut tx, account).await? || to_retire(&mut tx, moving, now, alone, 1).await?.is_empty() {
        return Ok(false);
    }
    keeping::forget_person(&mut tx, account, Actor::System, now).await?;
    tx.commit().await?;
    Ok(true)
}

async fn to_retire(
    tx: &mut Tx,
    moving: &Moving,
    now: Timestamp,
    range: (Uuid, Uuid),
    most: i64,
) -> store::Result<Vec<Uuid>> {
    records::to_retire(tx, &moving.from.id, (told_before(now), now), range, most).await
}

/// Whoever was told at this moment or before was told long enough ago.
fn told_before(now: Timestamp) -> Timestamp {
    now.to_zoned(local_zone()).checked_sub(TOLD_DAYS.days()).map_or(Timestamp::MIN, |then| then.timestamp())
}

/// The last day for whoever was told at this moment.
fn last_day(moving: &Moving, told: Timestamp) -> Date {
    let told = told.to_zoned(local_zone()).date();
    told.saturating_add((TOLD_DAYS - 1).days()).max(moving.last_day)
}
