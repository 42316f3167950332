//! Who runs which generation: `running.json`, written by the server after each load.

use std::{collections::BTreeMap, fs, path::Path};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Generations, Pins};

/// What the server was running when it last loaded something.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Running {
    pub at: Timestamp,
    /// The newest generation, which is what lies on disk.
    pub latest: u32,
    /// The pins it followed.
    #[serde(rename = "use")]
    pub pins: Pins,
    pub towns: BTreeMap<String, Run>,
}

/// What one town runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Nothing where no version of the town ever loaded.
    pub generation: Option<u32>,
    /// The generation of its own folder, where it runs but the layers of another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own: Option<u32>,
    pub state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It runs what it is to run.
    Serving,
    /// What it is to run cannot be loaded, and its last good version goes on serving.
    LastGood,
    /// It answers 503.
    Broken,
}

impl State {
    pub fn word(self) -> &'static str {
        match self {
            Self::Serving => "serving",
            Self::LastGood => "last good",
            Self::Broken => "broken",
        }
    }
}

/// What the server with this data folder runs, or ran at last; nothing where none has run.
pub fn running(data: &Path) -> Option<Running> {
    Generations::in_data(data).running()
}

pub(super) const RUNNING: &str = "running.json";

impl Generations {
    /// What the server runs, or ran at last.
    pub fn running(&self) -> Option<Running> {
        serde_json::from_slice(&fs::read(self.folder().join(RUNNING)).ok()?).ok()
    }
}
