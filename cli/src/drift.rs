//! `portal tenant drift`: where a town's own words stand in the place of a text that its layers have changed since.

use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use jiff::civil::Date;
use portal::tenant::{
    Tenant,
    drift::{self, Override, Since, State},
};
use serde_json::{Value, json};
use similar::{ChangeTag, TextDiff};

use crate::{
    args::{Folders, Format},
    print::{self, Failure, say},
    serve,
    show::{known, load},
};

const GONE: Style = AnsiColor::Red.on_default().strikethrough();
const NEW: Style = AnsiColor::Green.on_default();
const FAINT: Style = Style::new().dimmed();

pub fn drift(id: &str, accept: Option<&[String]>, folders: &Folders) -> Result<ExitCode, Failure> {
    let (tenants, report) = load(folders)?;
    let failed = |problems: &[portal::yaml::Problem]| {
        problems.iter().for_each(print::problem);
        Failure::could_not_run(format!("`{id}` cannot be read"))
    };
    if let Some(problems) = report.broken.get(id) {
        return Err(failed(problems));
    }
    let tenant = known(&tenants, id)?;
    let overrides =
        drift::overrides(&tenants, &tenant, &folders.place.tenants).map_err(|problems| failed(&problems))?;
    if let Some(places) = accept {
        let today = serve::clock(folders.place.now.as_deref())?.local().date();
        return keep(&tenant, &overrides, places, today, folders);
    }
    let drifted = overrides.iter().filter(|one| one.has_drifted()).count();
    match folders.format {
        Format::Json => say!("{}", as_json(&tenant, &overrides)),
        Format::Text => {
            overrides.iter().for_each(|one| tell(&tenant, one));
            let unknown = overrides.iter().filter(|one| one.state == State::Unknown).count();
            say!("{} overrides: {drifted} drifted, {unknown} of unknown age", overrides.len());
        }
    }
    Ok(if drifted == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Records that the town has read what its layers say in these places, or in all, and keeps its own.
fn keep(
    tenant: &Tenant,
    overrides: &[Override],
    places: &[String],
    today: Date,
    folders: &Folders,
) -> Result<ExitCode, Failure> {
    if let Some(wrong) = places.iter().find(|place| !overrides.iter().any(|one| one.value == **place)) {
        return Err(Failure::could_not_run(format!("`{wrong}` hides nothing of the layers of `{}`", tenant.id))
            .hint(format!("`portal tenant drift {} --format json` lists every override", tenant.id)));
    }
    let is_meant = |one: &&Override| places.is_empty() || places.contains(&one.value);
    let records = overrides.iter().filter_map(|one| match is_meant(&one) {
        true => Some(one.accepted(today)),
        false => one.record.clone(),
    });
    let folder = folders.place.tenants.join(tenant.id.as_str());
    drift::write(&folder, &records.collect::<Vec<_>>()).map_err(|error| {
        Failure::could_not_run(format!("`{}` cannot be written: {error}", folder.join("overrides.yaml").display()))
    })?;
    say!("{} overrides accepted", overrides.iter().filter(is_meant).count());
    Ok(ExitCode::SUCCESS)
}

fn tell(tenant: &Tenant, one: &Override) {
    let Override { value, at, base_at, .. } = one;
    match &one.state {
        State::Same(_) => {}
        State::Unknown => say!(
            "{FAINT}unknown{FAINT:#}: `{at}` hides `{base_at}`, and nobody recorded since when\n{}\n",
            hint(tenant, value)
        ),
        State::Drifted { then, since } => {
            let warning = print::YELLOW;
            say!("{warning}drifted{warning:#}: `{at}` hides `{base_at}`, which has changed since {}", when(since));
            match then.as_deref() {
                Some("") => say!("  layer, new: {NEW}{}{NEW:#}", indented(&one.base)),
                Some(then) => say!("  layer: {}", indented(&changes(then, &one.base))),
                None => say!("  layer, now: {}", indented(&one.base)),
            }
            say!("  yours: {}\n{}\n", indented(&one.own), hint(tenant, value));
        }
    }
}

fn hint(tenant: &Tenant, value: &str) -> String {
    let cyan = print::CYAN;
    let keep = format!("portal tenant drift {} --accept '{value}'", tenant.id);
    format!("{cyan}hint{cyan:#}: take the text of the layer by deleting yours, or keep yours: `{keep}`")
}

fn when(since: &Since) -> String {
    match since {
        Since::Accepted(day) => format!("{day}, when yours was accepted"),
        Since::Committed { commit, on } => format!("{on}, when yours was written (commit `{}`)", &commit[..8]),
        Since::Now => "it was committed".to_owned(),
    }
}

/// A stretch of two texts laid beside each other.
enum Run {
    Same(String),
    Changed { gone: String, new: String },
}

/// What went and what came, word by word; long stretches that stayed are cut.
fn changes(then: &str, now: &str) -> String {
    let mut runs: Vec<Run> = Vec::new();
    for change in TextDiff::from_unicode_words(then, now).iter_all_changes() {
        let word = change.value();
        if change.tag() == ChangeTag::Equal {
            match runs.last_mut() {
                Some(Run::Same(text)) => text.push_str(word),
                _ => runs.push(Run::Same(word.to_owned())),
            }
            continue;
        }
        // words that changed one after the other are one change
        if let [.., Run::Changed { gone, new }, Run::Same(between)] = &mut runs[..]
            && between == " "
        {
            gone.push(' ');
            new.push(' ');
            runs.pop();
        }
        if !matches!(runs.last(), Some(Run::Changed { .. })) {
            runs.push(Run::Changed { gone: String::new(), new: String::new() });
        }
        if let Some(Run::Changed { gone, new }) = runs.last_mut() {
            if change.tag() == ChangeTag::Delete { gone.push_str(word) } else { new.push_str(word) }
        }
    }
    let last = runs.len().saturating_sub(1);
    let marked = |style: Style, open: &str, text: &str, close: &str| match text {
        "" => String::new(),
        text => format!("{style}{open}{text}{close}{style:#}"),
    };
    let show = |(i, run): (usize, &Run)| match run {
        Run::Same(text) => cut(text, i == 0, i == last),
        Run::Changed { gone, new } => marked(GONE, "[-", gone, "-]") + &marked(NEW, "{+", new, "+}"),
    };
    runs.iter().enumerate().map(show).collect()
}

/// How many characters of what stayed are shown beside a change.
const BESIDE: usize = 60;

fn cut(text: &str, is_first: bool, is_last: bool) -> String {
    let chars: Vec<char> = text.chars().collect();
    let (before, after) = (if is_first { 0 } else { BESIDE }, if is_last { 0 } else { BESIDE });
    if chars.len() <= before + after {
        return text.to_owned();
    }
    let part = |range: &[char]| range.iter().collect::<String>();
    format!("{}…{}", part(&chars[..before]), part(&chars[chars.len() - after..]))
}

fn indented(text: &str) -> String {
    text.trim_end().replace('\n', "\n         ")
}

fn as_json(tenant: &Tenant, overrides: &[Override]) -> Value {
    let all = overrides.iter().map(|one| {
        let (state, then, since) = match &one.state {
            State::Same(since) => ("same", None, Some(since)),
            State::Drifted { then, since } => ("drifted", then.as_ref(), Some(since)),
            State::Unknown => ("unknown", None, None),
        };
        let since = since.map(|since| match since {
            Since::Accepted(on) => json!({"accepted": on.to_string()}),
            Since::Committed { commit, on } => json!({"commit": commit, "on": on.to_string()}),
            Since::Now => json!("uncommitted"),
        });
        json!({
            "rule": "drift", "level": if one.has_drifted() { "warning" } else { "ok" }, "tenant": tenant.id.as_str(),
            "value": one.value, "state": state, "since": since, "own": one.own, "then": then, "now": one.base,
            "file": &*one.at.file, "line": one.at.line, "column": one.at.column,
            "base": {"file": &*one.base_at.file, "line": one.base_at.line, "column": one.base_at.column},
        })
    });
    let (drifted, other): (Vec<Value>, Vec<Value>) = all.partition(|one| one["state"] == "drifted");
    json!({"findings": drifted, "other": other})
}
