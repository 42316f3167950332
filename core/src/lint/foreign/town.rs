//! What a town has of its own.

/// The facts by which a town is recognised on the pages of others.
#[derive(Debug, Clone, Default)]
pub struct TownFacts {
    pub id: String,
    pub name: String,
    pub full_name: String,
    pub adjectives: Vec<String>,
    /// As its texts say it: `Löhnerinnen und Löhner`.
    pub residents: Vec<String>,
    /// Hosts of the portal, previews among them, and of its website.
    pub hosts: Vec<String>,
    /// The town's own address first.
    pub emails: Vec<String>,
    pub phones: Vec<String>,
    /// Street with number, zip code, city.
    pub addresses: Vec<(String, String, String)>,
    pub ibans: Vec<String>,
    pub companies: Vec<String>,
    /// Names of its districts, which may be those of municipalities elsewhere.
    pub districts: Vec<String>,
    /// Ids of the towns it means to mention.
    pub mentions: Vec<String>,
}
