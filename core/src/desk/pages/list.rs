//! `/verwaltung/vorgaenge`: the work list.

use serde::Serialize;

use super::{CaseLine, Choice, Clerk, head};
use crate::web::{Head, Page, Visit};

/// Filters travel as parameters of the address: `amt`, `meine`, `stand`, `faellig`, `neu`, `seite`; what is looked for is posted as
/// `text`. Ticked cases are posted as `case` with `do`: `claim`, `hand_over` with `to`, `follow_up` with `on`.
#[derive(Serialize)]
pub struct ListPage {
    pub clerk: Clerk,
    pub departments: Vec<Choice>,
    pub states: Vec<Choice>,
    pub dues: Vec<Choice>,
    /// Whose cases: everybody's, one's own, those of whom one stands in for.
    pub clerks: Vec<Choice>,
    pub colleagues: Vec<Choice>,
    /// Cases that are over: nothing is done with many of them at once.
    pub over: bool,
    pub text: String,
    pub cases: Vec<CaseLine>,
    /// Nothing of another page is shown: so many open cases were looked through for the name, and there are more.
    pub cut: bool,
    pub number: usize,
    pub before: Option<String>,
    pub after: Option<String>,
    /// What was just done with ticked cases; texts know it as `desk.bulk.<name>`.
    pub done: Option<&'static str>,
}

impl Page for ListPage {
    const TEMPLATE: &'static str = "desk/cases.html";

    fn head(&self, visit: &Visit) -> Head {
        head(visit, visit.text("desk.cases.title"))
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        let page = |cases: Vec<CaseLine>, text: &str, number| Self {
            clerk: Clerk::specimen(),
            departments: Choice::specimens(["Bürgerbüro", "Steueramt"]),
            states: Choice::specimens(["Alle offenen", "Abgesendet"]),
            dues: Choice::specimens(["Egal", "In drei Tagen"]),
            clerks: Choice::specimens(["Alle", "Meine"]),
            colleagues: Choice::specimens(["Kim Muster", "Petra Beispiel"]),
            done: (number > 1).then_some("some"),
            over: false,
            text: text.into(),
            cut: !text.is_empty(),
            before: (number > 1).then(|| "/verwaltung/vorgaenge".into()),
            after: (!cases.is_empty()).then(|| "/verwaltung/vorgaenge?seite=3".into()),
            number,
            cases,
        };
        vec![
            page(CaseLine::specimens(visit), "", 2),
            page(Vec::new(), "Müller", 1),
            Self { over: true, ..page(CaseLine::specimens(visit), "", 1) },
        ]
    }
}
