//! Asks the API of one town: what it offers online, what it finds, and whether anything has changed since.
//!
//!     cargo run -p portal-tests --example api-client -- 127.0.0.1:8080 herford.localhost hund anmelden
//!
//! The address says where the portal listens, the host name which town answers.

use http_body_util::{BodyExt, Empty};
use hyper::{Request, StatusCode, body::Bytes, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, host, words @ ..] = &arguments[..] else {
        return Err("usage: api-client ADDRESS HOST [WORDS]".into());
    };
    let town = Town { address, host };

    let first = town.get("/api/v1/services", None).await?;
    let services = first.json["services"].as_array().ok_or("no list of services")?;
    let online = services.iter().filter(|service| service["online"] == true).count();
    println!("{} services, {online} of them online", services.len());

    if !words.is_empty() {
        let found = town.get(&format!("/api/v1/search?q={}", escaped(&words.join(" "))), None).await?;
        for hit in found.json["results"].as_array().into_iter().flatten().take(5) {
            println!("{:>4}  {}  {}", hit["score"], text(&hit["title"]), text(&hit["url"]));
        }
    }

    // a client that asks again sends the tag it was given, and mostly hears that nothing has changed
    let again = town.get("/api/v1/services", first.etag.as_deref()).await?;
    println!("asked again: {}", if again.status == StatusCode::NOT_MODIFIED { "unchanged" } else { "changed" });
    Ok(())
}

struct Town<'a> {
    address: &'a str,
    host: &'a str,
}

struct Answer {
    status: StatusCode,
    etag: Option<String>,
    json: Value,
}

impl Town<'_> {
    async fn get(&self, path: &str, known: Option<&str>) -> Result<Answer, Failure> {
        let stream = TcpStream::connect(self.address).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let mut request = Request::get(path).header(header::HOST, self.host);
        if let Some(etag) = known {
            request = request.header(header::IF_NONE_MATCH, etag);
        }
        let response = sender.send_request(request.body(Empty::<Bytes>::new())?).await?;
        let status = response.status();
        let etag = response.headers().get(header::ETAG).and_then(|etag| etag.to_str().ok()).map(str::to_owned);
        let body = response.into_body().collect().await?.to_bytes();
        if status.is_client_error() || status.is_server_error() {
            // 421: no town has this host; everything else below `/api/` explains itself as problem+json
            return Err(format!("{host} answers {path} with {status}", host = self.host).into());
        }
        Ok(Answer { status, etag, json: serde_json::from_slice(&body).unwrap_or(Value::Null) })
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("–")
}

fn escaped(words: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    words.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
