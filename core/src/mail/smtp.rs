//! One conversation with the mail server.

use std::{fs, path::PathBuf, time::Duration};

use lettre::{
    Message,
    transport::smtp::{
        Error,
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, Certificate, TlsParameters},
        extension::ClientId,
        response::Response,
    },
};
use tokio::time::timeout;

use crate::{
    config::{
        mail::{Mail, Relay},
        secret::SecretRef,
    },
    jobs::Failed,
};

/// For connecting, and for each answer.
const PATIENCE: Duration = Duration::from_secs(20);
/// For all of it.
const IN_ALL: Duration = Duration::from_secs(60);

#[derive(Debug, Clone)]
pub(super) struct Smtp {
    relay: Relay,
    password: Option<SecretRef>,
    ca: Option<PathBuf>,
    /// Never without, except to a server on the same machine.
    encrypts: bool,
}

/// Why a mail did not leave.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// It was not about this mail: nobody there, no encryption, a wrong password.
    #[error("{0}")]
    Way(String),
    /// What the server said to this mail. It may name addresses.
    #[error("{0}")]
    Mail(Error),
}

impl Smtp {
    pub fn new(settings: &Mail) -> Option<Self> {
        let relay = settings.smtp.clone()?;
        let (password, ca) = (settings.password.clone(), settings.ca.clone());
        Some(Self { relay, password, ca, encrypts: settings.tls.is_none() })
    }

    /// Sends a mail; `tell` hears of every step.
    pub async fn send(&self, message: &Message, tell: &mut (impl FnMut(String) + Send)) -> Result<(), Trouble> {
        let talk = timeout(IN_ALL, self.talk(message, tell)).await;
        talk.map_err(|_| Trouble::Way(format!("the mail server needs more than {} s", IN_ALL.as_secs())))?
    }

    async fn talk(&self, message: &Message, tell: &mut (impl FnMut(String) + Send)) -> Result<(), Trouble> {
        let Relay { host, port, user, encrypted } = &self.relay;
        let how = if *encrypted && self.encrypts { ", encrypted" } else { "" };
        tell(format!("* connecting to {host}:{port}{how}"));
        let tls = if self.encrypts { Some(self.tls()?) } else { None };
        let (at_once, later) = if *encrypted { (tls, None) } else { (None, tls) };
        let hello = ClientId::default();
        let connect =
            AsyncSmtpConnection::connect_tokio1((host.as_str(), *port), Some(PATIENCE), &hello, at_once, None);
        let mut server = connect.await.map_err(Trouble::way)?;
        tell(format!("> EHLO {hello}"));
        tell(format!("< {}", server.server_info()));
        if let Some(tls) = later {
            tell("> STARTTLS".into());
            server.starttls(tls, &hello).await.map_err(Trouble::way)?;
            tell(format!("< encrypted, {}", server.server_info()));
        }
        if let Some(user) = user {
            let credentials = Credentials::new(user.clone(), self.secret()?);
            tell(format!("> AUTH as {user}"));
            let answer =
                server.auth(&[Mechanism::Plain, Mechanism::Login], &credentials).await.map_err(Trouble::way)?;
            tell(said(&answer));
        }
        let (envelope, bytes) = (message.envelope(), message.formatted());
        if let Some(from) = envelope.from() {
            tell(format!("> MAIL FROM:<{from}>"));
        }
        envelope.to().iter().for_each(|to| tell(format!("> RCPT TO:<{to}>")));
        tell(format!("> DATA, {} bytes", bytes.len()));
        let answer = server.send(envelope, &bytes).await.map_err(Trouble::Mail)?;
        tell(said(&answer));
        // it has been taken: nothing that goes wrong from here on may send it again
        let _ = server.quit().await;
        Ok(())
    }

    fn tls(&self) -> Result<TlsParameters, Trouble> {
        let mut tls = TlsParameters::builder(self.relay.host.clone());
        if let Some(path) = &self.ca {
            let pem = fs::read(path).map_err(|error| Trouble::Way(format!("`{}`: {error}", path.display())))?;
            let certificate = Certificate::from_pem(&pem).map_err(Trouble::way)?;
            tls = tls.add_root_certificate(certificate);
        }
        tls.build().map_err(Trouble::way)
    }

    fn secret(&self) -> Result<String, Trouble> {
        let Some(place) = &self.password else { return Ok(String::new()) };
        let secret = place.read().map_err(|error| Trouble::Way(error.to_string()))?;
        Ok(secret.text().unwrap_or_default().to_owned())
    }
}

fn said(answer: &Response) -> String {
    let words: Vec<&str> = answer.message().collect();
    format!("< {} {}", answer.code(), words.join(" "))
}

impl Trouble {
    fn way(error: Error) -> Self {
        Self::Way(error.to_string())
    }
}

/// Without the server's own words about the mail.
impl From<Trouble> for Failed {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Way(why) => Self::ForNow(why),
            Trouble::Mail(error) => match error.status() {
                Some(code) if error.is_permanent() => Self::ForGood(format!("the mail server refuses it with {code}")),
                Some(code) => Self::ForNow(format!("the mail server puts it off with {code}")),
                None => Self::ForNow("the conversation with the mail server broke off".into()),
            },
        }
    }
}
