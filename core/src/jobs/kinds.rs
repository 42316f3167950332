//! What the house knows how to do.

use std::{future::Future, pin::Pin, sync::Arc};

use serde::de::DeserializeOwned;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    delivery,
    error::Error,
    files,
    identity::local,
    keeping, mail,
    mailbox::{self, decisions, outlet},
    moves, store,
    tenant::Tenant,
    web::Portal,
};

/// How a kind of job is done. Done twice it must have no other effect than done once, as far as that can be.
pub type Work = fn(Job) -> Doing;

pub type Doing = Pin<Box<dyn Future<Output = Result<(), Failed>> + Send>>;

/// Finds how a kind of job is done; nothing for a kind that a newer version of the portal has queued.
pub type Kinds = fn(&str) -> Option<Work>;

/// All kinds of the house.
pub fn kinds(kind: &str) -> Option<Work> {
    match kind {
        mail::KIND => Some(mail::work),
        delivery::KIND => Some(delivery::work),
        files::SCAN => Some(mailbox::scan),
        files::REMOVE => Some(files::remove_objects),
        moves::LOOK => Some(moves::work),
        outlet::KIND => Some(outlet::work),
        decisions::KIND => Some(decisions::work),
        keeping::KIND => Some(keeping::work),
        local::REGISTRATION => Some(local::write_mail),
        local::REGISTRATION_END => Some(local::end_registration),
        local::PASSWORD_RESET => Some(local::reset_mail),
        local::APP_REMOVED => Some(local::app_removed),
        _ => None,
    }
}

/// A job in the hands of whoever does it.
pub struct Job {
    pub id: Uuid,
    pub portal: Arc<Portal>,
    pub tenant: Arc<Tenant>,
    /// Which attempt this is, from 1 on.
    pub attempt: i64,
    pub(super) payload: Zeroizing<Vec<u8>>,
}

impl Job {
    /// What was asked for. What an older version of the portal has queued must stay readable.
    pub fn payload<P: DeserializeOwned>(&self) -> Result<P, Failed> {
        serde_json::from_slice(&self.payload).map_err(|_| Failed::ForGood("its payload cannot be read".into()))
    }

    /// Whether this failure is the end of it: nothing helps, or this was the last attempt.
    pub fn gives_up(&self, failed: &Failed) -> bool {
        matches!(failed, Failed::ForGood(_)) || self.attempt >= super::ATTEMPTS
    }
}

/// Why a job was not done. The text is for the operator and stays in the database: nothing about persons.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failed {
    /// It may work later.
    #[error("{0}")]
    ForNow(String),
    #[error("{0}")]
    ForGood(String),
}

/// The database comes back.
impl From<store::Error> for Failed {
    fn from(error: store::Error) -> Self {
        Self::ForNow(error.to_string())
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::ForNow(error.to_string())
    }
}
