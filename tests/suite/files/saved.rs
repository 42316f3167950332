//! Files in a backup: every row that comes back leads to its file, whatever came and went while it was made.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use portal_tests::{
    Browser, Database, OSTRAU, WESTRAU,
    binary::{Process, run},
};
use serde_json::Value;
use tempfile::TempDir;
use tokio::task::JoinSet;

use super::{files_on, pdf, towns};

#[tokio::test]
async fn a_backup_made_while_files_come_and_go_gives_back_every_file_of_its_rows() {
    let (database, towns, folder) = (Database::fresh().await, towns(), TempDir::new().unwrap());
    let portal = Process::node(&towns, &database, &[]).await;
    let over = Arc::new(AtomicBool::new(false));
    let mut people = JoinSet::new();
    for (person, host) in [OSTRAU, OSTRAU, WESTRAU].into_iter().enumerate() {
        let (authority, over) = (portal.authority().to_owned(), over.clone());
        people.spawn(async move {
            let mut handed_over = 0;
            while !over.load(Ordering::Relaxed) {
                let guest = Browser::at(&authority, host);
                let draft = guest.begins("abholung").await;
                let content = pdf(200_000 + 1000 * person + handed_over);
                let file = [("foto", "Foto.pdf", &content[..])];
                let step = format!("/antraege/{draft}/was");
                guest.post_files(&step, &[("do", "upload")], &file).await.is(200);
                // every second one goes again
                if handed_over % 2 == 1 {
                    guest.post(&format!("/antraege/{draft}"), &[("do", "discard")]).await.is(200);
                }
                handed_over += 1;
            }
            handed_over
        });
    }
    let data = database.folder().display().to_string();
    let room = database.arguments();
    let room: Vec<&str> = room.iter().map(String::as_str).chain(["--data", &data]).collect();
    let tenants = towns.path().to_str().unwrap();
    let objects = database.folder().join("files");
    while files_in(&objects).len() < 12 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let backup = folder.path().join("portal.backup");
    let backup = backup.to_str().unwrap();
    let saved = run(&[&["backup", backup, "--tenants", tenants], &room[..]].concat()).await;
    let told = [&saved.stdout[..], &saved.stderr].concat();
    assert!(saved.status.success(), "{}", String::from_utf8_lossy(&told));
    over.store(true, Ordering::Relaxed);
    while let Some(handed_over) = people.join_next().await {
        assert!(handed_over.expect("people do not panic") > 1);
    }
    let (code, log) = portal.stop().await;
    assert_eq!(code, Some(0), "{log}");

    let new = folder.path().join("new");
    let key = &database.arguments()[3];
    let elsewhere = ["--data", new.to_str().unwrap(), "--master-key", key];
    let restored = run(&[&["restore", backup], &elsewhere[..]].concat()).await;
    assert!(restored.status.success(), "{}", String::from_utf8_lossy(&restored.stderr));
    let verified = verify(&elsewhere, true).await;
    assert_eq!(verified.0, Some(0), "{}", verified.1);
    let back = files_in(&new.join("files"));
    let rows: usize =
        verified.1["towns"].as_array().unwrap().iter().map(|it| it["files"].as_u64().unwrap() as usize).sum();
    assert_eq!((rows, verified.1["towns"][0]["without_row"].as_u64()), (back.len(), Some(0)), "{}", verified.1);
    assert!(rows >= 6, "{rows} files came back");

    // one that was changed and one that is gone are found, and named
    let mut changed = fs::read(&back[0]).unwrap();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    fs::write(&back[0], changed).unwrap();
    fs::remove_file(&back[1]).unwrap();
    let (code, told) = verify(&elsewhere, false).await;
    assert!(
        code == Some(1) && told.to_string().contains(&name(&back[1])) && !told.to_string().contains(&name(&back[0]))
    );
    let (code, told) = verify(&elsewhere, true).await;
    let said = told.to_string();
    assert!(code == Some(1) && said.contains(&name(&back[0])) && said.contains(&name(&back[1])), "{said}");
}

#[tokio::test]
async fn while_a_backup_is_made_no_file_is_taken_away_and_afterwards_it_goes() {
    let house = super::house().await;
    let guest = house.browser(OSTRAU);
    let draft = guest.begins("abholung").await;
    let content = pdf(1000);
    let step = format!("/antraege/{draft}/was");
    let page = guest.post_files(&step, &[("do", "upload")], &[("foto", "Foto.pdf", &content[..])]).await.is(200);
    let link = files_on(&page).pop().expect("a file");
    let still = house.portal.files.hold_still().unwrap();
    guest.post(&format!("/antraege/{draft}"), &[("do", "discard")]).await.is(200);
    house.work_off().await;
    guest.get(&link).await.is(404);
    assert_eq!(house.objects(), 1, "what nobody can open any more lies there until the backup is made");
    drop(still);
    house.set_time("2026-11-01T13:00");
    house.work_off().await;
    assert_eq!(house.objects(), 0);
}

async fn verify(elsewhere: &[&str], read: bool) -> (Option<i32>, Value) {
    let further: &[&str] = if read { &["--read"] } else { &[] };
    let output = run(&[&["files", "verify", "--format", "json"], elsewhere, further].concat()).await;
    (output.status.code(), serde_json::from_slice(&output.stdout).expect("JSON"))
}

/// All files of all towns in a store.
fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = |folder: &Path| -> Vec<PathBuf> {
        fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()).collect()
    };
    entries(folder).iter().filter(|path| path.is_dir()).flat_map(|town| entries(town)).collect()
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_str().unwrap().to_owned()
}
