//! `/verwaltung/vorgaenge/neu`

use jiff::civil::Date;
use poem::{Response, handler, http::StatusCode};
use serde_json::{Value, json};

use super::{clerk, departments, is_open, list::default_department, service_title};
use crate::{
    audit::{self, Actor},
    cases::{self, Application, Channel, Field, FieldSource, Section, Submission, Who},
    desk::pages::{
        Choice,
        new::{NEW, NewPage},
    },
    error::Result,
    identity::doors::{private, see_other},
    staff::StaffVisit,
    store::Tx,
    tenant::schema::{Level, Permission, Service},
    web::{Form, Once, Sent, Wrong},
};

const LONGEST_NAME: usize = 200;
const LONGEST_TEXT: usize = 20_000;
const ANSWER_DAYS: u16 = 14;
const CHANNELS: [Channel; 3] = [Channel::Paper, Channel::Phone, Channel::Desk];

#[handler]
pub fn show(visit: StaffVisit) -> Result<Response> {
    is_open(&visit)?;
    private(&visit, &page(&visit, Form::blank(&NEW))?)
}

fn page(visit: &StaffVisit, form: Form) -> Result<NewPage> {
    let reach = visit.reach(Permission::Cases)?;
    let choice = |value: &str, label: String, name: &str| Choice {
        chosen: form.value(name) == value,
        value: value.into(),
        label,
    };
    let mut services: Vec<Choice> = Vec::new();
    for service in &visit.tenant.services {
        services.push(choice(&service.id, service_title(visit, &service.id), "service"));
    }
    let department = match form.value("department") {
        "" => default_department(visit, reach),
        chosen => Some(chosen.to_owned()),
    };
    let channel =
        |channel: Channel| choice(channel.word(), visit.text(&format!("desk.channel.{}", channel.word())), "channel");
    Ok(NewPage {
        clerk: clerk(visit),
        services,
        departments: departments(visit, reach, department.as_deref()),
        channels: CHANNELS.into_iter().map(channel).collect(),
        once: Once::fresh(),
        form,
    })
}

#[handler]
pub async fn enter(visit: StaffVisit, sent: Sent) -> Result<Response> {
    is_open(&visit)?;
    let now = visit.portal.clock.now();
    let reach = visit.reach(Permission::Cases)?;
    let mut form = Form::read(&NEW, sent.pairs());
    ["applicant", "text"].into_iter().for_each(|name| form.needs(name));
    form.limits("applicant", LONGEST_NAME);
    form.limits("text", LONGEST_TEXT);
    form.limits("address", LONGEST_NAME);
    let service = visit.tenant.service(form.value("service"));
    let channel = CHANNELS.into_iter().find(|channel| channel.word() == form.value("channel"));
    if service.is_none() {
        form.complain("service", Wrong::Missing);
    }
    if channel.is_none() {
        form.complain("channel", Wrong::Missing);
    }
    let birthdate: Option<Date> = form.value("birthdate").parse().ok();
    if birthdate.is_none() && !form.value("birthdate").is_empty() {
        form.complain("birthdate", Wrong::NoDate);
    }
    let department = Some(form.value("department").to_owned()).filter(|id| !id.is_empty());
    let is_known = department.as_ref().is_none_or(|id| visit.tenant.town.staff.department(id).is_some());
    if !is_known || !reach.covers(department.as_deref()) {
        form.complain("department", Wrong::Missing);
    }
    let (Some(service), Some(channel), false) = (service, channel, form.is_wrong()) else {
        let mut response = private(&visit, &page(&visit, form)?)?;
        response.set_status(StatusCode::UNPROCESSABLE_ENTITY);
        return Ok(response);
    };
    let mut tx = visit.store().write().await?;
    let once = Once::of(&sent);
    if let Some(earlier) = once.before(&mut tx).await? {
        return see_other(&earlier);
    }
    let person = person(&mut tx, form.value("applicant"), birthdate).await?;
    let submission = Submission {
        application: &application(&visit, service, &form, birthdate),
        applicant: form.value("applicant"),
        department,
        account: None,
        person,
        level: Level::None,
        channel,
        who: Who::Staff(visit.id),
        answer_days: answer_days(&visit, service),
    };
    let (case, number) = cases::enter(&mut tx, &visit.tenant, submission, now).await?;
    let target = format!("/verwaltung/vorgaenge/{number}?fertig=entered");
    if let Some(earlier) = once.keep(&mut tx, &target, now).await? {
        return see_other(&earlier);
    }
    let details = json!({"number": number, "channel": channel.word()});
    let entry = audit::Entry::new(Actor::Staff(visit.id), "case.entered").about(case).with(details);
    audit::record(&mut tx, now, entry).await?;
    tx.commit().await?;
    see_other(&target)
}

async fn person(tx: &mut Tx, name: &str, birthdate: Option<Date>) -> Result<Option<Vec<u8>>> {
    Ok(match birthdate {
        Some(birthdate) => Some(cases::mark_of(tx, name, birthdate).await?),
        None => None,
    })
}

fn answer_days(visit: &StaffVisit, service: &Service) -> u16 {
    let form = service.online.form.as_ref().and_then(|id| visit.tenant.online_forms.get(id));
    form.map_or(ANSWER_DAYS, |form| form.answer_days)
}

/// What was told or written, as one section.
fn application(visit: &StaffVisit, service: &Service, form: &Form, birthdate: Option<Date>) -> Application {
    let field = |id: &str, kind: &str, value: Value, shown: String| Field {
        id: id.into(),
        label: visit.text(&format!("desk.new.field.{id}")),
        kind: kind.into(),
        value,
        shown,
        source: FieldSource::Typed,
    };
    let reached = form.value("address");
    let reached = (!reached.is_empty()).then(|| field("address", "address", json!({}), reached.replace("\r\n", "\n")));
    let typed = |id: &str, kind: &str| field(id, kind, json!(form.value(id)), form.value(id).to_owned());
    let born = birthdate.map(|day| field("birthdate", "date", json!(day.to_string()), visit.date(day)));
    let fields = [Some(typed("applicant", "name")), born, reached, Some(typed("text", "text"))];
    Application {
        form: None,
        service: service.id.clone(),
        title: visit.words(&service.title).into_owned(),
        sections: vec![Section {
            id: "eingang".into(),
            title: visit.text("desk.new.section"),
            fields: fields.into_iter().flatten().collect(),
        }],
        original: None,
        identity: None,
    }
}
