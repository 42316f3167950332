//! Online forms: those that the town's services name, each looked at as a whole.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{Builder, check::is_id};
use crate::{
    tenant::{
        facts::Facts,
        schema::{
            Condition, InOrder, OnlineForm, OnlineKind, Prefill, Question, QuestionKind, Regime, Service, Staff, Step,
            Test,
        },
    },
    yaml::{Node, Problem},
};

impl Builder<'_> {
    pub(super) fn online_forms(
        &mut self,
        services: &[Arc<Service>],
        staff: &Staff,
        facts: &Facts,
    ) -> BTreeMap<String, Arc<OnlineForm>> {
        let mut forms = BTreeMap::new();
        for service in services.iter().filter(|service| service.online.kind == OnlineKind::Form) {
            let at = |builder: &Self| builder.place(&format!("services/{}.yaml", service.id), "online");
            let Some(id) = &service.online.form else {
                if service.online.url.is_none() {
                    let problem = Problem::new(&at(self), "names no form").hint("`online: {kind: form, form: <id>}`");
                    self.tell(problem);
                }
                continue;
            };
            if forms.contains_key(id) {
                continue;
            }
            let path = format!("forms/{id}.yaml");
            if self.own.yaml(&path).is_none() && self.common.document(&path).is_none() {
                let known: BTreeSet<String> = self.forms_known();
                let problem = Problem::new(&at(self), format!("names the form `{id}`, which does not exist"));
                self.tell(problem.nearest(id, known.iter().map(String::as_str)));
                continue;
            }
            let named = |form: &mut OnlineForm| form.id = id.clone();
            let Some(form) = self.document_with(&path, facts, named) else { continue };
            self.look_at_form(&path, &form);
            self.look_at_department(&path, &form, staff);
            forms.insert(id.clone(), form);
        }
        forms
    }

    /// Laws that services name are in `regimes.yaml`.
    pub(super) fn check_regimes(&mut self, services: &[Arc<Service>], regimes: &InOrder<Regime>) {
        for service in services {
            let Some(id) = service.regime.as_ref().filter(|id| regimes.get(id).is_none()) else { continue };
            let at = self.place(&format!("services/{}.yaml", service.id), "regime");
            let problem = Problem::new(&at, format!("names the regime `{id}`, which does not exist"));
            self.tell(problem.nearest(id, regimes.ids()));
        }
    }

    fn forms_known(&self) -> BTreeSet<String> {
        let own = self.own.all_yaml().map(|(path, _)| path);
        let paths = own.chain(self.ground.paths("forms/"));
        paths.filter_map(|path| Some(path.strip_prefix("forms/")?.strip_suffix(".yaml")?.to_owned())).collect()
    }

    /// What is wrong with a form of a layer is told in every town that offers it, and looked for once.
    fn look_at_form(&mut self, path: &str, form: &OnlineForm) {
        let Some(node) = self.node(path) else { return };
        let common = self.common.clone();
        let shared = common.document(path).filter(|_| self.own.yaml(path).is_none());
        if shared.is_some_and(|shared| shared.sound.get().copied().unwrap_or(false)) {
            return;
        }
        let problems = Look { node: &node, form, told: Vec::new() }.problems();
        if let Some(shared) = shared {
            let _ = shared.sound.set(problems.is_empty());
        }
        self.problems.extend(problems);
    }

    /// Without its department a case is everybody's who may open cases.
    fn look_at_department(&mut self, path: &str, form: &OnlineForm, staff: &Staff) {
        let Some(id) = form.department.as_ref().filter(|id| staff.department(id).is_none()) else { return };
        let problem = Problem::new(
            &self.place(path, "department"),
            format!("sends its cases to the department `{id}`, which the town does not have"),
        );
        let known = staff.departments.iter().map(|department| department.id.as_str());
        self.tell(problem.nearest(id, known).warning());
    }
}

struct Look<'a> {
    node: &'a Node,
    form: &'a OnlineForm,
    told: Vec<Problem>,
}

/// A question together with the step it stands in.
struct Placed<'a> {
    question: &'a Question,
    step: &'a Step,
}

/// What pages of forms send beside the answers.
const RESERVED: [&str; 9] = ["do", "form", "turn", "seen", "confirm", "revision", "id", "number", "code"];

impl<'a> Look<'a> {
    fn problems(mut self) -> Vec<Problem> {
        let form = self.form;
        if form.steps.is_empty() {
            self.tell(self.node, "asks nothing".to_owned(), "a form has `steps`");
        }
        let mut before: BTreeMap<&'a str, Placed<'a>> = BTreeMap::new();
        let mut steps: BTreeSet<&str> = BTreeSet::new();
        let nodes: Vec<Arc<Node>> = self.node.get("steps").map(|list| list.items().to_vec()).unwrap_or_default();
        for (step, node) in form.steps.iter().zip(&nodes) {
            const TAKEN: [&str; 3] = ["pruefen", "gesendet", "kopie"];
            let ends_like_a_repeat = step.id.rsplit('-').next().is_some_and(|end| end.parse::<u8>().is_ok());
            if !is_id(&step.id) || TAKEN.contains(&step.id.as_str()) || ends_like_a_repeat || !steps.insert(&step.id) {
                let message = format!("has the step `{}`, which is no id, a taken one or not the only one", step.id);
                self.tell(node, message, "ids of steps use `a`–`z`, `0`–`9` and `-`, do not end in `-` and a number");
            }
            self.condition(node, "if", step.only_if.as_ref(), &before, step);
            let fields: Vec<Arc<Node>> = node.get("fields").map(|list| list.items().to_vec()).unwrap_or_default();
            if !step.fields.iter().any(|question| question.kind.is_asked()) && step.fields.is_empty() {
                self.tell(node, format!("has the step `{}`, which asks nothing", step.id), "take it out");
            }
            for (question, node) in step.fields.iter().zip(&fields) {
                self.question(node, question, &before, step);
                if before.insert(&question.id, Placed { question, step }).is_some() {
                    let message = format!("has two questions with the id `{}`", question.id);
                    self.tell(node, message, "ids of questions are unique in the form");
                }
            }
        }
        self.told
    }

    fn question(&mut self, node: &Node, question: &Question, before: &BTreeMap<&str, Placed<'a>>, step: &Step) {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        if question.id.is_empty() || question.id.len() > 60 || !question.id.bytes().all(allowed) {
            let message = format!("has a question with the id `{}`", question.id);
            self.tell(node, message, "ids of questions use `a`–`z`, `0`–`9` and `_`");
        }
        if RESERVED.contains(&question.id.as_str()) {
            let at = node.get("id").map_or(&node.at, |node| &node.at);
            let message = format!("has a question with the id `{}`, which pages need for themselves", question.id);
            self.told.push(Problem::new(at, message).hint("call it something else, such as in German"));
        }
        let kind = question.kind.word();
        if question.label.is_none() && question.kind != QuestionKind::Note {
            self.tell(node, format!("asks `{}` without a `label`", question.id), "people need to know what to answer");
        }
        const OWN: [&str; 13] = [
            "longest", "digits", "lines", "earliest", "latest", "min", "max", "unit", "options", "many", "abroad",
            "most", "what",
        ];
        let strange = |key: &str| {
            (OWN.contains(&key) || matches!(key, "text" | "tone" | "stop" | "sum"))
                && !question.kind.own_keys().contains(&key)
        };
        for (key, value) in node.entries().iter().filter(|(key, _)| strange(&key.name)) {
            let message = format!("has `{}`, which a question of the kind `{kind}` does not have", key.name);
            self.told.push(Problem::new(&value.at, message));
        }
        let options: BTreeSet<&str> = question.options.iter().map(|option| option.id.as_str()).collect();
        if question.kind == QuestionKind::Choice && (options.len() < 2 || options.len() != question.options.len()) {
            self.tell(node, format!("has the choice `{}` without different options", question.id), "give two or more");
        }
        let is_empty = |text: &Option<_>| text.is_none();
        if question.kind == QuestionKind::Note && is_empty(&question.text) {
            self.tell(node, format!("has the note `{}` without `text`", question.id), "a note says something");
        }
        if question.kind == QuestionKind::Total && question.sum.is_empty() {
            self.tell(node, format!("has the total `{}` of nothing", question.id), "`sum: [{text: …, cents: 1500}]`");
        }
        if let Some(prefill) = question.prefill.filter(|prefill| !fits(*prefill, question.kind)) {
            let at = node.get("prefill").map_or(node, |node| node);
            let message = format!("fills a question of the kind `{kind}` with `{}`", word(prefill));
            self.tell(at, message, "`address` fills addresses, `birthdate` dates, everything else texts and names");
        }
        self.condition(node, "if", question.only_if.as_ref(), before, step);
        self.condition(node, "required_if", question.required_if.as_ref(), before, step);
        let terms: Vec<Arc<Node>> = node.get("sum").map(|list| list.items().to_vec()).unwrap_or_default();
        for (term, node) in question.sum.iter().zip(&terms) {
            // sums count in every turn of a step that comes more than once
            self.tests(node, "if", term.only_if.as_ref(), before);
            let Some(times) = &term.times else { continue };
            let is_number = |placed: &&Placed<'_>| placed.question.kind == QuestionKind::Number;
            if before.get(times.as_str()).filter(is_number).is_none() {
                let message = format!("counts `{times}`, which is no number that is asked before");
                self.told.push(Problem::new(&node.at, message).nearest(times, before.keys().copied()));
            }
        }
    }

    fn condition(
        &mut self,
        node: &Node,
        key: &str,
        condition: Option<&Condition>,
        before: &BTreeMap<&str, Placed<'a>>,
        step: &Step,
    ) {
        self.tests(node, key, condition, before);
        let at = node.get(key).map_or(&node.at, |node| &node.at).clone();
        for (id, _) in condition.iter().flat_map(|condition| condition.tests()) {
            let placed = before.get(id).filter(|placed| placed.step.repeat.is_some() && placed.step.id != step.id);
            if placed.is_some() {
                let message = format!("asks for the answer to `{id}`, which may be given more than once");
                self.told.push(Problem::new(&at, message).hint("conditions name questions of steps that come once"));
            }
        }
        if let Some(message) = condition.and_then(|condition| contradiction(condition, before)) {
            let hint = "nobody ever gets to see this: take it out, or the condition that contradicts it";
            self.told.push(Problem::new(&at, message).hint(hint));
        }
    }

    /// Every question that is named is asked before, and can be answered like that.
    fn tests(&mut self, node: &Node, key: &str, condition: Option<&Condition>, before: &BTreeMap<&str, Placed<'a>>) {
        let Some(condition) = condition else { return };
        let at = node.get(key).map_or(&node.at, |node| &node.at).clone();
        for (id, test) in condition.tests() {
            let Some(placed) = before.get(id) else {
                let problem = Problem::new(&at, format!("asks for the answer to `{id}`, which is not asked before"));
                self.told.push(problem.nearest(id, before.keys().copied()));
                continue;
            };
            if let Some(message) = misfit(placed.question, test) {
                self.told.push(Problem::new(&at, message));
            }
        }
    }

    fn tell(&mut self, node: &Node, message: String, hint: &str) {
        self.told.push(Problem::new(&node.at, message).hint(hint));
    }
}

/// Why a condition never holds: a question has one answer, and only if it is asked.
fn contradiction(condition: &Condition, before: &BTreeMap<&str, Placed<'_>>) -> Option<String> {
    let mut open: Vec<&Condition> = vec![condition];
    let mut known: BTreeMap<&str, Vec<&Test>> = BTreeMap::new();
    while let Some(condition) = open.pop() {
        for (id, test) in condition.held_together() {
            let Some(placed) = before.get(id) else { continue };
            let tests = known.entry(placed.question.id.as_str()).or_default();
            if tests.is_empty() {
                // it is asked at all
                open.extend(placed.question.only_if.iter().chain(&placed.step.only_if));
            }
            if tests.iter().any(|other| excludes(placed.question, other, test)) || excludes(placed.question, test, test)
            {
                return Some(format!("wants answers to `{id}` that never come together"));
            }
            tests.push(test);
        }
    }
    None
}

fn excludes(question: &Question, one: &Test, other: &Test) -> bool {
    match (one, other) {
        (Test::Is(one), Test::Is(other)) => one != other,
        (Test::OneOf(one), Test::OneOf(other)) => {
            one.is_empty() || !question.many && one.iter().all(|option| !other.contains(option))
        }
        (Test::Within(one), Test::Within(other)) => one.excludes(other),
        _ => false,
    }
}

/// Why the answer to this question can never be held against that.
fn misfit(question: &Question, test: &Test) -> Option<String> {
    let id = &question.id;
    match (question.kind, test) {
        (QuestionKind::YesNo, Test::Is(_)) => None,
        (QuestionKind::Choice, Test::OneOf(options)) => {
            let unknown = options.iter().find(|option| question.options.iter().all(|known| known.id != **option))?;
            Some(format!("holds `{id}` against `{unknown}`, which is none of its options"))
        }
        (QuestionKind::Number | QuestionKind::Money, Test::Within(range)) if range.counts() => None,
        (QuestionKind::Date, Test::Within(range)) if !range.counts() => None,
        (kind, _) => Some(format!("holds `{id}`, a question of the kind `{}`, against something else", kind.word())),
    }
}

fn fits(prefill: Prefill, kind: QuestionKind) -> bool {
    match (prefill, kind) {
        (Prefill::Address, QuestionKind::Address) | (Prefill::Birthdate, QuestionKind::Date) => true,
        (Prefill::Email, QuestionKind::Email) | (Prefill::Phone, QuestionKind::Phone) => true,
        (Prefill::Address | Prefill::Birthdate, _) => false,
        (_, kind) => matches!(kind, QuestionKind::Text | QuestionKind::Name),
    }
}

fn word(prefill: Prefill) -> &'static str {
    match prefill {
        Prefill::Address => "address",
        Prefill::Birthdate => "birthdate",
        Prefill::Email => "email",
        Prefill::Phone => "phone",
        _ => "a name",
    }
}
