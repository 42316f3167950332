//! Does this phrase speak for the town it names, or does it merely mention it?
//!
//! A name alone tells nothing: people move to Herford, are born there, and go to its courts. What betrays is the town
//! hall around the name ("Bürgerbüro Herford"), a "we" ("bei uns in Herford"), its people ("Herforderinnen"), its
//! signature. Words that tell of a town as of another one ("dort", "ziehen", "Nachbarstadt") take the first of these
//! back, but never a "we".

use std::ops::Range;

use super::{around::Around, fold::Folded, words::*};

/// The grammatical form in which a name stands there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Name,
    /// `Herfords`
    Genitive,
    /// `Herforder`, in front of a noun or as one.
    Adjective,
    /// `Herforderin`, `Herforderinnen`, `Herforder:innen`
    Residents,
}

impl Form {
    /// The form that the letters behind a name or an adjective make, and how many they are.
    pub fn of(rest: &str, adjective: bool) -> Option<(Self, usize)> {
        let endings: &[(&str, Self)] = if adjective {
            &[
                ("innen", Self::Residents),
                (":innen", Self::Residents),
                ("/innen", Self::Residents),
                ("/-innen", Self::Residents),
                ("-innen", Self::Residents),
                ("in", Self::Residents),
                (":in", Self::Residents),
                ("/in", Self::Residents),
                ("n", Self::Adjective),
                ("s", Self::Adjective),
                ("", Self::Adjective),
            ]
        } else {
            &[("s", Self::Genitive), ("'s", Self::Genitive), ("'", Self::Genitive), ("", Self::Name)]
        };
        endings.iter().find_map(|(ending, form)| {
            let behind = rest.strip_prefix(ending)?;
            (!behind.starts_with(char::is_alphanumeric)).then_some((*form, ending.len()))
        })
    }
}

/// A name in a text.
pub struct Mention<'a> {
    pub folded: &'a Folded<'a>,
    pub range: Range<usize>,
    pub form: Form,
    pub ordinary: bool,
    /// It is one of our tenants.
    pub tenant: bool,
    /// The text is a town's that means to mention it, or a layer's, where the seat of an outside body is a bare name.
    pub declared: bool,
    /// The folded name of the town whose page it is.
    pub own: Option<&'a str>,
    pub is_place: &'a dyn Fn(&str) -> bool,
}

impl Mention<'_> {
    /// The part of the text that speaks for the town.
    pub fn speaks(&self) -> Option<Range<usize>> {
        let around = Around::of(self.folded, &self.range);
        let first = around.left.first();
        let joined = first.is_some_and(|word| word.gap.ends_with('-') && !word.gap.starts_with(' '));
        if joined && !(around.is_file_name() || first.is_some_and(|word| is_municipal(&word.text))) {
            // Minden-Herforder Verkehrsgesellschaft
            return None;
        }
        if first.is_some_and(|word| is_title(&word.text)) {
            return None;
        }
        let named = around.right.first().is_some_and(|word| word.gap == " " && is_venue(&word.text));
        if named || self.ordinary && !self.is_capital() && !around.is_file_name() {
            return None;
        }
        match self.form {
            Form::Residents => self.residents(&around),
            Form::Adjective => self.adjective(&around),
            Form::Name | Form::Genitive => self
                .we(&around)
                .or_else(|| self.greets(&around))
                .or_else(|| self.authority(&around))
                .or_else(|| self.people(&around))
                .or_else(|| self.owned(&around))
                .or_else(|| self.signature(&around))
                .or_else(|| self.doubtful(&around)),
        }
    }

    /// "Bei uns in Bünde", "Ihr Bünde", "Willkommen in Bünde", "unser Team in Bünde"
    fn we(&self, around: &Around) -> Option<Range<usize>> {
        let (first, second) = (around.left(0)?, around.left(1));
        let numbered = around.right(0).is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit()));
        let is_there = matches!(first, "in" | "aus" | "von" | "bei" | "fuer" | "from" | "for") && !numbered;
        if is_there && second.is_some_and(is_us) && around.is_close(1) {
            return self.from(around, 1);
        }
        if is_your(first) && !self.ordinary && around.is_close(0) {
            return self.from(around, 0);
        }
        let greeting = (0..4).find(|i| !around.left(*i).is_some_and(|word| is_link(word) || is_authority(word)))?;
        if matches!(around.left(greeting), Some("willkommen" | "welcome")) && around.is_close(greeting) {
            return self.from(around, greeting);
        }
        // "unser Rechenzentrum steht in Lemgo" is another's
        let noun = around.left.get(1).is_some_and(|word| self.is_capital_at(word.range.start));
        let ours = (2..4).find(|i| around.left(*i).is_some_and(is_our));
        match ours {
            Some(i)
                if (noun || around.left(i) == Some("our"))
                    && is_there
                    && !self.ordinary
                    && around.is_close(i)
                    && !around.names_outside() =>
            {
                self.from(around, i)
            }
            _ => None,
        }
    }

    /// "Wir freuen uns auf Sie in Bünde", "Schön, dass Sie nach Bünde gezogen sind", "Ziehen Sie nach Bünde? Dann melden
    /// Sie sich bei uns an"
    fn greets(&self, around: &Around) -> Option<Range<usize>> {
        let is_there = matches!(around.left(0)?, "in" | "nach" | "to") && around.is_close(0);
        let says = |is: fn(&str) -> bool| around.words().any(is);
        let arrives = says(is_moving)
            && (around.sentence.contains("bei uns") || around.sentence.contains("with us"))
            && says(|word| matches!(word, "an" | "anmelden" | "register"));
        (is_there && says(is_reader) && (says(is_greeting) || arrives)).then(|| self.range.clone())
    }

    /// "Stadt Bünde", "Rathaus in Bünde", "Verwaltung von der Stadt Bünde", "Bünde town hall"
    fn authority(&self, around: &Around) -> Option<Range<usize>> {
        let found = self.role(around).or_else(|| self.english_role(around))?;
        let i = around.left.iter().position(|word| word.range.start == found.start);
        let origin = |word| matches!(word, Some("aus" | "from"));
        let comes_from = |i: usize| origin(around.left(i + 1)) || origin(around.left(i + 2));
        if i.is_some_and(|i| is_authority(&around.left[i].text) && comes_from(i)) {
            return None;
        }
        let ours = i.is_some_and(|i| around.left(i + 1).is_some_and(|word| is_your(word) || is_us(word)));
        (ours || !around.tells_of_others(self, found.start)).then_some(found)
    }

    fn role(&self, around: &Around) -> Option<Range<usize>> {
        let role = (0..4).find(|i| !around.left(*i).is_some_and(is_link))?;
        if !around.is_close(role) {
            return None;
        }
        let word = around.left(role)?;
        let links: Vec<&str> = (0..role).filter_map(|i| around.left(i)).collect();
        if self.ordinary && !links.iter().all(|link| is_plain_link(link)) {
            return None;
        }
        let leads_elsewhere =
            links.iter().any(|link| matches!(*link, "in" | "im" | "at" | "bei" | "aus" | "from" | "zu"));
        if is_authority(word) && leads_elsewhere || self.ordinary && is_due(word) && role > 0 {
            return None;
        }
        let from = (role + 1..role + 4)
            .take_while(|i| around.is_close(*i))
            .filter(|i| around.left(*i).is_some_and(|word| is_municipal(word) || is_your(word) || is_us(word)));
        let outermost = from.last().unwrap_or(role);
        let office = word == "office" && around.left(role + 1).is_some_and(is_english_office);
        (office || is_municipal(word) || is_authority(word) || is_due(word))
            .then(|| around.left[outermost].range.start..self.range.end)
    }

    fn english_role(&self, around: &Around) -> Option<Range<usize>> {
        let (first, second) = (around.right(0)?, around.right(1).unwrap_or_default());
        let role = match first {
            "town" | "city" => matches!(second, "hall" | "council" | "administration").then_some(1),
            "council" | "residents" | "citizens" | "citizen" | "resident" | "hall" | "administration" => Some(0),
            _ if !self.tenant => None,
            _ => (0..3).find(|i| around.right(*i).is_some_and(|word| exact("tax fee fees portal website", word))),
        }
        .filter(|role| around.right_close(*role))?;
        Some(self.range.start..around.right[role].range.end)
    }

    /// "Menschen aus Bünde", "residents of Bünde", "alle Haushalte in Bünde"
    fn people(&self, around: &Around) -> Option<Range<usize>> {
        let noun = (0..4).find(|i| !around.left(*i).is_some_and(|word| is_link(word) || is_authority(word)))?;
        let word = around.left(noun)?;
        let also =
            around.left(noun + 1).is_some_and(|word| matches!(word, "auch" | "sogar" | "selbst" | "also" | "viele"));
        let all = self.tenant && is_group(word) && matches!(around.left(noun + 1), Some("alle" | "allen"));
        let fits = noun > 0 && around.is_close(noun) && (is_people(word) || all) && !also;
        let found = fits.then(|| self.from(around, noun))?;
        found.filter(|found| !around.tells_of_others(self, found.start))
    }

    /// "Bündes Bürgerbüro", "Bündes neues Rathaus"
    fn owned(&self, around: &Around) -> Option<Range<usize>> {
        if self.form != Form::Genitive {
            return None;
        }
        let noun = (0..2).find(|i| around.right(*i).is_some_and(|word| is_municipal(word) || is_people(word)))?;
        (around.right_close(noun) && !around.tells_of_others(self, self.range.start))
            .then(|| self.range.start..around.right[noun].range.end)
    }

    /// "Zahlungsempfänger: Bünde", "Bünde hat einen Beirat", "© 2026 Bünde", "Bünde, den 3. Mai 2026", "Bünde teilt mit"
    fn signature(&self, around: &Around) -> Option<Range<usize>> {
        if self.ordinary && !self.tenant || around.may_tell_of_others(self) || around.names_outside() {
            return None;
        }
        let next = around.right.first();
        let dated = next.is_some_and(|word| {
            let is_number =
                |i: usize| around.right(i).is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit()));
            let day = (word.text == "den" && is_number(1)) || (is_number(0) && around.right(1).is_some_and(is_month));
            let month = word.text == "im" && around.right(1).is_some_and(is_month) && is_number(2);
            word.gap.starts_with(',') && (day || month || is_number(0) && is_number(1) && is_number(2))
        });
        if dated && around.left.first().is_none_or(|word| word.gap != " ") {
            return Some(self.range.clone());
        }
        // "Reitverein Bünde lädt ein" is not the town
        let named_after =
            around.left.first().is_some_and(|word| word.gap == " " && self.is_capital_at(word.range.start));
        if !self.ordinary && !named_after && next.is_some_and(|word| word.gap == " " && is_speaking(&word.text)) {
            return Some(self.range.start..around.right[0].range.end);
        }
        let has = self.tenant && (around.left(0) == Some("hat") || around.right(0) == Some("hat"));
        if let Some(i) = (0..5).find(|i| has && around.right(*i).is_some_and(is_municipal)) {
            return Some(self.range.start..around.right[i].range.end);
        }
        let signs = (0..3).find(|i| around.left(*i).is_some_and(is_signatory))?;
        let between = (0..signs).all(|i| {
            around
                .left(i)
                .is_some_and(|word| is_link(word) || word == "ist" || word.starts_with(|c: char| c.is_ascii_digit()))
        });
        if between { self.from(around, signs) } else { None }
    }

    /// "Bünder Bürgerinnen", "Bünder Rathaus", "Als Bünder", "Alle Bünder"
    fn adjective(&self, around: &Around) -> Option<Range<usize>> {
        let ruled = around.words().any(|word| is_money(word) || is_binding(word));
        let noun = (0..2).find(|i| {
            around.right(*i).is_some_and(|word| {
                is_municipal(word)
                    || is_people(word)
                    || is_group(word)
                    || is_due(word)
                    || word.ends_with("satzung")
                    || word.ends_with("stadt") && ruled
            })
        });
        let noun =
            noun.filter(|i| around.right_close(*i) && (*i == 0 || !self.is_capital_at(around.right[0].range.start)));
        let listed = matches!(around.left(0), Some("und" | "oder")) && around.left(1).is_some_and(self.is_place);
        if listed && !self.tenant {
            return None;
        }
        if let Some(noun) = noun {
            let also = around.left(0).is_some_and(|word| matches!(word, "auch" | "sogar"));
            let mentioned = also && !self.tenant || around.tells_of_others(self, self.range.start);
            return (!mentioned).then(|| self.range.start..around.right[noun].range.end);
        }
        let before = around.left(0).unwrap_or_default();
        let counted = matches!(
            before,
            "als"
                | "alle"
                | "allen"
                | "fuer"
                | "jede"
                | "jeder"
                | "jeden"
                | "liebe"
                | "lieber"
                | "wir"
                | "uns"
                | "ein"
                | "kein"
        );
        let alone = around.right.first().is_none_or(|word| word.gap != " " || !self.is_capital_at(word.range.start));
        let people =
            counted && alone && !is_food(&self.folded.text[self.range.clone()]) && (self.tenant || !self.ordinary);
        let acts =
            before.is_empty() && self.tenant && around.right.first().is_some_and(|word| word.gap == " ") && alone;
        (people || acts).then(|| {
            around.left.first().filter(|_| people).map_or(self.range.start, |word| word.range.start)..self.range.end
        })
    }

    fn residents(&self, around: &Around) -> Option<Range<usize>> {
        let also = around.left(0).is_some_and(|word| matches!(word, "auch" | "sogar" | "viele"));
        (self.tenant || !also && !around.tells_of_others(self, self.range.start)).then(|| self.range.clone())
    }

    fn from(&self, around: &Around, i: usize) -> Option<Range<usize>> {
        Some(around.left[i].range.start..self.range.end)
    }

    fn is_capital(&self) -> bool {
        self.is_capital_at(self.range.start)
    }

    fn is_capital_at(&self, at: usize) -> bool {
        self.folded.is_capital(at)
    }
}
