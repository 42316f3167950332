//! What is kept and who runs it, for people and machines.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;

use super::{Generations, Pins, Running};
use crate::yaml::Problem;

/// All generations, and what the house runs of them.
#[derive(Debug, Serialize)]
pub struct Overview {
    /// What is to be run.
    #[serde(rename = "use")]
    pub pins: Pins,
    /// The newest first.
    pub generations: Vec<Row>,
    pub running: Option<Running>,
    /// What could not be read.
    #[serde(skip)]
    pub problems: Vec<Problem>,
}

/// One generation.
#[derive(Debug, Serialize)]
pub struct Row {
    pub number: u32,
    pub at: Timestamp,
    pub changed: BTreeSet<String>,
    pub broken: BTreeSet<String>,
    /// Towns that run it.
    pub towns: Vec<String>,
}

impl Generations {
    pub fn overview(&self) -> Overview {
        let running = self.running();
        let (mut generations, mut problems) = (Vec::new(), Vec::new());
        for number in self.numbers().into_iter().rev() {
            match self.get(number) {
                Ok(kept) => generations.push(Row {
                    number,
                    at: kept.at,
                    changed: kept.changed,
                    broken: kept.broken,
                    towns: running.iter().flat_map(|running| running.towns_of(number)).collect(),
                }),
                Err(problem) => problems.push(problem),
            }
        }
        let pins = self.pins().unwrap_or_else(|problem| {
            problems.push(problem);
            running.as_ref().map(|running| running.pins.clone()).unwrap_or_default()
        });
        Overview { pins, generations, running, problems }
    }
}

impl Running {
    /// Towns that run this generation.
    pub fn towns_of(&self, number: u32) -> impl Iterator<Item = String> {
        self.towns.iter().filter(move |(_, run)| run.generation == Some(number)).map(|(town, _)| town.clone())
    }
}
