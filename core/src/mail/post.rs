//! The post office: a mail gets its envelope and leaves, over SMTP or into the folder.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use lettre::{
    Address, Message,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
};
use uuid::Uuid;

use super::{Outgoing, folder, smtp::Smtp};
use crate::{
    config,
    jobs::{Doing, Failed, Job},
    tenant::{Tenant, schema::Status},
};

/// In the folder of everything that is kept.
const FOLDER: &str = "mail";

/// How mails leave the house.
#[derive(Debug, Clone)]
pub struct Post {
    folder: PathBuf,
    smtp: Option<Smtp>,
    /// Sender of towns that name none.
    sender: Option<Address>,
}

impl Post {
    /// By the operator's settings; the folder is `mail` in the folder of everything that is kept.
    pub fn new(settings: &config::mail::Mail, data: &Path) -> Self {
        Self { folder: data.join(FOLDER), smtp: Smtp::new(settings), sender: settings.sender.clone() }
    }

    /// Everything into this folder.
    pub fn in_folder(folder: PathBuf) -> Self {
        Self { folder, smtp: None, sender: None }
    }

    /// Takes half-written mails out of the folder, before the first one is written; tells how many.
    pub fn tidy(&self) -> io::Result<usize> {
        folder::tidy(&self.folder)
    }

    /// Whether mails of live towns leave the house at all.
    pub fn leaves(&self) -> bool {
        self.smtp.is_some()
    }

    pub(super) fn smtp(&self) -> Option<&Smtp> {
        self.smtp.as_ref()
    }

    /// The way that mails of a town take; none is into the folder.
    pub(super) fn way_of(&self, tenant: &Tenant) -> Option<&Smtp> {
        self.smtp.as_ref().filter(|_| tenant.status() == Status::Live)
    }

    pub(super) async fn deliver(&self, tenant: &Tenant, id: Uuid, mail: Outgoing) -> Result<Option<PathBuf>, Failed> {
        let message = self.message(tenant, id, mail)?;
        match self.way_of(tenant) {
            Some(smtp) => smtp.send(&message, &mut |_| {}).await.map(|()| None).map_err(Failed::from),
            None => {
                let path = self.folder.join(tenant.id.as_str()).join(format!("{id}.eml"));
                let put = folder::put(path.clone(), message.formatted()).await;
                put.map(|()| Some(path)).map_err(|error| Failed::ForNow(format!("the mail folder: {error}")))
            }
        }
    }

    /// The mail as it goes over the wire.
    pub(super) fn message(&self, tenant: &Tenant, id: Uuid, mail: Outgoing) -> Result<Message, Failed> {
        let host = tenant.canonical_host();
        let named = tenant.town.mail.as_ref();
        let address = named.and_then(|named| named.sender.clone()).or_else(|| self.sender.clone());
        let address = address.map_or_else(|| format!("portal@{host}").parse().map_err(unfit), Ok)?;
        let name = named.and_then(|named| named.name.clone()).unwrap_or_else(|| tenant.town.full_name.clone());
        let reply_to = match mail.reply_to {
            Some(address) => Some(address.parse::<Address>().map_err(unfit)?),
            None => named.and_then(|named| named.reply_to.clone()),
        };
        let builder = Message::builder()
            .message_id(Some(format!("<{id}@{host}>")))
            .date(SystemTime::from(mail.at))
            .from(Mailbox::new(Some(name), address))
            .to(Mailbox::new(None, mail.to.parse().map_err(unfit)?))
            .subject(mail.subject)
            // nobody's out-of-office note answers a machine (RFC 3834)
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ));
        let builder = match reply_to {
            Some(address) => builder.reply_to(Mailbox::new(None, address)),
            None => builder,
        };
        builder.multipart(MultiPart::alternative_plain_html(mail.text, mail.html)).map_err(unfit)
    }
}

/// The reason would name the address.
fn unfit<E>(_: E) -> Failed {
    Failed::ForGood("its addresses cannot be written on an envelope".into())
}

/// Delivers a mail that was queued.
pub fn work(job: Job) -> Doing {
    Box::pin(async move {
        let mail = job.payload()?;
        job.portal.post.deliver(&job.tenant, job.id, mail).await.map(|_| ())
    })
}

/// Takes away what lies in the mail folder of a town; tells how many mails it was.
pub fn delete_mails(data: &Path, town: &str) -> io::Result<u64> {
    let folder = data.join(FOLDER).join(town);
    match fs::read_dir(&folder) {
        Ok(mails) => {
            let mails = mails.count() as u64;
            fs::remove_dir_all(&folder).map(|()| mails)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(error),
    }
}
