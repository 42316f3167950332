//! `portal idp check`: whether the login providers of a town have what they need.

use std::process::ExitCode;

use clap::Subcommand;
use portal::{
    clock::Clock,
    config::PublicOrigin,
    doctor::{self, Finding, Level},
    identity::{oidc::Client, switch},
    staff::local_login,
    tenant::{Tenant, schema::Provider},
};
use serde_json::json;

use crate::{
    args::{DataRoom, Folders, Format, Town},
    doctor::{tell, tell_count, to_json},
    print::{self, Failure, say},
    room, serve,
    show::{known, load},
    staff,
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Say whether they are complete, whether their keys can be read, and until when their certificates hold
    Check {
        /// Folder name of the town
        id: String,
        #[command(flatten)]
        room: DataRoom,
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
        /// End the sessions that began with it, of citizens and clerks
        #[arg(long)]
        end_sessions: bool,
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
    let (id, room, offline, folders) = match command {
        Command::Check { id, room, offline, folders } => (id, room, offline, folders),
        Command::Off { id, provider, reason, end_sessions, town } => {
            return switch(&id, &provider, Some(Off { reason, end_sessions }), town);
        }
        Command::On { id, provider, town } => return switch(&id, &provider, None, town),
    };
    let (tenants, report) = load(&folders)?;
    if let Some(problems) = report.broken.get(&id) {
        problems.iter().for_each(print::problem);
        return Ok(ExitCode::from(1));
    }
    let town = known(&tenants, &id)?;
    let file = serve::settings_file(room.data.config.as_deref())?;
    let origin = file.public.as_ref().map(PublicOrigin::from).unwrap_or_default();
    let mut looked = look(&town, &origin);
    if !offline {
        ask(&mut looked)?;
    }
    look_at_switches(&town, &room, &mut looked);
    match folders.format {
        Format::Json => say!("{}", as_json(&town, &looked)),
        Format::Text => tell_all(&town, &looked),
    }
    let is_ill = looked.iter().flat_map(|(_, findings)| findings).any(|one| one.level == Level::Error);
    Ok(if is_ill { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

struct Off {
    reason: String,
    end_sessions: bool,
}

fn switch(id: &str, provider: &str, off: Option<Off>, town: Town) -> Result<ExitCode, Failure> {
    let (tenant, room) = staff::open(id, town)?;
    if tenant.provider(provider).is_none() && local_login(&tenant) != Some(provider) {
        let names: Vec<String> = tenant.providers().iter().map(|provider| provider.id.clone()).collect();
        return Err(Failure::could_not_run(format!("`{id}` has no login provider `{provider}` today"))
            .hint(format!("there are {}", print::quoted(&names))));
    }
    let now = Clock::default().now();
    let switched = room.runtime.block_on(async {
        let mut tx = room.store.for_tenant(&tenant).write().await?;
        let ended = match &off {
            Some(Off { reason, end_sessions }) => {
                switch::off(&mut tx, provider, reason, now).await?;
                if *end_sessions { Some(switch::end_sessions(&mut tx, provider, now).await?) } else { None }
            }
            None => switch::on(&mut tx, provider, now).await?.then_some(0),
        };
        tx.commit().await.map(|()| ended)
    });
    let ended = switched.map_err(Failure::could_not_run)?;
    print::done(&match (off, ended) {
        (None, _) => format!("`{id}` lets people in with `{provider}`"),
        (Some(_), None) => format!("nobody logs in to `{id}` with `{provider}` any more; sessions go on"),
        (Some(_), Some(ended)) => {
            let ended = doctor::count(usize::try_from(ended).unwrap_or(usize::MAX), "session");
            format!("nobody logs in to `{id}` with `{provider}` any more; {ended} ended")
        }
    });
    Ok(ExitCode::SUCCESS)
}

type Looked<'a> = Vec<(&'a Provider, Vec<Finding>)>;

fn look<'a>(town: &'a Tenant, origin: &PublicOrigin) -> Looked<'a> {
    let wall = Clock::default().now();
    let providers = town.providers().iter().map(|provider| &**provider);
    providers.map(|provider| (provider, doctor::provider(town, provider, origin, wall))).collect()
}

/// Whether somebody has switched them off; without a data room nobody has.
fn look_at_switches(town: &Tenant, room: &DataRoom, looked: &mut Looked) {
    let Ok(room) = room::open(&room.room, &room.data) else { return };
    let off = room.runtime.block_on(async { switch::all_off(&mut room.store.for_tenant(town).read().await?).await });
    let off = off.unwrap_or_default();
    for (provider, findings) in looked.iter_mut().filter(|(provider, _)| off.contains(&provider.id)) {
        let told = Finding::new(Level::Warning, "is switched off: nobody logs in with it").of("switch");
        let hint = Some(format!("`portal idp on {} {}`", town.id, provider.id));
        findings.push(Finding { hint, ..told });
    }
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
