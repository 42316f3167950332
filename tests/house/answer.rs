//! An answer of the house, and what a test may ask of it.

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::{HeaderMap, Method, Response, body::Incoming};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Bytes,
}

impl Answer {
    /// GET over a connection of its own.
    pub async fn fetch(authority: &str, path: &str, headers: &[(&str, &str)]) -> Self {
        let stream = TcpStream::connect(authority).await.expect("somebody listens");
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("a handshake");
        tokio::spawn(connection);
        let response = sender.send_request(crate::request(Method::GET, path, headers)).await.expect("an answer");
        Self::read(response).await
    }

    pub(crate) async fn read(response: Response<Incoming>) -> Self {
        Self::try_read(response).await.expect("a whole answer")
    }

    pub(crate) async fn try_read(response: Response<Incoming>) -> hyper::Result<Self> {
        let (head, body) = response.into_parts();
        let bytes = body.collect().await?.to_bytes();
        Ok(Self { status: head.status.as_u16(), headers: head.headers, bytes })
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("no JSON ({error}): {}", self.text()))
    }

    /// A header, or nothing at all.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.text().contains(text), "`{text}` is missing in:\n{}", self.text());
        self
    }

    #[track_caller]
    pub fn is_silent_about(self, text: &str) -> Self {
        assert!(!self.text().contains(text), "`{text}` stands in:\n{}", self.text());
        self
    }

    #[track_caller]
    pub fn leads_to(self, location: &str) -> Self {
        assert_eq!(self.header("location"), location, "status {}", self.status);
        self
    }
}
