//! `/verwaltung/nachrichten[/{id}]`

use poem::{
    Response, handler,
    http::StatusCode,
    web::{Path, Query},
};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::{case::letter, clerk, department_name, departments, list::default_department, names};
use crate::{
    audit::{self, Actor},
    desk::{
        Access, has_gap, is_own, looks,
        pages::{
            case::{Elsewhere, LETTER, Letter},
            messages::{MessagesPage, ThreadLine, ThreadPage},
            reason::{REASON, ReasonPage},
        },
    },
    error::{Error, Result},
    files::{self, Arrived, File, Files, Parcel},
    identity::{
        self,
        doors::{private, see_other},
    },
    mailbox::{self, Conversation, FILES, Kind, Message, Sender, Thread},
    staff::{self, Reach, StaffVisit},
    store::Tx,
    tenant::schema::Permission,
    web::{Form, Once, Sent, Wrong},
};

const LONGEST: usize = 20_000;
const LONGEST_REASON: usize = 5000;

#[handler]
pub async fn list(visit: StaffVisit, Query(asked): Query<Asked>) -> Result<Response> {
    let reach = visit.reach(Permission::Messages)?;
    let department = match reach {
        Reach::All => None,
        Reach::Only(_) => default_department(&visit, reach),
    };
    let mut tx = visit.store().read().await?;
    let mut threads = Vec::new();
    for thread in mailbox::without_case(&mut tx, department).await? {
        let department = thread.department.as_deref();
        if !reach.covers(department) {
            continue;
        }
        let is_own = is_own(&visit, reach, department);
        threads.push(ThreadLine {
            from: if is_own { name_of(&mut tx, &thread).await? } else { None },
            url: format!("/verwaltung/nachrichten/{}", thread.id),
            at: visit.moment(thread.last),
            department: department_name(&visit, department),
            unread: thread.unread_staff > 0,
            subject: is_own.then_some(thread.subject),
        });
    }
    private(&visit, &MessagesPage { clerk: clerk(&visit), threads, done: asked.fertig.is_some() })
}

#[derive(Debug, Deserialize)]
pub struct Asked {
    fertig: Option<String>,
}

#[handler]
pub async fn show(visit: StaffVisit, Path(id): Path<Uuid>, Query(asked): Query<Asked>) -> Result<Response> {
    visit.takes_deeds()?;
    let now = visit.portal.clock.now();
    let mut tx = visit.store().write().await?;
    let (thread, access) = found(&mut tx, &visit, id).await?;
    match access {
        Access::Closed => return refused(tx, &visit, id).await,
        Access::Reason => return ask_why(&visit, &thread, Form::blank(&REASON)),
        Access::Own | Access::Look => {}
    }
    let seen = mailbox::messages(&mut tx, id).await?;
    let page = page(&mut tx, &visit, &thread, &seen, Form::blank(&LETTER), asked.fertig.is_some()).await?;
    if access == Access::Own {
        mailbox::read_by_staff(&mut tx, id, &seen, now).await?;
    }
    let entry = audit::Entry::new(Actor::Staff(visit.id), "thread.read").about(id).concerns(thread.account);
    audit::record(&mut tx, now, entry).await?;
    tx.commit().await?;
    private(&visit, &page)
}

#[handler]
pub async fn answer(visit: StaffVisit, Path(id): Path<Uuid>, parcel: Parcel) -> poem::Result<Response> {
    visit.takes_deeds()?;
    // nothing is taken from whoever has no business here
    let mut tx = visit.store().read().await.map_err(Error::from)?;
    let (_, access) = found(&mut tx, &visit, id).await?;
    drop(tx);
    let files = if access == Access::Closed { Files::absent() } else { visit.portal.files.clone() };
    let (sent, arrived) = parcel.open(&visit, &files, &[FILES]).await?;
    let answer = write(&visit, id, &sent, &arrived).await;
    files::clear_up(&visit, &arrived, &answer).await;
    Ok(answer?)
}

async fn write(visit: &StaffVisit, id: Uuid, sent: &Sent, arrived: &[Arrived]) -> Result<Response> {
    let now = visit.portal.clock.now();
    let mut form = Form::read(&LETTER, sent.pairs());
    form.needs("text");
    form.limits("text", LONGEST);
    if has_gap(form.value("text")) {
        form.complain("text", Wrong::Gap);
    }
    let mut tx = visit.store().write().await?;
    let (thread, access) = found(&mut tx, visit, id).await?;
    match access {
        Access::Closed => return refused(tx, visit, id).await,
        Access::Reason => return reason(tx, visit, &thread, sent).await,
        Access::Own | Access::Look => {}
    }
    if sent.value("do").as_deref() == Some("department") {
        return hand_over(tx, visit, &thread, sent).await;
    }
    let (kept, refusals) = mailbox::accepted(arrived);
    if form.is_wrong() || !refusals.is_empty() {
        let seen = mailbox::messages(&mut tx, id).await?;
        let mut page = page(&mut tx, visit, &thread, &seen, form, false).await?;
        page.upload = mailbox::once_more(visit, &kept, &refusals);
        let mut response = private(visit, &page)?;
        response.set_status(StatusCode::UNPROCESSABLE_ENTITY);
        return Ok(response);
    }
    let sender = Sender::Staff(visit.id);
    let message = mailbox::write_to(&mut tx, id, sender, Kind::Message, form.value("text"), now).await?;
    mailbox::attach(&mut tx, visit, message, &kept).await?;
    let target = format!("/verwaltung/nachrichten/{id}?fertig=gesendet");
    if let Some(earlier) = mailbox::once(sent, &kept).keep(&mut tx, &target, now).await? {
        return see_other(&earlier);
    }
    if let Some(account) = thread.account {
        mailbox::notify(&mut tx, visit, account, (id, message), now).await?;
    }
    let entry = audit::Entry::new(Actor::Staff(visit.id), "message.sent").about(id).concerns(thread.account);
    audit::record(&mut tx, now, entry).await?;
    tx.commit().await?;
    see_other(&target)
}

/// The question goes to another department.
async fn hand_over(mut tx: Tx, visit: &StaffVisit, thread: &Thread, sent: &Sent) -> Result<Response> {
    let to = sent.value("department").filter(|id| visit.tenant.town.staff.department(id).is_some());
    let Some(to) = to else { return see_other(&format!("/verwaltung/nachrichten/{}", thread.id)) };
    mailbox::hand_over(&mut tx, thread.id, &to).await?;
    let details = json!({"from": thread.department, "to": to});
    let entry = audit::Entry::new(Actor::Staff(visit.id), "thread.handed_over")
        .about(thread.id)
        .concerns(thread.account)
        .with(details);
    audit::record(&mut tx, visit.portal.clock.now(), entry).await?;
    tx.commit().await?;
    see_other("/verwaltung/nachrichten?fertig=abgegeben")
}

/// The conversation to print.
#[handler]
pub async fn copy_pdf(visit: StaffVisit, Path(id): Path<Uuid>) -> Result<Response> {
    visit.takes_deeds()?;
    let mut tx = visit.store().write().await?;
    let (thread, access) = found(&mut tx, &visit, id).await?;
    if matches!(access, Access::Closed | Access::Reason) {
        return refused(tx, &visit, id).await;
    }
    let messages = mailbox::messages(&mut tx, id).await?;
    let names = names(&staff::colleagues(&mut tx, &visit.tenant).await?);
    let files = mailbox::files_of(&mut tx, id).await?;
    let person = name_of(&mut tx, &thread).await?.unwrap_or_else(|| visit.text("desk.somebody"));
    let entry = audit::Entry::new(Actor::Staff(visit.id), "thread.printed").about(id).concerns(thread.account);
    audit::record(&mut tx, visit.portal.clock.now(), entry).await?;
    tx.commit().await?;
    let from = |sender| match sender {
        Sender::Citizen => person.clone(),
        Sender::Staff(id) => names.get(&id).cloned().unwrap_or_else(|| visit.text("desk.somebody")),
        Sender::System => visit.text("desk.portal"),
    };
    let (subject, messages, files) = (&*thread.subject, &messages[..], &files);
    let conversation = Conversation { subject, number: None, messages, decisions: &[], files };
    mailbox::copy(&visit, &thread, conversation, from).await
}

/// A thread without a case, and what stands between it and the clerk: the same rules as with cases.
pub(super) async fn found(tx: &mut Tx, visit: &StaffVisit, id: Uuid) -> Result<(Thread, Access)> {
    let reach = visit.reach(Permission::Messages)?;
    let thread = mailbox::by_id(tx, id).await?.filter(|thread| thread.case.is_none()).ok_or(Error::NotFound)?;
    let department = thread.department.as_deref();
    let access = match () {
        () if !reach.covers(department) => Access::Closed,
        () if is_own(visit, reach, department) => Access::Own,
        () if looks::has_said(tx, id, visit.id, visit.portal.clock.now()).await? => Access::Look,
        () => Access::Reason,
    };
    Ok((thread, access))
}

pub(super) async fn refused<T>(mut tx: Tx, visit: &StaffVisit, thread: Uuid) -> Result<T> {
    let entry = audit::Entry::new(Actor::Staff(visit.id), "thread.refused").about(thread);
    audit::record(&mut tx, visit.portal.clock.now(), entry).await?;
    tx.commit().await?;
    Err(Error::Forbidden)
}

fn ask_why(visit: &StaffVisit, thread: &Thread, form: Form) -> Result<Response> {
    let page = ReasonPage {
        clerk: clerk(visit),
        number: None,
        action: format!("/verwaltung/nachrichten/{}", thread.id),
        department: department_name(visit, thread.department.as_deref()).unwrap_or_default(),
        form,
    };
    private(visit, &page)
}

async fn reason(mut tx: Tx, visit: &StaffVisit, thread: &Thread, sent: &Sent) -> Result<Response> {
    let now = visit.portal.clock.now();
    let mut form = Form::read(&REASON, sent.pairs());
    form.needs("reason");
    form.limits("reason", LONGEST_REASON);
    if form.is_wrong() {
        let mut response = ask_why(visit, thread, form)?;
        response.set_status(StatusCode::UNPROCESSABLE_ENTITY);
        return Ok(response);
    }
    looks::say(&mut tx, thread.id, visit.id, form.value("reason"), now).await?;
    let entry =
        audit::Entry::new(Actor::Staff(visit.id), "thread.read_elsewhere").about(thread.id).concerns(thread.account);
    audit::record(&mut tx, now, entry.with(json!({"reason": form.value("reason")}))).await?;
    tx.commit().await?;
    see_other(&format!("/verwaltung/nachrichten/{}", thread.id))
}

async fn name_of(tx: &mut Tx, thread: &Thread) -> Result<Option<String>> {
    let Some(account) = thread.account else { return Ok(None) };
    Ok(identity::profile(tx, account).await?.and_then(|profile| profile.name()))
}

async fn page(
    tx: &mut Tx,
    visit: &StaffVisit,
    thread: &Thread,
    messages: &[Message],
    form: Form,
    done: bool,
) -> Result<ThreadPage> {
    let names = names(&staff::colleagues(tx, &visit.tenant).await?);
    let attached = mailbox::files_of(tx, thread.id).await?;
    let copies = mailbox::outlet::of_thread(tx, &visit.tenant, thread.id).await?;
    let url = |file: &File| format!("/verwaltung/nachrichten/{}/dateien/{}", thread.id, file.id);
    Ok(ThreadPage {
        clerk: clerk(visit),
        subject: thread.subject.clone(),
        action: format!("/verwaltung/nachrichten/{}", thread.id),
        from: name_of(tx, thread).await?,
        department: department_name(visit, thread.department.as_deref()),
        messages: messages
            .iter()
            .map(|message| Letter {
                files: files::views(visit, attached.get(&message.id).map_or(&[][..], Vec::as_slice), url),
                elsewhere: copies.get(&message.id).cloned().map(Elsewhere::from),
                ..letter(visit, &names, &[], message)
            })
            .collect(),
        copy: format!("/verwaltung/nachrichten/{}/kopie.pdf", thread.id),
        once: Once::fresh(),
        upload: files::nothing_yet(&visit.portal.files, mailbox::MOST_FILES),
        departments: departments(visit, &Reach::All, None)
            .into_iter()
            .filter(|it| thread.department.as_ref() != Some(&it.value))
            .collect(),
        form,
        done,
    })
}
