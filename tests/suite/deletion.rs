//! A town that leaves takes everything with it, and gets a receipt (promise j).

use std::{
    fs,
    path::{Path, PathBuf},
    process::Output,
};

use portal::statements;
use portal_tests::{
    Browser, Database, Towns,
    binary::{Process, run},
    inhabitants::{canary, move_in, read_all, room},
};
use serde_json::Value;
use uuid::Uuid;

statements! {
    LOG_OUT = "delete from sessions where tenant_id = $1";
}

#[tokio::test]
async fn nothing_of_a_deleted_town_is_left_in_any_file_and_the_others_stay() {
    let (database, towns) = (Database::fresh().await, Towns::fixture());
    let store = database.open().await;
    // side by side, so that their rows share pages; some go before, as sessions do
    let (mut gone, mut stays) = (Vec::new(), Vec::new());
    for _ in 0..4 {
        gone.extend(move_in(&store, "nordau", 10).await);
        stays.extend(move_in(&store, "westrau", 10).await);
        let mut tx = room(&store, "nordau").write().await.unwrap();
        tx.query(LOG_OUT).run().await.unwrap();
        tx.commit().await.unwrap();
    }
    gone.extend(move_in(&store, "nordau", 1).await);
    if !database.is_postgres() {
        assert!(finds(database.folder(), &traces("nordau", &gone)).is_some(), "the search finds what is there");
    }

    let mails = database.folder().join("mail/nordau");
    fs::create_dir_all(&mails).unwrap();
    fs::write(mails.join("1.eml"), canary("nordau")).unwrap();
    for town in ["nordau", "westrau"] {
        let files = database.folder().join("files").join(town);
        fs::create_dir_all(&files).unwrap();
        fs::write(files.join("7c1d9a4e-0d5e-4f5b-9c53-3a3f7f9b1f00"), canary(town)).unwrap();
    }
    let looked = ask(&database, &towns, &["tenant", "delete", "nordau", "--dry-run"]).await;
    assert!(looked.status.success() && said(&looked).contains("would be deleted"), "{looked:?}");
    let hesitated = ask(&database, &towns, &["tenant", "delete", "nordau"]).await;
    assert_eq!(hesitated.status.code(), Some(2));
    assert_eq!(read_all(&store, "nordau").await, 41, "nothing happens without --yes");

    let deleted = ask(&database, &towns, &["tenant", "delete", "nordau", "--yes"]).await;
    assert!(deleted.status.success(), "{deleted:?}");
    assert!(said(&deleted).contains("Löschprotokoll") && said(&deleted).contains("vernichtet"), "{}", said(&deleted));
    assert!(store.platform().remains("nordau").await.unwrap().rows.is_empty());
    for table in store.platform().tables().await.unwrap() {
        let owner = if table.is_towns { "tenant_id" } else { "for_tenant" };
        let left = database.number(&format!("select count(*) from {} where {owner} = 'nordau'", table.name)).await;
        assert_eq!(left, 0, "{}", table.name);
    }
    assert_eq!(read_all(&store, "westrau").await, 40);
    if !database.is_postgres() {
        assert_eq!(finds(database.folder(), &traces("nordau", &gone)), None);
        assert!(finds(database.folder(), &traces("westrau", &stays)).is_some());
    }
    receipt_is_right(&database);
    let again = ask(&database, &towns, &["tenant", "delete", "nordau", "--yes"]).await;
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&again.stderr).contains("there is nothing of `nordau`"), "{again:?}");
}

fn receipt_is_right(database: &Database) {
    let papers: Vec<PathBuf> =
        fs::read_dir(database.folder().join("receipts")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(papers.len(), 2, "{papers:?}");
    let json = papers.iter().find(|path| path.extension().is_some_and(|kind| kind == "json")).unwrap();
    let receipt: Value = serde_json::from_str(&fs::read_to_string(json).unwrap()).unwrap();
    assert_eq!(receipt["town"], "nordau");
    assert_eq!(receipt["rows"]["accounts"], 41);
    assert_eq!(receipt["rows"]["sessions"], 1);
    assert_eq!(receipt["mails"], 1);
    assert_eq!(receipt["files"], 1);
    let left = |town: &str| fs::read_dir(database.folder().join("files").join(town)).map_or(0, Iterator::count);
    assert_eq!((left("nordau"), left("westrau")), (0, 1));
    assert!(receipt["destroyed_key"].is_string() && receipt["sha256"].is_string());
    assert_eq!(receipt["swept"], if database.is_postgres() { "later" } else { "clean" });
    let text = fs::read_to_string(json.with_extension("txt")).unwrap();
    assert!(text.contains(receipt["sha256"].as_str().unwrap()));
}

#[tokio::test]
async fn a_town_that_is_served_is_not_deleted_by_mistake() {
    let (database, towns) = (Database::fresh().await, Towns::fixture());
    let store = database.open().await;
    // one is live, one is a preview
    for town in ["ostrau", "suedau"] {
        move_in(&store, town, 1).await;
        let refused = ask(&database, &towns, &["tenant", "delete", town, "--yes"]).await;
        assert_eq!(refused.status.code(), Some(2));
        let told = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(told.contains(&format!("`{town}` is served")) && told.contains("status: suspended"), "{told}");
        assert_eq!(read_all(&store, town).await, 1);
    }
    let meant = ask(&database, &towns, &["tenant", "delete", "ostrau", "--yes", "--even-though-served"]).await;
    assert!(meant.status.success(), "{meant:?}");
    towns.change("suedau/tenant.yaml", "status: preview", "status: suspended");
    let suspended = ask(&database, &towns, &["tenant", "delete", "suedau", "--yes"]).await;
    assert!(suspended.status.success(), "{suspended:?}");
}

#[tokio::test]
async fn who_comes_back_to_a_town_that_was_deleted_is_kept_under_a_new_key() {
    let (database, towns) = (Database::fresh().await, Towns::fixture());
    let portal = Process::node(&towns, &database, &[]).await;
    let mut erika = Browser::at(portal.authority(), "portal.suedau.example");
    erika.logs_in_from("erika", "basis", "/meine-daten").await.is(303);
    let deleted = ask(&database, &towns, &["tenant", "delete", "suedau", "--yes", "--even-though-served"]).await;
    assert!(deleted.status.success(), "{deleted:?}");
    assert_ne!(erika.get("/meine-daten").await.status, 200, "nobody is logged in any more");
    erika.logs_in_from("erika", "basis", "/meine-daten").await.is(303);
    erika.get("/meine-daten").await.is(200).says("Mustermann");
    assert_eq!(database.number("select count(*) from tenant_keys where for_tenant = 'suedau'").await, 1);
    let room = database.arguments();
    let whole =
        run(&["audit", "verify", "suedau"].into_iter().chain(room.iter().map(String::as_str)).collect::<Vec<_>>())
            .await;
    assert!(whole.status.success(), "{whole:?}");
    // one that remembers nothing
    let other = Process::node(&towns, &database, &[]).await;
    erika.authority = other.authority().to_owned();
    erika.get("/meine-daten").await.is(200).says("Mustermann");
}

#[tokio::test]
async fn no_node_seals_under_a_key_that_was_destroyed() {
    let database = Database::fresh().await;
    let (node, other) = (database.open().await, database.open().await);
    move_in(&node, "nordau", 1).await;
    assert_eq!(read_all(&other, "nordau").await, 1, "the other one remembers the key");
    node.platform().delete_town("nordau").await.unwrap();
    move_in(&other, "nordau", 1).await;
    assert_eq!(read_all(&database.open().await, "nordau").await, 1);
    assert_eq!(read_all(&other, "nordau").await, 1);
}

#[tokio::test]
async fn a_town_gets_everything_that_is_kept_of_it_in_a_file_it_can_read() {
    let (database, towns) = (Database::fresh().await, Towns::fixture());
    let store = database.open().await;
    let people = move_in(&store, "ostrau", 2).await;
    move_in(&store, "westrau", 1).await;
    let file = database.folder().join("ostrau.json");
    let exported = ask(&database, &towns, &["tenant", "export", "ostrau", "--to", file.to_str().unwrap()]).await;
    assert!(exported.status.success(), "{exported:?}");
    assert!(!String::from_utf8_lossy(&exported.stderr).contains("stayed sealed"), "{exported:?}");
    let text = fs::read_to_string(&file).unwrap();
    assert!(!text.contains(&canary("westrau")));
    let document: Value = serde_json::from_str(&text).unwrap();
    let accounts = document["tables"]["accounts"].as_array().unwrap();
    assert_eq!(accounts.len(), 2);
    for account in accounts {
        assert!(people.iter().any(|id| account["id"] == id.to_string()));
        assert_eq!(account["profile"]["name"], canary("ostrau"));
    }
    let logins = document["tables"]["pending_logins"].as_array().unwrap();
    assert!(logins.iter().all(|login| login.get("secrets").is_none()), "what opens doors is not handed over");
    assert_eq!(document["tables"]["audit"][0]["details"]["by"], canary("ostrau"));
    let nobody = database.folder().join("nobody.json");
    let refused = ask(&database, &towns, &["tenant", "export", "nirgendau", "--to", nobody.to_str().unwrap()]).await;
    assert!(refused.status.code() == Some(1) && !nobody.exists());
}

/// What only this town's rows hold: words in clear columns, its name, and ids as they lie in SQLite.
fn traces(town: &str, people: &[Uuid]) -> Vec<Vec<u8>> {
    let words = [canary(town), town.to_owned()].map(String::into_bytes);
    let ids = people.iter().flat_map(|id| [id.as_bytes().to_vec(), id.to_string().into_bytes()]);
    words.into_iter().chain(ids).collect()
}

/// The first file that holds one of the traces; receipts name the town on purpose.
fn finds(folder: &Path, traces: &[Vec<u8>]) -> Option<String> {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            match finds(&path, traces) {
                Some(found) if !path.ends_with("receipts") => return Some(found),
                _ => continue,
            }
        }
        let bytes = fs::read(&path).unwrap();
        let trace = traces.iter().find(|trace| bytes.windows(trace.len()).any(|window| window == &trace[..]));
        if let Some(trace) = trace {
            return Some(format!("{} in {}", String::from_utf8_lossy(trace), path.display()));
        }
    }
    None
}

async fn ask(database: &Database, towns: &Towns, arguments: &[&str]) -> Output {
    let (room, data) = (database.arguments(), database.folder().display().to_string());
    let tenants =
        if arguments[1] == "delete" { ["--tenants", towns.path().to_str().unwrap()] } else { ["--data", &data] };
    let mut all = [arguments, &tenants].concat();
    all.extend(room.iter().map(String::as_str));
    if arguments[1] == "delete" {
        all.extend(["--data", &data]);
    }
    run(&all).await
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}
