//! Mails about the account itself: its address, and its way to another provider. All share one pair of templates, and their
//! words stand below `mail.<kind>`.

use serde::Serialize;

use super::MailPage;
use crate::web::Visit;

/// What the template gets; texts that do not name something ignore it.
#[derive(Serialize)]
struct Words {
    kind: &'static str,
    /// Names of the providers, and the last day or moment, ready to be read.
    old: String,
    new: String,
    until: String,
    /// The whole address of the button.
    url: Option<String>,
}

impl Words {
    fn of(kind: &'static str) -> Self {
        Self { kind, old: String::new(), new: String::new(), until: String::new(), url: None }
    }
}

/// To the address of before: another one is to take its place.
#[derive(Serialize)]
pub struct ObjectMail(Words);

impl ObjectMail {
    pub fn of(url: String) -> Self {
        Self(Words { url: Some(url), ..Words::of("object") })
    }
}

/// To the address of an old account: somebody wants to take over what lies in it.
#[derive(Serialize)]
pub struct MoveMail(Words);

impl MoveMail {
    /// `old`, `new`: names of the providers; `until`: a moment.
    pub fn of(old: &str, new: &str, until: String, url: String) -> Self {
        Self(Words { old: old.into(), new: new.into(), until, url: Some(url), ..Words::of("move") })
    }
}

/// To the address of an old account: it was taken over.
#[derive(Serialize)]
pub struct MovedMail(Words);

impl MovedMail {
    /// `until`: the last day on which the town hall can undo it; `url`: where it is reached.
    pub fn of(old: &str, new: &str, until: String, url: String) -> Self {
        Self(Words { old: old.into(), new: new.into(), until, url: Some(url), ..Words::of("moved") })
    }
}

/// To both addresses: the town hall has undone it.
#[derive(Serialize)]
pub struct UndoneMail(Words);

impl UndoneMail {
    pub fn of(old: &str, new: &str, url: String) -> Self {
        Self(Words { old: old.into(), new: new.into(), url: Some(url), ..Words::of("undone") })
    }
}

/// To the address of an old account: it will be deleted.
#[derive(Serialize)]
pub struct EndMail(Words);

impl EndMail {
    /// `until`: its last day; `url`: where somebody logs in to take it over.
    pub fn of(old: &str, new: &str, until: String, url: String) -> Self {
        Self(Words { old: old.into(), new: new.into(), until, url: Some(url), ..Words::of("end") })
    }
}

const OLD: &str = "Landeskonto";
const NEW: &str = "BundID";
const DAY: &str = "30. Juni 2024";

impl MailPage for ObjectMail {
    const SUBJECT: &'static str = "mail.object.subject";
    const TEMPLATE: &'static str = "account";

    fn samples(visit: &Visit) -> Vec<Self> {
        vec![Self::of(visit.whole_url("/meine-daten/einspruch/1"))]
    }
}

impl MailPage for MoveMail {
    const SUBJECT: &'static str = "mail.move.subject";
    const TEMPLATE: &'static str = "account";

    fn samples(visit: &Visit) -> Vec<Self> {
        vec![Self::of(OLD, NEW, "17. Juni 2024, 13:05".into(), visit.whole_url("/meine-daten/altes-konto/1"))]
    }
}

impl MailPage for MovedMail {
    const SUBJECT: &'static str = "mail.moved.subject";
    const TEMPLATE: &'static str = "account";

    fn samples(visit: &Visit) -> Vec<Self> {
        vec![Self::of(OLD, NEW, DAY.into(), visit.whole_url("/kontakt"))]
    }
}

impl MailPage for UndoneMail {
    const SUBJECT: &'static str = "mail.undone.subject";
    const TEMPLATE: &'static str = "account";

    fn samples(visit: &Visit) -> Vec<Self> {
        vec![Self::of(OLD, NEW, visit.whole_url("/kontakt"))]
    }
}

impl MailPage for EndMail {
    const SUBJECT: &'static str = "mail.end.subject";
    const TEMPLATE: &'static str = "account";

    fn samples(visit: &Visit) -> Vec<Self> {
        vec![Self::of(OLD, NEW, DAY.into(), visit.whole_url("/anmelden"))]
    }
}
