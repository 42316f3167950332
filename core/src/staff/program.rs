//! A program that works for a clerk: with the session of the pages, or with an access token of the town's own provider.

use poem::{Request, http::header};
use uuid::Uuid;

use super::{
    StaffVisit,
    sign_in::{account_of, roles_of},
    visit::{Key, recognise},
};
use crate::{
    error::{Error, Result},
    identity::{
        oidc::{Claims, Refused},
        switch,
    },
    tenant::schema::{People, Provider},
    web::{Budget, Visit, spend},
};

/// The clerk a program works for. A token counts for one request: there is no session that somebody could take over.
pub async fn of_program(request: &Request) -> Result<StaffVisit> {
    spend(Budget::Staff, request)?;
    let visit = Visit::of(request);
    match bearer(request) {
        Some(token) => by_token(visit, token).await,
        None => recognise(&visit, request).await?.filter(|visit| visit.key != Key::First).ok_or(Error::LoginNeeded),
    }
}

fn bearer(request: &Request) -> Option<&str> {
    let (scheme, token) = request.header(header::AUTHORIZATION)?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

async fn by_token(visit: Visit, token: &str) -> Result<StaffVisit> {
    let now = visit.portal.clock.now();
    let (provider, claims) = vouched(&visit, token).await?;
    let roles = roles_of(&visit, provider, &claims);
    if roles.is_empty() {
        return Err(Error::Forbidden);
    }
    let mut tx = visit.store().write().await?;
    if switch::is_off(&mut tx, &provider.id).await? {
        return Err(Error::Unavailable("the provider of clerks is switched off"));
    }
    let Some((id, profile)) = account_of(&mut tx, provider, &claims, roles, now).await? else {
        return Err(Error::Forbidden);
    };
    tx.commit().await?;
    Ok(StaffVisit::of(visit.clone(), id, Uuid::nil(), profile, Key::Elsewhere))
}

/// Who vouches for the token, and for whom.
async fn vouched<'a>(visit: &'a Visit, token: &str) -> Result<(&'a Provider, Claims)> {
    let mut refused = None;
    for provider in visit.tenant.providers().iter().filter(|provider| provider.is_for(People::Staff)) {
        let Some(oidc) = provider.oidc() else { continue };
        let Some(audience) = oidc.staff.and_then(|staff| staff.audience.as_deref()) else { continue };
        match visit.portal.logins.oidc.bearer(oidc.issuer, audience, token, visit.portal.clock.now()).await {
            Ok(claims) => return Ok((provider, claims)),
            Err(why) => refused = Some(why),
        }
    }
    if let Some(why) = refused {
        tracing::warn!(tenant = %visit.tenant.id, request = %visit.request_id, "an access token was refused: {why}");
    }
    Err(match refused {
        Some(Refused::Unreachable(_)) => Error::Unavailable("the provider of clerks does not answer"),
        _ => Error::LoginNeeded,
    })
}
