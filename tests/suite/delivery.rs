//! Packages for back offices: whole, signed, once by their id, and nobody waits in vain without being told.

mod full;
mod sftp;

use std::{
    fs,
    io::{Cursor, Read},
    path::Path,
    time::Duration,
};

use aws_lc_rs::{
    hmac,
    signature::{ED25519, UnparsedPublicKey},
};
use portal_tests::{BackOffice, Browser, House, OSTRAU, Says, Towns, WESTRAU, binary::run};
use serde_json::Value;
use zip::ZipArchive;

const FORM: &str = r"
title: Hund anmelden
login: basis
steps:
  - id: hund
    title: Ihr Hund
    fields:
      - {id: rufname, kind: text, label: Rufname}
      - {id: wo, kind: address, label: Wo lebt er?}
";
const SECRET: &str = "das lange Geheimnis beider Seiten";
const ANSWERS: [(&str, &str); 4] =
    [("rufname", "Łuna & Ärger"), ("wo.street", "Müllerweg 1"), ("wo.postal_code", "99999"), ("wo.city", "Ostrau")];

/// Two towns that hand over, each with its own key; `destination` is the entry without its id, name and secrets.
struct Scene {
    house: House,
    keys: [rcgen::KeyPair; 2],
    folder: tempfile::TempDir,
}

async fn scene(destination: &str) -> Scene {
    scene_of(FORM, destination).await
}

async fn scene_of(form: &str, destination: &str) -> Scene {
    let folder = tempfile::tempdir().unwrap();
    let towns = Towns::with_simulator();
    fs::write(folder.path().join("secret"), format!("{SECRET}\n")).unwrap();
    let keys = ["ostrau", "westrau"].map(|town| {
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
        let path = folder.path().join(format!("{town}.pem"));
        fs::write(&path, key.serialize_pem()).unwrap();
        fs::create_dir(folder.path().join(town)).unwrap();
        let here = folder.path().display();
        let destination = destination.replace("{folder}", &format!("{here}/{town}"));
        let destination = destination.replace("{town}", town);
        let destination = destination.replace("{secret}", &format!("file:{here}/secret"));
        let known = towns.read(&format!("{town}/tenant.yaml"));
        let entry = format!(
            "destinations:\n  - {{id: fach, name: Fachverfahren, key: \"file:{}\", {destination}}}\n",
            path.display()
        );
        towns.write(&format!("{town}/tenant.yaml"), known + &entry);
        towns.offers(town, format!("{form}delivery: fach\n"));
        key
    });
    Scene { house: House::open(towns).await, keys, folder }
}

impl Scene {
    /// Somebody sends an application; gives back the browser and the number.
    async fn submits(&self, host: &str) -> (Browser, String) {
        self.attaches(host, &[]).await
    }

    async fn attaches(&self, host: &str, files: &[(&str, &str, &[u8])]) -> (Browser, String) {
        let erika = self.house.citizen(host, "erika", "basis").await;
        let draft = erika.begins("antrag").await;
        let step = format!("/antraege/{draft}/hund");
        match files {
            [] => erika.post(&step, &ANSWERS).await.is(303),
            files => erika.post_files(&step, &ANSWERS, files).await.is(303),
        };
        let number = erika.submits(&draft).await;
        (erika, number)
    }

    async fn states(&self, state: &str) -> i64 {
        self.house.database.number(&format!("select count(*) from deliveries where state = '{state}'")).await
    }
}

fn files_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn unpacked(package: &[u8], name: &str) -> Vec<u8> {
    let mut zip = ZipArchive::new(Cursor::new(package)).expect("a ZIP file");
    let mut bytes = Vec::new();
    zip.by_name(name).unwrap_or_else(|_| panic!("no {name}")).read_to_end(&mut bytes).unwrap();
    bytes
}

fn json_in(package: &[u8], name: &str) -> Value {
    serde_json::from_slice(&unpacked(package, name)).expect("JSON")
}

fn sha256(bytes: &[u8]) -> String {
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Every file is the one of the manifest, and the manifest is signed with that key.
fn is_sound(package: &[u8], key: &rcgen::KeyPair) -> bool {
    let manifest = unpacked(package, "manifest.json");
    let signed = UnparsedPublicKey::new(&ED25519, key.public_key_raw());
    let files = json_in(package, "manifest.json")["files"].as_array().unwrap().clone();
    assert_eq!(files.len() + 2, ZipArchive::new(Cursor::new(package)).unwrap().len(), "every file is in the manifest");
    signed.verify(&manifest, &unpacked(package, "manifest.json.sig")).is_ok()
        && files.iter().all(|file| file["sha256"] == sha256(&unpacked(package, file["name"].as_str().unwrap())))
}

#[tokio::test]
async fn a_package_lies_whole_in_the_folder_of_its_town_and_the_person_sees_it() {
    let scene = scene("kind: folder, path: \"{folder}\"").await;
    for (host, town, own, foreign) in [(OSTRAU, "ostrau", 0, 1), (WESTRAU, "westrau", 1, 0)] {
        let (erika, number) = scene.submits(host).await;
        let page = format!("/vorgaenge/{number}");
        erika.get(&page).await.is(200).is_silent_about("An das Fachverfahren übergeben");
        assert_eq!(scene.house.work_off().await, 1);
        erika.get(&page).await.is(200).says("An das Fachverfahren übergeben");
        let folder = scene.folder.path().join(town);
        assert_eq!(files_in(&folder), [format!("{number}.zip")]);
        let package = fs::read(folder.join(format!("{number}.zip"))).unwrap();
        assert!(is_sound(&package, &scene.keys[own]) && !is_sound(&package, &scene.keys[foreign]));
        let application = json_in(&package, "application.json");
        assert_eq!((&application["number"], &application["spelling"]), (&number.clone().into(), &"din91379".into()));
        let field = &application["sections"][0]["fields"][0];
        assert_eq!((&field["value"], field.get("original")), (&"Łuna & Ärger".into(), None));
        assert_eq!(application["sections"][0]["fields"][1]["value"]["street"], "Müllerweg 1");
        let xml = String::from_utf8(unpacked(&package, "application.xml")).unwrap();
        assert!(
            xml.contains("<value>Łuna &amp; Ärger</value>") && xml.contains("part=\"street\">Müllerweg 1<"),
            "{xml}"
        );
        assert!(unpacked(&package, "application.pdf").starts_with(b"%PDF-"));
    }
    assert_eq!(scene.states("delivered").await, 2);
    assert_eq!(scene.house.work_off().await, 0, "once");
}

#[tokio::test]
async fn files_travel_once_they_are_judged_and_what_is_infected_stays_behind() {
    let form = format!("{FORM}      - {{id: schein, kind: file, label: Schein, most: 3}}\n");
    let scene = scene_of(&form, "kind: folder, path: \"{folder}\", spelling: ascii").await;
    let pdf =
        |name: &str| format!("%PDF-1.7\n1 0 obj\n<< /Note ({name}) >>\nendobj\ntrailer << >>\n%%EOF\n").into_bytes();
    let contents = ["eins", "zwei", "drei"].map(pdf);
    let files: Vec<(&str, &str, &[u8])> =
        contents.iter().map(|content| ("schein", "Schein Straße.pdf", &content[..])).collect();
    let (erika, number) = scene.attaches(OSTRAU, &files).await;
    let database = &scene.house.database;
    database.tamper("update files set state = 'waiting'").await;
    let folder = scene.folder.path().join("ostrau");
    for time in ["12:00", "12:06"] {
        scene.house.set_time(&format!("2026-11-01T{time}"));
        assert_eq!(scene.house.work_off().await, 1);
        assert_eq!(files_in(&folder), Vec::<String>::new(), "it waits for the scanner");
    }
    assert_eq!(
        database.number("select count(*) from deliveries where attempts > 0").await,
        0,
        "and no attempt is lost"
    );
    database.tamper("update files set state = 'clean'").await;
    database
        .tamper("update files set state = 'infected' where id = (select id from files order by id desc limit 1)")
        .await;
    scene.house.set_time("2026-11-01T12:12");
    assert_eq!(scene.house.work_off().await, 1);
    erika.get(&format!("/vorgaenge/{number}")).await.is(200).says("An das Fachverfahren übergeben");
    let package = fs::read(folder.join(format!("{number}.zip"))).unwrap();
    assert!(is_sound(&package, &scene.keys[0]));
    let manifest = json_in(&package, "manifest.json");
    let listed = |list: &str| -> Vec<(String, String)> {
        let all = manifest[list].as_array().unwrap().iter().filter(|it| it.get("scan").is_some());
        all.map(|it| (it["name"].as_str().unwrap().into(), it["sha256"].as_str().unwrap().into())).collect()
    };
    let (sent, left_out) = (listed("files"), listed("left_out"));
    assert_eq!((sent.len(), left_out.len()), (2, 1), "{manifest}");
    let mut hashes: Vec<String> = sent.iter().chain(&left_out).map(|(_, hash)| hash.clone()).collect();
    let mut expected: Vec<String> = contents.iter().map(|content| sha256(content)).collect();
    hashes.sort();
    expected.sort();
    assert_eq!(hashes, expected);
    assert!(
        sent.iter().all(|(name, _)| name.starts_with("files/") && name.ends_with("-Schein Strasse.pdf")),
        "{sent:?}"
    );
    let answers = json_in(&package, "application.json")["sections"].to_string();
    assert!(hashes.iter().all(|hash| answers.contains(hash)), "{answers}");
}

#[tokio::test]
async fn a_folder_that_is_away_or_full_holds_nothing_half_and_gets_it_later() {
    let scene = scene("kind: folder, path: \"{folder}/eingang\"").await;
    let (erika, number) = scene.submits(OSTRAU).await;
    scene.house.work_off().await;
    let folder = scene.folder.path().join("ostrau");
    assert_eq!(files_in(&folder), Vec::<String>::new(), "a folder that is not there is not made");
    fs::create_dir(folder.join("eingang")).unwrap();
    scene.house.set_time("2026-11-01T12:05");
    assert_eq!(scene.house.work_off().await, 1);
    assert_eq!(files_in(&folder.join("eingang")), [format!("{number}.zip")]);
    erika.get(&format!("/vorgaenge/{number}")).await.is(200).says("An das Fachverfahren übergeben");
}

#[tokio::test]
async fn a_webhook_gets_the_same_package_under_the_same_id_until_it_says_yes() {
    let office = BackOffice::open().await;
    let scene = scene(&format!(
        "kind: webhook, url: \"http://{}/eingang\", secret: \"{{secret}}\", spelling: ascii",
        office.addr
    ))
    .await;
    office.will(&[
        Says::Status(500),
        Says::Nothing,
        Says::Half,
        Says::Elsewhere,
        Says::Late(Duration::from_millis(50)),
    ]);
    let (erika, number) = scene.submits(OSTRAU).await;
    let case = format!("/vorgaenge/{number}");
    for (attempt, time) in ["12:00", "12:01", "12:03", "12:09", "12:25"].into_iter().enumerate() {
        erika.get(&case).await.is(200).is_silent_about("An das Fachverfahren übergeben");
        scene.house.set_time(&format!("2026-11-01T{time}"));
        assert_eq!(scene.house.work_off().await, 1, "attempt {attempt}");
    }
    erika.get(&case).await.is(200).says("An das Fachverfahren übergeben");
    let calls = office.calls();
    assert_eq!(calls.len(), 5);
    for call in &calls {
        assert!(call.head.starts_with("POST /eingang HTTP/1.1"), "no redirect is followed: {}", call.head);
        assert_eq!(call.header("idempotency-key"), calls[0].header("idempotency-key"));
        assert_eq!(sha256(&call.body), sha256(&calls[0].body), "the same bytes");
        let signature = call.header("portal-signature");
        let (time, mark) = signature.strip_prefix("t=").unwrap().split_once(",v1=").unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
        let signed = hmac::sign(&key, &[time.as_bytes(), b".", &call.body].concat());
        assert_eq!(mark, signed.as_ref().iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    }
    assert_ne!(calls[0].header("portal-signature"), calls[4].header("portal-signature"), "each at its time");
    let package = &calls[0].body;
    assert!(is_sound(package, &scene.keys[0]));
    assert!(unpacked(package, "application.json").is_ascii() && unpacked(package, "application.xml").is_ascii());
    let fields = json_in(package, "application.json")["sections"][0]["fields"].clone();
    assert_eq!(
        (&fields[0]["value"], &fields[0]["original"]["value"]),
        (&"Luna & Aerger".into(), &"Łuna & Ärger".into())
    );
    assert_eq!(fields[1]["value"]["street"], "Muellerweg 1");
    let receipt = "select count(*) from deliveries where state = 'delivered' and receipt is not null";
    assert_eq!(scene.house.database.number(receipt).await, 1);
}

#[tokio::test]
async fn what_nobody_takes_is_told_and_tried_again_on_demand() {
    let office = BackOffice::open().await;
    let scene = scene(&format!("kind: webhook, url: \"http://{}/\", secret: \"{{secret}}\"", office.addr)).await;
    office.will(&[Says::Status(422)]);
    let (erika, number) = scene.submits(OSTRAU).await;
    scene.house.work_off().await;
    assert_eq!((scene.states("failed").await, office.calls().len()), (1, 1), "a refusal is not repeated");
    erika.get(&format!("/vorgaenge/{number}")).await.is(200).says("wir kümmern uns darum");

    let data = scene.house.database.folder().display().to_string();
    let place = scene.house.database.arguments();
    let ask = async |words: &[&str]| {
        let mut all: Vec<&str> = words.to_vec();
        all.extend(["--data", &data]);
        all.extend(place.iter().map(String::as_str));
        run(&all).await
    };
    let listed = ask(&["delivery", "list", "--format", "json"]).await;
    let listed: Value = serde_json::from_slice(&listed.stdout).expect("JSON");
    let found = &listed["deliveries"][0];
    assert_eq!(
        (&found["town"], &found["number"], &found["state"]),
        (&"ostrau".into(), &number.clone().into(), &"failed".into())
    );
    assert_eq!(found["last_error"], "it refused the package with 422");
    let id = found["id"].as_str().unwrap();
    let wrong = ask(&["delivery", "retry", "westrau", id]).await;
    assert_eq!(wrong.status.code(), Some(1), "another town's package is nobody's");
    assert!(ask(&["delivery", "retry", "ostrau", id]).await.status.success());
    // the command looks at the real clock, which is past ours or before it
    scene.house.set_time("2100-01-01T12:00");
    assert_eq!(scene.house.work_off().await, 1);
    assert_eq!((scene.states("delivered").await, office.calls().len()), (1, 2));
    assert_eq!(office.calls()[0].header("idempotency-key"), office.calls()[1].header("idempotency-key"));
}

#[tokio::test]
async fn a_clerk_sees_what_was_not_taken_and_tries_again() {
    let office = BackOffice::open().await;
    let scene = scene(&format!("kind: webhook, url: \"http://{}/\", secret: \"{{secret}}\"", office.addr)).await;
    office.will(&[Says::Status(422)]);
    let (_, number) = scene.submits(OSTRAU).await;
    let petra = scene.house.clerk(OSTRAU, "petra", "Petra Amt").await;
    petra.get("/verwaltung").await.is(200).is_silent_about("/verwaltung/uebergaben");
    scene.house.work_off().await;
    petra.get("/verwaltung").await.is(200).says("/verwaltung/uebergaben");
    let id =
        petra.get("/verwaltung/uebergaben").await.is(200).says(&number).says("refused the package").field("delivery");
    let karl = scene.house.clerk(WESTRAU, "karl", "Karl Amt").await;
    karl.post("/verwaltung/uebergaben", &[("delivery", &id)]).await.is(404);
    let again = [("delivery", id.as_str())];
    let (first, second) =
        tokio::join!(petra.post("/verwaltung/uebergaben", &again), petra.post("/verwaltung/uebergaben", &again));
    first.is(303);
    second.is(303);
    assert_eq!(scene.house.work_off().await, 1, "once, however often somebody clicks");
    petra.get("/verwaltung/uebergaben?fertig=1").await.is(200).is_silent_about(&number);
    assert_eq!((scene.states("delivered").await, office.calls().len()), (1, 2));
}

#[tokio::test]
async fn a_back_office_that_stays_away_for_a_day_fails_and_an_unreadable_key_says_so() {
    let scene = scene("kind: webhook, url: \"http://127.0.0.1:9/\", secret: \"{secret}\"").await;
    fs::write(scene.folder.path().join("westrau.pem"), "kein Schlüssel").unwrap();
    for host in [OSTRAU, WESTRAU] {
        scene.submits(host).await;
    }
    for hour in 0..60 {
        scene.house.set_time(&format!("2026-11-{:02}T{:02}:30", 1 + (13 + hour) / 24, (13 + hour) % 24));
        scene.house.work_off().await;
    }
    assert_eq!(scene.states("failed").await, 2);
    let why =
        "select count(*) from deliveries where last_error like '%westrau.pem` is no Ed25519 key%' and attempts = 12";
    assert_eq!(scene.house.database.number(why).await, 1);
    assert_eq!(
        scene.house.database.number("select count(*) from jobs").await,
        0,
        "it lies at the desk, not in the queue"
    );
    let told = "select count(*) from case_events where kind = 'delivery_failed'";
    assert_eq!(scene.house.database.number(told).await, 2, "once each");
}

#[tokio::test]
async fn destinations_that_cannot_work_are_told_with_their_place() {
    let towns = Towns::with_simulator();
    let known = towns.read("ostrau/tenant.yaml");
    let lines = known.lines().count();
    let list = "destinations:\n  - {id: fach, name: A, kind: webhook, url: \"http://fach.example/\", key: \"env:K\"}\n  \
        - {id: ordner, name: B, kind: folder, path: eingang, key: \"env:K\", secret: \"env:S\"}\n  \
        - {id: alt, name: C, kind: sftp}\n  \
        - {id: fern, name: D, kind: sftp, host: \"-oProxyCommand=x\", user: \"a b\", folder: 'a\"', login_key: \"env:K\", \
        host_keys: [ssh-rsa], port: 70, key: \"env:K\"}\n";
    towns.write("ostrau/tenant.yaml", known + list);
    towns.offers("ostrau", format!("{FORM}delivery: fahc\n"));
    let house = House::open(towns).await;
    let told: Vec<String> =
        house.report.broken["ostrau"].iter().map(|it| format!("{} {} {:?}", it.at, it.message, it.hint)).collect();
    let told = told.join("\n");
    for (line, said) in [
        (lines + 2, "takes `secret`, which is missing"),
        (lines + 2, "is no address to which packages may be sent"),
        (lines + 3, "is no absolute path"),
        (lines + 3, "does not fit this kind of destination"),
        (lines + 4, "takes `host`, which is missing"),
        (lines + 4, "takes `login_key`, which is missing"),
        (lines + 4, "takes `host_keys`, which is missing"),
        (lines + 5, "is no name or address of a server"),
        (lines + 5, "is no name of a user"),
        (lines + 5, "is no folder that `sftp` can be told"),
        (lines + 5, "lies in no file, and `ssh` reads the key itself"),
        (lines + 5, "holds what is no public key of a server"),
    ] {
        let found =
            told.lines().any(|told| told.contains(said) && told.contains(&format!("ostrau/tenant.yaml:{line}:")));
        assert!(found, "{said} in line {line} is missing in {told}");
    }
    assert!(told.contains("ostrau/forms/hund.yaml:10:11 hands over to the destination `fahc`"), "{told}");
    assert!(told.contains("did you mean `fach`?"), "{told}");
}

#[tokio::test]
async fn a_package_whose_job_is_gone_lies_open_at_the_desk() {
    let scene = scene("kind: folder, path: \"{folder}\"").await;
    let (_, number) = scene.submits(OSTRAU).await;
    scene.house.database.tamper("delete from jobs").await;
    let store = scene.house.portal.store.platform().remains_of("ostrau");
    let sweeps = async |hours: i64| {
        let later = scene.house.portal.clock.now() + jiff::SignedDuration::from_hours(hours);
        portal::delivery::sweep(&store, "ostrau", later).await.expect("an open room")
    };
    assert_eq!((sweeps(47).await, sweeps(49).await, sweeps(50).await), (0, 1, 0));
    let petra = scene.house.clerk(OSTRAU, "petra", "Petra Klarname").await;
    petra.get("/verwaltung/uebergaben").await.is(200).says(&number);
    assert_eq!(scene.states("failed").await, 1);
}
