//! The data room for a command that does one thing and ends.

use std::path::Path;

use portal::store::{Place, Store};
use tokio::runtime::Runtime;

use crate::{
    args,
    print::Failure,
    serve::{data_folder, data_room, settings_file},
};

/// An open data room, and what its answers are waited for with.
pub struct Room {
    pub runtime: Runtime,
    pub store: Store,
}

/// Opens what is there; nothing is made that was not there before.
pub fn open(options: &args::Room, data: &args::Data) -> Result<Room, Failure> {
    let file = settings_file(data.config.as_deref())?;
    let folder = data_folder(data.data.clone(), &file);
    let settings = data_room(options, None, &file, &folder)?;
    if let Place::Sqlite(path) = &settings.place {
        exists(path)?;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::could_not_run)?;
    let opened = runtime.block_on(settings.open()).map_err(|why| {
        let hint = why.hint();
        Failure::could_not_run(why).hint(hint)
    })?;
    match opened.waits_for {
        None => Ok(Room { runtime, store: opened.store }),
        Some(why) => {
            let hint = why.hint();
            Err(Failure::could_not_run(format!("`{}`: {why}", settings.place)).hint(hint))
        }
    }
}

fn exists(path: &Path) -> Result<(), Failure> {
    if path.exists() {
        return Ok(());
    }
    Err(Failure::could_not_run(format!("`{}` is not there", path.display()))
        .hint("`--data` names the folder of the portal, `--database` another database"))
}
