//! A town's own facts, put out of sight: what is left of a sentence is the same in every town of a layer.

use crate::tenant::Tenant;

/// Facts of a town, the longest first.
pub struct Mask(Vec<String>);

const PUT_FOR_A_FACT: char = '\u{fffc}';

impl Mask {
    pub fn of(tenant: &Tenant) -> Self {
        let town = &tenant.town;
        let forms = [&town.forms.of, &town.forms.within, &town.forms.residents, &town.forms.adjective];
        let in_all = |form| tenant.locales().iter().map(move |locale| tenant.words(form, locale).into_owned());
        let mut facts: Vec<String> = forms.into_iter().flat_map(in_all).collect();
        facts.extend([town.name.clone(), town.full_name.clone()]);
        facts.extend(tenant.all_hosts().map(ToString::to_string));
        let address = town.address.iter().flat_map(|address| [&address.street, &address.zip, &address.city]);
        facts.extend(address.cloned());
        facts.extend([&town.phone, &town.email, &town.website].into_iter().flatten().cloned());
        facts.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
        facts.dedup();
        facts.retain(|fact| !fact.is_empty());
        Self(facts)
    }

    pub fn masked(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, fact| without(text, fact))
    }
}

/// Only whole words: a town called Au is in no `Ausweis`.
fn without(text: String, fact: &str) -> String {
    if !text.contains(fact) {
        return text;
    }
    let mut kept = String::with_capacity(text.len());
    let mut from = 0;
    for (at, found) in text.match_indices(fact) {
        let end = at + found.len();
        let is_inside = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        if !is_inside(text[..at].chars().next_back()) && !is_inside(text[end..].chars().next()) {
            kept.push_str(&text[from..at]);
            kept.push(PUT_FOR_A_FACT);
            from = end;
        }
    }
    kept.push_str(&text[from..]);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fact_is_masked_as_a_word_and_not_in_others() {
        assert_eq!(without("Au: Ausweis in Au".into(), "Au"), "\u{fffc}: Ausweis in \u{fffc}");
    }
}
