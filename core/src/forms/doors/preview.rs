//! `/dienstleistungen/{slug}/antrag/vorschau`: a whole form on one page, for those who write it.

use jiff::civil::Date;
use poem::{Response, handler, web::Path};

use super::{
    begin::offered,
    view::{self, Around},
};
use crate::{
    error::{Error, Result},
    forms::{
        Asked, SheetPage, Turn,
        answers::ADDRESS,
        conditions::in_words,
        pages::preview::{FieldPreview, PreviewPage, StepPreview},
        sheet::Counted,
    },
    identity::doors::private,
    tenant::schema::{Condition, OnlineForm, Question, QuestionKind, Status, Step},
    web::Visit,
};

/// Nobody needs it where people already fill it in.
#[handler]
pub fn show(visit: Visit, Path(slug): Path<String>) -> Result<Response> {
    if visit.tenant.status() == Status::Live {
        return Err(Error::NotFound);
    }
    let (form, service) = offered(&visit, &slug)?;
    let today = visit.portal.clock.local().date();
    let page = PreviewPage {
        form: view::form(&visit, &form, &service),
        text: form.text.as_ref().map(|text| visit.say_at_length(text)),
        steps: form.steps.iter().map(|step| preview(&visit, &form, step, today)).collect(),
        next: form.next.as_ref().map(|text| visit.say_at_length(text)),
    };
    private(&visit, &page)
}

/// Every question of a step, whether it would come or not, with something that fits it.
fn preview(visit: &Visit, form: &OnlineForm, step: &Step, today: Date) -> StepPreview {
    let mut typed = Turn::default();
    step.fields.iter().for_each(|question| fill(visit, question, today, &mut typed));
    let asked = step.fields.iter().map(|question| Asked {
        question,
        is_required: !question.optional,
        answer: Ok(None),
        total: (question.kind == QuestionKind::Total).then(|| question.sum.iter().map(|it| i64::from(it.cents)).sum()),
        counted: question.sum.iter().map(|term| Counted { term, times: 1, cents: i64::from(term.cents) }).collect(),
    });
    let page = SheetPage { step, turn: 0, turns: 1, is_filled: true, asked: asked.collect() };
    let said = |condition: &Option<Condition>| condition.as_ref().map(|it| in_words(visit, form, it));
    let fields = view::fields(
        visit,
        &page,
        &Around { account: None, typed: &typed, complains: false, files: &[], arrived: &[] },
    );
    StepPreview {
        id: step.id.clone(),
        title: visit.say(&step.title),
        text: step.text.as_ref().map(|text| visit.say_at_length(text)),
        when: said(&step.only_if),
        most: step.repeat.as_ref().map(|repeat| repeat.most),
        fields: fields
            .into_iter()
            .zip(&step.fields)
            .map(|(field, question)| FieldPreview {
                when: said(&question.only_if),
                needed_when: said(&question.required_if),
                stop: question.stop,
                field,
            })
            .collect(),
    }
}

fn fill(visit: &Visit, question: &Question, today: Date, turn: &mut Turn) {
    let text = match question.kind {
        QuestionKind::Text => visit.specimen("Beispiel", "Example").text,
        QuestionKind::Name => "Mustermann".to_owned(),
        QuestionKind::Date => visit.date(question.latest.map_or(today, |day| day.seen_from(today)).min(today)),
        QuestionKind::Number => question.min.unwrap_or(1).to_string(),
        QuestionKind::Money => "12,50".to_owned(),
        QuestionKind::Choice => question.options.first().map(|option| option.id.clone()).unwrap_or_default(),
        QuestionKind::YesNo => "true".to_owned(),
        QuestionKind::Iban => "DE02 1203 0000 0000 2020 51".to_owned(),
        QuestionKind::Email => "erika.mustermann@example.org".to_owned(),
        QuestionKind::Phone => "030 23125-000".to_owned(),
        QuestionKind::Address => {
            for (part, value) in ADDRESS.into_iter().zip(["Musterweg 12 a", "", "99999", "Musterstadt", ""]) {
                turn.set(format!("{}.{part}", question.id), vec![value.to_owned()]);
            }
            return;
        }
        QuestionKind::File | QuestionKind::Note | QuestionKind::Total => return,
    };
    turn.set(&question.id, vec![text]);
}
