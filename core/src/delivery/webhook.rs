//! A program that is called: `POST` of the package, signed, and its answer.

use std::time::Duration;

use aws_lc_rs::hmac;
use jiff::Timestamp;
use reqwest::{StatusCode, Url, redirect::Policy};
use uuid::Uuid;

use super::{Receipt, package::Package};
use crate::{config::secret::SecretRef, jobs::Failed};

/// For one attempt, reading the answer included.
const PATIENCE: Duration = Duration::from_secs(30);
/// More of an answer is not kept.
const MOST_SAID: usize = 16 * 1024;
/// A shorter secret can be guessed.
const SHORTEST: usize = 16;

pub(super) async fn send(
    url: &str,
    secret: &SecretRef,
    id: Uuid,
    package: Package,
    now: Timestamp,
) -> Result<Receipt, Failed> {
    let for_now = |why: &str| Failed::ForNow(why.to_owned());
    let secret = secret.read().map_err(|error| Failed::ForNow(error.to_string()))?;
    let secret = secret.text().map_or(secret.bytes(), str::as_bytes);
    if secret.len() < SHORTEST {
        return Err(for_now("the secret is shorter than 16 bytes"));
    }
    let signature = signature(secret, now, &package.bytes);
    let url = Url::parse(url).map_err(|_| for_now("its address cannot be read"))?;
    let client = client(&url).map_err(|_| for_now("no way out could be prepared"))?;
    let request = client.post(url).header("content-type", "application/zip").header("idempotency-key", id.to_string());
    let mut answer = request.header("portal-signature", signature).body(package.bytes).send().await.map_err(outage)?;
    let status = answer.status();
    let mut said = Vec::new();
    while said.len() < MOST_SAID {
        match answer.chunk().await {
            Ok(Some(chunk)) => said.extend_from_slice(&chunk[..chunk.len().min(MOST_SAID - said.len())]),
            Ok(None) => break,
            // whoever hangs up in the middle of a yes may not have meant it: the same package goes again
            Err(error) => return Err(outage(error)),
        }
    }
    judged(status)?;
    let said = String::from_utf8_lossy(&said).into_owned();
    Ok(Receipt { sha256: package.sha256, at: status.as_u16().to_string(), said })
}

/// Redirects are not followed: they would carry an application to an address nobody agreed upon.
fn client(url: &Url) -> reqwest::Result<reqwest::Client> {
    let builder = reqwest::Client::builder().timeout(PATIENCE).redirect(Policy::none()).referer(false);
    match url.scheme() {
        "https" => builder.https_only(true).build(),
        // a proxy of the environment is the way out, and never the way to this machine
        _ => builder.no_proxy().build(),
    }
}

/// `t=<seconds>,v1=<HMAC-SHA-256 of "<seconds>.<body>" in hexadecimal digits>`.
fn signature(secret: &[u8], now: Timestamp, body: &[u8]) -> String {
    let seconds = now.as_second().to_string();
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, secret));
    [seconds.as_bytes(), b".", body].into_iter().for_each(|part| context.update(part));
    let mark: String = context.sign().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={seconds},v1={mark}")
}

/// What the status says about another attempt.
fn judged(status: StatusCode) -> Result<(), Failed> {
    let refused = [
        StatusCode::BAD_REQUEST,
        StatusCode::PAYLOAD_TOO_LARGE,
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        StatusCode::UNPROCESSABLE_ENTITY,
    ];
    match status {
        status if status.is_success() => Ok(()),
        status if refused.contains(&status) => {
            Err(Failed::ForGood(format!("it refused the package with {}", status.as_u16())))
        }
        status if status.is_redirection() => {
            Err(Failed::ForNow(format!("it answered {}, and redirects are not followed", status.as_u16())))
        }
        status => Err(Failed::ForNow(format!("it answered {}", status.as_u16()))),
    }
}

/// The library's own words name addresses; these do not.
fn outage(error: reqwest::Error) -> Failed {
    let why = match () {
        () if error.is_timeout() => "it did not answer in time",
        () if error.is_connect() => "no connection, or its certificate is not trusted",
        () => "the connection broke",
    };
    Failed::ForNow(why.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_the_time_and_the_body() {
        let now = Timestamp::from_second(1_793_530_800).unwrap();
        // printf '1793530800.Paket' | openssl dgst -sha256 -hmac 'ein langes Geheimnis'
        let signed = signature(b"ein langes Geheimnis", now, b"Paket");
        assert!(signed.starts_with("t=1793530800,v1=") && signed.len() == 16 + 64, "{signed}");
        assert_ne!(signed, signature(b"ein anderes Geheimnis", now, b"Paket"));
        assert_ne!(signed, signature(b"ein langes Geheimnis", now, b"Paket2"));
    }

    #[test]
    fn a_refusal_ends_it_and_everything_else_is_tried_again() {
        assert_eq!(judged(StatusCode::ACCEPTED), Ok(()));
        assert!(matches!(judged(StatusCode::UNPROCESSABLE_ENTITY), Err(Failed::ForGood(_))));
        for status in [302, 401, 404, 409, 429, 500, 503] {
            let status = StatusCode::from_u16(status).unwrap();
            assert!(matches!(judged(status), Err(Failed::ForNow(_))), "{status}");
        }
    }
}
