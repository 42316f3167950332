//! A visit by somebody who is logged in.

use std::{ops::Deref, sync::Arc};

use jiff::SignedDuration;
use poem::{FromRequest, Request, RequestBody, Response, http::Method};

use super::{
    cookies::session,
    doors::{login_url, see_other},
    given_back,
    sessions::Session,
};
use crate::{
    error::{Error, Result},
    tenant::schema::Level,
    web::Visit,
};

/// A request brought the cookie of a session, and the data room could not say whose: a page for everybody greets nobody,
/// any other waits.
#[derive(Debug, Clone, Copy)]
pub struct NotLookedUp;

/// There is no way to make one without a session of this town. Pages that only greet look at `Visit::person`.
#[derive(Debug, Clone)]
pub struct CitizenVisit {
    pub visit: Visit,
    pub session: Arc<Session>,
}

impl Deref for CitizenVisit {
    type Target = Visit;

    fn deref(&self) -> &Visit {
        &self.visit
    }
}

impl CitizenVisit {
    /// The way to a login of this level, and back to this address; `None` if the one at hand is enough.
    pub fn lacks(&self, level: Level) -> Result<Option<Response>> {
        if self.session.level() >= level {
            return Ok(None);
        }
        see_other(&login_url(self, &self.url(&self.path), level, false)).map(Some)
    }
}

/// How long a login counts as fresh.
const FRESH: SignedDuration = SignedDuration::from_mins(15);

impl CitizenVisit {
    /// The address of a login anew at this level, and of the way back here; `None` if the one at hand is enough and has just
    /// happened. For what cannot be undone.
    pub fn is_stale(&self, level: Level) -> Option<String> {
        let age = self.portal.clock.now().duration_since(self.session.authenticated);
        if self.session.level() >= level && age < FRESH {
            return None;
        }
        Some(login_url(self, &self.url(&self.path), level, true))
    }
}

impl<'a> FromRequest<'a> for CitizenVisit {
    /// Whoever only wants to see a page is sent to the login and comes back; a deed is refused,
    /// and its words come back.
    async fn from_request(request: &'a Request, body: &mut RequestBody) -> poem::Result<Self> {
        let visit = Visit::of(request);
        if let Some(session) = request.data::<Arc<Session>>() {
            return Ok(Self { visit, session: session.clone() });
        }
        if request.data::<NotLookedUp>().is_some() {
            return Err(Error::Unavailable("nobody can be recognised").into());
        }
        if request.method() != Method::GET {
            return Err(given_back(&visit, request, body, "/anmelden").await);
        }
        let expired = session(request).map(|_| ("grund", "abgelaufen"));
        let back = form_urlencoded::Serializer::new(String::new())
            .append_pair("zurueck", &visit.url(&visit.path))
            .extend_pairs(expired)
            .finish();
        let to = format!("{}?{back}", visit.url("/anmelden"));
        Err(poem::Error::from_response(see_other(&to)?))
    }
}
