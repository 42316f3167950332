//! One change: what it is, where it shows, before and after side by side.

use std::{
    collections::BTreeSet,
    fmt::{Result, Write},
};

use super::{
    super::{Change, Difference, Effect, Group, Piece, Plan, pieces},
    Lines, Plain, counted, write_lines, write_sizes,
};

pub fn write_group(out: &mut String, plan: &Plan, number: usize, group: &Group) -> Result {
    let headline = group.effects.first().map(headline).unwrap_or_default();
    writeln!(
        out,
        "<article id=\"a{number}\" aria-labelledby=\"t{number}\">\n<h3 id=\"t{number}\">Änderung {number}{headline}</h3>"
    )?;
    let reach = counted(group.pages(), "Stelle", "Stellen");
    writeln!(out, "<p>{reach} in {}</p>", counted(group.towns.len(), "Stadt", "Städten"))?;
    write_names(out, plan, &group.towns)?;
    if let Some(cause) = group.cause {
        let file = &plan.files[cause.file];
        writeln!(out, "<details>\n<summary>Auslöser: <code>{}:{}</code></summary>", Plain(&file.shown), cause.line)?;
        match cause.hunk {
            Some(hunk) => write_lines(out, &file.hunks[hunk])?,
            None => write_sizes(out, file)?,
        }
        out.write_str("</details>\n")?;
    }
    group.effects.iter().try_for_each(|effect| write_effect(out, plan, effect, &group.towns))?;
    out.write_str("</article>\n")
}

/// What changes, in a few words.
fn headline(effect: &Effect) -> String {
    const WIDTH: usize = 60;
    let short = |text: &str| {
        let mut words: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some((end, _)) = words.char_indices().nth(WIDTH) {
            words.truncate(end);
            words.push('…');
        }
        words
    };
    let (mut removed, mut added) = (None, None);
    for piece in pieces(&in_german(&effect.difference)) {
        match piece {
            Piece::Removed(text) => _ = removed.get_or_insert_with(|| short(&text)),
            Piece::Added(text) => _ = added.get_or_insert_with(|| short(&text)),
            Piece::Same(_) => {}
        }
    }
    match (removed, added) {
        (Some(removed), Some(added)) => format!(": {} → {}", Plain(&removed), Plain(&added)),
        (Some(removed), None) => format!(": ohne „{}“", Plain(&removed)),
        (None, Some(added)) => format!(": neu „{}“", Plain(&added)),
        (None, None) => String::new(),
    }
}

/// The first few, the rest folded away.
fn write_names(out: &mut String, plan: &Plan, towns: &BTreeSet<usize>) -> Result {
    let names: Vec<String> = towns.iter().map(|town| Plain(&plan.towns[*town].name).to_string()).collect();
    write_some(out, "towns", &names, ("weitere Stadt", "weitere Städte"))
}

fn write_some(out: &mut String, class: &str, names: &[String], more: (&str, &str)) -> Result {
    const FEW: usize = 8;
    let (few, rest) = names.split_at(names.len().min(FEW));
    writeln!(out, "<p class=\"{class}\">{}</p>", few.join(", "))?;
    if !rest.is_empty() {
        let summary = counted(rest.len(), more.0, more.1);
        writeln!(
            out,
            "<details>\n<summary>{summary}</summary>\n<p class=\"{class}\">{}</p>\n</details>",
            rest.join(", ")
        )?;
    }
    Ok(())
}

fn write_effect(out: &mut String, plan: &Plan, effect: &Effect, of_group: &BTreeSet<usize>) -> Result {
    let word = match effect.change {
        Change::Text => "Text",
        Change::Added => "Neue Seite",
        Change::Removed => "Seite fällt weg",
        Change::Markup => "Gleicher Text in anderem HTML",
        Change::Looks => "Aussehen",
        Change::Redirect => "Weiterleitung",
    };
    let towns = effect.towns();
    let only = if towns.len() < of_group.len() {
        format!(" (in {})", counted(towns.len(), "Stadt", "Städten"))
    } else {
        String::new()
    };
    writeln!(out, "<section class=\"effect\">\n<h4>{word}{only}</h4>")?;
    let addresses: Vec<String> = effect.pages.keys().map(|page| format!("<code>{}</code>", Plain(page))).collect();
    write_some(out, "pages", &addresses, ("weitere Seite", "weitere Seiten"))?;
    if towns.len() < of_group.len() {
        write_names(out, plan, &towns)?;
    }
    if effect.change != Change::Markup {
        write_sides(out, &effect.difference)?;
    }
    out.write_str("</section>\n")
}

/// Before and after side by side, changed words marked.
fn write_sides(out: &mut String, difference: &Difference) -> Result {
    let pieces = pieces(&in_german(difference));
    out.write_str("<div class=\"sides\">\n")?;
    for (label, tag, is_before) in [("Vorher", "del", true), ("Nachher", "ins", false)] {
        write!(out, "<div><h5>{label}</h5>\n<p>")?;
        let mut is_empty = true;
        for piece in &pieces {
            match piece {
                Piece::Same(text) => write!(out, "{}", Lines(text))?,
                Piece::Removed(text) if is_before => write!(out, "<{tag}>{}</{tag}>", Lines(text))?,
                Piece::Added(text) if !is_before => write!(out, "<{tag}>{}</{tag}>", Lines(text))?,
                _ => continue,
            }
            is_empty = false;
        }
        out.write_str(if is_empty { "<em>nichts</em></p></div>\n" } else { "</p></div>\n" })?;
    }
    out.write_str("</div>\n")
}

const HEADING: &str = "Überschrift: ";

/// The signs of a passage, as words of the language of the report.
fn in_german(difference: &Difference) -> Difference {
    let signs = [
        ("# ", HEADING),
        ("## ", HEADING),
        ("### ", HEADING),
        ("#### ", HEADING),
        ("title: ", "Titel: "),
        ("description: ", "Beschreibung: "),
        ("robots: ", "Für Suchmaschinen: "),
    ];
    let attributes = [
        ("[alt: ", "[Bild: "),
        ("[lang: ", "[Sprache: "),
        ("[aria-label: ", "[vorgelesen: "),
        ("[title: ", "[Titel: "),
    ];
    let german = |passage: &String| {
        let sign = signs.iter().find_map(|(sign, german)| Some(format!("{german}{}", passage.strip_prefix(sign)?)));
        let passage = sign.unwrap_or_else(|| passage.clone());
        attributes.iter().fold(passage, |passage, (sign, german)| passage.replace(sign, german))
    };
    Difference {
        before: difference.before.iter().map(german).collect(),
        after: difference.after.iter().map(german).collect(),
    }
}
