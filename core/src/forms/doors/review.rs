//! `/antraege/{id}/pruefen`: everything once more, and sent – once.

use poem::{Response, handler, http::StatusCode, web::Path};
use serde_json::json;
use uuid::Uuid;

use super::{Opened, draft::upgrade, draft_url, halt, kept_out, open, view};
use crate::{
    audit::{self, Actor, Entry},
    cases::{self, Channel, FieldSource, Proof, Section, Submission, Who},
    crypto, delivery,
    error::{Error, Result},
    files,
    forms::{
        Answers, Asked, Sheet, Value,
        access::{Access, Applicant},
        drafts, freeze,
        pages::{
            halt::Halt,
            review::{Missing, ReviewNote, ReviewPage},
        },
        prefill::{self, Account},
        said::complaint,
    },
    identity::{
        doors::{private, see_other},
        person::Field,
        sessions::{Session, provider_name},
    },
    store::Tx,
    tenant::schema::{Level, OnlineForm},
    web::{Sent, Visit},
};

#[handler]
pub async fn show(visit: Visit, applicant: Applicant, Path(id): Path<Uuid>) -> Result<Response> {
    let mut tx = visit.store().read().await?;
    let opened = open(&mut tx, &visit, id).await?;
    if let Some(response) = kept_out(&mut tx, &visit, &applicant, opened.as_ref()).await? {
        return Ok(response);
    }
    let opened = opened.ok_or(Error::NotFound)?;
    page(&mut tx, &visit, &applicant, &opened, None).await
}

async fn page(
    tx: &mut Tx,
    visit: &Visit,
    applicant: &Applicant,
    opened: &Opened,
    note: Option<ReviewNote>,
) -> Result<Response> {
    let Opened { draft, form, service } = opened;
    let today = visit.portal.clock.local().date();
    let account = applicant.fills_in(today);
    let answers = with_chip(form, &draft.answers, account);
    let sheet = Sheet::of(form, &answers, today);
    let url = |slug: &str| visit.url(&draft_url(draft.id, slug));
    let missing = sheet
        .pages
        .iter()
        .flat_map(|page| page.complaints().map(move |(asked, complained)| (page, asked.question, complained)));
    let missing = missing.map(|(page, question, complained)| {
        let label = question.label.as_ref().map(|label| visit.say(label)).unwrap_or_default();
        let why = complaint(visit, question, &complained.wrong);
        Missing {
            section: view::title(visit, page),
            label: crate::tenant::Said { text: format!("{}: {why}", label.text), ..label },
            url: format!("{}#f-{}", url(&page.slug()), complained.input),
        }
    });
    let ends = sheet.pages.iter().filter(|page| page.is_the_end()).map(|page| Missing {
        section: view::title(visit, page),
        label: crate::tenant::Said { text: visit.text("form.note.stopped.title"), ..Default::default() },
        url: url(&page.slug()),
    });
    let missing: Vec<Missing> = missing.chain(ends).collect();
    let totals: Vec<&Asked<'_>> =
        sheet.pages.iter().flat_map(|page| &page.asked).filter(|asked| asked.total.is_some()).collect();
    let last = totals.last().map(|asked| &asked.question.id);
    let all: Vec<&Asked<'_>> = totals.iter().copied().filter(|asked| Some(&asked.question.id) == last).collect();
    let total = (!all.is_empty()).then(|| view::total(visit, &all));
    let change = |slug: &str| Some(url(slug));
    // what it costs stands below, line by line
    let mut answered = freeze::sections(visit, &sheet, account);
    let seen = seen(tx, &answered).await?;
    answered.iter_mut().for_each(|section| section.fields.retain(|field| field.source != FieldSource::Computed));
    let status = if note.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = ReviewPage {
        form: view::form(visit, form, service),
        action: url("pruefen"),
        progress: view::progress(visit, draft, &sheet, sheet.pages.len()),
        sections: view::sections(&answered, None, change),
        missing,
        total,
        signs: form.login >= Level::Hoch,
        seen,
        back: sheet.pages.last().map_or_else(|| url(""), |page| url(&page.slug())),
        until: Some(view::until(visit, draft)),
        note,
        upgrade: upgrade(visit, applicant, form.login),
    };
    let mut response = private(visit, &page)?;
    response.set_status(status);
    Ok(response)
}

/// A mark of everything the page shows, sums and where answers come from among it: what is sent is what was seen.
async fn seen(tx: &mut Tx, answered: &[Section]) -> Result<String> {
    let shown = serde_json::to_vec(answered).map_err(Error::internal)?;
    let mark = tx.sealer().await?.mark("seen", &[&shown]);
    Ok(crypto::letters_of(&mark))
}

/// What the chip of the ID card says holds, whatever a draft says.
fn with_chip(form: &OnlineForm, answers: &Answers, account: Option<Account<'_>>) -> Answers {
    let mut answers = answers.clone();
    let Some(account) = account else { return answers };
    for step in &form.steps {
        for turn in 0..answers.turns(&step.id) {
            let mut typed = answers.turn(&step.id, turn).cloned().unwrap_or_default();
            prefill::lay_under(step, &mut typed, account, false);
            answers.put(&step.id, turn, typed);
        }
    }
    answers
}

#[handler]
pub async fn submit(visit: Visit, applicant: Applicant, Path(id): Path<Uuid>, sent: Sent) -> Result<Response> {
    if visit.portal.read_only {
        return halt(&visit, None, Halt::Closed);
    }
    let now = visit.portal.clock.now();
    let mut tx = visit.store().write().await?;
    let opened = open(&mut tx, &visit, id).await?;
    let done = visit.url(&draft_url(id, "gesendet"));
    if let Some(opened) = &opened
        && opened.draft.case.is_some()
        && applicant.access(&mut tx, &opened.draft, &opened.form).await? == Access::Full
    {
        // a second click, or a browser that asks again: it has been sent
        return see_other(&done);
    }
    if let Some(response) = kept_out(&mut tx, &visit, &applicant, opened.as_ref()).await? {
        return Ok(response);
    }
    let opened = opened.ok_or(Error::NotFound)?;
    let Opened { draft, form, service } = &opened;
    let session = applicant.session.as_deref();
    let profile = session.map(|session| &session.profile);
    let today = visit.portal.clock.local().date();
    let account = applicant.fills_in(today);
    let answers = with_chip(form, &draft.answers, account);
    let sheet = Sheet::of(form, &answers, today);
    let seen = seen(&mut tx, &freeze::sections(&visit, &sheet, account)).await?;
    if sent.value("seen").as_deref() != Some(seen.as_str()) {
        return page(&mut tx, &visit, &applicant, &opened, Some(ReviewNote::Changed)).await;
    }
    if !sheet.is_done() {
        return page(&mut tx, &visit, &applicant, &opened, None).await;
    }
    if sent.value("confirm").as_deref() != Some("true") {
        return page(&mut tx, &visit, &applicant, &opened, Some(ReviewNote::Unconfirmed)).await;
    }
    let application = freeze::application(&visit, &service.id, &sheet, account, session.map(|it| proof(&visit, it)));
    let who = Who::Citizen(applicant.account());
    let department = form.department.clone().filter(|id| visit.tenant.town.staff.department(id).is_some());
    let person = match profile.and_then(|profile| Some((profile.name()?, profile.value(Field::Birthdate)?))) {
        Some((name, born)) => match born.parse() {
            Ok(born) => Some(cases::mark_of(&mut tx, &name, born).await?),
            Err(_) => None,
        },
        None => None,
    };
    let submission = Submission {
        application: &application,
        applicant: &freeze::applicant(&sheet, profile),
        department,
        account: applicant.account(),
        person,
        level: form.login,
        channel: Channel::Online,
        who,
        answer_days: form.answer_days,
    };
    let (case, number) = cases::enter(&mut tx, &visit.tenant, submission, now).await?;
    let by = (applicant.account(), applicant.guest(&mut tx).await?);
    if !drafts::submit(&mut tx, draft, case, by, now).await? {
        // another window sent or changed it at this very moment
        drop(tx);
        return see_other(&visit.url(&draft_url(id, "pruefen")));
    }
    let attached = sheet.answered().filter_map(|(_, _, value)| match value {
        Value::Files(files) => Some(files.iter().map(|file| file.id)),
        _ => None,
    });
    let attached: Vec<Uuid> = attached.flatten().collect();
    files::move_to_case(&mut tx, id, case, &attached).await?;
    delivery::order(&mut tx, &visit.tenant, form, case, now).await?;
    let actor = applicant.account().map_or(Actor::System, Actor::Citizen);
    let entry = Entry::new(actor, "case.submitted").about(case).with(json!({"number": number, "form": form.id}));
    audit::record(&mut tx, now, entry).await?;
    tx.commit().await?;
    see_other(&done)
}

fn proof(visit: &Visit, session: &Session) -> Proof {
    Proof { provider: provider_name(&visit.tenant, &session.provider), level: session.level(), method: session.method }
}
