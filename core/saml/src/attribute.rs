//! What a provider tells about a person, and the names of it at BundID (interface description 10.2). `FriendlyName` is
//! decoration: the names here are the key.

use std::fmt;

use crate::Level;

pub const GIVEN_NAME: &str = "urn:oid:2.5.4.42";
pub const SURNAME: &str = "urn:oid:2.5.4.4";
/// Typed in by the person, also after a login with the ID card.
pub const MAIL: &str = "urn:oid:0.9.2342.19200300.100.1.3";
pub const POSTAL_ADDRESS: &str = "urn:oid:2.5.4.16";
pub const POSTAL_CODE: &str = "urn:oid:2.5.4.17";
pub const LOCALITY: &str = "urn:oid:2.5.4.7";
pub const COUNTRY: &str = "urn:oid:1.2.40.0.10.2.1.1.225599";
pub const PERSONAL_TITLE: &str = "urn:oid:0.9.2342.19200300.100.1.40";
/// 0 not known, 1 male, 2 female, 9 no entry.
pub const GENDER: &str = "urn:oid:1.3.6.1.4.1.33592.1.3.5";
pub const BIRTHDATE: &str = "urn:oid:1.2.40.0.10.2.1.1.55";
pub const PLACE_OF_BIRTH: &str = "urn:oid:1.3.6.1.5.5.7.9.2";
pub const BIRTH_NAME: &str = "urn:oid:1.2.40.0.10.2.1.1.225566";
pub const NATIONALITY: &str = "urn:oid:1.2.40.0.10.2.1.1.225577";
pub const DOCUMENT_TYPE: &str = "urn:oid:1.2.40.0.10.2.1.1.552255";
pub const TELEPHONE: &str = "urn:oid:2.5.4.20";
/// The key of a person's account at this service, and at this service only.
pub const BPK2: &str = "urn:oid:1.3.6.1.4.1.25484.494450.3";
/// Addresses the person's mailbox; no key of an account.
pub const MAILBOX: &str = "urn:oid:2.5.4.18";
pub const VERSION: &str = "urn:oid:1.3.6.1.4.1.25484.494450.1";
/// By which means the person logged in, such as `eID`.
pub const PROVED_BY: &str = "urn:oid:1.3.6.1.4.1.25484.494450.2";
pub const APPLICATION_ID: &str = "urn:oid:1.3.6.1.4.1.25484.494450.4";
pub const COMMUNITY_ID: &str = "urn:oid:1.3.6.1.4.1.25484.494450.5";
pub const MFA: &str = "urn:oid:1.3.6.1.4.1.25484.494450.7";
pub const EIDAS_COUNTRY: &str = "urn:oid:1.3.6.1.4.1.25484.494450.10.1";
pub const LEVEL: &str = "urn:oid:1.2.40.0.10.2.1.1.261.94";
pub const PSEUDONYM: &str = "urn:oid:1.2.40.0.10.2.1.1.226699";

/// One attribute of a verified assertion.
#[derive(Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Such as [`GIVEN_NAME`].
    pub name: String,
    /// The text of each value, with all markup in it taken off.
    pub values: Vec<String>,
    /// How sure it is that this attribute is true; it can be lower than the level of the login, never take one for the
    /// other. `None` if the provider says nothing or a word we do not know.
    pub trust: Option<Level>,
    /// The values as XML where they have markup, as those of "Mein Unternehmenskonto" do: one well-formed
    /// `AttributeValue` after the other.
    pub raw_xml: Option<String>,
}

// Values are personal: they must not reach a log by accident.
impl fmt::Debug for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attribute").field("name", &self.name).field("trust", &self.trust).finish_non_exhaustive()
    }
}
