//! The data room: its database, its master key, its backup.

use std::{collections::BTreeMap, fs, path::Path};

use jiff::SignedDuration;
use rustix::fs::statvfs;

use super::{Finding, House, count, error, note, ok, shown, size, some, warning};
use crate::{
    config::secret::SecretRef,
    crypto::MasterKeys,
    identity::switch,
    jobs::desk::{self, Counts},
    store::{Error, NotAdmitted, OpenError, Place, Road},
};

/// Older than this, a backup of living towns is worth a warning.
const STALE: SignedDuration = SignedDuration::from_hours(48);

pub(super) fn database(house: &House) -> Vec<Finding> {
    [road(house), content(house)].concat()
}

fn road(house: &House) -> Vec<Finding> {
    let place = &house.settings.store.place;
    let Some((message, hint)) = place.road().complaint() else { return Vec::new() };
    let in_clear = place.road() == Road::Open && house.has_live();
    vec![if in_clear { error(message) } else { warning(message) }.at(place).hint(hint)]
}

fn content(house: &House) -> Vec<Finding> {
    let settings = &house.settings.store;
    let place = &settings.place;
    // looked at from a thread of its own: whoever asks may be in a runtime already
    let asked = std::thread::scope(|scope| scope.spawn(|| ask(house)).join());
    let opened = match asked {
        Ok(Ok(opened)) => opened,
        Ok(Err(why)) => return vec![error(format!("cannot be looked at: {why}")).at(place)],
        Err(_) => return vec![error("cannot be looked at").at(place)],
    };
    match opened {
        Ok(seen) => {
            let answers = ok("answers, and has this version's tables").at(place);
            [vec![answers], dead_jobs(seen.jobs), old_keys(house, seen.users), shut_doors(seen.off)].concat()
        }
        Err(OpenError::Absent(_)) => vec![note("does not exist yet; the first start makes it").at(place)],
        // told by the check of the key
        Err(OpenError::MasterKey(_)) => vec![note("is not looked at without a master key").at(place)],
        Err(OpenError::NotAdmitted { why: NotAdmitted::Outdated { found, needed }, .. }) if place.is_embedded() => {
            vec![note(format!("has tables of version {found}; the next start brings them to {needed}")).at(place)]
        }
        Err(OpenError::NotAdmitted { why: NotAdmitted::Unreachable(why), .. }) => {
            vec![
                error(format!("does not answer: {why}"))
                    .at(place)
                    .hint("public pages are served without it, logins are not"),
            ]
        }
        Err(why @ (OpenError::NotAdmitted { .. } | OpenError::KeyGone { .. })) => {
            vec![error(why.to_string()).at(place).hint(why.hint())]
        }
        Err(OpenError::Place { why, .. }) => vec![error(format!("cannot be opened: {why}")).at(place)],
    }
}

type Users = Result<BTreeMap<String, u64>, Error>;

struct Seen {
    users: Users,
    jobs: Result<Counts, Error>,
    off: Result<Vec<(String, String)>, Error>,
}

fn ask(house: &House) -> std::io::Result<Result<Seen, OpenError>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(async {
        let store = house.settings.store.open_without_keys().await?;
        let platform = store.platform();
        let off = switch::everywhere(&platform).await;
        Ok(Seen { users: platform.key_users().await, jobs: desk::count(&platform).await, off })
    }))
}

/// Somebody waits for what was never done.
fn dead_jobs(jobs: Result<Counts, Error>) -> Vec<Finding> {
    match jobs {
        Ok(Counts { dead: 0, .. }) | Err(_) => Vec::new(),
        Ok(Counts { dead, .. }) => {
            let message = format!("holds {} that failed for good", count(dead as usize, "job"));
            vec![warning(message).hint("`portal jobs list` says why, `portal jobs retry` tries it again")]
        }
    }
}

/// What somebody switched off at night and forgot.
fn shut_doors(off: Result<Vec<(String, String)>, Error>) -> Vec<Finding> {
    let told = |(town, provider): (String, String)| {
        let message = format!("nobody logs in to `{town}` with `{provider}`: it is switched off");
        warning(message).hint(format!("`portal idp on {town} {provider}`"))
    };
    off.unwrap_or_default().into_iter().map(told).collect()
}

/// Master keys that were taken out of use, and such that are missing.
fn old_keys(house: &House, users: Users) -> Vec<Finding> {
    let settings = &house.settings.store;
    let (Ok(source), Ok(users)) = (settings.key_source(), users) else { return Vec::new() };
    let Ok(masters) = MasterKeys::load(source.clone()) else { return Vec::new() };
    let (names, current) = (masters.names(), masters.current());
    let missing: Vec<&String> = users.keys().filter(|name| !names.contains(name)).collect();
    let waiting: u64 =
        users.iter().filter(|(name, _)| names.contains(name) && **name != current).map(|(_, of)| of).sum();
    let mut found = Vec::new();
    if !missing.is_empty() {
        let towns: u64 = missing.iter().map(|name| users[*name]).sum();
        let message =
            format!("lacks {}: sealed data of {} cannot be read", some(&missing), count(towns as usize, "town"));
        found.push(error(message).at(&source).hint("take the missing key from the safe and add its line to the file"));
    }
    if waiting > 0 {
        let message = format!("is an old one for {}", count(waiting as usize, "town"));
        found.push(
            note(message).at(&source).hint("`portal keys rotate --with-first` wraps their keys under the first one"),
        );
    } else if names.len() > 1 && missing.is_empty() {
        let old = count(names.len() - 1, "old master key");
        found.push(note(format!("holds {old} that no town needs")).at(&source).hint("`portal keys prune`"));
    }
    found
}

pub(super) fn master_key(house: &House) -> Vec<Finding> {
    let settings = &house.settings.store;
    let source = match settings.key_source() {
        Ok(source) => source,
        Err(why) => return vec![error(why.to_string()).at("master_key").hint(why.hint())],
    };
    let path = match &source {
        SecretRef::File(path) if !path.exists() && settings.master_key.is_none() => {
            return vec![note("does not exist yet; the first start makes it").at(&source)];
        }
        SecretRef::File(path) => Some(path.as_path()),
        SecretRef::Env(_) => None,
    };
    if let Err(why) = MasterKeys::load(source.clone()) {
        return vec![error(why.to_string()).at(&source).hint(why.hint())];
    }
    vec![match path {
        Some(path) if is_inside(path, &settings.data) => note(
            "lies in the folder of the data: whoever copies that folder can read everything",
        )
        .at(&source)
        .hint("keep it elsewhere and name it with `--master-key file:…`; `portal keys export` writes one for the safe"),
        _ => ok("can be read, by nobody else").at(&source),
    }]
}

fn is_inside(path: &Path, folder: &Path) -> bool {
    match (path.canonicalize(), folder.canonicalize()) {
        (Ok(path), Ok(folder)) => path.starts_with(folder),
        _ => path.starts_with(folder),
    }
}

pub(super) fn backup(house: &House) -> Vec<Finding> {
    let settings = &house.settings.store;
    let hint = "`portal backup FILE`, every night and to another machine";
    let mut found = match settings.last_backup() {
        None => vec![note("nobody knows when this machine last made one").at(&settings.place).hint(hint)],
        Some(at) => {
            let age = house.wall.duration_since(at);
            let told = format!("the last one is {} old", count(age.as_hours().unsigned_abs() as usize, "hour"));
            let is_stale = age > STALE && house.has_live();
            vec![if is_stale { warning(told).hint(hint) } else { ok(told) }]
        }
    };
    let Place::Sqlite(file) = &settings.place else { return found };
    let (Ok(kept), Ok(disk)) = (fs::metadata(file), statvfs(&settings.data)) else { return found };
    if disk.f_bavail * disk.f_frsize < kept.len() {
        let message = format!("has {}, more than the disk has room for once more", size(kept.len()));
        found.push(warning(message).at(shown(file)).hint("write backups to another disk"));
    }
    found
}
