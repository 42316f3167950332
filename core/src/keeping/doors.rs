//! What answers at `/meine-daten/loeschen`, `/meine-daten/export` and `/meine-daten/einsicht`.

mod export;
mod leave;
mod seen;

pub use export::{hand_out, offer};
pub use leave::{ask, change};
pub use seen::show as show_seen;

use crate::{identity::CitizenVisit, tenant::schema::Level};

/// The highest level that somebody has shown for what the account holds – details, and `cases` at most –, as far as its
/// provider still gives it.
fn level_of(visit: &CitizenVisit, cases: Level) -> Level {
    let session = &visit.session;
    let details = session.profile.details.values().map(|known| known.trust);
    let shown = details.chain([cases, session.entered, session.profile.highest]).max();
    // whatever was shown once: nobody can be asked for more than the provider of the account gives today
    let given = visit.tenant.provider(&session.provider).and_then(|provider| provider.levels().iter().max().copied());
    shown.unwrap_or(Level::Basis).min(given.unwrap_or(session.entered)).max(Level::Basis)
}
