//! What a town has of its own.

use std::collections::HashSet;

use crate::tenant::{
    Tenant, Text,
    schema::{Office, OfficeKind},
};

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

impl TownFacts {
    /// Without what layers give to their towns: it is nobody's own.
    pub fn without(mut self, shared: &HashSet<String>) -> Self {
        self.emails.retain(|email| !shared.contains(email));
        self.phones.retain(|phone| !shared.contains(phone));
        self.ibans.retain(|iban| !shared.contains(iban));
        self.addresses.retain(|(street, ..)| !shared.contains(street));
        self
    }

    /// Everything of the town's own; what outside bodies such as the Kreis have is nobody's.
    pub fn of(tenant: &Tenant) -> Self {
        let town = &tenant.town;
        let offices = || tenant.offices.values().filter(|office| office.kind == OfficeKind::Office);
        let website = town.website.as_deref().and_then(host);
        let emails = [
            &town.email,
            &town.help.as_ref().and_then(|help| help.email.clone()),
            &town.data_protection.as_ref().and_then(|person| person.email.clone()),
            &town.accessibility.as_ref().and_then(|statement| statement.email.clone()),
        ];
        let phones = [
            &town.phone,
            &town.fax,
            &town.help.as_ref().and_then(|help| help.phone.clone()),
            &town.data_protection.as_ref().and_then(|person| person.phone.clone()),
            &town.accessibility.as_ref().and_then(|statement| statement.phone.clone()),
        ];
        let own_address = town.address.iter().map(|at| (at.street.clone(), at.zip.clone(), at.city.clone()));
        Self {
            id: tenant.id.to_string(),
            name: town.name.clone(),
            full_name: town.full_name.clone(),
            adjectives: said(&town.forms.adjective),
            residents: said(&town.forms.residents),
            hosts: tenant
                .all_hosts()
                .map(|host| without_port(host.as_str()))
                .chain(website)
                .map(str::to_owned)
                .collect(),
            emails: emails.into_iter().chain(offices().map(|office| &office.email)).flatten().cloned().collect(),
            phones: phones.into_iter().chain(offices().map(|office| &office.phone)).flatten().cloned().collect(),
            addresses: own_address.chain(offices().filter_map(|office| place(office))).collect(),
            ibans: town.iban.iter().cloned().collect(),
            companies: town.companies.iter().flat_map(|company| said(&company.name)).collect(),
            districts: town.districts.iter().flat_map(|district| said(&district.name)).collect(),
            mentions: town.mentions.iter().map(|mention| mention.town.clone()).collect(),
        }
    }
}

fn said(text: &Text) -> Vec<String> {
    text.locales().map(|(_, text)| text.to_owned()).collect()
}

fn place(office: &Office) -> Option<(String, String, String)> {
    let part = |part: &Option<String>| part.clone().unwrap_or_default();
    Some((office.street.clone()?, part(&office.zip), part(&office.city)))
}

/// The host of an address.
fn host(url: &str) -> Option<&str> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = without_port(rest.split(['/', '?', '#']).next()?);
    (!host.is_empty()).then_some(host)
}

fn without_port(host: &str) -> &str {
    host.split_once(':').map_or(host, |(host, _)| host)
}
