//! Files in a bucket that speaks S3: another program's server, which may stumble, be slow or be away.

use std::{
    fs,
    time::{Duration, Instant},
};

use portal_tests::{
    Browser, Bucket, Clamd, Database, Detour, OSTRAU, Road, Towns,
    binary::{NOBODY_IS_TOO_FAST, Process, run},
};

use super::{files_on, has_sent, jpeg, pdf, towns};

fn towns_with(settings: &str) -> Towns {
    let towns = towns();
    towns.write("portal.yaml", format!("{NOBODY_IS_TOO_FAST}{settings}"));
    towns
}

/// A photo of so many bytes, no part of which is like another.
fn photo(bytes: usize) -> Vec<u8> {
    let noise = (0..bytes as u64).map(|at| (at.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 29) as u8);
    jpeg(4000, 3000).into_iter().chain(noise).collect()
}

async fn uploads(guest: &Browser, content: &[u8]) -> (String, String) {
    let step = format!("/antraege/{}/was", guest.begins("abholung").await);
    let page = guest.post_files(&step, &[("do", "upload")], &[("foto", "IMG.jpg", content)]).await.is(200);
    (step, files_on(&page).pop().expect("a file"))
}

async fn until(what: impl Fn() -> bool) {
    for _ in 0..600 {
        if what() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it did not come to that");
}

#[tokio::test]
async fn a_file_goes_through_a_bucket_and_what_nobody_needs_any_more_goes_from_it() {
    let (bucket, database) = (Bucket::open().await, Database::fresh().await);
    // what was left behind two days ago goes with the first sweep, what is new stays
    fs::create_dir_all(bucket.town("ostrau")).unwrap();
    let [old, new] = ["7c1d9a4e-0d5e-4f5b-9c53-3a3f7f9b1f00", "7c1d9a4e-0d5e-4f5b-9c53-3a3f7f9b1f01"]
        .map(|name| bucket.town("ostrau").join(name));
    fs::write(&old, b"x").unwrap();
    fs::write(&new, b"x").unwrap();
    let then = fs::metadata(&old).unwrap().modified().unwrap() - Duration::from_secs(48 * 3600);
    fs::File::options().write(true).open(&old).unwrap().set_modified(then).unwrap();
    let towns = towns_with(&bucket.settings(bucket.addr, "secret"));
    let portal = Process::node(&towns, &database, &[]).await;
    let guest = Browser::at(portal.authority(), OSTRAU);
    for bytes in [1000, 5 * 1024 * 1024, 13_000_000] {
        let content = photo(bytes);
        let (step, link) = uploads(&guest, &content).await;
        assert!(guest.get(&link).await.is(200).bytes == content, "{bytes} bytes came back otherwise");
        assert_eq!(bucket.objects("ostrau").iter().filter(|path| **path != old && **path != new).count(), 1);
        let draft = step.trim_end_matches("/was");
        guest.post(draft, &[("do", "discard")]).await.is(200);
        until(|| bucket.objects("ostrau").iter().all(|path| *path == old || *path == new)).await;
    }

    // what is refused at its end leaves nothing, not even its parts
    let step = format!("/antraege/{}/was", guest.begins("abholung").await);
    let large = photo(21_000_000);
    guest.post_files(&step, &[("do", "upload")], &[("foto", "IMG.jpg", &large)]).await.is(422);
    assert_eq!((bucket.objects("ostrau").len(), bucket.unfinished()), (2, 0));
    let (code, log) = portal.stop().await;
    assert_eq!(code, Some(0), "{log}");
    let _again = Process::node(&towns, &database, &[]).await;
    until(|| !old.exists()).await;
    assert_eq!(bucket.objects("ostrau"), [new]);
}

#[tokio::test]
async fn what_was_changed_or_cut_off_in_a_bucket_is_never_handed_out_as_whole() {
    let (bucket, database) = (Bucket::open().await, Database::fresh().await);
    let portal = Process::node(&towns_with(&bucket.settings(bucket.addr, "secret")), &database, &[]).await;
    let guest = Browser::at(portal.authority(), OSTRAU);
    let content = photo(400_000);
    let (_, link) = uploads(&guest, &content).await;
    let object = bucket.objects("ostrau").pop().expect("an object");
    let sealed = fs::read(&object).unwrap();
    let mut changed = sealed.clone();
    changed[300_000] ^= 1;
    let swapped = [&sealed[..1000], &sealed[2000..3000], &sealed[1000..2000], &sealed[3000..]].concat();
    for broken in [&changed[..], &sealed[..sealed.len() / 2], &sealed[..sealed.len() - 1], &swapped, b""] {
        fs::write(&object, broken).unwrap();
        let got = guest.try_get(&link).await;
        assert!(
            got.is_err() || got.is_ok_and(|got| got.status != 200 || got.bytes != content),
            "{} bytes",
            broken.len()
        );
    }
    fs::write(&object, &sealed).unwrap();
    assert!(guest.get(&link).await.is(200).bytes == content);
}

#[tokio::test]
async fn a_bucket_that_stumbles_is_asked_again_and_one_that_is_away_is_told() {
    let (bucket, database) = (Bucket::open().await, Database::fresh().await);
    let road = Detour::to(&bucket.addr.to_string()).await;
    let portal = Process::node(&towns_with(&bucket.settings(road.addr, "secret")), &database, &[]).await;
    let erika = Browser::at(portal.authority(), OSTRAU);
    erika.logs_in_from("erika", "basis", "/meine-daten").await.is(303);
    bucket.stumbles(2);
    let asked = bucket.asked();
    let number = has_sent(&erika, "Schein.pdf", &pdf(100_000)).await;
    assert!(bucket.asked() > asked + 2, "it was asked again");
    bucket.stumbles(2);
    let case = format!("/vorgaenge/{number}");
    let link = files_on(&erika.get(&case).await.is(200)).pop().expect("a file");
    assert!(erika.get(&link).await.is(200).bytes == pdf(100_000));
    road.is(Road::Slow(Duration::from_millis(20)));
    assert!(erika.get(&link).await.is(200).bytes == pdf(100_000));

    road.is(Road::Broken);
    let step = format!("/antraege/{}/hund", erika.begins("antrag").await);
    let (words, file) = ([("rufname", "Waldi")], [("schein", "Schein.pdf", &pdf(9000)[..])]);
    let began = Instant::now();
    let page = erika.post_files(&step, &words, &file).await.is(507);
    page.says("gerade nicht speichern").says("value=\"Waldi\"");
    erika.get(&link).await.is(503);
    assert!(began.elapsed() < Duration::from_secs(70), "{:?}", began.elapsed());
    // whoever needs no file notices nothing
    erika.get(&case).await.is(200);
    road.is(Road::Open);
    erika.post_files(&step, &words, &file).await.is(303);
    assert!(erika.get(&link).await.is(200).bytes == pdf(100_000));
}

#[tokio::test]
async fn a_scanner_reads_what_lies_in_a_bucket() {
    if !Clamd::is_installed() {
        eprintln!("left out: no clamd here");
        return;
    }
    let (bucket, database, clamd) = (Bucket::open().await, Database::fresh().await, Clamd::start().await);
    let settings =
        bucket.settings(bucket.addr, "secret").replace("files: {", &format!("files: {{scanner: \"{}\", ", clamd.at()));
    let portal = Process::node(&towns_with(&settings), &database, &[]).await;
    let erika = Browser::at(portal.authority(), OSTRAU);
    erika.logs_in_from("erika", "basis", "/meine-daten").await.is(303);
    has_sent(&erika, "Schein.pdf", &pdf(6_000_000)).await;
    let clean = "select count(*) from files where state = 'clean'";
    for _ in 0..600 {
        if database.number(clean).await == 1 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the scanner did not judge");
}

#[tokio::test]
async fn the_doctor_says_whether_the_bucket_lets_the_portal_in() {
    let bucket = Bucket::open().await;
    let data = tempfile::tempdir().unwrap();
    let asks = async |settings: String| {
        let towns = towns_with(&settings);
        let (tenants, config) = (towns.path().to_str().unwrap().to_owned(), towns.path().join("portal.yaml"));
        let arguments = ["doctor", "--format", "json", "--tenants", &tenants, "--config", config.to_str().unwrap()];
        let output = run(&[&arguments[..], &["--data", data.path().to_str().unwrap()]].concat()).await;
        let told: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let findings = told["findings"].as_array().unwrap().clone();
        let found = findings.into_iter().find(|one| one["rule"] == "uploads").expect("it looks");
        format!("{} {}", found["level"].as_str().unwrap(), found["message"].as_str().unwrap())
    };
    let told = asks(bucket.settings(bucket.addr, "secret")).await;
    assert!(told.contains("ok files lie in a bucket that answers"), "{told}");
    let told = asks(bucket.settings(bucket.addr, bucket.wrong_secret())).await;
    assert!(told.starts_with("error files lie in a bucket that cannot be used") && !told.contains("geraten"), "{told}");
    let nobody = Detour::door().await.local_addr().unwrap();
    let told = asks(bucket.settings(nobody, "secret")).await;
    assert!(told.starts_with("error files lie in a bucket that cannot be used"), "{told}");
}
