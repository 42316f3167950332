//! Whether the finished pages keep what `expect.yaml` promises.

use super::{cause::Causes, finding::Finding, page::Content};
use crate::{
    locale::Locale,
    tenant::{
        Tenant,
        schema::{OnlineKind, Promise},
    },
    walk::{Kind, Seen},
    yaml::At,
};

/// The promises of one town, each with what has been seen of it so far.
pub struct Promises<'a> {
    tenant: &'a Tenant,
    id: String,
    watched: Vec<Watched<'a>>,
}

struct Watched<'a> {
    promise: &'a Promise,
    at: At,
    seen: bool,
    broken: Vec<Finding>,
}

impl<'a> Promises<'a> {
    pub fn of(tenant: &'a Tenant, causes: &Causes) -> Self {
        let watch = |promise: &'a Promise| {
            let at = causes.of_text(&promise.promise);
            Watched { promise, at, seen: false, broken: Vec::new() }
        };
        let watched = tenant.expect.promises.iter().map(watch).collect();
        Self { tenant, id: tenant.id.to_string(), watched }
    }

    /// Holds a page against every promise about it.
    pub fn look(&mut self, seen: &Seen, content: &Content) {
        if seen.kind != Kind::Page {
            return;
        }
        for watched in &mut self.watched {
            if is_about(watched.promise, seen, self.tenant) {
                watched.seen = true;
                let broken = failings(watched.promise, content, self.tenant);
                let finding = |why| told(&self.id, watched, why).on(&seen.name);
                let findings: Vec<Finding> = broken.into_iter().map(finding).collect();
                watched.broken.extend(findings);
            }
        }
    }

    pub fn broken(self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for mut watched in self.watched {
            if !watched.seen {
                let base = watched.promise.locale.as_deref().and_then(Locale::new).map(|locale| locale.base());
                let page = page_of(watched.promise, self.tenant).filter(|page| page != "all");
                let page = page.unwrap_or_else(|| "/".into());
                findings.push(told(&self.id, &watched, format!("there is no `{}{page}`", base.unwrap_or_default())));
            }
            findings.append(&mut watched.broken);
        }
        findings
    }
}

fn told(id: &str, watched: &Watched, why: String) -> Finding {
    let message = format!("promises “{}”, but {why}", watched.promise.promise);
    Finding::error("broken-promise", id, watched.at.clone(), message)
        .hint("keep the promise, or take it out of `expect.yaml`")
}

/// The address a promise is about.
fn page_of(promise: &Promise, tenant: &Tenant) -> Option<String> {
    let slug = promise.service.as_ref().map(|id| tenant.service(id).map_or(id.as_str(), |service| service.slug()));
    slug.map(|slug| format!("/dienstleistungen/{slug}")).or_else(|| promise.page.clone())
}

fn is_about(promise: &Promise, seen: &Seen, tenant: &Tenant) -> bool {
    let locale = promise.locale.as_deref().unwrap_or("de");
    if seen.locale.code() != locale {
        return false;
    }
    let base = Locale::new(locale).map(|locale| locale.base()).unwrap_or_default();
    match page_of(promise, tenant) {
        // where people log in is no page that gives information
        Some(page) if page == "all" => seen.name != format!("{base}/anmelden"),
        Some(page) => seen.name == format!("{base}{page}"),
        None => false,
    }
}

fn failings(promise: &Promise, content: &Content, tenant: &Tenant) -> Vec<String> {
    let mut why = Vec::new();
    why.extend(
        promise.says.iter().filter(|words| !content.says(words)).map(|words| format!("it does not say `{words}`")),
    );
    why.extend(promise.says_not.iter().filter(|words| content.says(words)).map(|words| format!("it says `{words}`")));
    let has_link = |beginning: &&String| content.links().any(|link| link.starts_with(beginning.as_str()));
    let links = promise.links_to.iter().filter(|beginning| !has_link(beginning));
    why.extend(links.map(|beginning| format!("nothing on it leads to `{beginning}`")));
    if let (Some(wanted), Some(service)) =
        (promise.online, promise.service.as_deref().and_then(|id| tenant.service(id)))
    {
        let is_online = service.online.kind != OnlineKind::None;
        if is_online != wanted {
            why.push(if wanted { "it cannot be done online" } else { "it can be done online" }.to_owned());
        }
    }
    // every page that was seen answered to somebody who had not logged in
    if promise.login == Some(true) {
        why.push("everybody can read it".into());
    }
    why
}
