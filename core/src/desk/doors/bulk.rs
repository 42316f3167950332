//! One deed for the ticked cases of the work list.

use poem::Response;
use serde_json::json;

use super::{
    case::{access_to, found},
    deeds::changed,
};
use crate::{
    audit::{self, Actor},
    cases::{self, Moved, Who},
    desk::Access,
    error::{Error, Result},
    identity::doors::see_other,
    staff::StaffVisit,
    web::Sent,
};

const DEEDS: [&str; 3] = ["claim", "hand_over", "follow_up"];
/// More than a page of the list has.
const MOST: usize = 100;

/// Does it with every case that is the clerk's work and that allows it; the others stay as they are.
pub(super) async fn change(visit: &StaffVisit, sent: &Sent) -> Result<Response> {
    visit.takes_deeds()?;
    let now = visit.portal.clock.now();
    let deed = sent.value("do").unwrap_or_default();
    let deed = DEEDS.into_iter().find(|known| *known == deed);
    let deed = deed.ok_or(Error::BadRequest("this page does not know what to do"))?;
    if deed == "hand_over" && sent.value("to").unwrap_or_default().is_empty() {
        return see_other("/verwaltung/vorgaenge?fertig=nobody");
    }
    let ticked: Vec<_> = sent.pairs().filter(|(name, _)| name == "case").map(|(_, number)| number).take(MOST).collect();
    let mut tx = visit.store().write().await?;
    let (mut done, mut persons) = (Vec::new(), Vec::new());
    for number in &ticked {
        let (case, timeline) = found(&mut tx, number).await?;
        if access_to(&mut tx, visit, &case, &timeline).await? != Access::Own {
            continue;
        }
        let Some((new, event, details, _)) = changed(&mut tx, visit, &case, deed, sent).await? else { continue };
        if cases::change(&mut tx, &new, event, Who::Staff(visit.id), details, now).await? == Moved::Done {
            done.push(case.number.to_string());
            persons.extend(case.account);
        }
    }
    if !done.is_empty() {
        let entry = audit::Entry::new(Actor::Staff(visit.id), "cases.changed").concerns(persons);
        audit::record(&mut tx, now, entry.with(json!({"deed": deed, "cases": done}))).await?;
        tx.commit().await?;
    }
    let outcome = match done.len() {
        0 => "none",
        all if all == ticked.len() => "done",
        _ => "some",
    };
    see_other(&format!("/verwaltung/vorgaenge?fertig={outcome}"))
}
