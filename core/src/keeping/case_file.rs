//! One case as a file (Akte), for clerks: whatever the town hall knows of it.

use std::collections::HashMap;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    cases::{self, Case, Event, Who},
    delivery,
    error::{Error, Result},
    files::{self, File, Owner, Packed},
    mailbox::{
        self, Conversation, Kind, Message, Sender,
        decisions::{self, Decision},
    },
    pack::{entry, zipped},
    paper::{self, Letterhead},
    staff::{self, Colleague},
    store::Tx,
    web::Visit,
};

/// A ZIP file: `akte.json` with everything, the application and the messages as PDF, the files of both in `dateien`.
pub async fn file_of_case(tx: &mut Tx, visit: &Visit, case: &Case) -> Result<Vec<u8>> {
    let colleagues = staff::colleagues(tx, &visit.tenant).await?;
    let timeline = cases::timeline(tx, case.id).await?;
    let thread = mailbox::of_case(tx, case.id).await?;
    let messages = match &thread {
        Some(thread) => mailbox::messages(tx, thread.id).await?,
        None => Vec::new(),
    };
    let decisions = decisions::of_case(tx, case.id).await?;
    let files = match &thread {
        Some(thread) => mailbox::files_of(tx, thread.id).await?,
        None => HashMap::new(),
    };
    let mut attached = files::of(tx, Owner::Case(case.id)).await?;
    if let Some(thread) = &thread {
        attached.extend(files::of_thread(tx, thread.id).await?);
    }
    let attached = files::gather(&visit.portal.files, &visit.tenant.id, "dateien", attached).await;
    let attached = attached.map_err(|error| {
        tracing::error!(tenant = %visit.tenant.id, %error, "a file of a case cannot be read from the store");
        Error::Unavailable("the store of files does not answer")
    })?;
    let deliveries = delivery::of_case(tx, case.id).await?;
    let name = |id| colleagues.iter().find(|it: &&Colleague| it.id == id).map(|it| it.name.clone());
    let document = json!({
        "number": case.number,
        "state": case.state,
        "channel": case.channel,
        "department": case.department,
        "assignee": case.assignee.and_then(name),
        "submitted": case.submitted.to_string(),
        "due": case.due.to_string(),
        "closed": case.closed.map(|at| at.to_string()),
        "keep_until": case.keep_until.map(|at| at.to_string()),
        "hold": case.hold,
        "applicant": case.applicant,
        "application": case.application,
        "timeline": timeline.iter().map(|event| line(event, &name)).collect::<Vec<_>>(),
        "messages": messages.iter().map(|message| said(message, &name)).collect::<Vec<_>>(),
        "files": attached.iter().map(|it| listed(&it.file, it.content.as_ref().map(|_| it.path.as_str()))).collect::<Vec<_>>(),
        "deliveries": deliveries.iter().map(|it| json!({
            "destination": it.destination, "state": it.state, "ordered": it.created.to_string(),
            "receipt": it.receipt,
        })).collect::<Vec<_>>(),
    });
    let json = serde_json::to_vec_pretty(&document).map_err(Error::internal)?;
    let mut entries = vec![entry("akte.json", json), entry("antrag.pdf", cases::doors::pdf_copy(visit, case)?)];
    if !messages.is_empty() {
        entries.push(entry("nachrichten.pdf", on_paper(visit, case, (&messages, &decisions, &files), &name)?));
    }
    zipped(entries.into_iter().chain(attached.into_iter().filter_map(Packed::entry)))
}

/// What is known of a file; `path` where it lies in the ZIP file, if it could be given out.
pub(super) fn listed(file: &File, path: Option<&str>) -> Value {
    let message = match file.owner {
        Owner::Message(id) => Some(id),
        Owner::Draft(_) | Owner::Case(_) => None,
    };
    json!({"name": file.details.name, "path": path, "bytes": file.size,
        "sha256": file.details.sha256, "scan": file.state.word(), "at": file.at.to_string(), "message": message})
}

fn line(event: &Event, name: &impl Fn(Uuid) -> Option<String>) -> Value {
    let who = match event.who {
        Who::Staff(id) => name(id).unwrap_or_else(|| id.to_string()),
        Who::Citizen(_) => "citizen".into(),
        Who::System => "system".into(),
    };
    json!({"at": event.at.to_string(), "event": event.kind, "who": who, "shown": event.shown, "details": event.details})
}

fn said(message: &Message, name: &impl Fn(Uuid) -> Option<String>) -> Value {
    let from = match message.sender {
        Sender::Staff(id) => name(id).unwrap_or_else(|| id.to_string()),
        Sender::Citizen => "citizen".into(),
        Sender::System => "system".into(),
    };
    let kind = match message.kind {
        Kind::Message => "message",
        Kind::Request => "request",
        Kind::Decision => "decision",
    };
    json!({"id": message.id, "at": message.sent.to_string(), "from": from, "kind": kind, "text": message.body,
        "read": message.read.map(|at| at.to_string())})
}

fn on_paper(
    visit: &Visit,
    case: &Case,
    written: (&[Message], &[Decision], &HashMap<Uuid, Vec<File>>),
    name: &impl Fn(Uuid) -> Option<String>,
) -> Result<Vec<u8>> {
    let from = |sender| match sender {
        Sender::Citizen => case.applicant.clone(),
        Sender::Staff(id) => name(id).unwrap_or_else(|| visit.text("desk.somebody")),
        Sender::System => visit.text("desk.portal"),
    };
    let (messages, decisions, files) = written;
    let number = Some(case.number.to_string());
    let conversation = Conversation { subject: &case.application.title, number, messages, decisions, files };
    paper::write(&mailbox::on_paper(visit, &conversation, from), &Letterhead::of(&visit.tenant, &visit.locale))
}
