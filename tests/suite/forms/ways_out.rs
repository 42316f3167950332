//! By chance: whatever somebody answers, each page of the real forms goes on, or says that it ends there.

use std::{collections::BTreeMap, sync::Arc, sync::LazyLock};

use jiff::civil::{Date, date};
use portal::{
    clock::Clock,
    forms::{Answers, Sheet, Turn},
    tenant::schema::{OnlineForm, Question, QuestionKind},
};
use portal_tests::{TODAY, Towns, moment, portal_of};
use proptest::{collection::vec, prelude::*};

static FORMS: LazyLock<BTreeMap<String, Arc<OnlineForm>>> = LazyLock::new(|| {
    let (portal, _) = portal_of(&Towns::shipped(), Clock::held_at(moment(TODAY))).expect("the shipped towns load");
    let town = portal.tenants.all().into_iter().max_by_key(|town| town.online_forms.len()).expect("a town");
    town.online_forms.clone()
});

const NOW: Date = date(2026, 11, 1);

/// Draws one of so many, again and again.
struct Luck<'a> {
    drawn: &'a [u16],
    next: usize,
}

impl Luck<'_> {
    fn of(&mut self, most: usize) -> usize {
        self.next += 1;
        usize::from(self.drawn[self.next % self.drawn.len()]) % most.max(1)
    }
}

/// Something that fits the question.
fn answer(question: &Question, turn: &mut Turn, luck: &mut Luck<'_>) {
    let id = question.id.as_str();
    let value = match question.kind {
        QuestionKind::Choice => question.options[luck.of(question.options.len())].id.clone(),
        QuestionKind::YesNo => ["true", "false"][luck.of(2)].to_owned(),
        QuestionKind::Number | QuestionKind::Money => {
            let (least, most) = (question.min.unwrap_or(0), question.max.unwrap_or(20));
            let width = usize::try_from(most - least).unwrap_or(0) + 1;
            let number = least + i64::try_from(luck.of(width)).expect("a small number");
            if question.kind == QuestionKind::Money {
                format!("{},{:02}", number / 100, number % 100)
            } else {
                number.to_string()
            }
        }
        QuestionKind::Date => {
            let first = question.earliest.map_or(date(1900, 1, 1), |day| day.seen_from(NOW));
            let last = question.latest.map_or(date(2030, 1, 1), |day| day.seen_from(NOW));
            let days =
                usize::try_from(first.until(last).expect("both are days").get_days()).expect("the first is first");
            let on = i32::try_from(luck.of(days + 1)).expect("not so many days");
            first.saturating_add(jiff::Span::new().days(on)).to_string()
        }
        QuestionKind::Address => {
            for (part, value) in [("street", "Weg 1"), ("postal_code", "99999"), ("city", "Musterstadt")] {
                turn.set(format!("{id}.{part}"), vec![value.to_owned()]);
            }
            return;
        }
        QuestionKind::Iban => "DE02120300000000202051".to_owned(),
        QuestionKind::Email => "jo@example.org".to_owned(),
        QuestionKind::Phone => "05732 1000".to_owned(),
        QuestionKind::Text if question.digits.is_some() => "7".repeat(question.digits.map_or(0, usize::from)),
        QuestionKind::Text | QuestionKind::Name => "Jo".to_owned(),
        // as the answers know a file that was handed over
        QuestionKind::File => {
            r#"{"id": "00000000-0000-4000-8000-000000000000", "name": "a.pdf", "size": 1, "sha256": ""}"#.to_owned()
        }
        QuestionKind::Note | QuestionKind::Total => return,
    };
    turn.set(id, vec![value]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_page_goes_on_or_says_that_it_ends_there(drawn in vec(any::<u16>(), 97)) {
        prop_assert!(FORMS.len() >= 8, "all eight forms are offered");
        for form in FORMS.values() {
            let mut luck = Luck { drawn: &drawn, next: 0 };
            let mut answers = Answers::default();
            // each page is filled in once; what an answer brings up on the same page, in the next round
            for _ in 0..200 {
                let sheet = Sheet::of(form, &answers, NOW);
                let Some(at) = sheet.first_open() else { break };
                let page = &sheet.pages[at];
                if page.is_the_end() {
                    break;
                }
                let mut turn = answers.turn(&page.step.id, page.turn).cloned().unwrap_or_default();
                for asked in page.asked.iter().filter(|asked| !page.is_filled || asked.answer.is_err()) {
                    answer(asked.question, &mut turn, &mut luck);
                }
                answers.put(&page.step.id, page.turn, turn);
            }
            let sheet = Sheet::of(form, &answers, NOW);
            let stuck = sheet.first_open().map(|at| &sheet.pages[at]).filter(|page| !page.is_the_end());
            let told = stuck.map(|page| {
                let open = page.complaints().map(|(_, complaint)| format!("{complaint:?}"));
                (page.slug(), open.collect::<Vec<_>>())
            });
            prop_assert!(told.is_none(), "{} does not go on: {told:?}", form.id);
        }
    }
}
