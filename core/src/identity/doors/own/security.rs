//! `/meine-daten/sicherheit`: another password, an app that shows codes, for accounts of the portal's own.

use poem::{Response, handler};

use super::told;
use crate::{
    credentials::{self, LONGEST, look_at_new},
    error::{Error, Result},
    identity::{
        CitizenVisit,
        doors::private,
        local::{self, App, Changed, Proof, State},
        pages::own::security::{AppView, Done, PASSWORD, PROOF, SecurityPage},
        person::Field,
    },
    mail::pages,
    web::{Form, Sent},
};

#[handler]
pub async fn show(visit: CitizenVisit) -> Result<Response> {
    let state = state(&visit).await?;
    page(&visit, state, Forms::blank(), None)
}

/// Who came by another provider has nothing to protect here.
async fn state(visit: &CitizenVisit) -> Result<State> {
    let is_own = visit.tenant.provider(&visit.session.provider).is_some_and(|provider| provider.is_own_account());
    if !is_own {
        return Err(Error::NotFound);
    }
    let mut tx = visit.store().read().await?;
    local::state(&mut tx, visit.session.account).await?.ok_or(Error::NotFound)
}

/// The three forms of the page; one of them was sent.
struct Forms {
    password: Form,
    app: Form,
}

impl Forms {
    fn blank() -> Self {
        Self { password: Form::blank(&PASSWORD), app: Form::blank(&PROOF) }
    }
}

fn page(visit: &CitizenVisit, state: State, forms: Forms, done: Option<Done>) -> Result<Response> {
    let Forms { password, app: form } = forms;
    let app = match state.app {
        App::None => AppView::None,
        App::Set => AppView::Set,
        App::Coming(secret) => {
            AppView::Coming(credentials::App::of(&secret, &visit.tenant.town.full_name, &state.name)?)
        }
    };
    private(visit, &SecurityPage { name: state.name, app, password, form, done })
}

#[handler]
pub async fn change(visit: CitizenVisit, sent: Sent) -> Result<Response> {
    if visit.portal.read_only {
        return Err(Error::Unavailable("the portal is for reading only"));
    }
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
        "remove" => {
            forms.app = Form::read(&PROOF, sent.pairs());
            remove(&visit, &mut forms.app, has_app).await?.then_some(Done::AppRemoved)
        }
        _ => return Err(Error::BadRequest("nothing of that name can be done")),
    };
    PASSWORD.iter().for_each(|name| forms.password.forget(name));
    PROOF.iter().for_each(|name| forms.app.forget(name));
    if done.is_some() {
        forms = Forms::blank();
    }
    let after = state(&visit).await?;
    page(&visit, after, forms, done)
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
