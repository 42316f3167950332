//! `portal migrate`

use std::process::ExitCode;

use portal::store::{self, NotAdmitted};

use crate::{
    args::{Data, Room},
    print::{Failure, done},
    serve::{data_folder, data_room, settings_file},
};

#[derive(Debug, clap::Args)]
pub struct Migrate {
    #[command(flatten)]
    pub room: Room,
    /// The role under which the portal serves; it gets the rights it needs (PostgreSQL)
    #[arg(long, value_name = "ROLE")]
    pub role: Option<String>,
    #[command(flatten)]
    pub data: Data,
}

pub fn migrate(options: &Migrate) -> Result<ExitCode, Failure> {
    let file = settings_file(options.data.config.as_deref())?;
    let data = data_folder(options.data.data.clone(), &file);
    let place = data_room(&options.room, None, &file, &data)?.place;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::could_not_run)?;
    let migrated = runtime.block_on(store::migrate(&place, options.role.as_deref())).map_err(|why| {
        let hint = match why {
            NotAdmitted::Refused(_) => "the role must own the database: `--database postgres://OWNER@HOST/NAME`".into(),
            _ => why.hint(),
        };
        Failure::could_not_run(format!("`{place}` cannot be brought up to date: {why}")).hint(hint)
    })?;
    match (migrated.from, migrated.to) {
        (from, to) if from >= to => done(&format!("`{place}` is up to date (tables of version {from})")),
        (0, to) => done(&format!("`{place}` got its tables (version {to})")),
        (from, to) => done(&format!("`{place}` went from version {from} to {to}")),
    }
    Ok(ExitCode::SUCCESS)
}
