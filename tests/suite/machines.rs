//! What machines ask for first: `sitemap.xml`, `robots.txt`, `security.txt`, `opensearch.xml`.

use jiff::Timestamp;
use portal::web::PAGES;
use portal_tests::{House, Towns, moment};

const OSTRAU: &str = "portal.ostrau.example";

/// Elements open and close in order, attributes are quoted, no bare `&`: what an XML parser asks first of all.
#[track_caller]
fn is_well_formed(xml: &str) {
    let body = xml.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").expect("an XML declaration");
    let mut open: Vec<&str> = Vec::new();
    let mut roots = 0;
    for part in body.split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap_or_else(|| panic!("`<{part}` does not end"));
        for reference in part.split('&').skip(1) {
            let known = ["amp;", "lt;", "gt;", "quot;"].iter().any(|known| reference.starts_with(known));
            assert!(known, "a bare `&` in `{part}`");
        }
        assert!(
            !text.contains('>')
                && tag.matches('"').count() % 2 == 0
                && tag.matches("=\"").count() * 2 == tag.matches('"').count(),
            "`{tag}`"
        );
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap();
        match (tag.starts_with('/'), tag.ends_with('/')) {
            (true, _) => assert_eq!(open.pop(), Some(name)),
            (false, false) => {
                roots += usize::from(open.is_empty());
                open.push(name);
            }
            (false, true) => assert!(!open.is_empty()),
        }
        assert!(!open.is_empty() || text.trim().is_empty(), "`{text}` stands outside");
    }
    assert_eq!((roots, open), (1, vec![]));
}

fn addresses(xml: &str) -> Vec<String> {
    xml.split("<loc>").skip(1).map(|rest| rest.split("</loc>").next().unwrap().replace("&amp;", "&")).collect()
}

#[tokio::test]
async fn the_sitemap_is_well_formed_and_names_every_page_in_every_language() {
    let house = House::with_fixture_towns().await;
    for tenant in house.portal.tenants.all() {
        let host = tenant.canonical_host().as_str().to_owned();
        let answer = house.get(&host, "/sitemap.xml").await.is(200);
        assert_eq!(answer.header("content-type"), "application/xml; charset=utf-8");
        let xml = answer.text();
        is_well_formed(&xml);
        let named = addresses(&xml);
        let mut paths: Vec<String> = PAGES.map(str::to_owned).to_vec();
        paths.extend(tenant.services.iter().map(|service| format!("/dienstleistungen/{}", service.slug())));
        paths.extend(tenant.situations.iter().map(|(id, _)| format!("/lebenslagen/{id}")));
        let expected = tenant
            .locales()
            .iter()
            .flat_map(|locale| paths.iter().map(|path| format!("https://{host}{}{path}", locale.base())));
        let (mut expected, mut found): (Vec<String>, Vec<String>) = (expected.collect(), named.clone());
        expected.sort();
        found.sort();
        assert_eq!(found, expected, "{}", tenant.id);
        assert_eq!(xml.matches("rel=\"alternate\"").count(), named.len() * tenant.locales().len());
        for address in named {
            let path = address.strip_prefix(&format!("https://{host}")).expect("the canonical host");
            house.get(&host, path).await.is(200);
        }
    }
    let xml = house.get(OSTRAU, "/sitemap.xml").await.text();
    assert!(xml.contains("hund-anmelden</loc><lastmod>2026-06-01</lastmod>") && xml.contains("hreflang=\"de-simple\""));
    assert!(!xml.contains("kennzeichen") && !xml.contains("westrau") && !xml.contains("/suche"));
}

#[tokio::test]
async fn the_sitemaps_of_the_shipped_towns_are_well_formed_and_lead_somewhere() {
    let house = House::open(Towns::shipped()).await;
    for host in ["serviceportal.herford.de", "serviceportal.loehne.de"] {
        let xml = house.get(host, "/sitemap.xml").await.is(200).text();
        is_well_formed(&xml);
        let german: Vec<String> = addresses(&xml)
            .into_iter()
            .filter(|address| !address.contains("/en/") && !address.contains("/ls/"))
            .collect();
        assert!(german.len() > 50, "{} pages", german.len());
        let mut line = house.line().await;
        for address in german {
            line.get(host, address.strip_prefix(&format!("https://{host}")).expect("the canonical host")).await.is(200);
        }
    }
}

#[tokio::test]
async fn robots_are_welcome_where_a_town_is_live() {
    let mut house = House::with_fixture_towns().await;
    let live = house.get(OSTRAU, "/robots.txt").await.is(200);
    assert_eq!(live.header("content-type"), "text/plain; charset=utf-8");
    live.says("Sitemap: https://portal.ostrau.example/sitemap.xml")
        .says("Disallow: /suche\n")
        .is_silent_about("Disallow: /\n");
    let preview = house.get("portal.suedau.example", "/robots.txt").await.is(200);
    assert_eq!(preview.text(), "User-agent: *\nDisallow: /\n");
    house.towns.change("suedau/tenant.yaml", "status: preview", "status: suspended");
    house.reload();
    house.get("portal.suedau.example", "/robots.txt").await.is(503);
}

#[tokio::test]
async fn whoever_finds_a_hole_finds_whom_to_tell() {
    let house = House::with_fixture_towns().await;
    for (host, contact, languages) in [
        (OSTRAU, "mailto:rathaus@ostrau.example", "de, en"),
        ("portal.westrau.example", "mailto:rathaus@westrau.example", "de, en"),
        ("portal.suedau.example", "https://portal.suedau.example/kontakt", "de"),
    ] {
        let answer = house.get(host, "/.well-known/security.txt").await.is(200);
        assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
        let text = answer.text();
        let value = |name: &str| {
            let mut lines = text.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            let first = lines.next().unwrap_or_else(|| panic!("`{name}` is missing in:\n{text}"));
            assert_eq!(lines.next(), None, "`{name}` stands twice");
            first.to_owned()
        };
        assert_eq!(value("Contact"), contact);
        assert_eq!(value("Canonical"), format!("https://{host}/.well-known/security.txt"));
        assert_eq!(value("Preferred-Languages"), languages);
        assert_eq!(text.lines().count(), 4, "{text}");
    }
    // never over, never more than a year ahead, on any day
    for now in
        ["2026-11-01T00:00", "2026-11-30T23:59:59", "2027-01-31T12:00", "2028-02-29T23:59:59", "2028-12-31T23:59:59"]
    {
        house.set_time(now);
        let text = house.get(OSTRAU, "/.well-known/security.txt").await.text();
        let expires: Timestamp =
            text.lines().find_map(|line| line.strip_prefix("Expires: ")).unwrap().parse().expect("RFC 3339");
        let days = expires.duration_since(moment(now)).as_hours() / 24;
        assert!((30..365).contains(&days), "{days} days at {now}");
    }
}

#[tokio::test]
async fn a_browser_can_ask_a_town_from_its_address_line() {
    let house = House::with_fixture_towns().await;
    for (base, lang) in [("", "de"), ("/en", "en")] {
        house
            .get(OSTRAU, &format!("{base}/"))
            .await
            .says(&format!("<link rel=\"search\" type=\"application/opensearchdescription+xml\" title=\"Ostrau\" href=\"{base}/opensearch.xml\">"));
        let answer = house.get(OSTRAU, &format!("{base}/opensearch.xml")).await.is(200);
        assert_eq!(answer.header("content-type"), "application/opensearchdescription+xml; charset=utf-8");
        is_well_formed(&answer.text());
        answer
            .says("<ShortName>Ostrau</ShortName>")
            .says(&format!("<Language>{lang}</Language>"))
            .says(&format!("template=\"https://{OSTRAU}{base}/suche?q={{searchTerms}}\"/>"));
    }
}
