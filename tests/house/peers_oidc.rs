//! The OpenID Connect provider of `tests/peers/oidc`, and a browser that logs in there.

use std::{collections::HashMap, process::Stdio, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};

use crate::{Answer, Detour, root};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// A provider on a free port, for one test.
pub struct OidcPeer {
    /// `http://127.0.0.1:PORT`
    pub issuer: String,
    /// The same, unless a road leads to it.
    listens: String,
    _child: Child,
    stdin: ChildStdin,
    stdout: Lines<BufReader<ChildStdout>>,
}

impl OidcPeer {
    /// The clients it knows, by the algorithm it signs with: RS256, PS256, ES256.
    pub const CLIENTS: [&str; 3] = ["portal", "portal-ps", "portal-es"];
    /// The secret of all of them.
    pub const SECRET: &str = "a secret of the provider and the portal";

    /// A provider that sends people back to one of these addresses only.
    pub async fn start(redirect_uris: &[&str]) -> Self {
        Self::start_with(redirect_uris, false, None).await
    }

    /// A provider whose ID tokens say nothing of the person; the rest is to be asked for (userinfo).
    pub async fn with_short_tokens(redirect_uris: &[&str]) -> Self {
        Self::start_with(redirect_uris, true, None).await
    }

    /// A provider that is reached by a road which the test may block.
    pub async fn behind_a_road(redirect_uris: &[&str]) -> (Self, Detour) {
        let door = Detour::door().await;
        let issuer = format!("http://{}", door.local_addr().expect("it listens"));
        let peer = Self::start_with(redirect_uris, false, Some(&issuer)).await;
        let road = Detour::from(door, peer.listens.strip_prefix("http://").expect("a provider on this machine"));
        (peer, road)
    }

    async fn start_with(redirect_uris: &[&str], short_tokens: bool, issuer: Option<&str>) -> Self {
        let tests = root().join("tests");
        let installed = tests.join("node_modules/oidc-provider").is_dir();
        assert!(installed, "the provider is not installed\nhint: `cd tests && npm ci`");
        let mut child = Command::new("node")
            .arg(tests.join("peers/oidc/provider.mjs"))
            .args(redirect_uris)
            .env("SHORT_TOKENS", if short_tokens { "yes" } else { "no" })
            .env("ISSUER", issuer.unwrap_or_default())
            .env_remove("PORT")
            .kill_on_drop(true)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Node.js is installed");
        let stdin = child.stdin.take().expect("piped");
        let stdout = BufReader::new(child.stdout.take().expect("piped")).lines();
        let mut peer = Self { issuer: String::new(), listens: String::new(), _child: child, stdin, stdout };
        let first = peer.line().await;
        peer.listens = first.strip_prefix("listening ").expect("where it listens").to_owned();
        peer.issuer = issuer.unwrap_or(&peer.listens).to_owned();
        peer
    }

    /// Answers differently from now on: `{"slow": 2000}`; `{}` is as usual. `provider.mjs` says what there is.
    pub async fn answers(&mut self, script: serde_json::Value) {
        self.stdin.write_all(format!("{script}\n").as_bytes()).await.expect("it reads");
        assert_eq!(self.line().await, "changed");
    }

    /// A token of these parts, signed with the provider's own key.
    pub async fn mints(&mut self, header: serde_json::Value, payload: serde_json::Value) -> String {
        let wish = serde_json::json!({"mint": {"header": header, "payload": payload}});
        self.stdin.write_all(format!("{wish}\n").as_bytes()).await.expect("it reads");
        self.line().await
    }

    async fn line(&mut self) -> String {
        let line = tokio::time::timeout(PATIENCE, self.stdout.next_line()).await.expect("it answers");
        line.expect("text").expect("it runs")
    }

    /// What `who` brings back from the provider when a login begins at `url`: the parameters of the redirect. `anna`,
    /// `ben` and `mallory` have accounts; `anna~wrong-nonce` gets a token that is wrong in that way.
    pub async fn log_in(&self, url: &str, who: &str) -> HashMap<String, String> {
        assert!(url.starts_with(&self.issuer), "`{url}` leads elsewhere");
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("login_hint", who).finish();
        let mut url = format!("{url}&{query}");
        let mut cookies: HashMap<String, String> = HashMap::new();
        let authority = self.issuer.strip_prefix("http://").expect("a provider on this machine");
        while let Some(path) = url.strip_prefix(&self.issuer) {
            let jar = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
            let answer = Answer::fetch(authority, path, &[("host", authority), ("cookie", &jar)]).await.is(303);
            for cookie in answer.headers.get_all("set-cookie") {
                let cookie = cookie.to_str().expect("text").split(';').next().expect("a first part");
                let (name, value) = cookie.split_once('=').expect("a name");
                cookies.insert(name.into(), value.into());
            }
            let location = answer.header("location");
            url = if location.starts_with('/') { format!("{}{location}", self.issuer) } else { location.to_owned() };
        }
        let (_, query) = url.split_once('?').expect("an answer to the portal");
        form_urlencoded::parse(query.as_bytes()).into_owned().collect()
    }
}
