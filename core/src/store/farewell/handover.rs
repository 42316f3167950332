//! Everything that a town has, as one JSON document that opens without the portal.

use std::{collections::BTreeMap, io::Write};

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde_json::{Value as Plain, json};

use super::{BackupError, Mode, PlatformStore, Whole};
use crate::{
    crypto::{Cell, Sealed, Sealer},
    store::whole::{Cells, Table, Value},
};

/// Columns with what opens doors – hashes of passwords, keys of second factors, logins that have begun – and tells a town
/// nothing: they are left out.
const KEPT_BACK: [&str; 3] = ["credentials", "secret", "secrets"];

/// What was handed over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HandedOver {
    /// Rows by table; none that is empty.
    pub rows: BTreeMap<String, u64>,
    /// Values that stayed sealed, because nobody knows at which place they open.
    pub sealed: u64,
}

impl PlatformStore {
    /// Writes every row of a town, sealed values opened. The platform's own rows about it – its key, its jobs – stay.
    pub async fn hand_over(&self, town: &str, now: Timestamp, mut to: impl Write) -> Result<HandedOver, BackupError> {
        let sealer = self.remains_of(town).read().await?.sealer().await;
        let mut whole = Whole::begin(&self.0.0.database, Mode::Snapshot).await?;
        let tables = whole.tables().await?;
        whole.enter(town).await?;
        let mut handed = HandedOver::default();
        write!(to, "{{\"town\":{},\"made\":\"{now}\",\"tables\":{{", Plain::from(town))?;
        for table in tables.iter().filter(|table| table.is_towns) {
            let mut rows = 0;
            whole
                .each(table, town, |row| {
                    let before = if rows > 0 { ",".to_owned() } else { opening(table, &handed) };
                    rows += 1;
                    let opened = as_object(table, &row, sealer.as_deref().ok(), &mut handed.sealed);
                    Ok::<_, BackupError>(write!(to, "{before}\n{opened}")?)
                })
                .await?;
            if rows > 0 {
                write!(to, "]")?;
                handed.rows.insert(table.name.clone(), rows);
            }
        }
        writeln!(to, "}}}}")?;
        if handed.rows.is_empty() { Err(BackupError::NoTown(town.to_owned())) } else { Ok(handed) }
    }
}

/// `"accounts":[` and the comma before it.
fn opening(table: &Table, handed: &HandedOver) -> String {
    format!("{}\n{}:[", if handed.rows.is_empty() { "" } else { "," }, Plain::from(&*table.name))
}

fn as_object(table: &Table, row: &Cells, sealer: Option<&Sealer>, sealed: &mut u64) -> Plain {
    let names: Vec<String> = row.0.iter().filter_map(name).collect();
    let column = |((column, _), value): (&(String, _), &Value)| {
        let value = match (value, sealer) {
            (Value::Bytes(Some(bytes)), Some(sealer)) if sealer.has_sealed(bytes) => {
                opened(table, column, &names, sealer, bytes).unwrap_or_else(|| {
                    *sealed += 1;
                    json!({"sealed": STANDARD.encode(bytes)})
                })
            }
            _ => value.plain(),
        };
        (column.clone(), value)
    };
    let columns = table.columns.iter().zip(&row.0).filter(|((column, _), _)| !KEPT_BACK.contains(&&**column));
    columns.map(column).collect::<serde_json::Map<_, _>>().into()
}

/// By what a row may be called, an id or a number: a sealed value opens only under the name of its row.
fn name(value: &Value) -> Option<String> {
    match value.plain() {
        Plain::String(text) => Some(text),
        Plain::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn opened(table: &Table, column: &str, names: &[String], sealer: &Sealer, bytes: &[u8]) -> Option<Plain> {
    let sealed = Sealed::from_bytes(bytes.to_vec());
    let open = |row: &String| sealer.open(Cell { table: &table.name, row, column }, &sealed).ok();
    let plain = names.iter().find_map(open)?;
    Some(match (serde_json::from_slice(&plain), std::str::from_utf8(&plain)) {
        (Ok(json), _) => json,
        (_, Ok(text)) => text.into(),
        _ => STANDARD.encode(&plain).into(),
    })
}
