//! What somebody takes home of their Postkorb: a conversation, with its files or without, and a decision as a letter.

use std::collections::HashMap;

use poem::{Response, handler, web::Path};
use uuid::Uuid;

use super::{office_of, opened};
use crate::{
    cases::Case,
    error::{Error, Result},
    files::{self, File},
    identity::CitizenVisit,
    mailbox::{self, Conversation, Message, Sender, Thread, decisions::Decision},
    pack::{entry, zipped},
    paper::{self, Letterhead},
};

/// What a person keeps of a thread: all they may see of it.
struct Kept {
    thread: Thread,
    case: Option<Case>,
    messages: Vec<Message>,
    decisions: Vec<Decision>,
    files: HashMap<Uuid, Vec<File>>,
}

impl Kept {
    async fn of(visit: &CitizenVisit, id: Uuid) -> Result<std::result::Result<Self, Response>> {
        let mut tx = visit.store().read().await?;
        let thread = mailbox::of_citizen(&mut tx, visit.session.account, id).await?.ok_or(Error::NotFound)?;
        let case = match opened(&mut tx, visit, &thread).await? {
            Ok(case) => case,
            Err(login) => return Ok(Err(login)),
        };
        let (messages, decisions) = mailbox::seen_by_citizen(&mut tx, &thread).await?;
        let files = mailbox::files_of_seen(&mut tx, &thread, &messages, &decisions).await?;
        Ok(Ok(Self { thread, case, messages, decisions, files }))
    }

    fn conversation(&self) -> Conversation<'_> {
        Conversation {
            subject: &self.thread.subject,
            number: self.case.as_ref().map(|case| case.number.to_string()),
            messages: &self.messages,
            decisions: &self.decisions,
            files: &self.files,
        }
    }

    fn from<'a>(&self, visit: &'a CitizenVisit) -> impl Fn(Sender) -> String + use<'a> {
        let (office, person) = (office_of(visit, &self.thread, self.case.as_ref()), visit.session.profile.name());
        move |sender| match sender {
            Sender::Citizen => person.clone().unwrap_or_else(|| visit.text("mailbox.you")),
            Sender::Staff(_) | Sender::System => office.clone(),
        }
    }
}

/// The conversation to keep.
#[handler]
pub async fn copy_pdf(visit: CitizenVisit, Path(id): Path<Uuid>) -> Result<Response> {
    match Kept::of(&visit, id).await? {
        Ok(kept) => mailbox::copy(&visit, &kept.thread, kept.conversation(), kept.from(&visit)).await,
        Err(login) => Ok(login),
    }
}

/// The same with all its files, as far as they have been judged.
#[handler]
pub async fn copy_zip(visit: CitizenVisit, Path(id): Path<Uuid>) -> Result<Response> {
    let kept = match Kept::of(&visit, id).await? {
        Ok(kept) => kept,
        Err(login) => return Ok(login),
    };
    let document = mailbox::on_paper(&visit, &kept.conversation(), kept.from(&visit));
    let paper = paper::print(document, Letterhead::of(&visit.tenant, &visit.locale)).await?;
    let mut files: Vec<File> = kept.files.into_values().flatten().collect();
    files.sort_by_key(|file| file.at);
    let packed = files::gather(&visit.portal.files, &visit.tenant.id, "dateien", files).await.map_err(|error| {
        tracing::error!(tenant = %visit.tenant.id, %error, "a file of a thread cannot be read from the store");
        Error::Unavailable("the store of files does not answer")
    })?;
    let entries = std::iter::once(entry("nachrichten.pdf", paper));
    let zip = zipped(entries.chain(packed.into_iter().filter_map(files::Packed::entry)))?;
    let name = kept.case.map_or(id.to_string(), |case| case.number.to_string());
    Ok(files::saved(&format!("{name}.zip"), "application/zip", zip))
}

/// `/postkorb/{thread}/bescheide/{nachricht}`: a decision that was opened, as the letter it is.
#[handler]
pub async fn decision_pdf(visit: CitizenVisit, Path((id, message)): Path<(Uuid, Uuid)>) -> Result<Response> {
    let kept = match Kept::of(&visit, id).await? {
        Ok(kept) => kept,
        Err(login) => return Ok(login),
    };
    let decision = kept.decisions.iter().find(|it| it.message == message && it.is_open()).ok_or(Error::NotFound)?;
    let message = kept.messages.iter().find(|it| it.id == message).ok_or(Error::NotFound)?;
    let case = kept.case.as_ref().ok_or(Error::NotFound)?;
    mailbox::letter_pdf(&visit, case, message, Some(decision), &kept.files, None).await
}
