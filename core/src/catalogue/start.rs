//! The start page: search, tiles, newest services, life situations.

use poem::handler;
use serde::Serialize;

use super::{Card, categories_in_use, newest};
use crate::{
    error::Result,
    tenant::{Said, schema::Tile},
    web::{Head, Page, Rendered, Section, Visit},
};

#[derive(Debug, Serialize)]
pub struct StartPage {
    tiles: Vec<TileView>,
    newest: Vec<Card>,
    situations: Vec<SituationLink>,
    categories: Vec<CategoryLink>,
}

#[derive(Debug, Serialize)]
struct TileView {
    title: Said,
    text: Option<Said>,
    icon: String,
    url: String,
    external: bool,
}

/// A life situation in a list.
#[derive(Debug, Serialize)]
pub struct SituationLink {
    pub title: Said,
    pub short: Option<Said>,
    pub icon: String,
    pub url: String,
}

#[derive(Debug, Serialize)]
struct CategoryLink {
    title: Said,
    icon: String,
    url: String,
    count: usize,
}

#[handler]
pub fn show(visit: Visit) -> Result<Rendered> {
    visit.render(&StartPage::of(&visit))
}

impl StartPage {
    fn of(visit: &Visit) -> Self {
        let tenant = &visit.tenant;
        let categories = categories_in_use(tenant).into_iter().map(|(id, category, count)| CategoryLink {
            title: visit.say(&category.title),
            icon: category.icon.clone().unwrap_or_else(|| "document".into()),
            url: visit.url(&format!("/dienstleistungen?kategorie={id}")),
            count,
        });
        Self {
            tiles: tenant.start.tiles.iter().filter_map(|tile| TileView::of(tile, visit)).collect(),
            newest: newest(tenant).into_iter().map(|service| Card::of(service, visit)).collect(),
            situations: situation_links(visit, None),
            categories: categories.collect(),
        }
    }
}

impl TileView {
    /// `None` where the tile leads to something this town does not offer.
    fn of(tile: &Tile, visit: &Visit) -> Option<Self> {
        let tenant = &visit.tenant;
        let url = match (&tile.service, &tile.category, &tile.situation, &tile.url) {
            (Some(id), ..) => visit.url(&format!("/dienstleistungen/{}", tenant.service(id)?.slug())),
            (_, Some(id), ..) => visit.url(&format!("/dienstleistungen?kategorie={id}")),
            (.., Some(id), _) => visit.url(&format!("/lebenslagen/{id}")),
            (.., Some(url)) if url.starts_with('/') => visit.url(url),
            (.., url) => url.clone()?,
        };
        Some(Self {
            title: visit.say(&tile.title),
            text: tile.text.as_ref().map(|text| visit.say(text)),
            icon: tile.icon.clone().unwrap_or_else(|| "document".into()),
            external: !url.starts_with('/'),
            url,
        })
    }
}

/// Life situations in which this town has something to offer, without `but`.
pub fn situation_links(visit: &Visit, but: Option<&str>) -> Vec<SituationLink> {
    let offered = visit.tenant.situations.iter().filter(|(id, _)| Some(*id) != but);
    let offered = offered.filter(|(id, _)| super::has_situation(&visit.tenant, id));
    offered
        .map(|(id, situation)| SituationLink {
            title: visit.say(&situation.title),
            short: situation.short.as_ref().map(|short| visit.say(short)),
            icon: situation.icon.clone().unwrap_or_else(|| "heart".into()),
            url: visit.url(&format!("/lebenslagen/{id}")),
        })
        .collect()
}

impl Page for StartPage {
    const TEMPLATE: &'static str = "start.html";

    fn head(&self, visit: &Visit) -> Head {
        Head::new(Section::Start, visit.text("portal.name"))
            .description(visit.text("meta.start").replace("{name}", &visit.tenant.town.name))
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        vec![Self::of(visit), Self { tiles: vec![], newest: vec![], situations: vec![], categories: vec![] }]
    }
}
