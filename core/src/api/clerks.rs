//! The desk for programs of clerks.

use poem::Request;
use poem_openapi::{
    Object, OpenApi,
    param::{Header, Path, Query},
    payload::Json,
};
use serde_json::json;

use super::{
    Done, Private,
    citizens::{EventItem, SectionItem, from_word, section},
    private,
    words::Words,
};
use crate::{
    audit::{self, Actor, Entry},
    cases::{self, Case, Event, EventKind, Who},
    desk::{self, Listed, Scope, Wanted, doors::case},
    error::{Error, Result},
    mailbox::{self, Message},
    staff::{self, Reach, StaffVisit},
    store::Tx,
    tenant::schema::Permission,
    web::Once,
};

pub struct ClerksApi;

/// A case of the work list.
#[derive(Debug, Object)]
struct DeskItem {
    number: String,
    /// Id of the service.
    service: String,
    /// Id of the department.
    department: Option<String>,
    state: String,
    /// Null where the name is not for whoever asks.
    applicant: Option<String>,
    submitted: String,
    due: String,
    /// The person has written something that nobody has read.
    unread: bool,
}

#[derive(Debug, Object)]
struct DeskList {
    /// The town's name, as it signs.
    town: String,
    cases: Vec<DeskItem>,
}

#[derive(Debug, Object)]
struct DeskDetail {
    number: String,
    service: String,
    title: String,
    department: Option<String>,
    state: String,
    applicant: String,
    submitted: String,
    due: String,
    sections: Vec<SectionItem>,
    /// The first first; notes of clerks are not among them.
    timeline: Vec<EventItem>,
    messages: Vec<DeskMessage>,
}

#[derive(Debug, Object)]
struct DeskMessage {
    id: String,
    /// `citizen`, `town_hall` or `portal`.
    from: String,
    sent: String,
    text: String,
}

#[derive(Debug, Object)]
struct NewNote {
    /// Plain text, for colleagues.
    text: Words,
}

/// How many cases came in a month.
#[derive(Debug, Object)]
struct TallyItem {
    /// `2026-11`
    month: String,
    department: Option<String>,
    state: String,
    count: i64,
}

#[derive(Debug, Object)]
struct TallyList {
    /// The town's name, as it signs.
    town: String,
    tallies: Vec<TallyItem>,
}

const MOST: usize = 200;

#[OpenApi]
impl ClerksApi {
    /// Lists open cases of a department, for its clerks
    #[oai(path = "/desk/cases", method = "get")]
    async fn list(&self, request: &Request, department: Query<Option<String>>) -> poem::Result<Private<DeskList>> {
        let visit = staff::of_program(request).await?;
        let reach = visit.reach(Permission::Cases)?;
        let wanted = Wanted {
            scope: scope(&visit, reach, department.0)?,
            over: false,
            state: None,
            due_before: None,
            follow_up_before: None,
            most: MOST,
            from: 0,
        };
        let mut tx = visit.store().read().await.map_err(Error::from)?;
        let cases = desk::list(&mut tx, &visit, reach, &[], &wanted).await.map_err(Error::from)?;
        Ok(private(DeskList { town: visit.tenant.town.full_name.clone(), cases: cases.iter().map(item).collect() }))
    }

    /// Shows a case to a clerk of its department; a case of another one is opened at the desk, where one says why
    #[oai(path = "/desk/cases/:number", method = "get")]
    async fn case(&self, request: &Request, number: Path<String>) -> poem::Result<Private<DeskDetail>> {
        let visit = staff::of_program(request).await?;
        let (mut tx, case, timeline) = opened(&visit, &number).await?;
        let detail = detail(&mut tx, &case, &timeline).await?;
        let entry = Entry::new(Actor::Staff(visit.id), "case.read").about(case.id).concerns(case.account);
        let entry = entry.with(json!({"number": case.number, "program": true}));
        audit::record(&mut tx, visit.portal.clock.now(), entry).await.map_err(Error::from)?;
        tx.commit().await.map_err(Error::from)?;
        Ok(private(detail))
    }

    /// Leaves a note at a case, for colleagues; sent again with the same key within a day it is the same note
    #[oai(path = "/desk/cases/:number/notes", method = "post")]
    async fn note(
        &self,
        request: &Request,
        number: Path<String>,
        #[oai(name = "Idempotency-Key", validator(pattern = "^[A-Za-z0-9-]{1,60}$"))] key: Header<Option<String>>,
        new: Json<NewNote>,
    ) -> poem::Result<Private<Done>> {
        let visit = staff::of_program(request).await?;
        let now = visit.portal.clock.now();
        let (mut tx, case, _) = opened(&visit, &number).await?;
        let who = Who::Staff(visit.id);
        cases::note(&mut tx, case.id, EventKind::Note, who, json!({"text": new.text.as_str()}), now)
            .await
            .map_err(Error::from)?;
        let (id, once) = (case.number.to_string(), Once::of_key(visit.id, &case.number.to_string(), key.as_deref()));
        if let Some(earlier) = once.keep(&mut tx, &id, now).await.map_err(Error::from)? {
            return Ok(private(Done { id: earlier }));
        }
        let entry = Entry::new(Actor::Staff(visit.id), "case.noted").about(case.id).concerns(case.account);
        audit::record(&mut tx, now, entry).await.map_err(Error::from)?;
        tx.commit().await.map_err(Error::from)?;
        Ok(private(Done { id }))
    }

    /// Counts cases by month, department and state
    #[oai(path = "/desk/statistics", method = "get")]
    async fn statistics(&self, request: &Request) -> poem::Result<Private<TallyList>> {
        let visit = staff::of_program(request).await?;
        let tallies = desk::doors::statistics::of_a_year(&visit).await?.into_iter().map(|tally| TallyItem {
            month: tally.month,
            department: tally.department,
            state: tally.state.word().into(),
            count: tally.count,
        });
        Ok(private(TallyList { town: visit.tenant.town.full_name.clone(), tallies: tallies.collect() }))
    }
}

/// The department that is asked for, otherwise the clerk's own.
fn scope(visit: &StaffVisit, reach: &Reach, asked: Option<String>) -> Result<Scope> {
    match asked {
        Some(id) if visit.tenant.town.staff.department(&id).is_none() => Err(Error::NotFound),
        Some(id) if !reach.covers(Some(&id)) => Err(Error::Forbidden),
        Some(id) => Ok(Scope::Department(id)),
        None => Ok(desk::doors::list::default_department(visit, reach).map_or(Scope::All, Scope::Department)),
    }
}

/// A case that is the clerk's work, or that they have said why they look at. A closed door is closed, and somebody tried it.
async fn opened(visit: &StaffVisit, number: &str) -> Result<(Tx, Case, Vec<Event>)> {
    visit.takes_deeds()?;
    visit.must(Permission::Cases)?;
    case::opened(visit, number).await
}

fn item(listed: &Listed) -> DeskItem {
    DeskItem {
        number: listed.number.clone(),
        service: listed.service.clone(),
        department: listed.department.clone(),
        state: listed.state.word().into(),
        applicant: listed.applicant.clone(),
        submitted: listed.submitted.to_string(),
        due: listed.due.to_string(),
        unread: listed.unread,
    }
}

async fn detail(tx: &mut Tx, case: &Case, timeline: &[Event]) -> Result<DeskDetail> {
    let happened = timeline.iter().filter(|event| event.kind != EventKind::Note);
    let messages = match mailbox::of_case(tx, case.id).await? {
        Some(thread) => mailbox::messages(tx, thread.id).await?,
        None => Vec::new(),
    };
    Ok(DeskDetail {
        number: case.number.to_string(),
        service: case.service.clone(),
        title: case.application.title.clone(),
        department: case.department.clone(),
        state: case.state.word().into(),
        applicant: case.applicant.clone(),
        submitted: case.submitted.to_string(),
        due: case.due.to_string(),
        sections: case.application.sections.iter().map(section).collect(),
        timeline: happened.map(|it| EventItem { at: it.at.to_string(), event: it.kind.word().into() }).collect(),
        messages: messages.into_iter().map(message).collect(),
    })
}

fn message(message: Message) -> DeskMessage {
    DeskMessage {
        id: message.id.to_string(),
        from: from_word(message.sender).into(),
        sent: message.sent.to_string(),
        text: message.body,
    }
}
