//! From a form and its answers to what pages show.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value as Json;

use super::draft_url;
use crate::{
    cases::{FieldSource, Section},
    files::{self, Arrived, File, Owner},
    forms::{
        Asked, Attached, Sheet, SheetPage, Turn,
        answers::{ADDRESS, inputs},
        drafts::Draft,
        freeze,
        pages::{
            AnswerView, Area, AreaState, DraftView, FormView, Progress, SectionView, Source,
            field::{CostView, FieldView, Input, OptionView, Origin, Part, Purpose, Tone, Total, autocomplete},
        },
        prefill::{self, Account, Filled},
        said::{complaint, euros},
        sheet::{Complaint, Counted},
    },
    tenant::{
        Said,
        schema::{self, OnlineForm, Prefill, Question, QuestionKind, Service},
    },
    web::{Upload, Visit},
};

pub fn form(visit: &Visit, form: &OnlineForm, service: &Service) -> FormView {
    FormView {
        id: form.id.clone(),
        title: visit.say(&form.title),
        service: visit.say(&service.title),
        service_url: visit.url(&format!("/dienstleistungen/{}", service.slug())),
    }
}

/// When a draft ends: on which day, or within hours if it is the browser's alone.
pub fn until(visit: &Visit, draft: &Draft) -> String {
    ending(visit, draft, draft.expires)
}

pub fn ending(visit: &Visit, draft: &Draft, end: Timestamp) -> String {
    if draft.is_persons() { visit.day(end) } else { visit.moment(end) }
}

const SOON: SignedDuration = SignedDuration::from_hours(5 * 24);

pub fn draft(visit: &Visit, form: &OnlineForm, draft: &Draft, sheet: &Sheet<'_>, now: Timestamp) -> DraftView {
    let next = sheet.first_open().map(|at| &sheet.pages[at]);
    let resume = next.map_or_else(|| "pruefen".to_owned(), SheetPage::slug);
    let area = next.map_or_else(|| Said::plain(visit.text("form.review.title")), |page| title(visit, page));
    DraftView {
        title: visit.say(&form.title),
        url: visit.url(&format!("/antraege/{}", draft.id)),
        resume: visit.url(&draft_url(draft.id, &resume)),
        area,
        saved: visit.moment(draft.touched),
        until: until(visit, draft),
        soon: draft.is_persons() && draft.expires.duration_since(now) < SOON,
    }
}

pub fn title(visit: &Visit, page: &SheetPage<'_>) -> Said {
    match &page.step.repeat {
        Some(_) if page.turns > 1 => Said::plain(freeze::title_of(visit, page)),
        _ => visit.say(&page.step.title),
    }
}

/// All areas; those up to the first open one can be gone to. `at` beyond the last is the review.
pub fn progress(visit: &Visit, draft: &Draft, sheet: &Sheet<'_>, at: usize) -> Progress {
    let open = sheet.first_open().unwrap_or(sheet.pages.len());
    let area = |i: usize, title: Said, slug: &str| Area {
        title,
        url: (i <= open || i <= at).then(|| visit.url(&draft_url(draft.id, slug))),
        state: match i {
            i if i == at => AreaState::Now,
            i if sheet.pages.get(i).is_some_and(SheetPage::is_done) => AreaState::Done,
            _ => AreaState::Open,
        },
    };
    let pages = sheet.pages.iter().enumerate().map(|(i, page)| area(i, title(visit, page), &page.slug()));
    let review = area(sheet.pages.len(), Said::plain(visit.text("form.review.title")), "pruefen");
    Progress::of(pages.chain([review]).collect())
}

/// While nobody can say how far somebody is.
pub fn no_progress() -> Progress {
    Progress::of(Vec::new())
}

/// What stands around the fields of a page.
pub struct Around<'a> {
    pub account: Option<Account<'a>>,
    /// What was typed, or filled in.
    pub typed: &'a Turn,
    /// Complaints are shown about pages that were sent.
    pub complains: bool,
    /// The draft's, and those that came just now.
    pub files: &'a [File],
    pub arrived: &'a [Arrived],
}

pub fn fields(visit: &Visit, page: &SheetPage<'_>, around: &Around<'_>) -> Vec<FieldView> {
    page.asked.iter().map(|asked| field(visit, asked, around)).collect()
}

fn field(visit: &Visit, asked: &Asked<'_>, around: &Around<'_>) -> FieldView {
    let question = asked.question;
    let wrong = asked.answer.as_ref().err().filter(|_| around.complains);
    let said = |complained: &Complaint| Said::plain(complaint(visit, question, &complained.wrong));
    let filled = around.account.map(|account| prefill::of_question(question, account)).unwrap_or_default();
    FieldView {
        name: question.id.clone(),
        label: question.label.as_ref().map(|label| visit.say(label)).unwrap_or_default(),
        hint: question.hint.as_ref().map(|hint| visit.say(hint)),
        optional: !asked.is_required && question.kind.is_asked(),
        autocomplete: autocomplete(question.prefill.map(word), question.sensitive),
        origin: origin(&filled, around.typed),
        wrong: wrong.filter(|complained| complained.input == question.id).map(said),
        input: input(visit, asked, around, wrong.map(|complained| (complained.input.as_str(), said(complained)))),
    }
}

/// Where what stands in the field comes from, as long as it stands there.
fn origin(filled: &[Filled], typed: &Turn) -> Option<Origin> {
    let same = |filled: &Filled| filled.value.as_deref() == Some(typed.value(&filled.input));
    match filled {
        [] => None,
        filled if filled.iter().all(|filled| filled.is_fixed) => Some(Origin::Chip),
        filled if filled.iter().all(|filled| filled.value.is_none()) => {
            filled.iter().all(|filled| typed.value(&filled.input).is_empty()).then_some(Origin::Nothing)
        }
        filled => filled.iter().filter(|filled| filled.value.is_some()).all(same).then_some(Origin::Account),
    }
}

fn input(visit: &Visit, asked: &Asked<'_>, around: &Around<'_>, wrong: Option<(&str, Said)>) -> Input {
    let question = asked.question;
    let value = around.typed.value(&question.id).to_owned();
    let line = |purpose| Input::Line {
        value: value.clone(),
        purpose,
        longest: question.longest.map(usize::from),
        unit: question.unit.as_ref().map(|unit| visit.say(unit)),
    };
    match question.kind {
        QuestionKind::Text => match question.lines {
            Some(lines) => Input::Lines { value, lines, longest: question.longest.map(usize::from) },
            None => line(Purpose::Text),
        },
        QuestionKind::Name => line(Purpose::Name),
        QuestionKind::Date => line(Purpose::Date),
        QuestionKind::Number => line(Purpose::Number),
        QuestionKind::Money => line(Purpose::Money),
        QuestionKind::Iban => line(Purpose::Iban),
        QuestionKind::Email => line(Purpose::Email),
        QuestionKind::Phone => line(Purpose::Phone),
        QuestionKind::Choice => {
            let chosen = around.typed.values(&question.id);
            let option = |option: &schema::Choice| OptionView {
                label: visit.say(&option.label),
                hint: option.hint.as_ref().map(|hint| visit.say(hint)),
                example: option.example,
                chosen: chosen.contains(&option.id),
                id: option.id.clone(),
            };
            Input::Choice { many: question.many, options: question.options.iter().map(option).collect() }
        }
        QuestionKind::YesNo => Input::YesNo { value: value.parse().ok() },
        QuestionKind::Address => Input::Address { parts: parts(question, around.typed, wrong) },
        QuestionKind::File => Input::File {
            upload: upload(visit, question, around),
            what: question.what.as_ref().map(|what| visit.say(what)),
        },
        QuestionKind::Note => Input::Note {
            text: question.text.as_ref().map(|text| visit.say_at_length(text)).unwrap_or_default(),
            tone: match question.tone {
                schema::Tone::Info => Tone::Info,
                schema::Tone::Warning => Tone::Warning,
            },
        },
        QuestionKind::Total => Input::Total(total(visit, &[asked])),
    }
}

/// Files that answer a question, and room for more. What is known of a file stands in its row; without a data room its
/// answer has to do.
fn upload(visit: &Visit, question: &Question, around: &Around<'_>) -> Upload {
    let most = usize::from(question.most.unwrap_or(1));
    let ids = around.typed.values(&question.id).iter().filter_map(|answer| Some(Attached::of_answer(answer)?.id));
    let known = ids.filter_map(|id| around.files.iter().find(|file| file.id == id));
    let url = |file: &File| match file.owner {
        Owner::Draft(draft) => visit.url(&format!("/antraege/{draft}/dateien/{}", file.id)),
        Owner::Case(_) | Owner::Message(_) => String::new(),
    };
    let (_, refused) = files::sorted(around.arrived, &question.id);
    files::upload(visit, files::views(visit, known, url), most, &refused)
}

fn parts(question: &Question, typed: &Turn, wrong: Option<(&str, Said)>) -> Vec<Part> {
    let names = inputs(question).len();
    let part = |name: &'static str| {
        let input = format!("{}.{name}", question.id);
        Part {
            name,
            value: typed.value(&input).to_owned(),
            optional: question.optional || matches!(name, "extra" | "country"),
            autocomplete: if question.prefill.is_some() { autocomplete(Some(name), question.sensitive) } else { "" },
            wrong: wrong.as_ref().filter(|(at, _)| *at == input).map(|(_, said)| said.clone()),
        }
    };
    ADDRESS.into_iter().take(names).map(part).collect()
}

/// One total, or all turns of it together. Nothing is said about the amount while nobody can count it.
pub fn total(visit: &Visit, asked: &[&Asked<'_>]) -> Total {
    let mut lines: Vec<Counted<'_>> = Vec::new();
    for counted in asked.iter().filter(|asked| asked.total.is_some()).flat_map(|asked| &asked.counted) {
        match lines.iter_mut().find(|line| std::ptr::eq(line.term, counted.term)) {
            Some(line) => (line.times, line.cents) = (line.times + counted.times, line.cents + counted.cents),
            None => lines.push(counted.clone()),
        }
    }
    let line = |line: &Counted<'_>| CostView {
        text: visit.say(&line.term.text),
        times: line.times.unsigned_abs(),
        amount: euros(visit, line.cents),
    };
    let totals: Option<i64> = asked.iter().filter_map(|asked| asked.total).reduce(i64::saturating_add);
    Total {
        lines: lines.iter().filter(|line| line.times > 0).map(line).collect(),
        amount: totals.map(|cents| euros(visit, cents)),
    }
}

fn word(prefill: Prefill) -> &'static str {
    match prefill {
        Prefill::Title => "title",
        Prefill::GivenName => "given_name",
        Prefill::Surname => "surname",
        Prefill::Birthdate => "birthdate",
        Prefill::Street => "street",
        Prefill::PostalCode => "postal_code",
        Prefill::City => "city",
        Prefill::Country => "country",
        Prefill::Email => "email",
        Prefill::Phone => "phone",
        Prefill::BirthName | Prefill::PlaceOfBirth | Prefill::Nationality | Prefill::Address => "",
    }
}

/// Frozen answers as pages list them; `change` leads to the page of a section. `lang`: their language, if it is another
/// than the page's.
pub fn sections(
    sections: &[Section],
    lang: Option<&'static str>,
    change: impl Fn(&str) -> Option<String>,
) -> Vec<SectionView> {
    let said = |text: &str| Said { lang, ..Said::plain(text) };
    let answer = |field: &crate::cases::Field| AnswerView {
        label: said(&field.label),
        shown: match &field.value {
            Json::Object(_) => field.shown.replace(", ", "\n"),
            Json::Array(files) if field.kind == "file" => {
                let name = |file: &Json| file["name"].as_str().unwrap_or_default().to_owned();
                let size = |file: &Json| files::size(file["size"].as_u64().unwrap_or_default());
                files.iter().map(|file| format!("{} ({})", name(file), size(file))).collect::<Vec<_>>().join("\n")
            }
            _ => field.shown.clone(),
        },
        source: match field.source {
            FieldSource::Chip => Source::Chip,
            FieldSource::Account => Source::Account,
            FieldSource::Typed | FieldSource::Computed => Source::Typed,
        },
    };
    let section = |section: &Section| SectionView {
        id: section.id.clone(),
        title: said(&section.title),
        change: change(&section.id),
        answers: section.fields.iter().map(answer).collect(),
        lang,
    };
    sections.iter().map(section).collect()
}
