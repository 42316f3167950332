//! A folder whose disk is full: nothing half lies there, what was sent is kept, and it goes on when there is room.

use std::{fs, path::Path, time::Duration};

use portal_tests::{
    Database,
    binary::{NOBODY_IS_TOO_FAST, Process, serving, within},
};
use tempfile::TempDir;

use super::*;

#[tokio::test]
async fn a_folder_on_a_full_disk_gets_its_package_when_there_is_room() {
    let (place, keys, database) = (TempDir::new().unwrap(), TempDir::new().unwrap(), Database::fresh().await);
    let script = format!("mount -t tmpfs -o size=1m none {} && exec \"$@\"", place.path().display());
    let disk = ["unshare", "--mount", "--map-root-user", "sh", "-c", &script, "sh"];
    if !std::process::Command::new(disk[0]).args(&disk[1..]).arg("true").status().is_ok_and(|tried| tried.success()) {
        eprintln!("left out: no disks of one's own here");
        return;
    }
    let towns = Towns::with_simulator();
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
    let pem = keys.path().join("key.pem");
    fs::write(&pem, key.serialize_pem()).unwrap();
    let entry = format!(
        "destinations:\n  - {{id: fach, name: Fach, kind: folder, path: {}, key: \"file:{}\"}}\n",
        place.path().display(),
        pem.display()
    );
    let known = towns.read("ostrau/tenant.yaml");
    towns.write("ostrau/tenant.yaml", known + &entry);
    towns.offers("ostrau", format!("{FORM}delivery: fach\n"));
    towns.write("portal.yaml", NOBODY_IS_TOO_FAST);
    let (data, room) = (database.folder().display().to_string(), database.arguments());
    let room: Vec<&str> = room.iter().map(String::as_str).chain(["--data", &data]).collect();
    let portal = Process::start(within(&disk, &serving(&towns, &room))).await;
    let root = Path::new("/proc").join(portal.id().to_string()).join("root");
    let folder = root.join(place.path().strip_prefix("/").unwrap());
    // all but the last pages
    fs::write(folder.join("anderes"), vec![1; 1_040_000]).unwrap();

    let erika = Browser::at(portal.authority(), OSTRAU);
    erika.logs_in_from("erika", "basis", "/meine-daten").await.is(303);
    let draft = erika.begins("antrag").await;
    erika.post(&format!("/antraege/{draft}/hund"), &ANSWERS).await.is(303);
    erika.sends(&draft).await.is(303);
    until(&database, "select count(*) from deliveries where last_error = 'the folder: no storage space'").await;
    assert_eq!(files_in(&folder), ["anderes"], "nothing half");
    erika.get("/vorgaenge").await.is(200).says("/vorgaenge/").is_silent_about("übergeben");

    fs::remove_file(folder.join("anderes")).unwrap();
    // the next attempt would come in a minute
    database.tamper("update jobs set run_at = (select created_at from deliveries)").await;
    until(&database, "select count(*) from deliveries where state = 'delivered'").await;
    let lies_there = files_in(&folder);
    assert!(lies_there.len() == 1 && is_sound(&fs::read(folder.join(&lies_there[0])).unwrap(), &key), "{lies_there:?}");
}

async fn until(database: &Database, is_one: &str) {
    for _ in 0..600 {
        if database.number(is_one).await == 1 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{is_one}: it did not come to that");
}
