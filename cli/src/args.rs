//! What can be said on the command line. What a command takes stands beside the command; here is what several share.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use crate::{
    accounts, audit, backup, check, delivery, files, generation, idp, jobs, keeping, keys, mail, migrate, plan, serve,
    show, staff, synthetic,
};

#[derive(Debug, Parser)]
#[command(name = "portal", version, about = "One service portal for any number of towns", propagate_version = true)]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve all towns
    Serve(Box<serve::Serve>),
    /// Say what would keep this installation from running well
    Doctor {
        #[command(flatten)]
        options: Box<serve::Serve>,
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
    Check(check::Options),
    /// Look at towns, bring a new one in, get it ready
    #[command(subcommand)]
    Tenant(show::Command),
    /// Look at the login providers of a town
    #[command(subcommand)]
    Idp(idp::Command),
    /// Look after the accounts of clerks
    #[command(subcommand)]
    Staff(staff::Command),
    /// Say which pages of which towns a change will change
    Plan(Box<plan::Options>),
    /// Try a change on some towns, take it back, hold a state
    #[command(subcommand)]
    Generation(generation::Command),
    /// Look whether the trail of deeds is whole
    #[command(subcommand)]
    Audit(audit::Command),
    /// Look after files of citizens and clerks
    #[command(subcommand)]
    Files(files::Command),
    /// See what is still to be done for towns, and what failed for good
    #[command(subcommand)]
    Jobs(jobs::Command),
    /// See which packages no back office took, and try again
    #[command(subcommand)]
    Delivery(delivery::Command),
    /// See whether mails leave the house
    #[command(subcommand)]
    Mail(mail::Command),
    /// Delete what a town has kept long enough; the running portal does so every hour
    Retention(keeping::Retention),
    /// Give out or delete everything of a person
    #[command(subcommand)]
    Person(keeping::Person),
    /// See what becomes of accounts whose provider goes, help whoever has lost their telephone
    #[command(subcommand)]
    Accounts(accounts::Command),
    /// Bring the tables of the database up to date
    Migrate(migrate::Migrate),
    /// Look after the keys under which everything personal is sealed
    #[command(subcommand)]
    Keys(keys::Command),
    /// Save all towns or one into a sealed file, while they are served
    Backup(backup::Backup),
    /// Take a backup back into an empty database, or one town of it
    Restore(backup::Restore),
    /// Write invented towns, to measure what many of them cost
    #[command(hide = true)]
    SyntheticTowns(synthetic::SyntheticTowns),
}

/// The data room of a server, for commands beside it.
#[derive(Debug, clap::Args)]
pub struct DataRoom {
    #[command(flatten)]
    pub room: Room,
    #[command(flatten)]
    pub data: Data,
}

/// Where the data of persons lies, and under which key.
#[derive(Debug, Clone, clap::Args)]
pub struct Room {
    /// `postgres://ROLE@HOST/NAME` or `sqlite:FILE`, or `file:PATH` where that stands [default: portal.db in the folder of
    /// `--data`]
    #[arg(long, env = "PORTAL_DATABASE", value_name = "URL", hide_env_values = true)]
    pub database: Option<String>,
    /// `file:PATH` or `env:NAME` [default: master.key in the folder of `--data`, with SQLite only]
    #[arg(long, env = "PORTAL_MASTER_KEY", value_name = "WHERE")]
    pub master_key: Option<String>,
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Text,
    Json,
}
