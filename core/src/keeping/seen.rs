//! Who has seen the data of a person, in plain words: the office, never the name of a clerk (decision 0039).

use std::collections::HashMap;

use uuid::Uuid;

use crate::{
    audit::Shown,
    staff,
    store::{Result, Tx},
    tenant::Tenant,
};

/// What happens to a person's data, and the word by which texts know it: `seen.deed.<word>`.
const DEEDS: [(&str, &str); 55] = [
    ("session.opened", "logged_in"),
    ("session.ended", "logged_out"),
    ("draft.begun", "draft_begun"),
    ("case.submitted", "submitted"),
    ("case.handed_in", "handed_in"),
    ("case.withdrawn", "withdrawn"),
    ("case.taken_over", "taken_over"),
    ("message.sent", "written"),
    ("case.written", "written"),
    ("case.asked", "asked"),
    ("thread.read", "thread_read"),
    ("thread.read_elsewhere", "thread_read"),
    ("thread.printed", "thread_printed"),
    ("thread.handed_over", "thread_moved"),
    ("mails.on", "notified"),
    ("mails.off", "silenced"),
    ("decision.retrieved", "retrieved"),
    ("decision.declined", "declined"),
    ("decision.announced", "announced"),
    ("decision.not_announced", "not_announced"),
    ("case.read", "case_read"),
    ("case.read_elsewhere", "case_read_elsewhere"),
    ("case.changed", "case_changed"),
    ("cases.changed", "case_changed"),
    ("case.noted", "case_noted"),
    ("decision.proposed", "case_changed"),
    ("decision.sent_back", "case_changed"),
    ("case.decided", "decided"),
    ("case.expired", "case_expired"),
    ("case.exported", "case_exported"),
    ("letter.printed", "letter_printed"),
    ("letters.posted", "letter_posted"),
    ("file.read", "file_read"),
    ("delivery.arrived", "delivered"),
    ("delivery.failed", "delivery_failed"),
    ("delivery.retried", "delivery_retried"),
    ("messages.expired", "messages_expired"),
    ("message.copied", "copied"),
    ("message.not_copied", "not_copied"),
    ("person.exported", "exported"),
    ("person.leaves", "leaves"),
    ("person.stays", "stays"),
    ("account.moved", "moved"),
    ("account.taken_over", "moved"),
    ("move.undone", "move_undone"),
    ("data.changed", "changed"),
    ("address.confirmed", "changed"),
    ("address.objected", "objected"),
    ("account.registered", "registered"),
    ("password.changed", "password"),
    ("password.reset", "password"),
    ("password.reset_mailed", "reset_mailed"),
    ("account.rests", "rests"),
    ("app.set_up", "app_set"),
    ("app.removed", "app_removed"),
];

/// The word for what was done; what has none yet is `other`.
pub(super) fn word_of(entry: &Shown) -> &'static str {
    DEEDS.iter().find(|(deed, _)| *deed == entry.deed).map_or("other", |(_, word)| word)
}

/// In which office of the town a clerk works: id and name.
pub(super) struct Offices(HashMap<Uuid, (String, String)>);

impl Offices {
    pub async fn of(tx: &mut Tx, tenant: &Tenant) -> Result<Self> {
        let colleagues = staff::colleagues(tx, tenant).await?;
        let office = |colleague: staff::Colleague| {
            let office = tenant.town.staff.department(colleague.department.as_deref()?)?;
            Some((colleague.id, (office.id.clone(), office.name.clone())))
        };
        Ok(Self(colleagues.into_iter().filter_map(office).collect()))
    }

    /// The person, an office, the town hall, the portal or whoever runs it; `text` says a text by its name.
    pub fn who(&self, entry: &Shown, text: &impl Fn(&str) -> String) -> String {
        match (entry.actor.as_str(), self.of_clerk(entry)) {
            ("staff", Some((_, name))) => name.clone(),
            ("citizen" | "staff" | "operator", _) => text(&format!("seen.who.{}", entry.actor)),
            _ => text("seen.who.system"),
        }
    }

    /// For programs.
    pub fn id_of(&self, entry: &Shown) -> Option<&str> {
        self.of_clerk(entry).map(|(id, _)| id.as_str())
    }

    fn of_clerk(&self, entry: &Shown) -> Option<&(String, String)> {
        self.0.get(&entry.actor_id.filter(|_| entry.actor == "staff")?)
    }
}
