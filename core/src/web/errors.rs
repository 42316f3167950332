//! Failures, rendered once: a page in the town's face, or problem+json for the API.

use poem::{
    Response,
    http::{Method, StatusCode, header},
};
use serde::Serialize;

use super::{Head, Page, Section, Visit, neutral};

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
        statuses
            .iter()
            .filter_map(|code| StatusCode::from_u16(*code).ok())
            .map(|status| Self::of(status, "0123456789abcdef"))
            .collect()
    }
}

impl ErrorPage {
    fn of(status: StatusCode, request_id: &str) -> Self {
        Self { status: status.as_u16(), kind: kind_of(status), request_id: request_id.to_owned() }
    }
}

fn title_of(kind: &'static str) -> &'static str {
    match kind {
        "not_found" => "error.not_found.title",
        "login_needed" => "error.login_needed.title",
        "forbidden" => "error.forbidden.title",
        "method" => "error.method.title",
        "too_large" => "error.too_large.title",
        "unavailable" => "error.unavailable.title",
        "internal" => "error.internal.title",
        "throttled" => "error.throttled.title",
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
pub fn answer(visit: &Visit, status: StatusCode) -> Response {
    let mut response = if visit.path.starts_with("/api/") { problem(visit, status) } else { page(visit, status) };
    if status == StatusCode::METHOD_NOT_ALLOWED {
        let allowed = [Method::GET, Method::HEAD].map(|method| method.to_string()).join(", ");
        response.headers_mut().insert(header::ALLOW, allowed.parse().expect("method names are plain ASCII"));
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static("120"));
    }
    response
}

fn page(visit: &Visit, status: StatusCode) -> Response {
    match visit.render(&ErrorPage::of(status, &visit.request_id)) {
        Ok(rendered) => Response::builder()
            .status(status)
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
