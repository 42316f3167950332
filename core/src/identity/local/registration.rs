//! From the first page of a registration to the account: looked over, sent off, confirmed by a link.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Own, REGISTRATION, REGISTRATION_END, mark_of_address, mark_of_name, provider_of, records, stated};
use crate::{
    audit::{self, Actor, Entry},
    credentials::{Credentials, slowly},
    crypto::{digest, token},
    identity::{
        ReturnTo,
        person::Profile,
        records::{NewAccount, add_account},
    },
    jobs::{self, Doing, Job, Order},
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
/// Names and passwords that may be tried with one link. Behind it a name may be told as taken; more would be a list of them.
const TRIES: i64 = 5;

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
pub struct Written {
    details: Details,
    credentials: Credentials,
    locale: String,
    #[serde(default)]
    back: Option<ReturnTo>,
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
    /// Where somebody came from.
    pub back: Option<ReturnTo>,
    pub stage: Stage,
    pub expires: Timestamp,
}

impl Written {
    /// `back`: where the person came from.
    pub fn of(details: Details, credentials: Credentials, locale: &Locale, back: Option<ReturnTo>) -> Self {
        Self { details, credentials, locale: locale.code().to_owned(), back }
    }
}

/// Keeps what was written until somebody has looked it over; an older draft of the same browser goes.
pub async fn begin(tx: &mut Tx, provider: &Provider, browser: &str, written: Written, now: Timestamp) -> Result<()> {
    let address = mark_of_address(tx, &provider.id, &written.details.email).await?;
    records::begin(tx, digest(browser), &provider.id, address, &written, (now, now + LOOKED_OVER)).await
}

/// What a browser has begun; `None` where that is nothing, or has lapsed.
pub async fn seen(tx: &mut Tx, browser: &str, now: Timestamp) -> Result<Option<Seen>> {
    let Some(row) = records::by_browser(tx, digest(browser), now).await? else { return Ok(None) };
    let stage = if row.stage == "draft" { Stage::Draft } else { Stage::Asked };
    let Written { details, back, .. } = row.written(tx).await?;
    Ok(Some(Seen { details, back, stage, expires: row.expires() }))
}

/// Takes a draft back, so that another one of the same browser can stand in its place.
pub async fn take_back(tx: &mut Tx, browser: &str) -> Result<()> {
    records::drop_draft(tx, digest(browser)).await
}

/// Sends a draft off, if there is one: a job looks who the address belongs to, and another one ends what nobody confirms.
pub async fn ask(tx: &mut Tx, browser: &str, now: Timestamp) -> Result<()> {
    let expires = now + WAITS;
    let Some(id) = records::ask(tx, digest(browser), (now, expires)).await? else { return Ok(()) };
    jobs::enqueue(tx, now, Order { kind: REGISTRATION, payload: &id, run_at: now, once: None }).await?;
    jobs::enqueue(tx, now, Order { kind: REGISTRATION_END, payload: &id, run_at: expires, once: None }).await?;
    metrics::registration(tx.tenant(), "asked", 1);
    audit::record(tx, now, Entry::new(Actor::System, "registration.asked").about(id)).await
}

/// The mail that follows: a link, or that there is an account already. Done twice it has been done once.
pub fn work(job: Job) -> Doing {
    Box::pin(async move {
        let id: Uuid = job.payload()?;
        Ok(mail_of(&job, id).await?)
    })
}

async fn mail_of(job: &Job, id: Uuid) -> crate::error::Result<()> {
    let now = job.portal.clock.now();
    let Some(provider) = provider_of(&job.tenant) else { return Ok(()) };
    let mut tx = job.portal.store.for_tenant(&job.tenant).write().await?;
    let Some(row) = records::by_id(&mut tx, id, now).await?.filter(|row| row.stage == "asked") else { return Ok(()) };
    let Written { details, locale, .. } = row.written(&mut tx).await?;
    let locale = job.tenant.locale_or_german(&locale);
    let visit = Visit::to(job.portal.clone(), job.tenant.clone(), locale, "/");
    let link = token();
    let letter = if records::mailed_to(&mut tx, &row.address).await? >= MAILS {
        records::mark_silent(&mut tx, id).await?;
        None
    } else if records::is_taken(&mut tx, &row.address, None).await? {
        records::mark_silent(&mut tx, id).await?;
        let login = visit.whole_url(&format!("/anmelden/{}", provider.id));
        let letter = write(&KnownMail { login, forgotten: visit.whole_url("/passwort-vergessen") }, &visit)?;
        Some(letter.counts_until(row.expires()))
    } else {
        records::mark_mailed(&mut tx, id, digest(&link)).await?;
        let url = visit.whole_url(&format!("/registrieren/bestaetigen/{}", &*link));
        let letter = write(&ConfirmMail { url, until: visit.moment(row.expires()), registers: true }, &visit)?;
        Some(letter.counts_until(row.expires()))
    };
    if let (Some(letter), Ok(address)) = (letter, details.email.parse()) {
        mail::send(&mut tx, now, letter, To { address, reply_to: None }, None).await?;
    }
    Ok(tx.commit().await?)
}

/// What a link would confirm.
pub struct Waiting {
    pub details: Details,
    /// Where somebody came from who registered.
    pub back: Option<ReturnTo>,
    credentials: Credentials,
    browser: Vec<u8>,
}

impl Waiting {
    /// Whether it was written in this browser. Anybody can register somebody else's address and hope for their click.
    pub fn is_from(&self, browser: Option<&str>) -> bool {
        // digests of random texts: how long the comparison takes tells nothing
        browser.is_some_and(|browser| digest(browser) == self.browser)
    }

    /// Whether somebody knows the password that was chosen.
    pub async fn is_password(&self, password: &str) -> crate::error::Result<bool> {
        let (credentials, password) = (self.credentials.clone(), password.to_owned());
        slowly(move || credentials.is_password(&password)).await
    }
}

/// What a link would confirm, without using it up: programs that look through mails open it too.
pub async fn look_at(tx: &mut Tx, link: &str, now: Timestamp) -> Result<Option<Waiting>> {
    let row = records::by_link(tx, digest(link), now).await?.filter(|row| row.tries < TRIES);
    let Some(row) = row else { return Ok(None) };
    let Written { details, credentials, back, .. } = row.written(tx).await?;
    Ok(Some(Waiting { details, back, credentials, browser: row.browser }))
}

/// Counts a try with a link before anybody looks at the name and the password; `false`: there were too many.
pub async fn try_link(tx: &mut Tx, link: &str, now: Timestamp) -> Result<bool> {
    records::try_link(tx, digest(link), TRIES, now).await
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

/// Makes the account. `name` takes the place of one that was taken. The caller has counted the try ([`try_link`]), and knows
/// that whoever confirms has also registered: owning the address is not enough.
pub async fn confirm(
    tx: &mut Tx,
    provider: &Provider,
    link: &str,
    name: Option<&str>,
    now: Timestamp,
) -> Result<Confirmed> {
    let Some(row) = records::by_link(tx, digest(link), now).await? else { return Ok(Confirmed::Gone) };
    if row.provider != provider.id {
        return Ok(Confirmed::Gone);
    }
    let Written { details, credentials, .. } = row.written(tx).await?;
    let Details { name: wanted, email, given_name, surname } = details;
    let name = name.map_or(wanted, str::to_owned);
    let marks = (mark_of_name(tx, &provider.id, &name).await?, mark_of_address(tx, &provider.id, &email).await?);
    // two links of one address do not wait for each other
    records::hold_all_of(tx, &marks.1).await?;
    if records::by_link(tx, digest(link), now).await?.is_none() {
        return Ok(Confirmed::Gone);
    }
    if records::is_taken(tx, &marks.1, None).await? {
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
        let mut tx = job.portal.store.for_tenant(&job.tenant).write().await?;
        let lapsed = forget(&mut tx, job.portal.clock.now()).await?;
        tx.commit().await?;
        if lapsed > 0 {
            // in the database's log as well
            job.portal.store.platform().sweep().await?;
        }
        Ok(())
    })
}
