//! `past-date`: a date that has passed in a sentence that reads as if it were still to come, or as news.
//!
//! A date is wrong unless its sentence gives it another part: history, the date of a statute, a condition such as "issued
//! before". Years without a month are looked at only where the words around them speak of a term.

use std::{ops::Range, sync::LazyLock};

use jiff::civil::Date;
use regex::Regex;

use super::{
    Hit,
    dates::{self, Dated, Grain},
    pattern, sentences,
};
use crate::locale::Locale;

/// What happened longer ago than this is history, whatever the tense.
const YEARS: i16 = 20;

/// Dates that have passed and read as if they had not, in German (also Leichte Sprache) and English texts.
pub fn past_dates(text: &str, today: Date, locale: &Locale) -> Vec<Hit> {
    if !text.contains(|c: char| c.is_ascii_digit()) {
        return Vec::new();
    }
    let words: &Words = match locale.lang() {
        "de" => &GERMAN,
        "en" => &ENGLISH,
        _ => return Vec::new(),
    };
    if words.example.is_match(text) {
        return Vec::new();
    }
    let sentences = sentences(text).into_iter();
    sentences
        .flat_map(|sentence| {
            let start = sentence.start;
            words.stale(&text[sentence], today).map(move |hit| hit.moved(start)).collect::<Vec<_>>()
        })
        .collect()
}

/// Whether a sentence is in the past tense, in either language.
pub(super) fn tells_history(sentence: &str) -> bool {
    [&GERMAN, &ENGLISH].into_iter().any(|words: &LazyLock<Words>| {
        [&words.happened, &words.done, &words.asks_what_was].into_iter().any(|past| past.is_match(sentence))
    })
}

/// What the words of a language say about a date beside them.
struct Words {
    /// Up to the date: it is over as such – "seit", "Stand:", "vom" of a document.
    told: Regex,
    /// A few words before the date, if it is not bound by "ab" or "bis": the day of a text or a statute.
    labelled: Regex,
    bound: Regex,
    /// Directly behind "told" words that make a range of them.
    goes_on: Regex,
    /// Anywhere in the sentence: statutes, conditions, examples.
    excused: Regex,
    /// In the clause: history.
    happened: Regex,
    /// In the sentence, if it does not speak of present or future: history.
    done: Regex,
    coming: Regex,
    /// Up to the date: something holds until then, whatever the tense.
    moved: Regex,
    /// Up to a year or month: it is a term.
    term: Regex,
    /// Up to the date: "before", "after" – a condition, where the sentence does not tell people to do something.
    beside: Regex,
    orders: Regex,
    /// Up to the date: something begins with it.
    begins: Regex,
    /// The passage begins as an example, and goes on as one.
    example: Regex,
    /// The sentence asks what people have done.
    asks_what_was: Regex,
    /// Behind a part of a year, or a year that opens the sentence: somebody plans something for it.
    planned: Regex,
}

impl Words {
    fn stale(&self, sentence: &str, today: Date) -> impl Iterator<Item = Hit> {
        let dates = dates::find(sentence);
        // with a date to come beside it, a past one is a beginning, or the condition of a row
        let is_ahead = |date: &Dated| date.grain != Grain::Year && date.last >= today && self.is_term(date, sentence);
        let looks_ahead = dates.iter().any(is_ahead);
        let is_stale = move |date: &Dated| {
            date.last < today
                && !looks_ahead
                && today.year() - date.last.year() <= YEARS
                && !self.is_fine(date, sentence)
        };
        dates.into_iter().filter(is_stale).map(|date| self.hit(&date, sentence))
    }

    fn is_fine(&self, date: &Dated, sentence: &str) -> bool {
        let (before, after) = (&sentence[..date.range.start], &sentence[date.range.end..]);
        let is_first_of_two =
            self.goes_on.is_match(after) && dates::find(after).first().is_some_and(|next| next.range.start < 20);
        let is_condition =
            self.beside.is_match(before) && (self.asks_what_was.is_match(sentence) || !self.orders.is_match(sentence));
        is_first_of_two
            || !self.is_term(date, sentence)
            || is_condition
            || (before.ends_with('(') && FIGURE.is_match(after))
            || MADE_BY_THEN.is_match(after)
            || (self.told.is_match(before) && !self.goes_on.is_match(after))
            || (self.labelled.is_match(before) && !self.bound.is_match(before))
            || self.excused.is_match(sentence)
            || (self.tells_history(clause(sentence, &date.range)) && !self.moved.is_match(sentence))
    }

    fn is_term(&self, date: &Dated, sentence: &str) -> bool {
        date.grain == Grain::Day
            || self.term.is_match(&sentence[..date.range.start])
            || (self.planned.is_match(&sentence[date.range.end..])
                && (date.grain == Grain::Part || sentence[..date.range.start].trim().is_empty()))
    }

    fn tells_history(&self, clause: &str) -> bool {
        self.happened.is_match(clause) || (self.done.is_match(clause) && !self.coming.is_match(clause))
    }

    fn hit(&self, date: &Dated, sentence: &str) -> Hit {
        let said = &sentence[date.range.clone()];
        let shown = shortened(sentence.trim());
        let hint = if self.begins.is_match(&sentence[..date.range.start]) {
            format!(
                "say what holds today, without the day; a change to come is dated: `- {{value: \"{shown}\", from: {}}}`",
                date.last
            )
        } else {
            format!("take the sentence out, or let it end by itself: `- {{value: \"{shown}\", until: {}}}`", date.last)
        };
        Hit {
            range: date.range.clone(),
            said: said.to_owned(),
            message: format!("names `{said}`, which is over, as if it were still to come"),
            hint: Some(hint),
        }
    }
}

/// The part of a sentence between the commas around a date, or up to its next verb; commas beside the date itself
/// belong to it.
fn clause<'a>(sentence: &'a str, date: &Range<usize>) -> &'a str {
    const MARKS: [char; 3] = [',', ';', ':'];
    static END: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"[,;:]|(?:^|\s)(?:and|und)\s+(?:is|are|has|have|can|will|ist|sind|hat|haben|kann|wird|werden)\b")
    });
    let before =
        sentence[..date.start].trim_end_matches([' ', ',']).trim_end_matches(", den").trim_end_matches(", dem");
    let start = before.rfind(MARKS).unwrap_or(0);
    let behind = sentence[date.end..].trim_start_matches([' ', ',']);
    let end = sentence.len() - behind.len() + END.find(behind).map_or(behind.len(), |end| end.start());
    &sentence[start..end]
}

impl Hit {
    fn moved(mut self, by: usize) -> Self {
        self.range = self.range.start + by..self.range.end + by;
        self
    }
}

/// The beginning of a sentence, as it can stand in a line of YAML.
fn shortened(sentence: &str) -> String {
    let words: Vec<&str> = sentence.split_whitespace().collect();
    let end = if words.len() > 6 { " …" } else { "" };
    (words[..words.len().min(6)].join(" ") + end).replace('"', "'")
}

/// Behind a date in brackets: "Einwohnerzahl (31.12.2025): 66.608".
static FIGURE: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\)\s*:?\s*\d"));

/// Behind a date: "bis 31. Juli 2024 ausgegebene Parkausweise".
static MADE_BY_THEN: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^\s+\p{Ll}*(?:ge|be|er|ver|ent)\p{Ll}+(?:te|ene)[nrsm]?\s+\p{Lu}"));

static GERMAN: LazyLock<Words> = LazyLock::new(|| Words {
    told: pattern(
        r"(?ix)(?:
            \bseit(?:her)?\b (?:\s+(?:dem|der|den|etwa|rund|ungefähr|Beginn|Anfang|Mitte|Ende|Jahr|Jahre|des|Jahres|\w+tag,?|\d{1,2}\.))* \s*
          | \b(?:vom|v\.|Nr\.|datiert\ auf\ den) \s*
          | \b(?:gültig|gilt|gelten|geltend|in\ Kraft)\s+(?:seit|ab)(?:\s+dem)?\s*
          | ^\W*(?:19\d\d|200\d)\s*(?:bis|–|-)\s*(?:19|20)\d\d\W*
          | (?:^\W*|\bfür\s+)\w*(?:register|urkunden|akten|archiv|jahrgänge|amtsblätter|protokolle|daten|bilder|bücher|fälle|geburten|ehen
              |eheschließungen|scheidungen|baujahre|gebäude|bauten)\s+(?:ab|bis|von|vor|aus)(?:\s+(?:zum|dem|der|den|Jahre?n?))*\s* )$",
    ),
    labelled: pattern(
        r"(?ix)(?: \b(?:Stand|Durchgesehen|Durchgelesen|Erstellt|Geändert|Aktualisiert|Geprüft|Überprüft|Veröffentlicht|Version|Fassung|Quelle|Abgerufen|Fotos?
              |letzte\w*\ (?:Änderung|Prüfung|Sitzung|\w*wahl\w*)|zuletzt|\w*ergebnis\w*|Rückblick|Pressemitteilung|Amtsblatt|Ausgabe|Protokoll|Beschluss|Urteil|Bescheid|Bekanntmachung)\b [^.;]{0,40}
          | \b\w*(?:satzung|gesetz|ordnung|richtlinie|erlass|vertrag|abkommen|übereinkommen|vereinbarung)\w* \s* [(,]? \s*
          | ^\W*\p{L}*(?i:satzung|ordnung|richtlinie|niederschrift|protokoll|urteil|vertrag|erlass|bericht|broschüre|merkblatt|konzept|gutachten|vorlage)\w*\b
              [^.:;!?]* [(,] \s*
          )$",
    ),
    bound: pattern(r"(?i)\b(?:ab|bis|zum|auf|vor)(?:\s+(?:\w+tag,|zum|dem|den|Ende|Anfang|Mitte))*\s+$"),
    goes_on: pattern(r"(?i)^\s*(?:\(\w+\)\s*)?(?:,?\s*bis|–|—|-|/|an\b|und\b|oder\b)"),
    excused: pattern(
        r"(?ix) \b(?: GV\.\s?NRW | BGBl | ABl\b | GVBl | MBl | Fassung | zuletzt\s+geändert | geboren\w* | Jahrgang | Geburts\w+
            | (?:aus|an)?gestellte[nrsm]? | erteilte[nrsm]? | erworbene[nrsm]? | zugelassene[nrsm]? | errichtete[nrsm]? | gebaute[nrsm]?
            | geschlossene[nrsm]? | beantragte[nrsm]? | begründete[nrsm]? | geltende[nrsm]? | Baujahr | Erstzulassung | Ausstellungs\w+
            | (?:vor|nach)\ .*\? | z\.\s?B\. | zum\ Beispiel | Beispiel: | beispielsweise | Muster\b | im\ Format | Datum\b[^.]{0,40}\b(?:in\ Ziffern|ein|so|eingeben)\b | Schreibweise ) ",
    ),
    happened: pattern(
        r"(?ix) \b(?: wurden? | worden | war | waren | hatten? | traten? | gab | gal?ten | galt | begann(?:en)? | endeten? | fand(?:en)?
            | kam(?:en)? | ging(?:en)? | lief(?:en)? | hieß(?:en)? | konnten? | mussten? | durften? | beschloss(?:en)? | startete
            | öffnete | übernahm(?:en)? | entschied(?:en)? | löste | ersetzte | führte | feierte | erhielt(?:en)? | wählten? | entstand(?:en)? | stammt\w* | vorbei
            | verstrichen | lag(?:en)? | lebten? | wohnten? | zählten | betrug(?:en)? | bekam(?:en)? | stimmten? | gewann(?:en)? | besuchten?
            | nahm(?:en)? | zog(?:en)? | stellten? | entfiel(?:en)? | verlor(?:en)? | starb(?:en)? | stieg(?:en)? | sank(?:en)? | wuchs(?:en)?
            | schloss(?:en)? | trafen? | brachten? | zeigten? | blieb(?:en)? | brannten? | zahlten? | kosteten? | lehnten? | schied(?:en)? | (?-i:standen|stand) | erschien(?:en)? | fiel(?:en)? | schrieb(?:en)? | hielt(?:en)? | bauten? | gründeten? | eröffneten?
            | verabschiedeten? | verlieh(?:en)? | schuf(?:en)? | vereinten?
            | (?:die|der|das|wer|wenn|dass|weil|nachdem)\b.*(?:ge\w+(?:t|en)|(?:be|er|ver|ent)\w+(?:t|en))\s+(?:haben|hat)
            | (?:die|der|das|wer|wenn|dass|weil|nachdem)\b.*(?:gangen|troffen|zogen|kommen|reist|storben)\s+(?:sind|ist) ) \b",
    ),
    done: pattern(
        r"(?ix) \b(?: getreten | eingeführt | umgezogen | gestartet | abgeschafft | abgelaufen | ausgelaufen | weggefallen
            | entfallen | begonnen | gewählt | verabschiedet | umbenannt | geändert | abgelöst | übernommen | gegründet | erschienen
            | veröffentlicht | unterzeichnet | geworden | gewesen | verlegt | erstellt | aktualisiert | geprüft | überarbeitet | durchgesehen | umgesetzt | saniert | fertiggestellt | beschlossen | entschieden
            | (?:ausgestellt|erteilt|erworben|zugelassen|errichtet|gebaut|eingezogen|eingereist|beantragt|begründet|gemeldet|eingetragen) ) \b",
    ),
    coming: pattern(r"(?i)\b(?:wird|werden|müssen|muss|können|kann|sollen|dürfen|darf|bleibt|bleiben|tritt|treten)\b"),
    moved: pattern(r"(?i)\b(?:verlängert|verschoben|vertagt|befristet)\b"),
    term: pattern(
        r"(?ix)(?: ^\W*(?:voraussichtlich\s+)?ab(?:\s+dem)?(?:\s+Jahr)?\s+
          | \b\p{Ll}\w* \s+ ab(?:\s+dem)?(?:\s+Jahr)?(?:\s+(?:Anfang|Mitte|Ende))?\s+
          | (?:\b\D\w*\W+|^\W*) bis(?:\s+(?:zum|spätestens))?(?:\s+(?:Anfang|Mitte|Ende|Jahr))*\s+
          | \b(?:im|noch|voraussichtlich|geplant|spätestens|frühestens|Anfang|Mitte|Ende|Laufe|des|zum|zu|über|an|den)(?:\s+(?:im|Jahre?s?|Laufe|des|Anfang|Mitte|Ende))*\s+
          | \b\w*(?:termine|fristen|öffnungszeiten|schließtage|schließungstage|sprechtage|kalender)\s+ )$",
    ),
    beside: pattern(r"(?i)\b(?:vor|nach)\s+(?:dem\s+)?$"),
    orders: pattern(r"\b(?i:müssen|muss|bitte|können|kann)\b|\p{L}+n Sie\b"),
    begins: pattern(r"(?i)\bab(?:\s+\w+)?\s+$"),
    example: pattern(r"^\W*(?:Zum )?Beispiel\W"),
    asks_what_was: pattern(
        r"^\W*(?:Haben|Hat|Hatten|Wurden?)\b[^,]*\b(?:\w*ge\w+(?:t|en)|(?:be|er|ver|ent)\w+(?:t|en)|lassen)\s*[,?]",
    ),
    planned: pattern(
        r"(?i)^\s*(?:geplant|vorgesehen|angekündigt|angesetzt|erwartet|soll|sollen|wird|werden|beginn(?:t|en)|starte(?:t|n)|öffne(?:t|n)|komm(?:t|en)|können)\b",
    ),
});

static ENGLISH: LazyLock<Words> = LazyLock::new(|| Words {
    told: pattern(
        r"(?ix)(?: \bsince\b (?:\s+(?:the|about|early|late|mid|end|of|start|\w+day,?))* \s*
          | \b(?:dated|No\.?)\s* | \b(?:valid|in\ force)\s+(?:since|from)\s*
          | ^\W*(?:data|records|figures|registers?|files|minutes|photos)\s+(?:are\s+)?from(?:\s+(?:before|the|year))*\s* )$",
    ),
    labelled: pattern(
        r"(?ix)(?: \b(?:results?|(?:last|previous)\ (?:election|meeting|review)|Last\ updated|made|prepared|written|read\ through|looked\ through|drawn\ up|updated|Created|Reviewed|Checked|Version|Status|Source|Accessed|Amended|as\ amended|Published|Act|Regulation
              |Directive|Statute|Ordinance|Convention|Bylaw|By-law|Press\ release|Minutes|Issue
              |Letter|Notice|Decision|Agreement|Treaty|Judgment|records|statutes)\b [^.;]{0,40} )$",
    ),
    bound: pattern(
        r"(?i)\b(?:from|until|till|by|to|as of|starting|before)(?:\s+(?:the|end|of|early|late|mid|\w+day,))*\s+$",
    ),
    goes_on: pattern(r"(?i)^\s*(?:to|until|till|–|—|-|and|or)\b|^\s*[–—-]"),
    excused: pattern(
        r"(?ix) \b(?: as\ amended | version\ of | born | birth\w* | issued\ (?:before|after|up|by|until|between|in|since|on) | registered\ (?:before|after|since|between|in)
            | built\ (?:before|after|since|in) | granted\ (?:before|after) | acquired\ (?:before|after) | e\.\s?g\. | for\ example | example: | such\ as
            | in\ the\ format ) ",
    ),
    happened: pattern(
        r"(?ix) \b(?: decided | voted | agreed | fell | rose | grew | won | lived | stood | received | met | was | were | had | did | became | began | came | took | has\ been | have\ been | went | gave | used\ to | could
            | (?:it|they|which|that)\ closed ) \b",
    ),
    done: pattern(
        r"(?ix) \b(?: started | ended | opened | moved | introduced | abolished | discontinued | replaced | expired | passed | changed | closed\ in | closed\ at\ the\ end | (?:the|our|this)\s+(?:\w+\s+){1,4}closed\ (?:on|down) | issued | registered | adopted | founded | merged | renamed ) \b",
    ),
    coming: pattern(r"(?i)\b(?:will|must|can|may|shall|is|are|have to|need to)\b"),
    moved: pattern(r"(?i)\b(?:extended|postponed|rescheduled)\b"),
    term: pattern(
        r"(?ix)\b(?: from | until | till | by | in | as\ of | starting | beginning | before | expected | planned | late | early | mid | end | of | over | at | during | dates )(?:\s+(?:in|from|the|end|start|year|early|late|mid|of))*\s+$",
    ),
    beside: pattern(r"(?i)\b(?:before|after)\s+$"),
    orders: pattern(
        r"(?i)\b(?:must|please|can|should)\b|^\W*(?:if|when)\s+you\s+(?:apply|register|submit|send|book|pay|order|collect|move)\b|^\W*(?:apply|register|submit|send|book|pay)\b",
    ),
    begins: pattern(r"(?i)\b(?:from|as of|starting|beginning)(?:\s+\w+)?\s+$"),
    example: pattern(r"(?i)^\W*(?:for )?example\W"),
    asks_what_was: pattern(r"^\W*(?:Have|Has|Did|Were|Was)\b"),
    planned: pattern(r"(?i)^\s*(?:is |are )?(?:planned|scheduled|expected|will|going)\b"),
});
