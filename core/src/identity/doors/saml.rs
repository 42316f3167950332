//! `/saml/{provider}/…`: the portal's metadata, and where answers are posted to.

use jiff::Timestamp;
use poem::{Request, Response, handler, http::header, web::Path};
use portal_saml::Rejected;

use super::{
    ended,
    login::{Answered, acs, answered, citizens_provider, let_in},
};
use crate::{
    error::{Error, Result},
    identity::{
        login::Answer,
        pages::outcome::Outcome,
        provider::saml::{delivered, reached},
    },
    tenant::schema::Level,
    web::{AN_HOUR, Sent, Visit},
};

/// What the provider has to know of this town's portal.
#[handler]
pub fn metadata(visit: Visit, Path(id): Path<String>) -> Result<Response> {
    let provider = citizens_provider(&visit, &id)?;
    let parties = visit.portal.logins.parties(&visit.tenant, &provider, &acs(&visit, &provider));
    let parties = parties.map_err(|why| {
        tracing::error!(tenant = %visit.tenant.id, provider = provider.id, %why, "there are no metadata");
        Error::NotFound
    })?;
    let response = Response::builder().content_type("application/samlmetadata+xml; charset=utf-8");
    Ok(response.header(header::CACHE_CONTROL, AN_HOUR).body(parties.metadata()))
}

/// The provider's answer, brought by the person's browser from another site.
#[handler]
pub async fn acs_answers(visit: Visit, request: &Request, Path(id): Path<String>, sent: Sent) -> Result<Response> {
    let provider = citizens_provider(&visit, &id)?;
    let pending = match answered(&visit, request, &provider, &sent.value("RelayState").unwrap_or_default()).await? {
        Answered::Pending(pending) => pending,
        Answered::Gone(response) => return Ok(response),
    };
    let parties = visit.portal.logins.parties(&visit.tenant, &provider, &acs(&visit, &provider));
    let parties = parties.map_err(Error::internal)?;
    let now: Timestamp = visit.portal.clock.now();
    let asked_at = pending.step_up.then_some(pending.begun);
    let accepted = parties.accept(
        &sent.value("SAMLResponse").unwrap_or_default(),
        &pending.secrets.request,
        pending.level,
        asked_at,
        now,
    );
    let login = match accepted {
        Ok(login) => login,
        Err(why) => {
            tracing::warn!(tenant = %visit.tenant.id, provider = provider.id, request = %visit.request_id, %why, "an answer was not accepted");
            return ended(&visit, &provider, outcome_of(&why, pending.level), Some((&pending).into()));
        }
    };
    let answer = Answer { id: &login.assertion_id, expires: login.not_on_or_after };
    let_in(&visit, request, &provider, &pending, delivered(&login), Some(answer)).await
}

fn outcome_of(why: &Rejected, wanted: Level) -> Outcome {
    match why {
        Rejected::Cancelled => Outcome::Cancelled,
        Rejected::LevelTooLow { delivered, .. } => Outcome::TooLow { reached: reached(*delivered), wanted },
        _ => Outcome::Refused,
    }
}
