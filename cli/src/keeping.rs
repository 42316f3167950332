//! `portal retention` and `portal person`: what goes by itself, and what goes or is given out on request.

use std::{io::BufWriter, path::PathBuf, process::ExitCode};

use clap::Subcommand;
use jiff::Timestamp;
use portal::{
    audit::{self, Actor, Entry},
    clock::{Clock, local_zone, parse_moment},
    files::Files,
    keeping::{self, Due, Forgotten, Swept},
    store::{self, Store, Tx},
    tenant::Tenant,
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    args::{Format, Town},
    print::{self, Failure, plural, say},
    room,
    staff::open,
};

/// Delete what a town has kept long enough; the running portal does so every hour
#[derive(Debug, clap::Args)]
pub struct Retention {
    /// Folder name of the town
    tenant: String,
    /// Say what would go, and delete nothing
    #[arg(long)]
    dry_run: bool,
    /// With `--dry-run`: what would go until this day
    #[arg(long, value_name = "DATE", requires = "dry_run")]
    until: Option<String>,
    #[command(flatten)]
    town: Town,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Subcommand)]
pub enum Person {
    /// Write everything that is known of a person into a ZIP file
    Export {
        /// Folder name of the town
        tenant: String,
        /// Id of the account, or the number of one of its cases
        account: String,
        /// A new file
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
        #[command(flatten)]
        town: Town,
    },
    /// Delete an account and everything that is the person's own; running cases stay, cut off from it
    Forget {
        /// Folder name of the town
        tenant: String,
        /// Id of the account, or the number of one of its cases
        account: String,
        /// Say what would go, and delete nothing
        #[arg(long)]
        dry_run: bool,
        /// Nobody can undo it
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        town: Town,
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
}

pub fn retention(options: Retention) -> Result<ExitCode, Failure> {
    let now = Clock::default().now();
    let until = match &options.until {
        None => now,
        Some(text) => parse_moment(text).ok_or_else(|| {
            Failure::could_not_run(format!("`{text}` is no day")).hint("days are written `2026-12-31`")
        })?,
    };
    let (tenant, room) = open(&options.tenant, options.town)?;
    if options.dry_run {
        let due = room.runtime.block_on(async {
            let mut tx = room.store.for_tenant(&tenant).read().await?;
            keeping::due(&mut tx, &tenant, until).await
        });
        let due = due.map_err(Failure::could_not_run)?;
        match options.format {
            Format::Json => say!("{}", json!(due)),
            Format::Text => tell(&due),
        }
        return Ok(ExitCode::SUCCESS);
    }
    let swept = room.runtime.block_on(sweep(&room.store, &tenant, now)).map_err(Failure::could_not_run)?;
    match options.format {
        Format::Json => say!("{}", json!(swept)),
        Format::Text => print::done(&format!(
            "{} and {} without a case are deleted",
            plural(swept.cases as usize, "case"),
            plural(swept.threads as usize, "conversation")
        )),
    }
    Ok(ExitCode::SUCCESS)
}

fn tell(due: &Due) {
    if !due.cases.is_empty() {
        let mut rows = vec![["case", "service", "kept until"].map(str::to_owned).to_vec()];
        rows.extend(due.cases.iter().map(|case| {
            let until = case.keep_until.to_zoned(local_zone()).strftime("%Y-%m-%d").to_string();
            vec![case.number.clone(), case.service.clone(), until]
        }));
        print::table(&rows);
    }
    say!(
        "{} and {} without a case would be deleted",
        plural(due.cases.len(), "case"),
        plural(due.threads as usize, "conversation")
    );
}

pub fn person(command: Person) -> Result<ExitCode, Failure> {
    let now = Clock::default().now();
    match command {
        Person::Export { tenant, account, to, town } => {
            let (_, settings) = room::settings(&town.room, &town.data)?;
            let (tenant, room) = open(&tenant, town)?;
            let files = Files::open(&settings.files, None, &room.settings.data).map_err(Failure::could_not_run)?;
            let everything = room.runtime.block_on(async {
                let mut tx = room.store.for_tenant(&tenant).write().await?;
                let Some(id) = found(&mut tx, &account).await? else { return Ok(None) };
                let Some(everything) = keeping::everything_of(&mut tx, &tenant, None, id, now).await? else {
                    return Ok(None);
                };
                audit::record(&mut tx, now, Entry::new(Actor::Operator, "person.exported").about(id).concerns([id]))
                    .await?;
                tx.commit().await?;
                portal::error::Result::Ok(Some(everything))
            });
            let everything = everything.map_err(Failure::could_not_run)?.ok_or_else(|| nobody(&tenant, &account))?;
            let (file, town) = (BufWriter::new(room::new_file(&to)?), tenant.id.clone());
            let writing = move || keeping::everything_as_zip(everything, &files, &town, file);
            let written =
                room.runtime.block_on(room.runtime.spawn_blocking(writing)).map_err(Failure::could_not_run)?;
            written
                .map_err(|error| Failure::could_not_run(format!("`{}` cannot be written: {error}", to.display())))?;
            print::done(&format!(
                "`{}` holds everything in plain text: give it to nobody but the person",
                to.display()
            ));
            Ok(ExitCode::SUCCESS)
        }
        Person::Forget { tenant, account, dry_run, yes, town, format } => {
            let (tenant, room) = open(&tenant, town)?;
            let is_meant = yes && !dry_run;
            let outcome = room.runtime.block_on(forget(&room.store, &tenant, &account, is_meant, now));
            let (id, gone) = outcome.map_err(Failure::could_not_run)?.ok_or_else(|| nobody(&tenant, &account))?;
            match format {
                Format::Json => {
                    say!(
                        "{}",
                        json!({"town": tenant.id.as_str(), "account": id, "at": now.to_string(),
                        "deleted": is_meant, "counts": gone})
                    );
                }
                Format::Text => say!("{}", receipt(&tenant, id, &gone, is_meant, now)),
            }
            if is_meant || dry_run {
                return Ok(ExitCode::SUCCESS);
            }
            Err(Failure::could_not_run("nothing was deleted").hint("`--yes` deletes it, and nobody can undo it"))
        }
    }
}

async fn sweep(store: &Store, tenant: &Tenant, now: Timestamp) -> store::Result<Swept> {
    let swept = keeping::sweep(&store.for_tenant(tenant), tenant, now).await?;
    store.platform().sweep().await?;
    Ok(swept)
}

/// Looks only, unless it is meant: then it has happened.
async fn forget(
    store: &Store,
    tenant: &Tenant,
    account: &str,
    is_meant: bool,
    now: Timestamp,
) -> store::Result<Option<(Uuid, Forgotten)>> {
    let mut tx = store.for_tenant(tenant).write().await?;
    let Some(id) = found(&mut tx, account).await? else { return Ok(None) };
    let Some(gone) = keeping::forget_person(&mut tx, id, Actor::Operator, now).await? else { return Ok(None) };
    if is_meant {
        tx.commit().await?;
        store.platform().sweep().await?;
    }
    Ok(Some((id, gone)))
}

/// For the town's files, in German.
fn receipt(tenant: &Tenant, account: Uuid, gone: &Forgotten, is_done: bool, now: Timestamp) -> String {
    let title = if is_done { "Löschprotokoll" } else { "Vorschau: gelöscht ist noch nichts" };
    let at = now.to_zoned(local_zone()).strftime("%d.%m.%Y um %H:%M:%S Uhr (%Z)");
    format!(
        "{title}\n\n\
         Stadt:                             {}\n\
         Kennung des Kontos:                {account}\n\
         Zeitpunkt:                         {at}\n\n\
         Gelöscht:\n\
         - Konto mit allen Angaben          1\n\
         - Anmeldungen                      {}\n\
         - begonnene Anmeldungen            {}\n\
         - Entwürfe von Anträgen            {}\n\
         - Unterhaltungen ohne Vorgang      {}\n\
         - Vorgänge, deren Frist um war     {}\n\n\
         Bleibt bis zum Ende der eigenen Frist, ohne Verbindung zum Konto:\n\
         - Vorgänge                         {} (davon noch nicht abgeschlossen: {})\n\
         - Bescheide, die nun per Post gehen {}\n\n\
         Was noch besteht: Einträge im Prüfpfad mit der Kennung des Kontos, ohne Namen; Sicherungen, bis sie nach Plan \
         gelöscht werden; Pakete, die schon an Fachverfahren übergeben sind.\n",
        tenant.town.full_name,
        gone.sessions,
        gone.logins,
        gone.drafts,
        gone.threads,
        gone.cases_deleted,
        gone.cases_kept,
        gone.cases_open,
        gone.letters,
    )
}

/// An account by its id, or by the number of one of its cases.
async fn found(tx: &mut Tx, named: &str) -> store::Result<Option<Uuid>> {
    match named.parse() {
        Ok(id) => Ok(Some(id)),
        Err(_) => keeping::account_of_case(tx, &named.to_uppercase()).await,
    }
}

fn nobody(tenant: &Tenant, account: &str) -> Failure {
    let none = Failure::could_not_run(format!("`{account}` is no account of `{}`", tenant.id));
    Failure { code: 1, ..none.hint("`portal audit show` names ids of accounts; the number of a case does as well") }
}
