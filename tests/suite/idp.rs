//! Login providers as a town writes them down: which are valid when, what they lack, what `portal idp check` says.

use std::{fs, sync::LazyLock};

use portal::tenant::schema::{Level, People, Permission};
use portal_tests::{House, OidcPeer, Towns, binary::run};
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use serde_json::Value;

use crate::told::{house_after, tenant};

const FILE: &str = "ostrau/identity.yaml";

/// Made once: two RSA keys take a moment.
static KEYS: LazyLock<[KeyPair; 2]> = LazyLock::new(|| {
    [RsaKeySize::_3072, RsaKeySize::_2048].map(|bits| KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, bits).unwrap())
});

fn certificate(key: &KeyPair, until: i32) -> String {
    let mut wanted = CertificateParams::new(["portal.ostrau.example".to_owned()]).unwrap();
    wanted.not_after = rcgen::date_time_ymd(until, 1, 1);
    wanted.self_signed(key).unwrap().pem()
}

/// Ostrau with everything BundID needs: signs with one key, decrypts with the other, which is a bit short.
fn with_bundid(towns: &Towns) {
    let [long, short] = &*KEYS;
    for (path, content) in [
        ("ostrau/idp/sign.pem", certificate(long, 2040)),
        ("ostrau/idp/decrypt.pem", certificate(short, 2040)),
        ("_land/idp/bundid.pem", certificate(long, 2040)),
        ("_land/idp/bundid-old.pem", certificate(long, 2020)),
        ("keys/sign.key", long.serialize_pem()),
        ("keys/decrypt.key", short.serialize_pem()),
    ] {
        towns.write(path, content);
    }
    let keys =
        |name: &str| format!("[{{certificate: idp/{name}.pem, key: file:{}/keys/{name}.key}}]", towns.path().display());
    let federal = "- {id: bundid, kind: saml-bundid, name: BundID, idp_entity_id: https://id.bund.example/idp, \
                   sso_url: https://id.bund.example/sso, certificates: [idp/bundid.pem, idp/bundid-old.pem]}\n";
    towns.write("_land/identity.yaml", federal);
    let own = format!(
        "- {{id: bundid, bmi_id: 4711, signing_keys: {}, decryption_keys: {}}}\n",
        keys("sign"),
        keys("decrypt")
    );
    towns.write(FILE, own);
}

struct Told {
    code: Option<i32>,
    said: Value,
}

impl Told {
    /// A finding at this level that says this and where.
    #[track_caller]
    fn says(self, level: &str, words: &[&str]) -> Self {
        let all = self.said["providers"].as_array().unwrap().iter().flat_map(|one| one["findings"].as_array().unwrap());
        let said = |one: &Value| format!("{} {} {}", one["where"], one["message"], one["hint"]);
        let is_meant = |one: &Value| one["level"] == level && words.iter().all(|word| said(one).contains(word));
        assert!(all.into_iter().any(is_meant), "{level} {words:?} is not in {:#}", self.said);
        self
    }

    #[track_caller]
    fn is(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{:#}", self.said);
        self
    }
}

async fn check(towns: &Towns, id: &str) -> Told {
    let output = run(&["idp", "check", id, "--format", "json", "--tenants", towns.path().to_str().unwrap()]).await;
    let said = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    Told { code: output.status.code(), said }
}

#[tokio::test]
async fn a_provider_without_keys_is_there_and_says_what_it_lacks() {
    let house = House::with_fixture_towns().await;
    let ostrau = tenant(&house, "ostrau");
    let bundid = ostrau.provider("bundid").unwrap();
    let missing = ["idp_entity_id", "sso_url", "certificates", "signing_keys", "decryption_keys", "bmi_id"];
    assert_eq!((bundid.missing(), bundid.is_complete(), bundid.saml().is_none()), (missing.to_vec(), false, true));
    assert_eq!(bundid.levels(), [Level::Basis, Level::Substantiell, Level::Hoch]);
    check(&house.towns, "ostrau").await.is(0).says("warning", &["`idp_entity_id`, `sso_url`", "`bmi_id`"]);
}

#[tokio::test]
async fn a_town_completes_what_its_layer_says_about_a_provider() {
    let house = house_after(with_bundid).await;
    let ostrau = tenant(&house, "ostrau");
    let bundid = ostrau.provider("bundid").unwrap();
    let saml = bundid.saml().expect("nothing is missing");
    assert_eq!((saml.sso_url, saml.bmi_id), ("https://id.bund.example/sso", Some("4711")));
    assert!(bundid.all_certificates().all(|file| file.pem.starts_with("-----BEGIN CERTIFICATE-----")));
    assert_eq!(ostrau.display_name(bundid), "Stadt Ostrau");
    // the certificate is part of the town: a new one comes with the next reload
    let printed = format!("{bundid:?}");
    assert!(printed.contains("sign.key") && !printed.contains("PRIVATE"), "{printed}");
}

#[tokio::test]
async fn simulators_and_the_logins_of_clerks_stand_beside_the_phases() {
    let towns = Towns::fixture();
    towns.change("westrau/tenant.yaml", "status: live", "status: preview");
    let further = "  - {id: probe, kind: simulator, name: Probe, from: 2024-06-01, until: 2024-06-10}\n  \
                   - {id: rathaus, kind: oidc, for: staff, name: Rathaus, from: 2024-06-05}\n  \
                   - {id: haus, kind: local, name: Konto im Haus}\n";
    towns.write("westrau/identity.yaml", towns.read("westrau/identity.yaml") + further);
    let house = House::open_at(towns, "2024-05-20").await;
    for (time, valid) in [
        ("2024-05-20", "altkonto bundid haus"),
        ("2024-06-05", "altkonto bundid probe rathaus haus"),
        ("2024-06-11", "altkonto bundid rathaus haus"),
        ("2024-07-01", "bundid rathaus haus"),
    ] {
        house.set_time(time);
        house.get("portal.westrau.example", "/").await.is(200).says("mit BundID").is_silent_about("Probe");
        let westrau = tenant(&house, "westrau");
        let ids: Vec<&str> = westrau.providers().iter().map(|provider| provider.id.as_str()).collect();
        assert_eq!(ids.join(" "), valid, "{time}");
        assert_eq!(westrau.login.as_ref().unwrap().provider.id, "bundid");
        let staff = westrau.providers().iter().filter(|provider| provider.is_for(People::Staff));
        assert!(staff.map(|provider| provider.id.as_str()).all(|id| ["rathaus", "haus"].contains(&id)));
    }
    // a year after the last account nothing of theirs switches any more
    house.set_time("2025-07-02");
    house.get("portal.westrau.example", "/").await.is(200);
    assert_eq!(tenant(&house, "westrau").next_switch, None);
}

#[tokio::test]
async fn roles_come_from_the_layer_and_from_the_town() {
    let house = house_after(|towns| {
        let staff = "staff: {roles: [{id: leitung, name: Leitung, may: [desk, audit]}, {id: steuern, may: [desk]}]}\n";
        towns.write("ostrau/tenant.yaml", towns.read("ostrau/tenant.yaml") + staff);
    })
    .await;
    let staff = &tenant(&house, "ostrau").town.staff;
    assert_eq!(staff.role("leitung").unwrap().may, [Permission::Desk, Permission::Audit]);
    assert_eq!(staff.role("steuern").unwrap().may, [Permission::Desk]);
    assert_eq!(staff.role("steuern").unwrap().departments, ["steueramt"]);
    assert_eq!(tenant(&house, "westrau").town.staff.role("leitung"), None);
}

#[tokio::test]
async fn the_check_reads_keys_and_certificates() {
    let towns = Towns::fixture();
    with_bundid(&towns);
    let told = check(&towns, "ostrau").await.is(0);
    let told = told
        .says("ok", &["has everything it needs"])
        .says("ok", &["knows the portal as `https://portal.ostrau.example/saml/metadata`"])
        .says("ok", &["\"https://portal.ostrau.example/saml/bundid/metadata\""])
        .says("ok", &["\"idp/bundid.pem\"", "valid until 2040-01-01, RSA 3072"])
        .says("note", &["\"idp/bundid-old.pem\"", "expired on 2020-01-01"])
        .says("ok", &["sign.key", "belongs to `idp/sign.pem`"])
        .says("warning", &["\"idp/decrypt.pem\"", "RSA key of 2048 bits"]);
    assert_eq!(told.said["providers"][0]["complete"], true);

    let key = towns.read("keys/sign.key");
    towns.write("keys/decrypt.key", &key);
    check(&towns, "ostrau").await.is(1).says("error", &["decrypt.key", "does not belong to the certificate"]);
    towns.remove("keys/decrypt.key");
    check(&towns, "ostrau").await.is(1).says("error", &["decrypt.key", "cannot be read"]);
    towns.write("keys/decrypt.key", "geheim");
    check(&towns, "ostrau").await.is(1).says("error", &["decrypt.key", "no PEM block"]);
    assert!(!format!("{}", check(&towns, "ostrau").await.said).contains("geheim"));

    towns.change("_land/identity.yaml", "idp/bundid.pem, ", "");
    check(&towns, "ostrau").await.is(1).says("error", &["\"idp/bundid-old.pem\"", "has expired"]);
    towns.change(FILE, "idp/decrypt.pem", "idp/sign.pem");
    check(&towns, "ostrau").await.says("warning", &["signs and decrypts"]);
    let doctor = run(&["doctor", "--format", "json", "--tenants", towns.path().to_str().unwrap()]).await;
    let doctor = String::from_utf8_lossy(&doctor.stdout).into_owned();
    assert!(doctor.contains("`bundid` of `ostrau`, key: holds no PEM block"), "{doctor}");
}

#[tokio::test]
async fn the_check_asks_an_openid_provider_for_its_description() {
    let towns = Towns::fixture();
    let peer = OidcPeer::start(&["http://127.0.0.1:1/"]).await;
    let provider = |issuer: &str| {
        format!(
            "- {{id: rathaus, kind: oidc, name: Rathaus, issuer: \"{issuer}\", client_id: portal, client_secret: env:PATH}}\n"
        )
    };
    towns.write(FILE, provider(&peer.issuer));
    check(&towns, "ostrau").await.is(0).says("ok", &[&peer.issuer, "describes itself"]).says("ok", &["env:PATH"]);
    towns.write(FILE, provider("http://127.0.0.1:9"));
    check(&towns, "ostrau").await.is(1).says("error", &["http://127.0.0.1:9", "cannot be reached"]);
    let tenants = towns.path().to_str().unwrap();
    let offline = run(&["idp", "check", "ostrau", "--offline", "--tenants", tenants]).await;
    let said = String::from_utf8_lossy(&offline.stdout).into_owned();
    assert!(offline.status.success() && said.contains("rathaus  oidc for citizens, “Rathaus”\n"), "{said}");
    assert!(said.ends_with("\n0 errors, 0 warnings\n"), "{said}");
}

#[tokio::test]
async fn the_check_knows_simulators_broken_towns_and_towns_that_are_not_there() {
    let towns = Towns::fixture();
    check(&towns, "suedau").await.is(0).says("note", &["anybody log in as anybody"]);
    let tenants = towns.path().to_str().unwrap().to_owned();
    let output = run(&["idp", "check", "nirgendau", "--tenants", &tenants]).await;
    assert_eq!(output.status.code(), Some(2));
    towns.change("suedau/tenant.yaml", "status: preview", "status: live");
    let output = run(&["idp", "check", "suedau", "--tenants", &tenants]).await;
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1));
    assert!(told.contains("suedau/identity.yaml:2:5` lets anybody log in as anybody by `probe`"), "{told}");
    fs::write(towns.path().join("suedau/identity.yaml"), "[]\n").unwrap();
    let output = run(&["idp", "check", "suedau", "--tenants", &tenants]).await;
    assert_eq!(output.status.code(), Some(1), "not ready for other reasons");
}

#[tokio::test]
async fn ids_that_mean_something_else_are_refused_and_no_clerk_is_a_specimen() {
    for (provider, words) in [
        ("{id: local, kind: oidc, for: staff, name: Rathaus}", "keeps for itself"),
        ("{id: code, kind: oidc, for: staff, name: Rathaus}", "keeps for itself"),
        ("{id: probe, kind: simulator, for: staff, name: Probe}", "is for staff, which `simulator` cannot be"),
    ] {
        let towns = Towns::fixture();
        towns.change("ostrau/tenant.yaml", "status: live", "status: preview");
        towns.write(FILE, format!("providers:\n  - {provider}\n"));
        let house = House::open(towns).await;
        let told = format!("{:?}", house.report.broken);
        assert!(told.contains(words), "{provider}: {told}");
    }
}
