//! A person deletes the account: at once, or three days later while cases are open.
//!
//! What happens then is [`forget_person`], as when the town hall does it; this says when, and who is told.

use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::{Forgotten, forget_person, records};
use crate::{
    audit::{self, Actor, Entry},
    clock::local_zone,
    error::Result,
    identity::{self, sessions::provider_name},
    jobs::{self, Doing, Failed, Job, Order},
    locale::Locale,
    mail::{
        self, To,
        pages::{FarewellMail, LeavingMail, Letter, write},
    },
    store::Tx,
    tenant::schema::ProviderKind,
    web::Visit,
};

/// The kind of job that deletes an account when its day has come.
pub const KIND: &str = "departure";
/// While cases are open, so many days to think it over.
const DAYS: i32 = 3;

/// An account that is about to go.
#[derive(Debug, Clone, Copy)]
pub struct Departure {
    pub asked: Timestamp,
    pub due: Timestamp,
}

/// What became of the wish.
#[derive(Debug, Clone, Copy)]
pub enum Left {
    /// It has happened.
    Gone(Forgotten),
    /// Cases are open: it happens then, unless the person takes it back.
    Later(Timestamp),
}

#[derive(Serialize, Deserialize)]
struct Going {
    account: Uuid,
    /// The language in which the person asked for it.
    locale: String,
}

pub async fn departure_of(tx: &mut Tx, account: Uuid) -> Result<Option<Departure>> {
    Ok(records::departure(tx, account).await?.map(|(asked, due)| Departure { asked, due }))
}

/// The person of an account wants it gone. `None`: it is gone already.
pub async fn leave(tx: &mut Tx, visit: &Visit, account: Uuid, now: Timestamp) -> Result<Option<Left>> {
    if records::open_of(tx, account).await? == 0 {
        return Ok(go(tx, visit, account, Actor::Citizen(account), now).await?.map(Left::Gone));
    }
    if let Some(asked) = departure_of(tx, account).await? {
        return Ok(Some(Left::Later(asked.due)));
    }
    // three days of the calendar: the hour stays when clocks are changed
    let due = now.to_zoned(local_zone()).saturating_add(DAYS.days()).timestamp();
    if !records::ask_to_leave(tx, account, due, now).await? {
        return Ok(departure_of(tx, account).await?.map(|asked| Left::Later(asked.due)));
    }
    let going = Going { account, locale: visit.locale.code().to_owned() };
    jobs::enqueue_for(tx, now, Order { kind: KIND, payload: &going, run_at: due, once: None }, account).await?;
    let url = format!("{}{}", visit.origin(), visit.url("/meine-daten/loeschen"));
    let letter = write(&LeavingMail { until: visit.moment(due), url }, &Visit { person: None, ..visit.clone() })?;
    if let Some((to, _)) = address_of(tx, account).await? {
        mail::send_to_person(tx, now, account, letter, to, None).await?;
    }
    let entry = Entry::new(Actor::Citizen(account), "person.leaves").with(json!({"due": due.to_string()}));
    audit::record(tx, now, entry).await?;
    Ok(Some(Left::Later(due)))
}

/// The person takes it back; `false` if there was nothing to take back.
pub async fn stay(tx: &mut Tx, account: Uuid, now: Timestamp) -> Result<bool> {
    let stays = records::stay(tx, account).await?;
    if stays {
        audit::record(tx, now, Entry::new(Actor::Citizen(account), "person.stays")).await?;
    }
    Ok(stays)
}

/// Deletes the account if that is still wanted. Everything happens in one transaction: a node that is killed has done all
/// of it or nothing.
pub fn work(job: Job) -> Doing {
    Box::pin(async move {
        let Going { account, locale } = job.payload()?;
        let now = job.portal.clock.now();
        let locale = job.tenant.has_locale(&locale).cloned().unwrap_or_else(Locale::german);
        let visit = Visit::to(job.portal.clone(), job.tenant.clone(), locale, "/");
        let gone = async {
            let mut tx = visit.store().write().await?;
            let is_due = departure_of(&mut tx, account).await?.is_some_and(|asked| asked.due <= now);
            if is_due && go(&mut tx, &visit, account, Actor::Citizen(account), now).await?.is_some() {
                tx.commit().await?;
                job.portal.store.platform().sweep().await?;
            }
            Result::Ok(())
        };
        gone.await.map_err(|error| Failed::ForNow(error.to_string()))
    })
}

/// Forgets the person and writes to them for the last time. The address lies in that mail only, sealed, until it has left.
async fn go(tx: &mut Tx, visit: &Visit, account: Uuid, actor: Actor, now: Timestamp) -> Result<Option<Forgotten>> {
    let known = address_of(tx, account).await?;
    let Some(gone) = forget_person(tx, account, actor, now).await? else { return Ok(None) };
    if let Some((to, provider)) = known {
        mail::send(tx, now, farewell(visit, &gone, &provider)?, to, None).await?;
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
async fn address_of(tx: &mut Tx, account: Uuid) -> Result<Option<(To, String)>> {
    let Some(profile) = identity::profile(tx, account).await? else { return Ok(None) };
    let Some(address) = profile.email().and_then(|email| email.parse().ok()) else { return Ok(None) };
    let provider = identity::provider_of(tx, account).await?.unwrap_or_default();
    Ok(Some((To { address, reply_to: None }, provider)))
}
