//! Rows and objects are kept together: what no row leads to goes, and a row that leads to nothing is told.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{Files, FilesError, State, records};
use crate::store::TenantStore;

/// An upload that has begun is over by then, or never will be.
const YOUNG: SignedDuration = SignedDuration::from_hours(24);

/// What a sweep of one town did and found.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Swept {
    /// Objects that nobody's row led to.
    pub removed: usize,
    /// Rows whose object is not there.
    pub missing: Vec<Uuid>,
    /// Files that came without a scanner, or outlasted their job, and wait for it now.
    pub waiting: usize,
}

/// Takes objects away whose rows are gone, and gives files to the scanner that came while there was none
/// or it was away.
pub async fn sweep(
    files: &Files,
    store: &TenantStore,
    town: &str,
    now: Timestamp,
) -> Result<Swept, Box<dyn std::error::Error + Send + Sync>> {
    let objects = files.list(town).await?;
    // before the rows are read: what a backup has begun with stays until it is done
    let still = match files.may_take_away() {
        Err(FilesError::BeingSaved) => None,
        other => Some(other?),
    };
    let rows: HashSet<Uuid> = records::all(&mut store.read().await?).await?.into_iter().collect();
    let mut swept = Swept::default();
    for (id, written) in &objects {
        if still.is_some() && !rows.contains(id) && now.duration_since(*written) > YOUNG {
            files.remove_of(town, *id).await?;
            swept.removed += 1;
        }
    }
    drop(still);
    let there: HashSet<Uuid> = objects.into_iter().map(|(id, _)| id).collect();
    // one that came after the objects were listed is no loss
    let lost: Vec<Uuid> = rows.difference(&there).copied().collect();
    for id in lost {
        if !files.has(town, id).await? {
            swept.missing.push(id);
        }
    }
    if files.scanner().is_some() {
        let mut tx = store.write().await?;
        for id in records::unjudged(&mut tx).await? {
            records::wait(&mut tx, id).await?;
            swept.waiting += usize::from(super::ask_for_a_scan(&mut tx, id, now).await?);
        }
        tx.commit().await?;
    }
    Ok(swept)
}

/// How many files of a town are in a state.
pub async fn count(store: &TenantStore, state: State) -> crate::store::Result<i64> {
    records::count(&mut store.read().await?, state).await
}
