//! What a town lacks before it may go live: facts that the law wants, examples, texts nobody has approved.

use std::{collections::BTreeMap, fmt};

use super::Builder;
use crate::{
    locale::Locale,
    tenant::{
        Authority, Tenant,
        common::examples_in,
        schema::{Approved, OfficeKind, People, Provider, ProviderKind, Status},
    },
    yaml::{At, Data, Node, Problem, decode, id_of},
};

/// What a gap is about; in this order they are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    Imprint,
    Privacy,
    DataProtection,
    Accessibility,
    Offices,
    Facts,
    Login,
    Examples,
    Texts,
    Host,
    Certificate,
}

impl Topic {
    pub fn word(self) -> &'static str {
        match self {
            Self::Imprint => "imprint",
            Self::Privacy => "privacy",
            Self::DataProtection => "data protection officer",
            Self::Accessibility => "accessibility statement",
            Self::Offices => "offices",
            Self::Facts => "facts that texts name",
            Self::Login => "login",
            Self::Examples => "examples",
            Self::Texts => "texts of the layer",
            Self::Host => "host",
            Self::Certificate => "certificate",
        }
    }
}

/// Something that has to be there before a town goes live.
#[derive(Debug, Clone)]
pub struct Gap {
    pub topic: Topic,
    /// The value, or the file to write into.
    pub at: At,
    /// What is missing: ``lacks `phone` ``.
    pub message: String,
    /// What to write.
    pub hint: String,
}

/// A text of the layers that this town shows.
#[derive(Debug, Clone)]
pub struct LayerText {
    /// Below the folder: `content/datenschutz.md`.
    pub path: String,
    pub at: At,
    pub digest: String,
    pub state: Approval,
}

/// Whether the town has approved a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approval {
    Missing,
    /// The layer has changed it since.
    Outdated,
    Given,
}

/// How far a town is on its way.
#[derive(Debug, Clone)]
pub struct Readiness {
    /// Without the texts.
    pub gaps: Vec<Gap>,
    pub texts: Vec<LayerText>,
    pub approved: Approved,
    /// The names under which the town is going to be reached, and where they stand.
    pub hosts: Vec<Authority>,
    pub hosts_at: At,
}

/// Facts by their place in `tenant.yaml`, and how they are written.
const FACTS: [(Topic, &str, &str); 11] = [
    (Topic::Imprint, "represented_by", "represented_by: die Bürgermeisterin Vorname Nachname"),
    (Topic::Imprint, "address", "address: {street: Straße 1, zip: \"00000\", city: Ort}"),
    (Topic::Imprint, "phone", "phone: \"+49 …\""),
    (Topic::Imprint, "email", "email: …"),
    (Topic::Imprint, "supervisor", "supervisor: {name: …, street: …, zip: \"…\", city: …}"),
    (
        Topic::Privacy,
        "it_providers",
        "it_providers: [{id: …, name: …, role: Betrieb des Portals, street: …, zip: \"…\", city: …}]",
    ),
    (Topic::DataProtection, "data_protection.name", "data_protection: {name: …, email: …, phone: \"…\"}"),
    (Topic::DataProtection, "data_protection.email", "data_protection: {name: …, email: …, phone: \"…\"}"),
    (
        Topic::Accessibility,
        "accessibility.created",
        "accessibility: {created: 2026-01-31, reviewed: 2026-01-31, email: …}",
    ),
    (
        Topic::Accessibility,
        "accessibility.reviewed",
        "accessibility: {created: 2026-01-31, reviewed: 2026-01-31, email: …}",
    ),
    (
        Topic::Accessibility,
        "accessibility.email",
        "accessibility: {created: 2026-01-31, reviewed: 2026-01-31, email: …}",
    ),
];

/// Pages without which no town may be on the net, and a word each of which one has to be on them.
const PAGES: [(Topic, &str, &[&str], &str); 3] = [
    (Topic::Imprint, "impressum", &[], "who publishes the portal"),
    (Topic::Privacy, "datenschutz", &["Daten"], "the kinds of data that are processed"),
    (
        Topic::Accessibility,
        "barrierefreiheit",
        &["Ombudsstelle", "Schlichtung", "Durchsetzung", "Überwachungsstelle", "Clearingstelle", "Beschwerdestelle"],
        "the body to turn to when the town does not answer",
    ),
];

/// Files of one list each whose words the town answers for; pages and services come one by one.
const LISTS: [&str; 3] = ["content/faq.yaml", "situations.yaml", "notices.yaml"];

const APPROVED: &str = "approved.yaml";

impl Builder<'_> {
    /// The refusal of a town that says `live` too early. What a layer has changed since everything was approved is told
    /// by `portal tenant ready` and `portal check`, and takes nobody off the net.
    pub(super) fn not_ready(&self, tenant: &Tenant) -> Option<Problem> {
        if tenant.status() != Status::Live {
            return None;
        }
        let readiness = self.readiness(tenant);
        // a login that ends one day without a successor is told, and is no reason to close the town today
        let stopping = readiness.gaps.iter().filter(|gap| gap.topic != Topic::Login);
        let gaps = stopping.map(|gap| format!("{}: {}", gap.topic, gap.message));
        let mut gaps: Vec<String> = gaps.collect();
        let waiting = readiness.texts.iter().filter(|text| text.state != Approval::Given).count();
        if waiting > 0 && readiness.approved.complete.is_none() {
            gaps.push(format!("{}: {waiting} not approved", Topic::Texts));
        }
        const SHOWN: usize = 3;
        let more = gaps.len().saturating_sub(SHOWN);
        let named = gaps.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("; ");
        let named = if more > 0 { format!("{named}; and {more} more") } else { named };
        let hint = format!("{named} – `portal tenant ready {}` says what to write", tenant.id);
        let problem =
            Problem::new(&self.place("tenant.yaml", "status"), "says `live`, and the town is not ready for it");
        (!gaps.is_empty()).then(|| problem.hint(hint).rule("not-ready"))
    }

    pub(super) fn readiness(&self, tenant: &Tenant) -> Readiness {
        let mut gaps: Vec<Gap> = self.missing_facts().chain(self.missing_pages(tenant)).collect();
        gaps.extend(self.no_office(tenant));
        gaps.extend(self.unsaid_facts());
        gaps.extend(self.unfinished_logins(tenant));
        gaps.extend(self.examples(tenant));
        gaps.sort_by_key(|gap| gap.topic);
        let approved = self.approved();
        let texts = self.layer_texts(tenant, &approved);
        let hosts_at = self.place("tenant.yaml", "hosts");
        Readiness { gaps, texts, approved, hosts: tenant.hosts.clone(), hosts_at }
    }

    fn missing_facts(&self) -> impl Iterator<Item = Gap> {
        let missing = FACTS
            .into_iter()
            .filter(|(_, fact, _)| self.origin("tenant.yaml", fact).is_none_or(|value| is_empty(&value)));
        missing.map(|(topic, fact, hint)| Gap {
            topic,
            at: self.home.clone(),
            message: format!("lacks `{fact}`"),
            hint: format!("`{hint}`"),
        })
    }

    /// What a page would show as `[town.court.name]`; facts of [`FACTS`] that are missing as a whole are told there.
    fn unsaid_facts(&self) -> impl Iterator<Item = Gap> {
        let is_told = |root: &str| FACTS.iter().any(|(_, fact, _)| fact.split('.').next() == Some(root));
        let mut unsaid: BTreeMap<&str, (&str, String)> = BTreeMap::new();
        for name in &self.told {
            let (file, fact) =
                name.strip_prefix("town.").map_or(("identity.yaml", &**name), |fact| ("tenant.yaml", fact));
            let root = fact.split('.').next().unwrap_or(fact);
            match self.origin(file, root) {
                None if is_told(root) => {}
                None => _ = unsaid.insert(root, (file, root.to_owned())),
                Some(_) => _ = unsaid.insert(fact, (file, fact.to_owned())),
            }
        }
        unsaid.into_values().map(|(file, fact)| Gap {
            topic: if fact == "login" { Topic::Login } else { Topic::Facts },
            at: At::start_of(&self.own.shown(file)),
            message: format!("lacks `{fact}`"),
            hint: match &*fact {
                "court" => "`court: {name: …, street: …, zip: \"…\", city: …}`".into(),
                "help" => "`help: {email: …, phone: \"+49 …\", hours: …}`".into(),
                "login" => {
                    "`providers: [{id: bundid, kind: saml-bundid, name: BundID, url: https://id.bund.de}]`".into()
                }
                fact => format!("`{fact}: …`"),
            },
        })
    }

    /// Providers of today and tomorrow that cannot log anybody in, and simulators. Accounts that are winding down are let go.
    fn unfinished_logins(&self, tenant: &Tenant) -> Vec<Gap> {
        let node = self.node("identity.yaml");
        let entries = node.as_ref().and_then(|node| node.get("providers")).map_or(&[][..], |list| list.items());
        let mut gaps = Vec::new();
        let mut tell = |provider: &Provider, message: String, hint: String| {
            let entry = entries.iter().find(|entry| id_of(entry) == Some(&provider.id));
            let at = entry.map_or_else(|| self.home.clone(), |entry| entry.at.clone());
            gaps.push(Gap { topic: Topic::Login, at, message, hint });
        };
        let account = tenant.login.iter().flat_map(|login| [Some(&login.provider), login.next.as_ref()]).flatten();
        let staff = tenant.providers().iter().filter(|provider| provider.is_for(People::Staff));
        for provider in account.chain(staff).filter(|provider| !provider.is_complete()) {
            let fields: Vec<String> = provider.missing().iter().map(|field| format!("`{field}`")).collect();
            let message = format!("`{}` cannot log anybody in without {}", provider.id, fields.join(", "));
            let hint = format!("as `tenants/README.md` shows them; then `portal idp check {}`", tenant.id);
            tell(provider, message, hint);
        }
        for provider in tenant.providers().iter().filter(|provider| provider.kind == ProviderKind::Simulator) {
            let message = format!("`{}` lets anybody log in as anybody", provider.id);
            tell(provider, message, "take it out: no town that is live may have it".into());
        }
        gaps
    }

    fn missing_pages(&self, tenant: &Tenant) -> impl Iterator<Item = Gap> {
        PAGES.into_iter().filter_map(|(topic, name, words, what)| {
            let path = format!("content/{name}.md");
            let page = tenant.pages.get(name);
            let says = |text: &str| words.is_empty() || words.iter().any(|word| text.contains(word));
            if page.is_some_and(|page| says(page.body.raw(&Locale::german()))) {
                return None;
            }
            let message =
                if page.is_some() { format!("`{path}` does not name {what}") } else { format!("lacks `{path}`") };
            Some(Gap {
                topic,
                at: At::start_of(&self.own.shown(&path)),
                message,
                hint: format!("write a page that names {what}"),
            })
        })
    }

    fn no_office(&self, tenant: &Tenant) -> Option<Gap> {
        let mut offices = tenant.offices.values().filter(|office| office.kind == OfficeKind::Office);
        if offices.any(|office| office.phone.is_some() || office.email.is_some() || office.street.is_some()) {
            return None;
        }
        Some(Gap {
            topic: Topic::Offices,
            at: At::start_of(&self.own.shown("offices.yaml")),
            message: "lacks an office of the town that people can reach".into(),
            hint: "`buergerbuero: {name: Bürgerbüro, street: …, zip: \"…\", city: …, phone: \"…\", email: …}`".into(),
        })
    }

    /// Whatever says `example: true` is not yet true.
    fn examples(&self, tenant: &Tenant) -> impl Iterator<Item = Gap> {
        let files = ["tenant.yaml", "offices.yaml", "content/faq.yaml", "notices.yaml"].map(str::to_owned).into_iter();
        let services = tenant.services.iter().map(|service| format!("services/{}.yaml", service.id));
        files.chain(services).filter_map(|path| {
            let own = self.kept.iter().find(|(known, _)| *known == path).map(|(_, node)| examples_in(node));
            let places = own.or_else(|| Some(self.common.document(&path)?.examples().to_vec())).unwrap_or_default();
            let facts = if places.len() == 1 {
                "a fact that is an example".to_owned()
            } else {
                format!("{} facts that are examples", places.len())
            };
            Some(Gap {
                topic: if path == "offices.yaml" { Topic::Offices } else { Topic::Examples },
                at: places.first()?.clone(),
                message: format!("`{path}` has {facts}"),
                hint: format!(
                    "write what is true, with `example: false`, in the file of the same name below `{}`",
                    self.folder.shown
                ),
            })
        })
    }

    pub(super) fn check_approved(&mut self) {
        if let Some(Err(problem)) = self.own.yaml(APPROVED).map(|node| decode::<Approved>(node)) {
            self.tell(problem);
        }
    }

    fn approved(&self) -> Approved {
        self.own.yaml(APPROVED).and_then(|node| decode(node).ok()).unwrap_or_default()
    }

    /// What the town shows in the words of its layers. A page it has written itself needs nobody's approval.
    fn layer_texts(&self, tenant: &Tenant, approved: &Approved) -> Vec<LayerText> {
        let all = self.ground.texts();
        let is_shown = |path: &str| match path.strip_prefix("content/").and_then(|name| name.strip_suffix(".md")) {
            Some(name) => {
                let locale = name.split_once('.').map_or("de", |(_, locale)| locale);
                tenant.has_locale(locale).is_some() && !self.own.pages().any(|(own, _)| own == path)
            }
            None => LISTS.contains(&path),
        };
        let pages = all.keys().filter(|path| is_shown(path)).cloned();
        let services = tenant.services.iter().map(|service| format!("services/{}.yaml", service.id));
        let shown = pages.chain(services).filter_map(|path| {
            let text = all.get(&path)?;
            let approval = approved.texts.iter().find(|approval| approval.text == path);
            let state = match approval {
                None => Approval::Missing,
                Some(approval) if approval.digest != text.digest => Approval::Outdated,
                Some(_) => Approval::Given,
            };
            Some(LayerText { path, at: text.at.clone(), digest: text.digest.clone(), state })
        });
        shown.collect()
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

fn is_empty(value: &Node) -> bool {
    match &value.data {
        Data::Null => true,
        // an ellipsis is what the hints write where something is to be put in
        Data::Text(text) => text.trim().is_empty() || text.contains('…'),
        Data::List(items) => items.is_empty(),
        Data::Map(entries) => entries.is_empty(),
        Data::Bool(_) | Data::Number(_) => false,
    }
}
