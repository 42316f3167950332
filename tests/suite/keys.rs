//! Master keys change while the house serves, and are told to nobody who did not ask for them (promise h).

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    process::Output,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use portal::{
    config::secret::SecretRef,
    store::{Settings, Store},
};
use portal_tests::{
    Database,
    binary::{command, run},
    inhabitants::{move_in, moves_in, read_all},
};

#[tokio::test]
async fn keys_are_rotated_and_pruned_under_load_without_an_error() {
    let database = Database::fresh().await;
    // a node that serves all the while, and knows of nothing
    let node = database.open().await;
    for town in ["ostrau", "westrau"] {
        move_in(&node, town, 3).await;
    }
    let old = node.platform().masters().unwrap().current();
    let over = Arc::new(AtomicBool::new(false));
    let (busy, ends) = (node.clone(), over.clone());
    let load = tokio::spawn(async move {
        let mut deeds = 0;
        while !ends.load(Ordering::Relaxed) {
            moves_in(&busy, "ostrau").await;
            read_all(&busy, "westrau").await;
            deeds += 2;
        }
        deeds
    });
    let rotated = rotate(&database).await;
    assert!(rotated.status.success() && said(&rotated).contains("the keys of 2 towns are wrapped"), "{rotated:?}");
    let listed = ask(&database, &["keys", "list"]).await;
    assert!(said(&listed).contains("current  2") && said(&listed).contains("old      0"), "{}", said(&listed));
    let pruned = ask(&database, &["keys", "prune"]).await;
    assert!(pruned.status.success() && said(&pruned).contains(&old), "{pruned:?}");
    over.store(true, Ordering::Relaxed);
    assert!(load.await.unwrap() > 0, "nothing happened meanwhile");
    // the node has not heard of the new key so far, and a new town must not get one under the old key
    move_in(&node, "suedau", 1).await;
    let fresh = open_anew(&database).await;
    for town in ["ostrau", "westrau", "suedau"] {
        assert!(read_all(&fresh, town).await > 0);
    }
    let users = fresh.platform().key_users().await.unwrap();
    assert_eq!(users.into_iter().collect::<Vec<_>>(), [(fresh.platform().masters().unwrap().current(), 3)]);
}

#[tokio::test]
async fn a_key_that_a_town_needs_is_not_pruned() {
    let database = Database::fresh().await;
    let store = database.open().await;
    move_in(&store, "ostrau", 1).await;
    store.platform().masters().unwrap().add().unwrap();
    let refused = ask(&database, &["keys", "prune"]).await;
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("still under an old one"), "{refused:?}");
    assert!(ask(&database, &["keys", "rotate", "--with-first"]).await.status.success());
    assert!(ask(&database, &["keys", "prune"]).await.status.success());
    assert_eq!(read_all(&open_anew(&database).await, "ostrau").await, 1);
}

#[tokio::test]
async fn keys_are_printed_by_export_only() {
    let database = Database::fresh().await;
    move_in(&database.open().await, "ostrau", 1).await;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let secrets = || {
        let file = fs::read_to_string(database.folder().join("master.key")).unwrap();
        file.lines().map(|line| line.rsplit(':').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let (new, safe) = (path("new.key"), path("safe.key"));
    let commands: [&[&str]; 5] =
        [&["keys", "list"], &["keys", "rotate"], &["keys", "export", "--to", &safe], &["keys", "prune"], &["doctor"]];
    for arguments in commands {
        let before = secrets();
        let answer = ask(&database, arguments).await;
        let told = format!("{}{}", said(&answer), String::from_utf8_lossy(&answer.stderr));
        for secret in before.into_iter().chain(secrets()) {
            assert!(!told.contains(&secret[..16]), "{arguments:?} prints a key");
        }
    }
    assert_eq!(fs::read_to_string(&safe).unwrap().lines().count(), 2);
    assert_eq!(fs::metadata(&safe).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(ask(&database, &["keys", "export", "--to", &safe]).await.status.code(), Some(2), "never written over");
    let printed = ask(&database, &["keys", "export"]).await;
    assert!(said(&printed).contains(&secrets()[0]));
    assert!(String::from_utf8_lossy(&printed.stderr).contains("can read everything"));
    assert!(run(&["keys", "new", &new]).await.status.success());
    assert_eq!(fs::metadata(&new).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(run(&["keys", "new", &new]).await.status.code(), Some(2), "never written over");
}

#[tokio::test]
async fn a_key_from_the_environment_is_changed_by_whoever_set_it() {
    let database = Database::fresh().await;
    move_in(&database.open().await, "ostrau", 1).await;
    let old = fs::read_to_string(database.folder().join("master.key")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let new = folder.path().join("new.key");
    assert!(run(&["keys", "new", new.to_str().unwrap()]).await.status.success());
    let both = format!("{} {}", fs::read_to_string(&new).unwrap().trim(), old.trim());
    let address = database.address();
    let with = async |value: &str, arguments: &[&str]| {
        let mut portal = command(&[arguments, &["--database", &address, "--master-key", "env:TOWN_HALL_KEY"]].concat());
        portal.env("TOWN_HALL_KEY", value).output().await.unwrap()
    };
    let refused = with(&old, &["keys", "rotate"]).await;
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        told.contains("`TOWN_HALL_KEY` is set by whoever starts the portal") && told.contains("--with-first"),
        "{told}"
    );
    assert!(with(&both, &["keys", "rotate", "--with-first"]).await.status.success());
    let pruned = with(&both, &["keys", "prune"]).await;
    assert!(said(&pruned).contains("`TOWN_HALL_KEY` need not hold them any more"), "{pruned:?}");
    let listed = with(&old, &["keys", "list"]).await;
    assert!(said(&listed).contains("missing  1"), "{}", said(&listed));
}

#[tokio::test]
async fn the_doctor_sees_what_is_wrong_with_the_master_key() {
    let database = Database::fresh().await;
    move_in(&database.open().await, "ostrau", 1).await;
    let file = database.folder().join("master.key");
    // asked for while the key is well: the database of a test looks at it too
    let room = room_of(&database);
    let healthy = doctor(&room).await;
    assert!(healthy.contains("ok database"), "{healthy}");
    assert!(healthy.contains("note master key") && healthy.contains("lies in the folder of the data"), "{healthy}");
    assert!(healthy.contains("nobody knows when this machine last made one"), "{healthy}");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    let open = doctor(&room).await;
    assert!(open.contains("error master key") && open.contains("chmod 600"), "{open}");
    fs::remove_file(&file).unwrap();
    assert!(run(&["keys", "new", file.to_str().unwrap()]).await.status.success());
    let lost = doctor(&room).await;
    assert!(lost.contains("error database") && lost.contains("sealed data of 1 town cannot be read"), "{lost}");
    let listed = ask(&database, &["keys", "list"]).await;
    assert!(said(&listed).contains("missing  1"), "{}", said(&listed));
}

#[tokio::test]
async fn a_node_with_a_file_of_its_own_is_not_cut_off_by_a_rotation() {
    let database = Database::fresh().await;
    if !database.is_postgres() {
        return; // SQLite is for one node
    }
    let store = database.open().await;
    move_in(&store, "ostrau", 1).await;
    let (ours, theirs) = (database.folder().join("master.key"), database.folder().join("theirs.key"));
    fs::copy(&ours, &theirs).unwrap();
    let own = Settings { master_key: Some(SecretRef::File(theirs.clone())), ..database.settings.clone() };
    let old = store.platform().masters().unwrap().current();
    let told = ask(&database, &["keys", "rotate"]).await;
    let order = String::from_utf8_lossy(&told.stderr).into_owned();
    assert!(told.status.success() && order.contains("give the file to every node"), "{told:?}");
    // nothing is under the new key so far, not even that of a new town
    move_in(&database.open().await, "westrau", 1).await;
    let node = own.open().await.unwrap().store;
    for town in ["ostrau", "westrau"] {
        assert_eq!(read_all(&node, town).await, 1);
    }
    assert!(!ask(&database, &["keys", "rotate"]).await.status.success(), "one at a time");

    fs::copy(&ours, &theirs).unwrap();
    let new = order.split("--to ").nth(1).unwrap()[..12].to_owned();
    assert_ne!(old, new);
    for _ in 0..2 {
        let rotated = ask(&database, &["keys", "rotate", "--to", &new]).await;
        assert!(rotated.status.success(), "{rotated:?}");
    }
    move_in(&database.open().await, "suedau", 1).await;
    let users = store.platform().key_users().await.unwrap();
    assert_eq!(users.into_iter().collect::<Vec<_>>(), [(new, 3)]);
    let node = own.open().await.unwrap().store;
    for town in ["ostrau", "westrau", "suedau"] {
        assert_eq!(read_all(&node, town).await, 1);
    }
    let unknown = ask(&database, &["keys", "rotate", "--to", "abc"]).await;
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("holds no master key `abc`"), "{unknown:?}");
}

/// To its end: with PostgreSQL in two steps.
async fn rotate(database: &Database) -> Output {
    let begun = ask(database, &["keys", "rotate"]).await;
    if !database.is_postgres() {
        return begun;
    }
    let told = String::from_utf8_lossy(&begun.stderr).into_owned();
    let name = told.split("--to ").nth(1).unwrap_or_else(|| panic!("{begun:?}"))[..12].to_owned();
    ask(database, &["keys", "rotate", "--to", &name]).await
}

async fn doctor(room: &[String]) -> String {
    let told = said(&ask_in(room, &["doctor"]).await);
    // however wide the columns are
    told.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ") + "\n").collect()
}

async fn ask(database: &Database, arguments: &[&str]) -> Output {
    ask_in(&room_of(database), arguments).await
}

async fn ask_in(room: &[String], arguments: &[&str]) -> Output {
    run(&arguments.iter().copied().chain(room.iter().map(String::as_str)).collect::<Vec<_>>()).await
}

fn room_of(database: &Database) -> Vec<String> {
    let mut room = database.arguments();
    room.extend(["--data".to_owned(), database.folder().display().to_string()]);
    room
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Another node, which has nothing in memory.
async fn open_anew(database: &Database) -> Store {
    database.open().await
}
