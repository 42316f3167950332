//! What the compiler cannot see of the SQL: whether the database takes it, and whose tables it names.

use std::collections::BTreeMap;

use portal::{
    statements::{OF_PLATFORM, OF_TOWNS},
    store::{PlatformSql, Sql, statements_fail},
};
use portal_tests::Database;

/// What only PostgreSQL understands.
const DIALECT: [&str; 3] = ["for update skip locked", "for key share", "make_interval"];

#[tokio::test]
async fn every_statement_is_one_that_the_database_takes() {
    let database = Database::fresh().await;
    let is_asked = |text: &str| database.is_postgres() || !DIALECT.iter().any(|words| text.contains(words));
    let towns: Vec<Sql> = OF_TOWNS.concat().into_iter().filter(|sql| is_asked(sql.text())).collect();
    let platform: Vec<PlatformSql> = OF_PLATFORM.concat().into_iter().filter(|sql| is_asked(sql.text())).collect();
    assert!(towns.len() > 50 && platform.len() > 10, "{} and {} statements", towns.len(), platform.len());
    let place = database.address().parse().unwrap();
    assert_eq!(statements_fail(&place, &towns, &platform).await.unwrap(), Vec::<String>::new());
}

/// SQLite has no fourth wall: a statement of the platform about a town's table would see all towns.
#[tokio::test]
async fn the_platform_asks_tables_of_the_platform_only_and_towns_name_every_table_that_they_ask() {
    let database = Database::fresh().await;
    let tables = database.open().await.platform().tables().await.unwrap();
    let owners: BTreeMap<&str, bool> = tables.iter().map(|table| (&*table.name, table.is_towns)).collect();
    for sql in OF_PLATFORM.concat() {
        assert_eq!(named(sql.text(), &owners, true), Vec::<&str>::new(), "a statement of the platform: {}", sql.text());
    }
    for sql in OF_TOWNS.concat() {
        for (is_towns, owner) in [(true, "tenant_id"), (false, "for_tenant")] {
            let asked = named(sql.text(), &owners, is_towns).len();
            let filtered = sql.text().matches(owner).count();
            assert!(filtered >= asked, "{asked} tables, {filtered} times `{owner}`: {}", sql.text());
        }
    }
}

/// Tables that stand where SQL names one, of towns or of the platform.
fn named<'s>(sql: &'s str, owners: &BTreeMap<&str, bool>, of_towns: bool) -> Vec<&'s str> {
    let words: Vec<&str> =
        sql.split(|sign: char| !(sign.is_alphanumeric() || sign == '_')).filter(|w| !w.is_empty()).collect();
    let places = words.windows(2).filter(|pair| ["from", "join", "into", "update"].contains(&pair[0]));
    places.map(|pair| pair[1]).filter(|word| owners.get(word) == Some(&of_towns)).collect()
}
