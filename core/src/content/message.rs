//! Forms that reach the town by mail: the contact form and the report of a barrier.
//!
//! Invariant: what is acknowledged has been committed. What cannot be taken at the moment goes back to whoever wrote it,
//! with every word still in the form.

use jiff::SignedDuration;
use lettre::Address;
use poem::{
    IntoResponse, Response, handler,
    http::{HeaderValue, StatusCode, header},
};
use serde::Serialize;

use super::pages::{AccessibilityPage, ContactPage};
use crate::{
    error::{Error, Result},
    locale::Locale,
    mail::{
        self, To,
        pages::{BarrierMail, ContactMail, Letter, Note, write},
    },
    tenant::Tenant,
    web::{Form, Head, Rendered, Sent, Visit, Wrong},
};

/// Nobody sees this field; who fills it in is a machine.
pub const TRAP: &str = "homepage";
/// The parameter of the page after a message was sent.
pub const SENT: &str = "gesendet";

/// For how long the same message is the same: somebody clicked twice, or a browser asked again.
const SAME: SignedDuration = SignedDuration::from_mins(10);
const LONGEST_MESSAGE: usize = 5000;
const LONGEST_LINE: usize = 200;

/// Where a person stands with a message to the town.
#[derive(Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Message {
    /// Being written, perhaps with complaints or after a trouble.
    Open { form: Form, trouble: Option<Trouble> },
    /// On its way.
    Sent,
    /// Nothing is taken at the moment.
    Closed,
    /// The town has named nobody who would read it.
    Absent,
}

/// Why a message that was sent is back on the page; texts know it as `form.trouble.<name>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// It could not be taken just now.
    Later,
    /// Nobody knows whether it was taken. Sent again within [`SAME`] it still arrives once.
    Unsure,
}

impl Message {
    /// As the page is opened. Nobody gets a copy: an address that nobody has proved to be theirs would let strangers
    /// send mail in the town's name.
    pub(super) fn of(visit: &Visit, kind: &Kind, is_sent: bool) -> Self {
        if (kind.reader)(&visit.tenant).is_none() {
            return Self::Absent;
        }
        match (is_sent, visit.portal.read_only) {
            (true, _) => Self::Sent,
            (false, true) => Self::Closed,
            (false, false) => Self::Open { form: Form::blank(&kind.fields()), trouble: None },
        }
    }

    /// A title that says at once that something has to be put right.
    pub(super) fn head(&self, head: Head, visit: &Visit) -> Head {
        match self {
            Self::Open { form, .. } => form.head(head, visit),
            Self::Sent | Self::Closed | Self::Absent => head,
        }
    }

    /// A form with everything wrong, for rendering pages outside the server.
    pub(super) fn filled(kind: &Kind, trouble: Trouble) -> Self {
        let mut form =
            Form::read(&kind.fields(), [("email".into(), "erika@".into()), ("name".into(), "Erika Mustermann".into())]);
        form.is_email("email");
        form.complain(kind.about, Wrong::TooLong);
        form.needs("message");
        Self::Open { form, trouble: Some(trouble) }
    }
}

/// One of the two forms.
pub(super) struct Kind {
    name: &'static str,
    /// The field that says what it is about.
    about: &'static str,
    reader: fn(&Tenant) -> Option<Address>,
    letter: fn(Note, &Visit) -> Result<Letter>,
    page: fn(&Visit, Message) -> Result<Rendered>,
}

impl Kind {
    /// An answer goes to `email`, if there is one.
    fn fields(&self) -> [&'static str; 5] {
        ["name", "email", self.about, "message", TRAP]
    }
}

/// `/kontakt`
pub(super) const TO_THE_TOWN: Kind = Kind {
    name: "contact",
    about: "subject",
    reader: mail::town_hall,
    letter: |note, visit| write(&ContactMail { note }, visit),
    page: |visit, message| visit.render(&ContactPage::of(visit, message)),
};

/// `/barrierefreiheit`: `page` says where the barrier is.
pub(super) const ABOUT_A_BARRIER: Kind = Kind {
    name: "barrier",
    about: "page",
    reader: mail::accessibility_office,
    letter: |note, visit| write(&BarrierMail { note }, visit),
    page: |visit, message| visit.render(&AccessibilityPage::of(visit, message).ok_or(Error::NotFound)?),
};

#[handler]
pub async fn to_the_town(visit: Visit, sent: Sent) -> Result<Response> {
    take(&visit, &TO_THE_TOWN, &sent).await
}

#[handler]
pub async fn about_a_barrier(visit: Visit, sent: Sent) -> Result<Response> {
    take(&visit, &ABOUT_A_BARRIER, &sent).await
}

async fn take(visit: &Visit, kind: &Kind, sent: &Sent) -> Result<Response> {
    let to = (kind.reader)(&visit.tenant).ok_or(Error::NotFound)?;
    let mut form = Form::read(&kind.fields(), sent.pairs());
    if !form.value(TRAP).is_empty() {
        // a machine learns nothing from its answer
        tracing::info!(tenant = %visit.tenant.id, form = kind.name, "a machine filled in a form");
        return Ok(thanks(visit));
    }
    check(&mut form, kind);
    if form.is_wrong() {
        return again(visit, kind, form, None);
    }
    match queue(visit, kind, to, &form).await {
        Ok(()) => Ok(thanks(visit)),
        Err(Error::Unavailable(_)) => again(visit, kind, form, Some(Trouble::Later)),
        Err(Error::Unsure) => again(visit, kind, form, Some(Trouble::Unsure)),
        Err(error) => Err(error),
    }
}

fn check(form: &mut Form, kind: &Kind) {
    form.needs("message");
    form.limits("message", LONGEST_MESSAGE);
    form.is_email("email");
    for line in ["name", "email", kind.about] {
        form.limits(line, LONGEST_LINE);
    }
}

async fn queue(visit: &Visit, kind: &Kind, address: Address, form: &Form) -> Result<()> {
    visit.takes_deeds()?;
    let now = visit.portal.clock.now();
    let given = |name| Some(form.value(name).to_owned()).filter(|value| !value.is_empty());
    // the town reads German, in whatever language the form was
    let town = Visit { locale: Locale::german(), person: None, ..visit.clone() };
    let note = Note {
        name: given("name"),
        email: given("email"),
        about: given(kind.about),
        message: form.value("message").to_owned(),
        at: town.moment(now),
    };
    let letter = (kind.letter)(note, &town)?;
    let mut tx = visit.store().write().await?;
    let words: Vec<&[u8]> = kind.fields().iter().map(|name| form.value(name).as_bytes()).collect();
    let same = tx.sealer().await?.mark(kind.name, &words);
    let to = To { address, reply_to: form.value("email").parse().ok() };
    mail::send(&mut tx, now, letter, to, Some((&same, SAME))).await?;
    Ok(tx.commit().await?)
}

/// The page after it: asking for it again sends nothing again.
fn thanks(visit: &Visit) -> Response {
    let location = format!("{}?{SENT}=1#nachricht", visit.url(&visit.path));
    let location = HeaderValue::from_str(&location).expect("a path of our own");
    Response::builder()
        .status(StatusCode::SEE_OTHER)
        .header(header::LOCATION, location)
        .header(header::CACHE_CONTROL, "no-store")
        .finish()
}

/// The page with what was written.
fn again(visit: &Visit, kind: &Kind, form: Form, trouble: Option<Trouble>) -> Result<Response> {
    let mut response = (kind.page)(visit, Message::Open { form, trouble })?.into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    if trouble.is_none() {
        response.set_status(StatusCode::UNPROCESSABLE_ENTITY);
    } else {
        response.set_status(StatusCode::SERVICE_UNAVAILABLE);
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("120"));
    }
    Ok(response)
}
