//! Whether a request that changes something comes from our own pages, told by what browsers say and pages cannot change.
//!
//! Invariant: no route takes such a request from elsewhere, except those that `web/routes` names as open to others.

use std::sync::Arc;

use poem::{
    Endpoint, Request,
    http::{HeaderName, HeaderValue, header},
};

use super::{Portal, front_door::Peer};
use crate::{error::Error, tenant::Tenant};

/// <https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header>; every browser sends it since spring 2023.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Where programs come with a token.
const FOR_PROGRAMS: &str = "/api/v1/desk/";

/// An endpoint that other sites can read from, and nothing else.
pub struct OwnOrigin<E>(pub E);

impl<E: Endpoint> Endpoint for OwnOrigin<E> {
    type Output = E::Output;

    async fn call(&self, request: Request) -> poem::Result<E::Output> {
        if !request.method().is_safe() && !is_own(&request) && !brings_a_token(&request) {
            let tenant = request.data::<Arc<Tenant>>().expect("the gate ran");
            // from where it came anybody could have written: it belongs into no log
            tracing::warn!(tenant = %tenant.id, "a request that another site sent was refused");
            return Err(Error::CrossSite.into());
        }
        self.0.call(request).await
    }
}

/// No page of another site can send this header: browsers would ask us first, and are told nothing. It counts only where
/// tokens do, since everywhere else the cookie would.
fn brings_a_token(request: &Request) -> bool {
    let token = lone(request, header::AUTHORIZATION).flatten().and_then(|value| value.to_str().ok());
    let is_bearer = token.and_then(|token| token.get(..7)).is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer "));
    is_bearer && request.original_uri().path().starts_with(FOR_PROGRAMS)
}

/// `same-origin`, or `none` (somebody sent a page again by hand). Browsers that do not say so name the origin of the page.
/// Who says neither is no browser with a page of ours.
fn is_own(request: &Request) -> bool {
    match lone(request, SEC_FETCH_SITE) {
        Some(Some(site)) => site == "same-origin" || site == "none",
        Some(None) => false,
        None => lone(request, header::ORIGIN).flatten().is_some_and(|origin| is_own_origin(request, origin)),
    }
}

/// The town's own address as it is configured, or the very address that was asked: the gate let only hosts of this town in.
fn is_own_origin(request: &Request, origin: &HeaderValue) -> bool {
    let tenant = request.data::<Arc<Tenant>>().expect("the gate ran");
    let portal = request.data::<Arc<Portal>>().expect("the app has a portal");
    if origin == portal.public.of_town(tenant).as_str() {
        return true;
    }
    let asked = lone(request, header::HOST).flatten().and_then(|host| host.to_str().ok());
    let asked = asked.or_else(|| request.uri().authority().map(|authority| authority.as_str()));
    let scheme = request.data::<Peer>().map(|peer| &peer.scheme);
    asked.zip(scheme).is_some_and(|(host, scheme)| origin == format!("{scheme}://{host}").as_str())
}

/// A header that comes once; `Some(None)` where it comes more often and nobody knows which one counts.
fn lone(request: &Request, name: HeaderName) -> Option<Option<&HeaderValue>> {
    let mut values = request.headers().get_all(name).iter();
    let first = values.next()?;
    Some(values.next().is_none().then_some(first))
}
