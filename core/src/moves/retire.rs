//! The end of accounts whose provider is gone: told once, deleted after the last day.

use std::sync::Arc;

use jiff::{Timestamp, ToSpan};
use serde::Serialize;

use super::{address_of, records};
use crate::{
    audit::Actor,
    clock::local_zone,
    error::Result,
    identity, keeping,
    locale::Locale,
    mail::{
        self, To,
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
    /// Deleted by the next sweep.
    pub due: u64,
    /// Accounts with cases that are not over: those stay, as files of the town.
    pub with_open_cases: u64,
}

/// How it stands with every provider that goes.
pub async fn retiring(tx: &mut Tx, tenant: &Tenant, now: Timestamp) -> store::Result<Vec<Retiring>> {
    let mut all = Vec::new();
    for moving in &tenant.moving {
        let [accounts, moved, not_told, with_open_cases] = records::counts(tx, &moving.from.id).await?;
        let due = match moving.stage {
            Stage::Over => records::to_retire(tx, &moving.from.id, told_before(now), now, i64::MAX).await?.len(),
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
            swept.deleted += delete(&visit, moving, now).await?;
        }
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
            let Some(address) = address_of(&profile) else { continue };
            let speaks = Visit { locale: profile.locale(&visit.tenant), ..visit.clone() };
            let last = told_until(now).to_zoned(local_zone()).date().max(moving.last_day);
            let url = format!("{}{}", speaks.origin(), speaks.url("/anmelden"));
            let page = EndMail::of(&moving.from.name, &moving.to.name, speaks.date(last), url);
            mail::send_to_person(&mut tx, now, account, write(&page, &speaks)?, To { address, reply_to: None }, None)
                .await?;
        }
        tx.commit().await?;
    }
}

async fn delete(visit: &Visit, moving: &Moving, now: Timestamp) -> Result<u64> {
    let mut deleted = 0;
    loop {
        let mut tx = visit.store().write().await?;
        let accounts = records::to_retire(&mut tx, &moving.from.id, told_before(now), now, AT_ONCE).await?;
        if accounts.is_empty() {
            return Ok(deleted);
        }
        for account in accounts {
            let gone = keeping::forget_person(&mut tx, account, Actor::System, now).await?;
            deleted += u64::from(gone.is_some());
        }
        tx.commit().await?;
    }
}

/// Whoever was told at this moment or before was told long enough ago.
fn told_before(now: Timestamp) -> Timestamp {
    now.to_zoned(local_zone()).checked_sub(TOLD_DAYS.days()).map_or(Timestamp::MIN, |then| then.timestamp())
}

fn told_until(now: Timestamp) -> Timestamp {
    now.to_zoned(local_zone()).checked_add((TOLD_DAYS - 1).days()).map_or(Timestamp::MAX, |then| then.timestamp())
}
