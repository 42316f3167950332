//! `portal keys`: the master keys. They are printed by `export` and by nothing else.

use std::{
    io::{IsTerminal, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Subcommand;
use portal::{
    config::secret::SecretRef,
    crypto::{MasterKeyError, MasterKeys},
    store,
};

use crate::{
    args::DataRoom,
    print::{self, Failure, done, plural, quoted},
    room,
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Name the master keys, and how many towns' keys are under each
    List {
        #[command(flatten)]
        room: DataRoom,
    },
    /// Write a new master key into a new file
    New {
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Print the master keys, for the safe
    Export {
        /// Into a new file that nobody else may read [default: stdout]
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
        #[command(flatten)]
        room: DataRoom,
    },
    /// Make a new master key and wrap every town's key under it, while servers serve; with PostgreSQL in two steps
    Rotate {
        /// Make none: wrap under this one, which every node knows by now (PostgreSQL)
        #[arg(long, value_name = "NAME", conflicts_with = "with_first")]
        to: Option<String>,
        /// Make none: wrap under the first one that is there
        #[arg(long)]
        with_first: bool,
        #[command(flatten)]
        room: DataRoom,
    },
    /// Take old master keys out of the file, if no town's key is under them
    Prune {
        #[command(flatten)]
        room: DataRoom,
    },
}

pub fn keys(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::List { room } => list(&room),
        Command::New { file } => new(&file),
        Command::Export { to, room } => export(to.as_deref(), &room),
        Command::Rotate { to, with_first, room } => rotate(to.as_deref(), with_first, &room),
        Command::Prune { room } => prune(&room),
    }
    .map(|()| ExitCode::SUCCESS)
}

fn list(room: &DataRoom) -> Result<(), Failure> {
    let (settings, _) = room::settings(&room.room, &room.data)?;
    let masters = load(&settings)?;
    // the names are told even while the database is away
    let users = room::without_keys(settings)
        .and_then(|open| open.runtime.block_on(open.store.platform().key_users()).map_err(Failure::could_not_run));
    let towns = |name: &String| match &users {
        Ok(users) => users.get(name).copied().unwrap_or(0).to_string(),
        Err(_) => "?".to_owned(),
    };
    let mut rows = vec![["key", "use", "towns"].map(str::to_owned).to_vec()];
    let names = masters.names();
    for (at, name) in names.iter().enumerate() {
        rows.push(vec![name.clone(), if at == 0 { "current" } else { "old" }.to_owned(), towns(name)]);
    }
    let known = users.as_ref().map(|users| users.keys().filter(|name| !names.contains(name)).cloned().collect());
    for name in known.unwrap_or_else(|_| Vec::<String>::new()) {
        rows.push(vec![name.clone(), "missing".to_owned(), towns(&name)]);
    }
    print::table(&rows);
    users.err().iter().for_each(print::failure);
    Ok(())
}

fn new(file: &Path) -> Result<(), Failure> {
    let (masters, is_new) = MasterKeys::load_or_new(file).map_err(why_not)?;
    if !is_new {
        return Err(Failure::could_not_run(format!("`{}` exists, and nothing is overwritten", file.display()))
            .hint("name a new file; `portal keys rotate` puts a new key into the one in use"));
    }
    done(&format!("`{}` holds the new master key `{}`", file.display(), masters.current()));
    keep_apart();
    Ok(())
}

fn export(to: Option<&Path>, room: &DataRoom) -> Result<(), Failure> {
    let masters = load(&room::settings(&room.room, &room.data)?.0)?;
    let text = masters.export();
    match to {
        None => {
            let mut out = std::io::stdout().lock();
            out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(Failure::could_not_run)?;
            if out.is_terminal() {
                print::warning(
                    "the master key stands on your screen and in what your terminal remembers",
                    "clear both",
                );
            }
        }
        Some(path) => {
            let mut file = room::new_file(path)?;
            file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(Failure::could_not_run)?;
            done(&format!("`{}` holds {}", path.display(), plural(masters.names().len(), "master key")));
        }
    }
    print::warning(
        "whoever has this and the database or a backup can read everything",
        "put it into the safe, apart from the backups, and delete the file here; without it no backup can be restored",
    );
    Ok(())
}

fn rotate(to: Option<&str>, with_first: bool, room: &DataRoom) -> Result<(), Failure> {
    let (settings, _) = room::settings(&room.room, &room.data)?;
    let open = room::as_it_is(settings)?;
    let platform = open.store.platform();
    let masters = platform.masters().ok_or_else(|| Failure::could_not_run("there is no master key"))?;
    match (to, masters.source()) {
        (Some(name), _) => masters.put_first(name).map_err(why_not)?,
        (None, _) if with_first => {}
        (None, SecretRef::Env(name)) => return Err(set_elsewhere(name)),
        (None, SecretRef::File(_)) if open.settings.place.is_embedded() => _ = masters.add().map_err(why_not)?,
        (None, SecretRef::File(_)) => return make_known(masters),
    }
    let current = masters.current();
    let rewrapped = open.runtime.block_on(open.store.platform().rewrap_keys()).map_err(|error| {
        Failure::could_not_run(format!("not every town's key could be wrapped anew: {error}"))
            .hint("nothing is lost, the old key still opens them: `portal keys rotate --with-first` goes on")
    })?;
    let users = open.runtime.block_on(open.store.platform().key_users()).map_err(Failure::could_not_run)?;
    let left: u64 = users.iter().filter(|(name, _)| **name != current).map(|(_, towns)| towns).sum();
    done(&format!("`{current}` is the master key; {} wrapped under it", towns_keys(rewrapped)));
    if left > 0 {
        return Err(Failure {
            code: 1,
            ..Failure::could_not_run(format!("{} still under an old one", towns_keys(left)))
        }
        .hint("`portal keys rotate --with-first` goes on"));
    }
    if masters.names().len() > 1 {
        print::warning(
            "backups made until now open with the old key only, so keep it in the safe as long as they",
            "`portal keys export --to FILE` for the safe; give the file to every node that has its own; then `portal keys prune`",
        );
    }
    Ok(())
}

fn set_elsewhere(name: &str) -> Failure {
    Failure::could_not_run(format!("`{name}` is set by whoever starts the portal, not by the portal")).hint(format!(
        "`portal keys new FILE` makes a key; set `{name}` to the old one and it on every node and start them anew, then to \
         it and the old one; then `portal keys rotate --with-first`"
    ))
}

/// A node that has a file of its own could not open what another one has wrapped under a key it does not know.
fn make_known(masters: &MasterKeys) -> Result<(), Failure> {
    let (source, names) = (masters.source(), masters.names());
    if names.len() > 1 {
        return Err(Failure::could_not_run(format!("`{source}` holds {} already", plural(names.len(), "master key")))
            .hint("`portal keys rotate --to NAME` goes on with a new one, `portal keys prune` takes old ones out"));
    }
    let name = masters.add_waiting().map_err(why_not)?;
    done(&format!("`{source}` holds the new master key `{name}`; nothing is under it yet"));
    print::warning(
        "a node that has its own file does not know it",
        &format!("give the file to every node, then `portal keys rotate --to {name}`"),
    );
    Ok(())
}

fn prune(room: &DataRoom) -> Result<(), Failure> {
    let (settings, _) = room::settings(&room.room, &room.data)?;
    let open = room::as_it_is(settings)?;
    let platform = open.store.platform();
    let masters = platform.masters().ok_or_else(|| Failure::could_not_run("there is no master key"))?;
    let (names, current) = (masters.names(), masters.current());
    let old = &names[1..];
    if old.is_empty() {
        done(&format!("`{}` holds `{current}` only", masters.source()));
        return Ok(());
    }
    let users = open.runtime.block_on(open.store.platform().key_users()).map_err(Failure::could_not_run)?;
    let needed: u64 = users.iter().filter(|(name, _)| **name != current).map(|(_, towns)| towns).sum();
    if needed > 0 {
        return Err(Failure {
            code: 1,
            ..Failure::could_not_run(format!("{} still under an old one", towns_keys(needed)))
        }
        .hint("`portal keys rotate --with-first` wraps them under the first one"));
    }
    if let SecretRef::Env(name) = masters.source() {
        done(&format!("no town's key is under {}: `{name}` need not hold them any more", quoted(old)));
        return Ok(());
    }
    let gone = masters.forget_old().map_err(why_not)?;
    done(&format!("`{}` no longer holds {}", masters.source(), quoted(&gone)));
    print::warning("backups made under them open with them only", "keep them in the safe as long as those backups");
    Ok(())
}

fn load(settings: &store::Settings) -> Result<MasterKeys, Failure> {
    settings.key_source().and_then(MasterKeys::load).map_err(why_not)
}

fn why_not(error: MasterKeyError) -> Failure {
    let hint = error.hint();
    Failure::could_not_run(error).hint(hint)
}

fn towns_keys(towns: u64) -> String {
    if towns == 1 { "the key of 1 town is".to_owned() } else { format!("the keys of {towns} towns are") }
}

fn keep_apart() {
    print::warning(
        "without it nothing sealed under it can ever be read",
        "put a copy into the safe, apart from the data and its backups",
    );
}
