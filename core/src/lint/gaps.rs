//! What is not there: pages every town needs, texts in its languages, reviews, readers of a file.

use jiff::{ToSpan, civil::Date};

use super::{cause::Causes, finding::Finding, links::Links};
use crate::{
    content::pages::{CONTENT_PAGES, has_page},
    locale::Locale,
    tenant::{Tenant, Text},
    yaml::At,
};

/// Somebody has to look through a text at least so often; the accessibility statement by law (§ 12b BGG, BITV NRW).
const MONTHS_TO_REVIEW: i64 = 12;

pub fn of(tenant: &Tenant, links: &Links, causes: &Causes, today: Date) -> Vec<Finding> {
    let mut findings = missing_pages(tenant, causes);
    for locale in tenant.locales().iter().filter(|locale| !locale.is_german()) {
        findings.extend(missing_translations(tenant, locale, causes));
    }
    findings.extend(overdue(tenant, causes, today));
    findings.extend(unused(links, causes));
    findings
}

/// Pages that every town has, by their names.
pub fn needed_pages() -> impl Iterator<Item = &'static str> {
    CONTENT_PAGES.into_iter().chain(["barrierefreiheit"])
}

fn missing_pages(tenant: &Tenant, causes: &Causes) -> Vec<Finding> {
    let missing = needed_pages().filter(|name| !has_page(tenant, &format!("/{name}")));
    missing
        .map(|name| {
            let at = causes.missing(&format!("content/{name}.md"));
            Finding::error(
                "missing-page",
                causes.tenant(),
                at,
                format!("is missing: every town has the page `/{name}`"),
            )
            .hint(format!("write `content/{name}.md`, or extend a layer that has it"))
        })
        .collect()
}

/// Texts that fall back to German without the page saying so. (A service says so itself once its title is there.)
fn missing_translations(tenant: &Tenant, locale: &Locale, causes: &Causes) -> Vec<Finding> {
    let mut texts: Vec<(&str, &Text)> = Vec::new();
    for service in &tenant.services {
        texts.extend([("title", &service.title), ("short text", &service.short)]);
    }
    texts.extend(tenant.categories.iter().map(|(_, entry)| ("category", &entry.title)));
    for (_, entry) in tenant.situations.iter() {
        let parts = [Some(&entry.title), entry.short.as_ref(), entry.text.as_ref()];
        texts.extend(parts.into_iter().flatten().map(|text| ("life situation", text)));
    }
    for tile in &tenant.start.tiles {
        texts.extend([Some(&tile.title), tile.text.as_ref()].into_iter().flatten().map(|text| ("tile", text)));
    }
    for notice in &tenant.notices.notices {
        texts.extend([Some(&notice.title), notice.text.as_ref()].into_iter().flatten().map(|text| ("notice", text)));
    }
    for entry in &tenant.faq.entries {
        texts.extend([("question", &entry.question), ("answer", &entry.answer)]);
    }
    let missing = texts.into_iter().filter(|(_, text)| text.own(locale).is_none());
    let mut findings: Vec<Finding> = missing
        .map(|(what, text)| {
            let german = text.raw(&Locale::german());
            let message = format!("has no `{locale}` text for the {what} `{}`", short(german));
            told(causes, causes.of_text(german), message, format!("`{{de: …, {locale}: …}}`"))
        })
        .collect();
    let pages = tenant.pages.iter().filter(|(_, page)| page.body.own(locale).is_none());
    findings.extend(pages.map(|(name, _)| {
        let at = causes.file(&format!("content/{name}.md"));
        told(causes, at, format!("has no `{locale}` edition"), format!("write `content/{name}.{locale}.md`"))
    }));
    let words = tenant.theme.texts.names(locale).filter(|(_, is_there)| !is_there);
    findings.extend(words.filter_map(|(name, _)| {
        let (_, german) = tenant.theme.texts.origins().find(|(code, _)| code.is_german())?;
        let at = german.find(&name)?.at.clone();
        Some(told(
            causes,
            at,
            format!("has no `{locale}` words for `{name}`"),
            format!("add it to `texts/{locale}.yaml`"),
        ))
    }));
    findings
}

fn told(causes: &Causes, at: At, message: String, hint: String) -> Finding {
    Finding::warning("missing-translation", causes.tenant(), at, message).hint(hint)
}

fn short(text: &str) -> String {
    let mut words: String = text.chars().take(40).collect();
    if words.len() < text.len() {
        words.push('…');
    }
    words.replace('\n', " ")
}

fn overdue(tenant: &Tenant, causes: &Causes, today: Date) -> Vec<Finding> {
    let is_old = |date: &Date| date.checked_add(MONTHS_TO_REVIEW.months()).is_ok_and(|due| due < today);
    let services = tenant.services.iter().filter_map(|service| {
        let reviewed = service.reviewed.filter(is_old)?;
        Some((format!("services/{}.yaml", service.id), "reviewed", reviewed))
    });
    let statement = tenant.town.accessibility.as_ref().and_then(|statement| statement.reviewed.filter(is_old));
    let statement = statement.map(|date| ("tenant.yaml".to_owned(), "accessibility.reviewed", date));
    services
        .chain(statement)
        .map(|(path, key, date)| {
            let at = causes.value(&path, key).unwrap_or_else(|| causes.file(&path));
            let message = format!("was looked through on {date}, more than {MONTHS_TO_REVIEW} months ago");
            Finding::warning("review-overdue", causes.tenant(), at, message)
                .hint("read it again, then write the day of today")
        })
        .collect()
}

/// Files in `assets/` that no page leads to, and pages that no address shows. Those of layers may serve another town.
fn unused(links: &Links, causes: &Causes) -> Vec<Finding> {
    let Some(own) = causes.own() else { return Vec::new() };
    let used = links.assets();
    let is_shown = |name: &str| {
        let name = name.split_once('.').map_or(name, |(stem, _)| stem);
        CONTENT_PAGES.contains(&name) || OTHER_PAGES.contains(&name)
    };
    let assets = own.assets().filter(|name| !used.contains(*name)).map(|name| format!("assets/{name}"));
    let pages = own.texts.iter().filter(|written| written.key.is_empty());
    let pages = pages.filter_map(|written| {
        let name = written.path.strip_prefix("content/")?.strip_suffix(".md")?;
        (!is_shown(name)).then(|| written.path.to_string())
    });
    assets
        .chain(pages)
        .map(|path| {
            Finding::warning("unused-file", causes.tenant(), causes.missing(&path), "is a file that no page shows")
                .hint("link to it, or delete it")
        })
        .collect()
}

/// Pages with more on them than what is written in Markdown.
const OTHER_PAGES: [&str; 5] = ["barrierefreiheit", "kontakt", "anmelden", "online-ausweis", "faq"];
