//! `retired-term`: words that were right once. Which ones, and from which day on, towns and layers say in `retired.yaml`.

use std::{
    ops::Range,
    sync::{LazyLock, OnceLock},
};

use jiff::civil::Date;
use regex::{Regex, RegexSet, RegexSetBuilder};

use super::{Hit, dates, past, pattern, sentences};
use crate::tenant::schema::RetiredTerm;

/// The retired terms of a town, ready to be looked for.
#[derive(Debug)]
pub struct Retired {
    any: RegexSet,
    terms: Vec<Term>,
}

#[derive(Debug)]
struct Term {
    term: RetiredTerm,
    /// Made when it is met: most terms are in no text at all.
    patterns: OnceLock<Patterns>,
}

#[derive(Debug)]
struct Patterns {
    word: Regex,
    near: Option<Regex>,
    allowed: Option<Regex>,
}

/// Bytes: enough for more terms than anybody will write.
const MANY: usize = 1 << 28;

impl Retired {
    /// The terms of a town at one moment: those that are not retired yet are not among them. Towns that share a list
    /// of their layers do well to share this too.
    pub fn of(terms: &[RetiredTerm]) -> Self {
        let terms = terms.iter().filter(|term| is_said(&term.term)).cloned();
        let terms: Vec<Term> = terms.map(|term| Term { term, patterns: OnceLock::new() }).collect();
        let any = RegexSetBuilder::new(terms.iter().map(|term| word(&term.term))).size_limit(MANY).build();
        Self { any: any.expect("words are valid patterns"), terms }
    }

    /// Retired terms in a passage that does not say that they are over.
    pub fn look(&self, text: &str, today: Date) -> Vec<Hit> {
        let found = self.any.matches(text);
        if !found.matched_any() {
            return Vec::new();
        }
        let sentences = sentences(text);
        let passage = Passage { text, sentences: &sentences, today };
        let mut hits: Vec<Hit> = found.iter().flat_map(|i| self.terms[i].look(&passage)).collect();
        hits.sort_by_key(|hit| hit.range.start);
        hits
    }
}

impl Term {
    fn patterns(&self) -> &Patterns {
        let Self { term, patterns } = self;
        patterns.get_or_init(|| Patterns {
            word: pattern(&word(term)),
            near: words(&term.near),
            allowed: words(&term.allowed),
        })
    }

    fn look(&self, passage: &Passage) -> Vec<Hit> {
        let Patterns { word, near, allowed } = self.patterns();
        let found = word.find_iter(passage.text);
        let found = found.map(|found| passage.whole_word(found.range()));
        let wrong = found.filter(|found| {
            let i = passage.sentence_at(found.start);
            let is_meant = near.as_ref().is_none_or(|near| near.is_match(passage.around(i)));
            let is_allowed = allowed.as_ref().is_some_and(|allowed| allowed.is_match(passage.sentence(i)));
            is_meant && !is_allowed && !passage.says_it_is_over(i, found.clone())
        });
        wrong.map(|found| self.hit(passage.text, found)).collect()
    }

    fn hit(&self, text: &str, range: Range<usize>) -> Hit {
        let said = text[range.clone()].to_owned();
        let hint = match &self.term.instead {
            Some(instead) => format!("write `{instead}` – {}", self.term.reason),
            None => format!("leave it out – {}", self.term.reason),
        };
        Hit { range, message: format!("says `{said}`, which is no longer right"), said, hint: Some(hint) }
    }
}

/// Without a letter a pattern would be found everywhere.
fn is_said(word: &str) -> bool {
    word.contains(char::is_alphanumeric)
}

/// A pattern for a term in all its spellings.
fn word(term: &RetiredTerm) -> String {
    let spellings: Vec<String> = std::iter::once(&term.term)
        .chain(&term.also)
        .filter(|word| is_said(word))
        .map(|word| spelling(word, term.exact))
        .collect();
    let case = if term.exact { "" } else { "(?i)" };
    format!("{case}{EDGE}(?:{})", spellings.join("|"))
}

/// A pattern for a word or a phrase in the ways people write it.
fn spelling(word: &str, exact: bool) -> String {
    let mut pattern = String::new();
    let mut letters = word.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            ' ' | '-' => pattern.push_str(r"[\s\-‐‑·]*"),
            'ä' | 'ö' | 'ü' if !exact => pattern.push_str(&format!("(?:{letter}|{}e)", plain(letter))),
            _ => pattern.push_str(&regex::escape(&letter.to_string())),
        }
        // Leichte Sprache splits long words: Kinder-Reise-Pass, Kinder·reise·pass
        let within_word = |c: &char| c.is_alphabetic();
        if !exact && within_word(&letter) && letters.peek().is_some_and(within_word) {
            pattern.push_str(r"[\-‐‑·\x{AD}]?");
        }
    }
    let is_whole = exact || word.chars().count() <= 6 || word.ends_with(|c: char| !c.is_alphabetic());
    if is_whole && word.ends_with(char::is_alphanumeric) {
        pattern.push_str(EDGE);
    }
    pattern
}

/// The edge of a word, in ASCII: with that of Unicode no fast automaton can be built.
const EDGE: &str = r"(?-u:\b)";

fn plain(umlaut: char) -> char {
    match umlaut {
        'ä' => 'a',
        'ö' => 'o',
        _ => 'u',
    }
}

/// A pattern for beginnings of words.
fn words(words: &[String]) -> Option<Regex> {
    let words: Vec<String> = words.iter().map(|word| regex::escape(word)).collect();
    (!words.is_empty()).then(|| pattern(&format!(r"(?i)\b(?:{})", words.join("|"))))
}

struct Passage<'a> {
    text: &'a str,
    sentences: &'a [Range<usize>],
    today: Date,
}

impl Passage<'_> {
    /// With its ending, or the rest of a compound.
    fn whole_word(&self, found: Range<usize>) -> Range<usize> {
        let rest = self.text[found.end..].find(|c: char| !c.is_alphanumeric());
        found.start..rest.map_or(self.text.len(), |rest| found.end + rest)
    }

    fn sentence_at(&self, place: usize) -> usize {
        self.sentences.iter().rposition(|sentence| sentence.start <= place).unwrap_or(0)
    }

    fn sentence(&self, i: usize) -> &str {
        &self.text[self.sentences[i].clone()]
    }

    /// The sentence with the one before and the one behind it.
    fn around(&self, i: usize) -> &str {
        let last = (i + 1).min(self.sentences.len() - 1);
        &self.text[self.sentences[i.saturating_sub(1)].start..self.sentences[last].end]
    }

    /// Whether the passage tells of the word at `place`, in its `i`-th sentence, as of something past.
    fn says_it_is_over(&self, i: usize, place: Range<usize>) -> bool {
        let whole = &self.sentences[i];
        let (before, after) = (&self.text[whole.start..place.start], &self.text[place.end..whole.end]);
        let (before_it, before) = before.rsplit_once(';').unwrap_or(("", before));
        let (after, behind_it) = after.split_once(';').unwrap_or((after, ""));
        let before = since_order(before);
        let own = [without_condition(before), HERE, CONDITION_BEHIND.split(after).next().unwrap_or(after)].concat();
        let own = NO_PAST.replace_all(&own, "$keep");
        let beside = [i.checked_sub(1), Some(i + 1)].into_iter().flatten().filter(|i| *i < self.sentences.len());
        let mut beside = beside.map(|i| self.sentence(i)).chain([before_it, behind_it]);
        OLD_ONE.is_match(&NO_PAST.replace_all(before, "$keep"))
            || OVER.is_match(&own)
            || ENDED_ON.find_iter(&own).any(|ended| self.is_past(&own[ended.end()..]))
            || self.tells_of_a_time(&own)
            || beside.any(|sentence| SAME_ONE.is_match(sentence) && GONE.is_match(sentence))
    }

    /// Whether a sentence in the past tense names its time: "2016 hatten …", "Haben Sie 2024 … bezahlt, …".
    fn tells_of_a_time(&self, sentence: &str) -> bool {
        past::tells_history(sentence)
            && dates::find(sentence)
                .iter()
                .any(|date| date.last < self.today && !STARTED_ON.is_match(&sentence[..date.range.start]))
    }

    /// Whether the text begins with a date that has passed.
    fn is_past(&self, text: &str) -> bool {
        dates::find(text).first().is_some_and(|date| date.range.start == 0 && date.last < self.today)
    }
}

/// Stands for the term in its sentence.
const HERE: &str = "¤";

/// Without the condition before the clause: "Wenn Sie nicht mehr bar zahlen möchten, …" speaks of something else.
fn without_condition(before: &str) -> &str {
    CONDITION.find(before).map_or(before, |condition| &before[condition.end()..])
}

/// From the last order on: "X ist veraltet, nehmen Sie …" speaks of what comes then.
fn since_order(before: &str) -> &str {
    let orders = ORDER.find_iter(before).filter(|order| !past::tells_history(order.as_str()));
    orders.last().map_or(before, |order| &before[order.start()..])
}

static ORDER: LazyLock<Regex> = LazyLock::new(|| pattern(r"[,:]\s+\p{L}+n\s+Sie\b"));

static CONDITION: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^\W*(?:wenn|falls|sofern|if|when|unless)\b[^,]*,"));
static CONDITION_BEHIND: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i),?\s(?:wenn|falls|sofern|if|when|unless)\b"));

/// Words directly before the term that make it the old one, or none at all.
static OLD_ONE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?ix)\b(?: statt | anstatt | anstelle | kein\w* | bisherig\w* | alte[mnrs]? | früher\w* | ehemalig\w* | einstig\w*
            | vormals | letzte\w* | noch\s gültige\w* | abgelaufene\w* | vorhandene\w* | bestehende\w* | ausgestellte\w* | erteilte\w* | instead\s of
            | anders\s als | im\s Gegensatz\s zu[mr]? | Unterschied\w*\s zu[mr]? | unlike | rather\s than | old | former | previous | expired | existing | no | aus\s für | (?:ende|abschied|schluss) )
            (?: \s+ (?: von | vom | mit | bei | beim | de[mnrs] | die | das | eine[mnrs]? | auf | of | the | a | to ) )*
            \s+ [\[("'„“*]* $"#,
    )
});

/// What does not tell of the past although it looks so. `keep` does: with the term it is the term that is over.
static NO_PAST: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?<keep>\bnicht mehr (?:per|mit|über)\s+(?:\w+\s+)?¤|¤\s+nicht mehr (?:gültig|gilt|gelten|angeboten))|\b(?:wenn|falls|sofern|sollten?|if|when)\b[^,]*¤[^,]*\b(?:nicht mehr|no longer)\b|\bheiß(?:t|en)\s+(?:jetzt|nun|heute|inzwischen)\s+\W*¤|^\W*(?:bekommen|beziehen|erhalten|haben|besitzen|wenn|falls|sofern)\s+Sie\s+kein\w*(?:\s+¤\s+mehr)?|\bje früher\b|\bfrüher oder später\b|\bfrüher als\b|\bfrühere\w* Termin\w*|\bnoch kein\w*|\bwie früher\b|\bbisher noch\b|\bnicht mehr (?:kostenlos|kostenfrei|nur|nötig|bar|per|mit|über)\b",
    )
});

/// In the same clause.
static OVER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?ix)\b(?: (?:nicht|nie|nirgends|nirgendwo)\s+(?:mehr|länger) | Vergangenheit | beendet | kein\w*\b[^.!?]*\bmehr | früher\w* | ehemals | ehemalig\w* | vormals | damals
            | einst | abgeschafft\w* | abgeschaltet\w* | eingestellt\w* | abgelöst\w* | ersetzt\w* | ausgelaufen\w*
            | abgelaufen\w* | weggefallen\w* | entfallen | entfällt | entfiel(?:en)? | aufgelöst\w* | umbenannt\w* | veraltet\w* | überholt
            | ungültig\w* | vorbei | verschwunden | außer\s+Kraft | hieß(?:en)? | heiß(?:t|en)\b[^,]*\b(?:jetzt|nun|heute|inzwischen|seit)
            | gab\s+es | gal?lt(?:en)? | galt(?:en)? | nannte | (?:an|die)\s+(?:die\s+)?Stelle | Nachfolger\w* | Vorgänger\w*
            | (?:gelten|gilt)\s+(?:\w+\s+){0,3}(?:weiter|bis) | weiter(?:hin)?\s+gültig | behalten | bis\s+zum\s+Ablauf
            | vom\s+Netz | bisher | bislang | aus\s+(?:de[mr]\s+)?¤\s+(?:wurde|ist)
            | gelöscht | Geschichte | damit\s+Schluss | stellten?\b[^,]*\bein | läuft\b[^,]*\ba[bu]s? | Ersatz\s+für | stopped
            | hatten? | entsprach(?:en)? | umgangssprachlich | Volksmund
            | (?:sagen|nennen)\s+(?:viele|manche) | (?:viele|manche)\s+(?:sagen|nennen) | until\s+(?:it|they)\s+expires?
            | bis\s+(?:er|sie|es)\s+abl(?:äuft|aufen) | (?:was|wie)\s[^.!?]*\bpassiert | was\s+(?:wird|wurde|ist)\s+(?:dar)?aus | geblieben | geworden | gestrichen | aus\s+dem\s+(?:Angebot|Programm) | bleib(?:t|en)\b[^.!?]*\bbis\b[^.!?]*\bgültig
            | bleib(?:t|en)\s+(?:noch\s+)?gültig | no\b[^.!?]*\bany\s?more | what\s+happened\s+to | noch\s+(?:\w+\s+){0,2}¤\s+(?:hat|haben|nutzt|besitzt)
            | (?:hat|haben)\b[^,]*¤[^,]*\bgeschlossen
            | no\s+longer | (?:can)?not\b[^.!?]*\bany\s?more | discontinued | abolished | withdrawn | ceased | replace[ds]? | renamed
            | phased\s+out | formerly | former | previously | used\s+to | obsolete | (?:was|were)\s+(?:once\s+)?called
            | (?:is|are)\s+now\s+called | closed\s+(?:down|in|on|at\s+the\s+end) | (?:was|were|been|has|have)\s+(?:closed|ended|gone|shut)
            | ended\s+(?:in|on|at) | (?:is|are)\s+gone | expired | successor | (?:remain|stay|still)\w*\s+valid
            | not\s+(?:been\s+)?(?:accepted|supported|offered|issued) )\b
            | ¤\s+(?:\S+\s+){0,9}nicht\s+(?:\w+\s+)?(?:angeboten|anbieten|unterstützt|akzeptiert|angenommen|annehmen|anerkannt|verfügbar
                |ausgestellt|ausstellen|nutzbar|möglich)\b | ¤\s+(?:wurde|ist|hat)\b[^,]*\bgeschlossen\b | \b(?:noch|still)\b[^.!?]*\?
            | \b(?:hat|haben|habe|besitzt)\s+noch\b[^,]*¤ | ^\W*(?:vo[nm]|from)\s+(?:\w+\s+)?¤\s+(?:zu[mr]?|to)\b
            | \b(?:Wechsel|Umstieg|Umstellung)\s+vo[nm]\s+(?:\w+\s+)?¤ | \bvo[nm]\s+(?:\w+\s+)?¤[^.!?]*\b(?:umgestellt|umgestiegen|gewechselt)\b
            | \b(?:der\s+(?:Name|Begriff|Ausdruck)|das\s+Wort)\s+\W*¤ | \b(?:closed|ended|stopped|abolished)\s+(?:the\s+)?¤
            | \bheiß(?:t|en)\b[^,]*\bnoch\s+\W*¤ | \b(?:lösche?n?|deinstalliere?n?|entfernen?|uninstall|delete)\s+(?:Sie\s+)?(?:\w+\s+)?\W*¤
            | [\x22„“»]¤[\x22”“«]+\s+(?:steht|stand|bedeutet|meint|stands|means)\b | ¤\s+(?:\w+\s+)?(?:löschen|deinstallieren)\b",
    )
});

/// Before a date.
static ENDED_ON: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:bis|until|till|up to|vor|before)\s+(?:(?:zum|einschließlich|Ende|Anfang|the|end|of|dem|der)\s+)*",
    )
});

/// Up to a date: what began then goes on.
static STARTED_ON: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(?:ab|seit|from|since)(?:\s+\w+){0,2}\s+$"));

/// A sentence beside may speak of something else, unless it points to what was named.
static SAME_ONE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"\b(?:[Dd](?:as|en|ie|er|ies\w*)|[Ii]hn|sie|[Ee]r|Es|[Ii]t|[Tt]h(?:is|at|ey|e)|which)\b|^\W*(?:Nein|No)\b")
});

/// In the sentence before or behind: only what can hardly be said of anything else.
static GONE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?ix)^\W*Nein\b | ^\W*No\b[,.!]
            | \b(?:gibt(?:\ses)?|geht|existier\w+|gilt|gelten|besteht|bestehen|funktionier\w+)\b[^.!?]*\b(?:nicht|kein\w*)\b[^.!?]*\bmehr\b
            | \b(?:er|sie|es)\s(?:gilt|gelten|bleib\w+)\b[^.!?]*\bbis\b
            | \b(?:er|es|sie|ihn|das|dies\w*|de[nr])\s(?:\w+\s)?(?:wird|werden|wurden?|ist|sind)\b[^.!?]*\b(?:nicht\smehr | abgeschafft
                | eingestellt | abgeschaltet | abgelöst | ersetzt | umbenannt)\b
            | \b(?:wurden?|ist|sind)\b[^.!?]*\b(?:abgeschafft|eingestellt|abgeschaltet|abgelöst|umbenannt)\b
            | \bheiß(?:t|en)\s(?:jetzt|nun|heute|inzwischen)\b | \b(?:it|this|that|they|which)\b[^.!?]*\b(?:no\slonger | discontinued
                | abolished | replaced | renamed | any\s?more)\b | \b(?:was|were|been)\s(?:discontinued|abolished|withdrawn|shut\sdown)\b",
    )
});
