//! `/verwaltung/vertretung`: who does a clerk's work while they are away.

use jiff::civil::Date;
use poem::{Response, handler, http::StatusCode};
use serde_json::json;
use uuid::Uuid;

use super::{clerk, names};
use crate::{
    audit::{self, Actor},
    desk::{
        pages::{
            Choice,
            substitute::{Named, SUBSTITUTE, SubstitutePage},
        },
        substitutes::{self, Substitute},
    },
    error::Result,
    identity::doors::{private, see_other},
    staff::{self, StaffVisit},
    store::Tx,
    tenant::schema::Permission,
    web::{Form, Sent, Wrong},
};

#[handler]
pub async fn show(visit: StaffVisit) -> Result<Response> {
    visit.must(Permission::Cases)?;
    let mut tx = visit.store().read().await?;
    private(&visit, &page(&mut tx, &visit, Form::blank(&SUBSTITUTE)).await?)
}

async fn page(tx: &mut Tx, visit: &StaffVisit, form: Form) -> Result<SubstitutePage> {
    let today = visit.portal.clock.local().date();
    let colleagues = staff::colleagues(tx, &visit.tenant).await?;
    let names = names(&colleagues);
    let name = |id: Uuid| names.get(&id).cloned().unwrap_or_else(|| visit.text("desk.somebody"));
    let current = substitutes::of_clerk(tx, visit.id).await?.filter(|it| it.until >= today);
    let stands_for = substitutes::stands_for(tx, visit.id, today).await?;
    let choice = |colleague: &staff::Colleague| Choice {
        value: colleague.id.to_string(),
        label: colleague.name.clone(),
        chosen: form.value("to") == colleague.id.to_string(),
    };
    Ok(SubstitutePage {
        clerk: clerk(visit),
        current: current.map(|it| Named {
            name: name(it.clerk),
            from: visit.date(it.from),
            until: visit.date(it.until),
        }),
        stands_for: stands_for.into_iter().map(name).collect(),
        colleagues: colleagues.iter().filter(|it| it.works && it.id != visit.id).map(choice).collect(),
        form,
    })
}

#[handler]
pub async fn change(visit: StaffVisit, sent: Sent) -> Result<Response> {
    visit.takes_deeds()?;
    visit.must(Permission::Cases)?;
    let now = visit.portal.clock.now();
    let mut tx = visit.store().write().await?;
    if sent.value("do").as_deref() == Some("end") {
        substitutes::end(&mut tx, visit.id).await?;
        let entry = audit::Entry::new(Actor::Staff(visit.id), "substitute.ended").about(visit.id);
        audit::record(&mut tx, now, entry).await?;
        tx.commit().await?;
        return see_other("/verwaltung/vertretung");
    }
    let mut form = Form::read(&SUBSTITUTE, sent.pairs());
    let mut day = |name: &'static str| -> Option<Date> {
        let parsed = form.value(name).parse().ok();
        if parsed.is_none() {
            form.complain(name, Wrong::NoDate);
        }
        parsed
    };
    let (from, until) = (day("from"), day("until"));
    if from > until {
        form.complain("until", Wrong::EndsBefore);
    }
    let colleagues = staff::colleagues(&mut tx, &visit.tenant).await?;
    let to = form.value("to").parse::<Uuid>().ok().filter(|id| *id != visit.id);
    let to = to.filter(|id| colleagues.iter().any(|it| it.id == *id && it.works));
    if to.is_none() {
        form.complain("to", Wrong::Missing);
    }
    let (Some(to), Some(from), Some(until), false) = (to, from, until, form.is_wrong()) else {
        let mut response = private(&visit, &page(&mut tx, &visit, form).await?)?;
        response.set_status(StatusCode::UNPROCESSABLE_ENTITY);
        return Ok(response);
    };
    substitutes::name(&mut tx, visit.id, Substitute { clerk: to, from, until }).await?;
    let entry = audit::Entry::new(Actor::Staff(visit.id), "substitute.named").about(visit.id);
    let details = json!({"substitute": to, "from": from.to_string(), "until": until.to_string()});
    audit::record(&mut tx, now, entry.with(details)).await?;
    tx.commit().await?;
    see_other("/verwaltung/vertretung")
}
