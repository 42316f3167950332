//! `/verwaltung`: what there is to do.

use serde::Serialize;

use super::{Clerk, head};
use crate::web::{Head, Page, Visit};

#[derive(Serialize)]
pub struct OverviewPage {
    pub clerk: Clerk,
    /// Empty for whoever may not work on cases.
    pub counts: Vec<Count>,
    /// Whose work the clerk does today.
    pub stands_for: Vec<Colleague>,
    /// It can be changed here.
    pub has_password: bool,
    /// It has just been.
    pub changed: bool,
}

/// So many of something, and where they are; texts know it as `desk.count.<name>`.
#[derive(Debug, Clone, Serialize)]
pub struct Count {
    pub name: &'static str,
    pub count: i64,
    pub url: &'static str,
}

/// Somebody who is away, and the list of their cases.
#[derive(Debug, Clone, Serialize)]
pub struct Colleague {
    pub name: String,
    pub url: String,
}

impl Page for OverviewPage {
    const TEMPLATE: &'static str = "desk/overview.html";

    fn head(&self, visit: &Visit) -> Head {
        Head { crumbs: Vec::new(), ..head(visit, visit.text("staff.desk")) }
    }

    fn samples(_: &Visit) -> Vec<Self> {
        let names = ["new", "mine", "due", "follow_up", "unread", "post", "messages"];
        let count = |(at, name)| Count { name, count: [12, 3, 1, 0, 2, 1, 0][at], url: "/verwaltung/vorgaenge" };
        vec![
            Self {
                clerk: Clerk::specimen(),
                counts: names.into_iter().enumerate().map(count).collect(),
                stands_for: vec![Colleague {
                    name: "Petra Beispiel".into(),
                    url: "/verwaltung/vorgaenge?meine=1".into(),
                }],
                has_password: true,
                changed: true,
            },
            Self {
                clerk: Clerk::nobody(),
                counts: Vec::new(),
                stands_for: Vec::new(),
                has_password: false,
                changed: false,
            },
        ]
    }
}
