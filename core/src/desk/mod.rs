//! The clerks' desk: what there is to do, one case on one page, and what a clerk can do about it.
//!
//! Invariant: a case is opened by whoever may work on cases of its department, and by others only after they have said why;
//! every opening stands in the trail. Names in lists are read for the page that is shown, and of one's own departments only.

pub mod doors;
mod looks;
pub mod pages;
mod proposals;
mod records;
mod substitutes;

use jiff::{SignedDuration, Timestamp, ToSpan, Zoned};
use uuid::Uuid;

pub(crate) use looks::STATEMENTS as OF_LOOKS;
pub(crate) use proposals::STATEMENTS as OF_PROPOSALS;
pub(crate) use records::STATEMENTS;
pub(crate) use substitutes::STATEMENTS as OF_SUBSTITUTES;

use crate::{
    cases::{Case, Channel, Event, EventKind, State, Who},
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
    /// It is their work.
    Own,
    /// They have said why they look.
    Look,
    /// It is another department's: the clerk says why first.
    Reason,
    /// No role of theirs reaches so far.
    Closed,
}

/// Whether a clerk may open the case; `timeline` is the case's, `stands_for` whose work they do today.
pub fn access(visit: &StaffVisit, case: &Case, timeline: &[Event], stands_for: &[Uuid], now: Timestamp) -> Access {
    let Ok(reach) = visit.reach(Permission::Cases) else { return Access::Closed };
    let has_said = |event: &Event| {
        event.kind == EventKind::ReadElsewhere
            && event.who == Who::Staff(visit.id)
            && now.duration_since(event.at) < REASON_LASTS
    };
    let is_theirs = case.assignee.is_some_and(|clerk| clerk == visit.id || stands_for.contains(&clerk));
    match () {
        () if !reach.covers(case.department.as_deref()) => Access::Closed,
        () if is_theirs || is_own(visit, reach, case.department.as_deref()) => Access::Own,
        () if timeline.iter().any(has_said) => Access::Look,
        () => Access::Reason,
    }
}

/// What has no department is everybody's, what has one is its clerks': those of the department, and those of a role for
/// single departments, this one among them. Whoever oversees the house is asked nothing.
pub fn is_own(visit: &StaffVisit, reach: &Reach, department: Option<&str>) -> bool {
    let Some(department) = department else { return true };
    visit.department.as_ref().is_some_and(|own| own.id == department)
        || matches!(reach, Reach::Only(only) if only.contains(department))
        || visit.may(Permission::Oversight)
}

/// Whether the person reads here what is written to them: in their Postkorb, or as a guest with number and code. Whoever
/// has deleted the account reads nothing any more.
pub fn has_mailbox(case: &Case) -> bool {
    (case.account.is_some() || case.channel == Channel::Online) && case.left.is_none()
}

/// Whether a letter still has a gap that nobody has filled: `[Tag]`.
pub fn has_gap(text: &str) -> bool {
    text.split('[').skip(1).any(|rest| {
        let (gap, after) = rest.split_once(']').unwrap_or_default();
        !gap.is_empty() && gap.chars().count() <= LONGEST_GAP && !gap.contains('\n') && !after.starts_with('(')
    })
}

const LONGEST_GAP: usize = 80;

/// The beginning of tomorrow, and of the day after the next three.
pub fn horizons(today: &Zoned) -> (Timestamp, Timestamp) {
    let day = |days: i32| {
        let date = today.date().saturating_add(days.days());
        date.to_zoned(local_zone()).map_or(today.timestamp(), |day| day.timestamp())
    };
    (day(1), day(4))
}

/// A page of a list; names of other departments' people stay sealed.
pub async fn list(
    tx: &mut Tx,
    visit: &StaffVisit,
    reach: &Reach,
    stands_for: &[Uuid],
    wanted: &Wanted,
) -> Result<Vec<Listed>> {
    records::list(tx, wanted, |listed| {
        reach.covers(listed.department.as_deref())
            && (is_own(visit, reach, listed.department.as_deref())
                || listed.assignee.is_some_and(|clerk| clerk == visit.id || stands_for.contains(&clerk)))
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
    fn a_gap_in_a_letter_is_seen_and_other_brackets_are_not() {
        for text in ["bis zum [Tag] an", "Guten Tag [Name],", "[x]"] {
            assert!(has_gap(text), "{text}");
        }
        for text in ["§ 3 [2) a", "[] leer", "siehe [hier](https://example.org)", "a] b [", "[ein\nUmbruch]"] {
            assert!(!has_gap(text), "{text}");
        }
    }

    #[test]
    fn a_letter_is_filled_once_and_what_is_unknown_stays() {
        let values = [("applicant", "{number} Müller"), ("number", "ABC-1")];
        assert_eq!(
            fill("Guten Tag {applicant}, **{number}** {x} {", &values),
            "Guten Tag {number} Müller, ABC-1 {x} {"
        );
    }
}
