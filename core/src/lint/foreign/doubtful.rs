//! Headings, titles, labels and file names: a name in passages that say little.

use std::ops::Range;

use super::{around::Around, fold::BREAK, phrase::Mention, words::*};

impl Mention<'_> {
    /// Titles, rules, labels and file names: they say little, so that any word of other places makes them a mention. Labels
    /// and file names are right for a neighbour that the town means to mention.
    pub fn doubtful(&self, around: &Around) -> Option<Range<usize>> {
        if self.ordinary && !self.tenant || around.names_outside() || around.may_tell_of_others(self) {
            return None;
        }
        let telling = self.is_title(around)
            || self.is_trail(around)
            || self.is_law(around)
            || self.is_home(around)
            || self.is_topic(around)
            || self.is_asked(around)
            || self.is_claim(around);
        let named = !self.declared
            && (self.is_label(around) || self.is_heading(around) || self.is_picture(around) || self.is_file(around));
        (telling || named).then(|| self.range.clone())
    }

    /// "Hund anmelden – Bünde"
    fn is_title(&self, around: &Around) -> bool {
        let parts = around.parts();
        let (Some(last), true) = (parts.last(), parts.len() > 1) else { return false };
        let others = &parts[..parts.len() - 1];
        let beside_places = others.iter().any(|part| part.text.split(' ').any(|word| (self.is_place)(word)));
        let before = around.left.first().map_or("", |word| word.gap);
        // "Einkommen – Löhne" is about wages
        let clear = !self.ordinary || others.iter().any(|part| part.text.contains(' ') || is_start(part.text));
        last.range == around.place && !beside_places && clear && !before.starts_with(':')
    }

    /// "Startseite > Bünde > Hundesteuer"
    fn is_trail(&self, around: &Around) -> bool {
        let parts = around.parts();
        is_start(parts[0].text) && parts.len() > 2 && parts[1].range == around.place
    }

    /// "Bünde" alone, also behind its zip code, "Bünde: Parken"
    fn is_label(&self, around: &Around) -> bool {
        let mut parts = around.parts();
        let all = parts.len();
        parts.retain(|part| {
            let zip = part.text.strip_suffix(&around.passage[around.place.clone()]).map(str::trim_end);
            part.range.end != around.place.end || !zip.is_some_and(|zip| zip.bytes().all(|byte| byte.is_ascii_digit()))
        });
        let beside_places = parts.iter().any(|part| part.text.split(' ').any(|word| (self.is_place)(word)));
        let labelled = around.left.first().is_some_and(|word| word.gap.starts_with(':'))
            || self.ordinary && around.right.first().is_some_and(|word| word.gap.starts_with(':'));
        let clear = !self.ordinary
            || parts.is_empty()
            || parts.iter().any(|part| part.text.contains(' ') || is_start(part.text));
        self.tenant && parts.len() < all && !beside_places && !labelled && clear
    }

    /// `wappen_loehne.png`
    fn is_file(&self, around: &Around) -> bool {
        self.tenant && around.is_file_name()
    }

    /// "In Bünde gilt Leinenpflicht", "Die Steuer beträgt in Bünde 84 Euro"
    fn is_law(&self, around: &Around) -> bool {
        let starts = around.left.get(1).is_none_or(|word| word.gap != " ");
        let begins = starts && around.right(0).is_some_and(is_rule) && around.right[0].gap == " ";
        let costs = self.tenant && around.words().any(is_money);
        let binds = self.tenant && (around.left(1).is_some_and(is_binding) || around.says(|word| word == "must"));
        around.left(0) == Some("in") && (begins || costs || binds)
    }

    /// "Alle, die in Bünde wohnen", "Wohnen Sie in Bünde"
    fn is_home(&self, around: &Around) -> bool {
        let behind = around.right.iter().take(4).take_while(|word| !word.gap.contains([',', '.', '?', ':', BREAK]));
        let before =
            around.left.iter().skip(1).take(3).take_while(|word| !word.gap.contains([',', '.', '?', ':', BREAK]));
        let says_your = around.says(is_your);
        around.left(0) == Some("in")
            && behind.chain(before).any(|word| {
                is_living(&word.text) && (!exact("lebt wohnt", &word.text) || around.says(is_anybody))
                    || says_your && exact("adresse anschrift address", &word.text)
            })
    }

    /// "Heiraten in Bünde" as a heading, "Neu in Bünde?"
    fn is_topic(&self, around: &Around) -> bool {
        let behind = around.right.first().is_none_or(|word| word.gap != " ");
        let before = around.left.iter().skip(1).take_while(|word| word.gap == " ").count();
        let topic = around.left(1).is_some_and(|word| word.ends_with("en") || is_due(word) || is_topic(word));
        self.tenant
            && behind
            && before <= 3
            && around.left(0) == Some("in")
            && topic
            && around.left.get(before + 1).is_none_or(|word| word.gap != " ")
    }

    /// "Wo finde ich in Bünde das Fundbüro?"
    fn is_asked(&self, around: &Around) -> bool {
        self.tenant
            && around.left(0) == Some("in")
            && around.words().next().is_some_and(is_question)
            && around.sentence.contains('?')
            && around.says(is_reader)
    }

    /// "Anspruch haben alle Kinder, die in Bünde zur Schule gehen"
    fn is_claim(&self, around: &Around) -> bool {
        self.tenant && around.left(0) == Some("in") && around.says(is_anybody) && around.says(is_benefit)
    }

    /// "Luftbild von Bünde"
    fn is_picture(&self, around: &Around) -> bool {
        let leads = matches!(around.left(0), Some("von" | "auf" | "ueber" | "of"));
        self.tenant && leads && around.is_close(1) && around.left(1).is_some_and(is_picture)
    }

    /// A heading of a few words that ends in "in Bünde"
    fn is_heading(&self, around: &Around) -> bool {
        let ends = around.passage[around.place.end..].trim().is_empty() && around.left(0) == Some("in");
        self.tenant && ends && matches!(around.left.len(), 2..=6) && around.left.iter().all(|word| word.gap == " ")
    }
}
