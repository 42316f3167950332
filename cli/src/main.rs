//! The command `portal`: parse, call the library, print. Data goes to stdout, everything else to stderr.

#![warn(clippy::unwrap_used)]

mod accounts;
mod args;
mod audit;
mod backup;
mod check;
mod coverage;
mod delivery;
mod doctor;
mod drift;
mod farewell;
mod files;
mod generation;
mod idp;
mod jobs;
mod keeping;
mod keys;
mod list;
mod mail;
mod migrate;
mod onboarding;
mod plan;
mod print;
mod progress;
mod room;
mod serve;
mod show;
mod staff;
mod synthetic;

use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command};

/// The C library's allocator costs a tenth of a cached page on glibc, and far more on musl.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// 0: done · 1: done, with findings or a failure of what was asked for · 2: could not run.
fn main() -> ExitCode {
    let args = Args::parse();
    let outcome = match args.command {
        Command::Serve(options) => serve::serve(*options),
        Command::Doctor { options, format } => doctor::examine(*options, format),
        Command::Schema { write: Some(folder), .. } => show::write_schemas(&folder),
        Command::Schema { kind, write: None } => show::schema(kind.as_deref()),
        Command::Check(options) => check::check(&options),
        Command::Tenant(command) => show::tenant(command),
        Command::Idp(command) => idp::idp(command),
        Command::Staff(command) => staff::staff(command),
        Command::Plan(options) => plan::plan(&options),
        Command::Generation(command) => generation::generation(command),
        Command::Audit(command) => audit::audit(command),
        Command::Mail(command) => mail::mail(command),
        Command::Delivery(command) => delivery::delivery(command),
        Command::Files(command) => files::files(command),
        Command::Jobs(command) => jobs::jobs(command),
        Command::Retention(options) => keeping::retention(options),
        Command::Person(command) => keeping::person(command),
        Command::Accounts(command) => accounts::accounts(command),
        Command::Migrate(options) => migrate::migrate(&options),
        Command::Keys(command) => keys::keys(command),
        Command::Backup(options) => backup::backup(&options),
        Command::Restore(options) => backup::restore(&options),
        Command::SyntheticTowns(options) => synthetic::write(&options),
    };
    match outcome {
        Ok(code) => code,
        Err(failure) => {
            print::failure(&failure);
            ExitCode::from(failure.code)
        }
    }
}
