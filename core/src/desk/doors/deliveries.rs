//! `/verwaltung/uebergaben`: what no back office took, and another try.

use poem::{Response, handler, web::Query};
use serde::Deserialize;

use super::clerk;
use crate::{
    audit::Actor,
    delivery::{self, Delivery, State},
    desk::{
        is_own,
        pages::deliveries::{DeliveriesPage, FailedLine},
    },
    error::{Error, Result},
    identity::doors::{private, see_other},
    staff::{Reach, StaffVisit},
    tenant::schema::Permission,
    web::{Sent, Visit},
};

/// More than anybody works through in a day.
const MOST: i64 = 200;

#[derive(Debug, Deserialize)]
pub struct Asked {
    fertig: Option<String>,
}

#[handler]
pub async fn show(visit: StaffVisit, Query(asked): Query<Asked>) -> Result<Response> {
    let reach = visit.reach(Permission::Cases)?;
    let mut tx = visit.store().read().await?;
    let failed = delivery::not_delivered(&mut tx, false, MOST).await?;
    let failed = failed.iter().filter(|failed| is_theirs(&visit, reach, failed));
    let failed = failed.map(|failed| line(&visit, failed)).collect();
    private(&visit, &DeliveriesPage { clerk: clerk(&visit), failed, done: asked.fertig.is_some() })
}

/// Of their own department, as with cases.
pub(super) fn is_theirs(visit: &StaffVisit, reach: &Reach, delivery: &Delivery) -> bool {
    let department = delivery.department.as_deref();
    reach.covers(department) && is_own(visit, reach, department)
}

fn line(visit: &Visit, failed: &Delivery) -> FailedLine {
    let mut destinations = visit.tenant.town.destinations.iter();
    let destination = destinations.find(|destination| destination.id == failed.destination);
    FailedLine {
        id: failed.id.to_string(),
        url: format!("/verwaltung/vorgaenge/{}", failed.number),
        number: failed.number.clone(),
        destination: destination.map_or_else(|| failed.destination.clone(), |destination| destination.name.clone()),
        tried: visit.moment(failed.tried.unwrap_or(failed.created)),
        why: failed.last_error.clone().unwrap_or_default(),
    }
}

/// Somebody of the department sends it on its way again.
#[handler]
pub async fn retry(visit: StaffVisit, sent: Sent) -> Result<Response> {
    visit.takes_deeds()?;
    let reach = visit.reach(Permission::Cases)?;
    let id = sent.value("delivery").and_then(|id| id.parse().ok()).ok_or(Error::NotFound)?;
    let mut tx = visit.store().write().await?;
    let delivery = delivery::by_id(&mut tx, id).await?.filter(|it| is_theirs(&visit, reach, it));
    let delivery = delivery.ok_or(Error::NotFound)?;
    // whoever clicks twice has asked for it once
    if delivery.state == State::Failed {
        delivery::retry(&mut tx, id, Actor::Staff(visit.id), visit.portal.clock.now()).await?;
        tx.commit().await?;
    }
    see_other("/verwaltung/uebergaben?fertig=1")
}
