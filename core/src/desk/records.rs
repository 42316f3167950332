//! Lists, counters and statistics of the desk, as rows.

use jiff::Timestamp;
use jiff_sqlx::Timestamp as At;
use uuid::Uuid;

use super::{Counters, Listed, Scope, Tally, Wanted};
use crate::{
    cases::{self, State},
    crypto::Sealed,
    statements,
    store::{Result, Tx, stamp},
};

/// A page of a list: whose cases, of which kind, in which order. Every list has its own index, so the scope is no filter.
macro_rules! list {
    ($scope:literal) => {
        concat!(
            "select id, number, service, department, state, applicant, assignee, due_at, follow_up_at, submitted_at,
                coalesce((select cast(sum(unread_staff) as bigint) from threads
                    where threads.tenant_id = $1 and threads.case_id = cases.id), 0) as unread
            from cases where cases.tenant_id = $1 and ",
            $scope,
            " and (cast($3 as text) is null or state = $3) and (cast($4 as timestamptz) is null or due_at < $4)
                and (cast($5 as timestamptz) is null or follow_up_at < $5)
            order by due_at, id limit $6 offset $7"
        )
    };
}

/// The same with what is over or of one person, the latest first.
macro_rules! latest {
    ($scope:literal, $order:literal) => {
        concat!(
            "select id, number, service, department, state, applicant, assignee, due_at, follow_up_at, submitted_at,
                cast(0 as bigint) as unread
            from cases where cases.tenant_id = $1 and ",
            $scope,
            " order by ",
            $order,
            " desc limit $3 offset $4"
        )
    };
}

macro_rules! count {
    ($scope:literal) => {
        concat!(
            "select count(*), coalesce(sum(case when state = 'submitted' then 1 else 0 end), 0),
                coalesce(sum(case when due_at < $3 then 1 else 0 end), 0),
                coalesce(sum(case when follow_up_at < $4 then 1 else 0 end), 0)
            from cases where tenant_id = $1 and closed_at is null and ",
            $scope
        )
    };
}

statements! {
    OF_DEPARTMENT = list!("closed_at is null and department = $2");
    OF_NOBODY = list!("closed_at is null and department is null and cast($2 as text) is null");
    OF_ALL = list!("closed_at is null and cast($2 as text) is null");
    OF_CLERK = list!("closed_at is null and assignee = $2");
    OVER_OF_DEPARTMENT = latest!("closed_at is not null and department = $2", "closed_at");
    OVER_OF_NOBODY = latest!("closed_at is not null and department is null and cast($2 as text) is null", "closed_at");
    OVER_OF_ALL = latest!("closed_at is not null and cast($2 as text) is null", "closed_at");
    OVER_OF_CLERK = latest!("closed_at is not null and assignee = $2", "closed_at");
    OF_ACCOUNT = latest!("account_id = $2", "submitted_at");
    OF_PERSON = latest!("person = $2", "submitted_at");
    PERSON = "select person from cases where tenant_id = $1 and id = $2";
    COUNT_OF_DEPARTMENT = count!("department = $2");
    /// The day of the beginning lets SQLite take the index of open cases, as the order does in a list.
    COUNT_OF_ALL = count!("cast($2 as text) is null and due_at >= cast('1970-01-01' as timestamptz)");
    COUNT_OF_CLERK = count!("assignee = $2");
    UNREAD_ABOUT_CASES = "select count(*) from threads t join cases c on c.tenant_id = t.tenant_id and c.id = t.case_id
        where t.tenant_id = $1 and t.unread_staff > 0 and (cast($2 as text) is null or c.department = $2)";
    UNREAD_FREE = "select count(*) from threads where tenant_id = $1 and case_id is null and unread_staff > 0
        and (cast($2 as text) is null or department is null or department = $2)";
    TO_POST = "select d.message_id, c.id, c.number, c.service, c.department, d.state, d.provided_at as since
        from decisions d join cases c on c.tenant_id = d.tenant_id and c.id = d.case_id
        where d.tenant_id = $1 and d.posted_at is null and d.state in ('by_post', 'not_announced')
            and (cast($2 as text) is null or c.department is null or c.department = $2)
        order by d.provided_at, d.message_id limit 500";
    LETTERS_TO_POST = "select m.id as message_id, c.id, c.number, c.service, c.department,
            cast(null as text) as state, m.sent_at as since
        from messages m join threads t on t.tenant_id = m.tenant_id and t.id = m.thread_id
            join cases c on c.tenant_id = t.tenant_id and c.id = t.case_id
        where m.tenant_id = $1 and m.by_post and m.posted_at is null
            and (cast($2 as text) is null or c.department is null or c.department = $2)
        order by m.sent_at, m.id limit 500";
    COUNT_LETTERS_TO_POST = "select count(*)
        from messages m join threads t on t.tenant_id = m.tenant_id and t.id = m.thread_id
            join cases c on c.tenant_id = t.tenant_id and c.id = t.case_id
        where m.tenant_id = $1 and m.by_post and m.posted_at is null
            and (cast($2 as text) is null or c.department is null or c.department = $2)";
    COUNT_TO_POST = "select count(*)
        from decisions d join cases c on c.tenant_id = d.tenant_id and c.id = d.case_id
        where d.tenant_id = $1 and d.posted_at is null and d.state in ('by_post', 'not_announced')
            and (cast($2 as text) is null or c.department is null or c.department = $2)";
    /// Since a day; months are those of UTC.
    BY_MONTH = "select substr(cast(submitted_at as text), 1, 7), department, state, count(*) from cases
        where tenant_id = $1 and submitted_at >= $2 group by 1, 2, 3 order by 1, 2, 3";
}

#[derive(sqlx::FromRow)]
struct ListedRow {
    id: Uuid,
    number: String,
    service: String,
    department: Option<String>,
    state: String,
    applicant: Sealed,
    assignee: Option<Uuid>,
    due_at: At,
    follow_up_at: Option<At>,
    submitted_at: At,
    unread: i64,
}

/// One page of a list. `named` says whose names may be read; the others stay sealed.
pub(super) async fn list(tx: &mut Tx, wanted: &Wanted, named: impl Fn(&Listed) -> bool) -> Result<Vec<Listed>> {
    let (most, from) = (wanted.most as i64, wanted.from as i64);
    let query = match (&wanted.scope, wanted.over) {
        (Scope::Department(id), false) => tx.query(OF_DEPARTMENT).bind(id.clone()),
        (Scope::Nobody, false) => tx.query(OF_NOBODY).bind(None::<String>),
        (Scope::All, false) => tx.query(OF_ALL).bind(None::<String>),
        (Scope::Clerk(id), false) => tx.query(OF_CLERK).bind(*id),
        (Scope::Department(id), true) => tx.query(OVER_OF_DEPARTMENT).bind(id.clone()),
        (Scope::Nobody, true) => tx.query(OVER_OF_NOBODY).bind(None::<String>),
        (Scope::All, true) => tx.query(OVER_OF_ALL).bind(None::<String>),
        (Scope::Clerk(id), true) => tx.query(OVER_OF_CLERK).bind(*id),
    };
    let query = match wanted.over {
        true => query.bind(most).bind(from),
        false => {
            let state = wanted.state.map(|state| state.word().to_owned());
            let query = query.bind(state).bind(wanted.due_before.map(stamp)).bind(wanted.follow_up_before.map(stamp));
            query.bind(most).bind(from)
        }
    };
    let rows: Vec<ListedRow> = query.all().await?;
    opened(tx, rows, named).await
}

/// Other cases of the same person: of the account, or of whoever has the same name and day of birth.
pub(super) async fn of_same_person(tx: &mut Tx, case: Uuid, account: Option<Uuid>, most: i64) -> Result<Vec<Listed>> {
    let mut rows: Vec<ListedRow> = match account {
        Some(account) => tx.query(OF_ACCOUNT).bind(account).bind(most).bind(0_i64).all().await?,
        None => Vec::new(),
    };
    let mark: Option<(Option<Vec<u8>>,)> = tx.query(PERSON).bind(case).optional().await?;
    if let Some((Some(mark),)) = mark {
        let same: Vec<ListedRow> = tx.query(OF_PERSON).bind(mark).bind(most).bind(0_i64).all().await?;
        let known: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        rows.extend(same.into_iter().filter(|row| !known.contains(&row.id)));
    }
    rows.retain(|row| row.id != case);
    opened(tx, rows, |_| false).await
}

async fn opened(tx: &mut Tx, rows: Vec<ListedRow>, named: impl Fn(&Listed) -> bool) -> Result<Vec<Listed>> {
    let mut list = Vec::with_capacity(rows.len());
    for row in rows {
        let mut listed = Listed {
            id: row.id,
            number: row.number,
            service: row.service,
            department: row.department,
            state: State::of_word(&row.state),
            applicant: None,
            assignee: row.assignee,
            due: row.due_at.to_jiff(),
            follow_up: row.follow_up_at.map(|at| at.to_jiff()),
            submitted: row.submitted_at.to_jiff(),
            unread: row.unread > 0,
        };
        if named(&listed) {
            listed.applicant = Some(cases::applicant_of(tx, listed.id, &row.applicant).await?);
        }
        list.push(listed);
    }
    Ok(list)
}

pub(super) async fn count(tx: &mut Tx, scope: &Scope, soon: Timestamp, tomorrow: Timestamp) -> Result<Counters> {
    let query = match scope {
        Scope::Department(id) => tx.query(COUNT_OF_DEPARTMENT).bind(id.clone()),
        Scope::Clerk(id) => tx.query(COUNT_OF_CLERK).bind(*id),
        Scope::All | Scope::Nobody => tx.query(COUNT_OF_ALL).bind(None::<String>),
    };
    let row: Option<(i64, i64, i64, i64)> = query.bind(stamp(soon)).bind(stamp(tomorrow)).optional().await?;
    let (open, new, due, follow_up) = row.unwrap_or_default();
    Ok(Counters { open, new, due, follow_up })
}

/// Threads with something unread: about cases, and freely written.
pub(super) async fn unread(tx: &mut Tx, department: Option<String>) -> Result<(i64, i64)> {
    let about: Option<(i64,)> = tx.query(UNREAD_ABOUT_CASES).bind(department.clone()).optional().await?;
    let free: Option<(i64,)> = tx.query(UNREAD_FREE).bind(department).optional().await?;
    Ok((about.unwrap_or_default().0, free.unwrap_or_default().0))
}

/// What waits for the post.
pub(super) struct ToPost {
    pub message: Uuid,
    pub case: Uuid,
    pub number: String,
    pub service: String,
    pub department: Option<String>,
    pub decision: bool,
    /// It lay in the Postkorb and was not opened in time.
    pub unopened: bool,
    pub since: Timestamp,
}

/// The oldest first.
pub(super) async fn to_post(tx: &mut Tx, department: Option<String>) -> Result<Vec<ToPost>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        message_id: Uuid,
        id: Uuid,
        number: String,
        service: String,
        department: Option<String>,
        state: Option<String>,
        since: At,
    }
    let mut rows: Vec<Row> = tx.query(TO_POST).bind(department.clone()).all().await?;
    rows.extend(tx.query(LETTERS_TO_POST).bind(department).all::<Row>().await?);
    rows.sort_by_key(|row| row.since.to_jiff());
    let line = |row: Row| ToPost {
        message: row.message_id,
        case: row.id,
        number: row.number,
        service: row.service,
        department: row.department,
        decision: row.state.is_some(),
        unopened: row.state.as_deref() == Some("not_announced"),
        since: row.since.to_jiff(),
    };
    Ok(rows.into_iter().map(line).collect())
}

pub(super) async fn count_to_post(tx: &mut Tx, department: Option<String>) -> Result<i64> {
    let decisions: Option<(i64,)> = tx.query(COUNT_TO_POST).bind(department.clone()).optional().await?;
    let letters: Option<(i64,)> = tx.query(COUNT_LETTERS_TO_POST).bind(department).optional().await?;
    Ok(decisions.unwrap_or_default().0 + letters.unwrap_or_default().0)
}

pub(super) async fn by_month(tx: &mut Tx, since: Timestamp) -> Result<Vec<Tally>> {
    let rows: Vec<(String, Option<String>, String, i64)> = tx.query(BY_MONTH).bind(stamp(since)).all().await?;
    let tally = |(month, department, state, count): (String, Option<String>, String, i64)| Tally {
        month,
        department,
        state: State::of_word(&state),
        count,
    };
    Ok(rows.into_iter().map(tally).collect())
}
