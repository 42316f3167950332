//! `/postkorb`: all threads of a person.

use serde::Serialize;

use super::{CaseLink, private, specimen_moment};
use crate::web::{Head, Page, Visit};

/// Asked with `q` for words and with `archiv=1` for what was put away; posts `notify`, `on` or `off`, to its own address.
#[derive(Serialize)]
pub struct InboxPage {
    /// The latest first.
    pub threads: Vec<ThreadCard>,
    /// What was searched for; empty: everything.
    pub query: String,
    /// The threads that were put away instead of the others.
    pub archived: bool,
    /// Threads with something unread, put away or not.
    pub unread: u32,
    /// The next page of the list.
    pub older: Option<String>,
    /// Whether a mail says that something new is here; `None`: no address is known.
    pub notify: Option<Notify>,
    /// The mails have just been switched on or off.
    pub switched: bool,
}

#[derive(Debug, Clone, Serialize)]
pub struct ThreadCard {
    pub url: String,
    pub subject: String,
    /// Who wrote last: an office of the town; `None`: the person.
    pub from: Option<String>,
    pub at: String,
    pub unread: bool,
    pub case: Option<CaseLink>,
    /// Something hangs on one of the messages.
    pub files: bool,
    /// There is a decision among them.
    pub decision: bool,
}

#[derive(Debug, Clone, Serialize)]
pub struct Notify {
    pub email: String,
    pub on: bool,
}

impl Page for InboxPage {
    const TEMPLATE: &'static str = "mailbox/inbox.html";

    fn head(&self, visit: &Visit) -> Head {
        let title = visit.text("mailbox.title");
        private(if self.unread > 0 { format!("{title} ({})", self.unread) } else { title })
    }

    fn samples(visit: &Visit) -> Vec<Self> {
        let thread = |id: &str, german, english, from: Option<&str>| ThreadCard {
            url: visit.url(&format!("/postkorb/{id}")),
            subject: visit.specimen(german, english).text,
            from: from.map(str::to_owned),
            at: specimen_moment(visit, 20),
            unread: false,
            case: None,
            files: false,
            decision: false,
        };
        let case = || Some(CaseLink::specimen(visit));
        let threads = vec![
            ThreadCard {
                unread: true,
                case: case(),
                files: true,
                decision: true,
                ..thread("1", "Ihr Steuerbescheid", "Your tax notice", Some("Steueramt"))
            },
            ThreadCard {
                unread: true,
                case: case(),
                ..thread("2", "Bitte noch ein Dokument", "One more document, please", Some("Steueramt"))
            },
            thread("3", "Frage zur Biotonne", "A question about the bin", None),
        ];
        let notify = |on| Some(Notify { email: "erika@example.org".into(), on });
        let empty = |query: &str, archived| Self {
            threads: Vec::new(),
            query: query.into(),
            archived,
            unread: 0,
            older: None,
            notify: notify(false),
            switched: false,
        };
        let older = Some(visit.url("/postkorb?seite=2"));
        vec![
            Self { threads, older, unread: 2, notify: notify(true), ..empty("", false) },
            Self { notify: None, ..empty("", false) },
            empty("Biotonne", false),
            empty("", true),
        ]
    }
}
