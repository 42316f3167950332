//! `/dienstleistungen/{slug}/antrag`: what a form needs, and setting out on it.

use std::sync::Arc;

use poem::{Response, handler, web::Path};

use super::{begin_url, draft::upgrade, draft_url, halt, to_the_login, view};
use crate::{
    audit::{self, Actor, Entry},
    crypto::token,
    error::{Error, Result},
    forms::{
        Sheet,
        access::Applicant,
        drafts::{self, Beginner, GUEST_HOURS},
        pages::{begin::BeginPage, halt::Halt},
    },
    identity::{
        cookies::set_draft,
        doors::{login_url, private, see_other},
    },
    tenant::schema::{Level, OnlineForm, Service},
    web::Visit,
};

pub(super) fn offered(visit: &Visit, slug: &str) -> Result<(Arc<OnlineForm>, Arc<Service>)> {
    let service = visit.tenant.service_at(slug).ok_or(Error::NotFound)?;
    let service = visit.tenant.services.iter().find(|known| known.id == service.id).ok_or(Error::NotFound)?;
    let form = service.online.form.as_ref().and_then(|id| visit.tenant.online_forms.get(id));
    form.map(|form| (form.clone(), service.clone())).ok_or(Error::NotFound)
}

#[handler]
pub async fn show(visit: Visit, applicant: Applicant, Path(slug): Path<String>) -> Result<Response> {
    let (form, service) = offered(&visit, &slug)?;
    let now = visit.portal.clock.now();
    let is_enough = applicant.level() >= form.login;
    let mut drafts = Vec::new();
    if let Some(account) = applicant.account().filter(|_| is_enough) {
        let mut tx = visit.store().read().await?;
        for draft in drafts::of_account(&mut tx, account, now).await? {
            if draft.form == form.id && draft.service == service.id {
                let sheet = Sheet::of(&form, &draft.answers, visit.portal.clock.local().date());
                drafts.push(view::draft(&visit, &form, &draft, &sheet, now));
            }
        }
    }
    let has_login = visit.tenant.login.is_some() || !visit.tenant.providers().is_empty();
    let wants_login = (!is_enough || applicant.session.is_none()) && has_login;
    let page = BeginPage {
        form: view::form(&visit, &form, &service),
        text: form.text.as_ref().map(|text| visit.say_at_length(text)),
        takes: form.takes.as_ref().map(|text| visit.say(text)),
        needs: form.needs.iter().map(|text| visit.say(text)).collect(),
        level: form.login,
        may_begin: is_enough && !visit.portal.read_only,
        log_in: wants_login
            .then(|| login_url(&visit, &begin_url(&visit, &service), form.login.max(Level::Basis), false)),
        upgrade: upgrade(&visit, &applicant, form.login),
        draft_days: form.draft_days.into(),
        draft_hours: applicant.session.is_none().then_some(GUEST_HOURS.into()),
        drafts,
    };
    private(&visit, &page)
}

#[handler]
pub async fn set_out(visit: Visit, applicant: Applicant, Path(slug): Path<String>) -> Result<Response> {
    let (form, service) = offered(&visit, &slug)?;
    if visit.portal.read_only {
        return halt(&visit, None, Halt::Closed);
    }
    if applicant.is_unknown {
        return Err(Error::Unavailable("nobody can be recognised"));
    }
    if applicant.level() < form.login {
        return to_the_login(&visit, &visit.path, form.login);
    }
    let now = visit.portal.clock.now();
    // a browser keeps its mark, so that several drafts can be open in it
    let browser = applicant.browser.clone().unwrap_or_else(|| token().to_string());
    let mut tx = visit.store().write().await?;
    let guest = applicant.guest(&mut tx).await?;
    let is_persons = applicant.session.is_some();
    let beginner = Beginner { account: applicant.account(), guest, browser: &browser, locale: visit.locale.code() };
    let id = drafts::begin(&mut tx, &service.id, &form, beginner, now).await?;
    if let Some(account) = applicant.account() {
        let entry = Entry::new(Actor::Citizen(account), "draft.begun").about(id);
        audit::record(&mut tx, now, entry).await?;
    }
    tx.commit().await?;
    let first = form.steps.first().ok_or_else(|| Error::internal("a form without steps"))?;
    let mut response = see_other(&visit.url(&draft_url(id, &first.id)))?;
    set_draft(&mut response, &browser, (!is_persons).then_some(GUEST_HOURS));
    Ok(response)
}
