//! Failures, rendered once: a page in the town's face, or problem+json for the API.

use poem::{
    Error as PoemError, Response,
    error::ParsePathError,
    http::{HeaderValue, Method, StatusCode, header},
};
use serde::Serialize;

use super::{Head, Page, READ_ONLY, Section, Visit, neutral};
use crate::{error::Error, locale::Locale};

const AN_HOUR: u64 = 3600;

/// A failure as far as the answer tells of it.
#[derive(Debug, Clone, Copy)]
pub struct Failure {
    pub status: StatusCode,
    kind: &'static str,
    /// Seconds after which another try is worth it.
    retry_after: Option<u64>,
    /// What the address takes, if the method was wrong.
    allowed: &'static str,
}

impl Failure {
    /// What a handler or the router gave up with.
    pub fn of(error: &PoemError, method: &Method) -> Self {
        match error.downcast_ref::<Error>() {
            // who only wanted to see something has nothing to look for
            Some(Error::Unsure) if method.is_safe() => StatusCode::SERVICE_UNAVAILABLE.into(),
            Some(ours) => Self::from(ours),
            None if error.is::<ParsePathError>() => StatusCode::NOT_FOUND.into(),
            None => error.status().into(),
        }
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        let failure = Self::from(error.status());
        match error {
            Error::Throttled { seconds } => {
                let kind = if *seconds < AN_HOUR { failure.kind } else { "tomorrow" };
                Self { kind, retry_after: Some(*seconds), ..failure }
            }
            Error::CrossSite => Self { kind: error.kind(), ..failure },
            Error::MethodNotAllowed { allowed } => Self { allowed, ..failure },
            // no time to try again: it may have happened
            Error::Unsure => Self { kind: error.kind(), retry_after: None, ..failure },
            _ => failure,
        }
    }
}

impl From<StatusCode> for Failure {
    fn from(status: StatusCode) -> Self {
        let retry_after = (status == StatusCode::SERVICE_UNAVAILABLE).then_some(120);
        Self { status, kind: kind_of(status), retry_after, allowed: READ_ONLY }
    }
}

/// What went wrong, in words a citizen can do something with, and the way onward.
#[derive(Debug, Serialize)]
pub struct ErrorPage {
    status: u16,
    kind: &'static str,
    request_id: String,
}

impl Page for ErrorPage {
    const TEMPLATE: &'static str = "error.html";

    fn head(&self, visit: &Visit) -> Head {
        Head::new(Section::Error, visit.text(title_of(self.kind))).noindex()
    }

    fn samples(_: &Visit) -> Vec<Self> {
        let statuses = [404, 400, 401, 403, 405, 413, 414, 503, 500, 429];
        let failures = statuses.into_iter().filter_map(|code| StatusCode::from_u16(code).ok()).map(Failure::from);
        let failures = failures
            .chain([&Error::CrossSite, &Error::Unsure, &Error::Throttled { seconds: 24 * AN_HOUR }].map(Failure::from));
        failures.map(|failure| Self::of(failure, "0123456789abcdef")).collect()
    }
}

impl ErrorPage {
    fn of(failure: Failure, request_id: &str) -> Self {
        Self { status: failure.status.as_u16(), kind: failure.kind, request_id: request_id.to_owned() }
    }
}

/// The same for whoever works at the desk: in German, and with the way back to the work.
#[derive(Debug, Serialize)]
pub struct DeskErrorPage(ErrorPage);

impl Page for DeskErrorPage {
    const TEMPLATE: &'static str = "staff/error.html";

    fn head(&self, visit: &Visit) -> Head {
        Head { section: Section::Staff, ..self.0.head(visit) }
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        ErrorPage::samples(visit).into_iter().map(Self).collect()
    }
}

/// Whether an address is one of the town hall's own.
fn is_desk(path: &str) -> bool {
    path.strip_prefix("/verwaltung").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn title_of(kind: &'static str) -> &'static str {
    match kind {
        "not_found" => "error.not_found.title",
        "login_needed" => "error.login_needed.title",
        "forbidden" => "error.forbidden.title",
        "cross_site" => "error.cross_site.title",
        "method" => "error.method.title",
        "too_large" => "error.too_large.title",
        "unavailable" => "error.unavailable.title",
        "unsure" => "error.unsure.title",
        "internal" => "error.internal.title",
        "throttled" => "error.throttled.title",
        "tomorrow" => "error.tomorrow.title",
        _ => "error.bad_request.title",
    }
}

fn kind_of(status: StatusCode) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => "not_found",
        StatusCode::UNAUTHORIZED => "login_needed",
        StatusCode::FORBIDDEN => "forbidden",
        StatusCode::METHOD_NOT_ALLOWED => "method",
        StatusCode::PAYLOAD_TOO_LARGE | StatusCode::URI_TOO_LONG => "too_large",
        StatusCode::TOO_MANY_REQUESTS => "throttled",
        StatusCode::SERVICE_UNAVAILABLE => "unavailable",
        status if status.is_server_error() => "internal",
        _ => "bad_request",
    }
}

/// The answer to a request of a known town that failed.
pub fn answer(visit: &Visit, failure: Failure) -> Response {
    let status = failure.status;
    let mut response = if visit.path.starts_with("/api/") { problem(visit, status) } else { page(visit, failure) };
    if status == StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(failure.allowed));
    }
    if status == StatusCode::UNAUTHORIZED {
        // RFC 9110 wants a scheme; browsers know none of this name and show no dialog of their own
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Cookie realm=\"portal\""));
    }
    if let Some(seconds) = failure.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

fn page(visit: &Visit, failure: Failure) -> Response {
    let page = ErrorPage::of(failure, &visit.request_id);
    let rendered = match is_desk(&visit.path) {
        true => Visit { locale: Locale::german(), ..visit.clone() }.render(&DeskErrorPage(page)),
        false => visit.render(&page),
    };
    match rendered {
        Ok(rendered) => Response::builder()
            .status(failure.status)
            .content_type("text/html; charset=utf-8")
            .header(header::CACHE_CONTROL, "no-store")
            .body(rendered.html),
        Err(error) => {
            tracing::error!(tenant = %visit.tenant.id, %error, "the error page of this theme cannot be rendered");
            neutral::page(StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}

/// RFC 9457.
fn problem(visit: &Visit, status: StatusCode) -> Response {
    let problem = serde_json::json!({
        "type": "about:blank",
        "title": status.canonical_reason().unwrap_or("Error"),
        "status": status.as_u16(),
        "request_id": &*visit.request_id,
    });
    Response::builder()
        .status(status)
        .content_type("application/problem+json")
        .header(header::CACHE_CONTROL, "no-store")
        .body(problem.to_string())
}
