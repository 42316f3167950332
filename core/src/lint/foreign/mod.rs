//! Whose words are these? Finds in the text of one town the facts of another, and sentences in which another
//! municipality speaks.
//!
//! Invariant: a fact of the town whose page it is never counts, also where another's stands within it. Contact facts of
//! others count wherever they stand; names count by the phrase they stand in (`phrase`), because towns rightly mention
//! each other all day.

mod around;
mod contacts;
mod district;
mod doubtful;
mod fold;
mod markup;
mod numbers;
mod others;
mod phrase;
mod places;
#[cfg(test)]
mod tests;
mod town;
mod words;

use std::{collections::HashMap, fmt, ops::Range};

use aho_corasick::{AhoCorasick, MatchKind};

use contacts::Address;
use district::District;
use fold::{Folded, fold, readable};
use numbers::Numbers;
use phrase::{Form, Mention};
use places::Places;
pub use town::TownFacts;

/// Everything by which other towns are recognised; made once for all towns.
pub struct Atlas {
    towns: Vec<Town>,
    by_id: HashMap<String, usize>,
    places: Places,
    finder: AhoCorasick,
    /// What each pattern of the finder may be.
    signs: Vec<Vec<Sign>>,
    numbers: Numbers,
}

/// A passage that betrays another town.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Bytes of the text as it was given.
    pub range: Range<usize>,
    /// The passage as people read it.
    pub said: String,
    /// The town it belongs to.
    pub whose: String,
    pub what: What,
}

/// What kind of fact a passage is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    Name,
    /// An adjective or the people: `Löhner`, `Löhnerinnen`.
    Form,
    Host,
    Email,
    Phone,
    Address,
    Iban,
    Company,
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "name",
            Self::Form => "form of the name",
            Self::Host => "host",
            Self::Email => "e-mail address",
            Self::Phone => "phone number",
            Self::Address => "address",
            Self::Iban => "IBAN",
            Self::Company => "company",
        })
    }
}

struct Town {
    id: String,
    name: String,
    folded: String,
    mentions: Vec<String>,
}

/// Who has a fact. What three towns have in common, such as the number of a shared help desk, is nobody's.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Owners(Vec<usize>);

impl Owners {
    fn add(&mut self, town: usize) {
        if !self.0.contains(&town) {
            self.0.push(town);
        }
    }

    /// The town that a reader of `own`'s page would be led to.
    fn betrayed(&self, own: Option<usize>) -> Option<usize> {
        let too_many = if own.is_some() { 3 } else { 2 };
        self.0.first().copied().filter(|_| self.0.len() < too_many && !self.is_of(own))
    }

    fn is_of(&self, own: Option<usize>) -> bool {
        own.is_some_and(|own| self.0.contains(&own))
    }
}

enum Sign {
    Domain(Owners),
    Email(Owners),
    Company(Owners),
    Street(Vec<Address>),
    /// Counts for its owners only: the name as the town signs.
    Own(Owners),
    District(Owners),
    Name(usize),
    Adjective(usize),
}

/// What was made of a match: nothing, or something that settles what its letters mean.
enum Verdict {
    Nothing,
    Settled,
    Hit { range: Range<usize>, whose: String, what: What },
}

impl Atlas {
    /// Learns what belongs to each of the towns, and the municipalities of the list.
    pub fn of(towns: &[TownFacts]) -> Self {
        let places = Places::of(towns);
        let mut patterns = Patterns::default();
        for (i, town) in towns.iter().enumerate() {
            patterns.add_town(i, town);
        }
        patterns.add_places(&places);
        let finder = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .kind(Some(aho_corasick::AhoCorasickKind::ContiguousNFA))
            .build(&patterns.texts)
            .expect("the facts of all towns fit into memory many times");
        let known = |town: &TownFacts| Town {
            id: town.id.clone(),
            name: town.name.clone(),
            folded: fold(&town.name),
            mentions: town.mentions.clone(),
        };
        Self {
            towns: towns.iter().map(known).collect(),
            by_id: towns.iter().enumerate().map(|(i, town)| (town.id.clone(), i)).collect(),
            places,
            finder,
            signs: patterns.signs,
            numbers: Numbers::of(towns),
        }
    }

    /// Whether there is nothing in `text` by which any town could be recognised, its own included.
    pub fn is_silent(&self, text: &str) -> bool {
        let folded = Folded::new(text);
        self.matches(&folded.text).is_empty() && self.numbers.find(&folded.text).is_empty()
    }

    /// Passages in `text` that betray another town. `own` is the id of the town whose page this is; without it, in a
    /// layer, every tenant's facts are foreign.
    pub fn look(&self, own: Option<&str>, text: &str) -> Vec<Hit> {
        let own = own.and_then(|id| self.by_id.get(id).copied());
        let folded = Folded::new(text);
        let mut hits: Vec<(Range<usize>, String, What)> = Vec::new();
        for number in self.numbers.find(&folded.text) {
            if let Some(town) = number.owners.betrayed(own) {
                hits.push((number.range, self.towns[town].name.clone(), number.what));
            }
        }
        let mut settled = 0;
        for (range, signs) in self.matches(&folded.text) {
            if range.start < settled {
                continue;
            }
            match self.judge(own, &folded, &range, signs) {
                Verdict::Nothing => {}
                Verdict::Settled => settled = range.end,
                Verdict::Hit { range, whose, what } => {
                    settled = range.end;
                    hits.push((range, whose, what));
                }
            }
        }
        hits.sort_by_key(|(range, ..)| range.start);
        let tell = |(part, whose, what): (Range<usize>, String, What)| {
            let range = folded.source_range(part);
            Hit { said: readable(&text[range.clone()]), range, whose, what }
        };
        hits.into_iter().map(tell).collect()
    }

    /// Everything that begins like a word, the longer before the shorter.
    fn matches(&self, text: &str) -> Vec<(Range<usize>, &[Sign])> {
        let begins = |at: usize| !text[..at].ends_with(char::is_alphanumeric);
        let mut found: Vec<_> = self
            .finder
            .find_overlapping_iter(text)
            .filter(|found| begins(found.start()))
            .map(|found| (found.range(), &*self.signs[found.pattern()]))
            .collect();
        found.sort_by_key(|(range, _)| (range.start, usize::MAX - range.end));
        found
    }

    fn judge(&self, own: Option<usize>, folded: &Folded, range: &Range<usize>, signs: &[Sign]) -> Verdict {
        let text = &folded.text;
        let ends = !text[range.end..].starts_with(char::is_alphanumeric);
        for sign in signs {
            let verdict = match sign {
                Sign::Domain(owners) => match contacts::around_domain(text, range.clone()) {
                    Some((whole, true)) => self.fact(own, owners, whole, What::Email),
                    Some((whole, false)) => self.fact(own, owners, whole, What::Host),
                    None => Verdict::Nothing,
                },
                Sign::Email(owners) if ends => self.fact(own, owners, range.clone(), What::Email),
                Sign::Company(owners) if ends => self.fact(own, owners, range.clone(), What::Company),
                Sign::Own(owners) | Sign::District(owners) if ends && owners.is_of(own) => Verdict::Settled,
                Sign::District(owners) if ends => self.district(own, owners, folded, range),
                Sign::Street(addresses) => match contacts::at_street(text, range.end, addresses) {
                    Some((end, owners)) => self.fact(own, &owners, range.start..end, What::Address),
                    None => Verdict::Nothing,
                },
                Sign::Name(place) => self.name(own, folded, range, *place, false),
                Sign::Adjective(place) => self.name(own, folded, range, *place, true),
                _ => Verdict::Nothing,
            };
            if !matches!(verdict, Verdict::Nothing) {
                return verdict;
            }
        }
        Verdict::Nothing
    }

    fn fact(&self, own: Option<usize>, owners: &Owners, range: Range<usize>, what: What) -> Verdict {
        match owners.betrayed(own) {
            Some(town) => Verdict::Hit { range, whose: self.towns[town].name.clone(), what },
            None => Verdict::Settled,
        }
    }

    fn district(&self, own: Option<usize>, owners: &Owners, folded: &Folded, range: &Range<usize>) -> Verdict {
        let Some(town) = owners.betrayed(own) else { return Verdict::Nothing };
        let is_place = |word: &str| self.places.is_telling(word);
        match (District { folded, range: range.clone(), is_place: &is_place }).speaks() {
            Some(range) => Verdict::Hit { range, whose: self.towns[town].name.clone(), what: What::Name },
            None => Verdict::Nothing,
        }
    }

    fn name(
        &self,
        own: Option<usize>,
        folded: &Folded,
        range: &Range<usize>,
        place: usize,
        adjective: bool,
    ) -> Verdict {
        let place = &self.places.all[place];
        let Some((form, len)) = Form::of(&folded.text[range.end..], adjective) else { return Verdict::Nothing };
        if own.is_some_and(|own| place.tenants.contains(&own)) {
            return Verdict::Settled;
        }
        let declared = own.is_none_or(|own| {
            place.tenants.iter().any(|town| self.towns[own].mentions.contains(&self.towns[*town].id))
        });
        let mention = Mention {
            folded,
            range: range.start..range.end + len,
            form,
            ordinary: place.ordinary,
            tenant: !place.tenants.is_empty(),
            declared,
            own: own.map(|own| &*self.towns[own].folded),
            is_place: &|word| self.places.is_telling(word),
        };
        match mention.speaks() {
            Some(range) => {
                let what = if matches!(form, Form::Name | Form::Genitive) { What::Name } else { What::Form };
                Verdict::Hit { range, whose: place.name.clone(), what }
            }
            None => Verdict::Settled,
        }
    }
}

/// The patterns of the finder, each once.
#[derive(Default)]
struct Patterns {
    known: HashMap<String, usize>,
    texts: Vec<String>,
    signs: Vec<Vec<Sign>>,
}

impl Patterns {
    fn add_town(&mut self, i: usize, town: &TownFacts) {
        for domain in contacts::domains(town) {
            self.owned(domain, i, Sign::Domain);
        }
        for email in &town.emails {
            self.owned(fold(email), i, Sign::Email);
        }
        for company in town.companies.iter().map(|company| fold(company)) {
            // "Stadtwerke" alone is every town's
            if company.contains(' ') && !company.split(' ').next().is_some_and(words::is_outside) {
                self.owned(company, i, Sign::Company);
            }
        }
        self.owned(fold(&town.full_name), i, Sign::Own);
        for district in &town.districts {
            self.owned(fold(district), i, Sign::District);
        }
        for (street, zip, _) in &town.addresses {
            if let Some((stems, address)) = contacts::street(street, zip, i) {
                for stem in stems {
                    let signs = self.at(stem);
                    let address = address.clone();
                    match signs.iter_mut().find_map(|sign| if let Sign::Street(all) = sign { Some(all) } else { None })
                    {
                        Some(all) => all.push(address),
                        None => signs.push(Sign::Street(vec![address])),
                    }
                }
            }
        }
    }

    fn add_places(&mut self, places: &Places) {
        for (name, place) in &places.names {
            self.at(name.clone()).push(Sign::Name(*place));
        }
        for (adjective, place) in &places.adjectives {
            self.at(adjective.clone()).push(Sign::Adjective(*place));
        }
    }

    fn owned(&mut self, pattern: String, town: usize, sign: fn(Owners) -> Sign) {
        let new = sign(Owners::default());
        let signs = self.at(pattern);
        let same = signs.iter_mut().find(|sign| std::mem::discriminant(*sign) == std::mem::discriminant(&new));
        let sign = match same {
            Some(sign) => sign,
            None => {
                signs.push(new);
                signs.last_mut().expect("it was just put there")
            }
        };
        if let Sign::Domain(owners)
        | Sign::Email(owners)
        | Sign::Company(owners)
        | Sign::Own(owners)
        | Sign::District(owners) = sign
        {
            owners.add(town);
        }
    }

    fn at(&mut self, pattern: String) -> &mut Vec<Sign> {
        let i = *self.known.entry(pattern).or_insert_with_key(|pattern| {
            self.texts.push(pattern.clone());
            self.signs.push(Vec::new());
            self.signs.len() - 1
        });
        &mut self.signs[i]
    }
}
