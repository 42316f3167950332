//! `/verwaltung/vorgaenge/{nummer}`: everything about one case, and what can be done.

use serde::Serialize;

use super::{CaseLine, Choice, Clerk, NUMBER, head};
use crate::{
    cases::{Channel, State},
    forms::SectionView,
    mailbox::{decisions::Fate, outlet},
    tenant::{Said, schema::LetterPurpose},
    web::{FileView, Form, Head, Page, Upload, Visit, Wrong},
};

/// Of what is written to the person.
pub const LETTER: [&str; 1] = ["text"];
/// Of a note for colleagues.
pub const NOTE: [&str; 1] = ["note"];
/// Where letters go, of a person without an account.
pub const ADDRESS: [&str; 1] = ["address"];
/// Of an answer that came on paper, on the telephone or in person.
pub const CAME: [&str; 1] = ["came"];

/// Everything posts to `action`, with `do`, `revision` and `seen`.
#[derive(Serialize)]
pub struct CasePage {
    pub clerk: Clerk,
    pub title: String,
    pub number: String,
    pub action: String,
    /// As the case was read; a change of another one is refused.
    pub revision: i64,
    /// So many lines the timeline had.
    pub seen: usize,
    pub state: State,
    /// The clerk may work on it; whoever only looks leaves notes.
    pub works: bool,
    /// Something can still be decided.
    pub open: bool,
    pub channel: Channel,
    pub applicant: String,
    /// How the person had proved who they are, for reading.
    pub proof: Option<String>,
    pub department: Option<String>,
    pub assignee: Option<String>,
    pub mine: bool,
    pub submitted: String,
    pub due: Day,
    pub late: bool,
    pub follow_up: Option<Day>,
    pub keep_until: Option<String>,
    pub hold: bool,
    /// The token by which a second click is known.
    pub once: String,
    /// A second clerk has to agree to a decision.
    pub four_eyes: bool,
    /// What somebody would decide.
    pub proposal: Option<Proposed>,
    /// The conversation to print.
    pub copy: Option<String>,
    pub sections: Vec<SectionView>,
    /// Of the application; those of messages stand there.
    pub documents: Vec<FileView>,
    /// Of both sides, the first one first.
    pub messages: Vec<Letter>,
    /// The latest first, and without notes.
    pub timeline: Vec<Entry>,
    /// Of colleagues, the latest first.
    pub notes: Vec<Entry>,
    /// Others of the same person.
    pub earlier: Vec<CaseLine>,
    /// Otherwise what is written to the person goes as a letter.
    pub has_mailbox: bool,
    /// [`ADDRESS`]; `None`: nothing goes by post, so there is nothing to change.
    pub address: Option<Form>,
    /// Where such an answer is taken down; `None`: the person answers here, or nothing is open.
    pub came: Option<Came>,
    pub letters: Vec<Template>,
    /// What is being written; `None` as long as nobody has chosen what.
    pub write: Option<Write>,
    /// [`NOTE`]
    pub note: Form,
    pub colleagues: Vec<Choice>,
    pub departments: Vec<Choice>,
    /// What somebody else did since the page was opened; nothing was changed.
    pub conflict: Option<Vec<Entry>>,
    /// Texts know it as `desk.done.<name>`.
    pub done: Option<&'static str>,
}

/// A decision that waits for a second pair of eyes.
#[derive(Clone, Serialize)]
pub struct Proposed {
    pub by: String,
    pub at: String,
    /// The clerk's own: somebody else has to agree.
    pub mine: bool,
    pub text: String,
    /// Why it was sent back; it is to be written anew then.
    pub returned: Option<String>,
}

/// A day to be read and, as `2026-11-22`, to be changed.
#[derive(Debug, Clone, Serialize)]
pub struct Day {
    pub shown: String,
    pub iso: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct Letter {
    /// The clerk's name; `None`: the person wrote it.
    pub from: Option<String>,
    pub at: String,
    pub body: String,
    /// When the other side opened it.
    pub read: Option<String>,
    /// Something was asked for.
    pub asks: bool,
    pub files: Vec<FileView>,
    pub decision: Option<Decided>,
    /// Set where it goes by post, or went.
    pub post: Option<Posted>,
    /// Its copy in the mailbox of the person's provider; `None`: there is no such mailbox.
    pub elsewhere: Option<Elsewhere>,
}

#[derive(Serialize)]
pub struct Came {
    /// [`CAME`]
    pub form: Form,
    pub upload: Upload,
}

/// How a letter stands.
#[derive(Debug, Clone, Serialize)]
pub struct Posted {
    /// Names it where it is marked as sent.
    pub id: String,
    pub pdf: String,
    /// The day on which somebody marked it as sent; `None`: it waits.
    pub on: Option<String>,
}

/// How the copy of a message stands.
#[derive(Debug, Clone, Serialize)]
pub struct Elsewhere {
    /// Name of the provider.
    pub provider: String,
    pub state: outlet::State,
}

impl From<(String, outlet::State)> for Elsewhere {
    fn from((provider, state): (String, outlet::State)) -> Self {
        Self { provider, state }
    }
}

/// How a decision stands.
#[derive(Debug, Clone, Serialize)]
pub struct Decided {
    pub fate: Fate,
    /// Since when, and what follows by itself on which day.
    pub at: String,
    pub next: Option<String>,
    pub basis: Option<String>,
    pub remedy: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Entry {
    pub at: String,
    /// Texts know it as `desk.event.<name>`.
    pub event: &'static str,
    /// `None`: the portal by itself.
    pub who: Option<String>,
    pub detail: Option<String>,
    /// The citizen sees it.
    pub shown: bool,
}

/// A letter to start from.
#[derive(Debug, Clone, Serialize)]
pub struct Template {
    pub title: String,
    pub purpose: LetterPurpose,
    pub url: String,
}

#[derive(Serialize)]
pub struct Write {
    pub purpose: LetterPurpose,
    /// [`LETTER`]
    pub form: Form,
    pub upload: Upload,
    /// By which law a decision counts as announced, and what can be done against it.
    pub regime: Option<Said>,
    pub basis: Option<String>,
    pub remedy: Option<Said>,
}

impl Page for CasePage {
    const TEMPLATE: &'static str = "desk/case.html";

    fn head(&self, visit: &Visit) -> Head {
        let head = head(visit, format!("{} – {}", self.title, self.number));
        let head = head.below(visit.text("desk.cases.title"), "/verwaltung/vorgaenge");
        let forms =
            [self.write.as_ref().map(|it| &it.form), self.came.as_ref().map(|it| &it.form), self.address.as_ref()];
        let wrong = forms.into_iter().flatten().find(|form| form.is_wrong());
        wrong.map_or_else(|| head.clone(), |form| form.head(head.clone(), visit))
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        let write = |purpose, wrong| {
            let mut form = Form::read(&LETTER, [("text".into(), "Guten Tag Erika Mustermann,".into())]);
            if wrong {
                form.complain("text", Wrong::TooLong);
            }
            let said = |text: &str| Said { text: text.into(), html: format!("<p>{text}</p>"), lang: None };
            let decides = purpose == LetterPurpose::Decision;
            Some(Write {
                purpose,
                form,
                upload: Upload::specimen(5),
                regime: decides.then(|| said("Der Bescheid gilt nach vier Tagen als bekannt gegeben.")),
                basis: decides.then(|| "§ 122a AO".into()),
                remedy: decides.then(|| said("Sie können innerhalb eines Monats klagen.")),
            })
        };
        let came = |wrong: bool| {
            let mut form = Form::blank(&CAME);
            if wrong {
                form.complain("came", Wrong::Missing);
            }
            Some(Came { form, upload: Upload::specimen(5) })
        };
        let plain = Self::specimen(visit);
        let proposal = Proposed {
            by: "Petra Beispiel".into(),
            at: plain.submitted.clone(),
            mine: false,
            text: "Guten Tag Erika Mustermann,\n\nwir geben statt.".into(),
            returned: None,
        };
        let conflict = vec![plain.timeline[0].clone(), plain.notes[0].clone()];
        vec![
            Self { write: write(LetterPurpose::Decision, false), done: Some("claimed"), ..Self::specimen(visit) },
            Self { four_eyes: true, proposal: Some(proposal.clone()), ..Self::specimen(visit) },
            Self {
                four_eyes: true,
                proposal: Some(Proposed { mine: true, returned: Some("Bitte die Frist nennen.".into()), ..proposal }),
                ..Self::specimen(visit)
            },
            Self { write: write(LetterPurpose::Request, true), conflict: Some(conflict), ..Self::specimen(visit) },
            Self { works: false, ..Self::specimen(visit) },
            Self {
                state: State::Completed,
                open: false,
                has_mailbox: false,
                address: Some(Form::read(&ADDRESS, [("address".into(), "Müllerweg 1\n12345 Musterstadt".into())])),
                channel: Channel::Paper,
                proof: None,
                mine: false,
                assignee: None,
                keep_until: Some(plain.submitted.clone()),
                hold: true,
                follow_up: None,
                messages: vec![
                    Self::by_post(visit, None),
                    Self::by_post(visit, Some(visit.date(jiff::civil::date(2026, 11, 19)))),
                ],
                documents: Vec::new(),
                notes: Vec::new(),
                earlier: Vec::new(),
                ..plain
            },
            Self { has_mailbox: false, came: came(true), ..Self::specimen(visit) },
            Self {
                has_mailbox: false,
                came: came(false),
                channel: Channel::Phone,
                proof: None,
                messages: Vec::new(),
                write: write(LetterPurpose::Request, false),
                ..Self::specimen(visit)
            },
        ]
    }
}

impl CasePage {
    fn by_post(visit: &Visit, on: Option<String>) -> Letter {
        let post = Posted { id: "1".into(), pdf: format!("/verwaltung/vorgaenge/{NUMBER}/briefe/1"), on };
        let letter = Self::specimen(visit).messages.swap_remove(0);
        Letter { read: None, elsewhere: None, post: Some(post), ..letter }
    }

    fn specimen(visit: &Visit) -> Self {
        let day = |day: i8| Day {
            shown: visit.date(jiff::civil::date(2026, 11, day)),
            iso: jiff::civil::date(2031, 11, day).to_string(),
        };
        let at = |of: i8| format!("{}, 10:05", day(of).shown);
        let entry = |of, event, who: Option<&str>, detail: Option<&str>| Entry {
            at: at(of),
            event,
            who: who.map(str::to_owned),
            detail: detail.map(str::to_owned),
            shown: event != "handed_over",
        };
        let letter = |from: Option<&str>, of, body: &str| Letter {
            from: from.map(str::to_owned),
            at: at(of),
            body: body.into(),
            read: from.map(|_| at(of + 1)),
            asks: from.is_some(),
            files: if from.is_none() { FileView::specimens() } else { Vec::new() },
            decision: None,
            post: None,
            elsewhere: from.map(|_| Elsewhere { provider: "BundID".into(), state: outlet::State::Failed }),
        };
        let decided = Decided {
            fate: Fate::Provided,
            at: at(20),
            next: Some(day(24).shown),
            basis: Some("§ 122a AO".into()),
            remedy: Some("Sie können innerhalb eines Monats klagen.".into()),
        };
        let template = |title: &str, purpose| Template {
            title: title.into(),
            purpose,
            url: format!("/verwaltung/vorgaenge/{NUMBER}?vorlage=x#schreiben"),
        };
        Self {
            clerk: Clerk::specimen(),
            title: "Hund anmelden".into(),
            number: NUMBER.into(),
            action: format!("/verwaltung/vorgaenge/{NUMBER}"),
            revision: 3,
            seen: 4,
            state: State::Processing,
            works: true,
            open: true,
            channel: Channel::Online,
            applicant: "Erika Mustermann".into(),
            proof: Some("BundID, Vertrauensniveau hoch".into()),
            department: Some("Steueramt".into()),
            assignee: Some("Kim Muster".into()),
            mine: true,
            submitted: at(16),
            due: day(20),
            late: true,
            follow_up: Some(day(19)),
            keep_until: None,
            hold: false,
            once: "1".into(),
            four_eyes: false,
            proposal: None,
            copy: Some(format!("/verwaltung/vorgaenge/{NUMBER}/nachrichten.pdf")),
            sections: SectionView::specimens(visit),
            documents: FileView::specimens(),
            messages: vec![
                letter(Some("Kim Muster"), 17, "Bitte schicken Sie uns den Versicherungsschein.\nDanke!"),
                letter(None, 18, "Hier ist er."),
                Letter { asks: false, decision: Some(decided), ..letter(Some("Kim Muster"), 20, "Wir geben statt.") },
            ],
            timeline: vec![
                entry(18, "answered", Some("Erika Mustermann"), None),
                entry(17, "handed_over", Some("Kim Muster"), Some("Petra Beispiel")),
                entry(16, "received", None, None),
            ],
            notes: vec![entry(17, "note", Some("Kim Muster"), Some("Rasse telefonisch geklärt."))],
            earlier: CaseLine::specimens(visit),
            has_mailbox: true,
            address: None,
            came: None,
            letters: vec![
                template("Eingangsbestätigung", LetterPurpose::Message),
                template("Unterlagen nachfordern", LetterPurpose::Request),
                template("Bewilligung", LetterPurpose::Decision),
            ],
            write: None,
            note: Form::blank(&NOTE),
            colleagues: Choice::specimens(["Kim Muster", "Petra Beispiel"]),
            departments: Choice::specimens(["Bürgerbüro", "Steueramt"]),
            conflict: None,
            done: None,
        }
    }
}
