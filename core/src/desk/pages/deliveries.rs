//! `/verwaltung/uebergaben`: packages that no back office took.

use serde::Serialize;

use super::{Clerk, NUMBER, head};
use crate::web::{Head, Page, Visit};

/// Posts `delivery` to its own address: it is tried again.
#[derive(Serialize)]
pub struct DeliveriesPage {
    pub clerk: Clerk,
    /// The oldest first.
    pub failed: Vec<FailedLine>,
    /// One has just been sent on its way again.
    pub done: bool,
}

#[derive(Debug, Clone, Serialize)]
pub struct FailedLine {
    pub id: String,
    pub number: String,
    pub url: String,
    /// What the town hall calls the other program.
    pub destination: String,
    /// When it was last tried.
    pub tried: String,
    /// For whoever looks after the programs; in English.
    pub why: String,
}

impl Page for DeliveriesPage {
    const TEMPLATE: &'static str = "desk/deliveries.html";

    fn head(&self, visit: &Visit) -> Head {
        head(visit, visit.text("desk.deliveries.title"))
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        let line = FailedLine {
            id: "00000000-0000-4000-8000-000000000000".into(),
            number: NUMBER.into(),
            url: format!("/verwaltung/vorgaenge/{NUMBER}"),
            destination: "Steuerverfahren".into(),
            tried: format!("{}, 10:05", visit.date(jiff::civil::date(2026, 11, 20))),
            why: "no connection, or its certificate is not trusted".into(),
        };
        vec![
            Self { clerk: Clerk::specimen(), failed: vec![line], done: true },
            Self { clerk: Clerk::specimen(), failed: Vec::new(), done: false },
        ]
    }
}
