//! `portal check`: what does not belong on a page, and the line it comes from.

use std::{process::ExitCode, sync::Mutex};

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;
use portal::{
    lint::{
        Check, Outcome,
        finding::{Finding, Level, RULES},
    },
    tenant::Report,
    theme::ThemeFiles,
    walk::Walk,
};
use serde_json::json;

use crate::{
    args::Place,
    print::{CYAN, Failure, RED, YELLOW, plural, say},
    progress::Progress,
    serve, show,
};

#[derive(Debug, clap::Args)]
pub struct Options {
    /// Folder names of towns [default: all]
    pub ids: Vec<String>,
    #[command(flatten)]
    pub place: Place,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Text,
    Json,
    /// SARIF 2.1.0, for forges
    Sarif,
}

pub fn check(options: &Options) -> Result<ExitCode, Failure> {
    let clock = serve::clock(options.place.now.as_deref())?;
    let (tenants, report) = show::load_from(&options.place, clock.clone())?;
    if tenants.count() == 0 && report.broken.is_empty() {
        let folder = options.place.tenants.display();
        return Err(Failure::could_not_run(format!("`{folder}` holds no town"))
            .hint("`--tenants` names the folder with one folder per town"));
    }
    for id in &options.ids {
        if !report.broken.contains_key(id) {
            show::known(&tenants, id)?;
        }
    }
    let walk = Walk::through(tenants, clock);
    let outcome = looked_through(&walk, &report, &show::themes_of(&options.place)?, &options.ids);
    match options.format {
        Format::Text => in_words(&outcome),
        Format::Json => {
            say!("{}", json!({ "findings": outcome.findings.iter().map(as_json).collect::<Vec<_>>() }))
        }
        Format::Sarif => say!("{}", sarif(&outcome.findings)),
    }
    Ok(ExitCode::from(u8::from(!outcome.findings.is_empty())))
}

/// Checks these towns, or all if none is named, and shows how far it is.
pub fn looked_through(walk: &Walk, report: &Report, themes: &ThemeFiles, ids: &[String]) -> Outcome {
    let count = if ids.is_empty() { walk.tenants().count() } else { ids.len() };
    let progress = Mutex::new(Progress::of(count, "towns"));
    Check::of(walk, report, themes).run(ids, || progress.lock().expect("a bar does not panic").step())
}

const GREEN: Style = AnsiColor::Green.on_default().bold();

/// A sentence that a layer says in a thousand towns is one complaint with a thousand towns.
fn in_words(outcome: &Outcome) {
    let mut groups: Vec<(&Finding, Vec<&str>)> = Vec::new();
    let mut sorted: Vec<&Finding> = outcome.findings.iter().collect();
    sorted.sort_by_key(|finding| (&finding.at, finding.rule, &finding.message, &finding.tenant));
    for finding in sorted {
        let is_same =
            |other: &Finding| (&other.at, other.rule, &other.message) == (&finding.at, finding.rule, &finding.message);
        match groups.last_mut() {
            Some((other, tenants)) if is_same(other) => tenants.push(&finding.tenant),
            _ => groups.push((finding, vec![&finding.tenant])),
        }
    }
    for (finding, tenants) in &groups {
        one(finding, tenants);
    }
    let looked = format!("{}, {}", plural(outcome.towns, "town"), plural(outcome.pages, "page"));
    if groups.is_empty() {
        say!("{GREEN}nothing to complain about{GREEN:#}: {looked}");
        return;
    }
    let errors = groups.iter().filter(|(finding, _)| finding.level == Level::Error).count();
    let findings = [plural(errors, "error"), plural(groups.len() - errors, "warning")];
    say!("{} in {looked}", findings.join(" and "));
}

fn one(finding: &Finding, tenants: &[&str]) {
    let style = if finding.level == Level::Error { RED } else { YELLOW };
    say!("{style}{}[{}]{style:#}: `{}` {}", finding.level.word(), finding.rule, finding.at, finding.message);
    let named: Vec<String> = tenants.iter().take(3).map(|id| format!("`{id}`")).collect();
    let more = if tenants.len() > 3 { format!(" and {} more", tenants.len() - 3) } else { String::new() };
    let page = finding.page.as_ref().map(|page| format!(", first on `{page}`")).unwrap_or_default();
    say!("  of {}{more}{page}", named.join(", "));
    if let Some(hint) = &finding.hint {
        say!("{CYAN}hint{CYAN:#}: {hint}");
    }
}

fn as_json(finding: &Finding) -> serde_json::Value {
    json!({
        "rule": finding.rule, "level": finding.level.word(), "tenant": finding.tenant, "file": &*finding.at.file,
        "line": finding.at.line, "column": finding.at.column, "page": finding.page, "message": finding.message,
        "hint": finding.hint,
    })
}

/// SARIF 2.1.0, as forges read it to show a complaint beside the line.
fn sarif(findings: &[Finding]) -> serde_json::Value {
    let rules = RULES.iter().map(|(id, about)| json!({ "id": id, "shortDescription": { "text": about } }));
    let results = findings.iter().map(|finding| {
        let hint = finding.hint.as_ref().map(|hint| format!(" – {hint}")).unwrap_or_default();
        json!({
            "ruleId": finding.rule,
            "ruleIndex": RULES.iter().position(|(id, _)| *id == finding.rule),
            "level": finding.level.word(),
            "message": { "text": format!("{}: {}{hint}", finding.tenant, finding.message) },
            "locations": [{ "physicalLocation": {
                "artifactLocation": { "uri": uri(&finding.at.file) },
                "region": { "startLine": finding.at.line, "startColumn": finding.at.column },
            }}],
            "properties": { "tenant": finding.tenant, "page": finding.page },
        })
    });
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "portal check", "version": env!("CARGO_PKG_VERSION"), "rules": rules.collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results.collect::<Vec<_>>(),
        }],
    })
}

/// A path as an address: relative ones stay relative to where the command was called.
fn uri(path: &str) -> String {
    let escaped: String = path.chars().map(|c| if c == ' ' { "%20".into() } else { c.to_string() }).collect();
    if path.starts_with('/') { format!("file://{escaped}") } else { escaped }
}
