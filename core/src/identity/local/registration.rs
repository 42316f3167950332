//! From the first page of a registration to the account: looked over, sent off, confirmed by a link.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Own, REGISTRATION, REGISTRATION_END, mark_of_address, mark_of_name, provider_of, records, stated};
use crate::{
    audit::{self, Actor, Entry},
    credentials::Credentials,
    crypto::{digest, token},
    identity::{
        person::Profile,
        records::{NewAccount, add_account},
    },
    jobs::{self, Doing, Failed, Job, Order},
    locale::Locale,
    mail::{
        self, To,
        pages::{ConfirmMail, KnownMail, write},
    },
    store::{Error, Result, Tx},
    tenant::schema::Provider,
    web::{Visit, metrics},
};

/// So long somebody may look over what they have written.
const LOOKED_OVER: SignedDuration = SignedDuration::from_hours(1);
/// How long the link counts, and everything is kept without it (promise P24).
const WAITS: SignedDuration = SignedDuration::from_hours(24);
/// Mails of this kind to one address while registrations of it wait: nobody fills another's letterbox.
const MAILS: i64 = 5;
/// Names that may be tried with one link. Behind it a name may be told as taken; more would be a list of them.
const NAMES: i64 = 5;

/// What somebody states of themselves when they register.
#[derive(Clone, Serialize, Deserialize)]
pub struct Details {
    /// What they want to log in with.
    pub name: String,
    pub email: String,
    pub given_name: String,
    pub surname: String,
}

/// A registration as it is sealed: nothing of it is written anywhere else before it is confirmed.
#[derive(Serialize, Deserialize)]
pub(super) struct Written {
    details: Details,
    credentials: Credentials,
    locale: String,
}

/// How far a registration has come, as its own browser may know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// It is looked over.
    Draft,
    /// It was sent off. Whether a mail followed, and which, is told to the address alone.
    Asked,
}

/// A registration for the browser in which it began.
pub struct Seen {
    pub details: Details,
    pub stage: Stage,
    pub expires: Timestamp,
}

/// Keeps what was written until somebody has looked it over; an older draft of the same browser goes.
pub async fn begin(
    tx: &mut Tx,
    provider: &Provider,
    browser: &str,
    details: Details,
    credentials: Credentials,
    locale: &Locale,
    now: Timestamp,
) -> Result<()> {
    let address = mark_of_address(tx, &provider.id, &details.email).await?;
    let written = Written { details, credentials, locale: locale.code().to_owned() };
    records::begin(tx, digest(browser), &provider.id, address, &written, (now, now + LOOKED_OVER)).await
}

/// What a browser has begun; `None` where that is nothing, or has lapsed.
pub async fn seen(tx: &mut Tx, browser: &str, now: Timestamp) -> Result<Option<Seen>> {
    let Some(row) = records::by_browser(tx, digest(browser), now).await? else { return Ok(None) };
    let stage = if row.stage == "draft" { Stage::Draft } else { Stage::Asked };
    Ok(Some(Seen { details: row.written(tx).await?.details, stage, expires: row.expires() }))
}

/// Takes a draft back, so that another one of the same browser can stand in its place.
pub async fn take_back(tx: &mut Tx, browser: &str) -> Result<()> {
    records::drop_draft(tx, digest(browser)).await
}

/// Sends a draft off: a job looks who the address belongs to, and another one ends what nobody confirms. `false` if there is
/// no draft.
pub async fn ask(tx: &mut Tx, browser: &str, now: Timestamp) -> Result<bool> {
    let expires = now + WAITS;
    let Some(id) = records::ask(tx, digest(browser), (now, expires)).await? else { return Ok(false) };
    jobs::enqueue(tx, now, Order { kind: REGISTRATION, payload: &id, run_at: now, once: None }).await?;
    jobs::enqueue(tx, now, Order { kind: REGISTRATION_END, payload: &id, run_at: expires, once: None }).await?;
    metrics::registration(tx.tenant(), "asked", 1);
    audit::record(tx, now, Entry::new(Actor::System, "registration.asked").about(id)).await?;
    Ok(true)
}

/// The mail that follows: a link, or that there is an account already. Done twice it has been done once.
pub fn work(job: Job) -> Doing {
    Box::pin(async move {
        let id: Uuid = job.payload()?;
        mail_of(&job, id).await.map_err(|error| Failed::ForNow(error.to_string()))
    })
}

async fn mail_of(job: &Job, id: Uuid) -> crate::error::Result<()> {
    let now = job.portal.clock.now();
    let Some(provider) = provider_of(&job.tenant) else { return Ok(()) };
    let mut tx = job.portal.store.for_tenant(&job.tenant).write().await?;
    let Some(row) = records::by_id(&mut tx, id, now).await?.filter(|row| row.stage == "asked") else { return Ok(()) };
    let Written { details, locale, .. } = row.written(&mut tx).await?;
    let (address, mailed) = records::mailed_to(&mut tx, id).await?;
    let locale = job.tenant.has_locale(&locale).cloned().unwrap_or_else(Locale::german);
    let visit = Visit::to(job.portal.clone(), job.tenant.clone(), locale, "/");
    let at = |path: &str| format!("{}{}", visit.origin(), visit.url(path));
    let link = token();
    let letter = if mailed >= MAILS {
        records::mark_silent(&mut tx, id).await?;
        None
    } else if records::by_address(&mut tx, &address).await?.is_some() {
        records::mark_silent(&mut tx, id).await?;
        let login = at(&format!("/anmelden/{}", provider.id));
        Some(write(&KnownMail { login, forgotten: at("/passwort-vergessen") }, &visit)?)
    } else {
        records::mark_mailed(&mut tx, id, digest(&link)).await?;
        let url = at(&format!("/registrieren/bestaetigen/{}", &*link));
        Some(write(&ConfirmMail { url, until: visit.moment(row.expires()) }, &visit)?)
    };
    if let (Some(letter), Ok(address)) = (letter, details.email.parse()) {
        mail::send(&mut tx, now, letter, To { address, reply_to: None }, None).await?;
    }
    Ok(tx.commit().await?)
}

/// What a link would confirm, without using it up: programs that look through mails open it too.
pub async fn look_at(tx: &mut Tx, link: &str, now: Timestamp) -> Result<Option<Details>> {
    let Some(row) = records::by_link(tx, digest(link), now).await? else { return Ok(None) };
    Ok(Some(row.written(tx).await?.details))
}

/// What became of a link that somebody used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmed {
    /// The account is there.
    Made,
    /// Somebody else has the name; the link still counts, for a few more.
    Taken,
    /// The address has an account by now.
    Known,
    /// Too late, used before, or never sent.
    Gone,
}

/// Makes the account. `name` takes the place of one that was taken. The caller commits whatever the outcome.
pub async fn confirm(
    tx: &mut Tx,
    provider: &Provider,
    link: &str,
    name: Option<&str>,
    now: Timestamp,
) -> Result<Confirmed> {
    let Some(row) = records::by_link(tx, digest(link), now).await? else { return Ok(Confirmed::Gone) };
    if row.provider != provider.id || !records::try_link(tx, digest(link), NAMES, now).await? {
        return Ok(Confirmed::Gone);
    }
    let Written { details, credentials, .. } = row.written(tx).await?;
    let Details { name: wanted, email, given_name, surname } = details;
    let name = name.map_or(wanted, str::to_owned);
    let marks = (mark_of_name(tx, &provider.id, &name).await?, mark_of_address(tx, &provider.id, &email).await?);
    if records::by_address(tx, &marks.1).await?.is_some() {
        return Ok(Confirmed::Known);
    }
    if records::has_name(tx, &marks.0).await? {
        return Ok(Confirmed::Taken);
    }
    let mut profile = Profile::default();
    profile.refresh(stated(&given_name, &surname, &email));
    let subject = token().to_string();
    let mark = tx.sealer().await?.mark("subject", &[provider.id.as_bytes(), subject.as_bytes()]);
    let new = NewAccount { provider: &provider.id, subject: mark, guest: false, profile: &profile };
    let account = add_account(tx, new, now).await?.ok_or(Error::Dangling)?;
    let own = Own { subject, name, address: email };
    records::confirmed(tx, marks.1.clone()).await?;
    // somebody took the name at this very moment: nothing of it has happened, and the next try says so
    if !records::add(tx, account, marks, &own, &credentials).await? {
        return Err(Error::Dangling);
    }
    metrics::registration(tx.tenant(), "confirmed", 1);
    audit::record(tx, now, Entry::new(Actor::Citizen(account), "account.registered")).await?;
    Ok(Confirmed::Made)
}

/// Ends what nobody has confirmed, with name and password; tells how many registrations it was.
pub async fn forget(tx: &mut Tx, now: Timestamp) -> Result<u64> {
    let lapsed = records::lapse(tx, now).await?;
    records::lapse_resets(tx, now - WAITS).await?;
    if lapsed > 0 {
        metrics::registration(tx.tenant(), "lapsed", lapsed);
        let details = serde_json::json!({"registrations": lapsed});
        audit::record(tx, now, Entry::new(Actor::System, "registration.lapsed").with(details)).await?;
    }
    Ok(lapsed)
}

/// The moment at which a registration ends that nobody has confirmed.
pub fn end(job: Job) -> Doing {
    Box::pin(async move {
        let ended = async {
            let mut tx = job.portal.store.for_tenant(&job.tenant).write().await?;
            forget(&mut tx, job.portal.clock.now()).await?;
            tx.commit().await
        };
        ended.await.map_err(|error| Failed::ForNow(error.to_string()))
    })
}
