//! Cases (Vorgänge): what became of an application, from its submission to its end.
//!
//! Invariant: a case is entered once, changed only in the revision that was read, and whatever happens to it leaves a line
//! in its timeline in the same transaction. What somebody applied for never changes.

mod application;
pub mod doors;
mod number;
pub mod pages;
mod records;

use aws_lc_rs::constant_time;
use jiff::{Timestamp, ToSpan, civil::Date};
use serde_json::Value;
use uuid::Uuid;

pub use application::{Application, Field, FieldSource, Original, Proof, Section, Titles};
pub use number::{CaseNumber, prefix};
pub(crate) use records::STATEMENTS;
pub use records::highest_level_of;

use crate::{
    clock::local_zone,
    crypto::{self, Sealed},
    identity,
    store::{Result, Tx},
    tenant::{Tenant, schema::Level},
};

/// One case with everything but its timeline.
#[derive(Debug, Clone)]
pub struct Case {
    pub id: Uuid,
    pub number: CaseNumber,
    /// Id of the service.
    pub service: String,
    /// Id of the form it came by.
    pub form: Option<String>,
    /// Id of the department; `None` is everybody's who may open cases.
    pub department: Option<String>,
    /// Whose it is; `None`: a guest's, or it came on paper.
    pub account: Option<Uuid>,
    pub state: State,
    pub channel: Channel,
    /// What the form asked of the login; the case opens to no lower one.
    pub level: Level,
    pub application: Application,
    /// Name of the person, for lists at the desk.
    pub applicant: String,
    /// The clerk who works on it.
    pub assignee: Option<Uuid>,
    /// Until when the town hall means to answer.
    pub due: Timestamp,
    /// When a clerk wants to see it again (Wiedervorlage).
    pub follow_up: Option<Timestamp>,
    /// Counts its changes.
    pub revision: i64,
    pub submitted: Timestamp,
    pub closed: Option<Timestamp>,
    pub keep_until: Option<Timestamp>,
    /// Not to be deleted, whatever its date says.
    pub hold: bool,
    /// Since when nobody reads here what is written about it: the person has deleted the account.
    pub left: Option<Timestamp>,
    /// Where letters go, in lines and without the name, if a clerk has written that down since; otherwise the application
    /// tells.
    pub address: Option<String>,
}

/// Where a case stands, in the words of the federal mailbox service; texts know it as `cases.state.<word>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// A draft: no case yet, and no row.
    Initiated,
    Submitted,
    Received,
    Processing,
    ActionRequired,
    Completed,
    Withdrawn,
}

impl State {
    /// Those that a case can be in.
    pub const ALL: [Self; 6] =
        [Self::Submitted, Self::Received, Self::Processing, Self::ActionRequired, Self::Completed, Self::Withdrawn];

    pub fn word(self) -> &'static str {
        match self {
            Self::Initiated => "initiated",
            Self::Submitted => "submitted",
            Self::Received => "received",
            Self::Processing => "processing",
            Self::ActionRequired => "action_required",
            Self::Completed => "completed",
            Self::Withdrawn => "withdrawn",
        }
    }

    pub(crate) fn of_word(word: &str) -> Self {
        Self::ALL.into_iter().find(|state| state.word() == word).expect("the table knows the words of states")
    }

    /// Nothing more will happen by itself.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Completed | Self::Withdrawn)
    }
}

/// How a case came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    Online,
    Paper,
    Phone,
    /// In person.
    Desk,
}

impl Channel {
    pub const ALL: [Self; 4] = [Self::Online, Self::Paper, Self::Phone, Self::Desk];

    pub fn word(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Paper => "paper",
            Self::Phone => "phone",
            Self::Desk => "desk",
        }
    }

    fn of_word(word: &str) -> Self {
        Self::ALL.into_iter().find(|channel| channel.word() == word).expect("the table knows the words of channels")
    }
}

/// Who did something to a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// `None` is a guest.
    Citizen(Option<Uuid>),
    Staff(Uuid),
    System,
}

impl Who {
    fn columns(self) -> (&'static str, Option<Uuid>) {
        match self {
            Self::Citizen(id) => ("citizen", id),
            Self::Staff(id) => ("staff", Some(id)),
            Self::System => ("system", None),
        }
    }

    fn of_columns(actor: &str, id: Option<Uuid>) -> Self {
        match (actor, id) {
            ("staff", Some(id)) => Self::Staff(id),
            ("citizen", id) => Self::Citizen(id),
            _ => Self::System,
        }
    }
}

/// A line of a case's timeline.
#[derive(Debug, Clone)]
pub struct Event {
    pub at: Timestamp,
    pub kind: EventKind,
    /// Whether the citizen sees it.
    pub shown: bool,
    pub who: Who,
    pub details: Value,
}

/// What can happen to a case; texts know it as `cases.event.<word>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    Submitted,
    Received,
    Claimed,
    HandedOver,
    DepartmentChanged,
    Note,
    Asked,
    Answered,
    DocumentAdded,
    Decided,
    SentByPost,
    Withdrawn,
    Completed,
    Reopened,
    FollowUp,
    DueChanged,
    ReadElsewhere,
    Delivered,
    DeliveryFailed,
    /// The person opened the decision.
    Retrieved,
    /// A decision counts as announced.
    Announced,
    /// Nobody opened it in time: it goes by post.
    NotAnnounced,
    /// The person did not agree to have the decision here: it goes by post.
    Declined,
    /// A decision waits for a second pair of eyes.
    Proposed,
    /// The second pair of eyes did not agree, or the proposal was taken back.
    SentBack,
    /// Letters go to another address.
    AddressChanged,
    /// The person has deleted the account: whatever is written goes by post.
    PersonLeft,
}

impl EventKind {
    const ALL: [Self; 27] = [
        Self::Submitted,
        Self::Received,
        Self::Claimed,
        Self::HandedOver,
        Self::DepartmentChanged,
        Self::Note,
        Self::Asked,
        Self::Answered,
        Self::DocumentAdded,
        Self::Decided,
        Self::SentByPost,
        Self::Withdrawn,
        Self::Completed,
        Self::Reopened,
        Self::FollowUp,
        Self::DueChanged,
        Self::ReadElsewhere,
        Self::Delivered,
        Self::DeliveryFailed,
        Self::Retrieved,
        Self::Announced,
        Self::NotAnnounced,
        Self::Declined,
        Self::Proposed,
        Self::SentBack,
        Self::AddressChanged,
        Self::PersonLeft,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Received => "received",
            Self::Claimed => "claimed",
            Self::HandedOver => "handed_over",
            Self::DepartmentChanged => "department_changed",
            Self::Note => "note",
            Self::Asked => "asked",
            Self::Answered => "answered",
            Self::DocumentAdded => "document_added",
            Self::Decided => "decided",
            Self::SentByPost => "sent_by_post",
            Self::Withdrawn => "withdrawn",
            Self::Completed => "completed",
            Self::Reopened => "reopened",
            Self::FollowUp => "follow_up",
            Self::DueChanged => "due_changed",
            Self::ReadElsewhere => "read_elsewhere",
            Self::Delivered => "delivered",
            Self::DeliveryFailed => "delivery_failed",
            Self::Retrieved => "retrieved",
            Self::Announced => "announced",
            Self::NotAnnounced => "not_announced",
            Self::Declined => "declined",
            Self::Proposed => "proposed",
            Self::SentBack => "sent_back",
            Self::AddressChanged => "address_changed",
            Self::PersonLeft => "person_left",
        }
    }

    fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// What is the town hall's own business is not shown to citizens.
    pub fn is_shown(self) -> bool {
        !matches!(
            self,
            Self::HandedOver
                | Self::DepartmentChanged
                | Self::Note
                | Self::FollowUp
                | Self::DueChanged
                | Self::ReadElsewhere
                | Self::Proposed
                | Self::SentBack
                | Self::AddressChanged
                | Self::PersonLeft
        )
    }
}

/// An application on its way in.
pub struct Submission<'a> {
    pub application: &'a Application,
    /// Name of the person, as lists at the desk show it.
    pub applicant: &'a str,
    pub department: Option<String>,
    /// The account it belongs to; a guest has none.
    pub account: Option<Uuid>,
    pub person: Option<Vec<u8>>,
    /// What the form asks of the login.
    pub level: Level,
    pub channel: Channel,
    pub who: Who,
    /// Days until the town hall means to answer.
    pub answer_days: u16,
}

/// A number that is taken is as good as never drawn; so many in a row would be a sign that a year has no numbers left.
const DRAWS: usize = 50;

/// Enters a case; the caller's transaction makes it happen.
pub async fn enter(
    tx: &mut Tx,
    tenant: &Tenant,
    submission: Submission<'_>,
    now: Timestamp,
) -> Result<(Uuid, CaseNumber)> {
    // somebody may be deleting the account
    if let Some(account) = submission.account
        && !identity::hold(tx, account).await?
    {
        return Err(crate::store::Error::Dangling);
    }
    let local = now.to_zoned(local_zone());
    let end = local.date().saturating_add(i32::from(submission.answer_days).days());
    let due = end.to_zoned(local_zone()).map_or(now, |day| day.timestamp());
    for _ in 0..DRAWS {
        let (id, number) = (crypto::id(), CaseNumber::random(&prefix(tenant), local.year()));
        let new = records::NewCase {
            id,
            number: &number,
            department: submission.department.clone(),
            account: submission.account,
            person: submission.person.clone(),
            level: submission.level,
            channel: submission.channel,
            application: submission.application,
            applicant: submission.applicant,
            due,
        };
        if records::add(tx, new, now).await? {
            note(tx, id, EventKind::Submitted, submission.who, Value::Null, now).await?;
            return Ok((id, number));
        }
    }
    Err(crate::store::Error::Conflict("cases.number".into()))
}

/// Lets everybody else who writes about the case wait until this transaction is over. Whoever also writes to its thread
/// holds the case first.
pub async fn hold(tx: &mut Tx, case: Uuid) -> Result<()> {
    records::hold(tx, case).await
}

/// The same for whoever goes by what they have read of it; [`Moved::Meanwhile`] if that has changed.
pub async fn hold_as_seen(tx: &mut Tx, case: &Case) -> Result<Moved> {
    Ok(if records::hold_as_seen(tx, case).await? { Moved::Done } else { Moved::Meanwhile })
}

/// Adds a line to the timeline of a case.
pub async fn note(tx: &mut Tx, case: Uuid, kind: EventKind, who: Who, details: Value, now: Timestamp) -> Result<()> {
    records::add_event(tx, case, kind, who, &details, now).await
}

/// What becomes of somebody's change to a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Moved {
    Done,
    /// Somebody else has changed it since it was read.
    Meanwhile,
    /// Its state does not allow it.
    TooLate,
}

/// The person takes the application back.
pub async fn withdraw(tx: &mut Tx, case: &Case, who: Who, keep_days: u16, now: Timestamp) -> Result<Moved> {
    if case.state.is_over() {
        return Ok(Moved::TooLate);
    }
    let keep = now.checked_add((i64::from(keep_days) * 24).hours()).unwrap_or(now);
    if !records::move_on(tx, case, State::Withdrawn, Some(now), Some(keep)).await? {
        return Ok(Moved::Meanwhile);
    }
    note(tx, case.id, EventKind::Withdrawn, who, Value::Null, now).await?;
    Ok(Moved::Done)
}

/// A case that does not end by it moves to another state.
pub async fn move_to(tx: &mut Tx, case: &Case, state: State) -> Result<Moved> {
    Ok(if records::move_on(tx, case, state, None, None).await? { Moved::Done } else { Moved::Meanwhile })
}

/// Keeps a case as a clerk has changed it – state, department, clerk, dates – in the revision that was read, and says so in
/// its timeline.
pub async fn change(
    tx: &mut Tx,
    case: &Case,
    deed: EventKind,
    who: Who,
    details: Value,
    now: Timestamp,
) -> Result<Moved> {
    if !records::change(tx, case).await? {
        return Ok(Moved::Meanwhile);
    }
    note(tx, case.id, deed, who, details, now).await?;
    Ok(Moved::Done)
}

/// The name of a case's person, for lists that do not open the whole case.
pub async fn applicant_of(tx: &mut Tx, case: Uuid, sealed: &Sealed) -> Result<String> {
    records::open_applicant(tx, case, sealed).await
}

/// Whether a case is of the person of this mark.
pub async fn is_of(tx: &mut Tx, case: Uuid, person: Vec<u8>) -> Result<bool> {
    records::is_of(tx, case, person).await
}

/// By this mark earlier cases of the same person are found; a name alone is not enough.
pub async fn mark_of(tx: &mut Tx, name: &str, birthdate: Date) -> Result<Vec<u8>> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    Ok(tx.sealer().await?.mark("person", &[name.as_bytes(), birthdate.to_string().as_bytes()]))
}

/// One's own case by its number; somebody else's is as good as none.
pub async fn of_citizen(tx: &mut Tx, account: Uuid, number: &CaseNumber) -> Result<Option<Case>> {
    Ok(records::find(tx, number).await?.filter(|case| case.account == Some(account)))
}

/// All cases of an account, the newest first, each opened whole: lists ask for [`list_of_citizen`].
pub async fn all_of_citizen(tx: &mut Tx, account: Uuid) -> Result<Vec<Case>> {
    records::all_of_account(tx, account).await
}

/// A case as lists name it: what was applied for stays closed.
#[derive(Debug, Clone)]
pub struct Listed {
    pub id: Uuid,
    pub number: CaseNumber,
    pub state: State,
    pub level: Level,
    pub titles: Titles,
    pub submitted: Timestamp,
    pub closed: Option<Timestamp>,
}

/// Cases of an account, `most` of them after the first `skip`: those where something is wanted first, then the latest, and
/// what is over last.
pub async fn list_of_citizen(tx: &mut Tx, account: Uuid, most: u32, skip: u32) -> Result<Vec<Listed>> {
    records::of_account(tx, account, most, skip).await
}

/// A guest's case, by the number and the code that fits it, however somebody types them. A wrong code costs what a number
/// does that nobody has: nothing is opened before the code fits.
pub async fn of_guest(tx: &mut Tx, number: &CaseNumber, code: &str) -> Result<Option<Case>> {
    let found = records::guests_id(tx, number).await?;
    let plain = |code: &str| code.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
    // a town that nobody has sent anything to has no key yet
    let known = plain(
        &code_of(tx, found.unwrap_or_else(Uuid::nil))
            .await
            .or_else(|error| found.map_or(Ok(String::new()), |_| Err(error)))?,
    );
    let fits = constant_time::verify_slices_are_equal(plain(code).as_bytes(), known.as_bytes()).is_ok();
    match found.filter(|_| fits) {
        Some(id) => records::get(tx, id).await,
        None => Ok(None),
    }
}

pub async fn by_number(tx: &mut Tx, number: &CaseNumber) -> Result<Option<Case>> {
    records::find(tx, number).await
}

pub async fn by_id(tx: &mut Tx, id: Uuid) -> Result<Option<Case>> {
    records::get(tx, id).await
}

pub async fn timeline(tx: &mut Tx, case: Uuid) -> Result<Vec<Event>> {
    records::events(tx, case).await
}

/// The code that opens a guest's case beside its number: `K7M4-Q2X9-HJ3P`, 60 bits. It follows from the case and the
/// town's key and is kept nowhere, so that somebody who sends twice gets the same one twice.
pub async fn code_of(tx: &mut Tx, case: Uuid) -> Result<String> {
    let mark = tx.sealer().await?.mark("guest's code", &[case.as_bytes()]);
    let letters = crypto::letters_of(&mark[..12]);
    Ok([&letters[..4], &letters[4..8], &letters[8..]].join("-"))
}
