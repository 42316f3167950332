//! A form with somebody's answers laid over it: which pages come, what is asked on each, what is still missing.

use std::collections::BTreeMap;

use jiff::{Span, civil::Date};

use super::{
    answers::{ADDRESS, Answers, Turn},
    value::{Value, Wrong, judge},
};
use crate::tenant::schema::{Clause, Condition, OnlineForm, Question, QuestionKind, Range, Step, Term, Test};

/// All pages of a form that come for these answers, in their order. A page behind an unanswered one may still change.
pub struct Sheet<'a> {
    pub form: &'a OnlineForm,
    pub pages: Vec<SheetPage<'a>>,
}

/// A step, or one of its turns.
pub struct SheetPage<'a> {
    pub step: &'a Step,
    /// From 0 on; always 0 for a step that comes once.
    pub turn: usize,
    /// How many turns there are.
    pub turns: usize,
    /// Somebody has sent it already.
    pub is_filled: bool,
    pub asked: Vec<Asked<'a>>,
}

/// A question that comes, with what was answered.
pub struct Asked<'a> {
    pub question: &'a Question,
    pub is_required: bool,
    pub answer: Result<Option<Value>, Complaint>,
    /// Of a total, in cents; `None` as long as nothing was answered that it depends on.
    pub total: Option<i64>,
    /// What it is added up from.
    pub counted: Vec<Counted<'a>>,
}

/// A line of a total.
#[derive(Clone)]
pub struct Counted<'a> {
    pub term: &'a Term,
    pub times: i64,
    pub cents: i64,
}

/// What is wrong, and at which input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    pub input: String,
    pub wrong: Wrong,
}

impl<'a> Sheet<'a> {
    pub fn of(form: &'a OnlineForm, answers: &Answers, today: Date) -> Self {
        let mut pages = Vec::new();
        let mut known = Known { values: BTreeMap::new(), repeated: BTreeMap::new(), today };
        for step in &form.steps {
            if step.only_if.as_ref().is_some_and(|condition| !known.fits(condition)) {
                continue;
            }
            let most = step.repeat.as_ref().map_or(1, |repeat| usize::from(repeat.most));
            let turns = answers.turns(&step.id).clamp(1, most);
            for turn in 0..turns {
                pages.push(known.page(step, turn, turns, answers.turn(&step.id, turn)));
            }
        }
        Self { form, pages }
    }

    pub fn place(&self, slug: &str) -> Option<usize> {
        self.pages.iter().position(|page| page.slug() == slug)
    }

    /// The first page on which something is missing or wrong.
    pub fn first_open(&self) -> Option<usize> {
        self.pages.iter().position(|page| !page.is_done())
    }

    pub fn is_done(&self) -> bool {
        self.first_open().is_none()
    }

    /// All answers, with their questions and steps.
    pub fn answered(&self) -> impl Iterator<Item = (&SheetPage<'a>, &Asked<'a>, &Value)> {
        self.pages.iter().flat_map(|page| {
            page.asked.iter().filter_map(move |asked| Some((page, asked, asked.answer.as_ref().ok()?.as_ref()?)))
        })
    }
}

impl SheetPage<'_> {
    /// Last part of its address: `hund`, `hund-2`.
    pub fn slug(&self) -> String {
        slug_of(self.step, self.turn)
    }

    pub fn is_done(&self) -> bool {
        self.is_filled && !self.is_the_end() && self.asked.iter().all(|asked| asked.answer.is_ok())
    }

    /// A note says that it does not go on here.
    pub fn is_the_end(&self) -> bool {
        self.asked.iter().any(|asked| asked.question.stop)
    }

    pub fn complaints(&self) -> impl Iterator<Item = (&Asked<'_>, &Complaint)> {
        self.asked.iter().filter_map(|asked| Some((asked, asked.answer.as_ref().err()?)))
    }

    /// Whether one more turn can be added.
    pub fn may_repeat(&self) -> bool {
        self.step.repeat.as_ref().is_some_and(|repeat| self.turns < usize::from(repeat.most))
    }
}

pub fn slug_of(step: &Step, turn: usize) -> String {
    if turn == 0 { step.id.clone() } else { format!("{}-{}", step.id, turn + 1) }
}

/// The answers to what has been asked so far.
#[derive(Clone)]
struct Known<'a> {
    values: BTreeMap<&'a str, Value>,
    /// Turn by turn, what was answered in steps that come more than once.
    repeated: BTreeMap<&'a str, Vec<BTreeMap<&'a str, Value>>>,
    today: Date,
}

impl<'a> Known<'a> {
    fn page(&mut self, step: &'a Step, turn: usize, turns: usize, typed: Option<&Turn>) -> SheetPage<'a> {
        let nothing = Turn::default();
        let answers = typed.unwrap_or(&nothing);
        let mut asked = Vec::new();
        for question in &step.fields {
            self.values.remove(question.id.as_str());
            if question.only_if.as_ref().is_some_and(|condition| !self.fits(condition)) {
                continue;
            }
            let forced = question.required_if.as_ref().is_some_and(|condition| self.fits(condition));
            let is_required = question.kind.is_asked() && (!question.optional || forced);
            let answer = judge(question, answers, self.today).map_err(|(input, wrong)| Complaint { input, wrong });
            let answer = match answer {
                Ok(None) if is_required => Err(Complaint { input: first_input(question), wrong: Wrong::Missing }),
                answer => answer,
            };
            if let Ok(Some(value)) = &answer {
                self.values.insert(&question.id, value.clone());
            }
            let counted = self.counted(question, step);
            let sum = || counted.iter().map(|line| line.cents).fold(0, i64::saturating_add);
            let total = (question.kind == QuestionKind::Total && self.can_count(question, step)).then(sum);
            asked.push(Asked { question, is_required, answer, total, counted });
        }
        if step.repeat.is_some() {
            let ids = step.fields.iter().map(|question| question.id.as_str());
            let of_turn = ids.filter_map(|id| Some((id, self.values.get(id)?.clone()))).collect();
            self.repeated.entry(&step.id).or_default().push(of_turn);
            if turn + 1 == turns {
                step.fields.iter().for_each(|question| _ = self.values.remove(question.id.as_str()));
            }
        }
        SheetPage { step, turn, turns, is_filled: typed.is_some(), asked }
    }

    /// The lines that count. One that asks for answers of a step that comes more than once counts in each of its turns.
    fn counted(&self, question: &'a Question, here: &Step) -> Vec<Counted<'a>> {
        let line = |term: &'a Term| {
            let times = match self.turns_of(term, here) {
                None => self.times(term)?,
                Some(turns) => {
                    let each = turns.iter().filter_map(|turn| self.within(turn).times(term));
                    each.reduce(i64::saturating_add)?
                }
            };
            Some(Counted { term, times, cents: i64::from(term.cents).saturating_mul(times) })
        };
        question.sum.iter().filter_map(line).collect()
    }

    /// How often a line counts; `None`: not now.
    fn times(&self, term: &Term) -> Option<i64> {
        if term.only_if.as_ref().is_some_and(|condition| !self.fits(condition)) {
            return None;
        }
        Some(match term.times.as_ref().map(|id| self.values.get(id.as_str())) {
            None => 1,
            Some(Some(Value::Number(number))) => (number - i64::from(term.beyond)).max(0),
            Some(_) => 0,
        })
    }

    fn turns_of(&self, term: &Term, here: &Step) -> Option<&Vec<BTreeMap<&'a str, Value>>> {
        let elsewhere = || self.repeated.iter().filter(|(step, _)| **step != here.id);
        let mut named = named_by(term);
        named.find_map(|id| {
            elsewhere().map(|(_, turns)| turns).find(|turns| turns.iter().any(|turn| turn.contains_key(id)))
        })
    }

    /// What is known in one turn of an earlier step.
    fn within(&self, turn: &BTreeMap<&'a str, Value>) -> Self {
        let mut known = self.clone();
        known.values.extend(turn.iter().map(|(id, value)| (*id, value.clone())));
        known
    }

    /// Whether there is a line that counts in any case, or an answer that one depends on.
    fn can_count(&self, question: &Question, here: &Step) -> bool {
        question.sum.iter().any(|term| {
            let mut named = named_by(term).peekable();
            named.peek().is_none()
                || self.turns_of(term, here).is_some()
                || named.any(|id| self.values.contains_key(id))
        })
    }

    fn fits(&self, condition: &Condition) -> bool {
        condition.0.iter().all(|clause| match clause {
            Clause::All(all) => all.iter().all(|condition| self.fits(condition)),
            Clause::Any(any) => any.iter().any(|condition| self.fits(condition)),
            Clause::Not(condition) => !self.fits(condition),
            Clause::Answer { question, test } => {
                self.values.get(question.as_str()).is_some_and(|value| self.is(value, test))
            }
        })
    }

    fn is(&self, value: &Value, test: &Test) -> bool {
        match (value, test) {
            (Value::YesNo(is), Test::Is(wanted)) => is == wanted,
            (Value::Chosen(chosen), Test::OneOf(options)) => chosen.iter().any(|option| options.contains(option)),
            (Value::Number(number) | Value::Money(number), Test::Within(range)) if range.counts() => {
                range.at_least.is_none_or(|least| *number >= least) && range.at_most.is_none_or(|most| *number <= most)
            }
            (Value::Date(date), Test::Within(range)) => self.is_ago(*date, range),
            _ => false,
        }
    }

    fn is_ago(&self, date: Date, range: &Range) -> bool {
        let before = |span: Span| date < self.today.saturating_sub(span);
        range.older_than_days.is_none_or(|days| before(Span::new().days(i64::from(days))))
            && range.older_than_years.is_none_or(|years| date <= self.today.saturating_sub(Span::new().years(years)))
            && range.younger_than_years.is_none_or(|years| date > self.today.saturating_sub(Span::new().years(years)))
    }
}

/// The questions whose answers decide how often a line counts.
fn named_by(term: &Term) -> impl Iterator<Item = &str> {
    let tests = term.only_if.iter().flat_map(|condition| condition.tests()).map(|(id, _)| id);
    term.times.iter().map(String::as_str).chain(tests)
}

/// Where the cursor goes when the answer is missing.
pub fn first_input(question: &Question) -> String {
    match question.kind {
        QuestionKind::Address => format!("{}.{}", question.id, ADDRESS[0]),
        _ => question.id.clone(),
    }
}
