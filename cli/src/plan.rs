//! `portal plan`: what a change will change, before it is made.

mod text;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Mutex,
};

use crate::print::say;
use portal::{
    clock::{Clock, parse_moment},
    plan::{
        Cause, Change, Effect, Plan, Side, Source, Town,
        report::{self, About},
        revision::{self, Refusal},
    },
};
use serde_json::{Value, json};

use crate::{args::Format, print::Failure, progress::Progress, serve};

#[derive(Debug, clap::Args)]
pub struct Options {
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

pub fn plan(options: &Options) -> Result<ExitCode, Failure> {
    let at = match &options.at {
        None => Clock::default().now(),
        Some(at) => parse_moment(at).ok_or_else(|| {
            Failure::could_not_run(format!("`--at {at}` is no moment"))
                .hint("`2024-05-15`, `2024-05-15T08:00` or `2024-05-15T08:00:00Z`")
        })?,
    };
    let (from, to) = sources(options)?;
    let (before, after) = (Side::load(from, at)?, Side::load(to, at)?);
    let ids = wanted(&options.ids, Plan::ids(&before, &after))?;
    let progress = Mutex::new(Progress::of(ids.len(), "towns"));
    let step = || progress.lock().expect("a step does not panic").step();
    let plan = Plan::between(&before, &after, &ids, step);
    drop(progress);
    if let Some(file) = &options.html {
        let about = About { from: options.from.clone(), to: options.to.display().to_string(), at };
        fs::write(file, report::html(&plan, &about)).map_err(|error| {
            Failure::could_not_run(format!("`{}` cannot be written: {error}", file.display()))
                .hint("`--html` names a file in a folder that exists")
        })?;
    }
    match options.format {
        Format::Text => text::print(&plan),
        Format::Json => say!("{}", as_json(&plan)),
    }
    Ok(if plan.changes_something() { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

fn sources(options: &Options) -> Result<(Source, Source), Failure> {
    let to = &options.to;
    if !to.is_dir() {
        return Err(Failure::could_not_run(format!("`{}` is no folder", to.display()))
            .hint("`--to` names the folder with one folder per town as it is to be"));
    }
    let themes = serve::existing(options.themes.clone())?;
    let folder =
        |tenants: &Path, themes: Option<PathBuf>| Source { tenants: tenants.to_owned(), themes, revision: None };
    let from = Path::new(&options.from);
    if from.is_dir() {
        let themes_before = serve::existing(options.from_themes.clone())?.or_else(|| themes.clone());
        return Ok((folder(from, themes_before), folder(to, themes)));
    }
    let taken = revision::take(&options.from, to)?;
    let beside = fs::canonicalize(to).ok().and_then(|to| Some(to.parent()?.join("themes")));
    let themes_after = themes.clone().or_else(|| beside.filter(|beside| beside.is_dir()));
    let themes_before = serve::existing(options.from_themes.clone())?.or(themes).or_else(|| taken.themes.clone());
    let before = Source { tenants: taken.tenants.clone(), themes: themes_before, revision: Some(taken) };
    Ok((before, folder(to, themes_after)))
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::could_not_run(refusal.message).hint(refusal.hint)
    }
}

fn wanted(ids: &[String], all: BTreeSet<String>) -> Result<BTreeSet<String>, Failure> {
    if ids.is_empty() {
        return Ok(all);
    }
    match ids.iter().find(|id| !all.contains(*id)) {
        None => Ok(ids.iter().cloned().collect()),
        Some(id) => Err(Failure::could_not_run(format!("there is no tenant `{id}` on either side"))
            .hint("`portal tenant list` names them")),
    }
}

fn as_json(plan: &Plan) -> Value {
    let files = plan.files.iter().map(|file| {
        let hunks = file.hunks.iter().map(|hunk| {
            json!({"line": hunk.line, "before": hunk.difference.before, "after": hunk.difference.after})
        });
        json!({"file": file.shown, "before_bytes": file.before, "after_bytes": file.after, "hunks": hunks.collect::<Vec<_>>()})
    });
    let groups = plan.groups.iter().map(|group| {
        json!({
            "cause": group.cause.map(|cause| cause_as_json(plan, cause)), "towns": ids(plan, &group.towns),
            "pages": group.pages(), "effects": group.effects.iter().map(|effect| effect_as_json(plan, effect)).collect::<Vec<_>>(),
        })
    });
    json!({
        "towns": plan.towns.iter().map(town_as_json).collect::<Vec<_>>(),
        "files": files.collect::<Vec<_>>(), "groups": groups.collect::<Vec<_>>(),
    })
}

fn town_as_json(town: &Town) -> Value {
    let changes = |pages: bool| {
        town.changes.iter().filter(move |one| one.change.is_of_page() == pages).map(|one| {
            let side = |side: fn(&portal::plan::Difference) -> &Vec<String>| {
                one.differences.iter().flat_map(|keyed| side(&keyed.difference)).cloned().collect::<Vec<_>>()
            };
            json!({
                "address": one.address, "locale": one.locale.code(), "change": one.change.word(),
                "before": side(|difference| &difference.before), "after": side(|difference| &difference.after),
            })
        })
    };
    let problems = town.problems.iter().map(|problem| {
        json!({"file": &*problem.at.file, "line": problem.at.line, "column": problem.at.column, "message": problem.message, "hint": problem.hint})
    });
    json!({
        "id": town.id, "name": town.name, "state": town.state.word(), "hosts": town.hosts, "status": town.status,
        "pages": changes(true).collect::<Vec<_>>(), "beside": changes(false).collect::<Vec<_>>(),
        "problems": problems.collect::<Vec<_>>(),
    })
}

fn cause_as_json(plan: &Plan, cause: Cause) -> Value {
    json!({"file": plan.files[cause.file].shown, "line": cause.line})
}

fn effect_as_json(plan: &Plan, effect: &Effect) -> Value {
    json!({
        "change": effect.change.word(), "before": effect.difference.before, "after": effect.difference.after,
        "pages": effect.pages.keys().collect::<Vec<_>>(), "towns": ids(plan, &effect.towns()),
    })
}

fn ids<'a>(plan: &'a Plan, towns: &BTreeSet<usize>) -> Vec<&'a str> {
    towns.iter().map(|town| plan.towns[*town].id.as_str()).collect()
}

/// Changes in the order in which a table counts them.
const COUNTED: [(Change, &str); 6] = [
    (Change::Text, "changed"),
    (Change::Added, "new"),
    (Change::Removed, "gone"),
    (Change::Markup, "html only"),
    (Change::Looks, "looks"),
    (Change::Redirect, "redirects"),
];
