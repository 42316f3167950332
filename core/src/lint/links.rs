//! Whether what a page leads to is there: pages, places on them, files.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use percent_encoding::percent_decode_str;

use super::{cause::Causes, finding::Finding, gaps, page::Content};
use crate::{
    locale::Locale,
    tenant::Tenant,
    walk::{Kind, Seen, Walk},
    web::is_private,
};

/// The links of one town's pages.
pub struct Links<'a> {
    tenant: &'a Tenant,
    /// Pages by address with the places in them.
    pages: HashMap<String, HashSet<String>>,
    /// Where each link leads.
    targets: BTreeMap<String, First>,
}

/// The first place at which a link was seen.
struct First {
    /// As the page has it.
    written: String,
    page: String,
    locale: Locale,
}

impl<'a> Links<'a> {
    pub fn of(tenant: &'a Tenant) -> Self {
        Self { tenant, pages: HashMap::new(), targets: BTreeMap::new() }
    }

    pub fn note(&mut self, seen: &Seen, content: &Content) {
        let own = if seen.kind == Kind::Page { seen.name.as_str() } else { "" };
        // a link of a piece that was there before leads where it led before, but for one within its page
        let within = content.links().filter(|link| link.starts_with('#'));
        let others = content.new_links().filter(|link| !link.starts_with('#'));
        for link in within.chain(others) {
            self.targets.entry(resolved(own, link)).or_insert_with(|| First {
                written: link.to_owned(),
                page: seen.name.clone(),
                locale: seen.locale.clone(),
            });
        }
        if seen.kind == Kind::Page {
            self.pages.insert(seen.name.clone(), content.ids().map(str::to_owned).collect());
        }
    }

    /// Names of the town's files that some page leads to or shows.
    pub fn assets(&self) -> BTreeSet<String> {
        let paths = self.targets.keys().filter_map(|target| self.local(target));
        let assets = paths.filter_map(|path| Some(path.strip_prefix("/assets/")?.split_once('/')?.1.to_owned()));
        assets.map(|name| percent_decode_str(&name).decode_utf8_lossy().into_owned()).collect()
    }

    /// Links that lead nowhere. What lies on other hosts is not asked.
    pub fn broken(&mut self, walk: &Walk, causes: &Causes) -> Vec<Finding> {
        let targets = std::mem::take(&mut self.targets);
        let mut findings = Vec::new();
        for (target, First { written, page, locale }) in &targets {
            let Some(local) = self.local(target) else { continue };
            let Some(message) = self.misses(local, walk) else { continue };
            // files name pages without the language that the page was read in
            let phrase = written.strip_prefix(&locale.base()).filter(|rest| rest.starts_with('/')).unwrap_or(written);
            let places = causes.of_link(phrase, locale).into_iter();
            findings.extend(places.map(|at| Finding::error("broken-link", causes.tenant(), at, &message).on(page)));
        }
        self.targets = targets;
        findings
    }

    /// The path of a link that leads to the town itself.
    fn local<'t>(&self, target: &'t str) -> Option<&'t str> {
        if target.starts_with('/') && !target.starts_with("//") {
            return Some(target);
        }
        let (_, rest) = target.split_once("://")?;
        let end = rest.find('/').unwrap_or(rest.len());
        let is_own = self.tenant.all_hosts().any(|host| host.as_str() == &rest[..end]);
        is_own.then(|| if end == rest.len() { "/" } else { &rest[end..] })
    }

    /// Nobody is logged in here, so such a door stays shut.
    fn is_behind_login(&self, page: &str) -> bool {
        let locales = self.tenant.locales().iter().map(Locale::base);
        locales
            .filter(|base| !base.is_empty())
            .chain([String::new()])
            .any(|base| page.strip_prefix(&base).is_some_and(is_private))
    }

    /// What is not there.
    fn misses(&mut self, local: &str, walk: &Walk) -> Option<String> {
        let (address, place) = local.split_once('#').unwrap_or((local, ""));
        if address.starts_with("/assets/") {
            let answer = walk.ask(self.tenant, address);
            let is_there = answer.is_some_and(|answer| answer.status.is_success());
            return (!is_there).then(|| format!("leads to the file `{address}`, which is not there"));
        }
        // what a page is asked for (a letter, a subject) changes what it lists, not whether it is there
        let page = address.split('?').next().unwrap_or_default();
        if place.is_empty() && self.pages.contains_key(page) || self.is_behind_login(page) {
            return None;
        }
        if !self.pages.contains_key(address) {
            match walk.ask(self.tenant, address) {
                Some(answer) if answer.status.is_success() => {
                    let ids = Content::of(&answer.body).ids().map(str::to_owned).collect();
                    self.pages.insert(address.to_owned(), ids);
                }
                Some(answer) if answer.status.is_redirection() => {
                    let to = answer.location.unwrap_or_default();
                    // one step: a redirect that leads to a redirect is a matter of its own table
                    return self.local(&to).map(str::to_owned).and_then(|to| match walk.ask(self.tenant, &to) {
                        Some(answer) if !answer.status.is_client_error() => None,
                        _ => Some(format!("leads to `{address}`, which leads on to `{to}`, which is not there")),
                    });
                }
                // what every town needs is told once, and not for every footer
                _ if is_needed(address) => return None,
                _ => return Some(format!("leads to `{address}`, which is not there")),
            }
        }
        let place = percent_decode_str(place).decode_utf8_lossy();
        let is_there = place.is_empty() || self.pages[address].contains(&*place);
        (!is_there).then(|| format!("leads to `{local}`, but the page has no place `#{place}`"))
    }
}

/// Where a link leads that is written relative to its page.
fn resolved(page: &str, link: &str) -> String {
    let has_scheme = link.split(['/', '?', '#']).next().is_some_and(|first| first.contains(':'));
    if let Some(elsewhere) = link.strip_prefix("//") {
        return format!("https://{elsewhere}");
    }
    if link.starts_with('#') {
        return format!("{page}{link}");
    }
    if has_scheme || link.starts_with(['/', '?']) || page.is_empty() {
        return link.to_owned();
    }
    let mut parts: Vec<&str> = page.split('/').skip(1).collect();
    parts.pop();
    let (path, rest) = link.split_at(link.find(['?', '#']).unwrap_or(link.len()));
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => _ = parts.pop(),
            part => parts.push(part),
        }
    }
    format!("/{}{rest}", parts.join("/"))
}

/// Whether the lack of a page is told by the rule `missing-page`.
fn is_needed(address: &str) -> bool {
    gaps::needed_pages().any(|name| address.rsplit('/').next() == Some(name))
}
