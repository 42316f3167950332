//! A mail by which the operator sees whether mails arrive.

use std::{path::PathBuf, sync::Arc};

use lettre::Address;

use super::{
    Outgoing, Post,
    pages::{TestMail, write},
    smtp::Trouble,
    town_hall,
};
use crate::{
    crypto,
    error::Error,
    jobs::Failed,
    locale::Locale,
    tenant::Tenant,
    web::{Portal, Visit},
};

/// Where a test mail went.
#[derive(Debug)]
pub enum Arrived {
    Folder(PathBuf),
    /// The mail server has taken it.
    Server,
}

#[derive(Debug, thiserror::Error)]
pub enum Unsent {
    #[error("`{0}` names no mail address")]
    NoAddress(String),
    #[error("the mail cannot be written: {0}")]
    Unwritten(#[from] Error),
    #[error("{0}")]
    Refused(#[from] Trouble),
    #[error("{0}")]
    Failed(#[from] Failed),
}

/// Sends a test mail as the town would. To an address that the operator names it goes over SMTP also while the town is
/// not live. `tell` hears of every step.
pub async fn send_test(
    portal: &Arc<Portal>,
    post: &Post,
    tenant: &Arc<Tenant>,
    to: Option<Address>,
    tell: &mut (impl FnMut(String) + Send),
) -> Result<Arrived, Unsent> {
    let smtp = post.smtp().filter(|_| to.is_some() || post.way_of(tenant).is_some());
    let to = to.or_else(|| town_hall(tenant)).ok_or_else(|| Unsent::NoAddress(tenant.id.to_string()))?;
    let visit = Visit::to(portal.clone(), tenant.clone(), Locale::german(), "/");
    let letter = write(&TestMail { at: visit.moment(portal.clock.now()) }, &visit)?;
    let (subject, html, text) = (letter.subject, letter.html, letter.text);
    let mail = Outgoing { to: to.to_string(), reply_to: None, subject, html, text, at: portal.clock.now() };
    let Some(smtp) = smtp else {
        let path = post.deliver(tenant, crypto::id(), mail).await?;
        return Ok(path.map_or(Arrived::Server, Arrived::Folder));
    };
    smtp.send(&post.message(tenant, crypto::id(), mail)?, tell).await?;
    Ok(Arrived::Server)
}
