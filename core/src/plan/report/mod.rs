//! The plan as one HTML file that a town can open, read and print: nothing is loaded, nothing runs.

mod changes;

use std::fmt::{Display, Formatter, Result, Write};

use jiff::Timestamp;

use super::{Change, FileChange, Hunk, Plan, State, Town};
use crate::clock::local_zone;

/// What stands above the report.
#[derive(Debug, Clone)]
pub struct About {
    /// The two sides as the operator named them.
    pub from: String,
    pub to: String,
    /// The moment both were looked at.
    pub at: Timestamp,
}

const STYLE: &str = include_str!("report.css");

/// The whole report, in German.
pub fn html(plan: &Plan, about: &About) -> String {
    let mut page = String::new();
    write(&mut page, plan, about).expect("a string takes everything");
    page
}

fn write(out: &mut String, plan: &Plan, about: &About) -> Result {
    let at = about.at.to_zoned(local_zone()).strftime("%d.%m.%Y, %H:%M Uhr").to_string();
    let (from, to) = (Plain(&about.from), Plain(&about.to));
    let touched: Vec<&Town> = plan.towns.iter().filter(|town| town.is_touched()).collect();
    write!(
        out,
        "<!doctype html>\n<html lang=\"de\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"robots\" content=\"noindex\">\n\
         <title>Was sich ändert: {from} → {to}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<header>\n\
         <h1>Was sich ändert</h1>\n<dl class=\"about\">\n<div><dt>Vorher</dt><dd><code>{from}</code></dd></div>\n\
         <div><dt>Nachher</dt><dd><code>{to}</code></dd></div>\n<div><dt>Stand</dt><dd>{at}</dd></div>\n</dl>\n"
    )?;
    if touched.is_empty() {
        return out.write_str("<p class=\"lead\">Es ändert sich nichts.</p>\n</header>\n</body>\n</html>\n");
    }
    let (towns, changes) = (touched.len(), plan.groups.len());
    let of = plan.towns.len();
    writeln!(
        out,
        "<p class=\"lead\">{} in {towns} von {}.</p>\n</header>\n<main>",
        counted(changes, "Änderung", "Änderungen"),
        counted(of, "Stadt", "Städten"),
    )?;
    write_towns(out, plan, &touched)?;
    if !plan.groups.is_empty() {
        out.write_str(
            "<section aria-labelledby=\"aenderungen\">\n<h2 id=\"aenderungen\">Änderungen</h2>\n\
             <p>Was an vielen Stellen gleich ist, steht einmal da. <del>Rot und durchgestrichen</del> fällt weg, \
             <ins>grün und unterstrichen</ins> kommt dazu.</p>\n",
        )?;
        for (i, group) in plan.groups.iter().enumerate() {
            changes::write_group(out, plan, i + 1, group)?;
        }
        out.write_str("</section>\n")?;
    }
    write_files(out, &plan.files)?;
    out.write_str("</main>\n</body>\n</html>\n")
}

fn write_towns(out: &mut String, plan: &Plan, touched: &[&Town]) -> Result {
    out.write_str("<section aria-labelledby=\"staedte\">\n<h2 id=\"staedte\">Städte</h2>\n<ul class=\"list\">\n")?;
    for (index, town) in plan.towns.iter().enumerate().filter(|(_, town)| town.is_touched()) {
        write!(out, "<li><div><strong>{}</strong> <code>{}</code></div>\n<div>", Plain(&town.name), Plain(&town.id))?;
        write_what(out, town)?;
        out.write_str("</div>\n<div>")?;
        write_counts(out, town)?;
        out.write_str("</div>\n<div>")?;
        let numbers = (1..).zip(&plan.groups).filter(|(_, group)| group.towns.contains(&index));
        write_numbers(out, &numbers.map(|(number, _)| number).collect::<Vec<_>>())?;
        out.write_str("</div></li>\n")?;
    }
    out.write_str("</ul>\n")?;
    let untouched = plan.towns.len() - touched.len();
    if untouched > 0 {
        writeln!(out, "<p>Unberührt: {}.</p>", counted(untouched, "Stadt", "Städte"))?;
    }
    out.write_str("</section>\n")
}

/// Links to the changes; what reaches furthest has the smallest number.
fn write_numbers(out: &mut String, numbers: &[usize]) -> Result {
    const FEW: usize = 12;
    let link = |number: &usize| format!("<a href=\"#a{number}\">{number}</a>");
    let links = |numbers: &[usize]| numbers.iter().map(link).collect::<Vec<_>>().join(" ");
    let (few, rest) = numbers.split_at(numbers.len().min(FEW));
    if !few.is_empty() {
        write!(out, "Änderung {}", links(few))?;
    }
    if !rest.is_empty() {
        write!(out, "<details><summary>{} weitere</summary>{}</details>", rest.len(), links(rest))?;
    }
    Ok(())
}

fn write_what(out: &mut String, town: &Town) -> Result {
    let word = match town.state {
        State::Same | State::StillBroken => "unverändert",
        State::Changed => "ändert sich",
        State::New => "kommt neu dazu",
        State::Removed => "fällt weg",
        State::Broken => "lädt nicht mehr",
        State::Mended => "lädt wieder",
    };
    out.write_str(word)?;
    if let Some((before, after)) = town.status {
        write!(out, "<br>Status: <del>{before}</del> <ins>{after}</ins>")?;
    }
    if let Some((before, after)) = &town.hosts {
        let names = |hosts: &[String]| hosts.join(", ");
        write!(out, "<br>Adressen: <del>{}</del> <ins>{}</ins>", Plain(&names(before)), Plain(&names(after)))?;
    }
    for problem in town.problems.iter().filter(|_| town.state == State::Broken) {
        write!(out, "<br><span lang=\"en\">{}</span>", Plain(&problem.to_string()))?;
    }
    Ok(())
}

fn write_counts(out: &mut String, town: &Town) -> Result {
    let words = [
        (Change::Text, "Seiten mit anderem Text"),
        (Change::Added, "Neue Seiten"),
        (Change::Removed, "Seiten, die wegfallen"),
        (Change::Markup, "Seiten mit gleichem Text in anderem HTML"),
        (Change::Looks, "Dateien, die anders aussehen"),
        (Change::Redirect, "Weiterleitungen"),
    ];
    let told = words.iter().filter_map(|(change, word)| match town.count(*change) {
        0 => None,
        count => Some(format!("{word}: {count}")),
    });
    out.write_str(&told.collect::<Vec<_>>().join("<br>"))
}

fn write_files(out: &mut String, files: &[FileChange]) -> Result {
    if files.is_empty() {
        return Ok(());
    }
    out.write_str("<section aria-labelledby=\"dateien\">\n<h2 id=\"dateien\">Geänderte Dateien</h2>\n")?;
    for file in files {
        writeln!(out, "<details>\n<summary><code>{}</code></summary>", Plain(&file.shown))?;
        if file.hunks.is_empty() {
            write_sizes(out, file)?;
        }
        file.hunks.iter().try_for_each(|hunk| write_lines(out, hunk))?;
        out.write_str("</details>\n")?;
    }
    out.write_str("</section>\n")
}

fn write_sizes(out: &mut String, file: &FileChange) -> Result {
    let told = |size: Option<usize>| size.map_or_else(|| "nicht da".to_owned(), |size| format!("{size} Bytes"));
    writeln!(out, "<p>Vorher {}, nachher {}</p>", told(file.before), told(file.after))
}

fn write_lines(out: &mut String, hunk: &Hunk) -> Result {
    writeln!(out, "<p>Zeile {}</p>\n<pre tabindex=\"0\">", hunk.line)?;
    for (tag, sign, side) in [("del", "−", &hunk.difference.before), ("ins", "+", &hunk.difference.after)] {
        side.iter().try_for_each(|line| writeln!(out, "<{tag}>{sign} {}</{tag}>", Plain(line)))?;
    }
    out.write_str("</pre>\n")
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// Text that is nothing but text.
struct Plain<'a>(&'a str);

impl Display for Plain<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        for c in self.0.chars() {
            match c {
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '&' => f.write_str("&amp;")?,
                '"' => f.write_str("&quot;")?,
                c if c.is_control() && c != '\n' && c != '\t' => f.write_char('\u{fffd}')?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// The same, passage under passage.
struct Lines<'a>(&'a str);

impl Display for Lines<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(&Plain(self.0).to_string().replace('\n', "<br>"))
    }
}
