//! What clerks see. Plain data in German; dates come in ready to be read.

pub mod case;
pub mod deliveries;
pub mod file;
pub mod list;
pub mod messages;
pub mod new;
pub mod overview;
pub mod post;
pub mod reason;
pub mod statistics;
pub mod substitute;

use serde::Serialize;

use crate::{
    cases::State,
    web::{Head, Section, Visit},
};

/// A number that belongs to nobody.
const NUMBER: &str = "ABC-2026-483921-7";

/// Who sits at the desk, and what stands in its navigation.
#[derive(Debug, Clone, Serialize)]
pub struct Clerk {
    pub name: String,
    /// As the town's file names them.
    pub roles: Vec<String>,
    pub department: Option<String>,
    /// May work on cases; may read messages that belong to none.
    pub cases: bool,
    pub messages: bool,
    /// May look after accounts that have moved.
    pub accounts: bool,
}

/// A line of a select.
#[derive(Debug, Clone, Serialize)]
pub struct Choice {
    pub value: String,
    pub label: String,
    pub chosen: bool,
}

/// A case in a list.
#[derive(Debug, Clone, Serialize)]
pub struct CaseLine {
    pub number: String,
    pub url: String,
    pub service: String,
    pub state: State,
    /// `None`: another department's, whose names stay closed.
    pub applicant: Option<String>,
    pub department: Option<String>,
    pub assignee: Option<String>,
    pub due: String,
    pub late: bool,
    pub follow_up: Option<String>,
    pub submitted: String,
    /// Days since it came in.
    pub age: i64,
    /// Something the person wrote has not been read.
    pub unread: bool,
}

impl Clerk {
    pub(crate) fn specimen() -> Self {
        Self {
            name: "Erika Mustermann".into(),
            roles: vec!["Sachbearbeitung".into(), "Leitung".into()],
            department: Some("Bürgerbüro".into()),
            cases: true,
            messages: true,
            accounts: true,
        }
    }

    /// Somebody without a role.
    fn nobody() -> Self {
        Self {
            name: "Kim Muster".into(),
            roles: vec![],
            department: None,
            cases: false,
            messages: false,
            accounts: false,
        }
    }
}

impl Choice {
    fn specimens(labels: [&str; 2]) -> Vec<Self> {
        let choice = |(at, label): (usize, &str)| Self { value: at.to_string(), label: label.into(), chosen: at == 0 };
        labels.into_iter().enumerate().map(choice).collect()
    }
}

impl CaseLine {
    fn specimens(visit: &Visit) -> Vec<Self> {
        let day = |day| visit.date(jiff::civil::date(2026, 11, day));
        let line = |state, applicant: Option<&str>, late: bool| Self {
            number: NUMBER.into(),
            url: format!("/verwaltung/vorgaenge/{NUMBER}"),
            service: "Hund anmelden".into(),
            state,
            applicant: applicant.map(str::to_owned),
            department: Some("Steueramt".into()),
            assignee: late.then(|| "Kim Muster".into()),
            due: day(20),
            late,
            follow_up: late.then(|| day(19)),
            submitted: day(2),
            age: 18,
            unread: late,
        };
        vec![
            line(State::ActionRequired, Some("Ödön Łukasz Müller-Lüdenscheidt"), true),
            line(State::Submitted, Some("Erika Mustermann"), false),
            line(State::Completed, None, false),
        ]
    }
}

/// The head of a page at the desk.
pub(crate) fn head(visit: &Visit, title: impl Into<String>) -> Head {
    Head::new(Section::Staff, title).noindex().below(visit.text("staff.desk"), "/verwaltung")
}
