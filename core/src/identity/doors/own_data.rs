//! `/meine-daten/aendern` and the links of a changed address.

use lettre::Address;
use poem::{Response, handler, http::StatusCode, web::Path};
use serde_json::json;

use super::{private, see_other};
use crate::{
    audit::{self, Actor, Entry},
    error::{Error, Result},
    identity::{
        self, CitizenVisit,
        own_data::{self, TO_CONFIRM},
        pages::{
            link::{LinkKind, LinkPage, LinkState},
            own_data::{OWN_DATA, OwnDataPage},
        },
        records,
    },
    mail::{
        self, MailPage, To,
        pages::{ConfirmMail, ObjectMail, write},
    },
    store::Tx,
    tenant::schema::Level,
    web::{Form, Sent, Visit},
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
    OwnDataPage::of(visit, form, visit.session.profile.has_shown_id())
}

#[handler]
pub async fn change(visit: CitizenVisit, sent: Sent) -> Result<Response> {
    if visit.portal.read_only {
        return Err(Error::Unavailable("the portal is for reading only"));
    }
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
    let mut tx = visit.store().write().await?;
    let is_asked = keep(&mut tx, &visit, &form).await?;
    tx.commit().await?;
    see_other(&visit.url(if is_asked { "/meine-daten?neu=adresse" } else { "/meine-daten?neu=daten" }))
}

/// What counts at once is kept; `true`: a link to a new address is on its way.
async fn keep(tx: &mut Tx, visit: &CitizenVisit, form: &Form) -> Result<bool> {
    let (account, now) = (visit.session.account, visit.portal.clock.now());
    let Some(mut profile) = records::profile(tx, account).await? else { return Err(Error::LoginNeeded) };
    let (old, before) = (profile.email().map(str::to_owned), profile.contact.clone());
    let given = |name| Some(form.value(name).to_owned()).filter(|value| !value.is_empty());
    profile.contact.phone = given("phone").filter(|phone| Some(phone.as_str()) != profile.value(PHONE));
    profile.contact.locale = given("language").filter(|code| visit.tenant.has_locale(code).is_some());
    let new = given("email").filter(|new| Some(new) != old.as_ref());
    if given("email").is_none() {
        profile.contact.email = None;
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
    let speaks = Visit { locale: profile.locale(&visit.tenant), person: None, ..visit.visit.clone() };
    let links = match &new {
        Some(new) => Some((new, own_data::ask(tx, account, new, before.email, now).await?)),
        None => None,
    };
    if let Some((new, links)) = &links {
        let at = |path: &str, token: &str| format!("{}{}", speaks.origin(), speaks.url(&format!("{path}{token}")));
        let url = at("/meine-daten/e-mail/", &links.confirmation);
        let until = speaks.moment(now + TO_CONFIRM);
        post(tx, &speaks, account, new, &ConfirmMail { url, until }, now).await?;
        if let Some(old) = &old {
            let url = at("/meine-daten/einspruch/", &links.objection);
            post(tx, &speaks, account, old, &ObjectMail::of(url), now).await?;
        }
        changed.push("email_asked");
    }
    if !changed.is_empty() {
        let entry = Entry::new(Actor::Citizen(account), "data.changed").about(account);
        audit::record(tx, now, entry.with(json!({"what": changed}))).await?;
    }
    Ok(links.is_some())
}

const PHONE: identity::person::Field = identity::person::Field::Phone;

/// An address that cannot be written on an envelope gets nothing.
async fn post<M: MailPage>(
    tx: &mut Tx,
    visit: &Visit,
    account: uuid::Uuid,
    to: &str,
    page: &M,
    now: jiff::Timestamp,
) -> Result<()> {
    if let Ok(address) = to.parse::<Address>() {
        mail::send_to_person(tx, now, account, write(page, visit)?, To { address, reply_to: None }, None).await?;
    }
    Ok(())
}

/// Mail programs open links by themselves: only the button counts.
#[handler]
pub fn ask_to_confirm(visit: CitizenVisit) -> Result<Response> {
    private(&visit, &LinkPage { kind: LinkKind::Confirm, state: LinkState::Ask })
}

#[handler]
pub async fn confirm(visit: CitizenVisit, Path(link): Path<String>) -> Result<Response> {
    let mut tx = visit.store().write().await?;
    if own_data::confirm(&mut tx, visit.session.account, &link, visit.portal.clock.now()).await? {
        tx.commit().await?;
        return see_other(&visit.url("/meine-daten?neu=bestaetigt"));
    }
    gone(&visit, LinkKind::Confirm)
}

/// Whoever reads the mails of the old address may not be able to log in any more.
#[handler]
pub fn ask_to_object(visit: Visit) -> Result<Response> {
    private(&visit, &LinkPage { kind: LinkKind::Object, state: LinkState::Ask })
}

#[handler]
pub async fn take_back(visit: Visit, Path(link): Path<String>) -> Result<Response> {
    let mut tx = visit.store().write().await?;
    if own_data::object(&mut tx, &link, visit.portal.clock.now()).await? {
        tx.commit().await?;
        return private(&visit, &LinkPage { kind: LinkKind::Object, state: LinkState::Done });
    }
    gone(&visit, LinkKind::Object)
}

/// Why a link leads nowhere is never told.
fn gone(visit: &Visit, kind: LinkKind) -> Result<Response> {
    let mut response = private(visit, &LinkPage { kind, state: LinkState::Gone })?;
    response.set_status(StatusCode::BAD_REQUEST);
    Ok(response)
}
