//! Handlers and pages of what a town writes.

use std::sync::Arc;

use poem::{Request, handler};
use serde::Serialize;

use super::{
    Content, faq_id,
    message::{ABOUT_A_BARRIER, Message, SENT, TO_THE_TOWN, Trouble},
};
use crate::{
    catalogue::OfficeView,
    error::{Error, Result},
    tenant::{
        Said, Tenant,
        schema::{FaqEntry, Office, Responsible, Service},
    },
    web::{Head, Page, Rendered, Section, Visit, phone_uri},
};

#[derive(Debug, Serialize)]
pub struct FaqPage {
    topics: Vec<TopicView>,
}

#[derive(Debug, Serialize)]
struct TopicView {
    id: String,
    title: Said,
    entries: Vec<EntryView>,
}

#[derive(Debug, Serialize)]
struct EntryView {
    id: String,
    question: Said,
    answer: Said,
}

#[handler]
pub fn show_faq(visit: Visit) -> Result<Rendered> {
    visit.render(&FaqPage::of(&visit))
}

impl FaqPage {
    /// In the order of the topics; entries without a known topic stand under the last heading.
    fn of(visit: &Visit) -> Self {
        let faq = &visit.tenant.faq;
        let entries: Vec<(usize, &FaqEntry)> = faq.entries.iter().enumerate().collect();
        let view = |(i, entry): &(usize, &FaqEntry)| EntryView {
            id: faq_id(&visit.tenant, entry, *i),
            question: visit.say(&entry.question),
            answer: visit.tenant.say_at_length(&entry.answer, &visit.locale, 4),
        };
        let mut topics: Vec<TopicView> = faq
            .topics
            .iter()
            .map(|topic| {
                let of_topic = entries.iter().filter(|(_, entry)| entry.topic.as_deref() == Some(&topic.id));
                TopicView {
                    id: topic.id.clone(),
                    title: visit.say(&topic.title),
                    entries: of_topic.map(view).collect(),
                }
            })
            .filter(|topic| !topic.entries.is_empty())
            .collect();
        let has_topic = |entry: &FaqEntry| faq.topics.iter().any(|topic| Some(&topic.id) == entry.topic.as_ref());
        let others: Vec<EntryView> = entries.iter().filter(|(_, entry)| !has_topic(entry)).map(view).collect();
        if !others.is_empty() {
            let text = visit.text("faq.others");
            let title = Said { html: text.clone(), text, lang: None };
            topics.push(TopicView { id: "weitere-fragen".into(), title, entries: others });
        }
        Self { topics }
    }
}

impl Page for FaqPage {
    const TEMPLATE: &'static str = "faq.html";

    fn head(&self, visit: &Visit) -> Head {
        Head::new(Section::Faq, visit.text("faq.title")).description(visit.text("faq.intro"))
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        vec![Self::of(visit), Self { topics: vec![] }]
    }
}

#[derive(Serialize)]
pub struct ContactPage {
    content: Option<Content>,
    offices: Vec<OfficeView>,
    message: Message,
}

#[handler]
pub fn show_contact(visit: Visit, request: &Request) -> Result<Rendered> {
    let message = Message::of(&visit, &TO_THE_TOWN, is_sent(request));
    visit.render(&ContactPage::of(&visit, message))
}

/// The page to which a form leads that was sent.
fn is_sent(request: &Request) -> bool {
    let query = request.uri().query().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes()).any(|(name, value)| name == SENT && value == "1")
}

impl ContactPage {
    pub fn of(visit: &Visit, message: Message) -> Self {
        let offices = visit.tenant.offices.iter().filter(|(id, office)| is_met(visit, id, office));
        let offices = offices.map(|(id, office)| OfficeView::of(id, office, visit));
        // the town's own first, then outside bodies, each by name
        let mut offices: Vec<OfficeView> = offices.collect();
        offices.sort_by_cached_key(|office| (office.kind == "body", office.name.text.to_lowercase()));
        Self { content: Content::of(visit, "kontakt"), offices, message }
    }
}

/// A layer may bring more offices than a town has: people meet those that a service names or that have an address.
fn is_met(visit: &Visit, id: &str, office: &Office) -> bool {
    let names_it =
        |service: &Arc<Service>| matches!(&service.responsible, Responsible::Office { id: named, .. } if named == id);
    let has_details =
        office.street.is_some() || office.phone.is_some() || office.email.is_some() || !office.hours.is_empty();
    has_details || visit.tenant.services.iter().any(names_it)
}

impl Page for ContactPage {
    const TEMPLATE: &'static str = "contact.html";

    fn head(&self, visit: &Visit) -> Head {
        let head = Content::head(self.content.as_ref(), visit, Section::Contact, "contact.title");
        self.message.head(head, visit)
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        let nothing = |message| Self { content: None, offices: vec![], message };
        vec![
            Self::of(visit, Message::of(visit, &TO_THE_TOWN, false)),
            nothing(Message::filled(&TO_THE_TOWN, Trouble::Later)),
            nothing(Message::filled(&TO_THE_TOWN, Trouble::Unsure)),
            nothing(Message::Sent),
            nothing(Message::Closed),
        ]
    }
}

#[derive(Debug, Serialize)]
pub struct OnlineIdPage {
    content: Option<Content>,
    office: Option<OfficeView>,
}

#[handler]
pub fn show_online_id(visit: Visit) -> Result<Rendered> {
    visit.render(&OnlineIdPage::of(&visit))
}

impl OnlineIdPage {
    fn of(visit: &Visit) -> Self {
        let id = &visit.tenant.town.online_id_office;
        let office = visit.tenant.offices.get(id.as_str());
        Self {
            content: Content::of(visit, "online-ausweis"),
            office: office.map(|office| OfficeView::of(id, office, visit)),
        }
    }
}

impl Page for OnlineIdPage {
    const TEMPLATE: &'static str = "online_id.html";

    fn head(&self, visit: &Visit) -> Head {
        Content::head(self.content.as_ref(), visit, Section::Login, "footer.online_id")
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        vec![Self::of(visit), Self { content: None, office: None }]
    }
}

/// Imprint, privacy, easy language, sign language: the town's words and nothing else.
#[derive(Debug, Serialize)]
pub struct ContentPage {
    content: Content,
}

/// The pages that are only content, by their address.
pub const CONTENT_PAGES: [&str; 4] = ["impressum", "datenschutz", "leichte-sprache", "gebaerdensprache"];

/// Whether a page of the portal is there in a town: some are only what the town or its layers wrote.
pub fn has_page(tenant: &Tenant, path: &str) -> bool {
    let name = path.trim_start_matches('/');
    let is_written = CONTENT_PAGES.contains(&name) || name == "barrierefreiheit";
    !is_written || tenant.pages.contains_key(name)
}

#[handler]
pub fn show_content(visit: Visit) -> Result<Rendered> {
    let content = Content::of(&visit, visit.path.trim_start_matches('/')).ok_or(Error::NotFound)?;
    visit.render(&ContentPage { content })
}

impl Page for ContentPage {
    const TEMPLATE: &'static str = "content.html";

    fn head(&self, _: &Visit) -> Head {
        Head::new(Section::Legal, &self.content.title.text)
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        CONTENT_PAGES.iter().filter_map(|name| Some(Self { content: Content::of(visit, name)? })).collect()
    }
}

#[derive(Serialize)]
pub struct AccessibilityPage {
    content: Content,
    accessibility: Option<Statement>,
    message: Message,
}

/// Dates and contact of the accessibility statement.
#[derive(Debug, Serialize)]
struct Statement {
    created: Option<String>,
    reviewed: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    phone_uri: Option<String>,
    example: bool,
}

#[handler]
pub fn show_accessibility(visit: Visit, request: &Request) -> Result<Rendered> {
    let message = Message::of(&visit, &ABOUT_A_BARRIER, is_sent(request));
    visit.render(&AccessibilityPage::of(&visit, message).ok_or(Error::NotFound)?)
}

impl AccessibilityPage {
    /// `None` where the town has written no statement.
    pub fn of(visit: &Visit, message: Message) -> Option<Self> {
        let statement = visit.tenant.town.accessibility.as_ref();
        Some(Self {
            content: Content::of(visit, "barrierefreiheit")?,
            accessibility: statement.map(|statement| Statement {
                created: statement.created.map(|date| visit.date(date)),
                reviewed: statement.reviewed.map(|date| visit.date(date)),
                email: statement.email.clone(),
                phone: statement.phone.clone(),
                phone_uri: statement.phone.as_deref().map(phone_uri),
                example: statement.example,
            }),
            message,
        })
    }
}

impl Page for AccessibilityPage {
    const TEMPLATE: &'static str = "accessibility.html";

    fn head(&self, visit: &Visit) -> Head {
        self.message.head(Head::new(Section::Legal, &self.content.title.text), visit)
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        let open = Self::of(visit, Message::of(visit, &ABOUT_A_BARRIER, false));
        let wrong = Self::of(visit, Message::filled(&ABOUT_A_BARRIER, Trouble::Later))
            .map(|page| Self { accessibility: None, ..page });
        let sent = Self::of(visit, Message::Sent);
        open.into_iter().chain(wrong).chain(sent).collect()
    }
}

/// The API for people, in the town's face.
#[derive(Debug, Serialize)]
pub struct ApiPage {
    operations: Vec<Operation>,
}

#[derive(Debug, Serialize)]
struct Operation {
    method: &'static str,
    path: &'static str,
    summary: &'static str,
}

#[handler]
pub fn show_api(visit: Visit) -> Result<Rendered> {
    visit.render(&ApiPage::all())
}

impl ApiPage {
    fn all() -> Self {
        let operation = |path, summary| Operation { method: "GET", path, summary };
        let deed = |path, summary| Operation { method: "POST", path, summary };
        Self {
            operations: vec![
                operation("/api/v1/services", "Lists all services of the town"),
                operation("/api/v1/services/{id}", "Shows one service"),
                operation("/api/v1/search?q=", "Searches services and help"),
                operation("/api/v1/cases", "Lists one's own cases"),
                operation("/api/v1/cases/{number}", "Shows one of one's own cases"),
                operation("/api/v1/threads", "Lists one's own messages"),
                operation(
                    "/api/v1/threads/{id}",
                    "Shows the messages about one thing; reading them here marks nothing as read",
                ),
                deed("/api/v1/threads/{id}/messages", "Writes to the town hall"),
            ],
        }
    }
}

impl Page for ApiPage {
    const TEMPLATE: &'static str = "api.html";

    fn head(&self, visit: &Visit) -> Head {
        Head::new(Section::Legal, visit.text("api.title"))
    }

    fn samples(_: &Visit) -> Vec<Self> {
        vec![Self::all()]
    }
}
