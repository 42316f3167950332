//! Clerks who log in with the town's own provider.

use portal::{clock::Clock, identity::switch, staff};
use portal_tests::{Answer, Browser, CODE, DOOR, House, OidcPeer, Towns};
use serde_json::{Value, json};

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
             client_secret: \"file:{}/secret\", staff: {{claim: groups, roles: {{buergerdienste: sachbearbeitung}}, audience: desk}}}}\n\
             - {{id: probe, kind: simulator, name: Probe}}\n",
            peer.issuer,
            towns.path().display(),
        );
        towns.write("ostrau/identity.yaml", provider);
        let form = "title: Hund\nlogin: basis\nsteps: [{id: hund, title: Hund, fields: [{id: rufname, kind: text, label: N}]}]\n";
        towns.offers("ostrau", form);
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

#[tokio::test]
async fn a_program_works_for_a_clerk_with_a_token_of_the_towns_provider() {
    let mut hall = Hall::open().await;
    let now = Clock::default().now();
    hall.house.set_time(&now.to_string());
    let erika = hall.house.citizen(HOST, "erika", "basis").await;
    let draft = erika.begins("antrag").await;
    erika.post(&format!("/antraege/{draft}/hund"), &[("rufname", "Waldi")]).await.is(303);
    erika.sends(&draft).await.is(303);

    let (head, issuer, second) =
        (json!({"alg": "RS256", "typ": "at+jwt", "kid": "RS256"}), hall.peer.issuer.clone(), now.as_second());
    let claims = json!({
        "iss": issuer, "sub": "anna", "aud": ["desk"], "iat": second, "exp": second + 600, "client_id": "fach",
        "name": "Anna Musterfrau", "groups": ["buergerdienste"],
    });
    let with = |changes: Value| {
        let mut claims = claims.clone();
        claims.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        claims
    };
    let good = hall.peer.mints(head.clone(), claims.clone()).await;
    let asks = async |token: &str, path: &str| {
        let bearer = format!("Bearer {token}");
        hall.house.get_with(HOST, path, &[("authorization", &bearer)]).await
    };
    let list = asks(&good, "/api/v1/desk/cases").await.is(200).json();
    let number = list["cases"][0]["number"].as_str().expect("a case").to_owned();
    assert_eq!(list["cases"][0]["applicant"], "Erika Mustermann");
    let path = format!("/api/v1/desk/cases/{number}");
    let case = asks(&good, &path).await.is(200);
    assert_eq!(
        (case.header("cache-control"), case.json()["sections"][0]["fields"][0]["value"].clone()),
        ("no-store", "Waldi".into())
    );
    assert_eq!(asks(&good, "/api/v1/desk/statistics").await.is(200).json()["tallies"][0]["count"], 1);
    let audited = "select count(*) from audit where deed = 'case.read'";
    assert_eq!(hall.house.database.number(audited).await, 1, "a reading stands in the trail");
    let program = hall.house.browser(HOST);
    let bearer = format!("Bearer {good}");
    let keyed = [("authorization", bearer.as_str()), ("idempotency-key", "1")];
    for _ in 0..2 {
        program.post_json(&format!("{path}/notes"), &json!({"text": "Vom Fachverfahren."}), &keyed).await.is(200);
    }
    let notes = "select count(*) from case_events where kind = 'note'";
    assert_eq!(hall.house.database.number(notes).await, 1);

    let wrong = [
        (json!({"alg": "RS256", "typ": "JWT", "kid": "RS256"}), json!({}), 401),
        (json!({"alg": "none", "typ": "at+jwt"}), json!({}), 401),
        (json!({"alg": "HS256", "typ": "at+jwt"}), json!({}), 401),
        (json!({"alg": "RS256", "typ": "at+jwt", "kid": "else"}), json!({}), 401),
        (json!({"alg": "RS256", "typ": "at+jwt", "crit": ["exp"]}), json!({}), 401),
        (head.clone(), json!({"iss": "https://login.example"}), 401),
        (head.clone(), json!({"aud": "portal"}), 401),
        (head.clone(), json!({"exp": second - 61}), 401),
        (head.clone(), json!({"iat": second + 3600}), 401),
        (head.clone(), json!({"nbf": second + 3600}), 401),
        (head.clone(), json!({"sub": ""}), 401),
        (head.clone(), json!({"groups": ["andere"]}), 403),
    ];
    for (header, changes, status) in wrong {
        let token = hall.peer.mints(header.clone(), with(changes.clone())).await;
        assert_eq!(asks(&token, "/api/v1/desk/cases").await.status, status, "{header} {changes}");
    }
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let forged = format!("{signed}.{}{}", if signature.starts_with('A') { "B" } else { "A" }, &signature[1..]);
    asks(&forged, "/api/v1/desk/cases").await.is(401);
    program.post_json(&format!("{path}/notes"), &json!({"text": "x"}), &[]).await.is(403);
    program.get("/api/v1/desk/cases").await.is(401);
    // an account that was shut stays shut, and another town knows no such token
    let bearer = [("authorization", bearer.as_str())];
    hall.house.get_with("portal.westrau.example", "/api/v1/desk/cases", &bearer).await.is(401);
    let mut tx = hall.house.portal.store.for_tenant(&tenant(&hall.house, "ostrau")).write().await.unwrap();
    staff::disable(&mut tx, "anna", None, true, hall.house.clock.now()).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    asks(&good, "/api/v1/desk/cases").await.is(403);
}
