//! What machines ask for first: `robots.txt`, `sitemap.xml`, `security.txt`, `opensearch.xml`.

use std::{collections::BTreeSet, fmt::Write};

use jiff::{ToSpan, tz::TimeZone};
use poem::{Response, handler};

use super::pages::has_page;
use crate::{
    locale::Locale,
    tenant::schema::Status,
    web::{AN_HOUR, PAGES, Visit},
};

#[handler]
pub fn robots(visit: Visit) -> Response {
    let rules = match visit.tenant.status() {
        Status::Live => {
            let origin = visit.portal.public.of_town(&visit.tenant);
            let search = |locale: &Locale| format!("Disallow: {}/suche\n", locale.base());
            let searches: String = visit.tenant.locales().iter().map(search).collect();
            format!("User-agent: *\n{searches}\nSitemap: {origin}/sitemap.xml\n")
        }
        // a town that tries things out does not belong into search engines
        Status::Preview | Status::Suspended => "User-agent: *\nDisallow: /\n".to_owned(),
    };
    text("text/plain; charset=utf-8", rules)
}

/// Every page of the town in every locale, each with its other locales (sitemaps.org, hreflang).
#[handler]
pub fn sitemap(visit: Visit) -> Response {
    let tenant = &visit.tenant;
    let origin = visit.portal.public.of_town(tenant);
    let mut paths: Vec<(String, Option<jiff::civil::Date>)> =
        PAGES.iter().filter(|path| has_page(tenant, path)).map(|path| ((*path).to_owned(), None)).collect();
    paths.extend(tenant.situations.iter().map(|(id, _)| (format!("/lebenslagen/{id}"), None)));
    paths.extend(
        tenant.services.iter().map(|service| (format!("/dienstleistungen/{}", service.slug()), service.updated)),
    );
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" \
         xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">\n",
    );
    for (path, updated) in &paths {
        for locale in tenant.locales() {
            let address = |locale: &Locale| format!("{origin}{}{path}", locale.base());
            let _ = write!(xml, "<url><loc>{}</loc>", escaped(&address(locale)));
            if let Some(date) = updated {
                let _ = write!(xml, "<lastmod>{date}</lastmod>");
            }
            for other in tenant.locales() {
                let lang = if other.code() == "ls" { "de-simple" } else { other.lang() };
                let _ = write!(
                    xml,
                    "<xhtml:link rel=\"alternate\" hreflang=\"{lang}\" href=\"{}\"/>",
                    escaped(&address(other))
                );
            }
            xml.push_str("</url>\n");
        }
    }
    xml.push_str("</urlset>\n");
    text("application/xml; charset=utf-8", xml)
}

/// Where to report a security problem (RFC 9116).
#[handler]
pub fn security(visit: Visit) -> Response {
    let tenant = &visit.tenant;
    let help = tenant.town.help.as_ref().and_then(|help| help.email.as_ref()).or(tenant.town.email.as_ref());
    let contact = match (&visit.portal.security_contact, help) {
        (Some(contact), _) if contact.contains(':') => contact.clone(),
        (Some(contact), _) => format!("mailto:{contact}"),
        (None, Some(email)) => format!("mailto:{email}"),
        (None, None) => format!("{}/kontakt", visit.portal.public.of_town(tenant)),
    };
    // whole months, so that the answer stays the same for a while; the RFC wants less than a year
    let today = visit.portal.clock.now().to_zoned(TimeZone::UTC).date();
    let expires = today.first_of_month().saturating_add(7.months());
    let languages: BTreeSet<&str> = tenant.locales().iter().map(|locale| locale.lang()).collect();
    let canonical = visit.portal.public.of_town(tenant);
    text(
        "text/plain; charset=utf-8",
        format!(
            "Contact: {contact}\nExpires: {expires}T00:00:00Z\nPreferred-Languages: {}\n\
             Canonical: {canonical}/.well-known/security.txt\n",
            languages.into_iter().collect::<Vec<_>>().join(", ")
        ),
    )
}

/// How a browser asks this town from its address line (OpenSearch 1.1).
#[handler]
pub fn opensearch(visit: Visit) -> Response {
    let tenant = &visit.tenant;
    let search = visit.whole_url("/suche");
    // the format allows 16 characters
    let short: String = tenant.town.name.chars().take(16).collect();
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <OpenSearchDescription xmlns=\"http://a9.com/-/spec/opensearch/1.1/\">\n\
         <ShortName>{}</ShortName>\n<Description>{} {}</Description>\n\
         <InputEncoding>UTF-8</InputEncoding>\n<Language>{}</Language>\n\
         <Url type=\"text/html\" template=\"{}?q={{searchTerms}}\"/>\n</OpenSearchDescription>\n",
        escaped(&short),
        escaped(&visit.text("portal.name")),
        escaped(&tenant.town.full_name),
        visit.locale.lang(),
        escaped(&search),
    );
    text("application/opensearchdescription+xml; charset=utf-8", xml)
}

fn text(content_type: &str, body: String) -> Response {
    Response::builder().content_type(content_type).header("cache-control", AN_HOUR).body(body)
}

fn escaped(address: &str) -> String {
    address.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
