//! `/meine-daten/altes-konto` for citizens, `/verwaltung/umzuege` for clerks.

use serde::Serialize;

use crate::{
    desk::pages::{Clerk, head},
    web::{Form, Head, Page, Section, Visit},
};

pub const OLD_ACCOUNT: [&str; 1] = ["email"];
pub const UNDO: [&str; 2] = ["move", "reason"];

/// Posts [`OLD_ACCOUNT`] to its own address. It knows nothing of any account.
#[derive(Serialize)]
pub struct OldAccountPage {
    /// Names of the providers.
    pub old: String,
    pub new: String,
    /// Ready to be read.
    pub last_day: String,
    /// A search was asked for, whatever comes of it.
    pub sent: bool,
    pub form: Form,
}

/// Posts [`UNDO`] to its own address.
#[derive(Serialize)]
pub struct MovesPage {
    pub clerk: Clerk,
    /// The latest first.
    pub moves: Vec<MoveView>,
    pub form: Form,
    /// One was undone just now.
    pub done: bool,
}

#[derive(Clone, Serialize)]
pub struct MoveView {
    pub id: String,
    /// The person, as the old account names them.
    pub name: Option<String>,
    /// Tells people of one name apart; ready to be read.
    pub born: Option<String>,
    /// Numbers of the cases that went, while it can be undone.
    pub cases: Vec<String>,
    /// Names of the providers.
    pub from: String,
    pub to: String,
    /// Ready to be read.
    pub at: String,
    /// The last day on which it can be undone.
    pub undo_until: String,
    pub undone: Option<String>,
    pub can_be_undone: bool,
}

impl Page for OldAccountPage {
    const TEMPLATE: &'static str = "old_account.html";

    fn head(&self, visit: &Visit) -> Head {
        let head = Head::new(Section::Login, visit.text("old_account.title")).noindex();
        self.form.head(head.below(visit.text("data.title"), visit.url("/meine-daten")), visit)
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        let page = |form, sent| Self {
            old: "Landeskonto".into(),
            new: "BundID".into(),
            last_day: visit.date(jiff::civil::date(2024, 6, 30)),
            sent,
            form,
        };
        let mut wrong = Form::read(&OLD_ACCOUNT, [("email".into(), "erika@".into())]);
        wrong.is_email("email");
        vec![page(Form::blank(&OLD_ACCOUNT), false), page(Form::blank(&OLD_ACCOUNT), true), page(wrong, false)]
    }
}

impl Page for MovesPage {
    const TEMPLATE: &'static str = "desk/moves.html";

    fn head(&self, visit: &Visit) -> Head {
        self.form.head(head(visit, visit.text("desk.moves.title")), visit)
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        let day = |day| visit.date(jiff::civil::date(2024, 6, day));
        let open = MoveView {
            id: "1".into(),
            name: Some("Đorđe Łukasz Müller-Şahinoğlu".into()),
            born: Some(visit.date(jiff::civil::date(1983, 8, 12))),
            cases: vec!["ABC-2024-483921-7".into(), "ABC-2024-551730-2".into()],
            from: "Landeskonto".into(),
            to: "BundID".into(),
            at: format!("{}, 13:05", day(17)),
            undo_until: day(30),
            undone: None,
            can_be_undone: true,
        };
        let undone = MoveView {
            id: "2".into(),
            name: None,
            born: None,
            cases: vec![],
            undone: Some(format!("{}, 8:30", day(18))),
            can_be_undone: false,
            ..open.clone()
        };
        let over = MoveView { id: "3".into(), cases: vec![], can_be_undone: false, ..open.clone() };
        let page = |moves, form| Self { clerk: Clerk::specimen(), moves, form, done: false };
        let mut wrong = Form::read(&UNDO, [("move".into(), "1".into())]);
        wrong.needs("reason");
        vec![
            page(vec![], Form::blank(&UNDO)),
            Self { done: true, ..page(vec![undone.clone(), open.clone(), over.clone()], Form::blank(&UNDO)) },
            page(vec![undone, over], Form::blank(&UNDO)),
            page(vec![open], wrong),
        ]
    }
}
