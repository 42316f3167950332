//! The municipalities that a text may name: those of the list and the tenants, each once.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use super::{TownFacts, fold::fold, words};

/// A town or municipality by one name.
pub struct Place {
    pub name: String,
    /// Tenants of this name, by their place in the atlas.
    pub tenants: Vec<usize>,
    /// The name is also an everyday word.
    pub ordinary: bool,
}

/// All places, and what in a text leads to them.
pub struct Places {
    pub all: Vec<Place>,
    /// Folded name → place.
    pub names: HashMap<String, usize>,
    /// Folded adjective such as `loehner` → place.
    pub adjectives: HashMap<String, usize>,
}

#[derive(Deserialize)]
struct Municipality {
    name: String,
    #[serde(default)]
    also: Vec<String>,
    #[serde(default)]
    adjectives: Vec<String>,
    #[serde(default)]
    ordinary: bool,
}

#[derive(Deserialize)]
struct Municipalities {
    nrw: BTreeMap<String, Vec<Municipality>>,
    elsewhere: BTreeMap<String, Vec<Municipality>>,
}

impl Municipalities {
    fn read() -> Self {
        serde_yaml::from_str(include_str!("../municipalities.yaml")).expect("the list is as its tests read it")
    }
}

impl Places {
    pub fn of(towns: &[TownFacts]) -> Self {
        let mut places = Self { all: Vec::new(), names: HashMap::new(), adjectives: HashMap::new() };
        let list = Municipalities::read();
        for municipality in list.nrw.into_values().chain(list.elsewhere.into_values()).flatten() {
            let name = spoken(&municipality.name);
            let place = places.named(name);
            places.all[place].ordinary |= municipality.ordinary;
            for also in &municipality.also {
                places.names.entry(fold(also)).or_insert(place);
            }
            places.describe(place, name, &municipality.adjectives);
        }
        for (i, town) in towns.iter().enumerate() {
            let name = spoken(&town.name);
            let place = places.named(name);
            places.all[place].tenants.push(i);
            let residents = town.residents.iter().flat_map(|text| text.split_whitespace());
            let given: Vec<String> = town
                .adjectives
                .iter()
                .map(String::as_str)
                .chain(residents)
                .filter(|word| is_form(word, name))
                .map(|word| word.trim_end_matches("innen").trim_end_matches(['*', ':', '/', '-']).to_owned())
                .collect();
            places.describe(place, name, &given);
        }
        places
    }

    /// Whether a folded word names a municipality and nothing else.
    pub fn is_telling(&self, word: &str) -> bool {
        let place = self.names.get(word).or_else(|| self.adjectives.get(word));
        place.is_some_and(|place| !self.all[*place].ordinary)
    }

    fn named(&mut self, name: &str) -> usize {
        *self.names.entry(fold(name)).or_insert_with(|| {
            self.all.push(Place { name: name.to_owned(), tenants: Vec::new(), ordinary: false });
            self.all.len() - 1
        })
    }

    fn describe(&mut self, place: usize, name: &str, adjectives: &[String]) {
        let by_rule = if name.ends_with('e') { format!("{name}r") } else { format!("{name}er") };
        let by_rule = adjectives.is_empty().then_some(by_rule);
        for adjective in adjectives.iter().chain(&by_rule) {
            self.adjectives.entry(fold(adjective)).or_insert(place);
        }
    }
}

/// The name as it is said: without what stands in parentheses.
fn spoken(name: &str) -> &str {
    name.split_once(" (").map_or(name, |(name, _)| name)
}

/// Whether a word of `Löhnerinnen und Löhner` is made from the name.
fn is_form(word: &str, name: &str) -> bool {
    let folded = fold(word);
    let is_word = word.starts_with(char::is_uppercase) && !words::is_people(&folded) && folded != fold(name);
    is_word && (folded.ends_with("er") || folded.ends_with("innen"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_396_municipalities_of_the_land_are_known() {
        let list = Municipalities::read();
        assert_eq!(list.nrw.values().map(Vec::len).sum::<usize>(), 396);
    }
}
