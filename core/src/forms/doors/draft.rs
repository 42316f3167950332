//! `/antraege/{id}`: a form that waits.

use poem::{
    Response, handler,
    web::{Path, Query},
};
use serde::Deserialize;
use uuid::Uuid;

use super::{Opened, halt, kept_out, open, to_the_login, view};
use crate::{
    error::{Error, Result},
    files::{self, Owner},
    forms::{
        Sheet,
        access::{Access, Applicant},
        drafts,
        pages::{
            draft::{DraftDone, DraftPage},
            halt::Halt,
        },
    },
    identity::doors::{login_url, private, see_other},
    tenant::schema::Level,
    web::{Sent, Visit},
};

#[derive(Debug, Deserialize)]
pub struct Asked {
    gespeichert: Option<String>,
    verlaengert: Option<String>,
}

#[handler]
pub async fn show(
    visit: Visit,
    applicant: Applicant,
    Path(id): Path<Uuid>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    if applicant.session.is_none() && applicant.browser.is_none() && !applicant.is_unknown {
        // a mail leads here; whether there ever was a draft of this id only its own person finds out
        return to_the_login(&visit, &visit.path, Level::Basis);
    }
    let mut tx = visit.store().read().await?;
    let opened = open(&mut tx, &visit, id).await?;
    if let Some(response) = kept_out(&mut tx, &visit, &applicant, opened.as_ref()).await? {
        return Ok(response);
    }
    let Some(Opened { draft, form, service }) = opened else { return Err(Error::NotFound) };
    drop(tx);
    if let Some(account) = applicant.account().filter(|_| draft.account.is_none() && !visit.portal.read_only) {
        // whoever has logged in meanwhile finds it among their own from now on
        let mut tx = visit.store().write().await?;
        drafts::adopt(&mut tx, id, Some(account), None).await?;
        tx.commit().await?;
        return see_other(&visit.url(&format!("/antraege/{id}?gespeichert=1")));
    }
    let now = visit.portal.clock.now();
    let sheet = Sheet::of(&form, &draft.answers, visit.portal.clock.local().date());
    let later = view::ending(&visit, &draft, drafts::end_of(&form, draft.is_persons(), now));
    let until = view::until(&visit, &draft);
    let done = match (asked.gespeichert, asked.verlaengert) {
        (Some(_), _) => Some(DraftDone::Saved),
        (_, Some(_)) => Some(DraftDone::Extended),
        _ => None,
    };
    let page = DraftPage {
        form: view::form(&visit, &form, &service),
        draft: view::draft(&visit, &form, &draft, &sheet, now),
        action: visit.url(&format!("/antraege/{id}")),
        longer: (later != until).then_some(later),
        guest: !draft.is_persons(),
        upgrade: upgrade(&visit, &applicant, form.login),
        done,
    };
    private(&visit, &page)
}

/// Where a guest logs in with an account, and comes back here.
pub(super) fn upgrade(visit: &Visit, applicant: &Applicant, level: Level) -> Option<String> {
    applicant.session.as_ref().filter(|session| session.guest)?;
    Some(login_url(visit, &visit.url(&visit.path), level.max(Level::Basis), true))
}

#[handler]
pub async fn change(visit: Visit, applicant: Applicant, Path(id): Path<Uuid>, sent: Sent) -> Result<Response> {
    if visit.portal.read_only {
        return halt(&visit, None, Halt::Closed);
    }
    let mut tx = visit.store().write().await?;
    let opened = open(&mut tx, &visit, id).await?;
    if let Some(response) = kept_out(&mut tx, &visit, &applicant, opened.as_ref()).await? {
        return Ok(response);
    }
    let Some(opened) = opened else { return Err(Error::NotFound) };
    match sent.value("do").as_deref() {
        Some("extend") => {
            drafts::extend(&mut tx, &opened.draft, &opened.form, visit.portal.clock.now()).await?;
            tx.commit().await?;
            see_other(&visit.url(&format!("/antraege/{id}?verlaengert=1")))
        }
        Some("discard") => {
            files::forget(&mut tx, Owner::Draft(id), visit.portal.clock.now()).await?;
            drafts::discard(&mut tx, id).await?;
            tx.commit().await?;
            halt(&visit, Some(&opened), Halt::Discarded)
        }
        _ => Err(Error::BadRequest("this page knows `extend` and `discard`")),
    }
}

/// `/antraege/{id}/dateien/{datei}`: a file of a form that is being filled in.
#[handler]
pub async fn fetch_file(visit: Visit, applicant: Applicant, Path((id, file)): Path<(Uuid, Uuid)>) -> Result<Response> {
    let mut tx = visit.store().read().await?;
    let Opened { draft, form, .. } = open(&mut tx, &visit, id).await?.ok_or(Error::NotFound)?;
    if applicant.access(&mut tx, &draft, &form).await? != Access::Full {
        return Err(Error::NotFound);
    }
    let file = files::by_id(&mut tx, file).await?.filter(|file| file.owner == Owner::Draft(id));
    drop(tx);
    files::hand_over(&visit, file.as_ref()).await
}
