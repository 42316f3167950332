//! A file was scanned: whoever handed over something infected is told, and asked for another one.

use serde_json::Value;
use uuid::Uuid;

use super::{Kind, Sender};
use crate::{
    cases::{self, EventKind, State, Who},
    error::Result,
    files::{
        Owner,
        scanner::{self, Scanned, Verdict},
    },
    jobs::{Doing, Job},
    locale::Locale,
    store::Tx,
    web::Visit,
};

/// The job [`files::SCAN`](crate::files::SCAN).
pub fn scan(job: Job) -> Doing {
    Box::pin(async move {
        let Some((scanned, tx)) = scanner::scan(&job).await? else { return Ok(()) };
        Ok(tell(&job, &scanned, tx).await?)
    })
}

async fn tell(job: &Job, Scanned { file, verdict }: &Scanned, mut tx: Tx) -> Result<()> {
    if let Verdict::Infected(found) = verdict {
        tracing::warn!(tenant = %job.tenant.id, file = %file.id, found, "a file is infected and nobody gets it");
        let case = match file.owner {
            Owner::Case(case) => Some(case),
            Owner::Message(message) => super::records::case_of_message(&mut tx, message).await?,
            Owner::Draft(_) => None,
        };
        if let Some(case) = case {
            ask_for_another(&mut tx, job, case, &file.details.name).await?;
        }
    }
    Ok(tx.commit().await?)
}

/// In the Postkorb; a case without one shows the clerk what happened.
async fn ask_for_another(tx: &mut Tx, job: &Job, case: Uuid, name: &str) -> Result<()> {
    let Some(case) = cases::by_id(tx, case).await? else { return Ok(()) };
    let Some(account) = case.account else { return Ok(()) };
    let visit = Visit::to(job.portal.clone(), job.tenant.clone(), Locale::german(), "/");
    let now = job.portal.clock.now();
    let words = visit.text("file.infected").replace("{name}", name);
    let thread = super::open_for_case(tx, case.id, Some(account), &case.application.title, now).await?;
    let message = super::write_to(tx, thread, Sender::System, Kind::Request, &words, now).await?;
    if !case.state.is_over() {
        let _moved = cases::move_to(tx, &case, State::ActionRequired).await?;
        cases::note(tx, case.id, EventKind::Asked, Who::System, Value::Null, now).await?;
    }
    super::notify(tx, &visit, account, (thread, message), now).await?;
    Ok(())
}
