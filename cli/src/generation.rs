//! `portal generation`: what is kept, who runs it, and who is to run what.

use std::{collections::BTreeSet, process::ExitCode};

use clap::Subcommand;
use portal::{
    clock::local_zone,
    tenant::generations::{Generations, Overview, Pin, Pins, Refused, State},
};

use crate::{
    args::{Data, Format},
    print::{self, Failure, say},
    serve,
};

#[derive(Debug, Subcommand)]
pub enum Command {
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

pub fn generation(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::List { data, format } => list(&kept_in(data)?, format),
        Command::Use { pin, layers: true, .. } if pin.number().is_none() => {
            Err(Failure::could_not_run("`--layers` goes with the number of a generation")
                .hint("`portal generation use 16 --layers`, or `portal generation use latest`"))
        }
        Command::Use { pin, towns, layers, data } => {
            let pin = pin.number().filter(|_| layers).map_or(pin, Pin::Layers);
            let towns: BTreeSet<String> = towns.into_iter().collect();
            kept_in(data)?.use_for(pin, &towns).map(|pins| say(&pins)).map_err(why_not)
        }
        Command::Hold { layers, data } => kept_in(data)?.hold(layers).map(|pins| say(&pins)).map_err(why_not),
    }
}

fn kept_in(data: Data) -> Result<Generations, Failure> {
    let file = serve::settings_file(data.config.as_deref())?;
    Ok(Generations::in_data(&serve::data_folder(data.data, &file)))
}

fn list(generations: &Generations, format: Format) -> Result<ExitCode, Failure> {
    let overview = generations.overview();
    match format {
        Format::Json => say!("{}", serde_json::to_string(&overview).map_err(Failure::could_not_run)?),
        Format::Text => print_table(&overview),
    }
    overview.problems.iter().for_each(print::problem);
    Ok(if overview.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn print_table(overview: &Overview) {
    let mut rows = vec![["generation", "kept", "changed", "broken", "run by"].map(str::to_owned).to_vec()];
    rows.extend(overview.generations.iter().map(|kept| {
        vec![
            kept.number.to_string(),
            kept.at.to_zoned(local_zone()).strftime("%Y-%m-%d %H:%M").to_string(),
            first_few(&kept.changed),
            first_few(&kept.broken),
            first_few(&kept.towns),
        ]
    }));
    print::table(&rows);
    let all = overview.running.iter().flat_map(|running| &running.towns);
    for (town, run) in all.filter(|(_, run)| run.state != State::Serving) {
        match run.generation {
            Some(number) => say!("`{town}` cannot be loaded and runs its last good generation {number}"),
            None => say!("`{town}` cannot be loaded and answers 503"),
        }
    }
    say(&overview.pins);
}

/// What is to be run; a running portal follows within seconds.
fn say(pins: &Pins) -> ExitCode {
    say!("{pins}");
    ExitCode::SUCCESS
}

fn first_few<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    let names: Vec<&str> = names.into_iter().map(String::as_str).collect();
    match &names[..] {
        [] => "–".into(),
        names if names.len() <= 3 => names.join(", "),
        names => format!("{} and {} more", names[..2].join(", "), names.len() - 2),
    }
}

fn why_not(refused: Refused) -> Failure {
    let hint = match &refused {
        Refused::Empty(_) => "the server keeps the first one when it starts; `--data` names its folder".into(),
        Refused::Unknown { kept, .. } => {
            let kept: Vec<String> = kept.iter().map(ToString::to_string).collect();
            format!("kept are {}", kept.join(", "))
        }
        Refused::NoTown { towns, .. } if towns.len() <= 20 => format!("it has {}", print::quoted(towns)),
        Refused::NoTown { .. } => "`portal tenant list` names all towns".into(),
        Refused::Damaged(problem) => problem.hint.clone().unwrap_or_default(),
        Refused::Unwritten { .. } => "the folder belongs to the server's user".into(),
    };
    Failure::could_not_run(refused).hint(hint)
}
