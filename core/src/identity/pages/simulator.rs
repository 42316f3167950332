//! `/anmelden/{probe}`: a login without an account, as somebody who does not exist. Never on a live town.

use serde::Serialize;

use super::private;
use crate::{
    tenant::schema::Level,
    web::{Head, Page, Visit},
};

/// The form sends `person` and `level` to `action`, with `handle` as it came.
#[derive(Serialize)]
pub struct SimulatorPage {
    pub action: String,
    /// The pending login.
    pub handle: String,
    pub persons: Vec<Specimen>,
    /// Chosen beforehand: the lowest level that is enough; higher ones are, lower ones are not.
    pub level: Level,
    /// Where it goes on as if the person had given up.
    pub cancel: String,
}

/// An invented person to choose.
#[derive(Serialize)]
pub struct Specimen {
    pub id: String,
    pub name: String,
    /// What this person is good for trying out; texts know it as `simulator.about.<about>`.
    pub about: About,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// All details are there.
    Full,
    /// Letters from all over Europe, and many of them (DIN 91379).
    LongName,
    /// Nothing but what every account has.
    Few,
    /// Moves house between two logins.
    Moved,
    /// No account: every login is a new one.
    Guest,
    /// The guest, with an account.
    Account,
}

impl Page for SimulatorPage {
    const TEMPLATE: &'static str = "simulator.html";

    fn head(&self, visit: &Visit) -> Head {
        private(visit, "simulator.title")
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        let person = |(id, name, about): (&str, &str, About)| Specimen { id: id.into(), name: name.into(), about };
        let persons = [
            ("erika", "Erika Mustermann", About::Full),
            ("dorde", "Đorđe Łukasz Þórarinn Müller-Şahinoğlu-Ångström de la Peña y Gómez", About::LongName),
            ("kim", "Kim Muster", About::Few),
            ("ali", "Ali Mustermann", About::Moved),
            ("gast", "Jona Beispiel", About::Guest),
            ("jona", "Jona Beispiel", About::Account),
        ];
        vec![Self {
            action: visit.url("/anmelden/probe"),
            handle: "0123456789abcdef".into(),
            persons: persons.map(person).into(),
            level: Level::Substantiell,
            cancel: visit.url("/anmelden"),
        }]
    }
}
