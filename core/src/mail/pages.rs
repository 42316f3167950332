//! Mails in the town's face, each in HTML and in plain text from templates of the town's theme.
//!
//! Invariant: a mail carries nothing that its reader's program would fetch: no picture, no font, no tracking.

mod account;

use jiff::Timestamp;
use serde::Serialize;

pub use account::{EndMail, MoveMail, MovedMail, ObjectMail, UndoneMail};

use crate::{
    error::{Error, Result},
    web::Visit,
};

/// One kind of mail, as [`crate::web::Page`] is one kind of page.
pub trait MailPage: Serialize {
    /// Name of the text in the subject line.
    const SUBJECT: &'static str;
    /// `contact` for `mail/contact.html` and `mail/contact.txt`.
    const TEMPLATE: &'static str;

    /// Mails of this kind, for rendering every mail × sample × town.
    fn samples(visit: &Visit) -> Vec<Self>
    where
        Self: Sized;
}

/// A mail ready for its envelope.
#[derive(Clone)]
pub struct Letter {
    /// One line.
    pub subject: String,
    pub html: String,
    pub text: String,
    /// From then on it says nothing that holds, and does not leave any more.
    pub until: Option<Timestamp>,
}

impl Letter {
    /// A letter whose link works so long.
    pub fn counts_until(self, moment: Timestamp) -> Self {
        Self { until: Some(moment), ..self }
    }
}

/// Writes a mail in the language of the visit. What goes to the town itself is written in German: `visit` is made for
/// that ([`Visit::to`]).
pub fn write<M: MailPage>(mail: &M, visit: &Visit) -> Result<Letter> {
    let theme = &visit.tenant.theme;
    let subject = visit.text(M::SUBJECT).replace("{name}", &visit.tenant.town.full_name);
    let mut context = visit.surround(mail)?;
    context.insert("subject", &subject);
    context.insert("colors", &theme.tokens.colors);
    let render = |ending| theme.render(&format!("mail/{}.{ending}", M::TEMPLATE), &context).map_err(Error::internal);
    Ok(Letter { html: render("html")?, text: render("txt")?, subject, until: None })
}

/// To the operator: sending works.
#[derive(Serialize)]
pub struct TestMail {
    /// Date and time, ready to be read.
    pub at: String,
}

/// To the town: what somebody wrote into the contact form.
#[derive(Serialize)]
pub struct ContactMail {
    #[serde(flatten)]
    pub note: Note,
}

/// To the town: somebody met a barrier.
#[derive(Serialize)]
pub struct BarrierMail {
    #[serde(flatten)]
    pub note: Note,
}

/// What a form sent, as it was written; empty fields are `None`.
#[derive(Clone, Serialize)]
pub struct Note {
    pub name: Option<String>,
    /// Where an answer goes.
    pub email: Option<String>,
    /// The subject, or the page with the barrier.
    pub about: Option<String>,
    pub message: String,
    /// Date and time, ready to be read.
    pub at: String,
}

/// To somebody who has to confirm something by a link.
#[derive(Serialize)]
pub struct ConfirmMail {
    /// The whole address.
    pub url: String,
    /// Until when it works, ready to be read.
    pub until: String,
    /// An account comes into being by it.
    pub registers: bool,
}

/// To an address with which somebody has registered once more: there is an account already.
#[derive(Serialize)]
pub struct KnownMail {
    /// Whole addresses: where its owner logs in, and where they get a new password.
    pub login: String,
    pub forgotten: String,
}

/// To the owner of an account of the portal's own who has forgotten the password.
#[derive(Serialize)]
pub struct ResetMail {
    /// The whole address.
    pub url: String,
    /// What they log in with: it may be forgotten as well.
    pub name: String,
    /// Until when the link works, ready to be read.
    pub until: String,
}

/// To the owner of an account of the portal's own: how one logs in with it has changed.
#[derive(Serialize)]
pub struct SecurityMail {
    pub changed: Changed,
    /// The whole address where whoever did not do it gets a new password.
    pub forgotten: String,
}

/// Texts know it as `mail.security.<name>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Changed {
    Password,
    AppSet,
    AppRemoved,
}

/// To a person: something new lies in their Postkorb. What, no mail says.
#[derive(Serialize)]
pub struct NewsMail {
    /// The whole address of the Postkorb.
    pub url: String,
}

/// To a person: an application they began waits, and will not wait for ever. Which, no mail says.
#[derive(Serialize)]
pub struct DraftMail {
    /// The whole address of the draft's page.
    pub url: String,
    /// The last day, ready to be read.
    pub until: String,
}

/// To a person who wants the account deleted while cases are open: when that happens.
#[derive(Serialize)]
pub struct LeavingMail {
    /// Ready to be read.
    pub until: String,
    /// The whole address of the page on which it is taken back.
    pub url: String,
}

/// To a person whose account is gone, the last one.
#[derive(Serialize)]
pub struct FarewellMail {
    /// Cases that stay as files of the town.
    pub kept: u64,
    /// Some of them are not over: answers go by post.
    pub open: bool,
    /// Name of the login provider that goes on without us, and where the account there is deleted; `None` for an account of
    /// the portal's own.
    pub provider: Option<String>,
    pub account_url: Option<String>,
}

impl MailPage for LeavingMail {
    const SUBJECT: &'static str = "mail.leaving.subject";
    const TEMPLATE: &'static str = "leaving";

    fn samples(visit: &Visit) -> Vec<Self> {
        let url = visit.whole_url("/meine-daten/loeschen");
        vec![Self { url, until: "25. November 2026, 10:00".into() }]
    }
}

impl MailPage for FarewellMail {
    const SUBJECT: &'static str = "mail.farewell.subject";
    const TEMPLATE: &'static str = "farewell";

    fn samples(_: &Visit) -> Vec<Self> {
        let mail = |kept, open, provider: Option<&str>, account_url: Option<&str>| Self {
            kept,
            open,
            provider: provider.map(str::to_owned),
            account_url: account_url.map(str::to_owned),
        };
        vec![
            mail(2, true, Some("BundID"), Some("https://id.bund.de")),
            mail(1, false, Some("Servicekonto"), None),
            mail(0, false, None, None),
        ]
    }
}

impl MailPage for DraftMail {
    const SUBJECT: &'static str = "mail.draft.subject";
    const TEMPLATE: &'static str = "draft";

    fn samples(visit: &Visit) -> Vec<Self> {
        let url = visit.whole_url("/antraege/1");
        vec![Self { url, until: "22. Dezember 2026".into() }]
    }
}

impl MailPage for NewsMail {
    const SUBJECT: &'static str = "mail.news.subject";
    const TEMPLATE: &'static str = "news";

    fn samples(visit: &Visit) -> Vec<Self> {
        vec![Self { url: visit.whole_url("/postkorb#notify") }]
    }
}

impl Note {
    fn samples() -> [Self; 2] {
        let full = Self {
            name: Some("Erika Mustermann".into()),
            email: Some("erika.mustermann@example.org".into()),
            about: Some("Frage <zum> Hund & zur Steuer".into()),
            message: "Guten Tag,\n\nmuss ich meinen Hund auch dann anmelden, wenn er nur zu Besuch ist?\n\nDanke!"
                .into(),
            at: "22. November 2026, 10:00".into(),
        };
        let bare = Self { name: None, email: None, about: None, ..full.clone() };
        [full, bare]
    }
}

impl MailPage for TestMail {
    const SUBJECT: &'static str = "mail.test.subject";
    const TEMPLATE: &'static str = "test";

    fn samples(_: &Visit) -> Vec<Self> {
        vec![Self { at: "22. November 2026, 10:00".into() }]
    }
}

impl MailPage for ContactMail {
    const SUBJECT: &'static str = "mail.contact.subject";
    const TEMPLATE: &'static str = "contact";

    fn samples(_: &Visit) -> Vec<Self> {
        Note::samples().map(|note| Self { note }).into()
    }
}

impl MailPage for BarrierMail {
    const SUBJECT: &'static str = "mail.barrier.subject";
    const TEMPLATE: &'static str = "barrier";

    fn samples(_: &Visit) -> Vec<Self> {
        Note::samples().map(|note| Self { note }).into()
    }
}

impl MailPage for ConfirmMail {
    const SUBJECT: &'static str = "mail.confirm.subject";
    const TEMPLATE: &'static str = "confirm";

    fn samples(visit: &Visit) -> Vec<Self> {
        let origin = visit.portal.public.of_town(&visit.tenant);
        let mail = |registers| Self {
            url: format!("{origin}{}", visit.url("/kontakt")),
            until: "23. November 2026, 10:00".into(),
            registers,
        };
        vec![mail(false), mail(true)]
    }
}

impl MailPage for KnownMail {
    const SUBJECT: &'static str = "mail.known.subject";
    const TEMPLATE: &'static str = "known";

    fn samples(visit: &Visit) -> Vec<Self> {
        vec![Self { login: visit.whole_url("/anmelden"), forgotten: visit.whole_url("/passwort-vergessen") }]
    }
}

impl MailPage for ResetMail {
    const SUBJECT: &'static str = "mail.reset.subject";
    const TEMPLATE: &'static str = "reset";

    fn samples(visit: &Visit) -> Vec<Self> {
        let url = visit.whole_url("/passwort-vergessen");
        vec![Self { url, name: "erika.mustermann".into(), until: "22. November 2026, 11:00".into() }]
    }
}

impl MailPage for SecurityMail {
    const SUBJECT: &'static str = "mail.security.subject";
    const TEMPLATE: &'static str = "security";

    fn samples(visit: &Visit) -> Vec<Self> {
        let forgotten = visit.whole_url("/passwort-vergessen");
        let mail = |changed| Self { changed, forgotten: forgotten.clone() };
        [Changed::Password, Changed::AppSet, Changed::AppRemoved].map(mail).into()
    }
}

/// Every sample of every mail in the language of the visit: name of the template, and the mail or what failed.
pub fn all_samples(visit: &Visit) -> Vec<(&'static str, Result<Letter>)> {
    fn of<M: MailPage>(visit: &Visit, written: &mut Vec<(&'static str, Result<Letter>)>) {
        written.extend(M::samples(visit).iter().map(|mail| (M::TEMPLATE, write(mail, visit))));
    }
    let mut written = Vec::new();
    of::<TestMail>(visit, &mut written);
    of::<ContactMail>(visit, &mut written);
    of::<BarrierMail>(visit, &mut written);
    of::<ConfirmMail>(visit, &mut written);
    of::<KnownMail>(visit, &mut written);
    of::<ResetMail>(visit, &mut written);
    of::<SecurityMail>(visit, &mut written);
    of::<NewsMail>(visit, &mut written);
    of::<DraftMail>(visit, &mut written);
    of::<LeavingMail>(visit, &mut written);
    of::<FarewellMail>(visit, &mut written);
    of::<ObjectMail>(visit, &mut written);
    of::<MoveMail>(visit, &mut written);
    of::<MovedMail>(visit, &mut written);
    of::<UndoneMail>(visit, &mut written);
    of::<EndMail>(visit, &mut written);
    written
}
