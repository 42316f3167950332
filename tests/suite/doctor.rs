//! What an operator hears who asks whether an installation is well.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, time::Duration};

use portal::clock::Clock;
use portal_tests::{
    Towns,
    binary::{Process, run},
};
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256};
use serde_json::Value;

/// An installation: towns, settings, a certificate.
struct House {
    towns: Towns,
    folder: tempfile::TempDir,
}

impl House {
    /// With these settings; `{}` in them is the folder of the certificate.
    fn with(settings: &str) -> Self {
        let house = Self { towns: Towns::fixture(), folder: tempfile::tempdir().unwrap() };
        let tenants = format!("tenants: {}\nlisten: 127.0.0.1:0\nops: 127.0.0.1:0\n", house.towns.path().display());
        let settings = settings.replace("{}", house.folder.path().to_str().unwrap());
        fs::write(house.path("portal.yaml"), tenants + &settings).unwrap();
        house
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn certificate(&self, hosts: &[&str], days: i64) {
        let mut wanted =
            CertificateParams::new(hosts.iter().map(|host| (*host).to_owned()).collect::<Vec<_>>()).unwrap();
        let until = (Clock::default().local() + jiff::Span::new().days(days)).date();
        wanted.not_after = rcgen::date_time_ymd(until.year().into(), until.month() as u8, until.day() as u8);
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        fs::write(self.path("chain.pem"), wanted.self_signed(&key).unwrap().pem()).unwrap();
        fs::write(self.path("key.pem"), key.serialize_pem()).unwrap();
    }

    async fn asks(&self, further: &[&str]) -> Told {
        let settings = self.path("portal.yaml");
        let mut arguments = vec!["doctor", "--config", &settings, "--format", "json"];
        arguments.extend(further);
        let output = run(&arguments).await;
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        Told { code: output.status.code(), said: serde_json::from_slice(&output.stdout).unwrap() }
    }
}

struct Told {
    code: Option<i32>,
    said: Value,
}

impl Told {
    /// A finding of this check, at this level, that says this and where.
    #[track_caller]
    fn says(&self, rule: &str, level: &str, words: &[&str]) -> &Self {
        let is_meant = |one: &&Value| {
            let all = format!("{} {} {}", one["where"], one["message"], one["hint"]);
            one["rule"] == rule && one["level"] == level && words.iter().all(|word| all.contains(word))
        };
        let findings = self.said["findings"].as_array().unwrap();
        assert!(findings.iter().any(|one| is_meant(&one)), "{rule} {level} {words:?} is not in {:#}", self.said);
        self
    }
}

const TLS: &str = "tls: {certificate: {}/chain.pem, key: {}/key.pem}\n";
const MAIL: &str = "mail: {smtp: \"smtps://portal@mail.example\", password: \"file:{}/smtp\"}\n";
const HOSTS: [&str; 5] = [
    "portal.ostrau.example",
    "service.ostrau.example",
    "portal.westrau.example",
    "xn--brger-kva.westrau.example",
    "portal.suedau.example",
];

#[tokio::test]
async fn a_sound_installation_is_said_to_be_sound() {
    let house = House::with(&format!("{TLS}{MAIL}security_contact: sicherheit@portal.example\n"));
    house.certificate(&HOSTS, 90);
    fs::write(house.path("smtp"), "geheim").unwrap();
    for secret in ["smtp", "key.pem"] {
        fs::set_permissions(house.path(secret), fs::Permissions::from_mode(0o600)).unwrap();
    }
    let told = house.asks(&["--data", &house.path("data")]).await;
    assert_eq!(told.code, Some(0), "{:#}", told.said);
    told.says("settings", "ok", &["portal.yaml"]).says("towns", "ok", &["3 towns, 2 of them live"]);
    told.says("themes", "ok", &[]).says("data", "note", &["does not exist yet"]);
    // how full it is is this machine's own affair
    let disk = told.said["findings"].as_array().unwrap().iter().find(|one| one["rule"] == "disk").unwrap();
    assert!(disk["message"].as_str().unwrap().contains("free"), "{disk}");
    told.says("permissions", "ok", &[]).says("listen", "ok", &["free"]).says("ops", "ok", &["free"]);
    told.says("certificate", "ok", &["belongs to its key"]).says("certificate", "ok", &["names every host"]);
    told.says("certificate", "warning", &["signed by itself"]).says("public", "ok", &["`https`"]);
    told.says("proxies", "ok", &[]).says("contact", "ok", &["sicherheit@portal.example"]).says(
        "clock",
        "ok",
        &["Berlin"],
    );
    told.says("mail", "ok", &["go to `mail.example:465`"]);
    told.says("watches", "ok", &["folders"]).says("machine", "ok", &["memory"]);
    let text = run(&["doctor", "--config", &house.path("portal.yaml")]).await;
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.contains("ok       towns        `") && text.contains("\n0 errors, "), "{text}");
}

#[tokio::test]
async fn mails_that_would_reach_nobody_are_told() {
    let told = House::with("").asks(&[]).await;
    told.says("mail", "error", &["mails of live towns stay in `data/mail`", "smtps://USER@HOST"]);
    House::with(MAIL).asks(&[]).await.says("mail", "error", &["mail.password", "cannot be read"]);
}

#[tokio::test]
async fn settings_that_cannot_be_read_are_the_finding() {
    let house = House::with("lisen: 127.0.0.1:1\n");
    let told = house.asks(&[]).await;
    told.says("settings", "error", &["portal.yaml:4:1", "`lisen`", "did you mean `listen`?"]);
    assert_eq!(told.code, Some(1));
    house.asks(&["--themes", "/gibt/es/nicht"]).await.says("settings", "error", &["lisen"]);
}

#[tokio::test]
async fn a_broken_town_is_named_with_its_place() {
    let house = House::with("");
    house.towns.write("ostrau/services/marktstand.yaml", "title: Marktstand\nshrot: falsch\n");
    let told = house.asks(&[]).await;
    assert_eq!(told.code, Some(1));
    told.says("towns", "error", &["1 town that cannot be loaded: `ostrau`; 2 can"]);
    told.says("towns", "error", &["ostrau/services/marktstand.yaml:2:1", "did you mean `short`?"]);
    let none = house.asks(&["--tenants", "/gibt/es/nicht"]).await;
    none.says("towns", "error", &["/gibt/es/nicht", "cannot be read"]);
}

#[tokio::test]
async fn a_certificate_is_looked_at_from_all_sides() {
    let house = House::with(TLS);
    let told = house.asks(&[]).await;
    told.says("certificate", "error", &["chain.pem", "cannot read", "`tls:`"]);

    house.certificate(&["*.ostrau.example", "portal.suedau.example"], 14);
    let told = house.asks(&[]).await;
    assert_eq!(told.code, Some(1));
    told.says("certificate", "warning", &["expires on", "in 1", "renew"]);
    told.says("certificate", "error", &["does not name `portal.westrau.example`, `xn--brger-kva.westrau.example`"]);

    house.certificate(&HOSTS, -1);
    house.asks(&[]).await.says("certificate", "error", &["has expired on"]);
    let key = house.path("key.pem");
    house.certificate(&HOSTS[..4], 90);
    let told = house.asks(&[]).await;
    told.says("certificate", "warning", &["`portal.suedau.example`, of towns that are not live"]);
    fs::write(&key, KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap().serialize_pem()).unwrap();
    house.asks(&[]).await.says("certificate", "error", &["does not belong to"]);
}

#[tokio::test]
async fn a_running_portal_is_recognised_and_another_program_is_not() {
    let house = House::with("");
    let portal = Process::serve(&["--tenants", house.towns.path().to_str().unwrap()]).await;
    let told = house.asks(&["--listen", portal.authority(), "--ops", &portal.ops]).await;
    let version = format!("is where `portal/{}` is running", env!("CARGO_PKG_VERSION"));
    told.says("listen", "ok", &[portal.authority(), &version]).says("ops", "ok", &[&portal.ops, &version]);
    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = other.local_addr().unwrap().to_string();
    let told = house.asks(&["--listen", &taken, "--ops", "127.0.0.1:0"]).await;
    told.says("listen", "error", &[&taken, "another program", "--listen"]);
}

#[tokio::test]
async fn what_strangers_could_reach_or_forge_is_told() {
    let house = House::with("public: {scheme: http}\ntrusted_proxies: [0.0.0.0/0]\n");
    let told = house.asks(&["--ops", "0.0.0.0:0"]).await;
    assert_eq!(told.code, Some(1));
    told.says("ops", "warning", &["reached from outside"]).says("public", "error", &["`http`", "`ostrau`, `westrau`"]);
    told.says("proxies", "error", &["`0.0.0.0/0`", "strangers"]);
    let told = House::with("").asks(&["--ops", "203.0.113.7:9090"]).await;
    told.says("ops", "error", &["reached from outside"]).says("proxies", "warning", &["live without TLS"]);
    told.says("contact", "warning", &["security_contact"]);
}

#[tokio::test]
async fn folders_that_everybody_may_touch_are_told() {
    let house = House::with(TLS);
    house.certificate(&HOSTS, 90);
    open(house.path("key.pem"), 0o644);
    open(house.towns.path(), 0o777);
    let told = house.asks(&["--data", house.folder.path().to_str().unwrap()]).await;
    told.says("permissions", "warning", &["key.pem", "can be read by everybody", "chmod o-rwx"]);
    told.says("permissions", "warning", &["can be written by everybody"]).says("data", "ok", &["can be written"]);
    let file = house.path("key.pem");
    house.asks(&["--data", &file]).await.says("data", "error", &["is no folder"]);
}

fn open(path: impl AsRef<Path>, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[tokio::test]
async fn limits_and_times_that_do_not_fit_are_told() {
    let house = House::with("limits: {connections: 2000000000, cache_bytes: 1000000000000000}\n");
    let late = house.towns.path().join("ostrau/tenant.yaml");
    let tomorrow = fs::metadata(&late).unwrap().modified().unwrap() + Duration::from_secs(86400);
    fs::File::options().append(true).open(&late).unwrap().set_modified(tomorrow).unwrap();
    let told = house.asks(&["--now", "2027-05-01"]).await;
    assert_eq!(told.code, Some(1), "two towns are live");
    told.says("rehearsal", "error", &["live are `ostrau`, `westrau`", "status: preview"]);
    told.says("clock", "warning", &["ostrau/tenant.yaml", "still to come"]);
    told.says("files", "warning", &["2000000512 open files", "LimitNOFILE=2000000512"]);
    told.says("machine", "warning", &["limits.cache_bytes", "are free"]);
}

#[tokio::test]
async fn schemas_of_another_version_are_told() {
    let house = House::with("");
    for kind in portal::tenant::schema::KINDS {
        let schema = portal::tenant::schema::json_schema(kind).unwrap().to_value();
        house.towns.write(&format!(".schema/{kind}.json"), schema.to_string());
    }
    house.asks(&[]).await.says("schemas", "ok", &["of this version"]);
    house.towns.write(".schema/service.json", "{}");
    house.asks(&[]).await.says("schemas", "warning", &["`service`", "portal schema --write"]);
}

#[tokio::test]
async fn a_database_far_away_is_asked_over_a_guarded_road() {
    let house = House::with("");
    let at = |mode: &str| format!("postgres://portal:geheim@db.invalid/portal{mode}");
    for (mode, level) in [("", "error"), ("?sslmode=prefer", "error"), ("?sslmode=require", "warning")] {
        // the address stands in a file, so that the list of processes does not show its password
        fs::write(house.path("database"), format!("{}\n", at(mode))).unwrap();
        let told = house.asks(&["--database", &format!("file:{}", house.path("database"))]).await;
        told.says("database", level, &["db.invalid", "over the network", "sslmode=verify-full"]);
        assert!(!told.said.to_string().contains("geheim"), "{:#}", told.said);
    }
    let guarded = house.asks(&["--database", &at("?sslmode=verify-full")]).await.said.to_string();
    assert!(!guarded.contains("over the network"), "{guarded}");
    let here = house.asks(&["--database", "postgres://portal@localhost:1/portal"]).await.said.to_string();
    assert!(!here.contains("over the network"), "{here}");
}
