//! The fourth wall alone: on PostgreSQL the role of the portal sees the rows of one town even if a statement forgets to
//! ask for it (promise a3). And a fifth: what is sealed opens under its town's key and in its row only.

use portal_tests::{Database, House, OSTRAU, Towns, WESTRAU};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

#[tokio::test]
async fn without_its_filter_a_statement_still_sees_one_town_only() {
    let database = Database::fresh().await;
    if !database.is_postgres() {
        return; // SQLite has no such wall; the suite runs on both
    }
    let tables = a_row_of_two_towns_in_every_table(&database).await;
    assert!(!tables.is_empty(), "no table belongs to a town");
    let mut portal = PgConnection::connect(&database.address()).await.unwrap();
    for table in &tables {
        for (town, rows) in [("'ostrau'", 1), ("'westrau'", 1), ("'suedau'", 0), ("''", 0), ("null", 0)] {
            let mut tx = portal.begin().await.unwrap();
            let asked = format!("select set_config('app.tenant_id', {town}, true)");
            sqlx::raw_sql(AssertSqlSafe(asked)).execute(&mut *tx).await.unwrap();
            let seen: i64 = sqlx::query_scalar(AssertSqlSafe(format!("select count(*) from {table}")))
                .fetch_one(&mut *tx)
                .await
                .unwrap();
            assert_eq!(seen, rows, "{table} as {town}");
            let deeds = [format!("update {table} set tenant_id = tenant_id"), format!("delete from {table}")];
            for deed in deeds.iter().filter(|_| !table.starts_with("audit")) {
                let changed = sqlx::raw_sql(AssertSqlSafe(deed.clone())).execute(&mut *tx).await.unwrap();
                assert_eq!(changed.rows_affected(), rows as u64, "{deed} as {town}");
            }
            tx.rollback().await.unwrap();
        }
        let before: i64 = sqlx::query_scalar(AssertSqlSafe(format!("select count(*) from {table}")))
            .fetch_one(&mut portal)
            .await
            .unwrap();
        assert_eq!(before, 0, "{table} outside a transaction");
        let mut tx = portal.begin().await.unwrap();
        sqlx::raw_sql("select set_config('app.tenant_id', 'ostrau', true)").execute(&mut *tx).await.unwrap();
        if table == "audit" {
            continue;
        }
        let moved = sqlx::raw_sql(AssertSqlSafe(format!("update {table} set tenant_id = 'westrau'")));
        let refused = moved.execute(&mut *tx).await.unwrap_err().to_string();
        assert!(refused.contains("row-level security"), "{table}: {refused}");
    }
}

#[tokio::test]
async fn whoever_can_write_to_the_database_cannot_give_somebody_the_data_of_somebody_else() {
    for (of, to) in [("ostrau", "ostrau"), ("westrau", "ostrau")] {
        let house = House::open(Towns::with_simulator()).await;
        let erika = house.citizen(OSTRAU, "erika", "basis").await;
        let host = if of == "ostrau" { OSTRAU } else { WESTRAU };
        let kim = house.citizen(host, "kim", "basis").await;
        erika.get("/meine-daten").await.is(200);
        kim.get("/meine-daten").await.is(200);
        let keys = house.database.number("select count(*) from tenant_keys").await;
        assert_eq!(keys, if of == to { 1 } else { 2 }, "a key for each town");
        let exchange = format!(
            "update accounts set profile = (select other.profile from accounts other where other.tenant_id = '{of}' and \
             other.id <> accounts.id) where tenant_id = '{to}'"
        );
        house.database.tamper(&exchange).await;
        // SQLite changes one row after the other: the second one may have got its own back
        let seen = [erika.get("/meine-daten").await.status, kim.get("/meine-daten").await.status];
        assert_ne!(seen, [200, 200], "somebody sees the data of somebody else, taken from {of}");
    }
}

/// Names of all tables with a `tenant_id`. Constraints between tables and on values are taken down first: they are
/// other walls.
async fn a_row_of_two_towns_in_every_table(database: &Database) -> Vec<String> {
    let mut owner = PgConnection::connect(&database.superusers_address()).await.unwrap();
    let constraints: Vec<(String, String)> = sqlx::query_as(
        "select conrelid::regclass::text, conname::text from pg_constraint
         where contype in ('c', 'f') and connamespace = 'public'::regnamespace",
    )
    .fetch_all(&mut owner)
    .await
    .unwrap();
    for (table, name) in constraints {
        let drop = format!("alter table {table} drop constraint {name} cascade");
        sqlx::raw_sql(AssertSqlSafe(drop)).execute(&mut owner).await.unwrap();
    }
    let columns: Vec<(String, String, String)> = sqlx::query_as(
        "select table_name::text, column_name::text, data_type::text from information_schema.columns
         where table_schema = 'public' and is_generated = 'NEVER' and is_identity = 'NO' and table_name in
             (select table_name from information_schema.columns where table_schema = 'public' and column_name = 'tenant_id')
         order by table_name, ordinal_position",
    )
    .fetch_all(&mut owner)
    .await
    .unwrap();
    let mut tables: Vec<String> = columns.iter().map(|(table, ..)| table.clone()).collect();
    tables.dedup();
    for table in &tables {
        for town in ["ostrau", "westrau"] {
            let of_table = columns.iter().filter(|(name, ..)| name == table);
            let (names, values): (Vec<&str>, Vec<String>) = of_table
                .map(|(_, column, kind)| {
                    let value = if column == "tenant_id" { format!("'{town}'") } else { some(kind, town) };
                    (column.as_str(), value)
                })
                .unzip();
            let insert = format!("insert into {table} ({}) values ({})", names.join(", "), values.join(", "));
            sqlx::raw_sql(AssertSqlSafe(insert)).execute(&mut owner).await.unwrap();
        }
    }
    tables
}

/// A value of a type, different in each town.
fn some(kind: &str, town: &str) -> String {
    match kind {
        "uuid" => "gen_random_uuid()".to_owned(),
        "timestamp with time zone" => "now()".to_owned(),
        "jsonb" => "'{}'".to_owned(),
        "bytea" => format!("'{town}'::bytea"),
        "boolean" => "false".to_owned(),
        "bigint" | "integer" => town.len().to_string(),
        "text" => format!("'{town}'"),
        other => panic!("the type `{other}` is new here: say what a value of it looks like"),
    }
}
