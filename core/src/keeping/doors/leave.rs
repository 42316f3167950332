//! `/meine-daten/loeschen`

use poem::{Response, handler};

use super::{
    super::{
        Left,
        departure::elsewhere,
        departure_of, leave,
        pages::{
            leave::{Kept, LeavePage},
            left::LeftPage,
        },
        records, stay,
    },
    level_of,
};
use crate::{
    cases::{self, Case, Titles, doors::title},
    clock::last_day_before,
    error::{Error, Result},
    identity::{
        CitizenVisit, cookies,
        doors::{private, see_other},
        sessions,
    },
    mailbox::decisions,
    moves,
    store::Tx,
    web::{SESSION_COOKIE, Sent, Visit},
};

#[handler]
pub async fn ask(visit: CitizenVisit) -> Result<Response> {
    let mut tx = visit.store().read().await?;
    private(&visit, &page(&mut tx, &visit).await?)
}

#[handler]
pub async fn change(visit: CitizenVisit, sent: Sent) -> Result<Response> {
    visit.takes_deeds()?;
    let now = visit.portal.clock.now();
    let account = visit.session.account;
    let mut tx = visit.store().write().await?;
    match sent.value("do").as_deref() {
        Some("stay") => {
            let stays = stay(&mut tx, account, now).await?;
            if stays {
                tx.commit().await?;
                tx = visit.store().read().await?;
            }
            // the header of this request still says that the account goes
            let person = visit.person.as_ref().map(|person| crate::web::Person { leaves: false, ..(**person).clone() });
            let calm = Visit { person: person.map(Into::into), ..visit.visit.clone() };
            private(&calm, &LeavePage { stays, ..page(&mut tx, &visit).await? })
        }
        Some("leave") => {
            let page = page(&mut tx, &visit).await?;
            if visit.session.guest || page.again.is_some() || page.due.is_some() {
                return see_other(&visit.url("/meine-daten/loeschen"));
            }
            if sent.value("confirm").is_none() {
                return private(&visit, &LeavePage { unconfirmed: true, ..page });
            }
            match leave(&mut tx, &visit, account, now).await? {
                Some(Left::Later) => {
                    tx.commit().await?;
                    see_other(&visit.url("/meine-daten/loeschen"))
                }
                Some(Left::Gone(gone)) => {
                    tx.commit().await?;
                    // in the database's log as well
                    visit.portal.store.platform().sweep().await?;
                    goodbye(&visit, gone.cases_kept)
                }
                None => goodbye(&visit, 0),
            }
        }
        _ => Err(Error::BadRequest("this page knows `leave` and `stay`")),
    }
}

/// The last page, without a name in its header, and nothing left in the browser.
fn goodbye(visit: &CitizenVisit, kept: u64) -> Result<Response> {
    let (provider, account_url) = elsewhere(visit, &visit.session.provider);
    let told = visit.session.profile.email().is_some();
    let nobody = Visit { person: None, ..visit.visit.clone() };
    let mut response = private(&nobody, &LeftPage { kept, told, provider, account_url })?;
    cookies::clear_session(&mut response, SESSION_COOKIE);
    cookies::clear_session(&mut response, cookies::DRAFT_COOKIE);
    Ok(response)
}

async fn page(tx: &mut Tx, visit: &CitizenVisit) -> Result<LeavePage> {
    let (account, now) = (visit.session.account, visit.portal.clock.now());
    let all = cases::all_of_citizen(tx, account).await?;
    let stays = |case: &&Case| case.hold || case.closed.is_none() || case.keep_until.is_none_or(|until| until >= now);
    let kept: Vec<Kept> = all.iter().filter(stays).map(|case| kept(visit, case)).collect();
    let own = records::own_of(tx, account).await?;
    let (provider, account_url) = elsewhere(visit, &visit.session.provider);
    let level = level_of(visit, all.iter().map(|case| case.level).max().unwrap_or_default());
    Ok(LeavePage {
        guest: visit.session.guest,
        due: departure_of(tx, account).await?.map(|due| visit.moment(due)),
        details: visit.session.profile.details.len(),
        sessions: sessions::of_account(tx, account, now).await?.len(),
        drafts: own.drafts,
        threads: own.threads,
        messages: own.messages,
        files: own.files,
        open: kept.iter().any(|case| case.open),
        kept,
        later: moves::undoable_until(tx, account, now).await?.map(|until| visit.date(last_day_before(until))),
        unopened: decisions::unopened_of(tx, account).await?,
        again: visit.is_stale(level),
        provider,
        account_url,
        unconfirmed: false,
        stays: false,
    })
}

fn kept(visit: &Visit, case: &Case) -> Kept {
    let form = case.form.as_ref().and_then(|id| visit.tenant.online_forms.get(id));
    Kept {
        title: title(visit, &Titles::of(&case.application)),
        number: case.number.to_string(),
        url: visit.url(&format!("/vorgaenge/{}", case.number)),
        until: case.keep_until.filter(|_| !case.hold).map(|until| visit.day(until)),
        days: form.filter(|_| case.closed.is_none()).map(|form| form.keep_days),
        open: case.closed.is_none(),
    }
}
