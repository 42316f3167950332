//! What a provider tells of a person, and what the portal keeps of it.

use std::{collections::BTreeMap, fmt};

use lettre::Address;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::{
    locale::Locale,
    tenant::{Tenant, schema::Level},
};

/// A detail of a person; texts know it as `data.attribute.<word>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    Title,
    GivenName,
    Surname,
    BirthName,
    Birthdate,
    PlaceOfBirth,
    Nationality,
    Gender,
    Street,
    PostalCode,
    City,
    Country,
    Email,
    Phone,
    /// Addresses the person's mailbox at the provider; never shown.
    Mailbox,
}

impl Field {
    /// The most that anybody can vouch for: an address to write to is typed in, whoever passes it on.
    fn ceiling(self) -> Level {
        match self {
            Self::Email | Self::Phone | Self::Mailbox => Level::Basis,
            _ => Level::Hoch,
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::GivenName => "given_name",
            Self::Surname => "surname",
            Self::BirthName => "birth_name",
            Self::Birthdate => "birthdate",
            Self::PlaceOfBirth => "place_of_birth",
            Self::Nationality => "nationality",
            Self::Gender => "gender",
            Self::Street => "street",
            Self::PostalCode => "postal_code",
            Self::City => "city",
            Self::Country => "country",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Mailbox => "mailbox",
        }
    }
}

/// By which means somebody proved who they are; kept with the session and told by no provider in the same words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// The online function of a German ID card.
    Eid,
    /// A certificate such as that of ELSTER.
    Certificate,
    /// An ID of another country of the EU (eIDAS).
    ForeignId,
    Password,
    /// Nothing at all: a specimen.
    Simulated,
    /// The provider did not say.
    Untold,
}

impl Method {
    pub fn word(self) -> &'static str {
        match self {
            Self::Eid => "eid",
            Self::Certificate => "certificate",
            Self::ForeignId => "foreign_id",
            Self::Password => "password",
            Self::Simulated => "simulated",
            Self::Untold => "untold",
        }
    }

    /// Reads its own word; anything else was written by a newer portal.
    pub fn of_word(word: &str) -> Self {
        let all = [Self::Eid, Self::Certificate, Self::ForeignId, Self::Password, Self::Simulated];
        all.into_iter().find(|method| method.word() == word).unwrap_or(Self::Untold)
    }
}

/// From where a detail comes; texts know it as `data.source.<word>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Read from the chip of a German ID card: nobody can change it but the authority that issues the card.
    Chip,
    /// A certificate such as that of ELSTER vouches for it.
    Certificate,
    /// An ID of another country of the EU vouches for it (eIDAS).
    ForeignId,
    /// The provider says so, and not from where it knows.
    Provider,
    /// Typed in by the person.
    Stated,
}

/// What a provider vouches for after a login.
pub struct Delivered {
    /// The person at this provider, for ever; `None` is a guest.
    pub subject: Option<String>,
    pub level: Level,
    pub method: Method,
    /// Nobody vouches for anybody: the simulator invented them.
    pub specimen: bool,
    pub details: Vec<Detail>,
}

/// One detail of a login, with the trust it deserves: an e-mail address is typed in also after a login with the card.
pub struct Detail {
    pub field: Field,
    pub value: String,
    pub trust: Level,
    pub source: Source,
}

/// What is known of a person, sealed in the account.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Profile {
    #[serde(default)]
    pub details: BTreeMap<Field, Known>,
    /// What the person has written down here; it counts before what the provider tells.
    #[serde(default)]
    pub contact: Contact,
    /// The highest level that a login of this account has ever reached.
    #[serde(default)]
    pub highest: Level,
}

/// How somebody wants to be reached, in their own words.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Confirmed by a link that was sent there.
    #[serde(default)]
    pub email: Option<String>,
    #[serde(default)]
    pub phone: Option<String>,
    /// Code of the language of mails, and of pages after a login.
    #[serde(default)]
    pub locale: Option<String>,
}

#[derive(Clone, Serialize, Deserialize)]
pub struct Known {
    pub value: String,
    pub trust: Level,
    pub source: Source,
    /// The last login changed it.
    #[serde(default)]
    pub refreshed: bool,
}

impl Profile {
    pub fn value(&self, field: Field) -> Option<&str> {
        self.details.get(&field).map(|known| known.value.as_str()).filter(|value| !value.is_empty())
    }

    /// Where mails go.
    pub fn email(&self) -> Option<&str> {
        self.contact.email.as_deref().or_else(|| self.value(Field::Email))
    }

    /// The same as it stands on an envelope; `None`: nowhere that could be written on one.
    pub fn address(&self) -> Option<Address> {
        self.email()?.parse().ok()
    }

    pub fn phone(&self) -> Option<&str> {
        self.contact.phone.as_deref().or_else(|| self.value(Field::Phone))
    }

    /// The language somebody chose, where the town still offers it; otherwise German.
    pub fn locale(&self, tenant: &Tenant) -> Locale {
        self.contact.locale.as_deref().map_or_else(Locale::german, |code| tenant.locale_or_german(code))
    }

    /// Whether this account was ever used with an ID. Accounts made before that was kept show it by what the chip told.
    pub fn has_shown_id(&self) -> bool {
        self.highest == Level::Hoch || self.details.values().any(|known| known.source == Source::Chip)
    }

    /// Given name and surname, as the header says them.
    pub fn name(&self) -> Option<String> {
        let parts = [Field::GivenName, Field::Surname].into_iter().filter_map(|field| self.value(field));
        Some(parts.collect::<Vec<_>>().join(" ")).filter(|name| !name.is_empty())
    }

    /// Takes over what a login delivered. What the chip has told once is not overwritten by what somebody typed in, and
    /// what a document told once and does not tell any more is gone: a title that was given up, a country left.
    pub fn refresh(&mut self, details: Vec<Detail>) {
        self.details.values_mut().for_each(|known| known.refreshed = false);
        let speaks = |source| source != Source::Stated && details.iter().any(|detail| detail.source == source);
        let tells = |field| details.iter().any(|detail| detail.field == field);
        self.details.retain(|field, known| tells(*field) || !speaks(known.source));
        for Detail { field, value, trust, source } in details {
            let trust = trust.min(field.ceiling());
            let known = self.details.get(&field);
            if known.is_some_and(|known| known.trust.min(field.ceiling()) > trust) {
                continue;
            }
            let refreshed = known.is_some_and(|known| known.value != value);
            self.details.insert(field, Known { value, trust, source, refreshed });
        }
    }
}

/// Names belong into no log.
impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Profile({} details)", self.details.len())
    }
}

/// Without what differs between two spellings of the same name: case, composed letters, spaces.
pub fn folded(name: &str) -> String {
    let composed: String = name.nfc().collect();
    composed.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detail(value: &str, trust: Level) -> Vec<Detail> {
        vec![Detail { field: Field::City, value: value.into(), trust, source: Source::Stated }]
    }

    #[test]
    fn a_login_refreshes_what_it_may_and_says_what_changed() {
        let mut profile = Profile::default();
        profile.refresh(detail("Altdorf", Level::Basis));
        assert!(!profile.details[&Field::City].refreshed, "the first time nothing has changed");
        profile.refresh(detail("Neustadt", Level::Hoch));
        assert!(profile.details[&Field::City].refreshed);
        profile.refresh(detail("Irgendwo", Level::Basis));
        assert_eq!(profile.value(Field::City), Some("Neustadt"), "the chip knows better");
        assert!(!profile.details[&Field::City].refreshed);
    }

    #[test]
    fn an_address_to_write_to_is_never_more_than_stated_and_follows_every_login() {
        let email = |value: &str, trust| {
            vec![Detail { field: Field::Email, value: value.into(), trust, source: Source::Provider }]
        };
        let mut profile = Profile::default();
        profile.refresh(email("alt@example.org", Level::Hoch));
        assert_eq!(profile.details[&Field::Email].trust, Level::Basis);
        profile.refresh(email("neu@example.org", Level::Basis));
        assert_eq!(profile.value(Field::Email), Some("neu@example.org"));
    }

    #[test]
    fn what_the_chip_does_not_tell_any_more_is_gone_and_another_source_takes_nothing_away() {
        let told = |field, value: &str, trust, source| Detail { field, value: value.into(), trust, source };
        let city = || told(Field::City, "Altdorf", Level::Hoch, Source::Chip);
        let mut profile = Profile::default();
        profile.refresh(vec![city(), told(Field::Title, "Dr.", Level::Hoch, Source::Chip)]);
        profile.refresh(vec![told(Field::Email, "a@example.org", Level::Basis, Source::Stated)]);
        assert_eq!(profile.value(Field::Title), Some("Dr."), "a login without the card says nothing about the card");
        profile.refresh(vec![city()]);
        assert_eq!((profile.value(Field::Title), profile.value(Field::Email)), (None, Some("a@example.org")));
    }
}
