//! What answers at `/dienstleistungen/{slug}/antrag` and below `/antraege`.

mod begin;
mod draft;
mod preview;
mod review;
mod sent;
mod step;
pub(crate) mod view;

pub use begin::{set_out, show as show_beginning};
pub use draft::{change as change_draft, fetch_file, show as show_draft};
pub use preview::show as show_preview;
pub use review::{show as show_review, submit};
pub use sent::{copy_json, copy_pdf, show as show_sent};
pub use step::{save as save_step, show as show_step};

use std::sync::Arc;

use poem::{Response, http::StatusCode};
use uuid::Uuid;

use super::{
    access::{Access, Applicant},
    drafts::{self, Draft},
    pages::{
        FormView,
        halt::{Halt, HaltPage},
    },
};
use crate::{
    cases,
    error::Result,
    files,
    identity::doors::{login_url, private, see_other},
    store::Tx,
    tenant::schema::{Level, OnlineForm, Service},
    web::Visit,
};

/// A draft with the form it fills in and the service it came from.
struct Opened {
    draft: Draft,
    form: Arc<OnlineForm>,
    service: Arc<Service>,
}

/// The draft of this id, if it still can be written to and its form is still offered.
async fn open(tx: &mut Tx, visit: &Visit, id: Uuid) -> Result<Option<Opened>> {
    let now = visit.portal.clock.now();
    let Some(mut draft) = drafts::get(tx, id).await?.filter(|draft| draft.expires > now) else { return Ok(None) };
    draft.answers.mark_infected(&files::infected(tx, id).await?);
    let form = visit.tenant.online_forms.get(&draft.form).cloned();
    let service = visit.tenant.services.iter().find(|service| service.id == draft.service).cloned();
    Ok(form.zip(service).map(|(form, service)| Opened { draft, form, service }))
}

/// Why somebody does not get to see a draft; `None` if they do.
async fn kept_out(
    tx: &mut Tx,
    visit: &Visit,
    applicant: &Applicant,
    opened: Option<&Opened>,
) -> Result<Option<Response>> {
    let Some(opened) = opened else { return halt(visit, None, Halt::Gone).map(Some) };
    let (draft, form) = (&opened.draft, &*opened.form);
    match applicant.access(tx, draft, form).await? {
        Access::Full => {}
        Access::Login(level) | Access::WriteOnly(level) => return to_the_login(visit, &visit.path, level).map(Some),
        Access::Another => return halt(visit, None, Halt::Another).map(Some),
        Access::None => return halt(visit, None, Halt::Gone).map(Some),
    }
    let Some(case) = draft.case else { return Ok(None) };
    let number = cases::by_id(tx, case).await?.map(|case| case.number.to_string()).unwrap_or_default();
    let url = visit.url(&format!("/antraege/{}/gesendet", draft.id));
    halt(visit, Some(opened), Halt::Sent { number, url }).map(Some)
}

/// Nobody finds out whether an id was ever a draft.
fn halt(visit: &Visit, opened: Option<&Opened>, halt: Halt) -> Result<Response> {
    let form = match opened {
        Some(opened) => view::form(visit, &opened.form, &opened.service),
        None => FormView::unknown(visit),
    };
    let again = opened.map(|opened| begin_url(visit, &opened.service));
    let status = match halt {
        Halt::Gone | Halt::Another => StatusCode::NOT_FOUND,
        Halt::Closed | Halt::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Halt::Discarded | Halt::Sent { .. } => StatusCode::OK,
    };
    let again = again.or_else(|| Some(visit.url("/dienstleistungen"))).filter(|_| !status.is_server_error());
    let mut response = private(visit, &HaltPage { form, halt, again })?;
    response.set_status(status);
    Ok(response)
}

/// The login, and back to a page of this portal.
fn to_the_login(visit: &Visit, path: &str, level: Level) -> Result<Response> {
    see_other(&login_url(visit, &visit.url(path), level.max(Level::Basis), false))
}

fn begin_url(visit: &Visit, service: &Service) -> String {
    visit.url(&format!("/dienstleistungen/{}/antrag", service.slug()))
}

fn draft_url(draft: Uuid, page: &str) -> String {
    format!("/antraege/{draft}/{page}")
}
