//! The data room, for commands beside a server.

use std::{
    fs,
    fs::File,
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use portal::{
    config,
    store::{self, BackupError, OpenError, PlatformStore},
};
use tokio::runtime::Runtime;

use crate::{
    args::DataRoom,
    print::Failure,
    serve::{data_folder, data_room, settings_file},
};

/// A data room that a command works in, and how it waits for it.
pub struct Open {
    pub platform: PlatformStore,
    pub settings: store::Settings,
    pub runtime: Runtime,
}

impl Open {
    /// As it is: makes no key, no file and no tables.
    pub fn as_it_is(settings: store::Settings) -> Result<Self, Failure> {
        let runtime = runtime()?;
        let store = runtime.block_on(settings.open_as_it_is()).map_err(why_not)?;
        Ok(Self { platform: store.platform(), settings, runtime })
    }

    /// With tables of this version.
    pub fn ready(settings: store::Settings) -> Result<Self, Failure> {
        let runtime = runtime()?;
        let opened = runtime.block_on(settings.open()).map_err(why_not)?;
        if let Some(why) = opened.waits_for {
            return Err(Failure::could_not_run(&why).hint(why.hint()));
        }
        Ok(Self { platform: opened.store.platform(), settings, runtime })
    }
}

fn runtime() -> Result<Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::could_not_run)
}

/// What the command line, the environment and the settings file say about the data room, and that file.
pub fn settings(room: &DataRoom) -> Result<(store::Settings, config::File), Failure> {
    let file = settings_file(room.data.config.as_deref())?;
    let data = data_folder(room.data.data.clone(), &file);
    Ok((data_room(&room.room, None, &file, &data)?, file))
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
