//! `portal schema` and `portal tenant`: what the configuration may be, and what it is.

use std::{path::Path, process::ExitCode, sync::Arc};

use clap::Subcommand;
use portal::{
    clock::Clock,
    tenant::{Report, Tenant, Tenants, schema},
    theme::ThemeFiles,
};
use serde_json::json;

use crate::{
    args::{Data, Folders, Format, Place},
    coverage, drift, farewell, list, onboarding,
    print::{self, Failure, say},
    serve,
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List all towns with their state
    List {
        #[command(flatten)]
        folders: Folders,
        #[command(flatten)]
        data: Data,
        /// Leave out what takes long: looking through every page for findings
        #[arg(long)]
        quick: bool,
    },
    /// Count what a town says in its languages beside German
    Coverage {
        /// Folder names of towns [default: all]
        ids: Vec<String>,
        /// Name everything that is missing
        #[arg(long)]
        missing: bool,
        #[command(flatten)]
        folders: Folders,
    },
    /// List texts of a town in whose place its layers say something new
    Drift {
        /// Folder name of the town
        id: String,
        /// Keep the town's own: record that these places were read, or all
        #[arg(long, value_name = "PLACE", num_args = 0..)]
        accept: Option<Vec<String>>,
        #[command(flatten)]
        folders: Folders,
    },
    /// Show everything a town is made of
    Show {
        /// Folder name of the town
        id: String,
        /// Say for every value which file, line and column it comes from
        #[arg(long)]
        origins: bool,
        #[command(flatten)]
        folders: Folders,
    },
    /// Write the files of a new town that serves at once
    New(onboarding::New),
    /// Tell what a town lacks before it may go live
    Ready(onboarding::Ready),
    /// Take texts of the layers as the town's own
    Approve(onboarding::Approve),
    /// Give a town another address
    RenameHost(onboarding::RenameHost),
    /// Write everything that is kept of a town into a file, readable, for the town itself
    Export(farewell::Export),
    /// Delete everything that is kept of a town, and its key, with a receipt
    Delete(farewell::Delete),
}

pub fn schema(kind: Option<&str>) -> Result<ExitCode, Failure> {
    let known = schema::KINDS.iter().map(|kind| format!("`{kind}`")).collect::<Vec<_>>().join(", ");
    let schema = match kind {
        None => schema::all_json_schemas(),
        Some(kind) => schema::json_schema(kind).map(|schema| schema.to_value()).ok_or_else(|| {
            let message = format!("there is no kind of file called `{kind}`");
            Failure::could_not_run(message).hint(format!("known are {known}"))
        })?,
    };
    let text = serde_json::to_string_pretty(&schema).map_err(Failure::could_not_run)?;
    say!("{text}");
    Ok(ExitCode::SUCCESS)
}

pub fn write_schemas(folder: &Path) -> Result<ExitCode, Failure> {
    schema::write_all(folder)
        .map_err(|error| Failure::could_not_run(format!("`{}` cannot be written: {error}", folder.display())))?;
    say!("{} schemas in {}", schema::KINDS.len(), folder.display());
    Ok(ExitCode::SUCCESS)
}

pub fn tenant(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::List { folders, data, quick } => list::list(&folders, data, quick),
        Command::Coverage { ids, missing, folders } => coverage::show(&ids, missing, &folders),
        Command::Drift { id, accept, folders } => drift::drift(&id, accept.as_deref(), &folders),
        Command::Show { id, origins, folders } => show(&id, origins, &folders),
        Command::New(options) => onboarding::new(&options),
        Command::Ready(options) => onboarding::ready(&options),
        Command::Approve(options) => onboarding::approve(&options),
        Command::RenameHost(options) => onboarding::rename_host(&options),
        Command::Export(options) => farewell::export(&options),
        Command::Delete(options) => farewell::delete(&options),
    }
}

pub fn load(folders: &Folders) -> Result<(Tenants, Report), Failure> {
    load_from(&folders.place, serve::clock(folders.place.now.as_deref())?)
}

pub fn load_from(place: &Place, clock: Clock) -> Result<(Tenants, Report), Failure> {
    Ok(Tenants::load(&place.tenants, themes_of(place)?, clock)?)
}

pub fn themes_of(place: &Place) -> Result<ThemeFiles, Failure> {
    Ok(serve::existing(place.themes.clone())?.map_or_else(ThemeFiles::embedded, ThemeFiles::overridden_by))
}

fn show(id: &str, origins: bool, folders: &Folders) -> Result<ExitCode, Failure> {
    let (tenants, report) = load(folders)?;
    if let Some(problems) = report.broken.get(id) {
        problems.iter().for_each(print::problem);
        return Ok(ExitCode::from(1));
    }
    let tenant = known(&tenants, id)?;
    tenant.warnings.iter().for_each(print::problem);
    let mut values = Vec::new();
    let files = tenants.origins(&tenant).unwrap_or_default();
    for (file, node) in &files {
        node.walk("", &mut |path, value| {
            values.push((file.clone(), path.to_owned(), value.data.to_string(), value.at.clone()))
        });
    }
    match folders.format {
        Format::Json => {
            let values: Vec<_> = values
                .iter()
                .map(|(document, path, value, at)| {
                    json!({"document": document, "path": path, "value": value, "file": &*at.file, "line": at.line, "column": at.column})
                })
                .collect();
            say!("{}", json!({"tenant": summary(&tenant), "values": values}));
        }
        Format::Text => {
            for (document, path, value, at) in &values {
                let origin = if origins { format!("  {at}") } else { String::new() };
                say!("{document}#{path} = {}{origin}", value.replace('\n', "\\n"));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

pub fn known(tenants: &Tenants, id: &str) -> Result<Arc<Tenant>, Failure> {
    tenants.get(id).ok_or_else(|| {
        let ids: Vec<String> = tenants.all().iter().map(|tenant| format!("`{}`", tenant.id)).collect();
        Failure::could_not_run(format!("there is no tenant `{id}`")).hint(format!("known are {}", ids.join(", ")))
    })
}

pub fn summary(tenant: &Tenant) -> serde_json::Value {
    let hosts = |hosts: &[portal::tenant::Authority]| hosts.iter().map(ToString::to_string).collect::<Vec<_>>();
    json!({
        "id": tenant.id.as_str(), "name": tenant.town.full_name, "status": tenant.status().word(),
        "hosts": hosts(&tenant.hosts), "preview_hosts": hosts(&tenant.preview_hosts),
        "services": tenant.services.len(), "theme": tenant.theme.chain,
        "next_switch": tenant.next_switch.map(|switch| switch.to_string()),
        "warnings": tenant.warnings.len(),
    })
}
