//! Messages for people: what, where, what next.

use anstream::{eprintln, println};
use anstyle::{AnsiColor, Style};
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
    pub fn could_not_run(message: impl std::fmt::Display) -> Self {
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
    println!("{message}");
}

/// `1 town`, `2 towns`
pub fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
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
        println!("{}", cells.collect::<Vec<_>>().join("  ").trim_end());
    }
}
