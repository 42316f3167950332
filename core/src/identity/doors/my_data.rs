//! `/meine-daten`: what is known of the person, and their logins.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};
use poem::{Response, handler, web::Query};
use serde::Deserialize;
use uuid::Uuid;

use super::{logout::left, private};
use crate::{
    error::{Error, Result},
    identity::{
        own_data::{self, Which},
        pages::{
            logout::Stage,
            my_data::{Attribute, Group, MovingView, MyDataPage, News, WishView},
            sessions::{Ended, SessionView, SessionsPage},
        },
        person::{Field, Known, Profile, Source},
        sessions::{self, End, Listed, Session, provider_name, time_of_day},
        visit::CitizenVisit,
    },
    locale::country,
    moves,
    tenant::schema::Level,
    web::{Sent, Visit},
};

const GROUPS: [(&str, &[Field]); 3] = [
    (
        "person",
        &[
            Field::Title,
            Field::GivenName,
            Field::Surname,
            Field::BirthName,
            Field::Birthdate,
            Field::PlaceOfBirth,
            Field::Nationality,
            Field::Gender,
        ],
    ),
    ("address", &[Field::Street, Field::PostalCode, Field::City, Field::Country]),
    ("contact", &[Field::Email, Field::Phone]),
];

/// What was just done on another page.
#[derive(Debug, Deserialize)]
pub struct Asked {
    neu: Option<String>,
}

#[handler]
pub async fn show(visit: CitizenVisit, Query(asked): Query<Asked>) -> Result<Response> {
    let session = &visit.session;
    let mut tx = visit.store().read().await?;
    let wish = own_data::wish(&mut tx, session.account, Which::Contact, visit.portal.clock.now()).await?;
    let moving = moves::open_into(&mut tx, &visit.tenant, &session.provider, visit.portal.clock.now()).await?;
    let has_moved = !moves::moved_into(&mut tx, session.account).await?.is_empty();
    let moving = moving.filter(|_| !session.guest && !has_moved);
    drop(tx);
    let groups: Vec<Group> = GROUPS.iter().map(|(name, fields)| group(&visit, name, fields)).collect();
    let page = MyDataPage {
        provider: provider_name(&visit.tenant, &session.provider),
        account_url: visit.tenant.provider(&session.provider).and_then(|provider| provider.url.clone()),
        method: session.method,
        entered: session.entered,
        level: session.level(),
        until: Some(time_of_day(session.standing.until)),
        then: session.standing.then,
        guest: session.guest,
        own: session.is_own_account(&visit.tenant),
        refreshed: refreshed(session),
        news: asked.neu.as_deref().and_then(News::of),
        wish: wish.map(|wish| WishView { address: wish.address, until: visit.moment(wish.until) }),
        moving: moving.map(|(moving, until)| MovingView { old: moving.from.name.clone(), until: visit.date(until) }),
        has_shown_id: session.profile.has_shown_id(),
        groups: groups.into_iter().filter(|group| !group.attributes.is_empty()).collect(),
    };
    private(&visit, &page)
}

/// What this login changed, in the words of the note on top: `data.refreshed`.
fn refreshed(session: &Session) -> Vec<&'static str> {
    let kind = |field: &Field| match field {
        Field::Street | Field::PostalCode | Field::City | Field::Country => Some("address"),
        Field::Title | Field::GivenName | Field::Surname | Field::BirthName => Some("name"),
        Field::Email | Field::Phone | Field::Mailbox => None,
        _ => Some("other"),
    };
    let from_document = |known: &Known| known.refreshed && known.source != Source::Stated;
    let details = session.profile.details.iter().filter(|(_, known)| from_document(known));
    let kinds: BTreeSet<&str> = details.filter_map(|(field, _)| kind(field)).collect();
    kinds.into_iter().collect()
}

fn group(visit: &CitizenVisit, name: &'static str, fields: &[Field]) -> Group {
    // an account of the portal's own was made by a click at its address
    let is_own = visit.session.is_own_account(&visit.tenant);
    let known = fields.iter().filter_map(|field| known(&visit.session.profile, *field).map(|known| (*field, known)));
    let attributes = known.map(|(field, known)| Attribute {
        name: field.word(),
        value: Some(readable(visit, field, &known.value)).filter(|value| !value.is_empty()),
        source: known.source,
        trust: known.trust,
        refreshed: known.refreshed,
        confirmed: field == Field::Email && (is_own || visit.session.profile.contact.email.is_some()),
    });
    Group { name, attributes: attributes.collect() }
}

/// What somebody has written down here stands before what the provider tells.
fn known(profile: &Profile, field: Field) -> Option<Known> {
    let own = match field {
        Field::Email => profile.contact.email.clone(),
        Field::Phone => profile.contact.phone.clone(),
        _ => None,
    };
    let own = own.map(|value| Known { value, trust: Level::Basis, source: Source::Stated, refreshed: false });
    own.or_else(|| profile.details.get(&field).cloned())
}

fn readable(visit: &Visit, field: Field, value: &str) -> String {
    match (field, value.parse::<Date>()) {
        (Field::Birthdate, Ok(date)) => visit.date(date),
        (Field::Gender, _) => match value {
            "1" | "male" => visit.text("data.gender.male"),
            "2" | "female" => visit.text("data.gender.female"),
            "9" | "diverse" => visit.text("data.gender.none"),
            _ => String::new(),
        },
        (Field::Nationality | Field::Country, _) => country(value, &visit.locale).to_owned(),
        _ => value.to_owned(),
    }
}

#[handler]
pub async fn list(visit: CitizenVisit) -> Result<Response> {
    private(&visit, &sessions_page(&visit, None).await?)
}

#[handler]
pub async fn end(visit: CitizenVisit, sent: Sent) -> Result<Response> {
    let which = match &*sent.value("end").unwrap_or_default() {
        "all" => End::All,
        "others" => End::Others,
        id => End::One(id.parse::<Uuid>().map_err(|_| Error::BadRequest("no session has this id"))?),
    };
    let mut tx = visit.store().write().await?;
    let ended = sessions::end(&mut tx, &visit.session, which, visit.portal.clock.now()).await?;
    tx.commit().await?;
    let note = match which {
        End::All => return left(&visit, Some(&visit.session), Stage::DoneEverywhere),
        End::One(id) if id == visit.session.id => return left(&visit, Some(&visit.session), Stage::Done),
        End::Others => Ended::Others,
        End::One(_) if ended > 0 => Ended::One,
        End::One(_) => Ended::Gone,
    };
    private(&visit, &sessions_page(&visit, Some(note)).await?)
}

async fn sessions_page(visit: &CitizenVisit, ended: Option<Ended>) -> Result<SessionsPage> {
    let mut tx = visit.store().read().await?;
    let listed = sessions::of_account(&mut tx, visit.session.account, visit.portal.clock.now()).await?;
    let mut sessions: Vec<SessionView> = listed.into_iter().map(|listed| view(visit, listed)).collect();
    sessions.sort_by_key(|session| !session.current);
    let own = visit.session.is_own_account(&visit.tenant);
    Ok(SessionsPage { sessions, ended, own })
}

fn view(visit: &CitizenVisit, listed: Listed) -> SessionView {
    let (browser, system) = listed.device.split_once('/').unwrap_or_default();
    let named = |name: &str| Some(name.to_owned()).filter(|name| !name.is_empty());
    SessionView {
        id: listed.id.to_string(),
        browser: named(browser),
        system: named(system),
        since: moment(visit, listed.since),
        seen: moment(visit, listed.seen),
        method: listed.method,
        current: listed.id == visit.session.id,
    }
}

/// `22. November 2026, 13:05`
fn moment(visit: &Visit, moment: Timestamp) -> String {
    format!("{}, {}", visit.day(moment), time_of_day(moment))
}
