//! `portal tenant approve`: a town takes texts of its layers as its own.

use std::{collections::BTreeMap, fmt::Write, path::Path};

use jiff::civil::Date;

use super::{Refused, rename::save, scalar};
use crate::tenant::{
    Approval, LayerText, Readiness,
    schema::{self, Approved},
};

/// Who has read the texts, and when.
#[derive(Debug, Clone)]
pub struct Approver {
    /// Office or person.
    pub by: String,
    pub on: Date,
}

/// Approves texts by their paths, or all that wait for it, in the `approved.yaml` of the town's folder. Gives back the
/// paths it approved.
pub fn approve(
    folder: &Path,
    readiness: &Readiness,
    paths: Option<&[String]>,
    approver: &Approver,
) -> Result<Vec<String>, Refused> {
    if approver.by.trim().is_empty() || approver.by.contains(char::is_control) {
        return Err(Refused::new("`--by` names nobody").hint("`--by 'Hauptamt, Frau Beispiel'`"));
    }
    let waiting: Vec<&LayerText> = readiness.texts.iter().filter(|text| text.state != Approval::Given).collect();
    let is_shown = |path: &String| readiness.texts.iter().any(|text| text.path == *path);
    if let Some(stranger) = paths.unwrap_or_default().iter().find(|path| !is_shown(path)) {
        let known: Vec<String> = waiting.iter().map(|text| format!("`{}`", text.path)).collect();
        return Err(Refused::new(format!("`{stranger}` is no text of a layer that this town shows")).hint(format!(
            "waiting for approval are {}",
            if known.is_empty() { "none".into() } else { known.join(", ") }
        )));
    }
    let (chosen, open): (Vec<_>, Vec<_>) =
        waiting.into_iter().partition(|text| paths.is_none_or(|paths| paths.contains(&text.path)));
    let mut approved = readiness.approved.clone();
    let mut texts: BTreeMap<String, schema::Approval> =
        approved.texts.drain(..).map(|approval| (approval.text.clone(), approval)).collect();
    for text in &chosen {
        let (text, digest) = (text.path.clone(), text.digest.clone());
        texts.insert(text.clone(), schema::Approval { text, digest, by: approver.by.clone(), on: approver.on });
    }
    approved.complete = approved.complete.or(open.is_empty().then_some(approver.on));
    approved.texts = texts.into_values().collect();
    let file = folder.join("approved.yaml");
    save(&file, &written(&approved))?;
    Ok(chosen.into_iter().map(|text| text.path.clone()).collect())
}

fn written(approved: &Approved) -> String {
    let mut text = HEAD.to_owned();
    if let Some(day) = approved.complete {
        let _ = writeln!(text, "complete: {day}   # seither war jeder Text mindestens einmal freigegeben");
    }
    text += if approved.texts.is_empty() { "texts: []\n" } else { "texts:\n" };
    for schema::Approval { text: path, digest, by, on } in &approved.texts {
        let _ = writeln!(text, "  - {{text: {}, digest: \"{digest}\", by: {}, on: {on}}}", scalar(path), scalar(by));
    }
    text
}

const HEAD: &str = "\
# yaml-language-server: $schema=../.schema/approved.json
# Welche gemeinsamen Texte die Stadt gelesen und freigegeben hat. Diese Datei schreibt `portal tenant approve`.
# Ändert sich ein Text danach, nennt ihn `portal tenant ready` wieder.

";
