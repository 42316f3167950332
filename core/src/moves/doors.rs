//! What answers at `/meine-daten/altes-konto` and `/verwaltung/umzuege`.

use jiff::{SignedDuration, civil::Date};
use poem::{
    Response, handler,
    http::StatusCode,
    web::{Path, Query},
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    DAY, LASTS, LOOK, MAILS, Wanted, open_into,
    pages::{MoveView, MovesPage, OLD_ACCOUNT, OldAccountPage, UNDO},
};
use crate::{
    clock::last_day_before,
    desk::doors::clerk,
    error::{Error, Result},
    identity::{
        CitizenVisit,
        doors::{private, see_other},
        pages::link::{LinkKind, LinkPage, LinkState},
        sessions::provider_name,
    },
    jobs::{self, Order},
    staff::StaffVisit,
    store::Tx,
    tenant::schema::{Moving, Permission},
    web::{Form, Sent, Visit, Wrong},
};

#[derive(Debug, Deserialize)]
pub struct Asked {
    gesendet: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Seen {
    erledigt: Option<String>,
}

/// The same page for everybody whose provider takes the place of another one, whether they had an account there or not.
#[handler]
pub async fn ask(visit: CitizenVisit, Query(asked): Query<Asked>) -> Result<Response> {
    let mut tx = visit.store().read().await?;
    let open = open(&mut tx, &visit).await?;
    private(&visit, &page(&visit, open, Form::blank(&OLD_ACCOUNT), asked.gesendet.is_some()))
}

async fn open<'a>(tx: &mut Tx, visit: &'a CitizenVisit) -> Result<(&'a Moving, Date)> {
    let open = open_into(tx, &visit.tenant, &visit.session.provider, visit.portal.clock.now()).await?;
    open.filter(|_| !visit.session.guest).ok_or(Error::NotFound)
}

fn page(visit: &Visit, (moving, last_day): (&Moving, Date), form: Form, sent: bool) -> OldAccountPage {
    OldAccountPage {
        old: moving.from.name.clone(),
        new: moving.to.name.clone(),
        last_day: visit.date(last_day),
        sent,
        form,
    }
}

/// For how long the same wish is the same: somebody clicked twice.
const SAME: SignedDuration = SignedDuration::from_mins(1);

/// Writes down that somebody looks for an old account, and says nothing else: the search is a job.
#[handler]
pub async fn look(visit: CitizenVisit, sent: Sent) -> Result<Response> {
    visit.takes_deeds()?;
    let mut tx = visit.store().write().await?;
    let open = open(&mut tx, &visit).await?;
    let mut form = Form::read(&OLD_ACCOUNT, sent.pairs());
    form.needs("email");
    form.is_email("email");
    form.limits("email", 200);
    if form.is_wrong() {
        let mut response = private(&visit, &page(&visit, open, form, false))?;
        response.set_status(StatusCode::UNPROCESSABLE_ENTITY);
        return Ok(response);
    }
    let now = visit.portal.clock.now();
    let (session, account) = (visit.session.id, visit.session.account);
    let wanted = Wanted { session, account, email: form.value("email").to_owned() };
    let same = tx.sealer().await?.mark(LOOK, &[session.as_bytes(), wanted.email.to_lowercase().as_bytes()]);
    let order = Order { kind: LOOK, payload: &wanted, run_at: now, once: Some((&same, SAME)) };
    if let Some(job) = jobs::enqueue_for(&mut tx, now, order, account).await? {
        if !jobs::allow(&mut tx, [LOOK.as_bytes(), account.as_bytes()], MAILS, DAY, now).await? {
            return Err(Error::Throttled { seconds: DAY.unsigned_abs().as_secs() });
        }
        // what was typed in is kept no longer than its link could work
        jobs::expire(&mut tx, job, now + LASTS).await?;
    }
    tx.commit().await?;
    see_other(&visit.url("/meine-daten/altes-konto?gesendet=1"))
}

/// Mail programs open links by themselves: only the button counts. The page is the same for every link.
#[handler]
pub fn consider(visit: CitizenVisit) -> Result<Response> {
    private(&visit, &LinkPage::of(LinkKind::Move, LinkState::Ask))
}

#[handler]
pub async fn take_over(visit: CitizenVisit, Path(link): Path<String>) -> Result<Response> {
    visit.takes_deeds()?;
    let mut tx = visit.store().write().await?;
    let outcome = super::take_over(&mut tx, &visit, &link).await?;
    // the link is used up, whatever came of it
    tx.commit().await?;
    let Err(why) = outcome else {
        return private(&visit, &LinkPage::of(LinkKind::Move, LinkState::Done));
    };
    tracing::info!(tenant = %visit.tenant.id, request = %visit.request_id, ?why, "an old account was not taken over");
    let mut response = private(&visit, &LinkPage::of(LinkKind::Move, LinkState::Gone))?;
    response.set_status(StatusCode::FORBIDDEN);
    Ok(response)
}

#[handler]
pub async fn list(visit: StaffVisit, Query(asked): Query<Seen>) -> Result<Response> {
    visit.must(Permission::Accounts)?;
    let mut tx = visit.store().read().await?;
    let page = moves_page(&mut tx, &visit, Form::blank(&UNDO)).await?;
    private(&visit, &MovesPage { done: asked.erledigt.is_some(), ..page })
}

async fn moves_page(tx: &mut Tx, visit: &StaffVisit, form: Form) -> Result<MovesPage> {
    let view = |listed: super::Listed| MoveView {
        id: listed.id.to_string(),
        name: listed.name,
        born: listed.born.map(|born| visit.date(born)),
        cases: listed.cases,
        from: provider_name(&visit.tenant, &listed.from),
        to: provider_name(&visit.tenant, &listed.to),
        at: visit.moment(listed.at),
        undo_until: visit.date(last_day_before(listed.undo_until)),
        undone: listed.undone.map(|at| visit.moment(at)),
        can_be_undone: listed.can_be_undone,
    };
    Ok(MovesPage {
        clerk: clerk(visit),
        moves: super::list(tx, visit.portal.clock.now()).await?.into_iter().map(view).collect(),
        form,
        done: false,
    })
}

#[handler]
pub async fn undo(visit: StaffVisit, sent: Sent) -> Result<Response> {
    visit.takes_deeds()?;
    visit.must(Permission::Accounts)?;
    let mut form = Form::read(&UNDO, sent.pairs());
    form.needs("reason");
    form.limits("reason", 500);
    let mut tx = visit.store().write().await?;
    let id = form.value("move").parse::<Uuid>().ok();
    if id.is_none() {
        form.complain("move", Wrong::Missing);
    }
    if let Some(id) = id.filter(|_| !form.is_wrong()) {
        if super::undo(&mut tx, &visit, id, visit.id, form.value("reason")).await? {
            tx.commit().await?;
            return see_other("/verwaltung/umzuege?erledigt=1");
        }
        return Err(Error::NotFound);
    }
    let mut response = private(&visit, &moves_page(&mut tx, &visit, form).await?)?;
    response.set_status(StatusCode::UNPROCESSABLE_ENTITY);
    Ok(response)
}
