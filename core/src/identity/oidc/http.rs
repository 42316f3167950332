//! How the house talks to a provider: encrypted, without detours, briefly, and never reading more than it can use.

use std::{pin::Pin, time::Duration};

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse, http};
use reqwest::{Url, redirect::Policy};

use super::Refused;

/// More than any description, key set or token answer needs.
const MOST_BYTES: usize = 256 * 1024;

/// Said of a provider that takes too long.
pub const TOO_SLOW: &str = "it did not answer in time";

/// The way to one provider.
#[derive(Debug, Clone)]
pub struct Http {
    outside: reqwest::Client,
    at_home: reqwest::Client,
}

impl Http {
    /// Every request ends after `patience`, reading the answer included.
    pub fn with_patience(patience: Duration) -> Result<Self, reqwest::Error> {
        // a redirect would carry the code or the client's secret to an address nobody agreed upon
        let builder = || reqwest::Client::builder().timeout(patience).redirect(Policy::none()).referer(false);
        Ok(Self {
            outside: builder().https_only(true).build()?,
            // what stands in the environment as a proxy is the way out, and never the way to this machine
            at_home: builder().no_proxy().build()?,
        })
    }

    /// Asks for one provider, in the form in which `openidconnect` wants to ask.
    pub fn asking(&self, issuer: &str) -> Asking {
        Asking { http: self.clone(), issuer: issuer.into() }
    }

    async fn ask(&self, issuer: &str, request: HttpRequest) -> Result<HttpResponse, Refused> {
        let request = reqwest::Request::try_from(request).map_err(|_| Refused::Description)?;
        if !is_allowed(request.url(), issuer) {
            return Err(Refused::Insecure);
        }
        let client = if is_at_home(request.url()) { &self.at_home } else { &self.outside };
        let mut response = client.execute(request).await.map_err(outage)?;
        if response.status().is_server_error() {
            return Err(Refused::Unreachable("it answered with a server error"));
        }
        let mut answer = http::Response::new(Vec::new());
        *answer.status_mut() = response.status();
        *answer.headers_mut() = std::mem::take(response.headers_mut());
        while let Some(chunk) = response.chunk().await.map_err(outage)? {
            if answer.body().len() + chunk.len() > MOST_BYTES {
                return Err(Refused::TooLarge);
            }
            answer.body_mut().extend_from_slice(&chunk);
        }
        Ok(answer)
    }
}

/// Owns what it needs: a borrowing closure would do, but a handler could then not be sent to another thread.
pub struct Asking {
    http: Http,
    issuer: Box<str>,
}

impl<'c> AsyncHttpClient<'c> for Asking {
    type Error = Refused;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Refused>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.http.ask(&self.issuer, request))
    }
}

/// HTTPS, except between two programs on one machine: a provider outside cannot send us to an address of this machine.
pub fn is_allowed(url: &Url, issuer: &str) -> bool {
    match url.scheme() {
        "https" => true,
        "http" => is_at_home(url) && Url::parse(issuer).is_ok_and(|issuer| is_at_home(&issuer)),
        _ => false,
    }
}

fn is_at_home(url: &Url) -> bool {
    matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"))
}

/// The library's own words name addresses; these do not.
fn outage(error: reqwest::Error) -> Refused {
    Refused::Unreachable(match () {
        () if error.is_timeout() => TOO_SLOW,
        () if error.is_connect() => "no connection, or its certificate is not trusted",
        () => "the connection broke",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(url: &str, issuer: &str) -> bool {
        is_allowed(&Url::parse(url).unwrap(), issuer)
    }

    #[test]
    fn only_this_machine_is_asked_without_encryption() {
        assert!(allowed("https://idp.example/token", "https://idp.example"));
        assert!(allowed("http://127.0.0.1:9000/token", "http://127.0.0.1:9000"));
        assert!(allowed("http://[::1]:9000/token", "http://localhost:9000"));
        assert!(!allowed("http://idp.example/token", "http://idp.example"));
        assert!(!allowed("http://127.0.0.1.idp.example/token", "http://127.0.0.1.idp.example"));
        assert!(!allowed("http://localhost:9000/token", "https://idp.example"), "a stranger sends us to ourselves");
        assert!(!allowed("javascript:alert(1)", "https://idp.example"));
        assert!(!allowed("file:///etc/passwd", "http://localhost"));
    }
}
