//! What people entrust to the portal stands nowhere in clear: not in the files of its database, not in a dump of it, not
//! in a backup, not in the log (promise h).

use std::{fs, path::Path, process::Command};

use portal::{
    statements,
    store::{Error, Result},
};
use portal_tests::{
    Browser, Database, Postgres, Towns,
    binary::{Process, run},
};

const HOST: &str = "portal.suedau.example";
/// Of the specimen who logs in, and of a message.
const SECRETS: [&str; 7] =
    ["Mustermann", "Erika", "Musterweg", "1983-08-12", "erika@example.org", "kranich@geheim.example", "Kranichruf"];
/// Stands in clear, so that a search that finds nothing means something.
const NO_SECRET: &str = "suedau";

#[tokio::test]
async fn nothing_personal_stands_in_clear_in_files_dumps_backups_and_logs() {
    let server = std::env::var_os("PORTAL_TEST_DATABASE").and_then(|_| Postgres::start());
    let database = match &server {
        Some(server) => Database::on_postgres(server.address()).await,
        None => Database::on_sqlite().await,
    };
    let towns = Towns::fixture();
    let portal = Process::node(&towns, &database, &["--log", "json", "--log-level", "debug"]).await;
    let erika = Browser::at(portal.authority(), HOST);
    erika.logs_in_from("erika", "hoch", "/meine-daten").await.is(303);
    erika.get("/meine-daten").await.is(200).says("Mustermann");
    erika.get("/meine-daten/sitzungen").await.is(200);
    let words = [("name", "Kranichruf"), ("email", "kranich@geheim.example"), ("message", "Kranichruf vor der Rampe.")];
    erika.post("/barrierefreiheit", &words).await.is(303);
    // mistakes are told to the person alone
    erika.post("/barrierefreiheit", &[("email", "Kranichruf"), ("message", "")]).await.is(422);
    erika.get("/suche?q=Kranichruf").await.is(200);
    erika.get("/dienstleistungen/Kranichruf").await.is(404);

    let saved = database.folder().join("saved.backup");
    let room = database.arguments();
    let mut backup = vec!["backup", saved.to_str().unwrap(), "--tenants", towns.path().to_str().unwrap()];
    backup.extend(room.iter().map(String::as_str));
    let done = run(&backup).await;
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let mut places = vec![("the backup", fs::read(&saved).unwrap())];
    if let Some(server) = &server {
        let dump = Postgres::programs().join("pg_dump");
        let dump = Command::new(dump).arg(database.superusers_address()).output().unwrap();
        assert!(dump.status.success());
        places.push(("the dump", dump.stdout));
        server.kill();
        places.push(("the files of PostgreSQL", all_of(&server.folder())));
    }
    let log = portal.kill().await;
    places.push(("the log", log.into_bytes()));
    if server.is_none() {
        let files =
            ["portal.db", "portal.db-wal"].map(|name| fs::read(database.folder().join(name)).unwrap_or_default());
        places.push(("the files of SQLite", files.concat()));
    }
    for (place, bytes) in places {
        if place != "the backup" {
            assert!(holds(&bytes, NO_SECRET), "{place} ({} bytes) was not searched", bytes.len());
        }
        for secret in SECRETS {
            assert!(!holds(&bytes, secret), "`{secret}` stands in {place}");
        }
    }
}

fn holds(bytes: &[u8], word: &str) -> bool {
    memchr::memmem::find(bytes, word.as_bytes()).is_some()
}

/// Every file below a folder, one after the other.
fn all_of(folder: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(all_of(&path));
        } else {
            all.extend(fs::read(&path).unwrap());
        }
    }
    all
}

statements! {
    BREAKS_A_CHECK = "insert into staff_sessions
        (tenant_id, id, token, staff_id, stage, secret, created_at, seen_at)
        values ($1, $2, $3, $2, $4, null, '2026-11-01T12:00:00Z', '2026-11-01T12:00:00Z')";
    IS_THERE_ALREADY = "insert into used_answers (tenant_id, provider, answer, expires_at)
        values ($1, $2, $3, '2026-11-01T12:15:00Z')";
    CANNOT_BE_CAST = "select count(*) from accounts where tenant_id = $1 and id = cast($2 as uuid)";
    IS_NO_NUMBER = "select provider from used_answers where tenant_id = $1";
}

#[tokio::test]
async fn a_database_that_refuses_something_names_the_place_and_never_a_value() {
    const SECRET: &str = "Kranichruf";
    let database = Database::fresh().await;
    let store = database.open().await;
    let room = store.platform().remains_of("ostrau");
    let mut seen = Vec::new();
    let mut tell = |outcome: Result<()>| {
        let Err(error) = outcome else { return };
        for words in [error.to_string(), format!("{error:?}"), portal::error::Error::from(error).to_string()] {
            assert!(!words.contains(SECRET), "{words}");
            seen.push(words);
        }
    };
    let secret = || SECRET.as_bytes().to_vec();
    let mut tx = room.write().await.unwrap();
    let query = tx.query(BREAKS_A_CHECK).bind(uuid::Uuid::new_v4()).bind(secret()).bind(SECRET.to_owned());
    tell(query.run().await.map(|_| ()));
    drop(tx);
    let mut tx = room.write().await.unwrap();
    tx.query(IS_THERE_ALREADY).bind(SECRET.to_owned()).bind(secret()).run().await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = room.write().await.unwrap();
    let again = tx.query(IS_THERE_ALREADY).bind(SECRET.to_owned()).bind(secret()).run().await;
    assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
    tell(again.map(|_| ()));
    drop(tx);
    let mut tx = room.read().await.unwrap();
    tell(tx.query(CANNOT_BE_CAST).bind(SECRET.to_owned()).optional::<(i64,)>().await.map(|_| ()));
    let mut tx = room.read().await.unwrap();
    tell(tx.query(IS_NO_NUMBER).all::<(i64,)>().await.map(|_| ()));
    // SQLite casts whatever it gets
    assert_eq!(seen.len(), if database.is_postgres() { 12 } else { 9 }, "{seen:?}");
    let check = if database.is_postgres() { "code 23514, table `staff_sessions`" } else { "code 275" };
    assert!(seen[0].contains(check), "{seen:?}");
}
