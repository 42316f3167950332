//! A login provider as `identity.yaml` describes it, and whether that is all it takes.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};

use super::super::Level;
use crate::{
    config::secret::SecretRef,
    tenant::dated::{LocalMoment, Period},
};

/// An account outside the portal, or one of the portal's own. A provider that lacks something is shown, and says that the
/// login is being prepared.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// Part of addresses: `/anmelden/bundid`, `/saml/bundid/acs`.
    pub id: String,
    pub kind: ProviderKind,
    pub name: String,
    /// Who logs in with it; absent: citizens, or clerks where the kind is `local`.
    #[serde(default, rename = "for")]
    pub people: Option<People>,
    /// Where people create and manage the account.
    #[serde(default)]
    pub url: Option<String>,
    /// From this day on the login button leads here.
    #[serde(default)]
    pub from: Option<LocalMoment>,
    /// Last day on which its accounts exist.
    #[serde(default)]
    pub until: Option<LocalMoment>,
    /// The provider whose accounts may take over what lies in accounts of this one, once people have logged in there.
    #[serde(default)]
    pub moves_to: Option<String>,
    /// Last day on which that may be done; then the accounts that are left are deleted. Absent: `until`.
    #[serde(default)]
    pub moves_until: Option<LocalMoment>,
    /// A mailbox that it keeps for its people: it gets copies of what the town hall writes to them. Absent: none does.
    #[serde(default)]
    pub mailbox: Option<SecondMailbox>,
    /// Assurance levels it can give; absent: what its kind mostly gives.
    #[serde(default)]
    pub levels: Vec<Level>,

    /// SAML: the name under which the provider knows this portal (`entityID`). It is agreed once and never changes; absent,
    /// it follows from the first host: `https://portal.example.de/saml/metadata`.
    #[serde(default)]
    pub entity_id: Option<String>,
    /// SAML: the name of the provider (its `entityID`).
    #[serde(default)]
    pub idp_entity_id: Option<String>,
    /// SAML: where the browser takes the request to (HTTP-POST binding).
    #[serde(default)]
    pub sso_url: Option<String>,
    /// SAML: the provider's certificates, files in `idp/`. Signatures by other keys are not believed; while the provider
    /// changes its key, both stand here.
    #[serde(default)]
    pub certificates: Vec<CertificateFile>,
    /// SAML: keys that requests are signed with. The first signs, the metadata name all.
    #[serde(default)]
    pub signing_keys: Vec<KeyFiles>,
    /// SAML: keys that responses are encrypted for. All of them may decrypt.
    #[serde(default)]
    pub decryption_keys: Vec<KeyFiles>,
    /// BundID: the number of the online service (`OnlineServiceId`), without which BundID refuses requests.
    #[serde(default)]
    pub bmi_id: Option<String>,
    /// BundID: whose name stands above the login there, at most 50 characters; absent: `full_name` of the town.
    #[serde(default)]
    #[schemars(length(max = 50))]
    pub display_name: Option<String>,
    /// SAML: whether the whole answer has to be signed, and not only what it says of the person; absent: with BundID yes,
    /// otherwise no.
    #[serde(default)]
    pub response_signed: Option<bool>,
    /// SAML without BundID: how the provider calls the levels (`AuthnContextClassRef`); absent: as BundID does.
    #[serde(default)]
    pub class_refs: LevelWords,

    /// OpenID Connect: the address below which `.well-known/openid-configuration` lies.
    #[serde(default)]
    pub issuer: Option<String>,
    /// OpenID Connect: the name under which the provider knows this portal.
    #[serde(default)]
    pub client_id: Option<String>,
    #[serde(default)]
    pub client_secret: Option<SecretRef>,
    /// OpenID Connect: how the provider calls the levels (`acr`).
    #[serde(default)]
    pub acr: LevelWords,
    /// OpenID Connect: what is asked for beside `openid`.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// OpenID Connect for clerks: what the provider says about their roles.
    #[serde(default)]
    pub staff: Option<StaffClaims>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ProviderKind {
    /// BundID, with its own extension of SAML. The word `bundid` alone means the same.
    #[serde(rename = "saml-bundid", alias = "bundid")]
    Bundid,
    /// SAML 2.0 under the same strict rules.
    Saml,
    /// OpenID Connect.
    Oidc,
    /// Accounts of the portal itself: those of clerks are made with `portal staff add`, citizens register.
    Local,
    /// Lets anybody in as a specimen; never on a town that is live.
    Simulator,
}

/// For whom a provider is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum People {
    Citizens,
    Staff,
}

/// How copies get into the mailbox of a provider.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecondMailbox {
    /// An absolute path on the portal's machine, from which another program fetches.
    pub folder: PathBuf,
}

/// A certificate in a folder of the town or of a layer, in PEM form; public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFile {
    /// `idp/bundid.pem`
    pub path: String,
    /// What stands in the file, exactly one certificate; put in by the loader.
    pub pem: Arc<str>,
}

/// A key of the portal's own with its certificate.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyFiles {
    pub certificate: CertificateFile,
    /// In PEM form; read when a login needs it.
    pub key: SecretRef,
}

/// What a provider calls the levels.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LevelWords {
    #[serde(default)]
    pub basis: Option<String>,
    #[serde(default)]
    pub substantiell: Option<String>,
    #[serde(default)]
    pub hoch: Option<String>,
}

/// How the roles of clerks follow from their login.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StaffClaims {
    /// Name of the claim that lists them: `groups`.
    pub claim: String,
    /// What the provider says → role in `tenant.yaml`.
    pub roles: BTreeMap<String, String>,
    /// Access tokens for this audience (`aud`) open the API to programs of clerks; without it none does.
    #[serde(default)]
    pub audience: Option<String>,
}

/// All that a SAML login needs.
#[derive(Debug, Clone, Copy)]
pub struct Saml<'a> {
    pub idp_entity_id: &'a str,
    pub sso_url: &'a str,
    pub certificates: &'a [CertificateFile],
    pub signing_keys: &'a [KeyFiles],
    pub decryption_keys: &'a [KeyFiles],
    /// Always there for BundID.
    pub bmi_id: Option<&'a str>,
    pub class_refs: &'a LevelWords,
    pub response_signed: bool,
}

/// All that a login by OpenID Connect needs.
#[derive(Debug, Clone, Copy)]
pub struct Oidc<'a> {
    pub issuer: &'a str,
    pub client_id: &'a str,
    pub client_secret: &'a SecretRef,
    pub acr: &'a LevelWords,
    pub scopes: &'a [String],
    /// Always there for clerks.
    pub staff: Option<&'a StaffClaims>,
}

/// Fields that only some kinds have.
const OF_KINDS: [(&str, &[ProviderKind]); 15] = {
    use ProviderKind::{Bundid, Oidc, Saml};
    [
        ("entity_id", &[Bundid, Saml]),
        ("idp_entity_id", &[Bundid, Saml]),
        ("sso_url", &[Bundid, Saml]),
        ("certificates", &[Bundid, Saml]),
        ("signing_keys", &[Bundid, Saml]),
        ("decryption_keys", &[Bundid, Saml]),
        ("bmi_id", &[Bundid]),
        ("display_name", &[Bundid]),
        ("response_signed", &[Bundid, Saml]),
        ("class_refs", &[Saml]),
        ("issuer", &[Oidc]),
        ("client_id", &[Oidc]),
        ("client_secret", &[Oidc]),
        ("acr", &[Oidc]),
        ("scopes", &[Oidc]),
    ]
};

/// The same for fields whose fit depends on the people.
const STAFF_ONLY: &str = "staff";

impl ProviderKind {
    /// Whether the provider knows the portal by an `entityID`.
    pub fn knows_by_entity_id(self) -> bool {
        matches!(self, Self::Bundid | Self::Saml)
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::Bundid => "saml-bundid",
            Self::Saml => "saml",
            Self::Oidc => "oidc",
            Self::Local => "local",
            Self::Simulator => "simulator",
        }
    }

    /// Whether these people may log in by it: clerks have no BundID and no simulator.
    pub fn is_for(self, people: People) -> bool {
        match people {
            People::Citizens => true,
            People::Staff => matches!(self, Self::Oidc | Self::Local),
        }
    }
}

impl People {
    pub fn word(self) -> &'static str {
        match self {
            Self::Citizens => "citizens",
            Self::Staff => "staff",
        }
    }
}

impl Provider {
    pub fn people(&self) -> People {
        let usual = if self.kind == ProviderKind::Local { People::Staff } else { People::Citizens };
        self.people.unwrap_or(usual)
    }

    pub fn is_for(&self, people: People) -> bool {
        self.people() == people
    }

    /// An account of citizens outside the portal: these follow each other in phases; simulators, accounts of the portal's
    /// own and clerks' logins stand beside them.
    pub fn is_account(&self) -> bool {
        self.is_for(People::Citizens) && !matches!(self.kind, ProviderKind::Simulator | ProviderKind::Local)
    }

    /// Accounts of the portal's own for citizens, for which they register here.
    pub fn is_own_account(&self) -> bool {
        self.is_for(People::Citizens) && self.kind == ProviderKind::Local
    }

    pub fn period(&self) -> Period {
        Period { from: self.from, until: self.until }
    }

    /// The levels it can give.
    pub fn levels(&self) -> &[Level] {
        match self.kind {
            _ if !self.levels.is_empty() => &self.levels,
            ProviderKind::Bundid | ProviderKind::Simulator => &[Level::Basis, Level::Substantiell, Level::Hoch],
            ProviderKind::Saml | ProviderKind::Oidc | ProviderKind::Local => &[Level::Basis],
        }
    }

    /// Fields it needs and does not have; with none of them missing it logs people in.
    pub fn missing(&self) -> Vec<&'static str> {
        let fields: &[(&str, bool)] = match self.kind {
            ProviderKind::Bundid | ProviderKind::Saml => &[
                ("idp_entity_id", self.idp_entity_id.is_some()),
                ("sso_url", self.sso_url.is_some()),
                ("certificates", !self.certificates.is_empty()),
                ("signing_keys", !self.signing_keys.is_empty()),
                ("decryption_keys", !self.decryption_keys.is_empty()),
                ("bmi_id", self.bmi_id.is_some() || self.kind == ProviderKind::Saml),
            ],
            ProviderKind::Oidc => &[
                ("issuer", self.issuer.is_some()),
                ("client_id", self.client_id.is_some()),
                ("client_secret", self.client_secret.is_some()),
                ("staff", self.staff.is_some() || self.is_for(People::Citizens)),
            ],
            ProviderKind::Local | ProviderKind::Simulator => &[],
        };
        fields.iter().filter(|(_, is_there)| !is_there).map(|(field, _)| *field).collect()
    }

    pub fn is_complete(&self) -> bool {
        self.missing().is_empty()
    }

    /// `None` where it speaks no SAML or is not complete.
    pub fn saml(&self) -> Option<Saml<'_>> {
        (self.kind.knows_by_entity_id() && self.is_complete()).then_some(())?;
        Some(Saml {
            idp_entity_id: self.idp_entity_id.as_deref()?,
            sso_url: self.sso_url.as_deref()?,
            certificates: &self.certificates,
            signing_keys: &self.signing_keys,
            decryption_keys: &self.decryption_keys,
            bmi_id: self.bmi_id.as_deref(),
            class_refs: &self.class_refs,
            response_signed: self.response_signed.unwrap_or(self.kind == ProviderKind::Bundid),
        })
    }

    /// `None` where it speaks no OpenID Connect or is not complete.
    pub fn oidc(&self) -> Option<Oidc<'_>> {
        (self.kind == ProviderKind::Oidc && self.is_complete()).then_some(())?;
        Some(Oidc {
            issuer: self.issuer.as_deref()?,
            client_id: self.client_id.as_deref()?,
            client_secret: self.client_secret.as_ref()?,
            acr: &self.acr,
            scopes: &self.scopes,
            staff: self.staff.as_ref(),
        })
    }

    /// Why a field cannot stand here: what has it. `None` where it can.
    pub(in crate::tenant) fn misfit(&self, field: &str) -> Option<String> {
        if field == STAFF_ONLY {
            let fits = self.kind == ProviderKind::Oidc && self.is_for(People::Staff);
            return (!fits).then(|| "`oidc` with `for: staff`".to_owned());
        }
        let (_, kinds) = OF_KINDS.iter().find(|(known, _)| *known == field)?;
        let words: Vec<String> = kinds.iter().map(|kind| format!("`{}`", kind.word())).collect();
        (!kinds.contains(&self.kind)).then(|| words.join(" and "))
    }

    /// Every certificate it names, its own and the provider's.
    pub fn all_certificates(&self) -> impl Iterator<Item = &CertificateFile> {
        self.certificates.iter().chain(self.own_keys().map(|pair| &pair.certificate))
    }

    pub(in crate::tenant) fn certificates_mut(&mut self) -> impl Iterator<Item = &mut CertificateFile> {
        let own = self.signing_keys.iter_mut().chain(&mut self.decryption_keys).map(|pair| &mut pair.certificate);
        self.certificates.iter_mut().chain(own)
    }

    fn own_keys(&self) -> impl Iterator<Item = &KeyFiles> {
        self.signing_keys.iter().chain(&self.decryption_keys)
    }
}

impl LevelWords {
    pub fn of(&self, level: Level) -> Option<&str> {
        match level {
            Level::None => None,
            Level::Basis => self.basis.as_deref(),
            Level::Substantiell => self.substantiell.as_deref(),
            Level::Hoch => self.hoch.as_deref(),
        }
    }

    /// The level that the provider means; `None` for a word nobody has agreed on.
    pub fn level_of(&self, word: &str) -> Option<Level> {
        [Level::Hoch, Level::Substantiell, Level::Basis].into_iter().find(|level| self.of(*level) == Some(word))
    }
}

impl<'de> Deserialize<'de> for CertificateFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self { path: String::deserialize(deserializer)?, pem: "".into() })
    }
}

impl JsonSchema for CertificateFile {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "CertificateFile".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A certificate in PEM form, in the folder of the town or of a layer: `idp/bundid.pem`",
            "type": "string", "pattern": "^idp/[^/]+\\.pem$"
        })
    }
}
