//! The way of a citizen: from a town's page to the provider and back, over HTTP in two towns.

use portal_tests::{
    Answer, Browser, House, Towns,
    peers::{BundId, Posted},
};
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256, RsaKeySize};

const OSTRAU: &str = "portal.ostrau.example";
const WESTRAU: &str = "portal.westrau.example";

/// Two towns that are registered with one provider, each with keys of its own.
struct Land {
    provider: BundId,
    house: House,
}

impl Land {
    async fn with_provider(provider: BundId) -> Self {
        let towns = Towns::fixture();
        for town in ["ostrau", "westrau"] {
            register_keys(&towns, town, &provider);
        }
        let house = House::open(towns).await;
        let land = Self { provider, house };
        for host in [OSTRAU, WESTRAU] {
            let metadata = land.house.get(host, "/saml/bundid/metadata").await.is(200).text();
            land.provider.register(&metadata).await.expect("the metadata suits the provider");
        }
        land
    }

    async fn open() -> Self {
        Self::with_provider(BundId::start().await).await
    }

    fn browser(&self, host: &str) -> Browser {
        Browser::at(self.house.addr, host)
    }

    /// From the town's page to the provider's.
    async fn set_out(&self, browser: &Browser, query: &str) -> String {
        let page = browser.get(&format!("/anmelden/bundid?{query}")).await.is(200).says(&self.provider.sso_url());
        let policy = page.header("content-security-policy").to_owned();
        assert!(policy.contains(&format!("form-action 'self' {}", self.provider.address)), "{policy}");
        let state = self.provider.ask(&field(&page, "SAMLRequest"), &field(&page, "RelayState")).await;
        state.expect("the request suits the provider")
    }

    /// The whole way; the last answer is that to the provider's form.
    async fn log_in(&self, browser: &Browser, query: &str, wishes: &[(&str, &str)]) -> Answer {
        let state = self.set_out(browser, query).await;
        let posted = self.provider.login(&state, wishes).await;
        self.come_back(browser, &posted).await
    }

    async fn come_back(&self, browser: &Browser, posted: &Posted) -> Answer {
        assert_eq!(posted.acs, format!("https://{}/saml/bundid/acs", browser.host));
        self.bring(browser, posted).await
    }

    async fn bring(&self, browser: &Browser, posted: &Posted) -> Answer {
        let fields = [("SAMLResponse", posted.saml_response.as_str()), ("RelayState", &posted.relay_state)];
        browser.post_from(&self.provider.address, "/saml/bundid/acs", &fields).await
    }
}

const REFUSED: &str = "Die Anmeldung hat nicht geklappt";
const MY_DATA: &str = "zurueck=/meine-daten&niveau=substantiell";

#[tokio::test]
async fn a_citizen_logs_in_and_sees_what_the_provider_said() {
    let land = Land::open().await;
    let anna = land.browser(OSTRAU);
    land.log_in(&anna, MY_DATA, &[]).await.is(303).leads_to("/meine-daten");
    let page = anna.get("/meine-daten").await.is(200);
    page.says("Erika").says("Mustermann").says("Heidestraße 17").says("erika.mustermann@example.org");
    let told = land.provider.requests().await.pop().expect("a request");
    assert_eq!((told["level"].as_u64(), told["force_authn"].as_bool()), (Some(3), Some(false)));
    assert_eq!(told["display_name"], "Stadt Ostrau");
    assert_eq!(told["back_url"], "https://portal.ostrau.example/anmelden");
    assert_eq!(told["required"], serde_json::json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_posted_twice_at_once_lets_in_once() {
    let land = Land::open().await;
    for round in 1..=5 {
        let anna = land.browser(OSTRAU);
        let state = land.set_out(&anna, MY_DATA).await;
        let posted = land.provider.login(&state, &[]).await;
        let (one, other) = tokio::join!(land.come_back(&anna, &posted), land.come_back(&anna, &posted));
        let (first, second) = if one.status == 303 { (one, other) } else { (other, one) };
        first.is(303).leads_to("/meine-daten");
        second.is(400).says("schon benutzt").says("/anmelden");
        anna.get("/meine-daten").await.is(200).says("Mustermann");
        assert_eq!(land.house.database.number("select count(*) from sessions").await, round, "one session a login");
    }
    assert_eq!(land.house.database.number("select count(*) from pending_logins").await, 0);
}

#[tokio::test]
async fn an_answer_serves_once_and_only_the_browser_that_asked() {
    let land = Land::open().await;
    let (anna, thief) = (land.browser(OSTRAU), land.browser(OSTRAU));
    let state = land.set_out(&anna, MY_DATA).await;
    let posted = land.provider.login(&state, &[]).await;
    land.come_back(&anna, &posted).await.is(303);
    for browser in [&anna, &thief] {
        let again = land.come_back(browser, &posted).await;
        assert_ne!(again.status, 303, "a second time");
    }

    // the answer to a login that somebody else has begun: whoever brings it is not logged in
    let state = land.set_out(&thief, MY_DATA).await;
    let posted = land.provider.login(&state, &[]).await;
    let victim = land.browser(OSTRAU);
    land.set_out(&victim, MY_DATA).await;
    let answer = land.come_back(&victim, &posted).await;
    assert_ne!(answer.status, 303);
    assert_eq!(victim.get("/meine-daten").await.status, 303, "nobody is logged in");

    // without a login that has begun nothing is believed
    let stranger = Posted { relay_state: String::new(), ..posted };
    assert_ne!(land.come_back(&land.browser(OSTRAU), &stranger).await.status, 303);
}

#[tokio::test]
async fn what_one_town_got_is_worth_nothing_in_the_other() {
    let land = Land::open().await;
    let (here, there) = (land.browser(OSTRAU), land.browser(WESTRAU));
    let theirs = land.set_out(&there, MY_DATA).await;
    let theirs = land.provider.login(&theirs, &[]).await;
    let ours = land.set_out(&here, MY_DATA).await;
    let ours = land.provider.login(&ours, &[]).await;
    // with the handle of the other town, and with our own around their answer
    assert_ne!(land.bring(&here, &theirs).await.status, 303);
    let mixed = Posted { saml_response: theirs.saml_response.clone(), ..ours };
    land.bring(&here, &mixed).await.says(REFUSED);
    land.come_back(&there, &theirs).await.is(303);
    assert_eq!(here.get("/meine-daten").await.status, 303, "nobody is logged in here");
}

#[tokio::test]
async fn forged_answers_to_a_login_that_runs_lead_nowhere() {
    let land = Land::open().await;
    for case in [
        "unsigned-altogether",
        "unsigned-assertion",
        "attacker-both",
        "hmac-certificate",
        "retired-key",
        "xsw1-response",
        "xsw2-refusal",
        "xsw4-inside",
        "xsw8-inside-bare",
        "injected-clear-first",
        "two-encrypted-honest-last",
        "sealed-rsa-1_5",
        "sealed-aes256-cbc",
        "wrong-audience",
        "wrong-recipient",
        "time-expired",
        "level-unknown",
        "doctype-internal",
        "comment-name-id-signed-text",
        "huge",
        "deep",
        "base64-garbage",
        "base64-empty",
    ] {
        let mallory = land.browser(OSTRAU);
        let answer = land.log_in(&mallory, MY_DATA, &[("case", case)]).await;
        assert!([200, 400, 403, 413].contains(&answer.status), "{case}: {}", answer.status);
        assert_eq!(mallory.get("/meine-daten").await.status, 303, "{case}: nobody is logged in");
    }
}

#[tokio::test]
async fn a_no_is_told_as_what_it_is() {
    let land = Land::open().await;
    let anna = land.browser(OSTRAU);
    land.log_in(&anna, MY_DATA, &[("do", "cancel")]).await.says("Sie haben die Anmeldung abgebrochen");
    land.log_in(&anna, MY_DATA, &[("do", "error")]).await.says(REFUSED);
    land.log_in(&anna, MY_DATA, &[("do", "fail")]).await.says(REFUSED);
    land.log_in(&anna, MY_DATA, &[("late", "900")]).await.says(REFUSED);
    land.log_in(&anna, MY_DATA, &[("level", "1")]).await.says("Diese Anmeldung reicht hier nicht aus");
    land.log_in(&anna, MY_DATA, &[]).await.is(303);
}

#[tokio::test]
async fn a_stronger_login_has_to_be_of_the_same_person() {
    let land = Land::open().await;
    let anna = land.browser(OSTRAU);
    land.log_in(&anna, "zurueck=/meine-daten&niveau=basis", &[]).await.is(303);
    let other = land.log_in(&anna, "zurueck=/meine-daten&niveau=hoch", &[("person", "max")]).await;
    other.says("Das ist ein anderes Konto");
    assert_eq!(land.provider.requests().await.pop().expect("a request")["force_authn"], true);
    anna.get("/meine-daten").await.is(200).says("Mustermann").is_silent_about("Musterstraße 1");
    land.log_in(&anna, "zurueck=/meine-daten&niveau=hoch", &[]).await.is(303).leads_to("/meine-daten");
    let page = anna.get("/meine-daten").await.is(200).says("Heidestraße 17");
    page.says("Deutschland");
}

#[tokio::test]
async fn the_provider_changes_its_key_and_nobody_notices() {
    let land = Land::open().await;
    for wishes in [[("method", "rsa-sha256")], [("method", "pss-sha256")]] {
        land.log_in(&land.browser(OSTRAU), MY_DATA, &wishes).await.is(303);
        land.provider.control(&[("roll", "yes")]).await;
        land.log_in(&land.browser(OSTRAU), MY_DATA, &wishes).await.is(303);
    }
}

#[tokio::test]
async fn an_answer_of_bundid_is_signed_as_a_whole_unless_the_town_says_otherwise() {
    let mut land = Land::open().await;
    let unsigned = [("response_signed", "no")];
    land.log_in(&land.browser(OSTRAU), MY_DATA, &unsigned).await.is(403).says(REFUSED);
    let towns = &land.house.towns;
    towns.change("ostrau/identity.yaml", "kind: saml-bundid,", "kind: saml-bundid, response_signed: false,");
    land.house.reload();
    land.log_in(&land.browser(OSTRAU), MY_DATA, &unsigned).await.is(303);
}

#[tokio::test]
async fn where_the_provider_is_down_the_page_says_so_and_the_rest_goes_on() {
    let land = Land::open().await;
    land.provider.control(&[("down", "yes")]).await;
    let anna = land.browser(OSTRAU);
    anna.get("/anmelden/bundid").await.says("ist gerade nicht erreichbar");
    anna.get("/").await.is(200);
}

fn register_keys(towns: &Towns, town: &str, provider: &BundId) {
    let file = |name: &str, content: String| towns.write(&format!("{town}/idp/{name}"), content);
    for (name, path) in [("bundid.pem", provider.certificate()), ("bundid-next.pem", provider.next_certificate())] {
        file(name, std::fs::read_to_string(path).expect("a certificate"));
    }
    let mut keys = Vec::new();
    for use_ in ["sign", "decrypt"] {
        let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_3072).expect("a key");
        let named = CertificateParams::new([format!("portal.{town}.example")]).expect("a name");
        file(&format!("{use_}.pem"), named.self_signed(&key).expect("a certificate").pem());
        towns.write(&format!("keys/{town}-{use_}.key"), key.serialize_pem());
        let folder = towns.path().display();
        keys.push(format!("[{{certificate: idp/{use_}.pem, key: file:{folder}/keys/{town}-{use_}.key}}]"));
    }
    let entry = format!(
        "providers:\n  - {{id: bundid, kind: saml-bundid, name: BundID, idp_entity_id: \"{}\", sso_url: \"{}\", \
         certificates: [idp/bundid.pem, idp/bundid-next.pem], bmi_id: BMI-4711, signing_keys: {}, decryption_keys: {}}}\n",
        BundId::ENTITY_ID,
        provider.sso_url(),
        keys[0],
        keys[1]
    );
    towns.write(&format!("{town}/identity.yaml"), entry);
}

/// The value of a hidden field.
fn field(page: &Answer, name: &str) -> String {
    let text = page.text();
    let (_, rest) = text.split_once(&format!("name=\"{name}\" value=\"")).expect("the field");
    rest.split_once('"').expect("its end").0.to_owned()
}
