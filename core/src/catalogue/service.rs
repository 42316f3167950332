//! The page of one service: first the short answer, then everything else.

use std::collections::BTreeSet;

use poem::{handler, web::Path};
use serde::Serialize;

use super::{
    Card, OfficeView,
    cards::{euros, place_of},
};
use crate::{
    error::{Error, Result},
    tenant::{
        Said, Text,
        schema::{OnlineKind, Responsible, Service},
    },
    theme::markdown,
    web::{Head, Page, Rendered, Section, Visit},
};

#[handler]
pub fn show(visit: Visit, Path(slug): Path<String>) -> Result<Rendered> {
    let service = visit.tenant.service_at(&slug).ok_or(Error::NotFound)?;
    visit.render(&ServicePage::of(&visit, service))
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
    cost: Option<Said>,
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
            let category = tenant.categories.get(id)?;
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
            fell_back: service.texts().any(|text| text.own(&visit.locale).is_none()),
        }
    }
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
fn cost(service: &Service, visit: &Visit) -> Option<Said> {
    let first = service.fees.first()?;
    let amounts: BTreeSet<u64> = service.fees.iter().filter_map(|fee| fee.amount).collect();
    let is_only = amounts.len() == 1 && service.fees.iter().all(|fee| fee.amount.is_some());
    let with = |name: &str, cents: u64| visit.text(name).replace("{amount}", &euros(cents, visit));
    let text = match first.amount {
        Some(0) if is_only => visit.text("service.free"),
        Some(0) => visit.text("cost.free_mostly"),
        Some(cents) if is_only => euros(cents, visit),
        Some(cents) if amounts.first() == Some(&cents) => with("cost.from", cents),
        Some(cents) => with("cost.differs", cents),
        None if service.fees.len() == 1 => return Some(visit.say(&first.text)),
        None => visit.text("cost.see"),
    };
    Some(Said { html: markdown::to_inline_html(&text), text, lang: None })
}

impl OnlineView {
    fn of(service: &Service, office: Option<&OfficeView>, visit: &Visit) -> Self {
        let online = &service.online;
        let url = match online.kind {
            OnlineKind::Form => {
                let here = || visit.url(&format!("/dienstleistungen/{}/antrag", service.slug()));
                let form = online.form.as_ref().filter(|id| visit.tenant.online_forms.contains_key(*id));
                form.map(|_| here()).or_else(|| online.url.clone())
            }
            OnlineKind::Link => online.url.clone(),
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
