//! `/verwaltung/statistik`: how much came in, and what became of it.

use serde::Serialize;

use super::{Clerk, head};
use crate::{
    cases::State,
    web::{Head, Page, Visit},
};

#[derive(Serialize)]
pub struct StatisticsPage {
    pub clerk: Clerk,
    /// The last twelve, the oldest first.
    pub months: Vec<Row>,
    pub departments: Vec<Row>,
    pub states: Vec<StateCount>,
    pub total: i64,
    pub plot: Plot,
    pub csv: &'static str,
}

#[derive(Debug, Clone, Serialize)]
pub struct Row {
    pub name: String,
    pub all: i64,
    pub open: i64,
    pub done: i64,
}

#[derive(Debug, Clone, Serialize)]
pub struct StateCount {
    pub state: State,
    pub count: i64,
}

/// Columns of months in units of the view box.
#[derive(Debug, Clone, Serialize)]
pub struct Plot {
    pub width: usize,
    pub bars: Vec<Bar>,
    /// Number at the top of the scale.
    pub most: i64,
}

#[derive(Debug, Clone, Serialize)]
pub struct Bar {
    pub x: usize,
    pub label: String,
    pub all: i64,
    /// Heights: of all, and of what is done, in 0…100.
    pub height: i64,
    pub done: i64,
}

const STEP: usize = 40;

impl Plot {
    pub fn of(months: &[Row]) -> Self {
        let most = months.iter().map(|row| row.all).max().unwrap_or(0).max(1);
        let bar = |(at, row): (usize, &Row)| Bar {
            x: at * STEP,
            label: row.name.clone(),
            all: row.all,
            height: row.all * 100 / most,
            done: row.done * 100 / most,
        };
        Self { width: (months.len() * STEP).max(STEP), bars: months.iter().enumerate().map(bar).collect(), most }
    }
}

impl Page for StatisticsPage {
    const TEMPLATE: &'static str = "desk/statistics.html";

    fn head(&self, visit: &Visit) -> Head {
        head(visit, visit.text("desk.statistics.title"))
    }

    fn samples(_: &Visit) -> Vec<Self> {
        let row = |name: &str, all, done| Row { name: name.into(), all, done, open: all - done };
        let months = vec![row("09/2026", 40, 38), row("10/2026", 52, 30), row("11/2026", 17, 2)];
        vec![
            Self {
                clerk: Clerk::specimen(),
                plot: Plot::of(&months),
                months,
                departments: vec![row("Steueramt", 100, 70), row("Ohne Abteilung", 9, 0)],
                states: vec![StateCount { state: State::Submitted, count: 12 }],
                total: 109,
                csv: "/verwaltung/statistik.csv",
            },
            Self {
                clerk: Clerk::specimen(),
                plot: Plot::of(&[]),
                months: Vec::new(),
                departments: Vec::new(),
                states: Vec::new(),
                total: 0,
                csv: "/verwaltung/statistik.csv",
            },
        ]
    }
}
