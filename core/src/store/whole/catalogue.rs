//! Tables and columns as the database itself names them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Error, Kind};

/// Tables that hold nothing of a town, each with a reason: versions of the tables are made by `portal migrate`.
pub const LEFT_OUT: [&str; 1] = ["_sqlx_migrations"];

/// Columns (table, column, type) and references (table, table referred to).
pub(super) const OF_SQLITE: (&str, &str) = (
    "select m.name, c.name, lower(c.type) from sqlite_schema m join pragma_table_info(m.name) c
        where m.type = 'table' and m.name not like 'sqlite\\_%' escape '\\' order by m.name, c.cid",
    "select m.name, f.\"table\" from sqlite_schema m join pragma_foreign_key_list(m.name) f where m.type = 'table'",
);
pub(super) const OF_POSTGRES: (&str, &str) = (
    "select c.relname::text, a.attname::text, t.typname::text from pg_class c
        join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        join pg_type t on t.oid = a.atttypid
        where c.relnamespace = current_schema()::text::regnamespace and c.relkind in ('r', 'p') order by c.relname, a.attnum",
    "select c.relname::text, r.relname::text from pg_constraint k
        join pg_class c on c.oid = k.conrelid join pg_class r on r.oid = k.confrelid
        where k.contype = 'f' and c.relnamespace = current_schema()::text::regnamespace",
);

/// A table with rows of towns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    pub name: String,
    /// Rows of a town (`tenant_id`); otherwise rows of the platform about one (`for_tenant`).
    #[serde(rename = "towns")]
    pub is_towns: bool,
    pub columns: Vec<(String, Kind)>,
}

/// What makes it unsafe to say "everything".
#[derive(Debug, thiserror::Error)]
pub enum Unknown {
    #[error("the table `{0}` says neither `tenant_id` nor `for_tenant`, so nobody knows whose its rows are")]
    Owner(String),
    #[error("the column `{0}.{1}` has the type `{2}`, which cannot be carried to another database")]
    Type(String, String, String),
    #[error("the tables {0} refer to each other in a circle")]
    Circle(String),
    #[error(transparent)]
    Store(#[from] Error),
}

pub(super) fn tables(
    columns: Vec<(String, String, String)>,
    references: Vec<(String, String)>,
) -> Result<Vec<Table>, Unknown> {
    let mut found = BTreeMap::<String, Vec<(String, Kind)>>::new();
    for (table, column, word) in columns.into_iter().filter(|(table, ..)| !LEFT_OUT.contains(&&**table)) {
        let kind = Kind::of(&word).ok_or_else(|| Unknown::Type(table.clone(), column.clone(), word))?;
        found.entry(table).or_default().push((column, kind));
    }
    let mut waiting = Vec::new();
    for (name, columns) in found {
        let has = |wanted: &str| columns.iter().any(|(column, _)| column == wanted);
        let is_towns = has("tenant_id");
        if !is_towns && !has("for_tenant") {
            return Err(Unknown::Owner(name));
        }
        waiting.push(Table { name, is_towns, columns });
    }
    in_order(waiting, &references)
}

/// What is referred to comes first.
fn in_order(mut waiting: Vec<Table>, references: &[(String, String)]) -> Result<Vec<Table>, Unknown> {
    let mut ordered = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let names: BTreeSet<String> = waiting.iter().map(|table| table.name.clone()).collect();
        let waits = |table: &Table| references.iter().any(|(from, to)| *from == table.name && names.contains(to));
        let (later, now): (Vec<_>, Vec<_>) = waiting.into_iter().partition(waits);
        if now.is_empty() {
            return Err(Unknown::Circle(names.into_iter().collect::<Vec<_>>().join(", ")));
        }
        ordered.extend(now);
        waiting = later;
    }
    Ok(ordered)
}

impl Table {
    fn owner(&self) -> &'static str {
        if self.is_towns { "tenant_id" } else { "for_tenant" }
    }

    pub(super) fn all_towns(&self) -> String {
        format!("select distinct {} from {}", self.owner(), quoted(&self.name))
    }

    /// Every column is called by its kind, so that a row says how it is to be read.
    pub(super) fn select(&self) -> String {
        let column = |(name, kind): &(String, Kind)| format!("{} as {}", quoted(name), quoted(kind.word()));
        let columns: Vec<String> = self.columns.iter().map(column).collect();
        format!("select {} from {} where {} = $1", columns.join(", "), quoted(&self.name), self.owner())
    }

    pub(super) fn insert(&self) -> String {
        let columns: Vec<String> = self.columns.iter().map(|(name, _)| quoted(name)).collect();
        let values: Vec<String> = (1..=columns.len()).map(|number| format!("${number}")).collect();
        format!("insert into {} ({}) values ({})", quoted(&self.name), columns.join(", "), values.join(", "))
    }

    pub(super) fn count(&self) -> String {
        format!("select count(*) from {} where {} = $1", quoted(&self.name), self.owner())
    }

    pub(super) fn delete(&self) -> String {
        format!("delete from {} where {} = $1", quoted(&self.name), self.owner())
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(of: &[(&str, &str, &str)]) -> Vec<(String, String, String)> {
        of.iter().map(|(table, column, word)| ((*table).into(), (*column).into(), (*word).into())).collect()
    }

    #[test]
    fn a_table_comes_after_those_it_refers_to() {
        let all = columns(&[("a", "tenant_id", "text"), ("b", "tenant_id", "text"), ("c", "for_tenant", "text")]);
        let refers = |from: &str, to: &str| (from.to_owned(), to.to_owned());
        let ordered = tables(all.clone(), vec![refers("a", "b"), refers("b", "c")]).unwrap();
        assert_eq!(ordered.iter().map(|table| &*table.name).collect::<Vec<_>>(), ["c", "b", "a"]);
        assert!(matches!(tables(all, vec![refers("a", "b"), refers("b", "a")]), Err(Unknown::Circle(_))));
    }

    #[test]
    fn a_table_without_an_owner_and_a_type_without_a_name_are_refused() {
        let nobodys = tables(columns(&[("rates", "id", "uuid")]), Vec::new());
        assert!(matches!(nobodys, Err(Unknown::Owner(table)) if table == "rates"));
        let strange = tables(columns(&[("rates", "tenant_id", "text"), ("rates", "at", "point")]), Vec::new());
        assert!(matches!(strange, Err(Unknown::Type(..))));
        assert!(tables(columns(&[("_sqlx_migrations", "version", "bigint")]), Vec::new()).unwrap().is_empty());
    }
}
