//! Whose paper it is.

use super::emblem::Emblem;
use crate::{locale::Locale, tenant::Tenant, theme::contrast::Color};

/// The head of a town's paper, and the words at its foot.
#[derive(Debug, Clone)]
pub struct Letterhead {
    /// As the town signs: `Stadt Löhne`.
    pub name: String,
    /// Above the window of the envelope, in one line.
    pub sender: String,
    /// Address, phone, e-mail, website: at most six lines.
    pub details: Vec<String>,
    /// sRGB, readable on white.
    pub color: [u8; 3],
    /// Left of the name.
    pub emblem: Option<Emblem>,
    /// `Seite {n} von {of}`.
    pub page: String,
}

impl Letterhead {
    /// The paper of a town, with its words in the language of the document.
    pub fn of(tenant: &Tenant, locale: &Locale) -> Self {
        let town = &tenant.town;
        let place = town.address.as_ref().map(|at| (at.street.clone(), format!("{} {}", at.zip, at.city)));
        let (street, city) = place.unzip();
        let website = town.website.as_ref().map(|url| url.trim_start_matches("https://").to_owned());
        let parts = [Some(town.full_name.clone()), street.clone(), city.clone()];
        let details = [street, city, town.phone.clone(), town.email.clone(), website];
        let white = Color::parse("#ffffff").expect("white is a colour");
        let link = Color::parse(&tenant.theme.tokens.colors.light.link).unwrap_or(white);
        let readable = if link.contrast(white) < 4.5 { link.nearest_with_contrast(white, 4.5) } else { link };
        let emblem = tenant.asset(&tenant.theme.tokens.wordmark).and_then(|asset| Emblem::read(&asset.body.identity));
        let page = tenant.theme.texts.get(locale, "paper.page").to_owned();
        Self {
            name: town.full_name.clone(),
            sender: parts.into_iter().flatten().collect::<Vec<_>>().join(" · "),
            details: details.into_iter().flatten().collect(),
            color: readable.channels(),
            emblem,
            page,
        }
    }
}
