//! A browser at one host: it keeps cookies and sends forms with the headers that browsers send.

use std::{collections::BTreeMap, sync::Mutex};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::Answer;

pub struct Browser {
    /// Where the portal listens; a test may open the browser again at another node.
    pub authority: String,
    pub host: String,
    scheme: &'static str,
    /// What a proxy says of where it comes from.
    from: Option<String>,
    cookies: Mutex<BTreeMap<String, Cookie>>,
}

struct Cookie {
    value: String,
    /// It goes along with a form that another site sends (`SameSite=None`).
    travels: bool,
}

impl Browser {
    /// `authority` is where one connects to, `host` whom one asks there.
    pub fn at(authority: impl ToString, host: &str) -> Self {
        let (authority, host) = (authority.to_string(), host.to_owned());
        Self { authority, host, scheme: "https", from: None, cookies: Mutex::default() }
    }

    /// The same browser in another network, for a house behind a proxy.
    pub fn coming_from(self, address: &str) -> Self {
        Self { from: Some(address.to_owned()), ..self }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.try_get(path).await.expect("an answer")
    }

    /// Sends a form of the same site.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.try_post(path, fields).await.expect("an answer")
    }

    /// The same where the house may die before it has answered.
    pub async fn try_post(&self, path: &str, fields: &[(&str, &str)]) -> Result<Answer, BrokenOff> {
        let origin = format!("{}://{}", self.scheme, self.host);
        self.try_ask(Method::POST, path, Some(Form::of(fields, &origin, "same-origin"))).await
    }

    /// Sends a form in which files were chosen: `(field, name, content)`.
    pub async fn post_files(&self, path: &str, fields: &[(&str, &str)], files: &[(&str, &str, &[u8])]) -> Answer {
        self.try_post_files(path, fields, files).await.expect("an answer")
    }

    /// The same where the house may die before it has answered.
    pub async fn try_post_files(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &str, &[u8])],
    ) -> Result<Answer, BrokenOff> {
        const BOUNDARY: &str = "----portal-tests-7MA4YWxkTrZu0gW";
        let origin = format!("{}://{}", self.scheme, self.host);
        let mut body = Vec::new();
        for (name, value) in fields {
            let head = format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n");
            body.extend_from_slice(&[head.as_bytes(), value.as_bytes(), b"\r\n"].concat());
        }
        for (field, name, content) in files {
            let head = format!(
                "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\
                 content-type: application/octet-stream\r\n\r\n"
            );
            body.extend_from_slice(&[head.as_bytes(), content, b"\r\n"].concat());
        }
        body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        let form = Form { body: body.into(), kind, origin: &origin, site: "same-origin" };
        self.try_ask(Method::POST, path, Some(form)).await
    }

    /// Sends a form that stands on a page of another site: only cookies that may travel go along.
    pub async fn post_from(&self, origin: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let form = Form::of(fields, origin, "cross-site");
        self.try_ask(Method::POST, path, Some(form)).await.expect("an answer")
    }

    pub async fn try_get(&self, path: &str) -> Result<Answer, BrokenOff> {
        self.try_ask(Method::GET, path, None).await
    }

    /// The value of a cookie that is kept.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.jar().get(name).map(|cookie| cookie.value.clone())
    }

    /// Keeps a cookie that somebody has found or made up.
    pub fn takes(&self, name: &str, value: &str) {
        self.jar().insert(name.to_owned(), Cookie { value: value.to_owned(), travels: true });
    }

    async fn try_ask(&self, method: Method, path: &str, form: Option<Form<'_>>) -> Result<Answer, BrokenOff> {
        let mut request = Request::builder().method(method).uri(path).header("host", &self.host);
        if let Some(from) = &self.from {
            request = request.header("x-forwarded-for", from);
        }
        let at_home = form.as_ref().is_none_or(|form| form.site == "same-origin");
        let cookies: Vec<String> = self
            .jar()
            .iter()
            .filter(|(_, cookie)| at_home || cookie.travels)
            .map(|(name, cookie)| format!("{name}={}", cookie.value))
            .collect();
        if !cookies.is_empty() {
            request = request.header("cookie", cookies.join("; "));
        }
        let mut sent = Bytes::new();
        if let Some(Form { body, kind, origin, site }) = form {
            sent = body;
            request = request.header("content-type", kind).header("origin", origin).header("sec-fetch-site", site);
        }
        let body = Full::new(sent);
        let stream = TcpStream::connect(&self.authority).await?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let response = sender.send_request(request.body(body).expect("a request that can be sent")).await?;
        let answer = Answer::try_read(response).await?;
        for line in answer.headers.get_all("set-cookie") {
            self.keep(line.to_str().unwrap_or_default());
        }
        Ok(answer)
    }

    fn keep(&self, line: &str) {
        let mut parts = line.split(';').map(str::trim);
        let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else { return };
        let says = |attribute: &str| parts.clone().any(|part| part.eq_ignore_ascii_case(attribute));
        if value.is_empty() || says("max-age=0") {
            self.jar().remove(name);
        } else {
            let cookie = Cookie { value: value.to_owned(), travels: says("samesite=none") };
            self.jar().insert(name.to_owned(), cookie);
        }
    }

    fn jar(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Cookie>> {
        self.cookies.lock().expect("nobody panics with cookies in hand")
    }
}

/// A form, and the page it stands on.
struct Form<'f> {
    body: Bytes,
    kind: String,
    origin: &'f str,
    site: &'static str,
}

impl<'f> Form<'f> {
    fn of(fields: &[(&str, &str)], origin: &'f str, site: &'static str) -> Self {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        Self { body: body.into(), kind: "application/x-www-form-urlencoded".into(), origin, site }
    }
}

/// No answer came, or not the whole of it.
#[derive(Debug)]
pub struct BrokenOff;

impl From<std::io::Error> for BrokenOff {
    fn from(_: std::io::Error) -> Self {
        Self
    }
}

impl From<hyper::Error> for BrokenOff {
    fn from(_: hyper::Error) -> Self {
        Self
    }
}
