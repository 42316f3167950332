//! The cookies of logins and drafts. All are `__Host-`: this host alone, encrypted, everywhere on it.

use poem::{
    Request, Response,
    http::{HeaderValue, header},
};

use crate::web::SESSION_COOKIE;

/// Binds a login to the browser it began in. It comes along with the provider's cross-site POST, so it cannot be Lax;
/// alone it opens nothing.
pub const LOGIN_COOKIE: &str = "__Host-login";

/// Clerks have a session of their own beside that of citizens.
pub const STAFF_COOKIE: &str = "__Host-staff";

/// Lets the browser that began a form go on with it, whatever becomes of a login.
pub const DRAFT_COOKIE: &str = "__Host-draft";

/// Lets the browser that began a registration look it over; it opens nothing else.
pub const REGISTRATION_COOKIE: &str = "__Host-registration";

/// The value of a cookie, if it looks like one of ours.
pub fn cookie<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    let headers = request.headers().get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = headers.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(known, _)| *known == name)?;
    let is_ours = value.len() == 43 && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    is_ours.then_some(value)
}

/// Ends with the browser's own session; the server's limits end it earlier.
pub fn set_session(response: &mut Response, name: &str, token: &str) {
    append(response, &format!("{name}={token}; Path=/; Secure; HttpOnly; SameSite=Lax"));
}

pub fn clear_session(response: &mut Response, name: &str) {
    append(response, &format!("{name}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"));
}

pub fn set_login(response: &mut Response, token: &str) {
    append(response, &format!("{LOGIN_COOKIE}={token}; Path=/; Secure; HttpOnly; SameSite=None; Max-Age=900"));
}

/// A day, as long as the registration itself lasts.
pub fn set_registration(response: &mut Response, token: &str) {
    append(response, &format!("{REGISTRATION_COOKIE}={token}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=86400"));
}

/// `hours`: how long the browser finds the draft again; otherwise until it is closed.
pub fn set_draft(response: &mut Response, token: &str, hours: Option<u16>) {
    let lasts = hours.map(|hours| format!("; Max-Age={}", u32::from(hours) * 3600)).unwrap_or_default();
    append(response, &format!("{DRAFT_COOKIE}={token}; Path=/; Secure; HttpOnly; SameSite=Lax{lasts}"));
}

/// Whether a request brings the cookie of a citizen's session.
pub fn session(request: &Request) -> Option<&str> {
    cookie(request, SESSION_COOKIE)
}

fn append(response: &mut Response, cookie: &str) {
    let value = HeaderValue::from_str(cookie).expect("our tokens are plain ASCII");
    response.headers_mut().append(header::SET_COOKIE, value);
}
