//! `portal doctor`: what would keep this installation from running well.

use std::{path::PathBuf, process::ExitCode};

use anstyle::{AnsiColor, Style};
use portal::{
    clock::Clock,
    config::File,
    doctor::{self, Finding, Level},
};
use serde_json::json;

use crate::{
    args::Format,
    print::{CYAN, Failure, RED, YELLOW, say},
    serve::{self, Serve},
};

const GREEN: Style = AnsiColor::Green.on_default();

pub fn examine(options: Serve, format: Format) -> Result<ExitCode, Failure> {
    let findings = match read(options) {
        Ok((settings, first)) => [vec![first], doctor::examine(&settings, &Clock::default())].concat(),
        // without settings there is nothing to look at, and that is the finding
        Err(failure) => {
            vec![Finding { hint: failure.hint, ..Finding::new(Level::Error, failure.message).of("settings") }]
        }
    };
    match format {
        Format::Json => say!("{}", as_json(&findings)),
        Format::Text => {
            tell(&findings);
            say!();
            tell_count(&findings);
        }
    }
    let is_ill = findings.iter().any(|one| one.level == Level::Error);
    Ok(if is_ill { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

fn read(options: Serve) -> Result<(portal::server::Settings, Finding), Failure> {
    let path = options.config.clone().unwrap_or_else(|| PathBuf::from("portal.yaml"));
    let file = File::load(&path, options.config.is_some())?;
    let told = if path.exists() {
        Finding::new(Level::Ok, "is understood").at(path.display())
    } else {
        Finding::new(Level::Note, "is not there, so the defaults hold").at(path.display())
    };
    serve::log_format(&options, &file)?;
    Ok((serve::settings(options, file)?, told.of("settings")))
}

pub fn tell(findings: &[Finding]) {
    let width = findings.iter().map(|one| one.check.len()).max().unwrap_or(0);
    let indent = " ".repeat("warning".len() + width + 4);
    for Finding { check, level, message, place, hint } in findings {
        let style = match level {
            Level::Ok => GREEN,
            Level::Note => CYAN,
            Level::Warning => YELLOW,
            Level::Error => RED,
        };
        let place = place.as_ref().map_or_else(String::new, |place| format!("`{place}` "));
        say!("{style}{:7}{style:#}  {check:width$}  {place}{message}", level.word());
        if let Some(hint) = hint {
            say!("{indent}{CYAN}hint{CYAN:#}: {hint}");
        }
    }
}

pub fn tell_count<'a>(findings: impl IntoIterator<Item = &'a Finding>) {
    let levels: Vec<Level> = findings.into_iter().map(|one| one.level).collect();
    let count = |level: Level| levels.iter().filter(|one| **one == level).count();
    say!("{}, {}", doctor::count(count(Level::Error), "error"), doctor::count(count(Level::Warning), "warning"));
}

fn as_json(findings: &[Finding]) -> serde_json::Value {
    json!({"findings": findings.iter().map(to_json).collect::<Vec<_>>()})
}

pub fn to_json(one: &Finding) -> serde_json::Value {
    json!({
        "rule": one.check, "level": one.level.word(), "message": one.message, "where": one.place, "hint": one.hint,
    })
}
