//! What the portal looks at before it uses a database: its tables, its walls, its role, its keys.

use std::{fs, os::unix::fs::PermissionsExt, process::Stdio, time::Duration};

use portal::{
    config::secret::SecretRef,
    crypto::MasterKeys,
    store::{self, Settings},
};
use portal_tests::{
    Database, Towns,
    binary::{command, run, serving},
    inhabitants::move_in,
};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    time::timeout,
};
use uuid::Uuid;

/// Why a house with these settings does not open, and what it is told to do.
async fn refusal(settings: &Settings) -> String {
    let why = settings.open().await.expect_err("it is refused");
    format!("{why} · {}", why.hint())
}

fn settings(database: &Database) -> Settings {
    let key = database.folder().join("master.key");
    MasterKeys::load_or_new(&key).unwrap();
    Settings { master_key: Some(SecretRef::File(key)), ..database.settings.clone() }
}

#[tokio::test]
async fn a_master_key_that_was_lost_is_not_made_anew() {
    let database = Database::on_sqlite().await;
    let key = database.folder().join("master.key");
    assert!(database.settings.open().await.unwrap().new_key.is_some(), "the first start makes one");
    move_in(&database.open().await, "ostrau", 1).await;
    fs::rename(&key, key.with_extension("gone")).unwrap();
    let told = refusal(&database.settings).await;
    assert!(told.contains("master.key` is gone") && told.contains("from the safe"), "{told}");
    assert!(!key.exists());
    fs::rename(key.with_extension("gone"), &key).unwrap();
    database.settings.open().await.unwrap();
}

#[tokio::test]
async fn another_master_key_than_that_of_the_towns_opens_no_house() {
    let (database, towns) = (Database::fresh().await, Towns::fixture());
    move_in(&database.open().await, "ostrau", 1).await;
    let right = settings(&database);
    let needed = MasterKeys::load(right.master_key.clone().unwrap()).unwrap().current();
    let other = database.folder().join("other.key");
    MasterKeys::load_or_new(&other).unwrap();
    let wrong = Settings { master_key: Some(SecretRef::File(other.clone())), ..right.clone() };
    let told = refusal(&wrong).await;
    assert!(told.contains(&needed) && told.contains("does not have"), "{told}");

    let (address, key) = (database.address(), format!("file:{}", other.display()));
    let data = database.folder().to_str().unwrap();
    let room = ["--database", &*address, "--master-key", &*key, "--data", data];
    let words = serving(&towns, &room);
    let served = run(&words.iter().map(String::as_str).collect::<Vec<_>>()).await;
    assert_eq!(served.status.code(), Some(2), "{served:?}");
    assert!(String::from_utf8_lossy(&served.stderr).contains(&needed), "{served:?}");
    // who deletes needs no key
    let tenants = towns.path().join("nobody");
    let delete = ["tenant", "delete", "ostrau", "--yes", "--tenants", tenants.to_str().unwrap()];
    let deleted = run(&[&delete[..], &room].concat()).await;
    assert!(deleted.status.success(), "{deleted:?}");
    wrong.open().await.unwrap();
}

#[tokio::test]
async fn tables_of_another_portal_are_told_by_what_is_wrong_with_them() {
    for (change, words) in [
        (
            "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
          values (9999, 'tomorrow', true, '0', 0)",
            "knows none after",
        ),
        (
            "update _sqlx_migrations set checksum = '0' where version = 2",
            "the tables of version 2 were made from another text",
        ),
    ] {
        let database = Database::fresh().await;
        database.tamper(change).await;
        let told = refusal(&settings(&database)).await;
        assert!(told.contains(words) && !told.contains("room to write"), "{told}");
    }
    let database = Database::fresh().await;
    database.tamper("delete from _sqlx_migrations where version = 3").await;
    let settings = settings(&database);
    match database.is_postgres() {
        // nobody may make tables here, so it is seen that some are missing
        true => assert!(refusal(&settings).await.contains("the tables are those of version 2")),
        false => assert!(refusal(&settings).await.contains("already exists")),
    }
}

#[tokio::test]
async fn a_server_that_is_away_or_refuses_says_so() {
    let database = Database::on_sqlite().await;
    let nobody = Settings { place: "postgres://portal@127.0.0.1:1/portal".parse().unwrap(), ..settings(&database) };
    let waits = nobody.open().await.unwrap().waits_for.expect("it may come back").to_string();
    assert!(waits.contains("refused") && !waits.contains("pool"), "{waits}");
    let database = Database::fresh().await;
    if !database.is_postgres() {
        return; // only a server refuses
    }
    let place = format!("{}_elsewhere", database.address()).parse().unwrap();
    let told = refusal(&Settings { place, ..settings(&database) }).await;
    assert!(told.contains("does not exist") && !told.contains("is it running"), "{told}");
}

#[tokio::test]
async fn walls_are_read_and_not_counted() {
    let database = Database::fresh().await;
    if !database.is_postgres() {
        return; // SQLite has no such wall; the suite runs on both
    }
    let owner = database.owners_address().parse().unwrap();
    for tampering in [
        "create policy helper on accounts using (true)",
        "drop policy one_town on accounts; create policy one_town on accounts using (true)",
        "alter policy one_town on accounts with check (true)",
        "drop policy one_town on accounts",
        "alter policy one_town on accounts to portal",
        "alter table accounts no force row level security",
        "alter table accounts disable row level security",
    ] {
        database.tamper(tampering).await;
        let told = refusal(&settings(&database)).await;
        assert!(told.contains("`accounts`") && told.contains("puts the walls up again"), "{tampering}: {told}");
        store::migrate(&owner, Some("portal")).await.unwrap();
        settings(&database).open().await.unwrap_or_else(|why| panic!("{tampering}: {why}"));
    }
}

#[tokio::test]
async fn a_role_that_could_become_another_one_or_may_too_little_is_refused() {
    let database = Database::fresh().await;
    if !database.is_postgres() {
        return; // SQLite has no roles
    }
    let (role, above) = (format!("r_{}", Uuid::new_v4().simple()), format!("a_{}", Uuid::new_v4().simple()));
    database.tamper(&format!("create role {role} login; create role {above}")).await;
    let place = database.address().replace("portal@", &format!("{role}@")).parse().unwrap();
    let settings = Settings { place, ..settings(&database) };
    let told = refusal(&settings).await;
    assert!(told.contains("may not") && told.contains(&format!("--role {role}")), "{told}");
    let owner = database.owners_address().parse().unwrap();
    store::migrate(&owner, Some(&role)).await.unwrap();
    settings.open().await.unwrap();

    database.tamper(&format!("revoke insert on sessions from {role}")).await;
    let told = refusal(&settings).await;
    assert!(told.contains("may not insert rows of `sessions`"), "{told}");
    store::migrate(&owner, Some(&role)).await.unwrap();
    for (attribute, back) in [("bypassrls", "nobypassrls"), ("superuser", "nosuperuser")] {
        database.tamper(&format!("alter role {above} {attribute}; grant {above} to {role}")).await;
        let told = refusal(&settings).await;
        assert!(told.contains(&format!("is a member of `{above}`")), "{told}");
        database.tamper(&format!("alter role {above} {back}")).await;
    }
    settings.open().await.unwrap();
    database.tamper(&format!("drop owned by {role}; drop role {role}; drop role {above}")).await;
}

#[tokio::test]
async fn the_role_of_the_portal_adds_to_the_trail_and_cannot_change_it() {
    let database = Database::fresh().await;
    if !database.is_postgres() {
        return; // whoever has the file of SQLite may everything
    }
    let store = database.open().await;
    move_in(&store, "ostrau", 1).await;
    for deed in ["delete from audit", "update audit set seq = seq", "delete from audit_heads", "truncate audit"] {
        let refused = database.tries(deed).await.unwrap_err();
        assert!(refused.contains("permission denied"), "{deed}: {refused}");
    }
    let refused = database.tries("select forget_trail('ostrau')").await.unwrap_err();
    assert!(refused.contains("after its key"), "{refused}");
    store.platform().delete_town("ostrau").await.unwrap();
    assert_eq!(database.number("select count(*) from audit").await, 0);
}

#[tokio::test]
async fn tables_lie_in_public_whatever_schema_is_called_like_the_owner() {
    let database = Database::fresh().await;
    if !database.is_postgres() {
        return; // SQLite has no schemas
    }
    database.tamper("drop schema public cascade; create schema public authorization portal_owner").await;
    database
        .tamper(
            "create schema portal_owner authorization portal_owner; create schema portal authorization portal_owner; \
        grant usage on schema portal to portal",
        )
        .await;
    store::migrate(&database.owners_address().parse().unwrap(), Some("portal")).await.unwrap();
    let store = settings(&database).open().await.unwrap().store;
    move_in(&store, "ostrau", 1).await;
    assert_eq!(database.number("select count(*) from public.accounts").await, 1);
}

#[tokio::test]
async fn who_waits_for_another_that_makes_the_tables_says_so_and_can_be_stopped() {
    let (folder, towns) = (tempfile::tempdir().unwrap(), Towns::fixture());
    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    let lock = fs::File::create(data.join("portal.lock")).unwrap();
    lock.lock().unwrap();
    let words = serving(&towns, &["--data", data.to_str().unwrap()]);
    let mut portal = command(&words).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let mut log = BufReader::new(portal.stderr.take().unwrap()).lines();
    let told = async {
        while let Some(line) = log.next_line().await.unwrap() {
            if line.contains("portal.lock") {
                return line;
            }
        }
        panic!("it ended without a word")
    };
    let told = timeout(Duration::from_secs(60), told).await.expect("it says what it waits for");
    assert!(told.contains("waiting"), "{told}");
    let id = portal.id().unwrap().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    let ended = timeout(Duration::from_secs(20), portal.wait()).await.expect("it ends").unwrap();
    assert_eq!(ended.code(), Some(0));
}

#[tokio::test]
async fn what_is_kept_is_nobody_elses() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("new/data");
    Settings::in_data(data.clone()).open().await.unwrap();
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&data), mode(&data.join("portal.lock"))), (0o700, 0o600));
    assert_eq!((mode(&data.join("portal.db")), mode(&data.join("master.key"))), (0o600, 0o600));
}
