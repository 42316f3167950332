//! Several nodes on one PostgreSQL: none of them is missed (promise b3).

use portal_tests::{Browser, Database, Towns, binary::Process};

const HOST: &str = "portal.suedau.example";

#[tokio::test]
async fn who_is_logged_in_does_not_notice_that_a_node_dies_and_others_are_started_again() {
    let (database, towns) = (Database::fresh().await, Towns::fixture());
    if !database.is_postgres() {
        return; // SQLite is for one node
    }
    let node = || Process::node(&towns, &database, &[]);
    let (one, two, three) = tokio::join!(node(), node(), node());
    let mut erika = Browser::at(one.authority(), HOST);
    erika.logs_in_from("erika", "basis", "/meine-daten").await.is(303);
    for node in [&two, &three, &one] {
        erika.authority = node.authority().to_owned();
        erika.get("/meine-daten").await.is(200).says("Mustermann");
    }
    // a login that begins at one node ends at another
    let mut kim = Browser::at(one.authority(), HOST);
    let page = kim.get("/anmelden/probe").await.is(200);
    one.kill().await;
    kim.authority = two.authority().to_owned();
    let handle = page.field("handle");
    kim.post("/anmelden/probe", &[("handle", &handle), ("person", "kim"), ("level", "basis")]).await.is(303);

    let mut nodes = vec![two, three];
    for round in 0..2 {
        let old = nodes.remove(0);
        let (code, log) = old.stop().await;
        assert_eq!(code, Some(0), "{log}");
        for browser in [&mut erika, &mut kim] {
            browser.authority = nodes[0].authority().to_owned();
            browser.get("/meine-daten").await.is(200);
        }
        nodes.push(node().await);
        erika.authority = nodes[1].authority().to_owned();
        erika.get("/meine-daten").await.is(200).says("Mustermann");
        println!("node {round} was started again");
    }
    // out at one node, out at all
    erika.authority = nodes[0].authority().to_owned();
    erika.post("/abmelden", &[]).await;
    erika.authority = nodes[1].authority().to_owned();
    assert_ne!(erika.get("/meine-daten").await.status, 200);
}
