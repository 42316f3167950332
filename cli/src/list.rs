//! `portal tenant list`: all towns, how they are, and what they run.

use std::{collections::BTreeMap, process::ExitCode};

use portal::{
    lint::finding::Finding,
    tenant::{
        Report, Tenant,
        generations::{Running, running},
    },
    walk::Walk,
};
use serde_json::json;

use crate::{
    args::{Data, Folders, Format},
    check,
    print::{self, Failure, say},
    serve, show,
};

pub fn list(folders: &Folders, data: Data, quick: bool) -> Result<ExitCode, Failure> {
    let file = serve::settings_file(data.config.as_deref())?;
    let running = running(&serve::data_folder(data.data, &file));
    let clock = serve::clock(folders.place.now.as_deref())?;
    let (tenants, report) = show::load_from(&folders.place, clock.clone())?;
    let walk = Walk::through(tenants, clock);
    let findings = if quick { None } else { Some(count(&check_all(&walk, &report, folders)?)) };
    let seen = Seen { findings, running };
    match folders.format {
        Format::Json => {
            let listed: Vec<_> = walk.tenants().all().iter().map(|tenant| seen.as_json(tenant)).collect();
            let broken: Vec<_> = report.broken.keys().collect();
            say!("{}", json!({"tenants": listed, "broken": broken}));
        }
        Format::Text => {
            let head = ["id", "name", "state", "services", "findings", "generation", "hosts"];
            let mut rows = vec![head.map(str::to_owned).to_vec()];
            rows.extend(walk.tenants().all().iter().map(|tenant| seen.as_row(tenant)));
            rows.extend(
                report.broken.keys().filter(|id| walk.tenants().get(id).is_none()).map(|id| seen.as_broken(id)),
            );
            print::table(&rows);
        }
    }
    report.broken.values().flatten().chain(&report.warnings).for_each(print::problem);
    Ok(if report.broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn check_all(walk: &Walk, report: &Report, folders: &Folders) -> Result<Vec<Finding>, Failure> {
    Ok(check::looked_through(walk, report, &show::themes_of(&folders.place)?, &[]).findings)
}

fn count(findings: &[Finding]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    findings.iter().for_each(|finding| *counts.entry(finding.tenant.clone()).or_default() += 1);
    counts
}

/// What there is to say about towns beside what stands in their files.
struct Seen {
    /// How many findings each town has; nothing where nobody looked.
    findings: Option<BTreeMap<String, usize>>,
    /// What the server runs; nothing where none has run.
    running: Option<Running>,
}

impl Seen {
    fn findings_of(&self, id: &str) -> Option<usize> {
        self.findings.as_ref().map(|counts| counts.get(id).copied().unwrap_or(0))
    }

    fn generation_of(&self, id: &str) -> Option<u32> {
        self.running.as_ref()?.towns.get(id)?.generation
    }

    fn as_row(&self, tenant: &Tenant) -> Vec<String> {
        let id = tenant.id.as_str();
        let hosts: Vec<String> = tenant.all_hosts().map(ToString::to_string).collect();
        let (state, services) = (tenant.status().word().to_owned(), tenant.services.len().to_string());
        let [findings, generation] = self.figures(id);
        vec![id.to_owned(), tenant.town.full_name.clone(), state, services, findings, generation, hosts.join(" ")]
    }

    fn as_broken(&self, id: &str) -> Vec<String> {
        let [findings, generation] = self.figures(id);
        vec![id.to_owned(), "–".into(), "broken".into(), "–".into(), findings, generation]
    }

    fn figures(&self, id: &str) -> [String; 2] {
        let shown = |figure: Option<String>| figure.unwrap_or_else(|| "–".into());
        let findings = self.findings_of(id).map(|count| count.to_string());
        [shown(findings), shown(self.generation_of(id).map(|number| number.to_string()))]
    }

    fn as_json(&self, tenant: &Tenant) -> serde_json::Value {
        let mut summary = show::summary(tenant);
        summary["findings"] = json!(self.findings_of(tenant.id.as_str()));
        summary["generation"] = json!(self.generation_of(tenant.id.as_str()));
        summary
    }
}
