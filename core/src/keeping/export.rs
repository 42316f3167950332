//! Everything of a person (Art. 15 and 20 DSGVO): for programs, and to be read.

use std::{
    collections::HashMap,
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
    files::{self, File, Files, Owner},
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
    tenant::{Said, Tenant, TenantId, dated::in_words},
};

/// The trail of one person is shorter.
const DEEDS: u32 = 100_000;

/// What the portal knows of an account, as two documents.
pub struct Everything {
    /// For programs.
    pub json: Value,
    /// To be read, in the person's language: a page of its own, which fetches nothing. What the town hall wrote stays as it
    /// was written.
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

/// Everything that the account has here and may see; notes that clerks make for themselves are in the case's file. Without
/// a `locale` it is told in the language that the person has chosen. `None`: there is no such account.
pub async fn everything_of(
    tx: &mut Tx,
    tenant: &Tenant,
    locale: Option<&Locale>,
    account: Uuid,
    now: Timestamp,
) -> Result<Option<Everything>> {
    let Some(profile) = identity::profile(tx, account).await? else { return Ok(None) };
    let mut out = Out::new(tenant, locale.cloned().unwrap_or_else(|| profile.locale(tenant)));
    out.title(&out.fill("export.file.title", &[("town", &tenant.town.full_name)]));
    if !out.locale.is_german() {
        out.text(&out.word("export.file.german"));
    }
    out.line(&out.word("export.file.at"), &out.moment(now));
    out.line(&out.word("export.file.account"), &account.to_string());
    let user_name = identity::local::name_of(tx, account).await?;
    user_name.iter().for_each(|name| out.line(&out.word("own.field.name"), name));
    out.profile(&profile);

    let sessions = sessions::of_account(tx, account, now).await?;
    out.heading(&out.word("leave.sessions"));
    for session in &sessions {
        out.line(&out.moment(session.since), &session.device);
    }
    let mut all_files: Vec<File> = Vec::new();
    let drafts = drafts::of_account(tx, account, now).await?;
    out.heading(&out.word("leave.drafts"));
    for draft in &drafts {
        let form = tenant.online_forms.get(&draft.form);
        let title = form.map(|form| tenant.words(&form.title, &out.locale).into_owned());
        let touched = out.fill("export.file.touched", &[("at", &out.moment(draft.touched))]);
        out.line(title.as_deref().unwrap_or(&draft.form), &touched);
        all_files.extend(files::of(tx, Owner::Draft(draft.id)).await?);
    }
    let (mut all_cases, mut numbers) = (Vec::new(), HashMap::new());
    for case in cases::all_of_citizen(tx, account).await? {
        let timeline = cases::timeline(tx, case.id).await?;
        numbers.insert(case.id.to_string(), case.number.to_string());
        all_files.extend(files::of(tx, Owner::Case(case.id)).await?);
        let shown: Vec<_> = timeline.iter().filter(|event| event.shown).collect();
        let original = case.application.original.as_ref().filter(|original| original.locale == out.locale.code());
        let (title, sections) = match original {
            Some(original) => (&original.title, &original.sections),
            None => (&case.application.title, &case.application.sections),
        };
        out.heading(&out.fill("export.file.case", &[("number", case.number.as_str()), ("title", title)]));
        out.line(&out.word("export.file.state"), &out.word(&format!("cases.state.{}", case.state.word())));
        out.line(&out.word("export.file.submitted"), &out.moment(case.submitted));
        sections.iter().for_each(|section| out.section(section));
        for event in &shown {
            out.line(&out.moment(event.at), &out.word(&format!("cases.event.{}", event.kind.word())));
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
        let (messages, decisions) = mailbox::seen_by_citizen(tx, &thread).await?;
        let mut attached = mailbox::files_of_seen(tx, &thread, &messages, &decisions).await?;
        all_files.extend(messages.iter().filter_map(|message| attached.remove(&message.id)).flatten());
        out.heading(&out.fill("export.file.thread", &[("subject", &thread.subject)]));
        messages.iter().for_each(|message| out.message(message));
        let said: Vec<Value> = messages.iter().map(said).collect();
        all_threads.push(json!({"subject": thread.subject, "case": thread.case, "messages": said}));
    }
    let files: Vec<(File, Option<String>)> = all_files.into_iter().enumerate().map(placed).collect();
    out.heading(&out.word("export.file.files"));
    for (file, path) in &files {
        out.line(&file.details.name, path.as_deref().unwrap_or(&out.word("export.file.not_clean")));
    }
    let trail = audit::of_person(tx, account, None, DEEDS).await?;
    let offices = Offices::of(tx, tenant).await?;
    out.heading(&out.word("export.file.seen"));
    for deed in &trail {
        let who = offices.who(deed, &|name| out.word(name));
        let what = out.word(&format!("seen.deed.{}", word_of(deed)));
        let about = deed.subject.as_ref().and_then(|subject| numbers.get(subject));
        let about = about.map(|number| format!(" ({number})")).unwrap_or_default();
        out.line(&out.moment(deed.at), &format!("{who}: {what}{about}"));
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
    let path = file.state.goes_out().then(|| files::name_in("dateien", at, &file));
    (file, path)
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
    locale: Locale,
    html: String,
}

impl<'t> Out<'t> {
    fn new(tenant: &'t Tenant, locale: Locale) -> Self {
        let style = "body{max-width:50rem;margin:2rem auto;padding:0 1rem;font:1rem/1.5 sans-serif}\
            h2{margin-top:2.5rem;border-bottom:1px solid}dt{font-weight:bold}dd{margin:0 0 .5rem;white-space:pre-line}";
        let title = tenant.theme.texts.get(&locale, "data.title");
        let html = format!(
            "<!DOCTYPE html>\n<html lang=\"{}\" dir=\"{}\"><head><meta charset=\"utf-8\"><title>{}</title>\
             <style>{style}</style></head><body>\n",
            locale.lang(),
            locale.dir(),
            escaped(title)
        );
        Self { tenant, locale, html }
    }

    fn finish(mut self) -> String {
        self.html.push_str("</body></html>\n");
        self.html
    }

    fn word(&self, name: &str) -> String {
        self.tenant.theme.texts.get(&self.locale, name).to_owned()
    }

    fn fill(&self, name: &str, values: &[(&str, &str)]) -> String {
        values.iter().fold(self.word(name), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    }

    fn moment(&self, at: Timestamp) -> String {
        let local = at.to_zoned(local_zone());
        format!("{}, {}", in_words(local.date(), self.locale.code()), local.strftime("%H:%M"))
    }

    fn text(&mut self, text: &str) {
        let _ = writeln!(self.html, "<p>{}</p>", escaped(text));
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
        self.heading(&self.word("export.file.profile"));
        for (field, known) in &profile.details {
            let name = match field {
                Field::Mailbox => self.word("export.file.mailbox"),
                field => self.word(&format!("data.attribute.{}", field.word())),
            };
            self.line(&name, &known.value);
        }
        let own = [("email", &profile.contact.email), ("phone", &profile.contact.phone)];
        for (field, value) in own.into_iter().filter_map(|(field, value)| Some((field, value.as_ref()?))) {
            let name = self.word(&format!("data.attribute.{field}"));
            self.line(&self.fill("export.file.entered", &[("name", &name)]), value);
        }
    }

    fn section(&mut self, section: &Section) {
        let _ = writeln!(self.html, "<h3>{}</h3>", escaped(&section.title));
        section.fields.iter().for_each(|field| self.line(&field.label, &field.shown));
    }

    fn message(&mut self, message: &Message) {
        let from = match message.sender {
            Sender::Citizen => "citizen",
            Sender::Staff(_) => "staff",
            Sender::System => "system",
        };
        let from = self.word(&format!("seen.who.{from}"));
        self.line(&format!("{from}, {}", self.moment(message.sent)), &message.body);
    }
}

fn escaped(text: &str) -> String {
    Said::plain(text).html
}
