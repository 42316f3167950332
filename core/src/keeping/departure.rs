//! A person deletes the account: at once, three days later while cases are open, or when nobody can undo any more what the
//! account has taken over.
//!
//! What happens then is [`forget_person`], as when the town hall does it; this says when, and who is told.

use jiff::{SignedDuration, Timestamp, ToSpan};
use lettre::Address;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::{Forgotten, forget_person, records};
use crate::{
    audit::{self, Actor, Entry},
    clock::local_zone,
    error::Result,
    identity::{self, sessions::provider_name},
    jobs::{self, Doing, Job, Order},
    locale::Locale,
    mail::{
        self, To,
        pages::{FarewellMail, LeavingMail, Letter, write},
    },
    moves,
    store::{self, Tx},
    tenant::schema::ProviderKind,
    web::Visit,
};

/// The kind of job that deletes an account when its day has come.
pub const KIND: &str = "departure";
/// While cases are open, so many days to think it over.
const DAYS: i32 = 3;
/// By then a job has been done, or has failed for good.
const OVERDUE: SignedDuration = SignedDuration::from_hours(48);
/// So many wishes are taken up again at once.
const AT_ONCE: i64 = 50;

/// What became of the wish.
#[derive(Debug, Clone, Copy)]
pub enum Left {
    /// It has happened.
    Gone(Forgotten),
    /// Cases are open, or what was taken over can still be given back: it happens later, unless the person takes it back.
    Later,
}

#[derive(Serialize, Deserialize)]
struct Going {
    account: Uuid,
    /// The language in which the person asked for it.
    locale: String,
}

/// The person of an account wants it gone. `None`: it is gone already.
pub async fn leave(tx: &mut Tx, visit: &Visit, account: Uuid, now: Timestamp) -> Result<Option<Left>> {
    let undoable = moves::undoable_until(tx, account, now).await?;
    if records::open_of(tx, account).await? == 0 && undoable.is_none() {
        return Ok(go(tx, visit, account, now).await?.map(Left::Gone));
    }
    if records::departure_of(tx, account).await?.is_some() {
        return Ok(Some(Left::Later));
    }
    // three days of the calendar: the hour stays when clocks are changed
    let thought_over = now.to_zoned(local_zone()).saturating_add(DAYS.days()).timestamp();
    let due = undoable.map_or(thought_over, |until| until.max(thought_over));
    if !records::ask_to_leave(tx, account, due, now).await? {
        return Ok(records::departure_of(tx, account).await?.map(|_| Left::Later));
    }
    let going = Going { account, locale: visit.locale.code().to_owned() };
    jobs::enqueue_for(tx, now, Order { kind: KIND, payload: &going, run_at: due, once: None }, account).await?;
    let url = visit.whole_url("/meine-daten/loeschen");
    let letter = write(&LeavingMail { until: visit.moment(due), url }, &Visit { person: None, ..visit.clone() })?;
    if let Some((address, _)) = address_of(tx, account).await? {
        mail::send_to_person(tx, now, account, letter, address, None).await?;
    }
    let entry = Entry::new(Actor::Citizen(account), "person.leaves").with(json!({"due": due.to_string()}));
    audit::record(tx, now, entry).await?;
    Ok(Some(Left::Later))
}

/// The person takes it back; `false` if there was nothing to take back.
pub async fn stay(tx: &mut Tx, account: Uuid, now: Timestamp) -> Result<bool> {
    let stays = records::stay(tx, account).await?;
    if stays {
        audit::record(tx, now, Entry::new(Actor::Citizen(account), "person.stays")).await?;
    }
    Ok(stays)
}

/// What is long due and has not happened, because its job has failed for good or is gone, is queued once more, in German.
/// Says how many wishes it was.
pub async fn take_up(tx: &mut Tx, now: Timestamp) -> store::Result<usize> {
    let mut queued = 0;
    for account in records::overdue(tx, now - OVERDUE, AT_ONCE).await? {
        let same = tx.sealer().await?.mark(KIND, &[account.as_bytes()]);
        let going = Going { account, locale: Locale::german().code().to_owned() };
        let order = Order { kind: KIND, payload: &going, run_at: now, once: Some((&same, OVERDUE)) };
        queued += usize::from(jobs::enqueue_for(tx, now, order, account).await?.is_some());
    }
    Ok(queued)
}

/// Deletes the account if that is still wanted. Everything happens in one transaction: a node that is killed has done all
/// of it or nothing.
pub fn work(job: Job) -> Doing {
    Box::pin(async move {
        let Going { account, locale } = job.payload()?;
        let now = job.portal.clock.now();
        let locale = job.tenant.locale_or_german(&locale);
        let visit = Visit::to(job.portal.clone(), job.tenant.clone(), locale, "/");
        let mut tx = visit.store().write().await?;
        let is_due = records::departure_of(&mut tx, account).await?.is_some_and(|due| due <= now);
        if !is_due {
            return Ok(());
        }
        // taken over since the person asked to go
        if let Some(until) = moves::undoable_until(&mut tx, account, now).await? {
            records::put_off(&mut tx, account, until).await?;
            let going = Going { account, locale: visit.locale.code().to_owned() };
            let order = Order { kind: KIND, payload: &going, run_at: until, once: None };
            jobs::enqueue_for(&mut tx, now, order, account).await?;
            return Ok(tx.commit().await?);
        }
        if go(&mut tx, &visit, account, now).await?.is_some() {
            tx.commit().await?;
            job.portal.store.platform().sweep().await?;
        }
        Ok(())
    })
}

/// Forgets the person and writes to them for the last time. The address lies in that mail only, sealed, until it has left.
async fn go(tx: &mut Tx, visit: &Visit, account: Uuid, now: Timestamp) -> Result<Option<Forgotten>> {
    let known = address_of(tx, account).await?;
    let Some(gone) = forget_person(tx, account, Actor::Citizen(account), now).await? else { return Ok(None) };
    if let Some((address, provider)) = known {
        let to = To { address, reply_to: None };
        mail::send(tx, now, farewell(visit, &gone, &provider)?.counts_until(now + mail::KEPT), to, None).await?;
    }
    Ok(Some(gone))
}

fn farewell(visit: &Visit, gone: &Forgotten, provider: &str) -> Result<Letter> {
    let (provider, account_url) = elsewhere(visit, provider);
    let mail = FarewellMail { kept: gone.cases_kept, open: gone.cases_open > 0, provider, account_url };
    write(&mail, &Visit { person: None, ..visit.clone() })
}

/// The account that goes on without us: name of the provider, and where it is deleted. The portal's own goes with everything.
pub(super) fn elsewhere(visit: &Visit, id: &str) -> (Option<String>, Option<String>) {
    let known = visit.tenant.provider(id);
    if known.is_some_and(|provider| provider.kind == ProviderKind::Local) {
        return (None, None);
    }
    (Some(provider_name(&visit.tenant, id)), known.and_then(|provider| provider.url.clone()))
}

/// Where mails to the person go, and the id of the provider of the account.
async fn address_of(tx: &mut Tx, account: Uuid) -> Result<Option<(Address, String)>> {
    let Some(profile) = identity::profile(tx, account).await? else { return Ok(None) };
    let Some(address) = profile.address() else { return Ok(None) };
    let provider = identity::provider_of(tx, account).await?.unwrap_or_default();
    Ok(Some((address, provider)))
}
