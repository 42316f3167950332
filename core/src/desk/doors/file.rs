//! `/verwaltung/vorgaenge/{nummer}/dateien/{datei}`: a file of a case or of its messages, for clerks.

use poem::{
    Response, handler,
    http::StatusCode,
    web::{Path, Query},
};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::{
    case::{access_to, found, refused},
    clerk,
};
use crate::{
    audit::{self, Actor, Entry},
    cases::Case,
    desk::{
        Access,
        pages::file::{FilePage, Halt},
    },
    error::{Error, Result},
    files::{self, File, Owner, State},
    identity::doors::private,
    mailbox,
    staff::StaffVisit,
    store::Tx,
};

#[derive(Debug, Deserialize)]
pub struct Asked {
    trotzdem: Option<String>,
}

/// `/verwaltung/nachrichten/{id}/dateien/{datei}`: the same for messages that belong to no case.
#[handler]
pub async fn fetch_of_thread(
    visit: StaffVisit,
    Path((id, file)): Path<(Uuid, Uuid)>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    visit.takes_deeds()?;
    let mut tx = visit.store().write().await?;
    let (thread, access) = super::messages::found(&mut tx, &visit, id).await?;
    if matches!(access, Access::Closed | Access::Reason) {
        return super::messages::refused(tx, &visit, id).await;
    }
    let file = files::of_thread(&mut tx, thread.id).await?.into_iter().find(|known| known.id == file);
    let back = format!("/verwaltung/nachrichten/{id}");
    give(tx, &visit, file.ok_or(Error::NotFound)?, asked, (back, thread.subject), thread.account).await
}

/// What nobody has scanned takes a second click, and every fetching stands in the trail.
#[handler]
pub async fn fetch(
    visit: StaffVisit,
    Path((number, file)): Path<(String, Uuid)>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    visit.takes_deeds()?;
    let mut tx = visit.store().write().await?;
    let (case, timeline) = found(&mut tx, &number).await?;
    if matches!(access_to(&mut tx, &visit, &case, &timeline).await?, Access::Closed | Access::Reason) {
        return refused(tx, &visit, &case).await;
    }
    let file = all(&mut tx, &case).await?.into_iter().find(|known| known.id == file).ok_or(Error::NotFound)?;
    let back = format!("/verwaltung/vorgaenge/{}", case.number);
    give(tx, &visit, file, asked, (back, case.number.to_string()), case.account).await
}

/// Whoever may have it gets it, or the page that says why not; `back` leads to where it stands, `person` is the account
/// whose file it is.
async fn give(
    mut tx: Tx,
    visit: &StaffVisit,
    file: File,
    asked: Asked,
    (back, about): (String, String),
    person: Option<Uuid>,
) -> Result<Response> {
    let now = visit.portal.clock.now();
    let halt = match file.state {
        State::Clean => None,
        State::Waiting => Some(Halt::Waiting),
        State::Infected => Some(Halt::Infected),
        State::Unscanned => asked.trotzdem.is_none().then_some(Halt::Unscanned),
    };
    if let Some(halt) = halt {
        let url = format!("{back}/dateien/{}?trotzdem=1", file.id);
        let page = FilePage { clerk: clerk(visit), about, name: file.details.name, halt, url, back };
        let mut response = private(visit, &page)?;
        response.set_status(if halt == Halt::Unscanned { StatusCode::OK } else { StatusCode::CONFLICT });
        return Ok(response);
    }
    let entry = Entry::new(Actor::Staff(visit.id), "file.read").about(file.id).concerns(person);
    audit::record(&mut tx, now, entry.with(json!({"at": back}))).await?;
    tx.commit().await?;
    files::hand_over(visit, Some(&file)).await
}

/// Files of the application, and of everything that was written about it.
pub(super) async fn all(tx: &mut Tx, case: &Case) -> Result<Vec<File>> {
    let mut all = files::of(tx, Owner::Case(case.id)).await?;
    if let Some(thread) = mailbox::of_case(tx, case.id).await? {
        all.extend(files::of_thread(tx, thread.id).await?);
    }
    Ok(all)
}
