//! What answers at `/anmelden`, `/registrieren`, `/passwort-vergessen`, `/saml`, `/oidc`, `/abmelden` and `/meine-daten`.

pub mod login;
pub mod logout;
pub mod my_data;
pub mod oidc;
pub mod own;
pub mod own_data;
pub mod saml;
mod shut;

pub(crate) use shut::{state_of, switched_off};

use poem::{
    IntoResponse, Response,
    http::{HeaderValue, StatusCode, header},
};

use super::{
    login::Pending,
    pages::outcome::{Outcome, OutcomePage},
};
use crate::{
    error::{Error, Result},
    staff,
    tenant::schema::{Level, People, Provider},
    web::{Page, Visit},
};

/// Where a browser goes on with a GET; nobody keeps the way.
pub fn see_other(to: &str) -> Result<Response> {
    let to = HeaderValue::from_str(to).map_err(Error::internal)?;
    let mut response = StatusCode::SEE_OTHER.with_header(header::CACHE_CONTROL, "no-store").into_response();
    response.headers_mut().insert(header::LOCATION, to);
    Ok(response)
}

/// A page that is one person's: kept by nobody.
pub fn private<P: Page>(visit: &Visit, page: &P) -> Result<Response> {
    let mut response = visit.render(page)?.into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// The address of a login of this level, and of the way back; `anew`: also for whoever is logged in.
pub fn login_url(visit: &Visit, back: &str, level: Level, anew: bool) -> String {
    let mut way = form_urlencoded::Serializer::new(String::new());
    way.append_pair("zurueck", back).append_pair("niveau", level.word());
    if anew {
        way.append_pair("neu", "1");
    }
    format!("{}?{}", visit.url("/anmelden"), way.finish())
}

/// What somebody wanted from a login: enough to begin it anew.
#[derive(Clone, Copy)]
struct Aim<'a> {
    back: &'a str,
    level: Level,
}

impl<'a> From<&'a Pending> for Aim<'a> {
    fn from(pending: &'a Pending) -> Self {
        Self { back: pending.return_to.as_str(), level: pending.level }
    }
}

/// How a login ended that let nobody in. Why is for the log; from outside every refusal looks the same.
fn ended(visit: &Visit, provider: &Provider, outcome: Outcome, aim: Option<Aim<'_>>) -> Result<Response> {
    if provider.is_for(People::Staff) {
        return staff::not_let_in(visit, outcome);
    }
    let back = aim.map(|aim| aim.back);
    let level = aim.map(|aim| aim.level).filter(|level| *level > Level::Basis);
    let way = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(back.map(|back| ("zurueck", back)))
        .extend_pairs(level.map(|level| ("niveau", level.word())))
        .extend_pairs((outcome == Outcome::Down).then_some(("trotzdem", "1")))
        .finish();
    let again = match outcome {
        Outcome::Moved => visit.url("/anmelden"),
        _ => visit.url(&format!("/anmelden/{}", provider.id)),
    };
    let page = OutcomePage {
        outcome,
        provider: provider.name.clone(),
        again: Some(if way.is_empty() { again } else { format!("{again}?{way}") }),
        back: back.map(str::to_owned),
    };
    let mut response = private(visit, &page)?;
    response.set_status(match outcome {
        Outcome::Down => StatusCode::SERVICE_UNAVAILABLE,
        Outcome::Expired | Outcome::NoCookie => StatusCode::BAD_REQUEST,
        Outcome::Cancelled => StatusCode::OK,
        Outcome::Refused | Outcome::TooLow { .. } | Outcome::OtherAccount | Outcome::Moved => StatusCode::FORBIDDEN,
    });
    if outcome == Outcome::Down {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("120"));
    }
    Ok(response)
}
