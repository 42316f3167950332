//! `mail` in `tenant.yaml`: from whom mails come.

use lettre::Address;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::config::mail::address;

/// The sender of a town's mails.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Sender {
    /// The mail server must be allowed to send in its name (SPF, DKIM): `portal@stadt.de`.
    #[serde(deserialize_with = "address")]
    #[schemars(with = "Option<String>")]
    pub sender: Option<Address>,
    /// The name beside it [default: the town as it signs].
    pub name: Option<String>,
    /// Who reads answers to mails that answer nobody.
    #[serde(deserialize_with = "address")]
    #[schemars(with = "Option<String>")]
    pub reply_to: Option<Address>,
}
