//! `portal serve`

use std::{
    io::Write,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
};

use portal::{
    clock::{Clock, parse_moment},
    config::{File, PublicOrigin, secret::SecretRef},
    crypto::MasterKeyError,
    log::{self, Scribe},
    server::{Server, Settings, StartError},
    store::{self, Place},
    tenant::generations,
    web::front_door::BindError,
};

use crate::{args::Room, print::Failure};

/// Everything may also stand in `portal.yaml` or in the environment; the command line wins.
#[derive(Debug, clap::Args)]
pub struct Serve {
    /// Settings file [default: portal.yaml, if there is one]
    #[arg(long, env = "PORTAL_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder with one folder per town [default: tenants]
    #[arg(long, env = "PORTAL_TENANTS", value_name = "DIR")]
    pub tenants: Option<PathBuf>,
    /// Folder whose theme files win over the built-in ones
    #[arg(long, env = "PORTAL_THEMES", value_name = "DIR")]
    pub themes: Option<PathBuf>,
    /// Folder for everything that is kept [default: data]
    #[arg(long, env = "PORTAL_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,
    #[command(flatten)]
    pub room: Room,
    /// The owner of the tables, to bring them up to date at the start (PostgreSQL)
    #[arg(long, env = "PORTAL_MIGRATE_AS", value_name = "URL", hide_env_values = true)]
    pub migrate_as: Option<String>,
    /// Address for citizens [default: 127.0.0.1:8080]
    #[arg(long, env = "PORTAL_LISTEN", value_name = "ADDR")]
    pub listen: Option<SocketAddr>,
    /// Address for health and metrics [default: 127.0.0.1:9090]
    #[arg(long, env = "PORTAL_OPS", value_name = "ADDR")]
    pub ops: Option<SocketAddr>,
    /// Rehearse another time: a date, a local date-time or RFC 3339; time goes on from there
    #[arg(long, env = "PORTAL_NOW", value_name = "DATE")]
    pub now: Option<String>,
    /// With `--now`: providers that lack their keys let invented people in
    #[arg(long, requires = "now")]
    pub specimens: bool,
    /// Take no submissions
    #[arg(long, env = "PORTAL_READ_ONLY", num_args = 0..=1, default_missing_value = "true", require_equals = true, value_parser = clap::builder::BoolishValueParser::new())]
    pub read_only: Option<bool>,
    /// Form of the log [default: text on a terminal, json otherwise]
    #[arg(long, env = "PORTAL_LOG", value_name = "FORMAT")]
    pub log: Option<String>,
    /// error, warn, info, debug, or a filter such as info,portal::web=debug [default: info]
    #[arg(long, env = "PORTAL_LOG_LEVEL", value_name = "LEVEL")]
    pub log_level: Option<String>,
}

pub fn serve(options: Serve) -> Result<ExitCode, Failure> {
    let file = settings_file(options.config.as_deref())?;
    let _log = set_up_log(&options, &file)?;
    let settings = settings(options, file)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::could_not_run)?;
    runtime.block_on(async {
        let server = match Server::open(settings).await {
            Err(StartError::Stopped) => return Ok(ExitCode::SUCCESS),
            opened => opened.map_err(why_not)?,
        };
        // a closed stdout is no reason not to serve
        let _ = announce(&server);
        server.run().await;
        Ok(ExitCode::SUCCESS)
    })
}

/// The settings file that is named, or `portal.yaml`, if there is one.
pub fn settings_file(named: Option<&Path>) -> Result<File, Failure> {
    Ok(File::load(named.unwrap_or(Path::new("portal.yaml")), named.is_some())?)
}

pub fn data_folder(named: Option<PathBuf>, file: &File) -> PathBuf {
    named.or_else(|| file.data.clone()).unwrap_or_else(|| "data".into())
}

/// The data room that the command line, the environment or the settings file names.
pub fn data_room(room: &Room, migrate_as: Option<&str>, file: &File, data: &Path) -> Result<store::Settings, Failure> {
    let place = |text: &str| {
        let secret = SecretRef::parse(text).map(|source| source.read()).transpose();
        let secret = secret.map_err(|why| Failure::could_not_run(&why).hint(why.hint))?;
        let url = secret.as_ref().map_or(Some(text), |secret| secret.text()).unwrap_or_default();
        url.trim().parse::<Place>().map_err(|why| {
            Failure::could_not_run(why)
                .hint("for example `postgres://portal@localhost/portal`, or `file:PATH` where that stands")
        })
    };
    let source = |text: &str| {
        let unnamed = MasterKeyError::NoSource;
        SecretRef::parse(text).ok_or_else(|| Failure::could_not_run(&unnamed).hint(unnamed.hint()))
    };
    let named = |flag: Option<&str>, file: &Option<String>| flag.map(str::to_owned).or_else(|| file.clone());
    let database = named(room.database.as_deref(), &file.database).as_deref().map(place).transpose()?;
    Ok(store::Settings {
        place: database.unwrap_or_else(|| Place::in_data(data)),
        migrate_as: named(migrate_as, &file.migrate_as).as_deref().map(place).transpose()?,
        master_key: named(room.master_key.as_deref(), &file.master_key).as_deref().map(source).transpose()?,
        data: data.to_owned(),
    })
}

fn set_up_log(options: &Serve, file: &File) -> Result<Scribe, Failure> {
    let format = log_format(options, file)?;
    let level = options.log_level.as_ref().or(file.log.level.as_ref()).map_or("info", String::as_str);
    log::init(format, level).map_err(Failure::could_not_run)
}

/// The form of the log somebody asked for.
pub fn log_format(options: &Serve, file: &File) -> Result<Option<log::Format>, Failure> {
    let format = options.log.as_ref().or(file.log.format.as_ref());
    format.map(|format| format.parse()).transpose().map_err(Failure::could_not_run)
}

pub fn settings(options: Serve, file: File) -> Result<Settings, Failure> {
    let proxies = file.proxies().map_err(Failure::could_not_run)?;
    let data = data_folder(options.data, &file);
    let store = data_room(&options.room, options.migrate_as.as_deref(), &file, &data)?;
    Ok(Settings {
        clock: clock(options.now.as_ref().or(file.now.as_ref()).map(String::as_str))?,
        tenants: options.tenants.or(file.tenants).unwrap_or_else(|| "tenants".into()),
        themes: existing(options.themes.or(file.themes).filter(|folder| !folder.as_os_str().is_empty()))?,
        data,
        store,
        generations: file.generations.unwrap_or(generations::MOST),
        listen: options.listen.or(file.listen).unwrap_or(([127, 0, 0, 1], 8080).into()),
        ops: options.ops.or(file.ops).unwrap_or(([127, 0, 0, 1], 9090).into()),
        specimens: options.specimens,
        read_only: options.read_only.or(file.read_only).unwrap_or(false),
        tls: file.tls,
        public: file.public.as_ref().map(PublicOrigin::from),
        proxies,
        limits: file.limits,
        security_contact: file.security_contact,
        mail: file.mail,
        files: file.files,
    })
}

pub fn clock(now: Option<&str>) -> Result<Clock, Failure> {
    let Some(now) = now else { return Ok(Clock::default()) };
    let moment = parse_moment(now).ok_or_else(|| {
        Failure::could_not_run(format!("`--now {now}` is no moment"))
            .hint("`2024-05-15`, `2024-05-15T08:00` or `2024-05-15T08:00:00Z`")
    })?;
    Ok(Clock::starting_at(moment))
}

pub fn existing(folder: Option<PathBuf>) -> Result<Option<PathBuf>, Failure> {
    match folder {
        Some(folder) if !Path::new(&folder).is_dir() => {
            Err(Failure::could_not_run(format!("`{}` is no folder", folder.display()))
                .hint("`--themes` names a folder with one folder per theme"))
        }
        other => Ok(other),
    }
}

fn why_not(error: StartError) -> Failure {
    match error {
        StartError::Tenants(problem) => problem.into(),
        StartError::RehearsalOfLiveTown(_) => {
            Failure::could_not_run(&error).hint("rehearse with a copy of its folder that says `status: preview`")
        }
        StartError::Bind(BindError::Address { .. }) => {
            Failure::could_not_run(&error).hint("another address with `--listen` or `--ops`; port 0 takes a free one")
        }
        StartError::Bind(BindError::Tls(_)) => Failure::could_not_run(&error)
            .hint("`tls:` in `portal.yaml` names the files of the certificate and its key"),
        StartError::RehearsalOnPostgres(_) => {
            Failure::could_not_run(&error).hint("rehearse without `--database`, in a data folder of its own")
        }
        StartError::Store(why) => {
            let hint = why.hint();
            Failure::could_not_run(why).hint(hint)
        }
        StartError::Files(_) => {
            Failure::could_not_run(&error).hint("`files:` in `portal.yaml` names a folder, or a bucket with its key")
        }
        StartError::Signals(_) | StartError::Stopped => Failure::could_not_run(&error),
    }
}

/// Says that the doors are open.
fn announce(server: &Server) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let width = server.links().iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    writeln!(out, "listening {}", server.address())?;
    for (name, link) in server.links().iter().take(20) {
        writeln!(out, "  {name:width$}  {link}")?;
    }
    if server.links().len() > 20 {
        writeln!(out, "  … and {} more: portal tenant list", server.links().len() - 20)?;
    }
    writeln!(out, "health and metrics http://{}", server.ops_addr())?;
    out.flush()
}
