//! `portal idp check`: whether the login providers of a town have what they need.

use std::{path::PathBuf, process::ExitCode};

use clap::Subcommand;
use portal::{
    clock::Clock,
    config::PublicOrigin,
    doctor::{self, Finding, Level},
    identity::{oidc::Client, switch},
    tenant::{Tenant, schema::Provider},
};
use serde_json::json;

use crate::{
    args::{Folders, Format, Town},
    doctor::{tell, tell_count, to_json},
    print::{self, Failure, say},
    serve,
    show::{known, load},
    staff,
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Say whether they are complete, whether their keys can be read, and until when their certificates hold
    Check {
        /// Folder name of the town
        id: String,
        /// Settings file, for the public address [default: portal.yaml, if there is one]
        #[arg(long, env = "PORTAL_CONFIG", value_name = "FILE")]
        config: Option<PathBuf>,
        /// Do not ask the providers themselves
        #[arg(long)]
        offline: bool,
        #[command(flatten)]
        folders: Folders,
    },
    /// Switch a provider of one town off: nobody logs in with it, everything else goes on
    Off {
        /// Folder name of the town
        id: String,
        /// As in its `identity.yaml`
        provider: String,
        /// Why, for the trail of deeds
        #[arg(long, value_name = "TEXT", default_value = "")]
        reason: String,
        #[command(flatten)]
        town: Town,
    },
    /// Switch a provider of one town on again
    On {
        /// Folder name of the town
        id: String,
        /// As in its `identity.yaml`
        provider: String,
        #[command(flatten)]
        town: Town,
    },
}

pub fn idp(command: Command) -> Result<ExitCode, Failure> {
    let (id, config, offline, folders) = match command {
        Command::Check { id, config, offline, folders } => (id, config, offline, folders),
        Command::Off { id, provider, reason, town } => return switch(&id, &provider, Some(&reason), town),
        Command::On { id, provider, town } => return switch(&id, &provider, None, town),
    };
    let (tenants, report) = load(&folders)?;
    if let Some(problems) = report.broken.get(&id) {
        problems.iter().for_each(print::problem);
        return Ok(ExitCode::from(1));
    }
    let town = known(&tenants, &id)?;
    let origin = PublicOrigin::from(&serve::settings_file(config.as_deref())?.public);
    let mut looked = look(&town, &origin);
    if !offline {
        ask(&mut looked)?;
    }
    match folders.format {
        Format::Json => say!("{}", as_json(&town, &looked)),
        Format::Text => tell_all(&town, &looked),
    }
    let is_ill = looked.iter().flat_map(|(_, findings)| findings).any(|one| one.level == Level::Error);
    Ok(if is_ill { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

/// With a reason off, without one on.
fn switch(id: &str, provider: &str, off: Option<&str>, town: Town) -> Result<ExitCode, Failure> {
    let (tenant, room) = staff::open(id, town)?;
    if tenant.provider(provider).is_none() {
        let names: Vec<String> = tenant.providers().iter().map(|provider| provider.id.clone()).collect();
        return Err(Failure::could_not_run(format!("`{id}` has no login provider `{provider}` today"))
            .hint(format!("there are {}", print::quoted(&names))));
    }
    let now = Clock::default().now();
    let switched = room.runtime.block_on(async {
        let mut tx = room.store.for_tenant(&tenant).write().await?;
        match off {
            Some(reason) => switch::off(&mut tx, provider, reason, now).await?,
            None => drop(switch::on(&mut tx, provider, now).await?),
        }
        tx.commit().await
    });
    switched.map_err(Failure::could_not_run)?;
    match off {
        Some(_) => print::done(&format!("nobody logs in to `{id}` with `{provider}` any more; sessions go on")),
        None => print::done(&format!("`{id}` lets people in with `{provider}`")),
    }
    Ok(ExitCode::SUCCESS)
}

type Looked<'a> = Vec<(&'a Provider, Vec<Finding>)>;

fn look<'a>(town: &'a Tenant, origin: &PublicOrigin) -> Looked<'a> {
    let wall = Clock::default().now();
    let providers = town.providers().iter().map(|provider| &**provider);
    providers.map(|provider| (provider, doctor::provider(town, provider, origin, wall))).collect()
}

fn ask(looked: &mut Looked) -> Result<(), Failure> {
    let client = Client::with_patience(Client::PATIENCE).map_err(Failure::could_not_run)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::could_not_run)?;
    for (provider, findings) in looked {
        findings.extend(runtime.block_on(doctor::description(provider, &client)));
    }
    Ok(())
}

fn tell_all(town: &Tenant, looked: &Looked) {
    for (provider, findings) in looked {
        say!("{}  {} for {}, “{}”", provider.id, provider.kind.word(), provider.people().word(), provider.name);
        tell(findings);
        say!();
    }
    if looked.is_empty() {
        say!("{} has no login provider today", town.id);
    }
    tell_count(looked.iter().flat_map(|(_, findings)| findings));
}

fn as_json(town: &Tenant, looked: &Looked) -> serde_json::Value {
    let one = |(provider, findings): &(&Provider, Vec<Finding>)| {
        json!({
            "id": provider.id, "kind": provider.kind.word(), "for": provider.people().word(),
            "complete": provider.is_complete(), "missing": provider.missing(),
            "findings": findings.iter().map(to_json).collect::<Vec<_>>(),
        })
    };
    json!({"tenant": town.id.as_str(), "providers": looked.iter().map(one).collect::<Vec<_>>()})
}
