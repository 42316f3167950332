//! The two who talk: the town's portal and the provider that knows the citizen.

use crate::{Certificate, KeyPair, Level};

/// The portal of one town. Every town has an entity id and keys of its own, so that no provider can link citizens
/// across towns.
#[derive(Debug)]
pub struct ServiceProvider {
    /// An https address that never changes: BundID derives the citizen's key from its host name.
    pub entity_id: String,
    /// Where answers are posted to, as an absolute address.
    pub acs: String,
    /// The first signs requests; all of them stand in the metadata, for a roll-over without a gap.
    pub signing: Vec<KeyPair>,
    /// Any of them may open an answer; all of them stand in the metadata.
    pub decryption: Vec<KeyPair>,
}

/// A provider as the operator has pinned it. Its metadata is never fetched and its messages never bring keys along.
#[derive(Debug, Clone)]
pub struct IdentityProvider {
    pub entity_id: String,
    /// Where requests are posted to.
    pub sso_url: String,
    /// The certificates of its signing keys. Only the keys count; whoever pinned an expired certificate meant it, and is
    /// told by the portal's check.
    pub certificates: Vec<Certificate>,
    /// Whether the signature of the assertion alone is too little. The response's own signature is always verified if
    /// there is one, and then before anything is decrypted.
    pub response_must_be_signed: bool,
    /// Which authentication context stands for which level, see [`Level::stork`]. Requests name the first that fits.
    pub levels: Vec<(String, Level)>,
}

impl IdentityProvider {
    /// The name of the lowest context that gives at least `level`.
    pub(crate) fn context_for(&self, level: Level) -> Option<&str> {
        let enough = self.levels.iter().filter(|(_, given)| *given >= level);
        enough.min_by_key(|(_, given)| *given).map(|(name, _)| name.as_str())
    }

    pub(crate) fn level_of(&self, context: &str) -> Option<Level> {
        self.levels.iter().find(|(name, _)| name == context).map(|(_, level)| *level)
    }
}
