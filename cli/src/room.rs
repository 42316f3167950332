//! The data room for a command that does one thing and ends.

use std::{
    fs,
    fs::File,
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use portal::{
    config,
    store::{self, BackupError, OpenError, Store},
};
use tokio::runtime::Runtime;

use crate::{
    args::{self, Data},
    print::Failure,
    serve::{data_folder, data_room, settings_file},
};

/// An open data room, and what its answers are waited for with.
pub struct Room {
    pub runtime: Runtime,
    pub store: Store,
    pub settings: store::Settings,
}

/// Opens what is there; nothing is made that was not there before: no key, no file, no tables.
pub fn open(room: &args::Room, data: &Data) -> Result<Room, Failure> {
    as_it_is(settings(room, data)?.0)
}

pub fn as_it_is(settings: store::Settings) -> Result<Room, Failure> {
    let runtime = runtime()?;
    let store = runtime.block_on(settings.open_as_it_is()).map_err(why_not)?;
    Ok(Room { runtime, store, settings })
}

/// The same even if master keys are missing: for who looks, or deletes.
pub fn without_keys(settings: store::Settings) -> Result<Room, Failure> {
    let runtime = runtime()?;
    let store = runtime.block_on(settings.open_without_keys()).map_err(why_not)?;
    Ok(Room { runtime, store, settings })
}

/// Opens a room with tables of this version.
pub fn ready(settings: store::Settings) -> Result<Room, Failure> {
    let runtime = runtime()?;
    let opened = runtime.block_on(settings.open()).map_err(why_not)?;
    match opened.waits_for {
        None => Ok(Room { runtime, store: opened.store, settings }),
        Some(why) => {
            let hint = why.hint();
            Err(Failure::could_not_run(format!("`{}`: {why}", settings.place)).hint(hint))
        }
    }
}

fn runtime() -> Result<Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::could_not_run)
}

/// What the command line, the environment and the settings file say about the data room, and that file.
pub fn settings(room: &args::Room, data: &Data) -> Result<(store::Settings, config::File), Failure> {
    let file = settings_file(data.config.as_deref())?;
    let folder = data_folder(data.data.clone(), &file);
    Ok((data_room(room, None, &file, &folder)?, file))
}

/// The folder of the towns.
pub fn tenants(named: Option<&Path>, file: &config::File) -> PathBuf {
    named.map(Path::to_owned).or_else(|| file.tenants.clone()).unwrap_or_else(|| "tenants".into())
}

/// A new file that nobody else may read.
pub fn new_file(path: &Path) -> Result<File, Failure> {
    let new = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    new.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            Failure::could_not_run(format!("`{}` exists, and nothing is overwritten", path.display()))
                .hint("name a new file")
        }
        _ => Failure::could_not_run(format!("`{}` cannot be written: {error}", path.display())),
    })
}

pub fn why_not(error: OpenError) -> Failure {
    let hint = error.hint();
    Failure::could_not_run(error).hint(hint)
}

/// What was asked for did not work out.
pub fn failed(error: BackupError) -> Failure {
    let failure = Failure { code: 1, ..Failure::could_not_run(&error) };
    match error.hint() {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}
