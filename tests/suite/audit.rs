//! The trail of deeds is a chain: what is changed, removed, moved or cut off is named.

use std::{collections::BTreeSet, fs, path::Path};

use jiff::SignedDuration;
use portal::audit::{self, Actor, Broken, Entry, Fault};
use portal_tests::{House, OSTRAU, Towns, binary};
use serde_json::json;
use uuid::Uuid;

const SECRET: &str = "Anna Musterfrau";

async fn record(house: &House, town: &str, deeds: i64) {
    let tenant = house.portal.tenants.get(town).unwrap();
    for number in 0..deeds {
        let mut tx = house.portal.store.for_tenant(&tenant).write().await.unwrap();
        let actor = if number % 2 == 0 { Actor::Citizen(Uuid::from_u128(7)) } else { Actor::System };
        let entry = Entry::new(actor, "case.submitted").about(number).with(json!({"by": SECRET}));
        audit::record(&mut tx, house.clock.now(), entry).await.unwrap();
        tx.commit().await.unwrap();
        house.clock.set(house.clock.now() + SignedDuration::from_nanos(1_234_567_890));
    }
}

async fn verify(house: &House, town: &str) -> Result<i64, Broken> {
    let tenant = house.portal.tenants.get(town).unwrap();
    let looked = audit::verify(&mut house.portal.store.for_tenant(&tenant).read().await.unwrap()).await.unwrap();
    looked.map(|whole| whole.entries)
}

/// Two towns with ten deeds each, one of which somebody lays hands on.
async fn after(sql: &str) -> Result<i64, Broken> {
    let house = House::with_fixture_towns().await;
    record(&house, "ostrau", 10).await;
    record(&house, "westrau", 10).await;
    for statement in sql.split(';') {
        assert_ne!(house.database.tamper(statement).await, 0, "{statement} changed nothing");
    }
    assert_eq!(verify(&house, "westrau").await, Ok(10), "the other town");
    verify(&house, "ostrau").await
}

#[tokio::test]
async fn a_chain_that_nobody_touched_is_whole() {
    let house = House::with_fixture_towns().await;
    assert_eq!(verify(&house, "ostrau").await, Ok(0));
    record(&house, "ostrau", 1201).await;
    assert_eq!(verify(&house, "ostrau").await, Ok(1201));
    assert_eq!(verify(&house, "westrau").await, Ok(0));
}

#[tokio::test]
async fn what_is_changed_is_named() {
    for change in [
        "deed = 'case.withdrawn'",
        "actor = 'operator'",
        "actor_id = null",
        "subject = '99'",
        "subject = null",
        "at = '2026-01-01T00:00:00Z'",
        "mark = previous",
        "details = mark",
    ] {
        let broken = after(&format!("update audit set {change} where tenant_id = 'ostrau' and seq = 5")).await;
        assert_eq!(broken, Err(Broken { seq: 5, fault: Fault::Changed }), "{change}");
    }
}

#[tokio::test]
async fn what_is_removed_is_named() {
    let removed = |seq| Err(Broken { seq, fault: Fault::Removed });
    assert_eq!(after("delete from audit where tenant_id = 'ostrau' and seq = 1").await, removed(1));
    assert_eq!(after("delete from audit where tenant_id = 'ostrau' and seq = 6").await, removed(6));
    assert_eq!(after("delete from audit where tenant_id = 'ostrau' and seq > 7").await, removed(8));
    assert_eq!(after("delete from audit where tenant_id = 'ostrau'").await, removed(1));
}

#[tokio::test]
async fn what_is_moved_is_named() {
    let swap = "update audit set seq = 100 where tenant_id = 'ostrau' and seq = 4;
        update audit set seq = 4 where tenant_id = 'ostrau' and seq = 5;
        update audit set seq = 5 where tenant_id = 'ostrau' and seq = 100";
    assert_eq!(after(swap).await, Err(Broken { seq: 4, fault: Fault::Moved { from: 5 } }));
    let close_the_gap = "delete from audit where tenant_id = 'ostrau' and seq = 10;
        update audit set seq = 10 where tenant_id = 'ostrau' and seq = 9;
        update audit set seq = 9 where tenant_id = 'ostrau' and seq = 8";
    assert_eq!(after(close_the_gap).await, Err(Broken { seq: 8, fault: Fault::Removed }));
    let from_another_town = "delete from audit where tenant_id = 'ostrau' and seq = 3;
        insert into audit select 'ostrau', seq, at, actor, actor_id, deed, subject, details, previous, mark
            from audit where tenant_id = 'westrau' and seq = 3";
    assert_eq!(after(from_another_town).await, Err(Broken { seq: 3, fault: Fault::Changed }));
}

#[tokio::test]
async fn an_end_that_was_cut_off_is_named_also_if_the_head_is_set_back() {
    let cut = "delete from audit where tenant_id = 'ostrau' and seq > 7;
        update audit_heads set seq = 7, mark = (select mark from audit where tenant_id = 'ostrau' and seq = 7)
            where tenant_id = 'ostrau'";
    assert_eq!(after(cut).await, Err(Broken { seq: 7, fault: Fault::Head }));
    let without_head = "delete from audit where tenant_id = 'ostrau' and seq > 7;
        delete from audit_heads where tenant_id = 'ostrau'";
    assert_eq!(after(without_head).await, Err(Broken { seq: 7, fault: Fault::Head }));
}

#[tokio::test]
async fn deeds_after_a_cut_do_not_heal_the_chain() {
    let house = House::with_fixture_towns().await;
    record(&house, "ostrau", 10).await;
    house.database.tamper("delete from audit where seq > 7").await;
    house.database.tamper("update audit_heads set seq = 7, mark = (select mark from audit where seq = 7)").await;
    record(&house, "ostrau", 3).await;
    assert_eq!(verify(&house, "ostrau").await, Err(Broken { seq: 8, fault: Fault::Unlinked }));
    house.database.tamper("delete from audit_heads").await;
    record(&house, "ostrau", 3).await;
    assert_eq!(verify(&house, "ostrau").await, Err(Broken { seq: 8, fault: Fault::Unlinked }));
}

#[tokio::test]
async fn a_deed_that_did_not_happen_leaves_no_entry_and_many_at_once_make_one_chain() {
    let house = House::with_fixture_towns().await;
    let tenant = house.portal.tenants.get("ostrau").unwrap();
    let mut hands = Vec::new();
    for number in 0..20 {
        let store = house.portal.store.for_tenant(&tenant);
        let now = house.clock.now();
        hands.push(tokio::spawn(async move {
            let mut tx = store.write().await.unwrap();
            audit::record(&mut tx, now, Entry::new(Actor::Operator, "town.looked_at")).await.unwrap();
            if number % 2 == 0 {
                tx.commit().await.unwrap();
            }
        }));
    }
    for hand in hands {
        hand.await.unwrap();
    }
    assert_eq!(verify(&house, "ostrau").await, Ok(10));
}

#[tokio::test]
async fn the_command_names_the_town_and_the_row() {
    let house = House::with_fixture_towns().await;
    record(&house, "ostrau", 3).await;
    record(&house, "westrau", 3).await;
    let arguments = house.database.arguments();
    let mut command = vec!["audit", "verify"];
    command.extend(arguments.iter().map(String::as_str));
    let whole = binary::run(&command).await;
    let told = String::from_utf8(whole.stdout).unwrap();
    assert_eq!(whole.status.code(), Some(0), "{}", String::from_utf8_lossy(&whole.stderr));
    assert!(told.contains("ostrau") && told.contains("westrau") && told.contains("3 entries"), "{told}");

    house.database.tamper("delete from audit where tenant_id = 'westrau' and seq = 2").await;
    let broken = binary::run(&command).await;
    assert_eq!(broken.status.code(), Some(1));
    assert!(String::from_utf8(broken.stdout).unwrap().contains("entry 2 was removed"));
    let json = binary::run(&[&command[..], &["--format", "json"]].concat()).await;
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    let town = |place: usize| json["tenants"][place].clone();
    let head = town(0)["head"].as_str().unwrap().to_owned();
    assert_eq!(town(0), json!({"tenant": "ostrau", "entries": 3, "head": head, "broken": null}));
    let broken = json!({"entry": 2, "message": "entry 2 was removed"});
    assert_eq!(town(1), json!({"tenant": "westrau", "entries": null, "head": null, "broken": broken}));
    record(&house, "ostrau", 1).await;
    let shown = show(&house, &["ostrau", "--last", "1"]).await;
    assert_eq!(shown["entries"][0]["previous"], head, "what was kept elsewhere is found again");

    let one = binary::run(&[&command[..], &["ostrau"]].concat()).await;
    assert_eq!(one.status.code(), Some(0), "the other town is not looked at");
    let nobody = binary::run(&[&command[..], &["nirgendwo"]].concat()).await;
    assert_eq!(nobody.status.code(), Some(2));
    assert!(!told.contains(SECRET));
}

#[tokio::test]
async fn a_trail_that_is_gone_is_missed_where_somebody_is_known() {
    let house = House::open(Towns::with_simulator()).await;
    house.citizen(OSTRAU, "erika", "basis").await.get("/meine-daten").await.is(200);
    assert!(verify(&house, "ostrau").await.unwrap() > 0);
    house.database.tamper("delete from audit").await;
    house.database.tamper("delete from audit_heads").await;
    assert_eq!(verify(&house, "ostrau").await, Err(Broken { seq: 1, fault: Fault::Emptied }));
    let arguments = house.database.arguments();
    let command: Vec<&str> = ["audit", "verify"].into_iter().chain(arguments.iter().map(String::as_str)).collect();
    let told = binary::run(&command).await;
    assert_eq!(told.status.code(), Some(1), "{told:?}");
    // nobody is known there
    assert_eq!(verify(&house, "westrau").await, Ok(0));
}

#[tokio::test]
async fn the_trail_is_read_by_town_and_by_whom_it_is_about() {
    let house = House::with_fixture_towns().await;
    record(&house, "ostrau", 4).await;
    let all = show(&house, &["ostrau"]).await;
    let entries = all["entries"].as_array().unwrap();
    assert_eq!(entries.iter().map(|entry| entry["seq"].as_i64().unwrap()).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert_eq!(entries[0]["details"], json!({"by": SECRET}));
    assert_eq!((&entries[0]["deed"], &entries[0]["actor"]), (&json!("case.submitted"), &json!("citizen")));
    let seqs = |shown: &serde_json::Value| -> Vec<i64> {
        shown["entries"].as_array().unwrap().iter().map(|entry| entry["seq"].as_i64().unwrap()).collect()
    };
    assert_eq!(seqs(&show(&house, &["ostrau", "--last", "2"]).await), [3, 4]);
    assert_eq!(seqs(&show(&house, &["ostrau", "--about", "2"]).await), [3], "done to it");
    let person = Uuid::from_u128(7).to_string();
    assert_eq!(seqs(&show(&house, &["ostrau", "--about", &person]).await), [1, 3], "done by them");
    let arguments = house.database.arguments();
    let words =
        [&["audit", "show", "nirgendwo"][..], &arguments.iter().map(String::as_str).collect::<Vec<_>>()].concat();
    assert_eq!(binary::run(&words).await.status.code(), Some(2));
}

async fn show(house: &House, words: &[&str]) -> serde_json::Value {
    let arguments = house.database.arguments();
    let mut command = vec!["audit", "show", "--format", "json"];
    command.extend(words.iter().copied().chain(arguments.iter().map(String::as_str)));
    let told = binary::run(&command).await;
    assert_eq!(told.status.code(), Some(0), "{told:?}");
    serde_json::from_slice(&told.stdout).unwrap()
}

/// Deeds of others that touch nobody's data: about clerks, providers, accounts that are not there yet or any more, and what
/// somebody was not let to do. A guest's case has no account; of an infected file its person is told in the Postkorb.
const NOBODYS: [&str; 18] = [
    "registration.asked",
    "registration.lapsed",
    "person.forgotten",
    "provider.switched_off",
    "provider.switched_on",
    "provider.sessions_ended",
    "staff.locked",
    "staff.signed_in",
    "staff.signed_out",
    "staff.password_changed",
    "substitute.named",
    "substitute.ended",
    "case.entered",
    "case.submitted",
    "case.refused",
    "thread.refused",
    "decision.refused",
    "file.infected",
];

#[test]
fn whatever_others_do_with_somebodys_data_says_whom_it_concerns() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/src");
    let (mut folders, mut entries, mut silent) = (vec![source], 0, BTreeSet::new());
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap_or_default();
            for (at, _) in text.match_indices("Entry::new(") {
                let entry = text[at..].split(';').next().unwrap();
                entries += 1;
                // what is done without a name stands where the name is said
                let Some(deed) = entry.split('"').nth(1) else { continue };
                if entry.starts_with("Entry::new(Actor::Citizen(") || entry.contains(".concerns(") {
                    continue;
                }
                if !NOBODYS.contains(&deed) {
                    silent.insert(format!("{deed} in {}", path.display()));
                }
            }
        }
    }
    assert!(entries > 60, "{entries}");
    assert!(silent.is_empty(), "`concerns` is missing: {silent:#?}");
}
