//! For the fuzz target: whatever somebody sends for the steps of a form, from the body to what the desk gets.

use jiff::civil::Date;

use super::{Answers, Sheet, Turn};
use crate::{
    tenant::schema::{OnlineForm, QuestionKind},
    web::Sent,
};

/// More turns than any form takes.
const TURNS: usize = 12;

/// Answers each step with one of the bodies, in turn, and holds the sheet to what pages rely on.
pub fn answer(form: &OnlineForm, bodies: &[&[u8]], today: Date) {
    let bodies: Vec<Sent> = bodies.iter().filter_map(|body| Sent::of(body.to_vec()).ok()).collect();
    if bodies.is_empty() {
        return;
    }
    let mut answers = Answers::default();
    for (at, step) in form.steps.iter().cycle().take(TURNS.max(form.steps.len())).enumerate() {
        let sent = &bodies[at % bodies.len()];
        let turn = Turn::of_sent(step, sent.pairs());
        assert_eq!(again(step, &turn), turn, "what was tidied once is tidy");
        let place = if step.repeat.is_some() { answers.turns(&step.id) } else { 0 };
        answers.put(&step.id, place, turn);
    }
    let kept = serde_json::to_vec(&answers).expect("answers are JSON");
    assert!(serde_json::from_slice::<Answers>(&kept).expect("and read as such") == answers);
    look(form, &answers, today);
}

fn again(step: &crate::tenant::schema::Step, turn: &Turn) -> Turn {
    let files = |kind: QuestionKind| kind == QuestionKind::File;
    let inputs = step.fields.iter().filter(|question| !files(question.kind)).flat_map(super::answers::inputs);
    let sent: Vec<(String, String)> = inputs
        .flat_map(|input| {
            turn.values(&input).iter().map(move |value| (input.clone(), value.clone())).collect::<Vec<_>>()
        })
        .collect();
    Turn::of_sent(step, sent.into_iter().map(|(input, value)| (input.into(), value.into())))
}

fn look(form: &OnlineForm, answers: &Answers, today: Date) {
    let sheet = Sheet::of(form, answers, today);
    assert!(!sheet.pages.is_empty(), "a form has a page whatever was answered");
    assert_eq!(sheet.is_done(), sheet.pages.iter().all(super::SheetPage::is_done));
    for (place, page) in sheet.pages.iter().enumerate() {
        assert_eq!(sheet.place(&page.slug()), Some(place), "every page has an address of its own");
        let most = page.step.repeat.as_ref().map_or(1, |repeat| usize::from(repeat.most));
        assert!(page.turn < page.turns && page.turns <= most);
        for (asked, complaint) in page.complaints() {
            let inputs = super::answers::inputs(asked.question);
            assert!(inputs.contains(&complaint.input), "a complaint stands beside an input");
        }
        for asked in &page.asked {
            assert!(!asked.is_required || !matches!(asked.answer, Ok(None)), "what is needed is not passed over");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use jiff::civil::date;

    use super::*;
    use crate::{clock::Clock, tenant::Tenants, theme::ThemeFiles};

    /// As the fuzz target runs them, on any compiler.
    #[test]
    fn the_seeds_of_the_fuzz_target_hold_for_every_form() {
        let core = Path::new(env!("CARGO_MANIFEST_DIR"));
        let (tenants, _) = Tenants::load(&core.join("../tenants"), ThemeFiles::embedded(), Clock::default()).unwrap();
        let mut answered = 0;
        for seed in fs::read_dir(core.join("fuzz/seeds/answers")).unwrap() {
            let seed = fs::read(seed.unwrap().path()).unwrap();
            let bodies: Vec<&[u8]> = seed.split(|byte| *byte == 0).collect();
            for form in tenants.all().iter().flat_map(|town| town.online_forms.values()) {
                answer(form, &bodies, date(2026, 11, 22));
                answered += 1;
            }
        }
        assert!(answered > 10, "{answered} forms were answered");
    }
}
