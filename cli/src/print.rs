//! Messages for people: what, where, what next.

use std::{
    fmt,
    io::{ErrorKind, Write},
    process::exit,
};

use anstream::eprintln;
use anstyle::{AnsiColor, Style};
pub use portal::doctor::count as plural;
use portal::yaml::Problem;

pub const RED: Style = AnsiColor::Red.on_default().bold();
pub const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
pub const CYAN: Style = AnsiColor::Cyan.on_default();

/// Why a command could not do what was asked for.
#[derive(Debug)]
pub struct Failure {
    pub message: String,
    pub hint: Option<String>,
    /// 1: what was asked for failed · 2: could not run
    pub code: u8,
}

impl Failure {
    pub fn could_not_run(message: impl fmt::Display) -> Self {
        Self { message: message.to_string(), hint: None, code: 2 }
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self { message: problem.to_string(), hint: problem.hint, code: 2 }
    }
}

/// Writes a line to stdout, where data goes. Who has stopped reading (`| head`) has heard enough; what cannot be written
/// otherwise – a full disk – ends the command, as nobody would know that something is missing.
macro_rules! say {
    () => { $crate::print::line(format_args!("")) };
    ($($words:tt)*) => { $crate::print::line(format_args!($($words)*)) };
}
pub(crate) use say;

pub fn line(words: fmt::Arguments<'_>) {
    let Err(error) = writeln!(anstream::stdout(), "{words}") else { return };
    if error.kind() == ErrorKind::BrokenPipe {
        exit(0);
    }
    failure(&Failure::could_not_run(format!("nothing can be written to stdout: {error}")));
    exit(2)
}

pub fn failure(failure: &Failure) {
    eprintln!("{RED}error{RED:#}: {}", failure.message);
    if let Some(hint) = &failure.hint {
        eprintln!("{CYAN}hint{CYAN:#}: {hint}");
    }
}

/// What the operator has to know beside what was asked for.
pub fn warning(message: &str, hint: &str) {
    eprintln!("{YELLOW}warning{YELLOW:#}: {message}");
    eprintln!("{CYAN}hint{CYAN:#}: {hint}");
}

pub fn problem(problem: &Problem) {
    let (style, word) = if problem.warning { (YELLOW, "warning") } else { (RED, "error") };
    eprintln!("{style}{word}{style:#}: {problem}");
    if let Some(hint) = &problem.hint {
        eprintln!("{CYAN}hint{CYAN:#}: {hint}");
    }
}

/// A deed that was done, in one line.
pub fn done(message: &str) {
    say!("{message}");
}

/// Names as they stand in a message.
pub fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// A plain table; the last column takes what it needs.
pub fn table(rows: &[Vec<String>]) {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    for row in rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        say!("{}", cells.collect::<Vec<_>>().join("  ").trim_end());
    }
}
