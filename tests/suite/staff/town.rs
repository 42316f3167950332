//! Clerks who log in with the town's own provider.

use portal::{clock::Clock, identity::switch, staff};
use portal_tests::{Answer, Browser, CODE, DOOR, House, OidcPeer, Towns};

use super::tenant;

const HOST: &str = "portal.ostrau.example";
const CALLBACK: &str = "https://portal.ostrau.example/oidc/rathaus/callback";

/// A town whose clerks have no accounts of the portal's own.
struct Hall {
    peer: OidcPeer,
    house: House,
}

impl Hall {
    async fn open() -> Self {
        let peer = OidcPeer::start(&[CALLBACK]).await;
        let towns = Towns::fixture();
        towns.change("ostrau/tenant.yaml", "status: live", "status: preview");
        towns.write("secret", OidcPeer::SECRET);
        let provider = format!(
            "- {{id: rathaus, kind: oidc, for: staff, name: Rathaus-Konto, issuer: \"{}\", client_id: portal, \
             client_secret: \"file:{}/secret\", staff: {{claim: groups, roles: {{buergerdienste: sachbearbeitung}}}}}}\n\
             - {{id: probe, kind: simulator, name: Probe}}\n",
            peer.issuer,
            towns.path().display(),
        );
        towns.write("ostrau/identity.yaml", provider);
        let house = House::open_at(towns, &Clock::default().now().to_string()).await;
        assert!(house.report.broken.is_empty(), "{:#?}", house.report.broken);
        Self { peer, house }
    }

    /// What the browser brings back from the provider.
    async fn set_out(&self, clerk: &Browser) -> String {
        self.house.set_time(&Clock::default().now().to_string());
        let away = clerk.get("/verwaltung/anmelden/rathaus").await.is(303);
        let back = self.peer.log_in(away.header("location"), "anna").await;
        form_urlencoded::Serializer::new("/oidc/rathaus/callback?".to_owned()).extend_pairs(back).finish()
    }

    async fn signs_in(&self, clerk: &Browser) -> Answer {
        let back = self.set_out(clerk).await;
        clerk.get(&back).await
    }

    async fn switched_off(&self, provider: &str) {
        let mut tx = self.house.portal.store.for_tenant(&tenant(&self.house, "ostrau")).write().await.unwrap();
        switch::off(&mut tx, provider, "a test", self.house.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn an_account_of_the_towns_provider_is_shut_like_any_other() {
    let hall = Hall::open().await;
    let clerk = hall.house.browser(HOST);
    hall.signs_in(&clerk).await.is(303).leads_to("/verwaltung");
    clerk.get("/verwaltung").await.is(200).says("Anna Musterfrau");
    let mut tx = hall.house.portal.store.for_tenant(&tenant(&hall.house, "ostrau")).write().await.unwrap();
    staff::disable(&mut tx, "anna", None, true, hall.house.clock.now()).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    clerk.get("/verwaltung").await.is(303);
    hall.signs_in(&clerk).await.is(303).leads_to("/verwaltung/anmelden?grund=abgelehnt");
    clerk.get("/verwaltung").await.is(303);
}

#[tokio::test]
async fn where_clerks_have_a_provider_no_password_of_the_portal_counts() {
    let hall = Hall::open().await;
    let password = hall.house.account(HOST, "p.klarname", "Petra Klarname", "sachbearbeitung").await;
    let clerk = hall.house.browser(HOST);
    clerk.get(DOOR).await.is(200).is_silent_about("type=\"password\"");
    clerk.gives_password("p.klarname", &password).await.is(404);
    clerk.get(CODE).await.is(404);
}

#[tokio::test]
async fn a_provider_of_clerks_that_is_switched_off_says_so_and_lets_nobody_in() {
    let hall = Hall::open().await;
    let (clerk, working) = (hall.house.browser(HOST), hall.house.browser(HOST));
    hall.signs_in(&working).await.is(303);
    let back = hall.set_out(&clerk).await;
    hall.switched_off("rathaus").await;
    clerk.get(&back).await.is(303).leads_to(DOOR);
    clerk.get("/verwaltung").await.is(303);
    let page = clerk.get(DOOR).await.is(200).says("vorübergehend abgeschaltet");
    page.is_silent_about("/verwaltung/anmelden/rathaus");
    working.get("/verwaltung").await.is(200);
    let mut tx = hall.house.portal.store.for_tenant(&tenant(&hall.house, "ostrau")).write().await.unwrap();
    assert_eq!(switch::end_sessions(&mut tx, "rathaus", hall.house.clock.now()).await.unwrap(), 1);
    tx.commit().await.unwrap();
    working.get("/verwaltung").await.is(303);
}

#[tokio::test]
async fn a_clerk_whose_provider_is_down_gets_to_the_door_of_clerks() {
    let Hall { peer, house } = Hall::open().await;
    drop(peer);
    let clerk = house.browser(HOST);
    clerk.get("/verwaltung/anmelden/rathaus").await.is(303).leads_to("/verwaltung/anmelden?grund=weg");
    let page = clerk.get("/verwaltung/anmelden?grund=weg").await.is(200);
    page.says("antwortet im Moment nicht").says("/verwaltung/anmelden/rathaus");
    // an answer that belongs to no login
    let lost = clerk.get("/oidc/rathaus/callback?state=unknown&code=x").await.is(303);
    lost.leads_to("/verwaltung/anmelden?grund=zuspaet");
}
