//! Everything of a person (Art. 15 and 20 DSGVO): for programs, and to be read.

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use futures_util::TryStreamExt;
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    case_file::listed,
    seen::{Offices, word_of},
};
use crate::{
    audit,
    cases::{self, Section},
    clock::local_zone,
    error::Result,
    files::{self, File, Files, Owner, State},
    forms::drafts,
    identity::{
        self,
        person::{Field, Profile},
        sessions,
    },
    locale::Locale,
    mailbox::{self, Message, Sender},
    pack::Pack,
    store::Tx,
    tenant::{Tenant, TenantId},
};

/// The trail of one person is shorter.
const DEEDS: u32 = 100_000;

/// What the portal knows of an account, as two documents.
pub struct Everything {
    /// For programs.
    pub json: Value,
    /// To be read, in German: a page of its own, which fetches nothing.
    pub html: String,
    /// What the person handed over and got, each with its name in the ZIP file; `None`: it is left out, because it waits for
    /// the scanner, or the scanner found something in it.
    pub files: Vec<(File, Option<String>)>,
}

/// `daten.json`, `uebersicht.html` and the files, written as one ZIP file while they are read: no file is in memory as a
/// whole. It waits for the store of files, so it needs a thread that may wait.
pub fn everything_as_zip(everything: Everything, store: &Files, tenant: &TenantId, out: impl Write) -> io::Result<()> {
    let runtime = tokio::runtime::Handle::current();
    let mut pack = Pack::to(out);
    pack.begin("daten.json")?;
    serde_json::to_writer_pretty(&mut pack, &everything.json)?;
    pack.begin("uebersicht.html")?;
    pack.write_all(everything.html.as_bytes())?;
    for (file, path) in everything.files.iter().filter_map(|(file, path)| Some((file, path.as_ref()?))) {
        pack.begin(path)?;
        let mut pieces = runtime.block_on(store.read(tenant, file)).map_err(io::Error::other)?;
        while let Some(piece) = runtime.block_on(pieces.try_next())? {
            pack.write_all(&piece)?;
        }
    }
    pack.finish()
}

/// Everything that the account has here and may see; notes that clerks make for themselves are in the case's file. `None`:
/// there is no such account.
pub async fn everything_of(tx: &mut Tx, tenant: &Tenant, account: Uuid, now: Timestamp) -> Result<Option<Everything>> {
    let Some(profile) = identity::profile(tx, account).await? else { return Ok(None) };
    let mut out = Out::new(tenant);
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
    let files: Vec<(File, Option<String>)> = all_files.into_iter().enumerate().map(placed).collect();
    out.heading("Dateien");
    for (file, path) in &files {
        out.line(&file.details.name, path.as_deref().unwrap_or("liegt nicht bei: nicht als virenfrei geprüft"));
    }
    let trail = audit::of_person(tx, account, None, DEEDS).await?;
    let offices = Offices::of(tx, tenant).await?;
    out.heading("Wer Ihre Daten gesehen hat, und was sonst geschah");
    for deed in &trail {
        let who = offices.who(deed, &|name| out.word(name));
        out.line(&moment(deed.at), &format!("{who}: {}", out.word(&format!("seen.deed.{}", word_of(deed)))));
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
        "files": files.iter().map(|(file, path)| listed(file, path.as_deref())).collect::<Vec<_>>(),
        "deeds": trail.iter().map(|it| json!({"at": it.at.to_string(), "deed": it.deed, "by": it.actor,
            "office": offices.id_of(it)})).collect::<Vec<_>>(),
    });
    Ok(Some(Everything { json, html: out.finish(), files }))
}

/// What nobody has found clean, and what waits, stays here.
fn placed((at, file): (usize, File)) -> (File, Option<String>) {
    let goes = matches!(file.state, State::Clean | State::Unscanned);
    let path = goes.then(|| format!("dateien/{}-{}", at + 1, file.details.name));
    (file, path)
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
    html: String,
}

impl<'t> Out<'t> {
    fn new(tenant: &'t Tenant) -> Self {
        let style = "body{max-width:50rem;margin:2rem auto;padding:0 1rem;font:1rem/1.5 sans-serif}\
            h2{margin-top:2.5rem;border-bottom:1px solid}dt{font-weight:bold}dd{margin:0 0 .5rem;white-space:pre-line}";
        let html = format!(
            "<!DOCTYPE html>\n<html lang=\"de\"><head><meta charset=\"utf-8\"><title>Ihre Daten</title>\
             <style>{style}</style></head><body>\n"
        );
        Self { tenant, html }
    }

    fn finish(mut self) -> String {
        self.html.push_str("</body></html>\n");
        self.html
    }

    fn word(&self, name: &str) -> String {
        self.tenant.theme.texts.get(&Locale::german(), name).to_owned()
    }

    fn title(&mut self, text: &str) {
        let _ = writeln!(self.html, "<h1>{}</h1>", escaped(text));
    }

    fn heading(&mut self, text: &str) {
        let _ = writeln!(self.html, "<h2>{}</h2>", escaped(text));
    }

    fn line(&mut self, name: &str, value: &str) {
        let _ = writeln!(self.html, "<dl><dt>{}</dt><dd>{}</dd></dl>", escaped(name), escaped(value));
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
        let _ = writeln!(self.html, "<h3>{}</h3>", escaped(&section.title));
        section.fields.iter().for_each(|field| self.line(&field.label, &field.shown));
    }

    fn message(&mut self, message: &Message) {
        let from = match message.sender {
            Sender::Citizen => "Sie",
            Sender::Staff(_) => "Das Rathaus",
            Sender::System => "Das Portal",
        };
        self.line(&format!("{from}, {}", moment(message.sent)), &message.body);
    }
}

fn escaped(text: &str) -> String {
    let mut html = Vec::with_capacity(text.len());
    tera::escape_html(text, &mut html).expect("memory takes everything");
    String::from_utf8_lossy(&html).into_owned()
}
