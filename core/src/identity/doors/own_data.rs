//! `/meine-daten/aendern` and the links of a changed address.

use jiff::{SignedDuration, Timestamp};
use lettre::Address;
use poem::{Request, Response, handler, http::StatusCode, web::Path};
use serde_json::json;
use uuid::Uuid;

use super::{private, see_other};
use crate::{
    audit::{self, Actor, Entry},
    credentials::folded_name,
    crypto::digest,
    error::{Error, Result},
    identity::{
        self, CitizenVisit, local,
        own_data::{self, Change, Confirmed, TO_CONFIRM, TO_OBJECT, Which},
        pages::{
            link::{LinkKind, LinkPage, LinkState},
            own_data::{OWN_DATA, OwnDataPage},
        },
        person::{Field, Profile},
        records,
    },
    jobs,
    mail::{
        self,
        pages::{ConfirmMail, Letter, ObjectMail, write},
    },
    store::Tx,
    tenant::schema::Level,
    web::{Budget, Form, Sent, Visit, spend},
};

const LONGEST: usize = 200;

#[handler]
pub async fn show(visit: CitizenVisit) -> Result<Response> {
    if let Some(elsewhere) = may_not(&visit)? {
        return Ok(elsewhere);
    }
    let mut tx = visit.store().read().await?;
    let notify = identity::is_notified(&mut tx, visit.session.account).await?;
    let profile = &visit.session.profile;
    let known = [
        ("email", profile.email().unwrap_or_default()),
        ("phone", profile.phone().unwrap_or_default()),
        ("language", profile.contact.locale.as_deref().unwrap_or(visit.locale.code())),
        ("notify", if notify { "on" } else { "" }),
    ];
    private(&visit, &page(&visit, Form::read(&OWN_DATA, known.map(|(name, value)| (name.into(), value.into())))))
}

/// Guests have nothing to change; whoever has shown an ID once shows it again (P23).
fn may_not(visit: &CitizenVisit) -> Result<Option<Response>> {
    if visit.session.guest {
        return see_other(&visit.url("/meine-daten")).map(Some);
    }
    let needed = if visit.session.profile.has_shown_id() { Level::Hoch } else { Level::Basis };
    visit.lacks(needed)
}

fn page(visit: &CitizenVisit, form: Form) -> OwnDataPage {
    let own = visit.session.is_own_account(&visit.tenant);
    OwnDataPage::of(visit, form, visit.session.profile.has_shown_id(), own)
}

#[handler]
pub async fn change(visit: CitizenVisit, request: &Request, sent: Sent) -> Result<Response> {
    visit.takes_deeds()?;
    if let Some(elsewhere) = may_not(&visit)? {
        return Ok(elsewhere);
    }
    let mut form = Form::read(&OWN_DATA, sent.pairs());
    form.is_email("email");
    form.is_phone("phone");
    form.limits("email", LONGEST);
    form.limits("phone", LONGEST);
    if form.is_wrong() {
        let mut response = private(&visit, &page(&visit, form))?;
        response.set_status(StatusCode::UNPROCESSABLE_ENTITY);
        return Ok(response);
    }
    let new = form.value("email");
    if !new.is_empty() && Some(new) != visit.session.profile.email() {
        // two mails go out
        spend(Budget::Mail, request)?;
    }
    let mut tx = visit.store().write().await?;
    let is_asked = keep(&mut tx, &visit, &form).await?;
    tx.commit().await?;
    see_other(&visit.url(if is_asked { "/meine-daten?neu=adresse" } else { "/meine-daten?neu=daten" }))
}

/// What counts at once is kept; `true`: a link to a new address is on its way.
async fn keep(tx: &mut Tx, visit: &CitizenVisit, form: &Form) -> Result<bool> {
    let (account, now) = (visit.session.account, visit.portal.clock.now());
    identity::hold(tx, account).await?;
    let Some(mut profile) = records::profile(tx, account).await? else { return Err(Error::LoginNeeded) };
    let (old, before) = (profile.email().map(str::to_owned), profile.contact.clone());
    let given = |name| Some(form.value(name).to_owned()).filter(|value| !value.is_empty());
    profile.contact.phone = given("phone").filter(|phone| Some(phone.as_str()) != profile.value(PHONE));
    profile.contact.locale = given("language").filter(|code| visit.tenant.has_locale(code).is_some());
    let wanted = given("email");
    // an empty field means the address of the provider
    let changes = wanted != old && (wanted.is_some() || before.email.is_some());
    if wanted.is_none() {
        profile.contact.email = None;
        own_data::take_back(tx, account, Which::Contact).await?;
    }
    let mut changed: Vec<&str> = Vec::new();
    changed.extend((profile.contact.phone != before.phone).then_some("phone"));
    changed.extend((profile.contact.locale != before.locale).then_some("language"));
    changed.extend((profile.contact.email != before.email).then_some("email"));
    records::save_profile(tx, account, &profile).await?;
    let notify = form.value("notify") == "on";
    if identity::is_notified(tx, account).await? != notify {
        identity::set_notified(tx, account, notify).await?;
        changed.push("mails");
    }
    let is_asked = changes && wanted.is_some();
    if changes {
        let other = Change { which: Which::Contact, new: wanted.as_deref(), before: before.email };
        ask_for(tx, visit, &profile, other, old.as_deref()).await?;
        changed.extend(is_asked.then_some("email_asked"));
    }
    if !changed.is_empty() {
        let entry = Entry::new(Actor::Citizen(account), "data.changed").about(account);
        audit::record(tx, now, entry.with(json!({"what": changed}))).await?;
    }
    Ok(is_asked)
}

const PHONE: Field = Field::Phone;

/// Writes a wish for another address down: a link goes to the new one, and `old` hears of it.
pub(super) async fn ask_for(
    tx: &mut Tx,
    visit: &CitizenVisit,
    profile: &Profile,
    other: Change<'_>,
    old: Option<&str>,
) -> Result<()> {
    let (account, now) = (visit.session.account, visit.portal.clock.now());
    let speaks = Visit { locale: profile.locale(&visit.tenant), person: None, ..visit.visit.clone() };
    let new = other.new.map(str::to_owned);
    let links = own_data::ask(tx, account, other, now).await?;
    let at = |path: &str, token: &str| speaks.whole_url(&format!("{path}{token}"));
    if let Some(new) = new {
        if !jobs::allow(tx, [b"new address", account.as_bytes()], WISHES, DAY, now).await? {
            return Err(Error::Throttled { seconds: DAY.unsigned_abs().as_secs() });
        }
        let url = at("/meine-daten/e-mail/", &links.confirmation);
        let page = ConfirmMail { url, until: speaks.moment(now + TO_CONFIRM), registers: false };
        // whoever asks, nobody's letterbox is filled
        if jobs::allow(tx, [b"mail to a new address", &digest(&folded_name(&new))], WISHES, DAY, now).await? {
            post(tx, account, &new, write(&page, &speaks)?.counts_until(now + TO_CONFIRM), now).await?;
        }
    }
    if let Some(old) = old {
        let url = at("/meine-daten/einspruch/", &links.objection);
        let letter = write(&ObjectMail::of(url), &speaks)?.counts_until(now + TO_OBJECT);
        post(tx, account, old, letter, now).await?;
    }
    Ok(())
}

/// New addresses that an account may ask for in a day, and mails about that to one of them.
const WISHES: u8 = 5;
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// An address that cannot be written on an envelope gets nothing.
async fn post(tx: &mut Tx, account: Uuid, to: &str, letter: Letter, now: Timestamp) -> Result<()> {
    if let Ok(address) = to.parse::<Address>() {
        mail::send_to_person(tx, now, account, letter, address, None).await?;
    }
    Ok(())
}

/// Mail programs open links by themselves: only the button counts.
#[handler]
pub fn ask_to_confirm(visit: CitizenVisit) -> Result<Response> {
    private(&visit, &LinkPage::of(LinkKind::Confirm, LinkState::Ask))
}

#[handler]
pub async fn confirm(visit: CitizenVisit, Path(link): Path<String>) -> Result<Response> {
    visit.takes_deeds()?;
    let mut tx = visit.store().write().await?;
    match own_data::confirm(&mut tx, visit.session.account, &link, visit.portal.clock.now()).await? {
        Confirmed::Now(which) => {
            tx.commit().await?;
            see_other(&visit.url(match which {
                Which::Contact => "/meine-daten?neu=bestaetigt",
                Which::Login => "/meine-daten/sicherheit?neu=adresse",
            }))
        }
        Confirmed::Taken => refused(&visit, LinkKind::Confirm, LinkState::Taken),
        Confirmed::Gone => gone(&visit, LinkKind::Confirm),
    }
}

/// Whoever reads the mails of the old address may not be able to log in any more.
#[handler]
pub fn ask_to_object(visit: Visit) -> Result<Response> {
    private(&visit, &LinkPage::of(LinkKind::Object, LinkState::Ask))
}

#[handler]
pub async fn take_back(visit: Visit, Path(link): Path<String>) -> Result<Response> {
    visit.takes_deeds()?;
    let mut tx = visit.store().write().await?;
    if own_data::object(&mut tx, &link, visit.portal.clock.now()).await? {
        tx.commit().await?;
        // whose account it was is told to nobody who is not logged in
        let own = local::provider_of(&visit.tenant).is_some();
        return private(&visit, &LinkPage { own, ..LinkPage::of(LinkKind::Object, LinkState::Done) });
    }
    gone(&visit, LinkKind::Object)
}

/// Why a link leads nowhere is never told.
fn gone(visit: &Visit, kind: LinkKind) -> Result<Response> {
    refused(visit, kind, LinkState::Gone)
}

fn refused(visit: &Visit, kind: LinkKind, state: LinkState) -> Result<Response> {
    let mut response = private(visit, &LinkPage::of(kind, state))?;
    response.set_status(StatusCode::BAD_REQUEST);
    Ok(response)
}
