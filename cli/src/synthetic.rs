//! `portal synthetic-towns`: invented towns on a shared layer, for measuring what many towns cost.
//!
//! Invariant: the same arguments write the same bytes, so measurements of two builds are of the same towns.

mod town;

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

use crate::print::say;

use crate::{print::Failure, progress::Progress};

use town::{DISTRICT, MOST, Town};

#[derive(Debug, clap::Args)]
pub struct SyntheticTowns {
    /// Folder that gets the layer and one folder per town; it must be empty or absent
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// How many towns
    #[arg(long, value_name = "N", value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=MOST as u64))]
    pub towns: usize,
    /// How many services of the layer each town offers [default: all]
    #[arg(long, value_name = "M")]
    pub services: Option<usize>,
    /// The layer the towns stand on; it is copied
    #[arg(long, value_name = "DIR", default_value = "tenants/_nrw")]
    pub layer: PathBuf,
}

pub fn write(options: &SyntheticTowns) -> Result<ExitCode, Failure> {
    let layer = layer_name(&options.layer)?;
    let services = services(&options.layer, options.services)?;
    if fs::read_dir(&options.folder).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(Failure::could_not_run(format!("`{}` is not empty", options.folder.display()))
            .hint("name a folder that does not exist yet"));
    }
    write_all(options, layer, &services).map_err(|error| {
        Failure::could_not_run(format!("`{}` cannot be written: {error}", options.folder.display()))
    })?;
    say!("{} towns in {}", options.towns, options.folder.display());
    Ok(ExitCode::SUCCESS)
}

fn write_all(options: &SyntheticTowns, layer: &str, services: &str) -> io::Result<()> {
    copy(&options.layer, &options.folder.join(layer))?;
    town::write_district(&options.folder.join(DISTRICT), layer)?;
    let mut progress = Progress::of(options.towns, "towns");
    for number in 0..options.towns {
        Town::numbered(number, services).write(&options.folder)?;
        progress.step();
    }
    Ok(())
}

fn layer_name(layer: &Path) -> Result<&str, Failure> {
    let name = layer.file_name().and_then(|name| name.to_str()).filter(|name| name.starts_with('_'));
    name.filter(|_| layer.is_dir()).ok_or_else(|| {
        Failure::could_not_run(format!("`{}` is no layer", layer.display()))
            .hint("`--layer` names a folder whose name starts with `_`, for example `tenants/_nrw`")
    })
}

/// What stands behind `services:` – the first so many of the layer, or all.
fn services(layer: &Path, wanted: Option<usize>) -> Result<String, Failure> {
    let Some(wanted) = wanted else { return Ok("all".to_owned()) };
    let folder = layer.join("services");
    let entries = fs::read_dir(&folder)
        .map_err(|error| Failure::could_not_run(format!("`{}` cannot be read: {error}", folder.display())))?;
    let names = entries.flatten().map(|entry| entry.path());
    let mut ids: Vec<String> = names.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect();
    ids.sort();
    if ids.len() < wanted {
        return Err(Failure::could_not_run(format!("`{}` holds only {} services", layer.display(), ids.len())));
    }
    Ok(format!("[{}]", ids[..wanted].join(", ")))
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.path().is_dir() { copy(&entry.path(), &target)? } else { fs::copy(entry.path(), &target).map(drop)? }
    }
    Ok(())
}
