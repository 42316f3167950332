//! `portal backup` and `portal restore`.

use std::{
    fs::{self, File},
    io::{BufReader, BufWriter},
    path::{Path, PathBuf},
    process::ExitCode,
};

use portal::{
    clock::{Clock, local_zone},
    crypto::MasterKeys,
    files::Files,
    store::{Contents, inspect_backup},
};

use crate::{
    args::DataRoom,
    print::{self, Failure, done, plural},
    progress::Progress,
    room::{self, failed},
};

#[derive(Debug, clap::Args)]
pub struct Backup {
    /// New file
    pub file: PathBuf,
    /// Only this town
    #[arg(long, value_name = "ID")]
    pub tenant: Option<String>,
    /// Folder with one folder per town [default: tenants]
    #[arg(long, env = "PORTAL_TENANTS", value_name = "DIR")]
    pub tenants: Option<PathBuf>,
    /// Rows and keys only: the folder of files is saved by other means
    #[arg(long)]
    pub without_files: bool,
    #[command(flatten)]
    pub room: DataRoom,
}

#[derive(Debug, clap::Args)]
pub struct Restore {
    /// A file that `portal backup` wrote
    pub file: PathBuf,
    /// Only this town, into a database where it has no rows
    #[arg(long, value_name = "ID")]
    pub tenant: Option<String>,
    /// Verify the whole file and tell what it holds; restore nothing
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub room: DataRoom,
}

pub fn backup(options: &Backup) -> Result<ExitCode, Failure> {
    let (settings, file) = room::settings(&options.room.room, &options.room.data)?;
    let known = folders(&room::tenants(options.tenants.as_deref(), &file));
    let open = room::as_it_is(settings)?;
    let files = Files::open(&file.files, None, &open.settings.data).map_err(Failure::could_not_run)?;
    // before the moment of the rows: whatever they lead to is still there when its turn comes
    let still = files.hold_still().map_err(|error| Failure::could_not_run(format!("`{}`: {error}", files.place())))?;
    let objects = files.folder().filter(|_| !options.without_files);
    let now = Clock::default().now();
    let to = BufWriter::new(room::new_file(&options.file)?);
    let mut steps = Steps::counting("tables");
    let mut tell = |done, all| steps.tell(done, all);
    let platform = open.store.platform();
    let made = platform.backup(options.tenant.as_deref(), &known, now, to, objects, &mut tell);
    let saved = open.runtime.block_on(made).and_then(|(contents, to)| {
        to.into_inner().map_err(|error| error.into_error())?.sync_all()?;
        Ok(contents)
    });
    let contents = saved.map_err(|error| {
        // half a backup is none
        let _ = fs::remove_file(&options.file);
        failed(error)
    })?;
    drop(still);
    if options.tenant.is_none() {
        // only the doctor asks for it
        let _ = open.settings.remember_backup(now);
    }
    drop(steps);
    done(&format!("`{}` holds {}", options.file.display(), what(&contents)));
    if files.folder().is_none() {
        let message = format!("files lie in `{}` and are not in it", files.place());
        print::warning(&message, "let the bucket keep versions, or copy it after each backup");
    }
    let missing = contents.held.missing.len();
    if missing > 0 {
        let message = format!("{} not in the folder of files, though rows lead to them", plural(missing, "file"));
        print::warning(
            &message,
            "`portal files verify` names them; `--without-files` where they are saved by other means",
        );
        return Ok(ExitCode::from(1));
    }
    Ok(ExitCode::SUCCESS)
}

pub fn restore(options: &Restore) -> Result<ExitCode, Failure> {
    let (settings, file) = room::settings(&options.room.room, &options.room.data)?;
    let from = File::open(&options.file)
        .map_err(|error| Failure::could_not_run(format!("`{}` cannot be read: {error}", options.file.display())))?;
    let mut from = BufReader::new(from);
    // before anything is made: a backup opens with the key from the safe, never with a new one
    let masters = settings.key_source().and_then(MasterKeys::load).map_err(|error| {
        Failure::could_not_run(error)
            .hint("a backup opens only with the master key under which it was made: take it from the safe")
    })?;
    if options.dry_run {
        let contents = inspect_backup(from, &masters).map_err(failed)?;
        print_contents(&contents);
        done(&format!("`{}` is whole and holds {}", options.file.display(), what(&contents)));
        return Ok(ExitCode::SUCCESS);
    }
    let open = room::ready(settings)?;
    let mut steps = Steps::counting("rows");
    let mut tell = |done, all| steps.tell(done, all);
    let files = Files::open(&file.files, None, &open.settings.data).map_err(Failure::could_not_run)?;
    let platform = open.store.platform();
    let restored = platform.restore(options.tenant.as_deref(), &mut from, files.objects(), &mut tell);
    let contents = open.runtime.block_on(restored).map_err(failed)?;
    drop(steps);
    done(&format!("`{}` got back {}, every row read again and compared", open.settings.place, what(&contents)));
    Ok(ExitCode::SUCCESS)
}

/// `12 rows and 4 files of 3 towns, saved 2026-11-22 16:49`
fn what(contents: &Contents) -> String {
    let made = contents.made.to_zoned(local_zone()).strftime("%Y-%m-%d %H:%M");
    let rows = plural(contents.rows() as usize, "row");
    let files = plural(contents.held.files as usize, "file");
    format!("{rows} and {files} of {}, saved {made}", plural(contents.towns.len(), "town"))
}

fn print_contents(contents: &Contents) {
    let mut rows = vec![["town", "table", "rows"].map(str::to_owned).to_vec()];
    for (town, tables) in &contents.towns {
        rows.extend(tables.iter().map(|(table, count)| vec![town.clone(), table.clone(), count.to_string()]));
    }
    print::table(&rows);
}

/// Towns that have a folder.
fn folders(tenants: &Path) -> Vec<String> {
    let entries = fs::read_dir(tenants).into_iter().flatten().flatten();
    let names = entries.filter(|entry| entry.path().is_dir()).filter_map(|entry| entry.file_name().into_string().ok());
    names.filter(|name| !name.starts_with(['_', '.'])).collect()
}

/// A bar whose length is known when the first step is done.
struct Steps {
    what: &'static str,
    bar: Option<Progress>,
}

impl Steps {
    fn counting(what: &'static str) -> Self {
        Self { what, bar: None }
    }

    fn tell(&mut self, _done: u64, all: u64) {
        self.bar.get_or_insert_with(|| Progress::of(all as usize, self.what)).step();
    }
}
