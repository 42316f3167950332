//! Cases and what happened to them, as rows.

use jiff::Timestamp;
use jiff_sqlx::{Timestamp as At, ToSqlx};
use serde_json::Value;
use uuid::Uuid;

use super::{Application, Case, CaseNumber, Channel, Event, EventKind, Listed, State, Titles, Who};
use crate::{
    crypto::{Cell, Sealed},
    statements,
    store::{Result, Tx, stamp},
    tenant::schema::Level,
};

statements! {
    IS_OF = "select id from cases where tenant_id = $1 and id = $2 and person = $3";
    ADD = "insert into cases (tenant_id, id, number, service, form, department, account_id, person, state, channel,
            level, title, application, applicant, assignee, due_at, follow_up_at, revision, submitted_at, closed_at, keep_until, hold)
        values ($1, $2, $3, $4, $5, $6, $7, $8, 'submitted', $9, $10, $11, $12, $13, null, $14, null, 1, $15,
            null, null, false)
        on conflict (tenant_id, number) do nothing";
    GET = "select id, number, service, form, department, account_id, state, channel, level, application, applicant, assignee,
            due_at, follow_up_at, revision, submitted_at, closed_at, keep_until, hold, left_at, address
        from cases where tenant_id = $1 and id = $2";
    FIND = "select id, number, service, form, department, account_id, state, channel, level, application, applicant, assignee,
            due_at, follow_up_at, revision, submitted_at, closed_at, keep_until, hold, left_at, address
        from cases where tenant_id = $1 and number = $2";
    ALL_OF_ACCOUNT = "select id, number, service, form, department, account_id, state, channel, level, application, applicant,
            assignee, due_at, follow_up_at, revision, submitted_at, closed_at, keep_until, hold, left_at, address
        from cases where tenant_id = $1 and account_id = $2 order by submitted_at desc limit 500";
    LEVELS = "select distinct level from cases where tenant_id = $1 and account_id = $2";
    /// Those where something is wanted first, then the latest; what is over stands last.
    OF_ACCOUNT = "select id, number, state, level, title, submitted_at, closed_at from cases
        where tenant_id = $1 and account_id = $2
        order by case state when 'action_required' then 0 when 'completed' then 2 when 'withdrawn' then 2 else 1 end,
            submitted_at desc, id
        limit $3 offset $4";
    GUESTS_ID = "select id from cases
        where tenant_id = $1 and number = $2 and account_id is null and channel = 'online' and left_at is null";
    TAKE_OVER = "update cases set account_id = $3, revision = revision + 1
        where tenant_id = $1 and id = $2 and account_id is null and channel = 'online' and left_at is null";
    TAKE_THREAD = "update threads set account_id = $3
        where tenant_id = $1 and case_id = $2 and account_id is null";
    /// Only if nobody has changed the case meanwhile.
    MOVE_ON = "update cases set state = $4, closed_at = $5, keep_until = $6, revision = revision + 1
        where tenant_id = $1 and id = $2 and revision = $3";
    /// Whatever clerks change, only if nobody has changed the case meanwhile.
    CHANGE = "update cases set state = $4, department = $5, assignee = $6, due_at = $7, follow_up_at = $8,
            closed_at = $9, keep_until = $10, hold = $11, address = $12, revision = revision + 1
        where tenant_id = $1 and id = $2 and revision = $3";
    /// Whoever writes about the same case waits here, so that numbers in its timeline never collide.
    HOLD = "update cases set revision = revision where tenant_id = $1 and id = $2";
    HOLD_AS_SEEN = "update cases set revision = revision where tenant_id = $1 and id = $2 and revision = $3";
    ADD_EVENT = "insert into case_events (tenant_id, id, case_id, seq, at, kind, shown, actor, actor_id, details)
        select $1, $2, $3, coalesce(max(seq), 0) + 1, $4, $5, $6, $7, $8, $9 from case_events
            where tenant_id = $1 and case_id = $3";
    EVENTS = "select id, at, kind, shown, actor, actor_id, details from case_events
        where tenant_id = $1 and case_id = $2 order by seq";
}

#[derive(sqlx::FromRow)]
pub(super) struct CaseRow {
    id: Uuid,
    number: String,
    service: String,
    form: Option<String>,
    department: Option<String>,
    account_id: Option<Uuid>,
    state: String,
    channel: String,
    level: String,
    application: Sealed,
    applicant: Sealed,
    assignee: Option<Uuid>,
    due_at: At,
    follow_up_at: Option<At>,
    revision: i64,
    submitted_at: At,
    closed_at: Option<At>,
    keep_until: Option<At>,
    hold: bool,
    left_at: Option<At>,
    address: Option<Sealed>,
}

impl CaseRow {
    async fn opened(self, tx: &mut Tx) -> Result<Case> {
        let sealer = tx.sealer().await?;
        let row = self.id.to_string();
        let applicant = sealer.open(cell(&row, "applicant"), &self.applicant)?;
        let address = match &self.address {
            Some(sealed) => Some(sealer.open(cell(&row, "address"), sealed)?),
            None => None,
        };
        Ok(Case {
            application: sealer.open_json(cell(&row, "application"), &self.application)?,
            applicant: String::from_utf8_lossy(&applicant).into_owned(),
            id: self.id,
            number: CaseNumber::of_row(self.number),
            service: self.service,
            form: self.form,
            department: self.department,
            account: self.account_id,
            state: State::of_word(&self.state),
            channel: Channel::of_word(&self.channel),
            level: level_of(&self.level),
            assignee: self.assignee,
            due: self.due_at.to_jiff(),
            follow_up: self.follow_up_at.map(|at| at.to_jiff()),
            revision: self.revision,
            submitted: self.submitted_at.to_jiff(),
            closed: self.closed_at.map(|at| at.to_jiff()),
            keep_until: self.keep_until.map(|at| at.to_jiff()),
            hold: self.hold,
            left: self.left_at.map(|at| at.to_jiff()),
            address: address.map(|address| String::from_utf8_lossy(&address).into_owned()),
        })
    }
}

/// A case that is to be entered.
pub struct NewCase<'a> {
    pub id: Uuid,
    pub number: &'a CaseNumber,
    pub department: Option<String>,
    pub account: Option<Uuid>,
    pub person: Option<Vec<u8>>,
    pub level: Level,
    pub channel: Channel,
    pub application: &'a Application,
    pub applicant: &'a str,
    pub due: Timestamp,
}

/// `false` if the number is taken.
pub(super) async fn add(tx: &mut Tx, new: NewCase<'_>, now: Timestamp) -> Result<bool> {
    let row = new.id.to_string();
    let sealer = tx.sealer().await?;
    let application = sealer.seal_json(cell(&row, "application"), new.application);
    let title = sealer.seal_json(cell(&row, "title"), &Titles::of(new.application));
    let applicant = sealer.seal(cell(&row, "applicant"), new.applicant.as_bytes());
    let query = tx.query(ADD).bind(new.id).bind(new.number.as_str().to_owned()).bind(new.application.service.clone());
    let query = query.bind(new.application.form.clone()).bind(new.department).bind(new.account).bind(new.person);
    let query = query.bind(new.channel.word().to_owned()).bind(new.level.word().to_owned());
    let query = query.bind(title).bind(application).bind(applicant);
    Ok(query.bind(stamp(new.due)).bind(stamp(now)).run().await? > 0)
}

pub(super) async fn get(tx: &mut Tx, id: Uuid) -> Result<Option<Case>> {
    let row: Option<CaseRow> = tx.query(GET).bind(id).optional().await?;
    opened(tx, row).await
}

pub(super) async fn find(tx: &mut Tx, number: &CaseNumber) -> Result<Option<Case>> {
    let row: Option<CaseRow> = tx.query(FIND).bind(number.as_str().to_owned()).optional().await?;
    opened(tx, row).await
}

pub(super) async fn guests_id(tx: &mut Tx, number: &CaseNumber) -> Result<Option<Uuid>> {
    let row: Option<(Uuid,)> = tx.query(GUESTS_ID).bind(number.as_str().to_owned()).optional().await?;
    Ok(row.map(|(id,)| id))
}

/// A guest's case becomes that of an account, with what was written about it; `false` if it is no guest's any more.
pub(super) async fn take_over(tx: &mut Tx, case: Uuid, account: Uuid) -> Result<bool> {
    let is_taken = tx.query(TAKE_OVER).bind(case).bind(account).run().await? > 0;
    if is_taken {
        tx.query(TAKE_THREAD).bind(case).bind(account).run().await?;
    }
    Ok(is_taken)
}

pub(super) async fn all_of_account(tx: &mut Tx, account: Uuid) -> Result<Vec<Case>> {
    let rows: Vec<CaseRow> = tx.query(ALL_OF_ACCOUNT).bind(account).all().await?;
    let mut cases = Vec::with_capacity(rows.len());
    for row in rows {
        cases.push(row.opened(tx).await?);
    }
    Ok(cases)
}

/// The highest level that a case of an account asks of its login.
pub async fn highest_level_of(tx: &mut Tx, account: Uuid) -> Result<Level> {
    let levels: Vec<(String,)> = tx.query(LEVELS).bind(account).all().await?;
    Ok(levels.iter().map(|(word,)| level_of(word)).max().unwrap_or_default())
}

#[derive(sqlx::FromRow)]
struct ListedRow {
    id: Uuid,
    number: String,
    state: String,
    level: String,
    title: Sealed,
    submitted_at: At,
    closed_at: Option<At>,
}

/// `most` cases of an account after the first `skip`.
pub(super) async fn of_account(tx: &mut Tx, account: Uuid, most: u32, skip: u32) -> Result<Vec<Listed>> {
    let query = tx.query(OF_ACCOUNT).bind(account).bind(i64::from(most)).bind(i64::from(skip));
    let rows: Vec<ListedRow> = query.all().await?;
    let sealer = tx.sealer().await?;
    let mut listed = Vec::with_capacity(rows.len());
    for row in rows {
        listed.push(Listed {
            titles: sealer.open_json(cell(&row.id.to_string(), "title"), &row.title)?,
            id: row.id,
            number: CaseNumber::of_row(row.number),
            state: State::of_word(&row.state),
            level: level_of(&row.level),
            submitted: row.submitted_at.to_jiff(),
            closed: row.closed_at.map(|at| at.to_jiff()),
        });
    }
    Ok(listed)
}

async fn opened(tx: &mut Tx, row: Option<CaseRow>) -> Result<Option<Case>> {
    match row {
        Some(row) => row.opened(tx).await.map(Some),
        None => Ok(None),
    }
}

/// `false` if somebody else has changed the case since it was read.
pub(super) async fn move_on(
    tx: &mut Tx,
    case: &Case,
    state: State,
    closed: Option<Timestamp>,
    keep_until: Option<Timestamp>,
) -> Result<bool> {
    let query = tx.query(MOVE_ON).bind(case.id).bind(case.revision).bind(state.word().to_owned());
    Ok(query.bind(closed.map(stamp)).bind(keep_until.map(stamp)).run().await? > 0)
}

/// Keeps the case as it stands in memory; `false` if somebody else has changed it since it was read.
pub(super) async fn change(tx: &mut Tx, case: &Case) -> Result<bool> {
    let (row, sealer) = (case.id.to_string(), tx.sealer().await?);
    let address = case.address.as_ref().map(|address| sealer.seal(cell(&row, "address"), address.as_bytes()));
    let query = tx.query(CHANGE).bind(case.id).bind(case.revision).bind(case.state.word().to_owned());
    let query = query.bind(case.department.clone()).bind(case.assignee).bind(stamp(case.due));
    let query = query.bind(case.follow_up.map(stamp)).bind(case.closed.map(stamp)).bind(case.keep_until.map(stamp));
    Ok(query.bind(case.hold).bind(address).run().await? > 0)
}

pub(super) async fn hold(tx: &mut Tx, case: Uuid) -> Result<()> {
    tx.query(HOLD).bind(case).run().await?;
    Ok(())
}

pub(super) async fn hold_as_seen(tx: &mut Tx, case: &Case) -> Result<bool> {
    Ok(tx.query(HOLD_AS_SEEN).bind(case.id).bind(case.revision).run().await? > 0)
}

pub(super) async fn is_of(tx: &mut Tx, case: Uuid, person: Vec<u8>) -> Result<bool> {
    Ok(tx.query(IS_OF).bind(case).bind(person).optional::<(Uuid,)>().await?.is_some())
}

/// The name of a case's person, for lists that do not open the whole case.
pub(super) async fn open_applicant(tx: &mut Tx, case: Uuid, sealed: &Sealed) -> Result<String> {
    let opened = tx.sealer().await?.open(cell(&case.to_string(), "applicant"), sealed)?;
    Ok(String::from_utf8_lossy(&opened).into_owned())
}

pub(super) async fn add_event(
    tx: &mut Tx,
    case: Uuid,
    kind: EventKind,
    who: Who,
    details: &Value,
    now: Timestamp,
) -> Result<()> {
    let id = crate::crypto::id();
    let details = match details {
        Value::Null => None,
        details => Some(tx.sealer().await?.seal_json(details_of(&id.to_string()), details)),
    };
    let (actor, actor_id) = who.columns();
    tx.query(HOLD).bind(case).run().await?;
    let query = tx.query(ADD_EVENT).bind(id).bind(case).bind(now.to_sqlx()).bind(kind.word().to_owned());
    query.bind(kind.is_shown()).bind(actor.to_owned()).bind(actor_id).bind(details).run().await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct EventRow {
    id: Uuid,
    at: At,
    kind: String,
    shown: bool,
    actor: String,
    actor_id: Option<Uuid>,
    details: Option<Sealed>,
}

/// In the order in which it happened. Kinds that a newer portal has written are left out.
pub(super) async fn events(tx: &mut Tx, case: Uuid) -> Result<Vec<Event>> {
    let rows: Vec<EventRow> = tx.query(EVENTS).bind(case).all().await?;
    let sealer = tx.sealer().await?;
    let mut events = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(kind) = EventKind::of_word(&row.kind) else { continue };
        let details = match &row.details {
            Some(sealed) => sealer.open_json(details_of(&row.id.to_string()), sealed)?,
            None => Value::Null,
        };
        let who = Who::of_columns(&row.actor, row.actor_id);
        events.push(Event { at: row.at.to_jiff(), kind, shown: row.shown, who, details });
    }
    Ok(events)
}

fn level_of(word: &str) -> Level {
    Level::of_word(word).expect("the table knows the words of levels")
}

fn cell<'a>(row: &'a str, column: &'static str) -> Cell<'a> {
    Cell { table: "cases", row, column }
}

fn details_of(row: &str) -> Cell<'_> {
    Cell { table: "case_events", row, column: "details" }
}
