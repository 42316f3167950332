//! `/verwaltung/vorgaenge`: the work list.

use serde::Serialize;

use super::{CaseLine, Choice, Clerk, head};
use crate::web::{Head, Page, Visit};

/// Filters travel as parameters of the address: `amt`, `meine`, `stand`, `faellig`, `text`, `seite`.
#[derive(Serialize)]
pub struct ListPage {
    pub clerk: Clerk,
    pub departments: Vec<Choice>,
    pub states: Vec<Choice>,
    pub dues: Vec<Choice>,
    pub mine: bool,
    pub text: String,
    pub cases: Vec<CaseLine>,
    /// Nothing of another page is shown: so many open cases were looked through for the name, and there are more.
    pub cut: bool,
    pub number: usize,
    pub before: Option<String>,
    pub after: Option<String>,
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
            mine: number > 1,
            text: text.into(),
            cut: !text.is_empty(),
            before: (number > 1).then(|| "/verwaltung/vorgaenge".into()),
            after: (!cases.is_empty()).then(|| "/verwaltung/vorgaenge?seite=3".into()),
            number,
            cases,
        };
        vec![page(CaseLine::specimens(visit), "", 2), page(Vec::new(), "Müller", 1)]
    }
}
