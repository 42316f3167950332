//! Looking for an old account: always after the answer was given, so that how long it takes tells nobody anything.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{open_into, records};
use crate::{
    crypto::{digest, token},
    error::Error,
    identity::{self, person::Profile},
    jobs::{self, Doing, Job},
    locale::Locale,
    mail::{
        self,
        pages::{MoveMail, write},
    },
    store::{self, Tx},
    web::Visit,
};

/// The kind of job that looks for an old account.
pub const LOOK: &str = "old-account";

/// How long the link to an old account works; it ends with the session that asked, if that is sooner.
pub const LASTS: SignedDuration = SignedDuration::from_hours(1);
/// So many mails to one address in a day, and so many searches of one account.
pub(super) const MAILS: u8 = 5;
pub(super) const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What somebody has typed in, and who asked.
#[derive(Serialize, Deserialize)]
pub struct Wanted {
    pub session: Uuid,
    pub account: Uuid,
    /// The address of the old account, as it was typed in.
    pub email: String,
}

/// Sends the link, if exactly one account has this address and may move into the one of whoever asked. Whatever it finds,
/// nobody is told but by that mail.
pub fn work(job: Job) -> Doing {
    Box::pin(async move {
        let wanted: Wanted = job.payload()?;
        let visit = Visit::to(job.portal.clone(), job.tenant.clone(), Locale::german(), "/");
        Ok(look(&visit, &wanted).await?)
    })
}

async fn look(visit: &Visit, wanted: &Wanted) -> Result<(), Error> {
    let now = visit.portal.clock.now();
    let mut tx = visit.store().write().await?;
    let Some(provider) = identity::provider_of(&mut tx, wanted.account).await? else { return Ok(()) };
    let Some((moving, _)) = open_into(&mut tx, &visit.tenant, &provider, now).await? else { return Ok(()) };
    let found = candidates(&mut tx, &moving.from.id, &wanted.email).await?;
    // two people with one address: nobody can say which of them asks
    let [(old, profile)] = found.as_slice() else { return Ok(()) };
    let Some(address) = profile.address().filter(|_| *old != wanted.account) else { return Ok(()) };
    // whoever asks, nobody's letterbox is filled
    let mark = digest(profile.email().unwrap_or_default().trim().to_lowercase().as_str());
    if !jobs::allow(&mut tx, [LOOK.as_bytes(), &mark], MAILS, DAY, now).await? {
        return Ok(());
    }
    let link = token();
    let request = records::Request {
        link: &link,
        session: wanted.session,
        account: wanted.account,
        old: *old,
        expires: now + LASTS,
    };
    if !records::ask(&mut tx, request).await? {
        return Ok(());
    }
    let speaks = Visit { locale: profile.locale(&visit.tenant), ..visit.clone() };
    let url = speaks.whole_url(&format!("/meine-daten/altes-konto/{}", *link));
    let page = MoveMail::of(&moving.from.name, &moving.to.name, speaks.moment(now + LASTS), url);
    let letter = write(&page, &speaks)?.counts_until(now + LASTS);
    mail::send_to_person(&mut tx, now, *old, letter, address, None).await?;
    Ok(tx.commit().await?)
}

/// Accounts of a provider with this address that have not moved yet.
async fn candidates(tx: &mut Tx, provider: &str, email: &str) -> store::Result<Vec<(Uuid, Profile)>> {
    let (email, mut found, mut after) = (email.trim().to_lowercase(), Vec::new(), Uuid::nil());
    loop {
        let some = identity::accounts_of(tx, provider, after).await?;
        let Some((last, _)) = some.last() else { break };
        after = *last;
        for (id, profile) in some {
            let is_it = profile.email().is_some_and(|known| known.trim().to_lowercase() == email);
            if is_it && !records::has_moved(tx, id).await? {
                found.push((id, profile));
            }
        }
    }
    Ok(found)
}
