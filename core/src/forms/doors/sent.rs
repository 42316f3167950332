//! `/antraege/{id}/gesendet`: it has arrived; and the copies to keep.

use poem::{Response, handler, web::Path};
use uuid::Uuid;

use super::{Opened, draft_url, halt, open, to_the_login, view};
use crate::{
    cases::{
        self, Case,
        doors::{json_of, pdf_of},
    },
    error::{Error, Result},
    forms::{
        access::{Access, Applicant},
        pages::{halt::Halt, sent::SentPage},
    },
    identity::doors::{private, see_other},
    web::Visit,
};

#[handler]
pub async fn show(visit: Visit, applicant: Applicant, Path(id): Path<Uuid>) -> Result<Response> {
    let mut tx = visit.store().read().await?;
    let opened = open(&mut tx, &visit, id).await?;
    let Some(opened) = opened else { return halt(&visit, None, Halt::Gone) };
    match applicant.access(&mut tx, &opened.draft, &opened.form).await? {
        Access::Full => {}
        Access::Login(level) | Access::WriteOnly(level) => return to_the_login(&visit, &visit.path, level),
        Access::Another => return halt(&visit, None, Halt::Another),
        Access::None => return halt(&visit, None, Halt::Gone),
    }
    let Opened { draft, form, service } = &opened;
    let Some(case) = draft.case else { return see_other(&visit.url(&draft_url(id, "pruefen"))) };
    let case = cases::by_id(&mut tx, case).await?.ok_or(Error::NotFound)?;
    if applicant.level() < case.level {
        return to_the_login(&visit, &visit.path, case.level);
    }
    let code = match case.account {
        None => Some(cases::code_of(&mut tx, case.id).await?),
        Some(_) => None,
    };
    let page = SentPage {
        form: view::form(&visit, form, service),
        number: case.number.to_string(),
        case_url: match code {
            Some(_) => visit.url("/vorgang-abfragen"),
            None => visit.url(&format!("/vorgaenge/{}", case.number)),
        },
        code,
        at: visit.moment(case.submitted),
        answer_by: Some(visit.day(case.due)),
        next: form.next.as_ref().map(|next| visit.say_at_length(next)),
        pdf: Some(visit.url(&draft_url(id, "kopie.pdf"))),
        json: visit.url(&draft_url(id, "kopie.json")),
    };
    private(&visit, &page)
}

/// The copy for machines.
#[handler]
pub async fn copy_json(visit: Visit, applicant: Applicant, Path(id): Path<Uuid>) -> Result<Response> {
    let case = submitted(&visit, &applicant, id).await?;
    json_of(&visit, &case)
}

/// The copy to read and to keep.
#[handler]
pub async fn copy_pdf(visit: Visit, applicant: Applicant, Path(id): Path<Uuid>) -> Result<Response> {
    pdf_of(&visit, &submitted(&visit, &applicant, id).await?).await
}

async fn submitted(visit: &Visit, applicant: &Applicant, id: Uuid) -> Result<Case> {
    let mut tx = visit.store().read().await?;
    let opened = open(&mut tx, visit, id).await?.ok_or(Error::NotFound)?;
    if applicant.access(&mut tx, &opened.draft, &opened.form).await? != Access::Full {
        return Err(Error::NotFound);
    }
    let case = opened.draft.case.ok_or(Error::NotFound)?;
    let case = cases::by_id(&mut tx, case).await?;
    case.filter(|case| applicant.level() >= case.level).ok_or(Error::NotFound)
}
