//! `portal tenant export` and `portal tenant delete`: a town leaves.

use std::{
    fs,
    io::{BufWriter, Write},
    path::PathBuf,
    process::ExitCode,
};

use jiff::Timestamp;
use portal::{
    clock::Clock,
    farewell::Receipt,
    files::Files,
    mail::delete_mails,
    store::Remains,
    tenant::{Tenants, schema::Status},
    theme::ThemeFiles,
};

use crate::{
    args::DataRoom,
    print::{self, Failure, done, plural, say},
    room::{self, failed},
};

#[derive(Debug, clap::Args)]
pub struct Export {
    /// Folder name of the town
    pub id: String,
    /// New file; what stands in it is not sealed
    #[arg(long, value_name = "FILE")]
    pub to: PathBuf,
    #[command(flatten)]
    pub room: DataRoom,
}

#[derive(Debug, clap::Args)]
pub struct Delete {
    /// Folder name of the town
    pub id: String,
    /// Tell what would be deleted, and delete nothing
    #[arg(long, conflicts_with = "yes")]
    pub dry_run: bool,
    /// Delete
    #[arg(long)]
    pub yes: bool,
    /// Although its folder is there and does not say that it is suspended
    #[arg(long)]
    pub even_though_served: bool,
    /// Folder for the receipt [default: receipts in the folder of `--data`]
    #[arg(long, value_name = "DIR")]
    pub receipt: Option<PathBuf>,
    /// Folder with one folder per town [default: tenants]
    #[arg(long, env = "PORTAL_TENANTS", value_name = "DIR")]
    pub tenants: Option<PathBuf>,
    #[command(flatten)]
    pub room: DataRoom,
}

pub fn export(options: &Export) -> Result<ExitCode, Failure> {
    let open = room::as_it_is(room::settings(&options.room.room, &options.room.data)?.0)?;
    let mut to = BufWriter::new(room::new_file(&options.to)?);
    let handed = open.runtime.block_on(open.store.platform().hand_over(&options.id, Clock::default().now(), &mut to));
    let written = handed.and_then(|handed| {
        to.into_inner().map_err(|error| error.into_error())?.sync_all()?;
        Ok(handed)
    });
    let handed = written.map_err(|error| {
        let _ = fs::remove_file(&options.to);
        failed(error)
    })?;
    let rows: u64 = handed.rows.values().sum();
    done(&format!("`{}` holds {} of `{}`", options.to.display(), plural(rows as usize, "row"), options.id));
    if handed.sealed > 0 {
        let message = format!("{} stayed sealed", plural(handed.sealed as usize, "value"));
        print::warning(&message, "`portal doctor` tells whether a master key is missing");
    }
    print::warning(
        "everything in it can be read, data of persons too",
        "hand it over encrypted, to the town only, and delete it here",
    );
    Ok(ExitCode::SUCCESS)
}

pub fn delete(options: &Delete) -> Result<ExitCode, Failure> {
    if options.id.is_empty() || options.id.starts_with('.') || options.id.contains('/') {
        return Err(Failure::could_not_run(format!("`{}` is no name of a folder", options.id))
            .hint("towns are named by their folders"));
    }
    let (settings, file) = room::settings(&options.room.room, &options.room.data)?;
    let tenants = room::tenants(options.tenants.as_deref(), &file);
    if !options.even_though_served && !options.dry_run && may_be_served(&options.id, &tenants) {
        return Err(Failure::could_not_run(format!(
            "`{}` is served: its folder lies in `{}`",
            options.id,
            tenants.display()
        ))
        .hint(
            "take the folder away first, or write `status: suspended` into its `tenant.yaml`, so that nobody logs in \
             meanwhile; or `--even-though-served`",
        ));
    }
    // also a town whose master key is lost
    let open = room::without_keys(settings)?;
    let had = open.runtime.block_on(open.store.platform().remains(&options.id)).map_err(failed)?;
    if had.rows.is_empty() {
        return Err(Failure { code: 1, ..Failure::could_not_run(format!("there is nothing of `{}`", options.id)) }
            .hint("towns are named by their folders"));
    }
    if !options.yes {
        tell(&options.id, &had);
        if options.dry_run {
            return Ok(ExitCode::SUCCESS);
        }
        return Err(Failure::could_not_run("nothing was deleted").hint("`--yes` deletes it, and nobody can undo it"));
    }
    let now = Clock::default().now();
    let folder = options.receipt.clone().unwrap_or_else(|| open.settings.data.join("receipts"));
    let mut papers = Papers::at(folder, &options.id, now)?;
    let mails = delete_mails(&open.settings.data, &options.id).map_err(|error| {
        papers.throw_away();
        Failure::could_not_run(format!("the mail folder of the town cannot be deleted: {error}"))
            .hint("nothing else was deleted")
    })?;
    let deleted = open.runtime.block_on(open.store.platform().delete_town(&options.id));
    let deleted = deleted.map_err(|error| {
        papers.throw_away();
        failed(error)
    })?;
    // without their keys, which are gone now, they are noise already
    let files = Files::open(&file.files, None, &open.settings.data);
    let files = files.and_then(|files| open.runtime.block_on(files.remove_town(&options.id)));
    let files = files.unwrap_or_else(|error| {
        let hint = "nobody can read them any more; delete what lies below the name of the town";
        print::warning(&format!("the files of the town are still in their store: {error}"), hint);
        0
    });
    let receipt = Receipt::new(&options.id, open.settings.place.to_string(), deleted, (mails, files), now);
    say!("{}", receipt.as_text());
    papers.fill(&receipt)?;
    done(&format!("`{}` and the same as text beside it are the receipt", papers.json.display()));
    Ok(ExitCode::SUCCESS)
}

/// A town whose files cannot be read is taken for one that is served: its last good version may be.
fn may_be_served(id: &str, tenants: &std::path::Path) -> bool {
    if !tenants.join(id).is_dir() {
        return false;
    }
    match Tenants::load(tenants, ThemeFiles::embedded(), Clock::default()) {
        Ok((towns, _)) => towns.get(id).is_none_or(|town| town.status() != Status::Suspended),
        Err(_) => true,
    }
}

fn tell(id: &str, had: &Remains) {
    let rows: Vec<_> = had.rows.iter().map(|(table, rows)| vec![table.clone(), rows.to_string()]).collect();
    print::table(&rows);
    let key = if had.key.is_some() { " and its key" } else { "" };
    say!("{} of `{id}`{key} would be deleted", plural(had.rows.values().sum::<u64>() as usize, "row"));
}

/// The files of a receipt: made before anything is deleted, so that there is one for certain.
struct Papers {
    json: PathBuf,
    text: PathBuf,
    files: [fs::File; 2],
}

impl Papers {
    fn at(folder: PathBuf, id: &str, now: Timestamp) -> Result<Self, Failure> {
        fs::create_dir_all(&folder)
            .map_err(|error| Failure::could_not_run(format!("`{}` cannot be made: {error}", folder.display())))?;
        let name = format!("{id}-{}", now.strftime("%Y-%m-%dT%H-%M-%SZ"));
        let (json, text) = (folder.join(format!("{name}.json")), folder.join(format!("{name}.txt")));
        let files = [room::new_file(&json)?, room::new_file(&text)?];
        Ok(Self { json, text, files })
    }

    fn fill(&mut self, receipt: &Receipt) -> Result<(), Failure> {
        let [json, text] = &mut self.files;
        let wrote =
            writeln!(json, "{:#}", receipt.as_json()).and_then(|()| text.write_all(receipt.as_text().as_bytes()));
        wrote.and_then(|()| json.sync_all()).and_then(|()| text.sync_all()).map_err(|error| {
            Failure {
                code: 1,
                ..Failure::could_not_run(format!("the town is deleted, its receipt is not written: {error}"))
            }
            .hint("keep what stands above")
        })
    }

    fn throw_away(&self) {
        let _ = (fs::remove_file(&self.json), fs::remove_file(&self.text));
    }
}
