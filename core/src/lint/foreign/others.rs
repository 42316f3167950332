//! What makes a sentence tell of a town as of another one.
//!
//! Two readings cannot be told apart by a sentence alone: "Für die Bäder ist die Stadt Bünde zuständig" and "Ausweis der
//! Stadt Bünde" are right on a neighbour's page and wrong on the page they were copied to. They pass for municipalities
//! that are no tenants and for those that the town means to mention, because nobody copies from these.

use super::{
    around::{Around, words},
    phrase::Mention,
    words::*,
};

impl Around<'_> {
    /// The sentence tells of the town as of another one. What says so has to concern the town that is named from byte
    /// `from` on: "ziehen Sie in die Stadt Bünde", not "ziehen Sie um, hilft die Stadt Bünde".
    pub fn tells_of_others(&self, mention: &Mention, from: usize) -> bool {
        let before: Vec<&str> =
            self.left.iter().filter(|word| word.range.start < from).take(2).map(|word| &*word.text).collect();
        self.moves(&before)
            || self.is_joint(mention, &before)
            || self.is_issued()
            || self.is_past()
            || self.leads_there()
            || self.is_repeated()
            || self.is_listed(mention)
            || self.says(is_elsewhere)
            || ["anderen stadt", "anderen gemeinde"].iter().any(|other| self.sentence.contains(other))
            || (!mention.tenant || mention.declared && mention.own.is_some()) && (self.refers() || self.is_part(from))
            || !mention.tenant && (self.is_told(from) || self.is_paired(mention) || is_example(&before))
    }

    /// The same for passages that say little: any word of moving, birth or other places is enough.
    pub fn may_tell_of_others(&self, mention: &Mention) -> bool {
        self.says(is_moving)
            || self.says(is_joint)
            || self.says(is_issued)
            || self.says(is_distant)
            || self.tells_of_others(mention, mention.range.start)
    }

    pub fn says(&self, is: fn(&str) -> bool) -> bool {
        self.words().any(is)
    }

    fn moves(&self, before: &[&str]) -> bool {
        self.says(is_moving) && before.iter().any(|word| exact("in nach aus von from to into", word))
    }

    /// "gemeinsam mit der Stadt Bünde", "auch für die Stadt Bünde"
    fn is_joint(&self, mention: &Mention, before: &[&str]) -> bool {
        let beside_own = mention.own.is_some_and(|own| self.words().any(|word| word == own));
        let coupled = self.right(0) == Some("und") || before.contains(&"und");
        let together = beside_own
            || before.iter().any(|word| exact("mit with zwischen", word))
            || coupled && (!mention.tenant || self.says(is_us));
        together && self.says(is_joint) || before.contains(&"fuer") && self.words().any(|word| word == "auch")
    }

    /// "Haben Sie einen Ausweis, den die Stadt Bünde ausgestellt hat?"
    fn is_issued(&self) -> bool {
        self.says(is_issued) && self.says(is_past) || self.sentence.contains("issued by") && !self.says(is_passive)
    }

    /// "Sie waren bisher in Bünde gemeldet", "1826 bekam Bünde eine Brücke"
    fn is_past(&self) -> bool {
        self.says(is_before) && self.says(is_past) && self.says(|word| is_reader(word) || is_your(word))
            || self.says(is_old_year) && self.says(|word| is_past(word) || is_founding(word))
    }

    /// "Wenn Sie in Bünde wohnen, fragen Sie dort", "Bünde liegt an der Else"
    fn leads_there(&self) -> bool {
        let there = self.says(|word| exact("dort dorthin there", word))
            && (self.says(is_condition) || self.sentence.contains('?'));
        let lies =
            self.right(0) == Some("liegt") && self.right(1).is_some_and(|word| exact("an im in zwischen bei", word));
        let denied = self.right(0) == Some("nicht") && self.says(|word| word == "sondern");
        there || lies || denied
    }

    /// "Wohnen Sie in Bünde, hilft die Stadt Bünde", "Im Klinikum Bünde Geborene meldet das Standesamt Bünde"
    fn is_repeated(&self) -> bool {
        let name = &self.passage[self.place.clone()];
        self.sentence.matches(name).count() > 1
            && (["in", "aus"].iter().any(|word| format!(" {}", self.sentence).contains(&format!(" {word} {name}")))
                || self.says(is_hospital))
    }

    /// "Minden, Bünde und Enger", "die Stadt Bünde und die Gemeinde Hiddenhausen"
    fn is_listed(&self, mention: &Mention) -> bool {
        let name = &self.passage[self.place.clone()];
        let others = self.words().filter(|word| *word != name && (mention.is_place)(word)).count();
        others > 1 || others == 1 && self.words().filter(|word| is_authority(word)).count() > 1
    }

    /// "Für das Bad ist die Stadt Bünde zuständig" sends the reader there, unless it is about the reader's own matter or
    /// about what every town does.
    fn refers(&self) -> bool {
        let sentence = self.sentence.trim_start();
        let own = |word: &str| is_your(word) || is_us(word) || is_reader(word) || is_due(word) || is_procedure(word);
        sentence.starts_with("fuer ") && sentence.ends_with(" zustaendig") && !words(sentence).any(own)
    }

    /// "Ausweis der Stadt Bünde", "Teile der Stadt Bünde", but not "Führungszeugnis – Stadt Bünde"
    fn is_part(&self, from: usize) -> bool {
        let mut before = self.left.iter().filter(|word| word.range.start < from).take(2);
        before.any(|word| word.gap == " " && (is_paper(&word.text) || is_area(&word.text)))
    }

    /// "Menschen aus Bünde und Enger"
    fn is_paired(&self, mention: &Mention) -> bool {
        self.right(0) == Some("und") && self.right(1).is_some_and(mention.is_place)
    }

    /// "Die Stadt Bünde ist bekannt für ihre Zigarren", "Wie die Stadt Bünde mitteilt", "Foto: Stadt Bünde", "die Steuer, die
    /// Sie an die Stadt Bünde gezahlt haben"
    fn is_told(&self, from: usize) -> bool {
        let starts = self.left.iter().filter(|word| word.range.start < from).count() < 2;
        let described = starts && self.right(0) == Some("ist")
            // "ihre" may be the town's
            && !self.says(|word| is_reader(word) || word == "ihr" || is_official(word));
        let cited = self.sentence.trim_start().starts_with("wie die ") && self.says(is_report);
        let credited = self.words().next().is_some_and(is_picture);
        let paid = self.says(|word| exact("gezahlt bezahlt gegeben paid", word)) && self.says(is_past);
        let also = self.says(|word| exact("too also", word)) && self.says(is_people);
        described || cited || credited || paid || also
    }
}

fn is_example(before: &[&str]) -> bool {
    before.iter().any(|word| exact("etwa beispiel beispielsweise example", word))
}
