//! Services from A to Z, and the page of one service.

use std::collections::BTreeSet;

use poem::{
    handler,
    web::{Path, Query},
};
use serde::{Deserialize, Serialize};

use super::{
    Card, Filter, OfficeView,
    cards::{euros, place_of},
    categories_in_use, letter_of,
};
use crate::{
    error::{Error, Result},
    locale::Locale,
    tenant::{
        Said, Text,
        schema::{OnlineKind, Responsible, Service},
    },
    web::{Head, Page, Rendered, Section, Visit},
};

/// Parameters of the A–Z page. Whatever does not fit is as if it were absent: a list is never an error.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    buchstabe: String,
    #[serde(default)]
    kategorie: String,
    #[serde(default)]
    online: String,
}

/// The names of [`Asked`], for the page cache.
pub const ASKED: [&str; 3] = ["buchstabe", "kategorie", "online"];

#[handler]
pub fn list(visit: Visit, asked: Option<Query<Asked>>) -> Result<Rendered> {
    let filter = asked.map(|Query(asked)| asked.filter(&visit)).unwrap_or_default();
    visit.render(&ServicesPage::of(&visit, &filter))
}

#[handler]
pub fn show(visit: Visit, Path(slug): Path<String>) -> Result<Rendered> {
    let service = visit.tenant.service_at(&slug).ok_or(Error::NotFound)?;
    visit.render(&ServicePage::of(&visit, service))
}

impl Asked {
    fn filter(&self, visit: &Visit) -> Filter {
        let mut letters = self.buchstabe.chars();
        let letter = letters.next().map(|c| c.to_ascii_uppercase()).filter(|c| c.is_ascii_uppercase() || *c == '#');
        let known = visit.tenant.categories.iter().any(|(id, _)| *id == self.kategorie);
        Filter {
            letter: letter.filter(|_| letters.next().is_none()),
            category: known.then(|| self.kategorie.clone()),
            online: matches!(self.online.as_str(), "1" | "ja" | "true"),
        }
    }
}

#[derive(Debug, Serialize)]
pub struct ServicesPage {
    letters: Vec<LetterLink>,
    categories: Vec<CategoryFilter>,
    online: OnlineFilter,
    groups: Vec<Group>,
    total: usize,
    filtered: bool,
    clear_url: String,
}

#[derive(Debug, Serialize)]
struct LetterLink {
    letter: String,
    /// Absent where no service begins with it.
    url: Option<String>,
    current: bool,
}

#[derive(Debug, Serialize)]
struct CategoryFilter {
    id: String,
    title: Said,
    icon: String,
    url: String,
    current: bool,
    count: usize,
}

#[derive(Debug, Serialize)]
struct OnlineFilter {
    current: bool,
    url: String,
}

#[derive(Debug, Serialize)]
struct Group {
    letter: String,
    services: Vec<Card>,
}

impl ServicesPage {
    fn of(visit: &Visit, filter: &Filter) -> Self {
        let tenant = &visit.tenant;
        let shown: Vec<&Service> =
            tenant.services.iter().map(|service| &**service).filter(|s| filter.admits(s)).collect();
        let without_letter = Filter { letter: None, ..filter.clone() };
        let taken: BTreeSet<char> = tenant
            .services
            .iter()
            .filter(|service| without_letter.admits(service))
            .map(|service| letter_of(service, &Locale::german()))
            .collect();
        let letters = ('A'..='Z').map(|letter| LetterLink {
            letter: letter.to_string(),
            url: taken.contains(&letter).then(|| list_url(visit, &Filter { letter: Some(letter), ..filter.clone() })),
            current: filter.letter == Some(letter),
        });
        let categories = categories_in_use(tenant).into_iter().map(|(id, category, count)| {
            let current = filter.category.as_deref() == Some(id);
            let chosen = Filter { category: (!current).then(|| id.to_owned()), letter: None, online: filter.online };
            CategoryFilter {
                id: id.to_owned(),
                title: visit.say(&category.title),
                icon: category.icon.clone().unwrap_or_else(|| "document".into()),
                url: list_url(visit, &chosen),
                current,
                count,
            }
        });
        Self {
            letters: letters.collect(),
            categories: categories.collect(),
            online: OnlineFilter {
                current: filter.online,
                url: list_url(visit, &Filter { online: !filter.online, letter: None, ..filter.clone() }),
            },
            total: shown.len(),
            groups: groups(shown, visit),
            filtered: !filter.is_empty(),
            clear_url: visit.url("/dienstleistungen"),
        }
    }
}

/// Under the letters of the visit's own language.
fn groups(mut services: Vec<&Service>, visit: &Visit) -> Vec<Group> {
    services.sort_by_cached_key(|service| {
        (letter_of(service, &visit.locale), visit.locale.order_of(service.title.get(&visit.locale)))
    });
    let mut groups: Vec<Group> = Vec::new();
    for service in services {
        let letter = letter_of(service, &visit.locale).to_string();
        if groups.last().is_none_or(|group| group.letter != letter) {
            groups.push(Group { letter, services: Vec::new() });
        }
        groups.last_mut().expect("a group was just pushed").services.push(Card::of(service, visit));
    }
    groups
}

fn list_url(visit: &Visit, filter: &Filter) -> String {
    let mut query = Vec::new();
    query.extend(filter.letter.map(|letter| format!("buchstabe={letter}")));
    query.extend(filter.category.as_ref().map(|category| format!("kategorie={category}")));
    query.extend(filter.online.then(|| "online=1".to_owned()));
    let path = visit.url("/dienstleistungen");
    if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
}

impl Page for ServicesPage {
    const TEMPLATE: &'static str = "services.html";

    fn head(&self, visit: &Visit) -> Head {
        let head = Head::new(Section::Services, visit.text("services.title")).description(visit.text("meta.services"));
        if self.filtered { head.noindex() } else { head }
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        let nothing = Filter { letter: Some('#'), category: None, online: true };
        let online = Filter { online: true, ..Filter::default() };
        [Filter::default(), online, nothing].iter().map(|filter| Self::of(visit, filter)).collect()
    }
}

#[derive(Debug, Serialize)]
pub struct ServicePage {
    service: ServiceView,
}

#[derive(Debug, Serialize)]
struct ServiceView {
    id: String,
    title: Said,
    short: Said,
    who: Option<Said>,
    documents: Vec<DocumentView>,
    fees: Vec<FeeView>,
    deadlines: Option<Said>,
    duration: Option<Said>,
    steps: Vec<Said>,
    legal_basis: Vec<LinkView>,
    office: Option<OfficeView>,
    office_note: Option<Said>,
    online: OnlineView,
    login: &'static str,
    categories: Vec<LinkView>,
    situations: Vec<LinkView>,
    forms: Vec<LinkView>,
    related: Vec<Card>,
    remedy: Option<Said>,
    updated: Option<String>,
    reviewed: Option<String>,
    leika: Option<String>,
    example: bool,
    /// Something on this page is not there in the visit's language yet.
    fell_back: bool,
    answers: Answers,
}

#[derive(Debug, Serialize)]
struct DocumentView {
    text: Said,
    note: Option<Said>,
    only_if: Option<Said>,
    example: bool,
}

#[derive(Debug, Serialize)]
struct FeeView {
    text: Said,
    note: Option<Said>,
    amount: Option<String>,
    free: bool,
    example: bool,
}

#[derive(Debug, Serialize)]
struct LinkView {
    title: Said,
    url: Option<String>,
}

#[derive(Debug, Serialize)]
struct OnlineView {
    kind: &'static str,
    url: Option<String>,
    label: Option<Said>,
    provider: Option<String>,
    instead: Option<Said>,
}

/// The short answer: how long, what to bring, what it costs, where.
#[derive(Debug, Serialize)]
struct Answers {
    duration: Option<Said>,
    bring: usize,
    cost: Option<String>,
    #[serde(rename = "where")]
    place: &'static str,
}

impl ServicePage {
    fn of(visit: &Visit, service: &Service) -> Self {
        Self { service: ServiceView::of(visit, service) }
    }
}

impl ServiceView {
    fn of(visit: &Visit, service: &Service) -> Self {
        let tenant = &visit.tenant;
        let say = |text: &Text| visit.say(text);
        let at_length = |text: &Option<Text>| text.as_ref().map(|text| visit.say_at_length(text));
        let office = OfficeView::responsible(service, visit);
        let place = place_of(service, office.as_ref());
        let documents = service.documents.iter().map(|document| DocumentView {
            text: say(&document.text),
            note: document.note.as_ref().map(say),
            only_if: document.only_if.as_ref().map(say),
            example: document.example,
        });
        let categories = service.categories.iter().filter_map(|id| {
            let (_, category) = tenant.categories.iter().find(|(known, _)| known == id)?;
            Some(LinkView {
                title: say(&category.title),
                url: Some(visit.url(&format!("/dienstleistungen?kategorie={id}"))),
            })
        });
        let situations = service.situations.iter().filter_map(|id| {
            let situation = tenant.situation(id)?;
            Some(LinkView { title: say(&situation.title), url: Some(visit.url(&format!("/lebenslagen/{id}"))) })
        });
        let forms = service.forms.iter().map(|form| {
            let asset = form.file.as_ref().and_then(|file| tenant.asset(file)).map(|asset| asset.address());
            LinkView { title: say(&form.title), url: asset.or_else(|| form.url.clone()) }
        });
        Self {
            id: service.id.clone(),
            title: say(&service.title),
            short: say(&service.short),
            who: at_length(&service.who),
            fees: service
                .fees
                .iter()
                .map(|fee| FeeView {
                    text: say(&fee.text),
                    note: fee.note.as_ref().map(say),
                    amount: fee.amount.map(|cents| euros(cents, visit)),
                    free: fee.amount == Some(0),
                    example: fee.example,
                })
                .collect(),
            deadlines: deadlines(service, visit),
            duration: at_length(&service.duration),
            steps: service.steps.iter().map(say).collect(),
            legal_basis: service
                .legal_basis
                .iter()
                .map(|law| LinkView { title: say(&law.title), url: law.url.clone() })
                .collect(),
            office_note: match &service.responsible {
                Responsible::Office { note: Some(note), .. } => Some(visit.say_at_length(note)),
                _ => None,
            },
            online: OnlineView::of(service, office.as_ref(), visit),
            login: service.login.word(),
            categories: categories.collect(),
            situations: situations.collect(),
            forms: forms.collect(),
            related: service
                .related
                .iter()
                .filter_map(|id| tenant.service(id))
                .map(|other| Card::of(other, visit))
                .collect(),
            remedy: at_length(&service.remedy),
            updated: service.updated.map(|date| visit.date(date)),
            reviewed: service.reviewed.map(|date| visit.date(date)),
            leika: service.leika.as_ref().map(|key| key.digits().to_owned()),
            example: service.example,
            answers: Answers {
                duration: service.duration.as_ref().map(say),
                bring: service.documents.len(),
                cost: cost(service, visit),
                place,
            },
            documents: documents.collect(),
            office,
            fell_back: texts_of(service).any(|text| text.own(&visit.locale).is_none()),
        }
    }
}

/// Everything a service says in sentences.
fn texts_of(service: &Service) -> impl Iterator<Item = &Text> {
    let single = [
        Some(&service.title),
        Some(&service.short),
        service.who.as_ref(),
        service.duration.as_ref(),
        service.remedy.as_ref(),
    ];
    let documents = service.documents.iter().map(|document| &document.text);
    let fees = service.fees.iter().map(|fee| &fee.text);
    single
        .into_iter()
        .flatten()
        .chain(documents)
        .chain(fees)
        .chain(service.deadlines.iter())
        .chain(service.steps.iter())
}

/// One deadline is a passage, several are a list.
fn deadlines(service: &Service, visit: &Visit) -> Option<Said> {
    match &service.deadlines[..] {
        [] => None,
        [one] => Some(visit.say_at_length(one)),
        several => {
            let all: Vec<Said> = several.iter().map(|text| visit.say(text)).collect();
            let items: String = all.iter().map(|said| format!("<li>{}</li>", said.html)).collect();
            let text = all.iter().map(|said| said.text.as_str()).collect::<Vec<_>>().join(" ");
            Some(Said { text, html: format!("<ul>{items}</ul>"), lang: all[0].lang })
        }
    }
}

/// What it costs, in one line. The first fee is the usual one, as editors write it: "ab" where nothing is cheaper,
/// otherwise its amount and that cases differ.
fn cost(service: &Service, visit: &Visit) -> Option<String> {
    let first = service.fees.first()?;
    let amounts: BTreeSet<u64> = service.fees.iter().filter_map(|fee| fee.amount).collect();
    let is_only = amounts.len() == 1 && service.fees.iter().all(|fee| fee.amount.is_some());
    let with = |name: &str, cents: u64| visit.text(name).replace("{amount}", &euros(cents, visit));
    Some(match first.amount {
        Some(0) if is_only => visit.text("service.free"),
        Some(0) => visit.text("cost.free_mostly"),
        Some(cents) if is_only => euros(cents, visit),
        Some(cents) if amounts.first() == Some(&cents) => with("cost.from", cents),
        Some(cents) => with("cost.differs", cents),
        None if service.fees.len() == 1 => visit.say(&first.text).text,
        None => visit.text("cost.see"),
    })
}

impl OnlineView {
    fn of(service: &Service, office: Option<&OfficeView>, visit: &Visit) -> Self {
        let online = &service.online;
        let url = match online.kind {
            // form assistants arrive with the room `forms`; until then a form has no address
            OnlineKind::Form | OnlineKind::Link => online.url.clone(),
            OnlineKind::Appointment => {
                online.url.clone().or_else(|| office.and_then(|office| office.appointment.clone()))
            }
            OnlineKind::None => None,
        };
        Self {
            kind: online.kind.word(),
            url,
            label: online.label.as_ref().map(|text| visit.say(text)),
            provider: online.provider.as_ref().map(|text| visit.say(text).text),
            instead: online.instead.as_ref().map(|text| visit.say_at_length(text)),
        }
    }
}

impl Page for ServicePage {
    const TEMPLATE: &'static str = "service.html";

    fn head(&self, visit: &Visit) -> Head {
        Head::new(Section::Services, &self.service.title.text)
            .description(&self.service.short.text)
            .below(visit.text("services.title"), visit.url("/dienstleistungen"))
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        visit.tenant.services.iter().map(|service| Self::of(visit, service)).collect()
    }
}
