//! One connection, many requests, for towns that share it.

use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::Empty;
use hyper::{Method, client::conn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;

use crate::{Answer, request};

/// An open connection, as a proxy in front of several towns keeps it.
pub enum Line {
    Http1(conn::http1::SendRequest<Empty<Bytes>>),
    Http2(conn::http2::SendRequest<Empty<Bytes>>),
}

impl Line {
    pub async fn http1(addr: SocketAddr) -> Self {
        let stream = TcpStream::connect(addr).await.expect("the house is open");
        let (sender, connection) = conn::http1::handshake(TokioIo::new(stream)).await.expect("a handshake");
        tokio::spawn(connection);
        Self::Http1(sender)
    }

    pub async fn http2(addr: SocketAddr) -> Self {
        let stream = TcpStream::connect(addr).await.expect("the house is open");
        let io = TokioIo::new(stream);
        let (sender, connection) = conn::http2::handshake(TokioExecutor::new(), io).await.expect("a handshake");
        tokio::spawn(connection);
        Self::Http2(sender)
    }

    /// The same HTTP/2 connection for somebody who asks at the same time.
    pub fn beside(&self) -> Self {
        match self {
            Self::Http1(_) => panic!("HTTP/1.1 answers one after the other"),
            Self::Http2(sender) => Self::Http2(sender.clone()),
        }
    }

    /// Asks on this connection; it must still be open.
    pub async fn get(&mut self, host: &str, path: &str) -> Answer {
        let response = match self {
            Self::Http1(sender) => {
                sender.ready().await.expect("the connection stays open");
                sender.send_request(request(Method::GET, path, &[("host", host)])).await
            }
            Self::Http2(sender) => {
                sender.ready().await.expect("the connection stays open");
                sender.send_request(request(Method::GET, &format!("http://{host}{path}"), &[])).await
            }
        };
        Answer::read(response.expect("an answer")).await
    }
}
