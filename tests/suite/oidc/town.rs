//! The way of a citizen: from a town's page to its own provider and back, over HTTP in two towns.

use portal::{clock::Clock, config::rates::Rates, web::Portal};
use portal_tests::{Answer, Browser, House, OidcPeer, Towns};
use serde_json::json;

const OSTRAU: &str = "portal.ostrau.example";
const WESTRAU: &str = "portal.westrau.example";

pub const CALLBACKS: [&str; 2] =
    ["https://portal.ostrau.example/oidc/rathaus/callback", "https://portal.westrau.example/oidc/rathaus/callback"];

/// Two towns at one provider. Its clock is that of the machine, and so is the house's.
pub struct Land {
    pub peer: OidcPeer,
    pub house: House,
}

impl Land {
    async fn open() -> Self {
        Self::with_provider(OidcPeer::start(&CALLBACKS).await, |_| {}).await
    }

    pub async fn with_provider(peer: OidcPeer, change: impl FnOnce(&mut Portal)) -> Self {
        let towns = Towns::fixture();
        towns.write("secret", OidcPeer::SECRET);
        for town in ["ostrau", "westrau"] {
            let provider = format!(
                "- {{id: rathaus, kind: oidc, name: Rathaus-Konto, issuer: \"{}\", client_id: portal, levels: [basis, substantiell, hoch], \
                 client_secret: \"file:{}/secret\", acr: {{basis: low, substantiell: substantial, hoch: high}}}}\n",
                peer.issuer,
                towns.path().display(),
            );
            towns.write(&format!("{town}/identity.yaml"), provider);
        }
        let house = House::open_as(towns, change).await;
        house.set_time(&Clock::default().now().to_string());
        assert!(house.report.broken.is_empty(), "{:#?}", house.report.broken);
        Self { peer, house }
    }

    /// From the town's page to the provider, and what the browser brings back from there.
    pub async fn set_out(&self, browser: &Browser, query: &str, who: &str) -> String {
        self.house.set_time(&Clock::default().now().to_string());
        let away = browser.get(&format!("/anmelden/rathaus?{query}")).await.is(303);
        let back = self.peer.log_in(away.header("location"), who).await;
        form_urlencoded::Serializer::new("/oidc/rathaus/callback?".to_owned()).extend_pairs(back).finish()
    }

    pub async fn log_in(&self, browser: &Browser, query: &str, who: &str) -> Answer {
        let back = self.set_out(browser, query, who).await;
        browser.get(&back).await
    }
}

#[tokio::test]
async fn a_citizen_logs_in_at_the_towns_own_provider_and_in_no_other_town() {
    let land = Land::open().await;
    let (anna, stranger) = (land.house.browser(OSTRAU), land.house.browser(WESTRAU));
    land.log_in(&anna, "zurueck=/meine-daten&niveau=substantiell", "anna").await.is(303).leads_to("/meine-daten");
    anna.get("/meine-daten").await.is(200).says("Musterfrau").says("Rathaus-Konto").says("anna@example.org");
    stranger.get("/meine-daten").await.is(303);
    // what belongs to one browser and one town serves there, and once
    let elsewhere = land.house.browser(OSTRAU);
    let back = land.set_out(&elsewhere, "", "anna").await;
    stranger.get(&back).await.is(400);
    stranger.get("/meine-daten").await.is(303);
    elsewhere.get(&back).await.is(303);
    elsewhere.get(&back).await.is(400);
}

#[tokio::test]
async fn a_login_begins_at_the_host_to_which_the_provider_leads_back() {
    let land = Land::open().await;
    let preview = land.house.browser(portal_tests::OSTRAU);
    let led = preview.get("/anmelden/rathaus?zurueck=/faq").await.is(303);
    led.leads_to("https://portal.ostrau.example/anmelden/rathaus?zurueck=/faq");
}

#[tokio::test]
async fn a_step_up_is_a_new_login_of_the_same_person() {
    let mut land = Land::open().await;
    let anna = land.house.browser(OSTRAU);
    land.peer.answers(json!({"acr": "low"})).await;
    land.log_in(&anna, "", "anna").await.is(303);
    land.log_in(&anna, "niveau=substantiell", "anna").await.is(403);
    land.peer.answers(json!({})).await;
    land.log_in(&anna, "niveau=substantiell", "ben").await.is(403);
    land.log_in(&anna, "niveau=substantiell", "anna~identified-earlier").await.is(403);
    anna.get("/meine-daten").await.is(200).says("Musterfrau");
    land.log_in(&anna, "niveau=substantiell&zurueck=/faq", "anna").await.is(303).leads_to("/faq");
    // reached: nobody is asked again
    anna.get("/anmelden/rathaus?niveau=substantiell&zurueck=/faq").await.is(303).leads_to("/faq");
}

#[tokio::test]
async fn who_is_less_sure_than_demanded_or_brings_a_wrong_token_stays_outside() {
    let land = Land::open().await;
    let mallory = land.house.browser(OSTRAU);
    for (query, who) in [
        ("niveau=substantiell", "mallory"),
        ("niveau=hoch", "anna"),
        ("niveau=substantiell", "anna~no-level"),
        ("", "anna~wrong-nonce"),
        ("", "anna~strange-key"),
        ("", "anna~other-audience"),
        ("", "anna~expired"),
    ] {
        land.log_in(&mallory, query, who).await.is(403).says("Stadt Ostrau").is_silent_about("Musterfrau");
        mallory.get("/meine-daten").await.is(303);
    }
    land.log_in(&mallory, "", "mallory").await.is(303);
    // the address is somebody else's
    mallory.get("/meine-daten").await.is(200).says("Mallory").is_silent_about("anna@example.org");
}

#[tokio::test]
async fn who_turns_back_or_finds_the_provider_down_goes_on_without_a_login() {
    let land = Land::open().await;
    let anna = land.house.browser(OSTRAU);
    land.log_in(&anna, "zurueck=/faq", "nobody").await.is(200).says("/faq");
    let Land { peer, house } = Land::open().await;
    drop(peer);
    let anna = house.browser(OSTRAU);
    let page = anna.get("/anmelden/rathaus?zurueck=/faq").await.is(503).says("Rathaus-Konto").says("/faq");
    assert!(!page.header("retry-after").is_empty());
    anna.get("/dienstleistungen").await.is(200);
}

#[tokio::test]
async fn beginning_a_login_again_and_again_is_throttled_in_this_town_only() {
    let rates = Rates { login: "3/10m".parse().unwrap(), ..Rates::OFF };
    let house = House::open_with_rates(Towns::with_simulator(), rates).await;
    let ask = async |from: &str, host: &str| {
        house.get_with(host, "/anmelden/probe", &[("x-forwarded-for", from)]).await.status
    };
    for expected in [200, 200, 200, 429, 429] {
        assert_eq!(ask("192.0.2.7", OSTRAU).await, expected);
    }
    assert_eq!((ask("192.0.2.7", WESTRAU).await, ask("192.0.2.8", OSTRAU).await), (200, 200));
    house.get_with(OSTRAU, "/anmelden", &[("x-forwarded-for", "192.0.2.7")]).await.is(200);
}
