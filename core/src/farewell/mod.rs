//! A town leaves: a receipt tells what was deleted, and what remains for how long.
//!
//! Invariant: a receipt names tables, numbers and keys by their ids – nothing of a person.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    clock::local_zone,
    store::{Remains, Swept},
};

/// That the data of a town is gone, for the town's files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// Folder name of the town.
    pub town: String,
    pub deleted_at: Timestamp,
    /// Which database, without a password.
    pub database: String,
    /// Version of the portal that deleted it.
    pub portal: &'static str,
    /// Rows by table.
    pub rows: BTreeMap<String, u64>,
    pub total: u64,
    /// Mails that lay in the mail folder instead of being sent.
    pub mails: u64,
    /// Files that citizens and clerks had handed over.
    pub files: u64,
    /// The id of the key with which sealed values could be read.
    pub destroyed_key: Option<Uuid>,
    pub swept: Swept,
    /// What goes on existing, and for how long; in German, for the town.
    pub remains: Vec<&'static str>,
}

impl Receipt {
    pub fn new(
        town: &str,
        database: String,
        (had, swept): (Remains, Swept),
        (mails, files): (u64, u64),
        now: Timestamp,
    ) -> Self {
        let total = had.rows.values().sum();
        Self {
            town: town.to_owned(),
            deleted_at: now,
            database,
            portal: env!("CARGO_PKG_VERSION"),
            rows: had.rows,
            total,
            mails,
            files,
            destroyed_key: had.key,
            swept,
            remains: remains(swept),
        }
    }

    /// The receipt with its own checksum in `sha256`: that of the document without this field, in one line, with its
    /// fields in alphabetical order (`jq -cjS 'del(.sha256)'`).
    pub fn as_json(&self) -> Value {
        let mut document = serde_json::to_value(self).expect("a receipt is JSON");
        document["sha256"] = self.sha256().into();
        document
    }

    fn sha256(&self) -> String {
        let mut document = serde_json::to_value(self).expect("a receipt is JSON");
        document.sort_all_objects();
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, document.to_string().as_bytes());
        hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// For people at the town.
    pub fn as_text(&self) -> String {
        let at = self.deleted_at.to_zoned(local_zone()).strftime("%d.%m.%Y um %H:%M:%S Uhr (%Z)");
        let rows: String = self.rows.iter().map(|(table, rows)| format!("  {table:24} {rows:>10}\n")).collect();
        let key = self.destroyed_key.map_or("keiner vorhanden".to_owned(), |key| format!("{key}, vernichtet"));
        let remains: String = self.remains.iter().map(|one| format!("- {one}\n")).collect();
        format!(
            "Löschprotokoll\n\n\
             Stadt (Kennung):  {}\n\
             Gelöscht am:      {at}\n\
             Datenbank:        {}\n\
             Portal:           Version {}\n\
             Schlüssel:        {key}\n\n\
             Gelöschte Datensätze je Tabelle, zusammen {}:\n{rows}\n\
             Gelöschte Mails im Mailordner: {}\n\
             Gelöschte Dateien im Dateispeicher: {}\n\n\
             Was noch besteht:\n{remains}\n\
             Prüfsumme (SHA-256) der zugehörigen JSON-Datei ohne das Feld „sha256“:\n{}\n",
            self.town,
            self.database,
            self.portal,
            self.total,
            self.mails,
            self.files,
            self.sha256()
        )
    }
}

fn remains(swept: Swept) -> Vec<&'static str> {
    let disk = match swept {
        Swept::Clean => None,
        Swept::LogInUse => Some(
            "Das Änderungsprotokoll der Datenbank (Datei mit der Endung -wal) war noch in Gebrauch und kann alte Fassungen \
             von Datensätzen enthalten, bis das Portal neu startet.",
        ),
        Swept::Later => Some(
            "PostgreSQL gibt den Platz gelöschter Zeilen beim nächsten Aufräumen frei (VACUUM). Sein Änderungsprotokoll und \
             dessen Archiv enthalten alte Fassungen, bis sie überschrieben oder gelöscht werden.",
        ),
    };
    let always = [
        "Sicherungen, die vor der Löschung entstanden, enthalten die Daten der Stadt und ihren Schlüssel, bis sie nach Plan \
         gelöscht werden. Lesen kann sie nur, wer auch den Hauptschlüssel hat.",
        "Protokollzeilen des Portals nennen die Kennung der Stadt, aber keine Angaben zu Personen.",
        "Der Ordner der Stadt mit ihren öffentlichen Texten und seine aufbewahrten Stände sind davon nicht berührt.",
    ];
    disk.into_iter().chain(always).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt(swept: Swept) -> Receipt {
        let had =
            Remains { rows: [("accounts".to_owned(), 12), ("sessions".to_owned(), 3)].into(), key: Some(Uuid::nil()) };
        Receipt::new("auental", "sqlite:data/portal.db".into(), (had, swept), (0, 0), Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_receipt_says_what_is_gone_and_what_remains() {
        let text = receipt(Swept::Clean).as_text();
        for said in ["Löschprotokoll", "auental", "01.01.1970 um 01:00:00", "zusammen 15", "vernichtet", "Sicherungen"]
        {
            assert!(text.contains(said), "{said} is missing in {text}");
        }
        assert!(!text.contains("VACUUM") && receipt(Swept::Later).as_text().contains("VACUUM"));
    }

    #[test]
    fn a_receipt_that_was_changed_does_not_fit_its_checksum() {
        let mut document = receipt(Swept::Clean).as_json();
        let told = document.as_object_mut().unwrap().remove("sha256").unwrap();
        let sum = |document: &Value| {
            let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, document.to_string().as_bytes());
            hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect::<String>()
        };
        document.sort_all_objects();
        assert_eq!(sum(&document), told);
        document["total"] = 14.into();
        assert_ne!(sum(&document), told);
    }
}
