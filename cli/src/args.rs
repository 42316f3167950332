//! What can be said on the command line.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Parser, Subcommand, ValueEnum};
use lettre::Address;
use portal::tenant::generations::Pin;
use uuid::Uuid;

use crate::synthetic;

#[derive(Debug, Parser)]
#[command(name = "portal", version, about = "One service portal for any number of towns", propagate_version = true)]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve all towns
    Serve(Box<Serve>),
    /// Say what would keep this installation from running well
    Doctor {
        #[command(flatten)]
        options: Box<Serve>,
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Print the JSON Schema of a kind of file, for editors
    Schema {
        /// Kind of file, for example `service`; without it all kinds in one document
        kind: Option<String>,
        /// Write all kinds into this folder, for example `tenants/.schema`
        #[arg(long, value_name = "DIR", conflicts_with = "kind")]
        write: Option<PathBuf>,
    },
    /// Look through every page of every town for what does not belong there
    Check(CheckOptions),
    /// Look at towns, bring a new one in, get it ready
    #[command(subcommand)]
    Tenant(Tenant),
    /// Look at the login providers of a town
    #[command(subcommand)]
    Idp(Idp),
    /// Look after the accounts of clerks
    #[command(subcommand)]
    Staff(Staff),
    /// Say which pages of which towns a change will change
    Plan(Box<Plan>),
    /// Try a change on some towns, take it back, hold a state
    #[command(subcommand)]
    Generation(Generation),
    /// Look whether the trail of deeds is whole
    #[command(subcommand)]
    Audit(Audit),
    /// See what is still to be done for towns, and what failed for good
    #[command(subcommand)]
    Jobs(Jobs),
    /// See whether mails leave the house
    #[command(subcommand)]
    Mail(Mail),
    /// Bring the tables of the database up to date
    Migrate(Migrate),
    /// Look after the keys under which everything personal is sealed
    #[command(subcommand)]
    Keys(Keys),
    /// Save all towns or one into a sealed file, while they are served
    Backup(Backup),
    /// Take a backup back into an empty database, or one town of it
    Restore(Restore),
    /// Write invented towns, to measure what many of them cost
    #[command(hide = true)]
    SyntheticTowns(SyntheticTowns),
}

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

/// The data room of a server, for commands beside it.
#[derive(Debug, clap::Args)]
pub struct DataRoom {
    #[command(flatten)]
    pub room: Room,
    #[command(flatten)]
    pub data: Data,
}

#[derive(Debug, Subcommand)]
pub enum Keys {
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
    /// Make a new master key and wrap every town's key under it, while servers serve
    Rotate {
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

/// Where the data of persons lies, and under which key.
#[derive(Debug, Clone, clap::Args)]
pub struct Room {
    /// `postgres://ROLE@HOST/NAME` or `sqlite:FILE` [default: portal.db in the folder of `--data`]
    #[arg(long, env = "PORTAL_DATABASE", value_name = "URL", hide_env_values = true)]
    pub database: Option<String>,
    /// `file:PATH` or `env:NAME` [default: master.key in the folder of `--data`, with SQLite only]
    #[arg(long, env = "PORTAL_MASTER_KEY", value_name = "WHERE")]
    pub master_key: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Name the first entry of each town that was changed, removed or moved
    Verify {
        /// Folder names of towns [default: all that have data]
        #[arg(value_name = "TENANT")]
        ids: Vec<String>,
        #[command(flatten)]
        room: DataRoom,
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
}

#[derive(Debug, Subcommand)]
pub enum Mail {
    /// Send a test mail as a town would, and show what the mail server says
    Test {
        /// Folder name of the town
        #[arg(value_name = "TENANT")]
        id: String,
        /// Send it here, over SMTP also while the town is not live [default: the town's own address]
        #[arg(long, value_name = "ADDRESS")]
        to: Option<Address>,
        #[command(flatten)]
        data: Data,
        #[command(flatten)]
        place: Place,
    },
}

#[derive(Debug, Subcommand)]
pub enum Jobs {
    /// List jobs that failed for good
    List {
        /// Also those that wait or run
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        room: DataRoom,
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Try a job again that failed for good
    Retry {
        id: Uuid,
        #[command(flatten)]
        room: DataRoom,
    },
    /// Give a job up
    Drop {
        id: Uuid,
        #[command(flatten)]
        room: DataRoom,
    },
}

#[derive(Debug, Subcommand)]
pub enum Tenant {
    /// List all towns with their state
    List {
        #[command(flatten)]
        folders: Folders,
        #[command(flatten)]
        data: Data,
        /// Leave out what takes long: looking through every page for findings
        #[arg(long)]
        quick: bool,
    },
    /// Count what a town says in its languages beside German
    Coverage {
        /// Folder names of towns [default: all]
        ids: Vec<String>,
        /// Name everything that is missing
        #[arg(long)]
        missing: bool,
        #[command(flatten)]
        folders: Folders,
    },
    /// List texts of a town in whose place its layers say something new
    Drift {
        /// Folder name of the town
        id: String,
        /// Keep the town's own: record that these places were read, or all
        #[arg(long, value_name = "PLACE", num_args = 0..)]
        accept: Option<Vec<String>>,
        #[command(flatten)]
        folders: Folders,
    },
    /// Show everything a town is made of
    Show {
        /// Folder name of the town
        id: String,
        /// Say for every value which file, line and column it comes from
        #[arg(long)]
        origins: bool,
        #[command(flatten)]
        folders: Folders,
    },
    /// Write the files of a new town that serves at once
    New(New),
    /// Tell what a town lacks before it may go live
    Ready(Ready),
    /// Take texts of the layers as the town's own
    Approve(Approve),
    /// Give a town another address
    RenameHost(RenameHost),
    /// Write everything that is kept of a town into a file, readable, for the town itself
    Export(Export),
    /// Delete everything that is kept of a town, and its key, with a receipt
    Delete(Delete),
}

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
    /// Although its folder is there and says that it is live
    #[arg(long)]
    pub even_though_live: bool,
    /// Folder for the receipt [default: receipts in the folder of `--data`]
    #[arg(long, value_name = "DIR")]
    pub receipt: Option<PathBuf>,
    /// Folder with one folder per town [default: tenants]
    #[arg(long, env = "PORTAL_TENANTS", value_name = "DIR")]
    pub tenants: Option<PathBuf>,
    #[command(flatten)]
    pub room: DataRoom,
}

#[derive(Debug, clap::Args)]
pub struct New {
    /// Name of its folder, and of its preview host ID.localhost
    pub id: String,
    /// The name as people say it: 'Bad Musterau'
    #[arg(long)]
    pub name: String,
    /// Address of its portal: portal.bad-musterau.de
    #[arg(long, value_name = "NAME")]
    pub host: String,
    /// As the town signs [default: Stadt and the name]
    #[arg(long, value_name = "NAME")]
    pub full_name: Option<String>,
    /// Layer with shared services and texts; may be given more than once [default: _nrw, if there is one]
    #[arg(long, value_name = "LAYER", value_delimiter = ',')]
    pub extends: Vec<String>,
    /// The town's colour, from which its palette is made: '#1b6e4b'
    #[arg(long, value_name = "COLOR")]
    pub color: Option<String>,
    /// Word mark beside its name, SVG or PNG
    #[arg(long, value_name = "FILE")]
    pub logo: Option<PathBuf>,
    #[command(flatten)]
    pub place: Place,
}

#[derive(Debug, clap::Args)]
pub struct Ready {
    /// Folder name of the town
    pub id: String,
    /// Settings file, for the certificate [default: portal.yaml, if there is one]
    #[arg(long, env = "PORTAL_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(flatten)]
    pub folders: Folders,
}

#[derive(Debug, clap::Args)]
pub struct Approve {
    /// Folder name of the town
    pub id: String,
    /// Texts by their paths: content/datenschutz.md services/hund-anmelden.yaml
    #[arg(value_name = "FILE", required_unless_present = "all", conflicts_with = "all")]
    pub texts: Vec<String>,
    /// All that wait for it
    #[arg(long)]
    pub all: bool,
    /// Office or person who has read them
    #[arg(long, value_name = "NAME")]
    pub by: String,
    /// The day on which they were read [default: today]
    #[arg(long, value_name = "DATE")]
    pub on: Option<String>,
    #[command(flatten)]
    pub place: Place,
}

#[derive(Debug, clap::Args)]
pub struct RenameHost {
    /// Folder name of the town
    pub id: String,
    /// The new address
    #[arg(value_name = "NEW")]
    pub host: String,
    /// Let the old address lead to the new one
    #[arg(long)]
    pub keep_old: bool,
    #[command(flatten)]
    pub place: Place,
}

#[derive(Debug, Subcommand)]
pub enum Idp {
    /// Say whether they are complete, whether their keys can be read, and until when their certificates hold
    Check {
        /// Folder name of the town
        id: String,
        /// Settings file, for the public address [default: portal.yaml, if there is one]
        #[arg(long, env = "PORTAL_CONFIG", value_name = "FILE")]
        config: Option<PathBuf>,
        /// Do not ask the providers themselves
        #[arg(long)]
        offline: bool,
        #[command(flatten)]
        folders: Folders,
    },
    /// Switch a provider of one town off: nobody logs in with it, everything else goes on
    Off {
        /// Folder name of the town
        id: String,
        /// As in its `identity.yaml`
        provider: String,
        /// Why, for the trail of deeds
        #[arg(long, value_name = "TEXT", default_value = "")]
        reason: String,
        #[command(flatten)]
        town: Town,
    },
    /// Switch a provider of one town on again
    On {
        /// Folder name of the town
        id: String,
        /// As in its `identity.yaml`
        provider: String,
        #[command(flatten)]
        town: Town,
    },
}

/// A town with its files and its data.
#[derive(Debug, clap::Args)]
pub struct Town {
    #[command(flatten)]
    pub place: Place,
    #[command(flatten)]
    pub room: Room,
    #[command(flatten)]
    pub data: Data,
}

#[derive(Debug, Subcommand)]
pub enum Staff {
    /// Make an account for a clerk; its first password is printed once
    Add {
        /// Folder name of the town
        id: String,
        /// Name to log in with
        login: String,
        /// The person's name, as colleagues see it
        #[arg(long, value_name = "NAME")]
        name: String,
        /// Role in the town's `tenant.yaml`; may be given more than once
        #[arg(long, value_name = "ROLE", required = true, value_delimiter = ',')]
        role: Vec<String>,
        /// Department in the town's `tenant.yaml`
        #[arg(long, value_name = "ID")]
        department: Option<String>,
        #[command(flatten)]
        town: Town,
    },
    /// List the accounts of a town's clerks
    List {
        /// Folder name of the town
        id: String,
        #[command(flatten)]
        town: Town,
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Give an account a new password; its app is set up anew
    Reset {
        /// Folder name of the town
        id: String,
        /// Name to log in with
        login: String,
        #[command(flatten)]
        town: Town,
    },
    /// Shut an account; its sessions end at once
    Disable {
        /// Folder name of the town
        id: String,
        /// Name to log in with
        login: String,
        #[command(flatten)]
        town: Town,
    },
    /// Open an account again
    Enable {
        /// Folder name of the town
        id: String,
        /// Name to log in with
        login: String,
        #[command(flatten)]
        town: Town,
    },
}

#[derive(Debug, Subcommand)]
pub enum Generation {
    /// List what is kept, and which towns run it
    List {
        #[command(flatten)]
        data: Data,
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Let towns run a generation, or the files as they are on disk
    Use {
        /// `latest` or the number of a generation
        #[arg(value_name = "GENERATION")]
        pin: Pin,
        /// Only these towns [default: all, and what was said about single towns is forgotten]
        #[arg(long, value_name = "ID", value_delimiter = ',')]
        towns: Vec<String>,
        /// Only layers and themes; what lies in the towns' own folders stays as it is on disk
        #[arg(long)]
        layers: bool,
        #[command(flatten)]
        data: Data,
    },
    /// Keep every town as it is now, whatever happens to the files
    Hold {
        /// Only layers and themes; changes in the towns' own folders go on
        #[arg(long)]
        layers: bool,
        #[command(flatten)]
        data: Data,
    },
}

#[derive(Debug, clap::Args)]
pub struct Data {
    /// Folder for everything that is kept, as the server has it [default: data]
    #[arg(long, env = "PORTAL_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Settings file of the server [default: portal.yaml, if there is one]
    #[arg(long, env = "PORTAL_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// Where the towns are, and how they are shown.
#[derive(Debug, clap::Args)]
pub struct Folders {
    #[command(flatten)]
    pub place: Place,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

#[derive(Debug, Clone, clap::Args)]
pub struct Place {
    /// Folder with one folder per town
    #[arg(long, env = "PORTAL_TENANTS", value_name = "DIR", default_value = "tenants")]
    pub tenants: PathBuf,
    /// Folder whose theme files win over the built-in ones
    #[arg(long, env = "PORTAL_THEMES", value_name = "DIR")]
    pub themes: Option<PathBuf>,
    /// Look at another time
    #[arg(long, env = "PORTAL_NOW", value_name = "DATE")]
    pub now: Option<String>,
}

#[derive(Debug, clap::Args)]
pub struct Plan {
    /// Folder names of towns [default: all]
    #[arg(value_name = "TENANT")]
    pub ids: Vec<String>,
    /// As it is: a folder with one folder per town, or a git revision of the repository that holds `--to`
    #[arg(long, value_name = "DIR|GIT-REV")]
    pub from: String,
    /// As it is to be: a folder with one folder per town
    #[arg(long, env = "PORTAL_TENANTS", value_name = "DIR", default_value = "tenants")]
    pub to: PathBuf,
    /// Look at both sides at this time [default: now]
    #[arg(long, env = "PORTAL_NOW", value_name = "DATE")]
    pub at: Option<String>,
    /// Write a report with before and after side by side, in German, into one file
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Folder whose theme files win over the built-in ones, on both sides [default: with a git revision, the folder
    /// `themes` beside that of the towns]
    #[arg(long, env = "PORTAL_THEMES", value_name = "DIR")]
    pub themes: Option<PathBuf>,
    /// The same for the side before only
    #[arg(long, value_name = "DIR")]
    pub from_themes: Option<PathBuf>,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Text,
    Json,
}

#[derive(Debug, clap::Args)]
pub struct CheckOptions {
    /// Folder names of towns [default: all]
    pub ids: Vec<String>,
    #[command(flatten)]
    pub place: Place,
    #[arg(long, value_enum, default_value_t = CheckFormat::Text)]
    pub format: CheckFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CheckFormat {
    Text,
    Json,
    /// SARIF 2.1.0, for forges
    Sarif,
}

#[derive(Debug, clap::Args)]
pub struct SyntheticTowns {
    /// Folder that gets the layer and one folder per town; it must be empty or absent
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// How many towns
    #[arg(long, value_name = "N", value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=synthetic::MOST as u64))]
    pub towns: usize,
    /// How many services of the layer each town offers [default: all]
    #[arg(long, value_name = "M")]
    pub services: Option<usize>,
    /// The layer the towns stand on; it is copied
    #[arg(long, value_name = "DIR", default_value = "tenants/_nrw")]
    pub layer: PathBuf,
}
