//! `/abmelden`

use std::sync::Arc;

use poem::{Request, Response, handler};

use super::private;
use crate::{
    error::Result,
    identity::{
        cookies,
        pages::logout::{LogoutPage, Stage},
        sessions::{self, End, Session, provider_name},
    },
    web::{SESSION_COOKIE, Visit},
};

#[handler]
pub fn ask(visit: Visit, request: &Request) -> Result<Response> {
    let session = request.data::<Arc<Session>>();
    let stage = if session.is_some() { Stage::Ask } else { Stage::Nobody };
    private(&visit, &page(&visit, session, stage))
}

/// Ends this login. Who was not logged in any more is logged out just as well.
#[handler]
pub async fn leave(visit: Visit, request: &Request) -> Result<Response> {
    let session = request.data::<Arc<Session>>();
    if let Some(session) = session {
        let mut tx = visit.store().write().await?;
        sessions::end(&mut tx, session, End::One(session.id), visit.portal.clock.now()).await?;
        tx.commit().await?;
    }
    left(&visit, session, Stage::Done)
}

/// The last page, without a name in its header, and the cookie taken away.
pub(super) fn left(visit: &Visit, session: Option<&Arc<Session>>, stage: Stage) -> Result<Response> {
    let nobody = Visit { person: None, ..visit.clone() };
    let mut response = private(&nobody, &page(visit, session, stage))?;
    cookies::clear_session(&mut response, SESSION_COOKIE);
    cookies::clear_session(&mut response, cookies::DRAFT_COOKIE);
    Ok(response)
}

fn page(visit: &Visit, session: Option<&Arc<Session>>, stage: Stage) -> LogoutPage {
    LogoutPage {
        stage,
        provider: session.map(|session| provider_name(&visit.tenant, &session.provider)),
        own: session.is_some_and(|session| session.is_own_account(&visit.tenant)),
    }
}
