//! Everything of a person (Art. 15 and 20 DSGVO): for programs, and to be read.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::case_file::listed;
use crate::{
    audit,
    cases::{self, Section},
    clock::local_zone,
    error::{Error, Result},
    files::{self, File, Files, Owner, Packed},
    forms::drafts,
    identity::{
        self,
        person::{Field, Profile},
        sessions,
    },
    locale::Locale,
    mailbox::{self, Message, Sender},
    pack::{entry, zipped},
    store::Tx,
    tenant::Tenant,
};

/// The trail of one person is shorter.
const DEEDS: u32 = 100_000;

/// What the portal knows of an account, as two documents.
pub struct Everything {
    /// For programs.
    pub json: Value,
    /// To be read, in German.
    pub text: String,
    /// What the person handed over and got.
    pub files: Vec<Packed>,
}

impl Everything {
    /// `daten.json`, `uebersicht.txt` and the files in one ZIP file.
    pub fn zip(self) -> Result<Vec<u8>> {
        let json = serde_json::to_vec_pretty(&self.json).map_err(Error::internal)?;
        let documents = [entry("daten.json", json), entry("uebersicht.txt", self.text.into_bytes())];
        zipped(documents.into_iter().chain(self.files.into_iter().filter_map(Packed::entry)))
    }
}

/// Everything that the account has here and may see; notes that clerks make for themselves are in the case's file. `None`:
/// there is no such account.
pub async fn everything_of(
    tx: &mut Tx,
    tenant: &Tenant,
    store: &Files,
    account: Uuid,
    now: Timestamp,
) -> Result<Option<Everything>> {
    let Some(profile) = identity::profile(tx, account).await? else { return Ok(None) };
    let mut out = Out { tenant, text: String::new() };
    out.title(&format!("Ihre Daten im Serviceportal, {}", tenant.town.full_name));
    out.line("Stand", &moment(now));
    out.line("Kennung des Kontos", &account.to_string());
    let user_name = identity::local::name_of(tx, account).await?;
    user_name.iter().for_each(|name| out.line("Benutzername", name));
    out.profile(&profile);

    let sessions = sessions::of_account(tx, account, now).await?;
    out.heading("Laufende Anmeldungen");
    for session in &sessions {
        out.line(&moment(session.since), &session.device);
    }
    let mut all_files: Vec<File> = Vec::new();
    let drafts = drafts::of_account(tx, account, now).await?;
    out.heading("Angefangene Anträge");
    for draft in &drafts {
        out.line(&draft.form, &format!("zuletzt geändert {}", moment(draft.touched)));
        all_files.extend(files::of(tx, Owner::Draft(draft.id)).await?);
    }
    let mut all_cases = Vec::new();
    for case in cases::all_of_citizen(tx, account).await? {
        let timeline = cases::timeline(tx, case.id).await?;
        all_files.extend(files::of(tx, Owner::Case(case.id)).await?);
        let shown: Vec<_> = timeline.iter().filter(|event| event.shown).collect();
        out.heading(&format!("Vorgang {}: {}", case.number, case.application.title));
        out.line("Stand", &out.word(&format!("cases.state.{}", case.state.word())));
        out.line("Eingegangen", &moment(case.submitted));
        case.application.sections.iter().for_each(|section| out.section(section));
        for event in &shown {
            out.line(&moment(event.at), &out.word(&format!("cases.event.{}", event.kind.word())));
        }
        let shown: Vec<Value> =
            shown.iter().map(|event| json!({"at": event.at.to_string(), "event": event.kind})).collect();
        all_cases.push(json!({
            "number": case.number,
            "state": case.state,
            "submitted": case.submitted.to_string(),
            "closed": case.closed.map(|at| at.to_string()),
            "keep_until": case.keep_until.map(|at| at.to_string()),
            "application": case.application,
            "timeline": shown,
        }));
    }
    let mut all_threads = Vec::new();
    for thread in mailbox::all_of_citizen(tx, account).await? {
        let (messages, _) = mailbox::seen_by_citizen(tx, &thread).await?;
        all_files.extend(files::of_thread(tx, thread.id).await?);
        out.heading(&format!("Nachrichten: {}", thread.subject));
        messages.iter().for_each(|message| out.message(message));
        let said: Vec<Value> = messages.iter().map(said).collect();
        all_threads.push(json!({"subject": thread.subject, "case": thread.case, "messages": said}));
    }
    let files = files::gather(store, &tenant.id, "dateien", all_files).await.map_err(Error::internal)?;
    out.heading("Dateien");
    for packed in &files {
        let place =
            if packed.content.is_some() { &packed.path } else { "liegt nicht bei: nicht als virenfrei geprüft" };
        out.line(&packed.file.details.name, place);
    }
    let trail = audit::show(tx, Some(&account.to_string()), DEEDS).await?;
    out.heading("Was in Ihrem Konto geschah");
    for deed in &trail {
        out.line(&moment(deed.at), &deed.deed);
    }
    let json = json!({
        "town": tenant.town.full_name,
        "at": now.to_string(),
        "account": account,
        "user_name": user_name,
        "profile": profile,
        "sessions": sessions.iter().map(|it| json!({"device": it.device, "since": it.since.to_string(),
            "seen": it.seen.to_string()})).collect::<Vec<_>>(),
        "drafts": drafts.iter().map(|it| json!({"form": it.form, "service": it.service,
            "touched": it.touched.to_string(), "expires": it.expires.to_string(), "answers": it.answers}))
            .collect::<Vec<_>>(),
        "cases": all_cases,
        "threads": all_threads,
        "files": files.iter().map(listed).collect::<Vec<_>>(),
        "deeds": trail.iter().map(|it| json!({"at": it.at.to_string(), "deed": it.deed})).collect::<Vec<_>>(),
    });
    Ok(Some(Everything { json, text: out.text, files }))
}

fn moment(at: Timestamp) -> String {
    at.to_zoned(local_zone()).strftime("%d.%m.%Y, %H:%M Uhr").to_string()
}

fn said(message: &Message) -> Value {
    let from = match message.sender {
        Sender::Citizen => "citizen",
        Sender::Staff(_) => "town hall",
        Sender::System => "portal",
    };
    json!({"id": message.id, "at": message.sent.to_string(), "from": from, "text": message.body,
        "read": message.read.map(|at| at.to_string())})
}

/// The document to be read.
struct Out<'t> {
    tenant: &'t Tenant,
    text: String,
}

impl Out<'_> {
    fn word(&self, name: &str) -> String {
        self.tenant.theme.texts.get(&Locale::german(), name).to_owned()
    }

    fn title(&mut self, text: &str) {
        let _ = writeln!(self.text, "{text}\n{}\n", "=".repeat(text.chars().count()));
    }

    fn heading(&mut self, text: &str) {
        let _ = writeln!(self.text, "\n{text}\n{}", "-".repeat(text.chars().count()));
    }

    fn line(&mut self, name: &str, value: &str) {
        let _ = writeln!(self.text, "{name}: {value}");
    }

    fn profile(&mut self, profile: &Profile) {
        self.heading("Angaben Ihres Kontos");
        for (field, known) in &profile.details {
            let name = match field {
                Field::Mailbox => "Postfach beim Anbieter".to_owned(),
                field => self.word(&format!("data.attribute.{}", field.word())),
            };
            self.line(&name, &known.value);
        }
        let own = [("email", &profile.contact.email), ("phone", &profile.contact.phone)];
        for (field, value) in own.into_iter().filter_map(|(field, value)| Some((field, value.as_ref()?))) {
            let name = self.word(&format!("data.attribute.{field}"));
            self.line(&format!("{name}, hier eingetragen"), value);
        }
    }

    fn section(&mut self, section: &Section) {
        let _ = writeln!(self.text, "  {}", section.title);
        for field in &section.fields {
            let _ = writeln!(self.text, "    {}: {}", field.label, field.shown.replace('\n', " / "));
        }
    }

    fn message(&mut self, message: &Message) {
        let from = match message.sender {
            Sender::Citizen => "Sie",
            Sender::Staff(_) => "Das Rathaus",
            Sender::System => "Das Portal",
        };
        let _ = writeln!(self.text, "\n{from}, {}:\n{}", moment(message.sent), message.body);
    }
}
