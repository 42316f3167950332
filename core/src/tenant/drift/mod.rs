//! Overrides: values of a town that hide a value of its layers, and what became of the hidden text since.
//!
//! Invariant: nothing is called drifted without a witness of what the layers said when the town wrote its own – the
//! town's record in `overrides.yaml`, or the history of the files.

mod accepted;
mod hidden;
mod history;

use std::{path::Path, sync::Arc};

use jiff::civil::Date;
use sha2::{Digest, Sha256};

pub use self::accepted::write;
use self::{
    accepted::Records,
    hidden::Hidden,
    history::{Age, History},
};
use super::{Tenant, Tenants, layers::Ground, schema::Accepted};
use crate::yaml::{At, Problem};

/// A value of the town in whose place its layers say something else.
#[derive(Debug, Clone)]
pub struct Override {
    /// `services/hundesteuer.yaml#fees`
    pub value: String,
    pub at: At,
    /// What the town says.
    pub own: String,
    pub base_at: At,
    /// What the layers say now.
    pub base: String,
    pub state: State,
    /// What the town has decided before.
    pub record: Option<Accepted>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// The layers say what they said when the town decided.
    Same(Since),
    /// They have changed; `then` is absent where only the digest of the old text is known.
    Drifted { then: Option<String>, since: Since },
    /// Nobody knows when the town decided.
    Unknown,
}

/// When the town decided, and who says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Since {
    Accepted(Date),
    Committed {
        commit: String,
        on: Date,
    },
    /// The value is not committed yet.
    Now,
}

impl Override {
    pub fn has_drifted(&self) -> bool {
        matches!(self.state, State::Drifted { .. })
    }

    /// The record by which the town keeps its own text; a decision that still holds keeps its day.
    pub fn accepted(&self, today: Date) -> Accepted {
        let now = Accepted { value: self.value.clone(), digest: digest(&self.base), on: today };
        self.record.clone().filter(|record| record.digest == now.digest).unwrap_or(now)
    }
}

/// Everything the town says otherwise than its layers, in the order of the files; `root` is the folder of tenants.
pub fn overrides(tenants: &Tenants, tenant: &Tenant, root: &Path) -> Result<Vec<Override>, Vec<Problem>> {
    let sources = tenants.sources(tenant)?;
    let records = Records::of(&sources.folder).map_err(|problem| vec![problem])?;
    let hidden = hidden::all(&sources.folder, &sources.ground)?;
    let witnesses = Witnesses { records, history: History::of(root), ground: sources.ground, town: tenant.id.as_str() };
    Ok(hidden.into_iter().map(|hidden| witnesses.judge(hidden)).collect())
}

struct Witnesses<'a> {
    records: Records,
    history: Option<History>,
    ground: Arc<Ground>,
    town: &'a str,
}

impl Witnesses<'_> {
    fn judge(&self, hidden: Hidden) -> Override {
        let value = hidden.value();
        let record = self.records.get(&value).cloned();
        let state = match &record {
            Some(record) => self.by_record(&hidden, record),
            None => self.by_history(&hidden).unwrap_or(State::Unknown),
        };
        let Hidden { at, own, base_at, base, .. } = hidden;
        Override { value, at, own, base_at, base, state, record }
    }

    fn by_record(&self, hidden: &Hidden, record: &Accepted) -> State {
        let since = Since::Accepted(record.on);
        if record.digest == digest(&hidden.base) {
            return State::Same(since);
        }
        let layers: Vec<String> =
            self.ground.layers.iter().map(|layer| format!("{}/{}", layer.name, hidden.file)).collect();
        let then = self.history.as_ref().and_then(|history| {
            let commits = history.commits(&layers);
            let mut texts = commits.iter().filter_map(|commit| hidden.base_at(history, commit, &self.ground).ok()?);
            texts.find(|text| record.digest == digest(text))
        });
        State::Drifted { then, since }
    }

    fn by_history(&self, hidden: &Hidden) -> Option<State> {
        let history = self.history.as_ref()?;
        let (commit, on) = match history.age(&format!("{}/{}", self.town, hidden.file), hidden.lines.clone())? {
            Age::Uncommitted => return Some(State::Same(Since::Now)),
            Age::Committed { commit, on } => (commit, on),
        };
        // a file that the portal of today cannot read tells nothing
        let then = hidden.base_at(history, &commit, &self.ground).ok()?;
        let since = Since::Committed { commit, on };
        Some(if then.as_ref() == Some(&hidden.base) {
            State::Same(since)
        } else {
            State::Drifted { then: Some(then.unwrap_or_default()), since }
        })
    }
}

/// Long enough that two texts of one place never share it by chance, short enough to be read aloud.
fn digest(text: &str) -> String {
    Sha256::digest(text).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
