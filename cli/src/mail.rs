//! `portal mail`: whether mails leave the house.

use std::{path::Path, process::ExitCode};

use clap::Subcommand;
use lettre::Address;
use portal::{
    mail::{self, Arrived, Post, Unsent},
    tenant::Tenants,
    theme::ThemeFiles,
    walk::Walk,
};

use crate::{
    args::{Data, Place},
    print::{self, Failure, say},
    serve::{clock, data_folder, existing, settings_file},
};

#[derive(Debug, Subcommand)]
pub enum Command {
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

pub fn mail(command: Command) -> Result<ExitCode, Failure> {
    let Command::Test { id, to, data, place } = command;
    let file = settings_file(data.config.as_deref())?;
    let post = Post::new(&file.mail, &data_folder(data.data, &file));
    let walk = walk(&place.tenants, place.themes, place.now.as_deref())?;
    let Some(tenant) = walk.tenants().get(&id) else {
        return Err(Failure::could_not_run(format!("there is no town `{id}`, or its files cannot be read"))
            .hint("`portal tenant list` names all"));
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::could_not_run)?;
    let mut tell = |step| say!("{step}");
    match runtime.block_on(mail::send_test(walk.portal(), &post, &tenant, to, &mut tell)) {
        Ok(Arrived::Server) => print::done("the mail server has taken the mail"),
        Ok(Arrived::Folder(path)) => {
            print::done(&format!("the mail lies in `{}`: {}", path.display(), why_there(&post)))
        }
        Err(unsent) => return Err(why_not(unsent)),
    }
    Ok(ExitCode::SUCCESS)
}

fn walk(tenants: &Path, themes: Option<std::path::PathBuf>, now: Option<&str>) -> Result<Walk, Failure> {
    let clock = clock(now)?;
    let themes = existing(themes)?.map_or_else(ThemeFiles::embedded, |folder| ThemeFiles::overridden_by(&folder));
    let (tenants, _) = Tenants::load(tenants, themes, clock.clone())?;
    Ok(Walk::through(tenants, clock))
}

fn why_there(post: &Post) -> &'static str {
    if post.leaves() {
        "the town is not live; `--to ADDRESS` sends one over SMTP all the same"
    } else {
        "`mail.smtp` is not set in `portal.yaml`"
    }
}

fn why_not(unsent: Unsent) -> Failure {
    let hint = match &unsent {
        Unsent::NoAddress(_) => "`--to ADDRESS`, or `email:` in its `tenant.yaml`",
        Unsent::Unwritten(_) => "the templates are in `templates/mail` of its theme",
        Unsent::Refused(_) => "`mail:` in `portal.yaml` names the mail server, its user and where the password lies",
        Unsent::Failed(_) => "the folder of `--data` must be the portal's own, with room to write",
    };
    Failure { code: 1, ..Failure::could_not_run(&unsent).hint(hint) }
}
