//! A plan for people at a terminal: towns first, then each change once, its cause first.

use anstyle::{AnsiColor, Style};
use portal::plan::{Change, Difference, Effect, FileChange, Group, Hunk, Plan, State, Town};

use super::COUNTED;
use crate::print::{self, plural, say};

const RED: Style = AnsiColor::Red.on_default();
const GREEN: Style = AnsiColor::Green.on_default();
const BOLD: Style = Style::new().bold();

/// How many names, changes, effects and lines are told before the rest is only counted.
const NAMES: usize = 5;
const GROUPS: usize = 40;
const EFFECTS: usize = 8;
const LINES: usize = 6;

pub fn print(plan: &Plan) {
    plan.towns
        .iter()
        .filter(|town| town.state != State::StillBroken)
        .flat_map(|town| &town.problems)
        .for_each(print::problem);
    if !plan.changes_something() {
        say!("nothing changes{}", unseen(plan));
        return;
    }
    table(plan);
    for group in plan.groups.iter().take(GROUPS) {
        say!();
        print_group(plan, group);
    }
    if plan.groups.len() > GROUPS {
        say!("\n… and {} more changes: `--html` or `--format json` tells them all", plan.groups.len() - GROUPS);
    }
    let of_towns = |file: &FileChange| {
        plan.groups.iter().any(|group| group.cause.is_some_and(|cause| plan.files[cause.file].shown == file.shown))
    };
    let quiet: Vec<&str> = plan.files.iter().filter(|file| !of_towns(file)).map(|file| file.shown.as_str()).collect();
    if !quiet.is_empty() {
        say!("\nother files that differ: {}", some(&quiet));
    }
}

fn unseen(plan: &Plan) -> String {
    match &plan.files[..] {
        [] => String::new(),
        [file] => format!(": `{}` differs, and no page shows it", file.shown),
        files => format!(": {} files differ, and no page shows it", files.len()),
    }
}

fn table(plan: &Plan) {
    let head = ["town", "state"].into_iter().chain(COUNTED.map(|(_, word)| word));
    let mut rows = vec![head.map(str::to_owned).collect::<Vec<_>>()];
    for town in plan.towns.iter().filter(|town| town.is_touched()) {
        let counts = COUNTED.map(|(change, _)| match town.count(change) {
            0 => "–".to_owned(),
            count => count.to_string(),
        });
        rows.push([town.id.clone(), town.state.word().to_owned()].into_iter().chain(counts).collect());
    }
    print::table(&rows);
    let untouched = plan.towns.iter().filter(|town| !town.is_touched()).count();
    if untouched > 0 {
        say!("and {untouched} that nothing touches");
    }
    plan.towns.iter().for_each(facts);
}

fn facts(town: &Town) {
    if let Some((before, after)) = &town.hosts {
        say!("{}: hosts {} → {}", town.id, before.join(", "), after.join(", "));
    }
    if let Some((before, after)) = town.status {
        say!("{}: status {before} → {after}", town.id);
    }
}

fn print_group(plan: &Plan, group: &Group) {
    match group.cause {
        None => say!("{BOLD}{}{BOLD:#}", reach(plan, group)),
        Some(cause) => {
            let file = &plan.files[cause.file];
            say!("{BOLD}{}:{}{BOLD:#}  {}", file.shown, cause.line, reach(plan, group));
            if let Some(Hunk { difference, .. }) = cause.hunk.map(|hunk| &file.hunks[hunk]) {
                lines("  ", difference);
            } else if let (Some(before), Some(after)) = (file.before, file.after) {
                say!("  {before} bytes → {after} bytes");
            }
        }
    }
    for effect in group.effects.iter().take(EFFECTS) {
        print_effect(effect, effect.towns().len() < group.towns.len());
    }
    if group.effects.len() > EFFECTS {
        say!("  … and {} more: `--html` or `--format json` tells them all", group.effects.len() - EFFECTS);
    }
}

/// `3 pages in 214 towns: a, b, c … and 211 more`
fn reach(plan: &Plan, group: &Group) -> String {
    let ids: Vec<&str> = group.towns.iter().map(|town| plan.towns[*town].id.as_str()).collect();
    format!("{} in {}: {}", plural(group.pages(), "page"), plural(ids.len(), "town"), some(&ids))
}

fn print_effect(effect: &Effect, only_some: bool) {
    let addresses: Vec<&str> = effect.pages.keys().map(String::as_str).collect();
    let towns = if only_some { format!(" ({})", plural(effect.towns().len(), "town")) } else { String::new() };
    let word = match effect.change {
        Change::Text => String::new(),
        Change::Added => "new: ".to_owned(),
        Change::Removed => "gone: ".to_owned(),
        Change::Markup => "the same words in other HTML: ".to_owned(),
        change => format!("{}: ", change.word()),
    };
    say!("  {word}{}{towns}", some(&addresses));
    match effect.change {
        Change::Text | Change::Looks | Change::Redirect => lines("    ", &effect.difference),
        Change::Added | Change::Removed | Change::Markup => {}
    }
}

fn lines(indent: &str, difference: &Difference) {
    for (sign, style, side) in [("-", RED, &difference.before), ("+", GREEN, &difference.after)] {
        side.iter().take(LINES).for_each(|line| say!("{indent}{style}{sign} {}{style:#}", line.trim()));
        if side.len() > LINES {
            say!("{indent}{style}{sign} … and {} more lines{style:#}", side.len() - LINES);
        }
    }
}

fn some(names: &[&str]) -> String {
    let told = names.iter().take(NAMES).copied().collect::<Vec<_>>().join(", ");
    if names.len() > NAMES { format!("{told} … and {} more", names.len() - NAMES) } else { told }
}
