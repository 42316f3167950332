//! `portal tenant new`, `ready`, `approve` and `rename-host`: a town joins.

use std::{collections::BTreeMap, fs, path::PathBuf, process::ExitCode};

use jiff::civil::Date;
use portal::{
    config::File,
    onboarding::{self, Approver, Installation, Logo, NewTown, Refused},
    tenant::{Gap, Readiness, Report, Tenants, Topic},
    theme::contrast::Color,
};
use serde_json::json;

use crate::{
    args::{Folders, Format, Place},
    print::{self, Failure, say},
    serve,
    show::{known, load, load_from},
};

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

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        Self { message: refused.message, hint: refused.hint, code: 2 }
    }
}

fn load_at(place: &Place) -> Result<(Tenants, Report), Failure> {
    load_from(place, serve::clock(place.now.as_deref())?)
}

/// Somebody who writes `Gemeinde Moosfürth` has said both, the name and how the town signs.
fn full_name(name: &str) -> Option<String> {
    (bare_name(name) != name).then(|| name.to_owned())
}

fn bare_name(name: &str) -> &str {
    let kinds = ["Stadt ", "Gemeinde ", "Hansestadt ", "Markt ", "Kreisstadt "];
    kinds.iter().find_map(|kind| name.strip_prefix(kind)).map_or(name, str::trim)
}

/// The layers that were named, otherwise the one that most towns here stand on.
fn layers(options: &New) -> Vec<String> {
    const USUAL: &str = "_nrw";
    let has_usual = options.extends.is_empty() && options.place.tenants.join(USUAL).is_dir();
    if has_usual { vec![USUAL.to_owned()] } else { options.extends.clone() }
}

pub fn new(options: &New) -> Result<ExitCode, Failure> {
    let root = &options.place.tenants;
    let (tenants, _) = load_at(&options.place)?;
    let town = NewTown {
        id: options.id.clone(),
        name: bare_name(&options.name).to_owned(),
        full_name: options.full_name.clone().or_else(|| full_name(&options.name)),
        host: options.host.clone(),
        extends: layers(options),
        color: options.color.as_deref().map(color).transpose()?,
        logo: options
            .logo
            .as_ref()
            .map(|file| {
                let shown = file.display().to_string();
                let bytes = fs::read(file)
                    .map_err(|error| Failure::could_not_run(format!("`{shown}` cannot be read: {error}")))?;
                Logo::of(&shown, bytes).map_err(Failure::from)
            })
            .transpose()?,
    };
    let files = town.write(root, &tenants)?;
    for file in files {
        say!("{}", root.join(&town.id).join(file).display());
    }
    say!("\nto see it       portal serve --tenants {}, then http://{}.localhost:8080/", root.display(), town.id);
    say!("to go live      portal tenant ready {} --tenants {}", town.id, root.display());
    // the town is as its files say: whatever they got wrong is told now
    let (tenants, report) = load_at(&options.place)?;
    let problems = report.broken.get(&town.id);
    problems.into_iter().flatten().for_each(print::problem);
    Ok(if tenants.get(&town.id).is_some() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn color(text: &str) -> Result<Color, Failure> {
    Color::parse(&text.to_lowercase()).ok_or_else(|| {
        Failure::could_not_run(format!("`--color {text}` is no colour"))
            .hint("colours are written `'#rrggbb'`, in quotes")
    })
}

pub fn ready(options: &Ready) -> Result<ExitCode, Failure> {
    let (tenants, _) = load(&options.folders)?;
    let readiness = match readiness_of(&tenants, &options.id)? {
        Ok(readiness) => readiness,
        Err(code) => return Ok(code),
    };
    let path = options.config.clone().unwrap_or_else(|| "portal.yaml".into());
    let settings = File::load(&path, options.config.is_some())?;
    let gaps = onboarding::gaps(&options.id, &readiness, &Installation::of(&settings));
    match options.folders.format {
        Format::Json => {
            say!("{}", json!({"tenant": options.id, "gaps": gaps.iter().map(as_json).collect::<Vec<_>>()}))
        }
        Format::Text => tell(&options.id, &gaps),
    }
    Ok(if gaps.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// A town that cannot be built has other worries; they are told, and the exit code given.
fn readiness_of(tenants: &Tenants, id: &str) -> Result<Result<Readiness, ExitCode>, Failure> {
    match tenants.readiness(id) {
        Some(Ok(readiness)) => Ok(Ok(readiness)),
        Some(Err(problems)) => {
            problems.iter().for_each(print::problem);
            Ok(Err(ExitCode::from(1)))
        }
        None => Err(known(tenants, id).expect_err("a town that is served can be built")),
    }
}

fn as_json(gap: &Gap) -> serde_json::Value {
    json!({
        "topic": gap.topic.word(), "file": &*gap.at.file, "line": gap.at.line, "column": gap.at.column,
        "message": gap.message, "hint": gap.hint,
    })
}

fn tell(id: &str, gaps: &[Gap]) {
    let mut topics: BTreeMap<Topic, Vec<&Gap>> = BTreeMap::new();
    gaps.iter().for_each(|gap| topics.entry(gap.topic).or_default().push(gap));
    if gaps.is_empty() {
        say!("{id} is ready: `status: live` in its `tenant.yaml` opens it");
    }
    for (topic, gaps) in topics {
        say!("{topic}");
        if topic == Topic::Texts {
            tell_texts(id, &gaps);
            continue;
        }
        for (i, gap) in gaps.iter().take(MOST_LINES).enumerate() {
            say!("  {}  {}", gap.at, gap.message);
            // several gaps that are closed in one go share their hint
            if gaps.get(i + 1).is_none_or(|next| next.hint != gap.hint) || i + 1 == MOST_LINES {
                say!("    {}", gap.hint);
            }
        }
        if gaps.len() > MOST_LINES {
            say!("  … and {} more: --format json", gaps.len() - MOST_LINES);
        }
    }
}

/// What is told about one topic at once.
const MOST_LINES: usize = 6;

/// A town shows a hundred texts: they are counted, and named by those who ask for JSON.
fn tell_texts(id: &str, gaps: &[&Gap]) {
    let of = |part: &str| gaps.iter().filter(|gap| gap.message.starts_with(&format!("`{part}"))).count();
    let (services, contents) = (of("services/"), of("content/"));
    let others = gaps.len() - services - contents;
    say!("  {} wait for approval: {services} services, {contents} pages, {others} lists", gaps.len());
    for gap in gaps.iter().take(MOST_LINES) {
        say!("  {}  {}", gap.at.file, gap.message);
    }
    if gaps.len() > MOST_LINES {
        say!("  … and {} more: --format json", gaps.len() - MOST_LINES);
    }
    say!("    read them in the portal, then `portal tenant approve {id} --all --by 'Hauptamt'`, or name single files");
}

pub fn approve(options: &Approve) -> Result<ExitCode, Failure> {
    let (tenants, _) = load_at(&options.place)?;
    let readiness = match readiness_of(&tenants, &options.id)? {
        Ok(readiness) => readiness,
        Err(code) => return Ok(code),
    };
    let on = match &options.on {
        Some(day) => day
            .parse::<Date>()
            .map_err(|_| Failure::could_not_run(format!("`--on {day}` is no day")).hint("`--on 2026-01-31`"))?,
        None => serve::clock(options.place.now.as_deref())?.local().date(),
    };
    let approver = Approver { by: options.by.clone(), on };
    let paths = (!options.all).then_some(options.texts.as_slice());
    let folder = options.place.tenants.join(&options.id);
    let approved = onboarding::approve(&folder, &readiness, paths, &approver)?;
    approved.iter().for_each(|path| say!("{path}"));
    if approved.is_empty() {
        say!("nothing to do: all of these were approved before");
    }
    Ok(ExitCode::SUCCESS)
}

pub fn rename_host(options: &RenameHost) -> Result<ExitCode, Failure> {
    let (tenants, _) = load_at(&options.place)?;
    let tenant = known(&tenants, &options.id)?;
    let renamed = onboarding::rename_host(&tenants, &tenant, &options.host, options.keep_old)?;
    if renamed.files.is_empty() {
        say!("{} is at {} already", options.id, renamed.new);
        return Ok(ExitCode::SUCCESS);
    }
    renamed.files.iter().for_each(|file| say!("{file}"));
    let old = if options.keep_old { "leads to it" } else { "is let go; `--keep-old` lets it lead to the new one" };
    say!("\n{} is at {}, {} {old}", options.id, renamed.new, renamed.old);
    for provider in &renamed.known_by_old {
        say!("`{provider}` goes on knowing it by its old name (`entity_id` in `identity.yaml`)");
    }
    Ok(ExitCode::SUCCESS)
}
