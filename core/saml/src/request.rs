//! The question: who is this, and how sure is it?

use aws_lc_rs::rand;
use jiff::Timestamp;
use uppsala::XmlWriter;

use crate::names::{AKDB, AKDB_UI, HTTP_POST, SAML, SAMLP, TRANSIENT};
use crate::signing::{self, SignatureMethod, Unsigned};
use crate::{IdentityProvider, Level, ServiceProvider, xml};

// BundID shows no more of it.
const MAX_DISPLAY_NAME: usize = 50;

/// A request for a login.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// The least level that will do.
    pub level: Level,
    /// Asks for a new login also from somebody the provider knows already. Tell [`crate::Expected::asked_at`].
    pub force_authn: bool,
    pub signature: SignatureMethod,
    pub dialect: Dialect<'a>,
    pub now: Timestamp,
}

/// What a request says beyond plain SAML.
#[derive(Debug, Clone)]
pub enum Dialect<'a> {
    Plain,
    /// BundID and its relatives, with the akdb extension in version 2.
    BundId(Display<'a>),
}

/// What BundID tells people about the service that asks, and what it may hand over.
#[derive(Debug, Clone)]
pub struct Display<'a> {
    /// Only the first 50 characters are shown, and sent.
    pub organization: &'a str,
    /// Such as `de`.
    pub language: &'a str,
    /// Where "back" leads, as an absolute address.
    pub back_url: Option<&'a str>,
    /// The number of the service at the federal ministry of the interior ("BMI-ID").
    pub online_service_id: Option<&'a str>,
    /// Names as in [`crate::attribute`]. Only these come back; none is marked as required, because then people without
    /// it would be sent back with an error instead of being asked by us. Asking for bPK2 or the mailbox takes the
    /// temporary login off BundID's page.
    pub attributes: &'a [&'a str],
}

/// A request ready to be posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedRequest {
    /// 128 random bits; the answer has to name it, see [`crate::Expected::request_id`].
    pub id: String,
    pub xml: String,
    pub sso_url: String,
}

impl SignedRequest {
    /// The value of the form field `SAMLRequest`.
    pub fn form_value(&self) -> String {
        xml::encode(self.xml.as_bytes())
    }
}

impl Request<'_> {
    /// Writes and signs the request for the HTTP-POST binding.
    pub fn sign(&self, sp: &ServiceProvider, idp: &IdentityProvider) -> Result<SignedRequest, Unsigned> {
        let key = sp.signing.first().ok_or(Unsigned::NoKey)?;
        let context = idp.context_for(self.level()).ok_or(Unsigned::NoContext)?;
        let id = new_id().ok_or(Unsigned::Key)?;
        let xml = signing::sign((&self.head(&id, sp, idp), &self.tail(context)), &id, key, self.signature)?;
        Ok(SignedRequest { id, xml, sso_url: idp.sso_url.clone() })
    }

    /// BundID tells level 2 but cannot be asked for it.
    fn level(&self) -> Level {
        match (&self.dialect, self.level) {
            (Dialect::BundId(_), Level::Low) => Level::Substantial,
            (_, level) => level,
        }
    }

    fn head(&self, id: &str, sp: &ServiceProvider, idp: &IdentityProvider) -> String {
        let issued = self.now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let mut head = XmlWriter::new();
        let attributes = [
            ("xmlns:samlp", SAMLP),
            ("xmlns:saml", SAML),
            ("ID", id),
            ("Version", "2.0"),
            ("IssueInstant", &issued),
            ("Destination", &idp.sso_url),
            ("ForceAuthn", if self.force_authn { "true" } else { "false" }),
            ("ProtocolBinding", HTTP_POST),
            ("AssertionConsumerServiceURL", &sp.acs),
        ];
        head.start_element("samlp:AuthnRequest", &attributes);
        leaf(&mut head, "saml:Issuer", &sp.entity_id);
        head.into_string()
    }

    fn tail(&self, context: &str) -> String {
        let mut tail = XmlWriter::new();
        if let Dialect::BundId(display) = &self.dialect {
            tail.start_element("samlp:Extensions", &[]);
            display.write(&mut tail);
            tail.end_element("samlp:Extensions");
            tail.empty_element("samlp:NameIDPolicy", &[("Format", TRANSIENT), ("AllowCreate", "true")]);
        }
        tail.start_element("samlp:RequestedAuthnContext", &[("Comparison", "minimum")]);
        leaf(&mut tail, "saml:AuthnContextClassRef", context);
        tail.end_element("samlp:RequestedAuthnContext");
        tail.end_element("samlp:AuthnRequest");
        tail.into_string()
    }
}

impl Display<'_> {
    fn write(&self, xml: &mut XmlWriter) {
        let extension = [("xmlns:akdb", AKDB), ("Version", "2"), ("EnableStatusDetail", "true")];
        xml.start_element("akdb:AuthenticationRequest", &extension);
        xml.start_element("akdb:RequestedAttributes", &[]);
        for name in self.attributes {
            xml.empty_element("akdb:RequestedAttribute", &[("Name", name), ("RequiredAttribute", "false")]);
        }
        xml.end_element("akdb:RequestedAttributes");
        xml.start_element("akdb:DisplayInformation", &[]);
        xml.start_element("classic-ui:Version", &[("xmlns:classic-ui", AKDB_UI)]);
        let organization: String = self.organization.chars().take(MAX_DISPLAY_NAME).collect();
        leaf(xml, "classic-ui:OrganizationDisplayName", &organization);
        leaf(xml, "classic-ui:Lang", self.language);
        if let Some(back_url) = self.back_url {
            leaf(xml, "classic-ui:BackURL", back_url);
        }
        if let Some(online_service_id) = self.online_service_id {
            leaf(xml, "classic-ui:OnlineServiceId", online_service_id);
        }
        for element in ["classic-ui:Version", "akdb:DisplayInformation", "akdb:AuthenticationRequest"] {
            xml.end_element(element);
        }
    }
}

fn leaf(xml: &mut XmlWriter, name: &str, text: &str) {
    xml.start_element(name, &[]);
    xml.text(text);
    xml.end_element(name);
}

/// XML wants ids to begin with a letter or an underscore.
fn new_id() -> Option<String> {
    let mut bytes = [0; 16];
    rand::fill(&mut bytes).ok()?;
    Some(format!("_{:032x}", u128::from_be_bytes(bytes)))
}
