//! Programs the portal talks to, written for its tests (`tests/peers`): started for a test, gone with it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpStream,
    process::{Child, Command},
};

use crate::{Answer, root};

/// How long a peer may take to make its keys and open its door.
const PATIENCE: Duration = Duration::from_secs(60);

/// The Python that knows the peers' packages, as `tests/run` has installed it.
fn python() -> PathBuf {
    if let Some(python) = std::env::var_os("PORTAL_PEERS") {
        return python.into();
    }
    let venv = root().join("tests/.tools/venv");
    let (wanted, installed) = (root().join("tests/requirements.txt"), venv.join(".installed"));
    let same = fs::read(wanted).ok() == fs::read(installed).ok();
    assert!(same, "the peers' packages are missing or old\nhint: `tests/run` installs them");
    venv.join("bin/python")
}

/// A login provider that speaks BundID's dialect (`tests/peers/bundid`). Its clock is that of the requests it gets.
pub struct BundId {
    /// Scheme, host and port.
    pub address: String,
    keys: TempDir,
    _child: Child,
}

impl BundId {
    pub const ENTITY_ID: &str = "https://idp.bundid.example/idp";

    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// The same with further arguments, see `python tests/peers/bundid serve --help`.
    pub async fn start_with(arguments: &[&str]) -> Self {
        let keys = TempDir::new().expect("a temporary folder");
        let mut child = Command::new(python())
            .arg(root().join("tests/peers/bundid"))
            .args(["serve", "--clock", "request", "--keys"])
            .arg(keys.path())
            .args(arguments)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the provider starts");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let line = tokio::time::timeout(PATIENCE, lines.next_line()).await.expect("in time").expect("text");
        let line = line.expect("the provider says where it listens");
        let address = line.strip_prefix("listening ").expect("the first line").to_owned();
        Self { address, keys, _child: child }
    }

    /// Where requests are posted to.
    pub fn sso_url(&self) -> String {
        format!("{}/sso", self.address)
    }

    /// The file of the certificate it signs with.
    pub fn certificate(&self) -> PathBuf {
        self.keys.path().join("idp.crt")
    }

    /// The file of the certificate it will sign with after `control(&[("roll", "yes")])`.
    pub fn next_certificate(&self) -> PathBuf {
        self.keys.path().join("idp-next.crt")
    }

    /// Hands over the metadata of a service provider, as a town does in the provider's own portal.
    pub async fn register(&self, metadata: &str) -> Result<(), String> {
        let answer = self.post("/sp", metadata.to_owned()).await;
        if answer.status == 200 { Ok(()) } else { Err(answer.text()) }
    }

    /// Brings a request, as the browser does. Gives back the state of the login page, or why the request is refused.
    pub async fn ask(&self, saml_request: &str, relay_state: &str) -> Result<String, String> {
        let form = form(&[("SAMLRequest", saml_request), ("RelayState", relay_state)]);
        let answer = self.post("/sso", form).await;
        if answer.status != 200 {
            return Err(answer.text());
        }
        Ok(text(&answer.json()["state"]))
    }

    /// Somebody logs in; the wishes are the fields of `Wish` in `tests/peers/bundid/server.py`.
    pub async fn login(&self, state: &str, wishes: &[(&str, &str)]) -> Posted {
        let mut fields = vec![("state", state)];
        fields.extend_from_slice(wishes);
        let answer = self.post("/login", form(&fields)).await.is(200).json();
        let field = |name: &str| text(&answer["fields"][name]);
        Posted { acs: text(&answer["action"]), saml_response: field("SAMLResponse"), relay_state: field("RelayState") }
    }

    /// `delay` (seconds), `down` (yes, no), `roll` (yes).
    pub async fn control(&self, fields: &[(&str, &str)]) {
        self.post("/control", form(fields)).await.is(200);
    }

    /// Every request it accepted, the latest last, in words.
    pub async fn requests(&self) -> Vec<Value> {
        let authority = self.authority();
        let answer = Answer::fetch(authority, "/requests", &[("host", authority)]).await.is(200).json();
        answer.as_array().expect("a list").clone()
    }

    fn authority(&self) -> &str {
        self.address.strip_prefix("http://").expect("an address")
    }

    async fn post(&self, path: &str, body: String) -> Answer {
        let stream = TcpStream::connect(self.authority()).await.expect("the provider listens");
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("a handshake");
        tokio::spawn(connection);
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header("host", self.authority())
            .header("accept", "application/json")
            .body(Full::new(Bytes::from(body)))
            .expect("a request");
        Answer::read(sender.send_request(request).await.expect("an answer")).await
    }
}

/// What the browser is to post to the portal.
pub struct Posted {
    pub acs: String,
    pub saml_response: String,
    pub relay_state: String,
}

/// Answers that must be accepted and answers that must be refused, minted for this test.
pub struct Corpus {
    folder: TempDir,
    pub cases: Vec<Case>,
}

/// One answer of the corpus.
pub struct Case {
    pub name: String,
    pub kind: Kind,
    pub why: String,
    /// The level that was asked for, 1 to 4.
    pub demand: u8,
    /// Whether the response bears a signature (the assertion may, too).
    pub signed: bool,
    /// Whether a new login was demanded.
    pub forced: bool,
    /// The case whose assertion this one carries a second time.
    pub replays: Option<String>,
    /// What must come out of it: `level`, `bPK2`, `trust`, `attributes`.
    pub expect: Value,
    /// The value of the form field `SAMLResponse`.
    pub saml_response: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Good,
    Bad,
    /// Odd: to be taken or left, but without harm.
    Any,
}

impl Corpus {
    /// `now` is in the form of RFC 3339.
    pub fn mint(sp_entity: &str, acs: &str, request_id: &str, now: &str) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let minted = std::process::Command::new(python())
            .arg(root().join("tests/peers/bundid"))
            .args(["mint", "--sp-entity", sp_entity, "--acs", acs, "--request-id", request_id, "--now", now, "--out"])
            .arg(folder.path())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .output()
            .expect("the mint starts");
        assert!(minted.status.success(), "{}", String::from_utf8_lossy(&minted.stderr));
        let manifest = fs::read(folder.path().join("manifest.json")).expect("a manifest");
        let manifest: Value = serde_json::from_slice(&manifest).expect("a manifest in JSON");
        let cases = manifest["cases"].as_array().expect("cases").iter().map(|case| Case::read(case, folder.path()));
        Self { cases: cases.collect(), folder }
    }

    /// A key or certificate as PEM: `idp.crt`, `sp-signing.key` and so on, see `KEYS` in `tests/peers/bundid/mint.py`.
    pub fn pem(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join("keys").join(name)).expect("a key of the corpus")
    }
}

impl Case {
    fn read(told: &Value, folder: &Path) -> Self {
        let name = text(&told["name"]);
        let saml_response = fs::read_to_string(folder.join(format!("{name}.txt"))).expect("a case");
        let kind = match told["kind"].as_str() {
            Some("ok") => Kind::Good,
            Some("any") => Kind::Any,
            _ => Kind::Bad,
        };
        Self {
            kind,
            why: text(&told["why"]),
            demand: told["demand"].as_u64().and_then(|level| level.try_into().ok()).expect("a level"),
            signed: told["signed"] == true,
            forced: told["forced"] == true,
            replays: told["replays"].as_str().map(str::to_owned),
            expect: told["expect"].clone(),
            saml_response,
            name,
        }
    }
}

fn form(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
