//! A provider for tests. It signs and encrypts with another library than the one under test, and says anything it is
//! told to say.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use gamlastan::crypto::keys::loader;
use gamlastan::crypto::{KeyUsage, KeysManager, SamlEncryptor, SamlSigner};
use jiff::Timestamp;
use portal_saml::{Certificate, Expected, IdentityProvider, KeyPair, Level, Login, Rejected, ServiceProvider, accept};

pub const IDP: &str = "https://idp.example/idp";
pub const SP: &str = "https://ostrau.example/saml";
pub const ACS: &str = "https://ostrau.example/saml/bundid/acs";
pub const REQUEST: &str = "_request";
pub const SECRET: &str = "k2jBT0cykDVqiKWia1VMzqmntTu-EwGskIYlcCIGt_8";

pub static TRUSTED: LazyLock<Keys> = LazyLock::new(Keys::new);
pub static NEXT: LazyLock<Keys> = LazyLock::new(Keys::new);
pub static STRANGER: LazyLock<Keys> = LazyLock::new(Keys::new);
pub static OURS: LazyLock<Keys> = LazyLock::new(Keys::new);
pub static OURS_NEXT: LazyLock<Keys> = LazyLock::new(Keys::new);

pub fn now() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().expect("a moment")
}

/// A key with its certificate, as PEM.
pub struct Keys {
    pub key: String,
    pub certificate: String,
}

impl Keys {
    fn new() -> Self {
        Self::of(rcgen::RsaKeySize::_2048)
    }

    pub fn of(size: rcgen::RsaKeySize) -> Self {
        let key = rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, size).expect("a key");
        let certificate = rcgen::CertificateParams::default().self_signed(&key).expect("a certificate");
        Keys { key: key.serialize_pem(), certificate: certificate.pem() }
    }

    pub fn pair(&self) -> KeyPair {
        KeyPair::from_pem(&self.key, &self.certificate).expect("a pair")
    }

    pub fn certificate(&self) -> Certificate {
        Certificate::from_pem(&self.certificate).expect("a certificate")
    }
}

pub static HERE: LazyLock<ServiceProvider> = LazyLock::new(|| ServiceProvider {
    entity_id: SP.into(),
    acs: ACS.into(),
    signing: vec![OURS.pair()],
    decryption: vec![OURS.pair(), OURS_NEXT.pair()],
});

pub fn there(response_must_be_signed: bool) -> IdentityProvider {
    IdentityProvider {
        entity_id: IDP.into(),
        sso_url: "https://idp.example/sso".into(),
        certificates: vec![NEXT.certificate(), TRUSTED.certificate()],
        response_must_be_signed,
        levels: Level::stork(),
    }
}

pub fn expected() -> Expected<'static> {
    Expected { request_id: REQUEST, level: Level::Low, asked_at: None, now: now() }
}

/// What the portal makes of a message.
pub fn judge(xml: &str) -> Result<Login, Rejected> {
    accept(&HERE, &there(false), &expected(), &STANDARD.encode(xml))
}

/// What an answer says. The defaults make a good one.
#[derive(Clone)]
pub struct Says {
    pub response: [(&'static str, String); 5],
    pub issuer: String,
    pub status: String,
    pub assertion: [(&'static str, String); 3],
    pub assertion_issuer: String,
    pub confirmation: [(&'static str, String); 3],
    pub conditions: String,
    pub authn: String,
    pub attributes: String,
    pub more: String,
}

pub const SUCCESS: &str = r#"<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/>"#;

impl Says {
    pub fn good() -> Self {
        let at = now().to_string();
        Says {
            response: [
                ("ID", "_response".into()),
                ("Version", "2.0".into()),
                ("IssueInstant", at.clone()),
                ("Destination", ACS.into()),
                ("InResponseTo", REQUEST.into()),
            ],
            issuer: IDP.into(),
            status: SUCCESS.into(),
            assertion: [("ID", "_assertion".into()), ("Version", "2.0".into()), ("IssueInstant", at.clone())],
            assertion_issuer: IDP.into(),
            confirmation: [
                ("Recipient", ACS.into()),
                ("InResponseTo", REQUEST.into()),
                ("NotOnOrAfter", "2026-11-22T12:05:00Z".into()),
            ],
            conditions: conditions(&format!("<saml:Audience>{SP}</saml:Audience>")),
            authn: authn("STORK-QAA-Level-3"),
            attributes: format!(
                "<saml:AttributeStatement>{}{}</saml:AttributeStatement>",
                attribute("urn:oid:1.3.6.1.4.1.25484.494450.3", "NORMAL", SECRET),
                attribute("urn:oid:2.5.4.42", "SUBSTANTIELL", "Änne &amp; Co"),
            ),
            more: String::new(),
        }
    }

    pub fn assertion(&self) -> String {
        format!(
            "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\"{}><saml:Issuer>{}</saml:Issuer>\
             <saml:Subject><saml:NameID Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:transient\">_n</saml:NameID>\
             <saml:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\">\
             <saml:SubjectConfirmationData{}/></saml:SubjectConfirmation></saml:Subject>{}{}{}{}</saml:Assertion>",
            written(&self.assertion),
            self.assertion_issuer,
            written(&self.confirmation),
            self.conditions,
            self.authn,
            self.attributes,
            self.more
        )
    }

    pub fn response(&self, content: &str) -> String {
        format!(
            "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\"{}>\
             <saml:Issuer xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">{}</saml:Issuer>\
             <samlp:Status>{}</samlp:Status>{content}</samlp:Response>",
            written(&self.response),
            self.issuer,
            self.status
        )
    }

    /// The assertion signed and encrypted in a response without a signature of its own.
    pub fn sent(&self) -> String {
        self.response(&seal(&sign(&self.assertion(), RSA_SHA256, &TRUSTED), OURS_SEAL))
    }

    /// The same with the response signed as well.
    pub fn sent_signed(&self) -> String {
        sign(&self.sent(), RSA_SHA256, &TRUSTED)
    }

    pub fn judged(&self) -> Result<Login, Rejected> {
        judge(&self.sent())
    }
}

pub fn conditions(audience: &str) -> String {
    format!(
        "<saml:Conditions NotBefore=\"2026-11-22T12:00:00Z\" NotOnOrAfter=\"2026-11-22T12:04:00Z\">\
         <saml:AudienceRestriction>{audience}</saml:AudienceRestriction></saml:Conditions>"
    )
}

pub fn authn(class: &str) -> String {
    format!(
        "<saml:AuthnStatement AuthnInstant=\"2026-11-22T11:59:50Z\" SessionIndex=\"_s\"><saml:AuthnContext>\
         <saml:AuthnContextClassRef>{class}</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>"
    )
}

pub fn attribute(name: &str, trust: &str, value: &str) -> String {
    format!(
        "<saml:Attribute Name=\"{name}\" NameFormat=\"urn:oasis:names:tc:SAML:2.0:attrname-format:uri\" \
         xmlns:akdb=\"https://www.akdb.de/request/2018/09\" akdb:TrustLevel=\"{trust}\">\
         <saml:AttributeValue xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"xsd:string\" \
         xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\">{value}</saml:AttributeValue></saml:Attribute>"
    )
}

fn written(attributes: &[(&str, String)]) -> String {
    attributes.iter().map(|(name, value)| format!(" {name}=\"{value}\"")).collect()
}

pub const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
pub const PSS_SHA256: &str = "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1";

/// Signs the root element and puts the signature behind the issuer.
pub fn sign(xml: &str, algorithm: &str, keys: &Keys) -> String {
    sign_as(xml, algorithm, keys, |template| template)
}

/// The same with another idea of what a signature looks like: it holds, whether it is allowed or not.
pub fn sign_as(xml: &str, algorithm: &str, keys: &Keys, change: impl Fn(String) -> String) -> String {
    let id = xml.split(" ID=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("an id");
    let certificate: String = keys.certificate.lines().filter(|line| !line.starts_with("---")).collect();
    let template = change(gamlastan::profiles::sso::idp::signature_template(id, &certificate, algorithm));
    let at = xml.find("</saml:Issuer>").expect("an issuer") + "</saml:Issuer>".len();
    let mut key = loader::load_pem_auto(keys.key.as_bytes(), None).expect("a key");
    key.usage = KeyUsage::Sign;
    let mut manager = KeysManager::new();
    manager.add_key(key);
    let message = format!("{}{template}{}", &xml[..at], &xml[at..]);
    SamlSigner::new(manager).sign_enveloped(&message).expect("a signature")
}

/// How an assertion is encrypted, and whether the key stands beside the data instead of inside.
#[derive(Clone, Copy)]
pub struct Seal {
    pub data: &'static str,
    pub transport: &'static str,
    pub beside: bool,
    pub to: fn() -> &'static Keys,
}

pub const OAEP_SHA256: &str = "<xenc:EncryptionMethod Algorithm=\"http://www.w3.org/2009/xmlenc11#rsa-oaep\">\
    <ds:DigestMethod xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/>\
    <xenc11:MGF xmlns:xenc11=\"http://www.w3.org/2009/xmlenc11#\" Algorithm=\"http://www.w3.org/2009/xmlenc11#mgf1sha256\"/>\
    </xenc:EncryptionMethod>";
pub const OAEP_MGF1P: &str =
    "<xenc:EncryptionMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p\"></xenc:EncryptionMethod>";
pub const GCM256: &str = "http://www.w3.org/2009/xmlenc11#aes256-gcm";
pub const GCM128: &str = "http://www.w3.org/2009/xmlenc11#aes128-gcm";

pub const OURS_SEAL: Seal = Seal { data: GCM256, transport: OAEP_SHA256, beside: false, to: || &OURS };

/// Encrypts an assertion, or anything.
pub fn seal(plain: &str, how: Seal) -> String {
    let template = format!(
        "<xenc:EncryptedData xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\" \
         Type=\"http://www.w3.org/2001/04/xmlenc#Element\"><xenc:EncryptionMethod Algorithm=\"{}\"/>\
         <ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><xenc:EncryptedKey>{}<xenc:CipherData>\
         <xenc:CipherValue></xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo>\
         <xenc:CipherData><xenc:CipherValue></xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>",
        how.data, how.transport
    );
    let encryptor = SamlEncryptor::for_certificate((how.to)().certificate().der()).expect("a certificate");
    let mut data = encryptor.encrypt(&template, plain.as_bytes()).expect("encrypted");
    let mut beside = String::new();
    if how.beside {
        let (from, to) = (data.find("<xenc:EncryptedKey").unwrap(), data.find("</ds:KeyInfo>").unwrap());
        beside = data[from..to].replacen('>', " xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\">", 1);
        data.replace_range(from..to, "<ds:RetrievalMethod URI=\"#_key\"/>");
    }
    format!(
        "<saml:EncryptedAssertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">{data}{beside}\
         </saml:EncryptedAssertion>"
    )
}
