//! `portal staff`: accounts of clerks.

use std::{process::ExitCode, sync::Arc};

use anstream::eprintln;
use clap::Subcommand;
use portal::{
    clock::Clock,
    staff::{self, Added, Member, NotAdded},
    store::{self, Tx},
    tenant::Tenant,
};
use serde_json::json;

use crate::{
    args::{Folders, Format, Town},
    print::{self, CYAN, Failure, say},
    room::{self, Room},
    show::{known, load},
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make an account for a clerk; its first password is printed once
    Add {
        /// Folder name of the town
        id: String,
        /// Name to log in with
        login: String,
        /// The person's name, as colleagues see it
        #[arg(long, value_name = "NAME")]
        name: String,
        /// Role in the town's `tenant.yaml`; may be given more than once
        #[arg(long, value_name = "ROLE", required = true, value_delimiter = ',')]
        role: Vec<String>,
        /// Department in the town's `tenant.yaml`
        #[arg(long, value_name = "ID")]
        department: Option<String>,
        #[command(flatten)]
        town: Town,
    },
    /// List the accounts of a town's clerks
    List {
        /// Folder name of the town
        id: String,
        #[command(flatten)]
        town: Town,
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Give an account a new password; its app is set up anew
    Reset {
        /// Folder name of the town
        id: String,
        /// Name to log in with
        login: String,
        #[command(flatten)]
        town: Town,
    },
    /// Shut an account; its sessions end at once
    Disable {
        /// Folder name of the town
        id: String,
        /// Name to log in with
        login: String,
        /// `local` or the town's own provider, where both have one of this name
        #[arg(long, value_name = "ID")]
        provider: Option<String>,
        #[command(flatten)]
        town: Town,
    },
    /// Open an account again
    Enable {
        /// Folder name of the town
        id: String,
        /// Name to log in with
        login: String,
        /// `local` or the town's own provider, where both have one of this name
        #[arg(long, value_name = "ID")]
        provider: Option<String>,
        #[command(flatten)]
        town: Town,
    },
}

pub fn staff(command: Command) -> Result<ExitCode, Failure> {
    let now = Clock::default().now();
    match command {
        Command::Add { id, login, name, role, department, town } => {
            let (tenant, room) = open(&id, town)?;
            let new = Member { login, name, roles: role, department, disabled: false, provider: String::new() };
            let added = room.runtime.block_on(async {
                let mut tx = room.store.for_tenant(&tenant).write().await?;
                committed(staff::add(&mut tx, &tenant, new, now).await?, tx).await
            });
            told(&tenant, added.map_err(Failure::could_not_run)?)
        }
        Command::Reset { id, login, town } => {
            let (tenant, room) = open(&id, town)?;
            let reset = room.runtime.block_on(async {
                let mut tx = room.store.for_tenant(&tenant).write().await?;
                committed(staff::reset(&mut tx, &login, now).await?, tx).await
            });
            told(&tenant, reset.map_err(Failure::could_not_run)?)
        }
        Command::Disable { id, login, provider, town } => switch(&id, &login, provider.as_deref(), town, true),
        Command::Enable { id, login, provider, town } => switch(&id, &login, provider.as_deref(), town, false),
        Command::List { id, town, format } => list(&id, town, format),
    }
}

/// The town's files and its data.
pub fn open(id: &str, town: Town) -> Result<(Arc<Tenant>, Room), Failure> {
    let Town { place, room, data } = town;
    let (tenants, _) = load(&Folders { place, format: Format::Text })?;
    Ok((known(&tenants, id)?, room::open(&room, &data)?))
}

async fn committed<T>(outcome: Result<T, NotAdded>, tx: Tx) -> store::Result<Result<T, NotAdded>> {
    if outcome.is_ok() {
        tx.commit().await?;
    }
    Ok(outcome)
}

/// The password alone goes to stdout: a script can hand it on.
fn told(tenant: &Tenant, outcome: Result<Added, NotAdded>) -> Result<ExitCode, Failure> {
    let Added { password } = outcome.map_err(|why| refused(tenant, &why))?;
    say!("{}", password.as_str());
    eprintln!(
        "{CYAN}hint{CYAN:#}: this password is told once; the first login at /verwaltung sets up an app for codes and asks for another"
    );
    Ok(ExitCode::SUCCESS)
}

fn refused(tenant: &Tenant, why: &NotAdded) -> Failure {
    let staff = &tenant.town.staff;
    let names = |names: Vec<String>| match names.as_slice() {
        [] => "none stands in its `tenant.yaml`".to_owned(),
        names => format!("there are {}", print::quoted(names)),
    };
    let hint = match why {
        NotAdded::NoRole(_) => names(staff.roles.iter().map(|role| role.id.clone()).collect()),
        NotAdded::NoDepartment(_) => names(staff.departments.iter().map(|one| one.id.clone()).collect()),
        NotAdded::Exists(login) => format!("`portal staff reset {} {login}` gives it a new password", tenant.id),
        NotAdded::Several { .. } => "`--provider ID` says which one is meant".to_owned(),
        NotAdded::NotLocal(..) => "whoever looks after that provider gives it a new password".to_owned(),
        NotAdded::Unknown(_) => format!("`portal staff list {}` names all", tenant.id),
    };
    Failure { code: 1, ..Failure::could_not_run(why).hint(hint) }
}

fn switch(id: &str, login: &str, provider: Option<&str>, town: Town, disabled: bool) -> Result<ExitCode, Failure> {
    let (tenant, room) = open(id, town)?;
    let now = Clock::default().now();
    let outcome = room.runtime.block_on(async {
        let mut tx = room.store.for_tenant(&tenant).write().await?;
        committed(staff::disable(&mut tx, login, provider, disabled, now).await?, tx).await
    });
    outcome.map_err(Failure::could_not_run)?.map_err(|why| refused(&tenant, &why))?;
    print::done(&format!("`{login}` is {}", if disabled { "shut, its sessions have ended" } else { "open again" }));
    Ok(ExitCode::SUCCESS)
}

fn list(id: &str, town: Town, format: Format) -> Result<ExitCode, Failure> {
    let (tenant, room) = open(id, town)?;
    let members = room.runtime.block_on(async {
        let mut tx = room.store.for_tenant(&tenant).read().await?;
        staff::members(&mut tx).await
    });
    let members = members.map_err(Failure::could_not_run)?;
    match format {
        Format::Json => say!("{}", json!({"staff": members.iter().map(as_json).collect::<Vec<_>>()})),
        Format::Text if members.is_empty() => say!("nobody yet: portal staff add {id} LOGIN --name … --role …"),
        Format::Text => {
            let head = ["login", "name", "roles", "department", "provider", "state"].map(str::to_owned).to_vec();
            print::table(&[vec![head], members.iter().map(as_row).collect()].concat());
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn as_json(member: &Member) -> serde_json::Value {
    json!({
        "login": member.login, "name": member.name, "roles": member.roles, "department": member.department,
        "disabled": member.disabled, "provider": member.provider,
    })
}

fn as_row(member: &Member) -> Vec<String> {
    let state = if member.disabled { "disabled" } else { "" };
    let department = member.department.clone().unwrap_or_default();
    vec![
        member.login.clone(),
        member.name.clone(),
        member.roles.join(", "),
        department,
        member.provider.clone(),
        state.into(),
    ]
}
