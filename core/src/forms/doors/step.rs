//! `/antraege/{id}/{schritt}`: one page of a form, shown and saved.

use std::sync::Arc;

use poem::{
    IntoResponse, Response, handler,
    http::StatusCode,
    web::{Path, Query},
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    Opened, begin_url, draft_url, halt, kept_out, open, to_the_login,
    view::{self, Around},
};
use crate::{
    crypto,
    error::{Error, Result},
    files::{self, Arrived, File, Files, Owner, Parcel, Refusal},
    forms::{
        Attached, Sheet, Turn,
        access::{Access, Applicant},
        drafts::{self, Draft, GUEST_HOURS},
        pages::{
            halt::Halt,
            step::{Repeat, StepNote, StepPage},
        },
        prefill::{self, Account},
        sheet::slug_of,
    },
    identity::{
        cookies::set_draft,
        doors::{private, see_other},
    },
    store::Tx,
    tenant::schema::{OnlineForm, QuestionKind, Service, Step},
    web::{Sent, Visit},
};

#[handler]
pub async fn show(
    visit: Visit,
    applicant: Applicant,
    Path((id, slug)): Path<(Uuid, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let mut tx = visit.store().read().await?;
    let opened = open(&mut tx, &visit, id).await?;
    if let Some(response) = kept_out(&mut tx, &visit, &applicant, opened.as_ref()).await? {
        return Ok(response);
    }
    let files = files::of(&mut tx, Owner::Draft(id)).await?;
    drop(tx);
    let Some(Opened { draft, form, service }) = opened else { return Err(Error::NotFound) };
    let Some((step, turn)) = place(&form, &slug) else { return Err(Error::NotFound) };
    let today = visit.portal.clock.local().date();
    let account = applicant.fills_in(today);
    // what the account knows stands on a page that was never sent, and decides already what is asked on it
    let mut answers = draft.answers.clone();
    let is_first_time = answers.turn(&step.id, turn).is_none();
    let new = || Turn::default().with_id(crypto::id());
    let mut typed = answers.turn(&step.id, turn).cloned().unwrap_or_else(new);
    if let Some(account) = account {
        prefill::lay_under(step, &mut typed, account, is_first_time);
    }
    let is_next_turn = turn == answers.turns(&step.id) && turn > 0;
    let known = Sheet::of(&form, &draft.answers, today);
    let open = known.first_open().unwrap_or(known.pages.len());
    match known.place(&slug) {
        Some(at) if at <= open => {}
        None if is_next_turn && known.place(&step.id).is_some_and(|at| known.pages[at].may_repeat()) => {}
        // pages are answered in their order
        _ => {
            return see_other(
                &visit.url(&draft_url(id, &known.pages.get(open).map_or("pruefen".into(), |page| page.slug()))),
            );
        }
    }
    answers.put(&step.id, turn, typed.clone());
    let sheet = Sheet::of(&form, &answers, today);
    let view = StepView {
        visit: &visit,
        draft: Some(&draft),
        form: &form,
        service: &service,
        account,
        files: &files,
        arrived: &[],
    };
    let note = asked.unveraendert.map(|_| StepNote::Kept);
    let page = view.page(&sheet, &slug, &typed, !is_first_time, note).ok_or(Error::NotFound)?;
    private(&visit, &page)
}

/// In the query of a page that comes back after a login without what was typed before it.
const KEPT: &str = "unveraendert";

#[derive(Debug, Deserialize)]
pub struct Asked {
    unveraendert: Option<String>,
}

/// What the buttons of a page want.
enum Deed {
    Next,
    Save,
    Add,
    Drop,
    Again,
    /// A file that was handed over is taken back.
    Remove(Uuid),
}

impl Deed {
    fn of(sent: &Sent) -> Self {
        match sent.value("do").as_deref() {
            Some("save") => Self::Save,
            Some("add") => Self::Add,
            Some("drop") => Self::Drop,
            // files that were chosen have come with whatever button it was
            Some("again" | "upload") => Self::Again,
            Some(deed) => match deed.strip_prefix("remove:").and_then(|id| id.parse().ok()) {
                Some(file) => Self::Remove(file),
                None => Self::Next,
            },
            None => Self::Next,
        }
    }
}

/// So often another window may save between our reading and our writing.
const TRIES: usize = 5;

#[handler]
pub async fn save(
    visit: Visit,
    applicant: Applicant,
    Path((id, slug)): Path<(Uuid, String)>,
    parcel: Parcel,
) -> poem::Result<Response> {
    if visit.portal.read_only {
        let (sent, _) = parcel.open(&visit, &Files::absent(), &[]).await?;
        let page = unsaved(&visit, id, &slug, &sent, "the portal is for reading only", StepNote::Closed);
        return Ok(page.or_else(|_| halt(&visit, None, Halt::Closed))?);
    }
    // nothing is taken from strangers; whoever cannot be judged now gets their words back
    let (store, inputs) = match places_of_files(&visit, &applicant, id, &slug).await {
        Ok(Ok(inputs)) => (visit.portal.files.clone(), inputs),
        Ok(Err(turned_away)) => return Ok(turned_away),
        Err(Error::Unavailable(_)) => (Files::absent(), Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
    let (sent, arrived) = parcel.open(&visit, &store, &inputs).await?;
    let answer = saved(&visit, &applicant, id, &slug, &sent, &arrived).await;
    files::clear_up(&visit, &arrived, &answer).await;
    Ok(answer?)
}

async fn saved(
    visit: &Visit,
    applicant: &Applicant,
    id: Uuid,
    slug: &str,
    sent: &Sent,
    arrived: &[Arrived],
) -> Result<Response> {
    for _ in 0..TRIES {
        match try_to_save(visit, applicant, id, slug, sent, arrived).await {
            Ok(Some(response)) => return Ok(response),
            Ok(None) => {}
            Err(Error::Unavailable(why)) => return unsaved(visit, id, slug, sent, why, StepNote::Unavailable),
            Err(error) => return Err(error),
        }
    }
    unsaved(visit, id, slug, sent, "other windows save all the time", StepNote::Unavailable)
}

/// The fields of a step in which files may come, or what whoever may not write to a draft gets instead, before anything
/// they send is read.
async fn places_of_files(
    visit: &Visit,
    applicant: &Applicant,
    id: Uuid,
    slug: &str,
) -> Result<std::result::Result<Vec<String>, Response>> {
    let mut tx = visit.store().read().await?;
    let opened = open(&mut tx, visit, id).await?;
    let access = match &opened {
        Some(opened) => Some(applicant.access(&mut tx, &opened.draft, &opened.form).await?),
        None => None,
    };
    if !matches!(access, Some(Access::Full | Access::WriteOnly(_)))
        && let Some(response) = kept_out(&mut tx, visit, applicant, opened.as_ref()).await?
    {
        return Ok(Err(response));
    }
    let step = opened.as_ref().and_then(|opened| place(&opened.form, slug));
    let fields = step.map_or(&[][..], |(step, _)| &step.fields[..]);
    let files = fields.iter().filter(|question| question.kind == QuestionKind::File);
    Ok(Ok(files.map(|question| question.id.clone()).collect()))
}

/// `None`: another window was quicker.
async fn try_to_save(
    visit: &Visit,
    applicant: &Applicant,
    id: Uuid,
    slug: &str,
    sent: &Sent,
    arrived: &[Arrived],
) -> Result<Option<Response>> {
    let (now, today) = (visit.portal.clock.now(), visit.portal.clock.local().date());
    let mut tx = visit.store().write().await?;
    let opened = open(&mut tx, visit, id).await?;
    let access = match &opened {
        Some(opened) => Some(applicant.access(&mut tx, &opened.draft, &opened.form).await?),
        None => None,
    };
    let may_write = matches!(access, Some(Access::Full | Access::WriteOnly(_)));
    let submitted = opened.as_ref().is_some_and(|opened| opened.draft.case.is_some());
    if !may_write || submitted {
        return kept_out(&mut tx, visit, applicant, opened.as_ref()).await;
    }
    let Some(Opened { mut draft, form, service }) = opened else { return Err(Error::NotFound) };
    let Some((step, place)) = place(&form, slug) else { return Err(Error::NotFound) };
    let turns = draft.answers.turns(&step.id);
    let meant = turn_of(sent).filter(|_| step.repeat.is_some());
    let turn = match meant {
        // one that is new, or was removed in another window: what was typed is one more
        Some(id) => draft.answers.find(&step.id, id).unwrap_or(turns),
        None if place > turns => return Err(Error::NotFound),
        None => place,
    };
    let (deed, full) = (Deed::of(sent), access == Some(Access::Full));
    let is_gone = turn >= step.repeat.as_ref().map_or(1, |repeat| usize::from(repeat.most));
    if is_gone && !matches!(deed, Deed::Drop) {
        return unsaved(visit, id, slug, sent, "there are as many as there may be", StepNote::Full).map(Some);
    }
    let slug = &slug_of(step, turn);
    let before = Sheet::of(&form, &draft.answers, today);
    let shown: Vec<String> = match before.place(slug) {
        Some(at) => before.pages[at].asked.iter().map(|asked| asked.question.id.clone()).collect(),
        None => Vec::new(),
    };
    let account = applicant.fills_in(today).filter(|_| full);
    let mut typed = Turn::of_sent(step, sent.pairs()).with_id(meant.unwrap_or_else(crypto::id));
    if let Some(account) = account {
        prefill::lay_under(step, &mut typed, account, false);
    }
    let arrived = attach(&mut tx, visit, &draft, (step, turn), &mut typed, (&deed, full), arrived).await?;
    let mut is_kept = true;
    match deed {
        Deed::Drop if full => draft.answers.remove(&step.id, turn),
        Deed::Drop => {}
        _ if full => draft.answers.put(&step.id, turn, typed.clone()),
        // whoever does not see the answers takes none away
        _ => {
            let mut known = draft.answers.turn(&step.id, turn).cloned().unwrap_or_else(|| typed.clone());
            is_kept = known.add(typed.clone());
            draft.answers.put(&step.id, turn, known);
        }
    }
    if full && draft.account.is_none() {
        let (account, guest) = (applicant.account(), applicant.guest(&mut tx).await?);
        if account.is_some() || (draft.guest.is_none() && guest.is_some()) {
            drafts::adopt(&mut tx, id, account, guest.clone()).await?;
            (draft.account, draft.guest) = (account, guest);
        }
    }
    if !drafts::save(&mut tx, &draft, &form, now).await? {
        return Ok(None);
    }
    let files = files::of(&mut tx, Owner::Draft(id)).await?;
    tx.commit().await?;

    let renewed = |mut response: Response| {
        if let Some(browser) = applicant.browser.as_ref().filter(|_| !draft.is_persons()) {
            set_draft(&mut response, browser, Some(GUEST_HOURS));
        }
        Some(response)
    };
    let sheet = Sheet::of(&form, &draft.answers, today);
    let next = after(&sheet, step, slug, &deed);
    if let Some(Access::WriteOnly(level)) = access {
        // whoever typed something else than what stands there sees what stands there
        let back = if is_kept { draft_url(id, &next) } else { format!("{}?{KEPT}=1", draft_url(id, slug)) };
        return to_the_login(visit, &back, level).map(Some);
    }
    let page = sheet.place(slug).map(|at| &sheet.pages[at]);
    let complains = page.is_some_and(|page| page.complaints().next().is_some());
    let ends = page.is_some_and(|page| page.is_the_end());
    // a question that has just come up is no mistake
    let is_new = |id: &str| !shown.is_empty() && !shown.iter().any(|known| known == id);
    // and what an answer made the page say is read before it goes on
    let says_more = page.is_some_and(|page| {
        let notes = page.asked.iter().filter(|asked| asked.question.kind == QuestionKind::Note);
        notes.filter(|asked| asked.question.only_if.is_some()).any(|asked| is_new(&asked.question.id))
    });
    let stays = (complains || ends || says_more) && matches!(deed, Deed::Next | Deed::Add);
    let mut refusals = arrived.iter().filter_map(|one| one.outcome.as_ref().err());
    let refused = refusals.clone().next().is_some() && !matches!(deed, Deed::Drop);
    if stays || refused || matches!(deed, Deed::Again | Deed::Remove(_)) {
        let only_new = page.is_some_and(|page| page.complaints().all(|(asked, _)| is_new(&asked.question.id)));
        let note = match stays {
            true if ends && !complains => Some(StepNote::Stopped),
            true if only_new => Some(StepNote::More),
            false if !refused && matches!(deed, Deed::Remove(_)) => Some(StepNote::FileRemoved),
            false if !refused && !arrived.is_empty() => Some(StepNote::FileAdded),
            _ => None,
        };
        let is_wrong = stays && !only_new;
        let arrived = &arrived[..];
        let view =
            StepView { visit, draft: Some(&draft), form: &form, service: &service, account, files: &files, arrived };
        let page = view.page(&sheet, slug, &typed, is_wrong, note).ok_or(Error::NotFound)?;
        let mut response = private(visit, &page)?;
        response.set_status(match () {
            () if refusals.any(|refusal| *refusal == Refusal::NotKept) => StatusCode::INSUFFICIENT_STORAGE,
            () if refused || is_wrong => StatusCode::UNPROCESSABLE_ENTITY,
            () => StatusCode::OK,
        });
        return Ok(renewed(response));
    }
    let to = match deed {
        Deed::Save => format!("/antraege/{id}?gespeichert=1"),
        _ => draft_url(id, &next),
    };
    see_other(&visit.url(&to)).map(renewed)
}

/// Which turn of a step the page showed.
fn turn_of(sent: &Sent) -> Option<Uuid> {
    sent.value("turn")?.parse().ok()
}

/// Files of a page: those that answered it before stay, one that is taken back goes, those that came are kept as long as
/// there is room. Tells what became of those that came.
async fn attach(
    tx: &mut Tx,
    visit: &Visit,
    draft: &Draft,
    (step, turn): (&Step, usize),
    typed: &mut Turn,
    (deed, full): (&Deed, bool),
    arrived: &[Arrived],
) -> Result<Vec<Arrived>> {
    let (now, owner) = (visit.portal.clock.now(), Owner::Draft(draft.id));
    let mut arrived = arrived.to_vec();
    for question in step.fields.iter().filter(|question| question.kind == QuestionKind::File) {
        let known = draft.answers.turn(&step.id, turn).map_or(&[][..], |turn| turn.values(&question.id));
        let mut known: Vec<Attached> = known.iter().filter_map(|answer| Attached::of_answer(answer)).collect();
        // whoever does not see the answers takes none away
        let is_gone = |file: &Attached| match deed {
            Deed::Drop => full,
            Deed::Remove(id) => full && *id == file.id,
            _ => false,
        };
        for file in known.extract_if(.., |file| is_gone(file)) {
            files::remove(tx, owner, file.id, now).await?;
        }
        for one in arrived.iter_mut().filter(|one| one.input == question.id) {
            match &one.outcome {
                Ok(_) if known.len() >= usize::from(question.most.unwrap_or(1)) => one.outcome = Err(Refusal::TooMany),
                Ok(file) => {
                    files::keep(tx, &visit.portal.files, owner, file, now).await?;
                    known.push(Attached::of(file));
                }
                Err(_) => {}
            }
        }
        typed.set(question.id.clone(), known.iter().map(Attached::as_answer).collect());
    }
    Ok(arrived)
}

/// The page that comes after a deed on this one.
fn after(sheet: &Sheet<'_>, step: &Step, slug: &str, deed: &Deed) -> String {
    let turns = sheet.pages.iter().filter(|page| page.step.id == step.id).count();
    let slug_of =
        |at: Option<usize>| at.and_then(|at| sheet.pages.get(at)).map_or("pruefen".into(), |page| page.slug());
    match deed {
        Deed::Add => format!("{}-{}", step.id, turns + 1),
        Deed::Drop => slug_of(sheet.place(&step.id).map(|first| (first + turns).saturating_sub(1))),
        Deed::Next | Deed::Save | Deed::Again | Deed::Remove(_) => slug_of(sheet.place(slug).map(|at| at + 1)),
    }
}

/// Nothing could be kept; everything that was typed stands on the page.
fn unsaved(visit: &Visit, id: Uuid, slug: &str, sent: &Sent, why: &'static str, note: StepNote) -> Result<Response> {
    tracing::warn!(tenant = %visit.tenant.id, why, "an answer could not be kept");
    let form = sent.value("form").and_then(|form| visit.tenant.online_forms.get(form.as_ref()).cloned());
    let service = form.as_ref().and_then(|form| {
        visit.tenant.services.iter().find(|service| service.online.form.as_ref() == Some(&form.id)).cloned()
    });
    let Some((form, service)) = form.zip(service) else { return Err(Error::Unavailable(why)) };
    let Some((step, turn)) = place(&form, slug) else { return Err(Error::Unavailable(why)) };
    let typed = Turn::of_sent(step, sent.pairs()).with_id(turn_of(sent).unwrap_or_else(crypto::id));
    let mut answers = crate::forms::Answers::default();
    (0..=turn).for_each(|at| answers.put(&step.id, at, typed.clone()));
    // the page alone: what was answered elsewhere nobody can say now
    let alone = OnlineForm { steps: vec![Step { only_if: None, ..step.clone() }], ..OnlineForm::clone(&form) };
    let sheet = Sheet::of(&alone, &answers, visit.portal.clock.local().date());
    let view = StepView { visit, draft: None, form: &form, service: &service, account: None, files: &[], arrived: &[] };
    let page = view.page_at(&sheet, id, slug, &typed, false, Some(note));
    let mut response = private(visit, &page.ok_or(Error::Unavailable(why))?)?.into_response();
    response.set_status(if note == StepNote::Full { StatusCode::CONFLICT } else { StatusCode::SERVICE_UNAVAILABLE });
    Ok(response)
}

/// The step of an address, and its turn: `hund-2` is the second of `hund`.
fn place<'a>(form: &'a OnlineForm, slug: &str) -> Option<(&'a Step, usize)> {
    let step = |id: &str| form.steps.iter().find(|step| step.id == id);
    if let Some(step) = step(slug) {
        return Some((step, 0));
    }
    let (id, number) = slug.rsplit_once('-')?;
    let step = step(id)?;
    let most = usize::from(step.repeat.as_ref()?.most);
    let number: usize = number.parse().ok().filter(|number| (2..=most).contains(number))?;
    (number.to_string() == slug[id.len() + 1..]).then_some((step, number - 1))
}

struct StepView<'a> {
    visit: &'a Visit,
    draft: Option<&'a Draft>,
    form: &'a Arc<OnlineForm>,
    service: &'a Service,
    account: Option<Account<'a>>,
    files: &'a [File],
    arrived: &'a [Arrived],
}

impl StepView<'_> {
    fn page(
        &self,
        sheet: &Sheet<'_>,
        slug: &str,
        typed: &Turn,
        complains: bool,
        note: Option<StepNote>,
    ) -> Option<StepPage> {
        self.page_at(sheet, self.draft?.id, slug, typed, complains, note)
    }

    fn around<'b>(&'b self, typed: &'b Turn, complains: bool) -> Around<'b> {
        Around { account: self.account, typed, complains, files: self.files, arrived: self.arrived }
    }

    fn page_at(
        &self,
        sheet: &Sheet<'_>,
        id: Uuid,
        slug: &str,
        typed: &Turn,
        complains: bool,
        note: Option<StepNote>,
    ) -> Option<StepPage> {
        let at = sheet.place(slug)?;
        let page = &sheet.pages[at];
        let visit = self.visit;
        let back = match at.checked_sub(1) {
            Some(before) => visit.url(&draft_url(id, &sheet.pages[before].slug())),
            None => begin_url(visit, self.service),
        };
        let repeat = page.step.repeat.as_ref().map(|repeat| Repeat {
            turn: typed.id().to_string(),
            one: visit.say(&repeat.one),
            number: page.turn + 1,
            count: page.turns,
            add: (page.may_repeat() && page.turn + 1 == page.turns).then(|| visit.say(&repeat.add)),
        });
        Some(StepPage {
            form: view::form(visit, self.form, self.service),
            action: visit.url(&draft_url(id, slug)),
            progress: match self.draft {
                Some(draft) => view::progress(visit, draft, sheet, at),
                None => view::no_progress(),
            },
            title: visit.say(&page.step.title),
            text: page.step.text.as_ref().map(|text| visit.say_at_length(text)),
            fields: view::fields(visit, page, &self.around(typed, complains)),
            repeat,
            back,
            until: self.draft.map(|draft| view::until(visit, draft)),
            note,
        })
    }
}
