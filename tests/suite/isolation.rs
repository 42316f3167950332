//! No town ever answers with another town's things (promises a1 to a4).
//!
//! Three towns carry a sign in everything they say: name, hosts, services, help, pages, files, old addresses. A sign of
//! one town in an answer of another is a leak.
//!
//! The matrix can fail (a3): with tenant and version taken out of the key of the page cache, the page matrix, the
//! foreign addresses, the headers of a visitor and all three shared connections below turn red. The tenant alone may be
//! missing without a leak, because no two towns share a version; the version alone must not (`cache`, `dated`).

mod persons;

use portal::web::App;
use portal_tests::{Answer, House, Line, Towns};

/// The signs: one a town. `NOBODY` belongs to none.
const SIGNS: [&str; 3] = ["amselruf", "bussardruf", "drosselruf"];
const NOBODY: &str = "kranichruf";

/// Every route of the portal, with the addresses that are tried; `%` stands for the sign of a town, `#` for the hash of
/// its file. A route that is missing here fails the test of the list.
const MATRIX: [(&str, &[&str]); 28] = [
    ("/", &["/", "/en/", "/ls/"]),
    (
        "/dienstleistungen",
        &[
            "/dienstleistungen",
            "/en/dienstleistungen",
            "/dienstleistungen?kategorie=gruppe-%",
            "/dienstleistungen?buchstabe=D&online=1",
        ],
    ),
    (
        "/dienstleistungen/:slug",
        &[
            "/dienstleistungen/dienst-%",
            "/en/dienstleistungen/dienst-%",
            "/dienstleistungen/hund-anmelden",
            "/ls/dienstleistungen/ausweis",
        ],
    ),
    ("/lebenslagen/:id", &["/lebenslagen/lage-%", "/en/lebenslagen/lage-%", "/lebenslagen/umzug"]),
    ("/suche", &["/suche", "/suche?q=wort%", "/en/suche?q=dienst+%", "/suche?q=hund"]),
    ("/suche/vorschlaege", &["/suche/vorschlaege?q=wort%", "/en/suche/vorschlaege?q=dienst+%"]),
    ("/faq", &["/faq", "/en/faq", "/ls/faq"]),
    ("/kontakt", &["/kontakt", "/en/kontakt"]),
    ("/anmelden", &["/anmelden", "/ls/anmelden"]),
    ("/vorgang-abfragen", &["/vorgang-abfragen", "/en/vorgang-abfragen"]),
    ("/online-ausweis", &["/online-ausweis"]),
    ("/impressum", &["/impressum", "/en/impressum"]),
    ("/datenschutz", &["/datenschutz"]),
    ("/barrierefreiheit", &["/barrierefreiheit"]),
    ("/leichte-sprache", &["/leichte-sprache"]),
    ("/gebaerdensprache", &["/gebaerdensprache"]),
    ("/api", &["/api"]),
    ("/robots.txt", &["/robots.txt"]),
    ("/sitemap.xml", &["/sitemap.xml"]),
    ("/opensearch.xml", &["/opensearch.xml", "/en/opensearch.xml"]),
    ("/.well-known/security.txt", &["/.well-known/security.txt"]),
    ("/api/v1/openapi.json", &["/api/v1/openapi.json"]),
    ("/api/v1/services", &["/api/v1/services"]),
    ("/api/v1/services/{id}", &["/api/v1/services/dienst-%", "/api/v1/services/hund-anmelden"]),
    ("/api/v1/search", &["/api/v1/search?q=wort%", "/api/v1/search?q=hund"]),
    ("/abmelden", &["/abmelden"]),
    ("/verwaltung/anmelden", &["/verwaltung/anmelden"]),
    ("/assets/:hash/:name", &["/assets/#/blatt-%.txt", "/assets/#/gemeinsam.txt"]),
];

/// The only answer that is the same in every town.
const SAME_EVERYWHERE: &str = "/api/v1/openapi.json";

fn host(sign: &str) -> String {
    format!("portal.{sign}.example")
}

fn towns_with_signs() -> Towns {
    let towns = Towns::fixture();
    for town in ["ostrau", "westrau", "suedau"] {
        towns.remove(town);
    }
    for sign in SIGNS {
        let put = |path: &str, text: &str| {
            towns.write(&format!("{sign}/{}", path.replace('%', sign)), text.replace('%', sign));
        };
        put(
            "tenant.yaml",
            "name: Ort-%\nfull_name: Stadt Ort-%\nhosts: [portal.%.example, alt.%.example]\npreview_hosts: [%.localhost]\nextends: _land\n\
             status: live\nlocales: [de, en, ls]\nservices: all\naddress: {street: \"Gasse % 1\", zip: \"99991\", city: Ort-%}\n\
             phone: \"+49 30 23125-5\"\nemail: rathaus@%.example\nwebsite: https://www.%.example\ndistricts: [{id: d, name: Viertel-%}]\n\
             companies: [{id: c, name: Werke-%}]\nlinks: [{id: l, title: Verweis-%, url: https://www.%.example/}]\n",
        );
        put("identity.yaml", "providers:\n  - {id: konto, kind: saml, name: Konto-%, url: https://konto.%.example}\n");
        put("offices.yaml", "amt-%: {name: Amt-%, email: amt@%.example}\n");
        put("categories.yaml", "gruppe-%: {title: Gruppe-%}\n");
        put("situations.yaml", "lage-%: {title: Lage-%, services: [dienst-%]}\n");
        put("start.yaml", "tiles:\n  - {id: k, title: Kachel-%, service: dienst-%}\n");
        put("notices.yaml", "notices:\n  - {id: n, title: Hinweis-%}\n");
        put("redirects.yaml", "/weg-%: /dienstleistungen/dienst-%\n/qr/7: https://www.%.example/qr\n");
        put(
            "services/dienst-%.yaml",
            "title: Dienst %\nsynonyms: [wort%]\nshort: Kurz-%.\ndocuments: [Papier-%]\nresponsible: amt-%\nonline: {kind: link, url: https://dienst.%.example/}\n\
             categories: [gruppe-%]\nsituations: [lage-%]\nforms: [{title: Blatt-%, file: blatt-%.txt}]\npublished: 2026-05-02\n",
        );
        put("services/hund-anmelden.yaml", "title: Hund anmelden in Ort-%\nshort: Hunde in Ort-%.\n");
        put("content/faq.yaml", "entries:\n  - {id: frage-%, question: Frage-%?, answer: Antwort-%.}\n");
        for page in [
            "impressum",
            "datenschutz",
            "barrierefreiheit",
            "leichte-sprache",
            "gebaerdensprache",
            "kontakt",
            "anmelden",
            "online-ausweis",
        ] {
            put(&format!("content/{page}.md"), "---\ntitle: Seite-%\n---\nText-% über Daten und die Ombudsstelle.\n");
        }
        put("assets/blatt-%.txt", "Blatt %\n");
        put("assets/gemeinsam.txt", "Gemeinsam %\n");
        towns.approve(sign);
    }
    towns
}

/// An address of the matrix, filled in for the town of `sign`; nobody's files have a hash of their own.
fn address(house: &House, pattern: &str, sign: &str) -> String {
    let path = pattern.replace('%', sign);
    let name = path.rsplit('/').next().unwrap_or_default();
    let tenant = house.portal.tenants.get(sign);
    let asset = tenant.as_ref().and_then(|tenant| tenant.asset(name));
    path.replace('#', asset.map_or("000000000000", |asset| &asset.hash))
}

#[track_caller]
fn belongs_to(sign: &str, path: &str, answer: &Answer) {
    let (text, headers) = (answer.text().to_lowercase(), format!("{:?}", answer.headers));
    assert_eq!(answer.status, 200, "{path} of {sign}: {text}");
    assert!(path == SAME_EVERYWHERE || text.contains(sign), "{path} of {sign} does not speak of it: {text}");
    for other in SIGNS.iter().filter(|other| **other != sign) {
        assert!(
            !text.contains(other) && !headers.contains(other),
            "{path} of {sign} speaks of {other}: {headers} {text}"
        );
    }
}

/// What an answer says, without the number of the request and with one word for what was asked.
fn essence(answer: &Answer, asked: &str, hash: &str) -> (u16, String, String) {
    let text = answer.text().replace(asked, "SIGN").replace(hash, "HASH");
    // the number stands on the page as a whole, and its beginning for telling it on the phone
    let mut words = text.split(|c: char| !c.is_ascii_hexdigit());
    let without_id = match words.find(|word| word.len() == 32) {
        Some(id) => text.replace(id, "ID").replace(&id[..8], "ID"),
        None => text.clone(),
    };
    let mut headers = answer.headers.clone();
    headers.remove("date");
    headers.remove("content-length");
    headers.remove("etag");
    let mut headers: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {value:?}")).collect();
    headers.sort();
    (answer.status, without_id, headers.join("\n"))
}

#[tokio::test]
async fn the_matrix_knows_every_route() {
    let house = House::open(towns_with_signs()).await;
    let app = App::new(house.portal.clone());
    let mut routes: Vec<&str> = app.templates().iter().map(String::as_str).collect();
    let mut known: Vec<&str> = MATRIX.iter().map(|(route, _)| *route).chain(persons::routes()).collect();
    routes.sort_unstable();
    known.sort_unstable();
    assert_eq!(routes, known);
}

#[tokio::test]
async fn every_page_of_a_town_speaks_of_that_town_alone() {
    let house = House::open(towns_with_signs()).await;
    assert!(house.report.broken.is_empty(), "{:#?}", house.report.broken);
    // the first round renders, the second finds pages in the cache
    for _ in 0..2 {
        for (_, patterns) in MATRIX {
            for pattern in patterns {
                for sign in SIGNS {
                    let path = address(&house, pattern, sign);
                    belongs_to(sign, &path, &house.get(&host(sign), &path).await);
                }
            }
        }
    }
}

#[tokio::test]
async fn what_belongs_to_another_town_is_as_if_it_did_not_exist() {
    let house = House::open(towns_with_signs()).await;
    let mut tried = 0;
    for (_, patterns) in MATRIX {
        for pattern in patterns.iter().filter(|pattern| pattern.contains('%')) {
            for own in SIGNS {
                let nothing = house.get(&host(own), &address(&house, pattern, NOBODY)).await;
                let nothing = essence(&nothing, NOBODY, "000000000000");
                for other in SIGNS.iter().filter(|other| **other != own) {
                    // once the owner has it in the cache
                    let path = address(&house, pattern, other);
                    house.get(&host(other), &path).await.is(200);
                    let foreign = house.get(&host(own), &path).await;
                    let hash = path.split('/').nth(2).filter(|part| part.len() == 12).unwrap_or("HASH");
                    assert_eq!(essence(&foreign, other, hash), nothing, "{own} asked for {path}");
                    tried += 1;
                }
            }
        }
    }
    assert!(tried >= 60, "{tried} foreign addresses");
}

#[tokio::test]
async fn a_file_of_the_same_name_is_the_own_one_even_at_the_others_address() {
    let house = House::open(towns_with_signs()).await;
    for own in SIGNS {
        for other in SIGNS {
            let answer = house.get(&host(own), &address(&house, "/assets/#/gemeinsam.txt", other)).await.is(200);
            assert_eq!(answer.text(), format!("Gemeinsam {own}\n"));
        }
    }
}

#[tokio::test]
async fn old_addresses_belong_to_one_town() {
    let house = House::open(towns_with_signs()).await;
    for own in SIGNS {
        house
            .get(&host(own), &format!("/weg-{own}"))
            .await
            .is(301)
            .leads_to(&format!("/dienstleistungen/dienst-{own}"));
        house.get(&host(own), "/qr/7").await.is(301).leads_to(&format!("https://www.{own}.example/qr"));
        house
            .get(&format!("alt.{own}.example"), "/faq")
            .await
            .is(308)
            .leads_to(&format!("https://portal.{own}.example/faq"));
        let nothing = essence(&house.get(&host(own), &format!("/weg-{NOBODY}")).await.is(404), NOBODY, "HASH");
        for other in SIGNS.iter().filter(|other| **other != own) {
            let foreign = house.get(&host(own), &format!("/weg-{other}")).await;
            assert_eq!(essence(&foreign, other, "HASH"), nothing, "{own} asked for the way of {other}");
        }
    }
}

#[tokio::test]
async fn nothing_a_visitor_sends_beside_the_host_chooses_the_town() {
    let house = House::open(towns_with_signs()).await;
    for (route, patterns) in MATRIX {
        let (own, other) = (SIGNS[0], SIGNS[1]);
        let path = address(&house, patterns[0], own);
        let (foreign_host, cookie) = (host(other), format!("tenant={other}; host=portal.{other}.example"));
        let origin = format!("https://{foreign_host}");
        let sent = [
            ("x-forwarded-host", foreign_host.as_str()),
            ("x-tenant", other),
            ("x-original-url", "/lebenslagen/lage-bussardruf"),
            ("origin", &origin),
            ("referer", &origin),
            ("cookie", &cookie),
        ];
        house.get(&foreign_host, &address(&house, patterns[0], other)).await.is(200);
        belongs_to(own, route, &house.get_with(&host(own), &path, &sent).await);
        let session = format!("__Host-session={other}");
        belongs_to(own, route, &house.get_with(&host(own), &path, &[("cookie", &session)]).await);
    }
}

/// All towns in turn on one connection, the pages first cold, then warm.
async fn interleaved(house: &House, mut line: Line) {
    for _ in 0..2 {
        for (_, patterns) in MATRIX {
            for sign in SIGNS {
                let path = address(house, patterns[0], sign);
                belongs_to(sign, &path, &line.get(&host(sign), &path).await);
            }
        }
    }
    line.get("portal.unbekannt.example", "/faq").await.is(421);
    belongs_to(SIGNS[2], "/faq", &line.get(&host(SIGNS[2]), "/faq").await);
}

#[tokio::test]
async fn towns_share_one_kept_alive_connection_without_mixing() {
    let house = House::open(towns_with_signs()).await;
    interleaved(&house, house.line().await).await;
}

#[tokio::test]
async fn towns_share_one_http2_connection_without_mixing() {
    let house = House::open(towns_with_signs()).await;
    interleaved(&house, house.line_h2().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn towns_are_asked_at_the_same_time_on_one_http2_connection() {
    let house = House::open(towns_with_signs()).await;
    let line = house.line_h2().await;
    // the house takes 64 requests at a time on one connection
    for routes in MATRIX.chunks(16) {
        let mut asked = tokio::task::JoinSet::new();
        for (_, patterns) in routes {
            for sign in SIGNS {
                let (path, mut line) = (address(&house, patterns[0], sign), line.beside());
                asked.spawn(async move {
                    let answer = line.get(&host(sign), &path).await;
                    (sign, path, answer)
                });
            }
        }
        let answers = asked.join_all().await;
        assert_eq!(answers.len(), routes.len() * SIGNS.len());
        for (sign, path, answer) in answers {
            belongs_to(sign, &path, &answer);
        }
    }
}
