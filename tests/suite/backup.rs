//! What was saved comes back, row by row, on either database; what was touched does not come back at all (promise i).

use std::{
    collections::BTreeSet,
    io::Cursor,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use portal::{
    config::secret::SecretRef,
    crypto::{CHUNK, MasterKeys, TAG},
    store::{BackupError, Contents, Settings, Store, inspect_backup},
};
use portal_tests::{
    Database, Towns,
    binary::{Process, command, run},
    inhabitants::{move_in, moves_in, read_all},
    moment,
};
use serde_json::Value;

const TOWNS: [&str; 3] = ["ostrau", "westrau", "suedau"];

#[tokio::test]
async fn every_table_is_known_and_none_is_left_out() {
    let database = Database::fresh().await;
    let store = database.open().await;
    move_in(&store, "ostrau", 1).await;
    let all: BTreeSet<String> = store.platform().tables().await.unwrap().into_iter().map(|table| table.name).collect();
    let inhabited = store.platform().remains("ostrau").await.unwrap().rows.into_keys().collect();
    assert_eq!(all, inhabited, "say in tests/house/inhabitants.rs what a row of the new table looks like");
}

#[tokio::test]
async fn a_table_that_nobody_owns_stops_every_backup() {
    let database = Database::fresh().await;
    let store = database.open().await;
    move_in(&store, "ostrau", 1).await;
    database.tamper("create table notes (id bigint primary key)").await;
    let refused = save(&store, None).await.unwrap_err();
    assert!(matches!(refused, BackupError::Unknown(_)), "{refused}");
    let refused = store.platform().delete_town("ostrau").await.unwrap_err();
    assert!(matches!(refused, BackupError::Unknown(_)), "{refused}");
}

#[tokio::test]
async fn what_is_saved_under_load_is_one_moment_and_comes_back_on_either_database() {
    let database = Database::fresh().await;
    let store = database.open().await;
    for town in TOWNS {
        move_in(&store, town, 25).await;
    }
    let over = Arc::new(AtomicBool::new(false));
    let (busy, ends) = (store.clone(), over.clone());
    let load = tokio::spawn(async move {
        let mut people = 0;
        while !ends.load(Ordering::Relaxed) {
            moves_in(&busy, "suedau").await;
            people += 1;
        }
        people
    });
    let (_, file) = save(&store, None).await.unwrap();
    over.store(true, Ordering::Relaxed);
    assert!(load.await.unwrap() > 0, "nobody moved in meanwhile");
    for target in empty_ones().await {
        let restored = beside(&database, &target).await;
        let contents = restore(&restored, None, &file).await.unwrap();
        assert_eq!(contents.towns.len(), 3);
        for town in ["ostrau", "westrau"] {
            assert_eq!(handed_over(&restored, town).await, handed_over(&store, town).await, "{town}");
            assert_eq!(read_all(&restored, town).await, 25);
        }
        let grown = restored.platform().remains("suedau").await.unwrap().rows;
        assert!(grown["accounts"] >= 25, "{grown:?}");
        for table in ["sessions", "pending_logins", "used_answers"] {
            assert_eq!(grown[table], grown["accounts"], "a person came back in parts");
        }
        assert_eq!(read_all(&restored, "suedau").await as u64, grown["accounts"]);
        // and once more from there: a copy of a copy is the same
        let (again, _) = save(&restored, None).await.unwrap();
        assert_eq!(again.towns, contents.towns);
    }
}

#[tokio::test]
async fn a_file_that_was_cut_off_or_changed_or_has_another_key_is_refused_and_nothing_is_written() {
    let database = Database::fresh().await;
    let store = database.open().await;
    move_in(&store, "ostrau", 260).await;
    let (_, file) = save(&store, None).await.unwrap();
    let target = Database::fresh().await;
    let empty = beside(&database, &target).await;
    let head = file.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let boundaries: Vec<usize> = (head..file.len()).step_by(CHUNK + TAG).collect();
    assert!(boundaries.len() >= 3, "{} bytes are too few chunks", file.len());
    let ends = boundaries.iter().flat_map(|end| [end - 1, *end, end + 1]).chain([0, head / 2, file.len() - 1]);
    for end in ends {
        let refused = restore(&empty, None, &file[..end]).await.unwrap_err();
        assert!(matches!(refused, BackupError::Sealed(_)), "cut off after {end} of {} bytes: {refused}", file.len());
    }
    for at in (0..file.len()).step_by(file.len() / 40).chain([head - 1, head, file.len() - 1]) {
        let mut changed = file.clone();
        changed[at] ^= 1;
        let refused = restore(&empty, None, &changed).await.unwrap_err();
        assert!(matches!(refused, BackupError::Sealed(_)), "byte {at} was changed: {refused}");
    }
    let swapped =
        [&file[..head], &file[boundaries[1]..boundaries[2]], &file[head..boundaries[1]], &file[boundaries[2]..]];
    restore(&empty, None, &swapped.concat()).await.unwrap_err();
    let strange = Database::fresh().await;
    let stranger = strange.open().await;
    let refused = restore(&stranger, None, &file).await.unwrap_err();
    assert!(refused.to_string().contains("not among the keys of this portal"), "{refused}");
    for untouched in [&empty, &stranger] {
        assert!(untouched.platform().remains("ostrau").await.unwrap().rows.is_empty());
    }
    restore(&empty, None, &file).await.unwrap();
}

#[tokio::test]
async fn one_town_comes_back_beside_others_and_never_over_its_own_rows() {
    let database = Database::fresh().await;
    let store = database.open().await;
    for town in TOWNS {
        move_in(&store, town, 3).await;
    }
    let (_, all) = save(&store, None).await.unwrap();
    let (contents, one) = save(&store, Some("ostrau")).await.unwrap();
    assert_eq!(contents.towns.keys().collect::<Vec<_>>(), ["ostrau"]);
    let before = handed_over(&store, "westrau").await;
    let ostrau = handed_over(&store, "ostrau").await;
    for file in [&all, &one] {
        let refused = restore(&store, Some("ostrau"), file).await.unwrap_err();
        assert!(matches!(refused, BackupError::NotEmpty(_)), "{refused}");
        store.platform().delete_town("ostrau").await.unwrap();
        restore(&store, Some("ostrau"), file).await.unwrap();
        assert_eq!(handed_over(&store, "ostrau").await, ostrau);
        assert_eq!(handed_over(&store, "westrau").await, before);
    }
    let refused = restore(&store, None, &all).await.unwrap_err();
    assert!(matches!(refused, BackupError::NotEmpty(_)), "{refused}");
    for unknown in [restore(&store, Some("nirgendau"), &all).await.err(), save(&store, Some("nirgendau")).await.err()] {
        assert!(matches!(unknown, Some(BackupError::NoTown(_))));
    }
}

#[tokio::test]
async fn an_operator_saves_a_serving_portal_and_restores_it_elsewhere() {
    let (database, towns) = (Database::fresh().await, Towns::fixture());
    let store = database.open().await;
    move_in(&store, "ostrau", 2).await;
    let folder = tempfile::tempdir().unwrap();
    let (file, data) = (folder.path().join("portal.backup"), database.folder().display().to_string());
    let file = file.to_str().unwrap();
    let tenants = towns.path().to_str().unwrap();
    let room = database.arguments();
    let room: Vec<&str> = room.iter().map(String::as_str).chain(["--data", &data]).collect();
    let portal = Process::serve(&[&["--tenants", tenants], &room[..]].concat()).await;
    let saved = run(&[&["backup", file, "--tenants", tenants, "--without-files"], &room[..]].concat()).await;
    let told = String::from_utf8(saved.stdout).unwrap();
    assert!(saved.status.success() && told.contains("of 1 town, saved"), "{told}");
    let again = run(&[&["backup", file], &room[..]].concat()).await;
    assert_eq!(again.status.code(), Some(2), "a backup is never written over");
    let (code, log) = portal.stop().await;
    assert_eq!(code, Some(0), "{log}");

    let new = folder.path().join("new");
    let new = new.to_str().unwrap();
    let without_key = run(&["restore", file, "--data", new]).await;
    assert!(!without_key.status.success() && !std::path::Path::new(new).join("master.key").exists());
    let key = &database.arguments()[3];
    let looked = run(&["restore", file, "--dry-run", "--data", new, "--master-key", key]).await;
    assert!(String::from_utf8_lossy(&looked.stdout).contains("is whole and holds"));
    assert!(!std::path::Path::new(new).exists(), "looking makes nothing");
    let restored = run(&["restore", file, "--data", new, "--master-key", key]).await;
    let told = String::from_utf8(restored.stdout).unwrap();
    assert!(restored.status.success() && told.contains("every row read again and compared"), "{told}");
    let elsewhere = Settings { master_key: Some(SecretRef::parse(key).unwrap()), ..Settings::in_data(new.into()) };
    assert_eq!(read_all(&elsewhere.open_as_it_is().await.unwrap(), "ostrau").await, 2);
    let mut doctor = command(&[&["doctor", "--tenants", tenants], &room[..]].concat());
    let told = String::from_utf8(doctor.output().await.unwrap().stdout).unwrap();
    assert!(told.contains("the last one is 0 hours old"), "{told}");
}

async fn save(store: &Store, only: Option<&str>) -> Result<(Contents, Vec<u8>), BackupError> {
    store.platform().backup(only, &[], moment("2026-11-01T12:00"), Vec::new(), None, &mut |_, _| ()).await
}

async fn restore(store: &Store, only: Option<&str>, file: &[u8]) -> Result<Contents, BackupError> {
    let restored = store.platform().restore(only, Cursor::new(file), None, &mut |_, _| ()).await?;
    let platform = store.platform();
    assert_eq!(inspect_backup(file, platform.masters().unwrap()).unwrap().made, restored.made);
    Ok(restored)
}

/// SQLite, and PostgreSQL where there is a server.
async fn empty_ones() -> Vec<Database> {
    let mut all = vec![Database::on_sqlite().await];
    if let Ok(server) = std::env::var("PORTAL_TEST_DATABASE") {
        all.push(Database::on_postgres(&server).await);
    }
    all
}

/// Opens a database with the master key of another.
async fn beside(first: &Database, other: &Database) -> Store {
    let key = SecretRef::File(first.folder().join("master.key"));
    MasterKeys::load(key.clone()).expect("the first house has a key");
    let settings = Settings { master_key: Some(key), ..other.settings.clone() };
    settings.open().await.unwrap().store
}

/// Everything of a town, opened, in an order of its own.
async fn handed_over(store: &Store, town: &str) -> Vec<(String, Vec<String>)> {
    let mut text = Vec::new();
    let handed = store.platform().hand_over(town, moment("2026-11-01T12:00"), &mut text).await.unwrap();
    assert_eq!(handed.sealed, 0, "a value stayed sealed");
    let document: Value = serde_json::from_slice(&text).unwrap();
    let tables = document["tables"].as_object().unwrap().iter();
    let sorted = |rows: &Value| {
        let mut rows: Vec<String> = rows.as_array().unwrap().iter().map(Value::to_string).collect();
        rows.sort();
        rows
    };
    tables.map(|(name, rows)| (name.clone(), sorted(rows))).collect()
}
