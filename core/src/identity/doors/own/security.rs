//! `/meine-daten/sicherheit`: another password, an app that shows codes, another address for links, for accounts of the
//! portal's own.

use poem::{Request, Response, handler, web::Query};
use serde::Deserialize;
use serde_json::json;

use super::told;
use crate::{
    audit::{self, Actor, Entry},
    credentials::{self, LONGEST, look_at_new},
    error::{Error, Result},
    identity::{
        self, CitizenVisit,
        doors::{own_data::ask_for, private},
        local::{self, App, Changed, Proof, State},
        own_data::{self, Change, Which, Wish},
        pages::own::security::{ADDRESS, AppView, Done, PASSWORD, PROOF, SecurityPage, WishView},
        person::Field,
    },
    mail::pages,
    web::{Budget, Form, Sent, spend},
};

#[derive(Debug, Deserialize)]
pub struct Asked {
    neu: Option<String>,
}

#[handler]
pub async fn show(visit: CitizenVisit, Query(asked): Query<Asked>) -> Result<Response> {
    let state = state(&visit).await?;
    let done = (asked.neu.as_deref() == Some("adresse")).then_some(Done::Address);
    page(&visit, state, Forms::blank(), done).await
}

/// Who came by another provider has nothing to protect here.
async fn state(visit: &CitizenVisit) -> Result<State> {
    if !visit.session.is_own_account(&visit.tenant) {
        return Err(Error::NotFound);
    }
    let mut tx = visit.store().read().await?;
    local::state(&mut tx, visit.session.account).await?.ok_or(Error::NotFound)
}

/// The forms of the page; one of them was sent.
struct Forms {
    password: Form,
    app: Form,
    address: Form,
}

impl Forms {
    fn blank() -> Self {
        Self { password: Form::blank(&PASSWORD), app: Form::blank(&PROOF), address: Form::blank(&ADDRESS) }
    }
}

async fn page(visit: &CitizenVisit, state: State, forms: Forms, done: Option<Done>) -> Result<Response> {
    let Forms { password, app: form, address: mail } = forms;
    let mut tx = visit.store().read().await?;
    let wish = own_data::wish(&mut tx, visit.session.account, Which::Login, visit.portal.clock.now()).await?;
    let wish = wish.map(|Wish { address, until }| WishView { address, until: visit.moment(until) });
    let app = match state.app {
        App::None => AppView::None,
        App::Set => AppView::Set,
        App::Coming(secret) => {
            AppView::Coming(credentials::App::of(&secret, &visit.tenant.town.full_name, &state.name)?)
        }
    };
    private(visit, &SecurityPage { name: state.name, address: state.address, wish, app, password, form, mail, done })
}

#[handler]
pub async fn change(visit: CitizenVisit, request: &Request, sent: Sent) -> Result<Response> {
    visit.takes_deeds()?;
    let before = state(&visit).await?;
    let has_app = matches!(before.app, App::Set);
    let mut forms = Forms::blank();
    let done = match &*sent.value("do").unwrap_or_default() {
        "password" => {
            forms.password = Form::read(&PASSWORD, sent.pairs());
            change_password(&visit, &mut forms.password, &before.name, has_app).await?.then_some(Done::Password)
        }
        "prepare" => {
            forms.app = Form::read(&PROOF, sent.pairs());
            prepare(&visit, &mut forms.app).await?.then_some(Done::Prepared)
        }
        "app" => {
            forms.app = Form::read(&PROOF, sent.pairs());
            finish(&visit, &mut forms.app).await?.then_some(Done::AppSet)
        }
        "address" => {
            forms.address = Form::read(&ADDRESS, sent.pairs());
            change_address(&visit, request, &mut forms.address, &before.address, has_app)
                .await?
                .then_some(Done::AddressAsked)
        }
        "stop" => {
            local::stop_app(&visit.store(), visit.session.account).await?;
            None
        }
        "remove" => {
            forms.app = Form::read(&PROOF, sent.pairs());
            remove(&visit, &mut forms.app, has_app).await?.then_some(Done::AppRemoved)
        }
        _ => return Err(Error::BadRequest("nothing of that name can be done")),
    };
    PASSWORD.iter().for_each(|name| forms.password.forget(name));
    PROOF.iter().for_each(|name| forms.app.forget(name));
    ADDRESS[1..].iter().for_each(|name| forms.address.forget(name));
    if done.is_some() {
        forms = Forms::blank();
    }
    let after = state(&visit).await?;
    page(&visit, after, forms, done).await
}

/// A link goes to the new address, and the old one hears of it; both only after password and code were right.
async fn change_address(
    visit: &CitizenVisit,
    request: &Request,
    form: &mut Form,
    old: &str,
    has_app: bool,
) -> Result<bool> {
    ADDRESS[..2].iter().for_each(|name| form.needs(name));
    if has_app {
        form.needs("proof_code");
    }
    form.is_email("email");
    form.limits("email", 200);
    form.limits("proof", LONGEST);
    if form.is_wrong() {
        return Ok(false);
    }
    // two mails go out
    spend(Budget::Mail, request)?;
    let (account, now) = (visit.session.account, visit.portal.clock.now());
    let proof = Proof { password: form.value("proof"), code: form.value("proof_code") };
    let mut tx = match local::prove(&visit.store(), &visit.session, proof, now).await? {
        Ok(tx) => tx,
        Err((field, wrong)) => {
            form.complain(if field == "code" { "proof_code" } else { "proof" }, wrong);
            return Ok(false);
        }
    };
    identity::hold(&mut tx, account).await?;
    let Some(profile) = identity::profile(&mut tx, account).await? else { return Err(Error::LoginNeeded) };
    let other = Change { which: Which::Login, new: Some(form.value("email")), before: Some(old.to_owned()) };
    ask_for(&mut tx, visit, &profile, other, Some(old)).await?;
    let entry = Entry::new(Actor::Citizen(account), "data.changed").about(account);
    audit::record(&mut tx, now, entry.with(json!({"what": ["link_email_asked"]}))).await?;
    tx.commit().await?;
    Ok(true)
}

async fn change_password(visit: &CitizenVisit, form: &mut Form, name: &str, has_app: bool) -> Result<bool> {
    PASSWORD[..3].iter().for_each(|name| form.needs(name));
    if has_app {
        form.needs("current_code");
    }
    form.limits("current", LONGEST);
    look_at_new(form, "new", "again");
    if form.is_wrong() {
        return Ok(false);
    }
    let profile = &visit.session.profile;
    let of_person =
        [Field::GivenName, Field::Surname, Field::Email].into_iter().filter_map(|field| profile.value(field));
    let old = form.value("current");
    let guessed = of_person.chain([name, &visit.tenant.town.name, old]).map(str::to_owned).collect();
    let proof = Proof { password: old, code: form.value("current_code") };
    let (new, now) = (form.value("new"), visit.portal.clock.now());
    let letter = told(visit, pages::Changed::Password)?;
    let changed = local::change_password(&visit.store(), &visit.session, proof, (new, guessed), letter, now).await?;
    // both forms of the page ask for them
    let named = |(field, wrong)| match field {
        "password" => ("current", wrong),
        "code" => ("current_code", wrong),
        field => (field, wrong),
    };
    Ok(is_done(form, changed.map_err(named)))
}

async fn prepare(visit: &CitizenVisit, form: &mut Form) -> Result<bool> {
    form.needs("password");
    form.limits("password", LONGEST);
    if form.is_wrong() {
        return Ok(false);
    }
    let now = visit.portal.clock.now();
    let changed = local::prepare_app(&visit.store(), &visit.session, form.value("password"), now).await?;
    Ok(is_done(form, changed))
}

async fn finish(visit: &CitizenVisit, form: &mut Form) -> Result<bool> {
    form.needs("code");
    if form.is_wrong() {
        return Ok(false);
    }
    let letter = told(visit, pages::Changed::AppSet)?;
    let now = visit.portal.clock.now();
    let changed = local::finish_app(&visit.store(), &visit.session, form.value("code"), letter, now).await?;
    Ok(is_done(form, changed))
}

async fn remove(visit: &CitizenVisit, form: &mut Form, has_app: bool) -> Result<bool> {
    form.needs("password");
    if has_app {
        form.needs("code");
    }
    form.limits("password", LONGEST);
    if form.is_wrong() {
        return Ok(false);
    }
    let proof = Proof { password: form.value("password"), code: form.value("code") };
    let letter = told(visit, pages::Changed::AppRemoved)?;
    let changed = local::remove_app(&visit.store(), &visit.session, proof, letter, visit.portal.clock.now()).await?;
    Ok(is_done(form, changed))
}

fn is_done(form: &mut Form, changed: Changed) -> bool {
    match changed {
        Ok(()) => true,
        Err((field, wrong)) => {
            form.complain(field, wrong);
            false
        }
    }
}
