/// How sure it is that somebody is who they say: the levels of BundID's interface, which for the upper three are those
/// of eIDAS. An attribute has a level too: how sure it is that *it* is true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// User name and password chosen by the person, no assurance at all ("Basisregistrierung").
    Basic = 1,
    /// "niedrig"
    Low,
    /// "substantiell", for example by an ELSTER certificate.
    Substantial,
    /// "hoch", by the online function of the ID card.
    High,
}

impl Level {
    pub const ALL: [Level; 4] = [Level::Basic, Level::Low, Level::Substantial, Level::High];

    /// The authentication contexts as BundID and its relatives name them.
    pub fn stork() -> Vec<(String, Level)> {
        Self::ALL.into_iter().map(|level| (format!("STORK-QAA-Level-{}", level as u8), level)).collect()
    }

    /// Reads the trust in an attribute. Seen are the words of the specification and those of the running service.
    pub fn of_trust(word: &str) -> Option<Level> {
        let word = word.trim().to_ascii_lowercase();
        match word.strip_prefix("stork-qaa-level-").unwrap_or(&word) {
            "untergeordnet" | "basis" | "basisregistrierung" | "1" => Some(Level::Basic),
            "normal" | "niedrig" | "low" | "2" => Some(Level::Low),
            "substantiell" | "substantial" | "3" => Some(Level::Substantial),
            "hoch" | "high" | "4" => Some(Level::High),
            _ => None,
        }
    }
}
