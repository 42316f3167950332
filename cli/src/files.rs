//! `portal files`: whether the store of files has what the rows say.

use std::process::ExitCode;

use clap::Subcommand;
use portal::files::{self, Files, Verified};
use serde_json::json;

use crate::{
    args::{DataRoom, Format},
    print::{self, Failure, done, plural, say},
    room,
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Look whether every file of citizens and clerks is there
    Verify {
        /// Folder name of a town [default: all]
        tenant: Option<String>,
        /// Open each file as well, and compare it with what came in
        #[arg(long)]
        read: bool,
        #[command(flatten)]
        room: DataRoom,
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
}

pub fn files(command: Command) -> Result<ExitCode, Failure> {
    let Command::Verify { tenant, read, room, format } = command;
    let (settings, file) = room::settings(&room.room, &room.data)?;
    let open = room::as_it_is(settings)?;
    let store = Files::open(&file.files, None, &open.settings.data).map_err(Failure::could_not_run)?;
    let looked = open.runtime.block_on(async {
        let platform = open.store.platform();
        let mut towns = platform.tenants().await.map_err(Failure::could_not_run)?;
        towns.retain(|town| tenant.as_ref().is_none_or(|wanted| wanted == town));
        let mut found = Vec::new();
        for town in towns {
            let verified = files::verify(&store, &platform.remains_of(&town), &town, read).await;
            found.push((town, verified.map_err(Failure::could_not_run)?));
        }
        Ok::<_, Failure>(found)
    })?;
    match format {
        Format::Json => say!("{}", json!({"towns": looked.iter().map(as_json).collect::<Vec<_>>()})),
        Format::Text => tell(&looked, read),
    }
    let is_well = looked.iter().all(|(_, found)| found.missing.is_empty() && found.damaged.is_empty());
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn as_json((town, found): &(String, Verified)) -> serde_json::Value {
    let Verified { rows, missing, damaged, without_row } = found;
    json!({"town": town, "files": rows, "missing": missing, "damaged": damaged, "without_row": without_row})
}

fn tell(looked: &[(String, Verified)], read: bool) {
    for (town, found) in looked {
        for (what, ids) in [("missing", &found.missing), ("damaged", &found.damaged)] {
            ids.iter().for_each(|id| say!("{town}/{id}: {what}"));
        }
        if found.without_row > 0 {
            let what = format!("{} of `{town}` that no row leads to", plural(found.without_row, "file"));
            print::warning(&what, "they are just coming in, or the portal takes them away after a day");
        }
    }
    let all = looked.iter().map(|(_, found)| found.rows).sum();
    let lost: usize = looked.iter().map(|(_, found)| found.missing.len() + found.damaged.len()).sum();
    match lost {
        0 if read => done(&format!("{} opened, each is what came in", plural(all, "file"))),
        0 => done(&format!("{} there; `--read` opens each", plural(all, "file"))),
        lost => print::warning(
            &format!("{lost} of {} cannot be opened", plural(all, "file")),
            "take them from a backup: `portal restore` into a new folder, then copy what is missing",
        ),
    }
}
