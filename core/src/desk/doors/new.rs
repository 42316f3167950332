//! `/verwaltung/vorgaenge/neu`

use jiff::civil::Date;
use poem::{Response, handler, http::StatusCode};
use serde_json::{Value, json};

use super::{clerk, departments, list::default_department, service_title};
use crate::{
    audit::{self, Actor},
    cases::{self, Application, Channel, Field, FieldSource, Section, Submission, Who},
    clock::local_zone,
    desk::pages::{
        Choice,
        new::{NEW, NewPage},
    },
    error::Result,
    files::{self, Arrived, Owner, Parcel, Refusal},
    identity::doors::{private, see_other},
    mailbox::{self, FILES},
    staff::StaffVisit,
    store::Tx,
    tenant::schema::{Level, Permission, Service},
    web::{Form, Once, Sent, Upload, Wrong},
};

const LONGEST_NAME: usize = 200;
const LONGEST_TEXT: usize = 20_000;
const ANSWER_DAYS: u16 = 14;
const MOST_SCANS: usize = 10;
/// Whoever types an earlier year has mistyped it.
const EARLIEST_YEAR: i16 = 2000;
const CHANNELS: [Channel; 3] = [Channel::Paper, Channel::Phone, Channel::Desk];

#[handler]
pub fn show(visit: StaffVisit) -> Result<Response> {
    visit.takes_deeds()?;
    private(&visit, &page(&visit, Form::blank(&NEW), files::nothing_yet(&visit.portal.files, MOST_SCANS))?)
}

fn page(visit: &StaffVisit, form: Form, upload: Upload) -> Result<NewPage> {
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
        upload,
    })
}

#[handler]
pub async fn enter(visit: StaffVisit, parcel: Parcel) -> poem::Result<Response> {
    visit.takes_deeds()?;
    // nothing is taken from whoever may not enter anything
    visit.must(Permission::Cases)?;
    let (sent, arrived) = parcel.open(&visit, &visit.portal.files, &[FILES]).await?;
    let answer = enters(&visit, &sent, &arrived).await;
    files::clear_up(&visit, &arrived, &answer).await;
    Ok(answer?)
}

async fn enters(visit: &StaffVisit, sent: &Sent, scans: &[Arrived]) -> Result<Response> {
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
    let today = visit.portal.clock.local().date();
    let arrived: Option<Date> = form.value("arrived").parse().ok();
    match arrived {
        None if form.value("arrived").is_empty() => {}
        Some(day) if day > today => form.complain("arrived", Wrong::Future),
        Some(day) if day.year() >= EARLIEST_YEAR => {}
        _ => form.complain("arrived", Wrong::NoDate),
    }
    let department = Some(form.value("department").to_owned()).filter(|id| !id.is_empty());
    let is_known = department.as_ref().is_none_or(|id| visit.tenant.town.staff.department(id).is_some());
    if !is_known || !reach.covers(department.as_deref()) {
        form.complain("department", Wrong::Missing);
    }
    let (kept, mut refused) = files::sorted(scans, FILES);
    if kept.len() > MOST_SCANS {
        refused.push(("", Refusal::TooMany));
    }
    let is_wrong = form.is_wrong() || !refused.is_empty();
    let (Some(service), Some(channel), false) = (service, channel, is_wrong) else {
        let upload = files::once_more(visit, &kept, &refused, MOST_SCANS);
        let mut response = private(visit, &page(visit, form, upload)?)?;
        response.set_status(StatusCode::UNPROCESSABLE_ENTITY);
        return Ok(response);
    };
    let mut tx = visit.store().write().await?;
    let once = mailbox::once(sent, &kept);
    if let Some(earlier) = once.before(&mut tx).await? {
        return see_other(&earlier);
    }
    let person = person(&mut tx, form.value("applicant"), birthdate).await?;
    let submission = Submission {
        application: &application(visit, service, &form, birthdate),
        applicant: form.value("applicant"),
        department,
        account: None,
        person,
        level: Level::None,
        channel,
        who: Who::Staff(visit.id),
        answer_days: answer_days(visit, service),
    };
    // what lay in the letter box before the weekend came in before the weekend
    let came = arrived.filter(|day| *day < today).and_then(|day| day.to_zoned(local_zone()).ok());
    let came = came.map_or(now, |day| day.timestamp());
    let (case, number) = cases::enter(&mut tx, &visit.tenant, submission, came).await?;
    for scan in &kept {
        files::keep(&mut tx, &visit.portal.files, Owner::Case(case), scan, now).await?;
    }
    let target = format!("/verwaltung/vorgaenge/{number}?fertig=entered");
    if let Some(earlier) = once.keep(&mut tx, &target, now).await? {
        return see_other(&earlier);
    }
    let arrived = arrived.unwrap_or(today).to_string();
    let details = json!({"number": number, "channel": channel.word(), "arrived": arrived});
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
