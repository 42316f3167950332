//! How services and offices appear on pages.

use serde::Serialize;

use crate::{
    tenant::{
        Said,
        schema::{Office, OfficeKind, OnlineKind, Responsible, Service},
    },
    web::Visit,
};

/// A service in a list.
#[derive(Debug, Clone, Serialize)]
pub struct Card {
    pub id: String,
    pub url: String,
    pub title: Said,
    pub short: Said,
    pub online: &'static str,
    pub login: &'static str,
    /// An outside body is responsible, not the town.
    pub body: bool,
    pub updated: Option<String>,
}

impl Card {
    pub fn of(service: &Service, visit: &Visit) -> Self {
        Self {
            id: service.id.clone(),
            url: visit.url(&format!("/dienstleistungen/{}", service.slug())),
            title: visit.say(&service.title),
            short: visit.say(&service.short),
            online: service.online.kind.word(),
            login: service.login.word(),
            body: is_of_a_body(service, visit),
            updated: service.newest_on().map(|date| visit.date(date)),
        }
    }
}

fn is_of_a_body(service: &Service, visit: &Visit) -> bool {
    let office = match &service.responsible {
        Responsible::Office { id, .. } => visit.tenant.offices.get(id.as_str()).map(|office| &**office),
        Responsible::Here(office) => Some(&**office),
        Responsible::TownHall => None,
    };
    office.is_some_and(|office| office.kind == OfficeKind::Body)
}

/// An office with its address, hours and ways to reach it.
#[derive(Debug, Clone, Serialize)]
pub struct OfficeView {
    pub id: String,
    pub name: Said,
    pub kind: &'static str,
    pub street: Option<String>,
    pub zip: Option<String>,
    pub city: Option<String>,
    pub room: Option<String>,
    pub phone: Option<String>,
    pub phone_uri: Option<String>,
    pub email: Option<String>,
    pub url: Option<String>,
    pub hours: Vec<HoursView>,
    pub accessible: Option<Said>,
    pub appointment: Option<String>,
    pub note: Option<Said>,
    pub example: bool,
}

#[derive(Debug, Clone, Serialize)]
pub struct HoursView {
    pub days: Said,
    pub times: Said,
}

impl OfficeView {
    pub fn of(id: &str, office: &Office, visit: &Visit) -> Self {
        let own = office.kind == OfficeKind::Office;
        // an office of the town without an address of its own is at the town hall
        let town_hall = visit.tenant.town.address.as_ref().filter(|_| own && office.street.is_none());
        let hours = office.hours.iter().map(|hours| HoursView {
            days: visit.say(&hours.days),
            times: hours.times.as_ref().map_or_else(Said::default, |times| visit.say(times)),
        });
        let phone = office.phone.clone().or_else(|| visit.tenant.town.phone.clone().filter(|_| own));
        Self {
            id: id.to_owned(),
            name: visit.say(&office.name),
            kind: if own { "office" } else { "body" },
            street: office.street.clone().or_else(|| town_hall.map(|address| address.street.clone())),
            zip: office.zip.clone().or_else(|| town_hall.map(|address| address.zip.clone())),
            city: office.city.clone().or_else(|| town_hall.map(|address| address.city.clone())),
            room: office.room.as_ref().map(|room| visit.words(room).into_owned()),
            phone_uri: phone.as_deref().map(crate::web::phone_uri),
            phone,
            email: office.email.clone().or_else(|| visit.tenant.town.email.clone().filter(|_| own)),
            url: office.url.clone(),
            hours: hours.collect(),
            accessible: office.accessible.as_ref().map(|text| visit.say(text)),
            appointment: office.appointment.clone(),
            note: office.note.as_ref().map(|text| visit.say_at_length(text)),
            example: office.example,
        }
    }

    /// The office or body responsible for a service.
    pub fn responsible(service: &Service, visit: &Visit) -> Option<Self> {
        match &service.responsible {
            Responsible::Office { id, .. } => {
                visit.tenant.offices.get(id.as_str()).map(|office| Self::of(id, office, visit))
            }
            Responsible::Here(office) => Some(Self::of("hier", office, visit)),
            Responsible::TownHall => {
                let town_hall = Office::from(visit.tenant.town.administration.clone());
                Some(Self::of("rathaus", &town_hall, visit))
            }
        }
    }
}

/// Where a service is done, in one word: on the web, at an appointment, at an office or at an outside body.
pub fn place_of(service: &Service, office: Option<&OfficeView>) -> &'static str {
    match (service.online.kind, office) {
        (OnlineKind::None, Some(office)) if office.kind == "body" => "body",
        (OnlineKind::None, _) => "office",
        (kind, _) => kind.word(),
    }
}

/// Cents as people read them: `37,00 €`, in English `€37.00`.
pub fn euros(cents: u64, visit: &Visit) -> String {
    let (euros, rest) = (cents / 100, cents % 100);
    let grouped = |separator: &str| {
        let digits = euros.to_string();
        let groups: Vec<&str> =
            digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap_or_default()).collect();
        groups.join(separator)
    };
    match visit.locale.code() {
        "en" => format!("€{}.{rest:02}", grouped(",")),
        // a space that does not break keeps the amount on one line
        _ => format!("{},{rest:02}\u{a0}€", grouped(".")),
    }
}
