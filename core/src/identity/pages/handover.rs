//! The step to a SAML provider: a form that sends itself, and has a button where no script runs.

use serde::Serialize;

use super::private;
use crate::web::{Head, Page, Visit};

#[derive(Serialize)]
pub struct HandoverPage {
    /// Name of the provider.
    pub provider: String,
    /// Its address for logins; `form-action` has to allow it.
    pub action: String,
    /// `SAMLRequest`, in Base64.
    pub request: String,
    /// `RelayState`: the handle of the pending login.
    pub relay_state: String,
    /// The way back for somebody who thinks better of it.
    pub back: String,
}

impl Page for HandoverPage {
    const TEMPLATE: &'static str = "handover.html";

    fn head(&self, visit: &Visit) -> Head {
        private(visit, "handover.title")
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        vec![Self {
            provider: "BundID".into(),
            action: "https://id.bund.de/idp/profile/SAML2/POST/SSO".into(),
            request: "PHNhbWxwOkF1dGhuUmVxdWVzdC8+".into(),
            relay_state: "0123456789abcdef".into(),
            back: visit.url("/anmelden"),
        }]
    }
}
