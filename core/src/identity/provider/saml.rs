//! BundID and its relatives: what a town's entry means to the SAML profile, and what an assertion says of a person.

use std::sync::Arc;

use jiff::Timestamp;
use portal_saml::{
    self as profile, Attribute, Certificate, Dialect, Display, Expected, IdentityProvider, KeyPair, Login, Rejected,
    Request, ServiceProvider, SignatureMethod, SignedRequest, attribute,
};

use super::Logins;
use crate::{
    config::secret::{SecretRef, Stamp},
    identity::person::{Delivered, Detail, Field, Method, Source},
    tenant::{
        Tenant,
        schema::{KeyFiles, Level, Provider, ProviderKind, Saml},
    },
};

/// Both sides of a login, with the portal's keys read.
pub struct Parties {
    portal: ServiceProvider,
    provider: IdentityProvider,
    /// What the key files looked like when they were read.
    stamps: Vec<(SecretRef, Option<Stamp>)>,
}

/// Why a login by this provider cannot begin; for the log and the operator.
#[derive(Debug, thiserror::Error)]
pub enum NotReady {
    #[error("the entry in `identity.yaml` is not complete")]
    Incomplete,
    #[error(transparent)]
    Secret(#[from] crate::config::secret::Unreadable),
    #[error("`{file}` {why}")]
    Key { file: String, why: profile::UnusableKey },
    #[error("{0}")]
    Unsigned(String),
}

/// What is asked of BundID; only what is listed comes back.
const WANTED: [&str; 16] = [
    attribute::BPK2,
    attribute::GIVEN_NAME,
    attribute::SURNAME,
    attribute::PERSONAL_TITLE,
    attribute::BIRTH_NAME,
    attribute::BIRTHDATE,
    attribute::PLACE_OF_BIRTH,
    attribute::NATIONALITY,
    attribute::GENDER,
    attribute::POSTAL_ADDRESS,
    attribute::POSTAL_CODE,
    attribute::LOCALITY,
    attribute::COUNTRY,
    attribute::MAIL,
    attribute::MAILBOX,
    attribute::PROVED_BY,
];

const FIELDS: [(&str, Field); 15] = [
    (attribute::GIVEN_NAME, Field::GivenName),
    (attribute::SURNAME, Field::Surname),
    (attribute::PERSONAL_TITLE, Field::Title),
    (attribute::BIRTH_NAME, Field::BirthName),
    (attribute::BIRTHDATE, Field::Birthdate),
    (attribute::PLACE_OF_BIRTH, Field::PlaceOfBirth),
    (attribute::NATIONALITY, Field::Nationality),
    (attribute::GENDER, Field::Gender),
    (attribute::POSTAL_ADDRESS, Field::Street),
    (attribute::POSTAL_CODE, Field::PostalCode),
    (attribute::LOCALITY, Field::City),
    (attribute::COUNTRY, Field::Country),
    (attribute::MAIL, Field::Email),
    (attribute::TELEPHONE, Field::Phone),
    (attribute::MAILBOX, Field::Mailbox),
];

impl Logins {
    /// Both sides of a login by this provider; keys are read again when their files have changed.
    pub fn parties(&self, tenant: &Tenant, provider: &Provider, acs: &str) -> Result<Arc<Parties>, NotReady> {
        let key = (tenant.id.clone(), tenant.version, provider.id.clone());
        if let Some(parties) = self.parties.get(&key).filter(|parties| parties.is_current()) {
            return Ok(parties);
        }
        let saml = provider.saml().ok_or(NotReady::Incomplete)?;
        let parties = Arc::new(Parties::read(tenant, provider, &saml, acs)?);
        self.parties.insert(key, parties.clone());
        Ok(parties)
    }
}

impl Parties {
    fn read(tenant: &Tenant, provider: &Provider, saml: &Saml<'_>, acs: &str) -> Result<Self, NotReady> {
        let certificate = |file: &crate::tenant::schema::CertificateFile| {
            Certificate::from_pem(&file.pem).map_err(|why| NotReady::Key { file: file.path.clone(), why })
        };
        let keys = |files: &[KeyFiles]| files.iter().map(key_pair).collect::<Result<Vec<_>, _>>();
        let files = saml.signing_keys.iter().chain(saml.decryption_keys);
        let levels = match provider.kind {
            ProviderKind::Bundid => profile::Level::stork(),
            _ => levels_of(saml),
        };
        Ok(Self {
            stamps: files.map(|pair| (pair.key.clone(), pair.key.stamp())).collect(),
            portal: ServiceProvider {
                entity_id: tenant.entity_id(provider),
                acs: acs.to_owned(),
                signing: keys(saml.signing_keys)?,
                decryption: keys(saml.decryption_keys)?,
            },
            provider: IdentityProvider {
                entity_id: saml.idp_entity_id.to_owned(),
                sso_url: saml.sso_url.to_owned(),
                certificates: saml.certificates.iter().map(certificate).collect::<Result<_, _>>()?,
                response_must_be_signed: saml.response_signed,
                levels,
            },
        })
    }

    fn is_current(&self) -> bool {
        self.stamps.iter().all(|(key, stamp)| key.stamp() == *stamp)
    }

    pub fn metadata(&self) -> String {
        profile::metadata(&self.portal)
    }

    pub fn request(
        &self,
        tenant: &Tenant,
        provider: &Provider,
        level: Level,
        fresh: bool,
        way: &Way<'_>,
    ) -> Result<SignedRequest, NotReady> {
        let display = Display {
            organization: provider.display_name.as_deref().unwrap_or(&tenant.town.full_name),
            language: way.language,
            back_url: Some(way.back),
            online_service_id: provider.bmi_id.as_deref(),
            attributes: &WANTED,
        };
        let request = Request {
            level: demanded(level),
            force_authn: fresh,
            signature: SignatureMethod::default(),
            dialect: if provider.kind == ProviderKind::Bundid { Dialect::BundId(display) } else { Dialect::Plain },
            now: way.now,
        };
        request.sign(&self.portal, &self.provider).map_err(|why| NotReady::Unsigned(why.to_string()))
    }

    /// Believes an answer, or says why not.
    pub fn accept(
        &self,
        message: &str,
        request: &str,
        level: Level,
        asked_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Login, Rejected> {
        let expected = Expected { request_id: request, level: demanded(level), asked_at, now };
        profile::accept(&self.portal, &self.provider, &expected, message)
    }
}

/// Where a request comes from.
pub struct Way<'a> {
    /// `de`
    pub language: &'a str,
    /// The page of this portal to which "back" leads.
    pub back: &'a str,
    pub now: Timestamp,
}

fn key_pair(files: &KeyFiles) -> Result<KeyPair, NotReady> {
    let key = files.key.read()?;
    let unusable = |why| NotReady::Key { file: files.key.to_string(), why };
    let text = key.text().ok_or_else(|| unusable(profile::UnusableKey::NoBlock("PRIVATE KEY")))?;
    KeyPair::from_pem(text, &files.certificate.pem).map_err(unusable)
}

/// A plain provider names the levels as it was agreed, otherwise as BundID does.
fn levels_of(saml: &Saml<'_>) -> Vec<(String, profile::Level)> {
    let agreed = [Level::Basis, Level::Substantiell, Level::Hoch];
    let words: Vec<_> = agreed
        .into_iter()
        .filter_map(|level| saml.class_refs.of(level).map(|word| (word.to_owned(), demanded(level))))
        .collect();
    if words.is_empty() { profile::Level::stork() } else { words }
}

fn demanded(level: Level) -> profile::Level {
    match level {
        Level::None | Level::Basis => profile::Level::Basic,
        Level::Substantiell => profile::Level::Substantial,
        Level::Hoch => profile::Level::High,
    }
}

/// "niedrig" (level 2) opens nothing here that "basis" does not.
pub fn reached(level: profile::Level) -> Level {
    match level {
        profile::Level::Basic | profile::Level::Low => Level::Basis,
        profile::Level::Substantial => Level::Substantiell,
        profile::Level::High => Level::Hoch,
    }
}

/// What an assertion says of a person.
pub fn delivered(login: &Login) -> Delivered {
    let method = login.value(attribute::PROVED_BY).map_or(Method::Untold, method_of);
    let details = login.attributes.iter().filter_map(|attribute| detail(attribute, method));
    Delivered {
        subject: login.subject().map(str::to_owned),
        level: reached(login.level),
        method,
        specimen: false,
        details: details.collect(),
    }
}

fn detail(given: &Attribute, method: Method) -> Option<Detail> {
    let (_, field) = FIELDS.iter().find(|(name, _)| *name == given.name)?;
    let value = given.values.first()?.trim().to_owned();
    let trust = given.trust.map_or(Level::Basis, reached);
    let source = match (trust, method) {
        (Level::Hoch, Method::Eid) => Source::Chip,
        (Level::Hoch | Level::Substantiell, Method::ForeignId) => Source::ForeignId,
        (Level::Hoch | Level::Substantiell, Method::Certificate) => Source::Certificate,
        (Level::Hoch | Level::Substantiell, _) => Source::Provider,
        _ => Source::Stated,
    };
    (!value.is_empty()).then_some(Detail { field: *field, value, trust, source })
}

/// `AssertionProvedBy` in the words seen so far.
fn method_of(word: &str) -> Method {
    let word = word.to_ascii_lowercase();
    if word.contains("eidas") {
        Method::ForeignId
    } else if word.contains("eid") {
        Method::Eid
    } else if ["elster", "authega", "muk", "zertifikat"].iter().any(|known| word.contains(known)) {
        Method::Certificate
    } else if word.contains("benutzername") || word.contains("password") || word.contains("passwort") {
        Method::Password
    } else {
        Method::Untold
    }
}
