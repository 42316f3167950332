//! Hosts, e-mail addresses, streets and companies: what follows and precedes them decides where they end.

use std::ops::Range;

use super::{Owners, TownFacts, fold::fold, words::exact};

/// A street and number that is somebody's address.
#[derive(Clone)]
pub struct Address {
    number: String,
    zip: String,
    pub owner: usize,
}

/// Mail providers whose domain says nothing about a town.
const FREEMAIL: [&str; 12] = [
    "t-online.de",
    "gmx.de",
    "gmx.net",
    "web.de",
    "gmail.com",
    "googlemail.com",
    "outlook.de",
    "outlook.com",
    "posteo.de",
    "freenet.de",
    "yahoo.de",
    "de-mail.de",
];

/// Domains of a town, folded, each in both spellings. A mail domain counts if the town is reachable under it at large.
pub fn domains(town: &TownFacts) -> Vec<String> {
    let mut domains: Vec<String> = Vec::new();
    let mut add = |host: &str| {
        let (unicode, _) = idna::domain_to_unicode(host);
        let ascii = idna::domain_to_ascii(host).unwrap_or_else(|_| host.to_owned());
        for spelling in [fold(&unicode), fold(&ascii)] {
            if spelling.contains('.') && !domains.contains(&spelling) {
                domains.push(spelling);
            }
        }
    };
    let name = fold(&town.name).replace(' ', "-");
    let is_named = |domain: &str| {
        domain.contains('.')
            && domain
                .split('.')
                .next()
                .is_some_and(|label| fold(label).split('-').any(|part| part == name) || fold(label) == name)
    };
    for host in &town.hosts {
        let host = host.strip_prefix("www.").unwrap_or(host);
        add(host);
        if let Some((_, parent)) = host.split_once('.').filter(|(_, parent)| is_named(parent)) {
            add(parent);
        }
    }
    for (i, email) in town.emails.iter().enumerate() {
        if let Some((_, domain)) = email.split_once('@')
            && !FREEMAIL.contains(&domain)
            && (i == 0 || is_named(domain))
        {
            add(domain);
        }
    }
    domains
}

/// The whole host or e-mail address whose last part is the domain at `found`; `None` where that is part of another name.
pub fn around_domain(text: &str, found: Range<usize>) -> Option<(Range<usize>, bool)> {
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let bytes = text.as_bytes();
    let behind = &bytes[found.end..];
    let goes_on = match behind {
        [b'.', next, ..] => is_host(*next),
        [next, ..] => is_host(*next),
        [] => false,
    };
    if goes_on || found.start > 0 && is_host(bytes[found.start - 1]) {
        return None;
    }
    let back = |from: usize, also: &[u8]| {
        bytes[..from].iter().rposition(|byte| !is_host(*byte) && !also.contains(byte)).map_or(0, |at| at + 1)
    };
    let host = back(found.start, b".");
    let before = &text[..host];
    let mailbox_end = before.strip_suffix('@').or_else(|| before.strip_suffix(" at ")).map(str::len);
    match mailbox_end.map(|end| (back(end, b".+"), end)) {
        Some((start, end)) if start < end => Some((start..found.end, true)),
        _ => Some((host..found.end, false)),
    }
}

/// The words by which a street is found, folded, and the house number; `None` without a number.
pub fn street(street: &str, zip: &str, owner: usize) -> Option<(Vec<String>, Address)> {
    let folded = fold(street);
    let number_at = folded
        .match_indices(' ')
        .map(|(at, _)| at + 1)
        .find(|at| folded.as_bytes().get(*at).is_some_and(u8::is_ascii_digit))?;
    let (name, number) = (folded[..number_at].trim_end(), folded[number_at..].replace(' ', ""));
    let stem = ["asse", "atz", "."]
        .iter()
        .find_map(|end| name.strip_suffix(end).filter(|stem| stem.ends_with("str") || stem.ends_with("pl")));
    let stem = stem.unwrap_or(name);
    let mut stems = vec![stem.to_owned()];
    stems.extend(stem.strip_suffix(" str").map(|first| format!("{first}-str")));
    for end in ["str", "pl"] {
        if let Some(first) = stem.strip_suffix(end).filter(|first| first.ends_with(|c: char| c.is_alphanumeric())) {
            stems.extend([format!("{first}-{end}"), format!("{first} {end}")]);
        }
    }
    let bent: Vec<String> = stems.iter().flat_map(|stem| bent(stem)).collect();
    stems.extend(bent);
    Some((stems, Address { number, zip: zip.to_owned(), owner }))
}

/// `am alten markt` for `alter markt`
fn bent(street: &str) -> Vec<String> {
    let Some((first, rest)) = street.split_once(' ') else { return Vec::new() };
    let Some(stem) = ["er", "es", "e"].iter().find_map(|ending| first.strip_suffix(ending)) else { return Vec::new() };
    // "Herforder Straße" never bends
    if !exact("alt neu gross klein lang kurz hoh nieder ober unter breit schmal weiss rot gruen schwarz", stem) {
        return Vec::new();
    }
    ["en", "er", "e"].iter().map(|ending| format!("{stem}{ending} {rest}")).filter(|bent| bent != street).collect()
}

/// What stands behind a street's stem: where the number ends, whose address it is.
pub fn at_street(text: &str, end: usize, addresses: &[Address]) -> Option<(usize, Owners)> {
    let rest = &text[end..];
    let cut = ["asse", "atz", "."].iter().find_map(|ending| rest.strip_prefix(ending)).unwrap_or(rest);
    let after = cut.strip_prefix(',').unwrap_or(cut).trim_start_matches([' ', '\u{a0}']);
    let after = after.strip_prefix("nr. ").or_else(|| after.strip_prefix("nr ")).unwrap_or(after);
    let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
    let tail = &after[digits..];
    let letter = tail.trim_start_matches(' ');
    let letter_len = usize::from(
        letter.starts_with(|c: char| c.is_ascii_lowercase()) && !letter[1..].starts_with(|c: char| c.is_alphanumeric()),
    );
    let with_letter = format!("{}{}", &after[..digits], &letter[..letter_len]);
    let base = &after[..digits];
    if base.is_empty() || tail.starts_with(|c: char| c.is_alphabetic()) && letter_len == 0 {
        return None;
    }
    let zip = zip_behind(&letter[letter_len..]);
    let mut owners = Owners::default();
    for address in addresses {
        let same = address.number == with_letter || first_number(&address.number) == base && letter_len == 0;
        if same && zip.is_none_or(|zip| address.zip.is_empty() || zip == address.zip) {
            owners.add(address.owner);
        }
    }
    // three towns with a Marktplatz 1: the street alone tells nothing, with its zip code it does
    let telling = !owners.0.is_empty() && (zip.is_some() || owners.0.len() < 3);
    telling.then(|| (text.len() - tail.len(), owners))
}

/// `41` of `41-43`.
fn first_number(number: &str) -> &str {
    number.split(['-', '–', '/']).next().unwrap_or(number)
}

fn zip_behind(rest: &str) -> Option<&str> {
    let at = rest.find(|c: char| c.is_alphanumeric())?;
    let rest = rest[at..].strip_prefix("d-").unwrap_or(&rest[at..]);
    let zip = rest.get(..5).filter(|zip| zip.bytes().all(|byte| byte.is_ascii_digit()))?;
    (at < 6 && !rest[5..].starts_with(|c: char| c.is_ascii_digit())).then_some(zip)
}
