//! A program that speaks JSON with a session that somebody began in a browser.

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::{Answer, Browser};

impl Browser {
    /// Sends JSON with the cookies of citizens and clerks and further headers.
    pub async fn post_json(&self, path: &str, body: &serde_json::Value, headers: &[(&str, &str)]) -> Answer {
        let known = ["__Host-session", "__Host-staff"].into_iter();
        let cookies: Vec<String> = known.filter_map(|name| Some(format!("{name}={}", self.cookie(name)?))).collect();
        let mut request = Request::builder().method(Method::POST).uri(path).header("host", &self.host);
        request = request.header("content-type", "application/json").header("cookie", cookies.join("; "));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let stream = TcpStream::connect(&self.authority).await.expect("the house is open");
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("a handshake");
        tokio::spawn(connection);
        let body = Full::new(Bytes::from(body.to_string()));
        let response = sender.send_request(request.body(body).expect("a request that can be sent")).await;
        Answer::read(response.expect("an answer")).await
    }
}
