//! The clerks' desk: what there is to do, one case on one page, and what a clerk can do about it.
//!
//! Invariant: a case is opened by whoever may work on cases of its department, and by others only after they have said why;
//! every opening stands in the trail. Names in lists are read for the page that is shown, and of one's own departments only.

pub mod doors;
pub mod pages;
mod records;

use jiff::{SignedDuration, Timestamp, ToSpan, Zoned};
use uuid::Uuid;

pub(crate) use records::STATEMENTS;

use crate::{
    cases::{Case, Event, EventKind, State, Who},
    clock::local_zone,
    staff::{Reach, StaffVisit},
    store::{Result, Tx},
    tenant::schema::Permission,
};

/// Whose cases a list holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Of one department, by its id.
    Department(String),
    /// Of none.
    Nobody,
    All,
    /// That a clerk works on.
    Clerk(Uuid),
}

/// Which cases, and which page of them.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub scope: Scope,
    /// What is over instead of what is open.
    pub over: bool,
    pub state: Option<State>,
    pub due_before: Option<Timestamp>,
    pub follow_up_before: Option<Timestamp>,
    pub most: usize,
    pub from: usize,
}

/// A case in a list.
#[derive(Debug, Clone)]
pub struct Listed {
    pub id: Uuid,
    pub number: String,
    pub service: String,
    pub department: Option<String>,
    pub state: State,
    /// `None` where the name is not for whoever asks.
    pub applicant: Option<String>,
    pub assignee: Option<Uuid>,
    pub due: Timestamp,
    pub follow_up: Option<Timestamp>,
    pub submitted: Timestamp,
    pub unread: bool,
}

/// Open cases by what is to be done.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counters {
    pub open: i64,
    pub new: i64,
    /// Due within three days, or overdue.
    pub due: i64,
    /// To be seen again today, or since.
    pub follow_up: i64,
}

/// How many cases came in a month, by department and state.
#[derive(Debug, Clone)]
pub struct Tally {
    /// `2026-11`
    pub month: String,
    pub department: Option<String>,
    pub state: State,
    pub count: i64,
}

/// Whoever has said why may look again for a working day.
const REASON_LASTS: SignedDuration = SignedDuration::from_hours(10);

/// What stands between a clerk and a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Open,
    /// It is another department's: the clerk says why first.
    Reason,
    /// No role of theirs reaches so far.
    Closed,
}

/// Whether a clerk may open the case; `timeline` is the case's.
pub fn access(visit: &StaffVisit, case: &Case, timeline: &[Event], now: Timestamp) -> Access {
    let Ok(reach) = visit.reach(Permission::Cases) else { return Access::Closed };
    let has_said = |event: &Event| {
        event.kind == EventKind::ReadElsewhere
            && event.who == Who::Staff(visit.id)
            && now.duration_since(event.at) < REASON_LASTS
    };
    match () {
        () if !reach.covers(case.department.as_deref()) => Access::Closed,
        () if is_own(visit, reach, case.department.as_deref()) || case.assignee == Some(visit.id) => Access::Open,
        () if timeline.iter().any(has_said) => Access::Open,
        () => Access::Reason,
    }
}

/// One's own department; whoever has none and a role for single departments works for all of these.
pub fn is_own(visit: &StaffVisit, reach: &Reach, department: Option<&str>) -> bool {
    match (&visit.department, department) {
        (_, None) => true,
        (Some(own), Some(department)) if own.id == department => true,
        (_, Some(department)) => {
            matches!(reach, Reach::Only(only) if only.contains(department)) || visit.department.is_none()
        }
    }
}

/// The beginning of tomorrow, and of the day after the next three.
pub fn horizons(today: &Zoned) -> (Timestamp, Timestamp) {
    let day = |days: i32| {
        let date = today.date().saturating_add(days.days());
        date.to_zoned(local_zone()).map_or(today.timestamp(), |day| day.timestamp())
    };
    (day(1), day(4))
}

/// A page of a list; names of other departments' people stay sealed.
pub async fn list(tx: &mut Tx, visit: &StaffVisit, reach: &Reach, wanted: &Wanted) -> Result<Vec<Listed>> {
    records::list(tx, wanted, |listed| {
        reach.covers(listed.department.as_deref())
            && (is_own(visit, reach, listed.department.as_deref()) || listed.assignee == Some(visit.id))
    })
    .await
}

/// `{number}` and the like in the template of a letter. Letters are plain: `**` around words goes.
pub fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let plain = template.replace("**", "");
    // in one pass: a name that looks like a variable stays what it is
    let mut filled = String::with_capacity(plain.len());
    let mut rest = plain.as_str();
    while let Some(at) = rest.find('{') {
        filled.push_str(&rest[..at]);
        rest = &rest[at..];
        let known =
            values.iter().find(|(name, _)| rest[1..].strip_prefix(name).is_some_and(|after| after.starts_with('}')));
        match known {
            Some((name, value)) => {
                filled.push_str(value);
                rest = &rest[name.len() + 2..];
            }
            None => {
                filled.push('{');
                rest = &rest[1..];
            }
        }
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_filled_once_and_what_is_unknown_stays() {
        let values = [("applicant", "{number} Müller"), ("number", "ABC-1")];
        assert_eq!(
            fill("Guten Tag {applicant}, **{number}** {x} {", &values),
            "Guten Tag {number} Müller, ABC-1 {x} {"
        );
    }
}
