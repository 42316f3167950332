//! `/api/v1`: the portal for programs. The catalogue is for everybody; cases and messages are for whoever is logged in,
//! the desk for clerks.
//!
//! Invariant: an operation about persons takes the same proof as its page – a session of this town – and shows no more than
//! it. What a program reads counts as read by nobody: decisions are opened in the Postkorb, where that has its effect.

mod citizens;
mod clerks;
mod words;

use std::sync::Arc;

use poem::Request;
use poem_openapi::{
    ApiResponse, Object, OpenApiService,
    payload::Json,
    types::{ParseFromJSON, ToJSON},
};
use serde_json::{Value, json};

pub use citizens::CitizensApi;
pub use clerks::ClerksApi;

use crate::{
    catalogue::api::{self, CatalogueApi},
    error::{Error, Result},
    identity::{CitizenVisit, NotLookedUp, sessions::Session},
    web::{Budget, Visit, spend},
};

/// Everything that programs may ask.
pub type Api = (CatalogueApi, CitizensApi, ClerksApi);

/// The API as a service below `/api/v1`.
pub fn service() -> OpenApiService<Api, ()> {
    OpenApiService::new((CatalogueApi, CitizensApi, ClerksApi), "Service portal", "1.0.0")
        .description(
            "The catalogue of services of one town, and the cases and messages of whoever is logged in there. The host name \
             decides which town answers. What is about persons takes the session cookie of the pages; whatever changes \
             something takes the town's own `Origin`. What clerks do below `/desk` takes their session, or an access token \
             (RFC 9068) of the town's own provider as `Authorization: Bearer`.",
        )
        .server("/api/v1")
}

/// Ways to fail that any operation about persons has.
const PROBLEMS: [(&str, &str); 8] = [
    ("400", "The request cannot be understood."),
    ("401", "Nobody is logged in."),
    ("403", "This is not for whoever asks, or another site sent it."),
    ("404", "There is nothing of that name for whoever asks."),
    ("413", "The request is too large."),
    ("415", "The body is no JSON."),
    ("429", "Too much came from one connection; `Retry-After` says when to come back."),
    ("503", "Nothing has happened; it may work in a moment."),
];

/// `openapi.json`, with all the ways in which an operation can fail.
pub fn description(service: &OpenApiService<Api, ()>) -> Value {
    let mut description = api::description(service);
    let paths = description["paths"].as_object_mut().into_iter().flatten();
    let personal = paths.filter(|(path, _)| ["/cases", "/threads", "/desk"].iter().any(|room| path.starts_with(room)));
    for operation in personal.flat_map(|(_, path)| path.as_object_mut().into_iter().flatten()) {
        for parameter in operation.1.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
            parameter["schema"]["pattern"] = json!("^[A-Za-z0-9-]{1,60}$");
        }
        for (status, text) in PROBLEMS {
            operation.1["responses"][status] = json!({
                "description": text,
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
            });
        }
    }
    description
}

/// Whether nothing can be read at an address of the API, only written to it.
pub fn only_takes(description: &Value, path: &str) -> bool {
    let fits = |template: &str| {
        let (is, asked): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
        is.len() == asked.len() && is.iter().zip(&asked).all(|(is, asked)| is.starts_with('{') || is == asked)
    };
    let mut paths = description["paths"].as_object().into_iter().flatten();
    paths.any(|(template, methods)| fits(template) && methods.get("get").is_none())
}

/// An answer about persons: nobody keeps it.
#[derive(ApiResponse)]
enum Private<T: ToJSON + ParseFromJSON + Send> {
    #[oai(status = 200)]
    Ok(Json<T>, #[oai(header = "Cache-Control")] String),
}

fn private<T: ToJSON + ParseFromJSON + Send>(value: T) -> Private<T> {
    Private::Ok(Json(value), "no-store".into())
}

/// That a deed has happened.
#[derive(Debug, Object)]
struct Done {
    /// Id of what came into being.
    id: String,
}

/// Who is logged in; a program is sent to no login page.
fn citizen(request: &Request) -> Result<CitizenVisit> {
    let visit = Visit::of(request);
    match request.data::<Arc<Session>>() {
        Some(session) => Ok(CitizenVisit { visit, session: session.clone() }),
        None if request.data::<NotLookedUp>().is_some() => Err(Error::Unavailable("nobody can be recognised")),
        None => Err(Error::LoginNeeded),
    }
}

/// The same for a deed: it takes of the budget that its page has.
fn doing_citizen(request: &Request) -> Result<CitizenVisit> {
    let visit = citizen(request)?;
    spend(Budget::Messages, request)?;
    visit.takes_deeds()?;
    Ok(visit)
}
