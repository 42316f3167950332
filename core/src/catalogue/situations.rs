//! A life situation with everything the town offers for it.

use poem::{handler, web::Path};
use serde::Serialize;

use super::{
    Card, of_situation,
    start::{SituationLink, situation_links},
};
use crate::{
    error::{Error, Result},
    tenant::Said,
    web::{Head, Page, Rendered, Section, Visit},
};

#[derive(Debug, Serialize)]
pub struct SituationPage {
    situation: SituationView,
    services: Vec<Card>,
    others: Vec<SituationLink>,
}

#[derive(Debug, Serialize)]
struct SituationView {
    title: Said,
    short: Option<Said>,
    text: Option<Said>,
    icon: String,
}

#[handler]
pub fn show(visit: Visit, Path(id): Path<String>) -> Result<Rendered> {
    visit.render(&SituationPage::of(&visit, &id).ok_or(Error::NotFound)?)
}

impl SituationPage {
    fn of(visit: &Visit, id: &str) -> Option<Self> {
        let situation = visit.tenant.situation(id)?;
        Some(Self {
            situation: SituationView {
                title: visit.say(&situation.title),
                short: situation.short.as_ref().map(|short| visit.say(short)),
                text: situation.text.as_ref().map(|text| visit.say_at_length(text)),
                icon: situation.icon.clone().unwrap_or_else(|| "heart".into()),
            },
            services: of_situation(&visit.tenant, id).into_iter().map(|service| Card::of(service, visit)).collect(),
            others: situation_links(visit, Some(id)),
        })
    }
}

impl Page for SituationPage {
    const TEMPLATE: &'static str = "situation.html";

    fn head(&self, visit: &Visit) -> Head {
        let head = Head::new(Section::Situations, &self.situation.title.text);
        let head = head.below(visit.text("nav.situations"), format!("{}#lebenslagen", visit.url("/")));
        match &self.situation.short {
            Some(short) => head.description(&short.text),
            None => head,
        }
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        visit.tenant.situations.iter().filter_map(|(id, _)| Self::of(visit, id)).collect()
    }
}
