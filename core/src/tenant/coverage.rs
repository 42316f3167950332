//! How much of a town is said in each of its languages beside German.

use super::{Tenant, Text};
use crate::locale::Locale;

/// What there is in one language.
#[derive(Debug, Clone)]
pub struct Coverage {
    pub locale: Locale,
    /// The portal's own words: buttons, headings, hints.
    pub portal: Share,
    /// Services of which every sentence is there.
    pub services: Share,
    /// Questions of the help page with their answers.
    pub answers: Share,
    /// Categories, life situations, tiles and notices.
    pub ways_in: Share,
    /// Pages in Markdown: imprint, privacy, …
    pub pages: Share,
}

/// So many of so many, and which are not there.
#[derive(Debug, Clone, Default)]
pub struct Share {
    pub all: usize,
    pub missing: Vec<String>,
}

impl Share {
    pub fn there(&self) -> usize {
        self.all - self.missing.len()
    }

    fn of(items: impl Iterator<Item = (String, bool)>) -> Self {
        let mut share = Self::default();
        for (name, is_there) in items {
            share.all += 1;
            share.missing.extend((!is_there).then_some(name));
        }
        share
    }
}

/// One for each language of the town but German, which is always whole.
pub fn of(tenant: &Tenant) -> Vec<Coverage> {
    let others = tenant.locales().iter().filter(|locale| !locale.is_german());
    others.map(|locale| Coverage::of(tenant, locale)).collect()
}

impl Coverage {
    fn of(tenant: &Tenant, locale: &Locale) -> Self {
        let says = |text: &Text| text.own(locale).is_some();
        let services = tenant.services.iter();
        let answers = tenant.faq.entries.iter();
        let categories = tenant.categories.iter().map(|(id, entry)| (format!("category {id}"), says(&entry.title)));
        let situations = tenant.situations.iter().map(|(id, entry)| {
            let texts = [Some(&entry.title), entry.short.as_ref(), entry.text.as_ref()];
            (format!("life situation {id}"), texts.into_iter().flatten().all(says))
        });
        let tiles = tenant.start.tiles.iter().map(|tile| {
            let texts = [Some(&tile.title), tile.text.as_ref()];
            (format!("tile {}", tile.title.raw(&Locale::german())), texts.into_iter().flatten().all(says))
        });
        let notices = tenant.notices.notices.iter().map(|notice| {
            let texts = [Some(&notice.title), notice.text.as_ref()];
            (format!("notice {}", notice.id), texts.into_iter().flatten().all(says))
        });
        Self {
            locale: locale.clone(),
            portal: Share::of(tenant.theme.texts.names(locale)),
            services: Share::of(services.map(|service| (service.id.clone(), service.texts().all(says)))),
            answers: Share::of(answers.map(|entry| {
                let name = entry.id.clone().unwrap_or_else(|| entry.question.raw(&Locale::german()).to_owned());
                (name, says(&entry.question) && says(&entry.answer))
            })),
            ways_in: Share::of(categories.chain(situations).chain(tiles).chain(notices)),
            pages: Share::of(tenant.pages.iter().map(|(name, page)| (name.clone(), says(&page.body)))),
        }
    }
}
