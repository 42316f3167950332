//! `/oidc/{provider}/callback`: the person comes back from an OpenID provider.

use poem::{
    Request, Response, handler,
    web::{Path, Query},
};
use serde::Deserialize;

use super::{
    ended,
    login::{Answered, answered, callback, let_in},
};
use crate::{
    error::{Error, Result},
    identity::{
        oidc::{Answer, Expected, Refused},
        pages::outcome::Outcome,
        provider::oidc as by_oidc,
    },
    staff,
    tenant::schema::{Level, People},
    web::{
        Visit,
        throttle::{self, Budget},
    },
};

#[derive(Deserialize)]
struct Returned {
    #[serde(default)]
    state: String,
    code: Option<String>,
    error: Option<String>,
    iss: Option<String>,
}

#[handler]
pub async fn returns(
    visit: Visit,
    request: &Request,
    Path(id): Path<String>,
    Query(returned): Query<Returned>,
) -> Result<Response> {
    let provider = visit.tenant.provider(&id).filter(|provider| provider.oidc().is_some()).cloned();
    let provider = provider.ok_or(Error::NotFound)?;
    let is_clerk = provider.is_for(People::Staff);
    throttle::spend(if is_clerk { Budget::Staff } else { Budget::Login }, request)?;
    let pending = match answered(&visit, request, &provider, &returned.state).await? {
        Answered::Pending(pending) => pending,
        Answered::Gone(response) => return Ok(response),
    };
    let settings = by_oidc::settings(&provider, &callback(&visit, &provider)).ok_or(Error::NotFound)?;
    let settings = settings.map_err(Error::internal)?;
    let answer =
        Answer { code: returned.code.as_deref(), error: returned.error.as_deref(), iss: returned.iss.as_deref() };
    let demand = by_oidc::demand(&provider.acr, pending.level, pending.step_up, visit.locale.lang());
    let expected = Expected {
        nonce: &pending.secrets.nonce,
        pkce_verifier: &pending.secrets.pkce_verifier,
        demand: &demand,
        begun_at: pending.begun,
    };
    let now = visit.portal.clock.now();
    match visit.portal.logins.oidc.finish(&settings, &answer, &expected, now).await {
        Ok(claims) if is_clerk => staff::returned(&visit, &provider, &claims).await,
        Ok(claims) => {
            let delivered = by_oidc::delivered(&claims, &provider.acr);
            let_in(&visit, request, &provider, &pending, delivered, None).await
        }
        Err(why) => {
            tracing::warn!(tenant = %visit.tenant.id, provider = provider.id, request = %visit.request_id, %why, "an answer was not accepted");
            let outcome = match why {
                Refused::Cancelled => Outcome::Cancelled,
                Refused::LevelTooLow => Outcome::TooLow { reached: Level::Basis, wanted: pending.level },
                Refused::Unreachable(_) => Outcome::Down,
                _ => Outcome::Refused,
            };
            ended(&visit, &provider, outcome, Some((&pending).into()))
        }
    }
}
