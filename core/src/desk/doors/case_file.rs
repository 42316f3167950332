//! `/verwaltung/vorgaenge/{nummer}/akte.zip`: the case as a file, to be kept elsewhere.

use poem::{Response, handler, http::header, web::Path};

use super::{
    case::{access_to, ask_why, found, refused},
    is_open,
};
use crate::{
    audit::{self, Actor},
    desk::{Access, pages::reason::REASON},
    error::Result,
    keeping,
    staff::StaffVisit,
    web::Form,
};

#[handler]
pub async fn take(visit: StaffVisit, Path(number): Path<String>) -> Result<Response> {
    is_open(&visit)?;
    let now = visit.portal.clock.now();
    let mut tx = visit.store().write().await?;
    let (case, timeline) = found(&mut tx, &number).await?;
    match access_to(&mut tx, &visit, &case, &timeline).await? {
        Access::Own | Access::Look => {}
        Access::Reason => return ask_why(&visit, &case, Form::blank(&REASON)),
        Access::Closed => return refused(tx, &visit, &case).await,
    }
    let entry = audit::Entry::new(Actor::Staff(visit.id), "case.exported").about(case.id).concerns(case.account);
    audit::record(&mut tx, now, entry).await?;
    tx.commit().await?;
    // reading files takes its time, and others write meanwhile
    let bytes = keeping::file_of_case(&mut visit.store().read().await?, &visit, &case).await?;
    let name = format!("attachment; filename=\"Akte-{}.zip\"", case.number);
    let response = Response::builder().content_type("application/zip").header(header::CONTENT_DISPOSITION, name);
    Ok(response.header(header::CACHE_CONTROL, "no-store").body(bytes))
}
