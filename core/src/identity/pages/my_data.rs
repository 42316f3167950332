//! `/meine-daten`: what the account told about a person, from where each detail comes, and where to change it.

use serde::Serialize;

use super::private;
use crate::{
    identity::person::{Method, Source},
    tenant::schema::Level,
    web::{Head, Page, Visit},
};

/// Who is logged in stands in the visit ([`crate::web::Person`]); this is what is known about them.
#[derive(Serialize)]
pub struct MyDataPage {
    /// Name of the provider, and where the account is changed.
    pub provider: String,
    pub account_url: Option<String>,
    /// How the person proved who they are, and the level that was worth.
    pub method: Method,
    pub entered: Level,
    /// The level that counts now, and the time of day until which it does: `14:35`.
    pub level: Level,
    pub until: Option<String>,
    /// What counts after that; `None`: the login ends.
    pub then: Option<Level>,
    /// Every session is the only one: nothing is kept for a next time.
    pub guest: bool,
    /// An account of the portal's own: password and app are changed here.
    pub own: bool,
    /// In the order of the page; empty groups are left out.
    pub groups: Vec<Group>,
    /// What was just done on another page.
    pub news: Option<News>,
    /// A new address for mails that waits for its click.
    pub wish: Option<WishView>,
    /// An account of another provider may be taken over into this one; told to everybody of this provider alike.
    pub moving: Option<MovingView>,
    /// An ID was shown before: changing anything asks for it.
    pub has_shown_id: bool,
    /// Details that this login changed, for the note on top: keys of `data.attribute`.
    pub refreshed: Vec<&'static str>,
}

/// Texts know it as `data.news.<name>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum News {
    Changed,
    /// A link is on its way to a new address.
    Asked,
    Confirmed,
}

impl News {
    /// As the address of the page says it.
    pub fn of(word: &str) -> Option<Self> {
        match word {
            "daten" => Some(Self::Changed),
            "adresse" => Some(Self::Asked),
            "bestaetigt" => Some(Self::Confirmed),
            _ => None,
        }
    }
}

#[derive(Serialize)]
pub struct WishView {
    pub address: String,
    /// Ready to be read.
    pub until: String,
}

#[derive(Serialize)]
pub struct MovingView {
    /// Name of the provider before, and the last day.
    pub old: String,
    pub until: String,
}

/// Texts know it as `data.group.<name>`.
#[derive(Serialize)]
pub struct Group {
    pub name: &'static str,
    pub attributes: Vec<Attribute>,
}

#[derive(Serialize)]
pub struct Attribute {
    /// Texts know it as `data.attribute.<name>`: `given_name`, `birthdate`, …
    pub name: &'static str,
    /// Ready to be read; `None` if the account has the field and nothing in it.
    pub value: Option<String>,
    pub source: Source,
    pub trust: Level,
    /// Changed by this login.
    pub refreshed: bool,
    /// An address that was written down here, and whose mails the person has read.
    pub confirmed: bool,
}

impl Page for MyDataPage {
    const TEMPLATE: &'static str = "my_data.html";

    fn head(&self, visit: &Visit) -> Head {
        private(visit, "data.title")
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        vec![Self::with_chip(visit), Self::typed_in(), Self::guest()]
    }
}

impl MyDataPage {
    fn with_chip(visit: &Visit) -> Self {
        let address = visit.tenant.town.address.as_ref();
        let town = |part: fn(&crate::tenant::schema::Address) -> &String| address.map(|address| part(address).clone());
        let chip = |name, value: &str| Attribute::specimen(name, Some(value.into()), Source::Chip, Level::Hoch);
        let chip_or_empty = |name, value| Attribute::specimen(name, value, Source::Chip, Level::Hoch);
        let moved = |attribute| Attribute { refreshed: true, ..attribute };
        let stated = |name, value| Attribute::specimen(name, value, Source::Stated, Level::Basis);
        let person = vec![
            chip_or_empty("title", None),
            chip("given_name", "Đorđe Łukasz Þórarinn Erika"),
            chip("surname", "Mustermann-Müller-Şahinoğlu-Ångström de la Peña y Gómez"),
            chip("birth_name", "Gabler"),
            chip("birthdate", "12. August 1983"),
            chip("nationality", "deutsch"),
        ];
        let home = vec![
            moved(chip("street", "Musterweg 12 a")),
            moved(chip_or_empty("postal_code", town(|address| &address.zip))),
            moved(chip_or_empty("city", town(|address| &address.city))),
        ];
        let contact = vec![
            Attribute { confirmed: true, ..stated("email", Some("erika.mustermann@example.org".into())) },
            stated("phone", None),
        ];
        Self {
            provider: "BundID".into(),
            account_url: Some("https://id.bund.de".into()),
            method: Method::Eid,
            entered: Level::Hoch,
            level: Level::Hoch,
            until: Some("14:35".into()),
            then: Some(Level::Substantiell),
            guest: false,
            own: false,
            groups: vec![
                Group { name: "person", attributes: person },
                Group { name: "address", attributes: home },
                Group { name: "contact", attributes: contact },
            ],
            refreshed: vec!["address"],
            news: Some(News::Asked),
            wish: Some(WishView {
                address: "erika@example.com".into(),
                until: format!("{}, 13:05", visit.date(jiff::civil::date(2026, 11, 23))),
            }),
            moving: Some(MovingView { old: "Landeskonto".into(), until: visit.date(jiff::civil::date(2026, 12, 31)) }),
            has_shown_id: true,
        }
    }

    fn typed_in() -> Self {
        let stated = |name, value: &str| Attribute::specimen(name, Some(value.into()), Source::Stated, Level::Basis);
        let person = vec![
            Attribute::specimen("given_name", Some("Kim".into()), Source::Certificate, Level::Substantiell),
            Attribute::specimen("surname", Some("Muster".into()), Source::ForeignId, Level::Substantiell),
            Attribute::specimen("birthdate", None, Source::Provider, Level::Basis),
        ];
        Self {
            provider: "Portal-Konto".into(),
            account_url: None,
            method: Method::Password,
            entered: Level::Basis,
            level: Level::Basis,
            until: Some("23:10".into()),
            then: None,
            guest: false,
            own: true,
            groups: vec![
                Group { name: "person", attributes: person },
                Group { name: "contact", attributes: vec![stated("email", "kim@example.org")] },
            ],
            refreshed: vec![],
            news: Some(News::Confirmed),
            wish: None,
            moving: None,
            has_shown_id: false,
        }
    }

    fn guest() -> Self {
        Self {
            guest: true,
            own: false,
            groups: vec![],
            until: None,
            method: Method::Eid,
            entered: Level::Hoch,
            ..Self::typed_in()
        }
    }
}

impl Attribute {
    fn specimen(name: &'static str, value: Option<String>, source: Source, trust: Level) -> Self {
        Self { name, value, source, trust, refreshed: false, confirmed: false }
    }
}
