//! `/verwaltung/vorgaenge/{nummer}/akte.zip`: the case as a file, to be kept elsewhere.

use poem::{Response, handler, web::Path};

use super::case::{access_to, ask_why, found, refused};
use crate::{
    audit::{self, Actor},
    desk::{Access, pages::reason::REASON},
    error::Result,
    files, keeping,
    staff::StaffVisit,
    web::Form,
};

#[handler]
pub async fn take(visit: StaffVisit, Path(number): Path<String>) -> Result<Response> {
    visit.takes_deeds()?;
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
    Ok(files::saved(&format!("Akte-{}.zip", case.number), "application/zip", bytes))
}
