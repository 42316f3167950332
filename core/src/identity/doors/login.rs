//! `/anmelden` and `/anmelden/{provider}`: choosing a way to log in, and setting out on it.

use std::sync::Arc;

use poem::{
    Request, Response, handler,
    web::{Path, Query},
};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{
    Aim, ended, own, private, see_other,
    shut::{answers, state_of, switched_off},
};
use crate::{
    crypto::token,
    error::{Error, Result},
    identity::{
        ProviderState, ProviderView, ReturnTo,
        cookies::{self, LOGIN_COOKIE},
        login::{self, Gone, Intent, NotLetIn, Pending, Secrets},
        pages::{
            Wanted, handover::HandoverPage, login::LoginPage, outcome::Outcome, simulator::SimulatorPage,
            step_up::StepUpPage,
        },
        person::Delivered,
        provider::{oidc as by_oidc, saml::Way, simulator},
        sessions::{self, Session, provider_name},
    },
    tenant::schema::{Level, People, Provider, ProviderKind},
    web::{FormAction, READ_ONLY, Sent, Visit, front_door::Envelope, is_at_home},
};

/// What a link to the login says.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Asked {
    /// Where the person comes back to.
    zurueck: Option<String>,
    /// The lowest level that is enough.
    niveau: Option<String>,
    /// The provider did not answer a moment ago, and the person wants to try all the same.
    trotzdem: Option<String>,
    /// Why the person is here.
    grund: Option<String>,
    /// A login anew, whatever runs: a fresh one, or with an account in the place of a guest.
    neu: Option<String>,
}

impl Asked {
    fn level(&self) -> Level {
        match self.niveau.as_deref() {
            Some("hoch") => Level::Hoch,
            Some("substantiell") => Level::Substantiell,
            Some("basis") => Level::Basis,
            _ => Level::None,
        }
    }

    /// What a login has to reach, whatever is wanted.
    fn least(&self, visit: &Visit) -> Level {
        self.level().max(self.wanted(visit).map_or(Level::None, |wanted| wanted.level)).max(Level::Basis)
    }

    fn return_to(&self, visit: &Visit) -> ReturnTo {
        ReturnTo::or_my_data(self.zurueck.as_deref(), &visit.url("/meine-daten"))
    }

    /// The service the person comes from, if it is one that asks for a login.
    fn wanted(&self, visit: &Visit) -> Option<Wanted> {
        let way = ReturnTo::parse(self.zurueck.as_deref()?)?;
        let path = way.as_str().strip_prefix(&visit.locale.base())?;
        let slug = path.strip_prefix("/dienstleistungen/")?.split(['/', '?', '#']).next()?;
        let service = visit.tenant.service_at(slug)?;
        Some(Wanted::of(visit, service)).filter(|wanted| wanted.level > Level::None)
    }

    /// As it goes on to the provider's own door.
    fn query(&self, level: Level) -> String {
        let way = self.zurueck.as_deref().and_then(ReturnTo::parse);
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(way.iter().map(|way| ("zurueck", way.as_str())))
            .extend_pairs(Some(("niveau", level.word())).filter(|_| level > Level::None))
            .extend_pairs(self.neu.is_some().then_some(("neu", "1")))
            .finish()
    }
}

#[handler]
pub async fn show(visit: Visit, request: &Request, Query(asked): Query<Asked>) -> Result<Response> {
    let wanted = asked.wanted(&visit);
    let level = asked.level().max(wanted.as_ref().map_or(Level::None, |wanted| wanted.level));
    let off = switched_off(&visit).await;
    let query = asked.query(level);
    let expired = asked.grund.as_deref() == Some("abgelaufen");
    let session = request.data::<Arc<Session>>();
    let goes_on = asked.neu.is_some() && session.is_some_and(|session| session.guest);
    if let Some(session) = session {
        if session.level() >= level && asked.neu.is_none() {
            // every door would lead straight back
            return private(&visit, &LoginPage::of(&visit, Vec::new(), wanted, false));
        }
        let theirs = citizens_provider(&visit, &session.provider).ok().filter(|_| !session.guest);
        let view =
            theirs.map(|theirs| ProviderView::of(&visit, &theirs, state_of(&visit, &theirs, &off), level, &query));
        if let Some(view) = view.filter(|view| view.enough && view.state == ProviderState::Ready) {
            return private(&visit, &step_up(&visit, session, view, wanted, level));
        }
    }
    let first = visit.tenant.login.as_ref().map(|login| login.provider.id.clone());
    let mut providers: Vec<&Arc<Provider>> =
        visit.tenant.providers().iter().filter(|provider| provider.is_for(People::Citizens)).collect();
    if goes_on {
        // what a guest has begun goes on by name and day of birth, which an account of the portal's own does not know
        providers.retain(|provider| !provider.is_own_account());
    }
    providers.sort_by_key(|provider| (Some(&provider.id) != first.as_ref(), provider.kind == ProviderKind::Simulator));
    let view =
        |provider: &Arc<Provider>| ProviderView::of(&visit, provider, state_of(&visit, provider, &off), level, &query);
    let providers = providers.into_iter().map(view).collect();
    private(&visit, &LoginPage::of(&visit, providers, wanted, expired))
}

fn step_up(visit: &Visit, session: &Session, by: ProviderView, wanted: Option<Wanted>, needed: Level) -> StepUpPage {
    StepUpPage {
        provider: provider_name(&visit.tenant, &session.provider),
        wanted,
        needed,
        level: session.level(),
        decayed: session.entered >= needed,
        url: by.url,
    }
}

/// Sets out: a login begins in this browser, and the person goes to the provider.
#[handler]
pub async fn begin(
    visit: Visit,
    request: &Request,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let provider = citizens_provider(&visit, &id)?;
    let session = request.data::<Arc<Session>>();
    let return_to = asked.return_to(&visit);
    let level = asked.least(&visit);
    if asked.neu.is_none() && session.is_some_and(|session| session.level() >= level) {
        return see_other(return_to.as_str());
    }
    if let Some(elsewhere) = elsewhere(&visit, &provider, &asked, level).await? {
        return Ok(elsewhere);
    }
    if let Some(home) = home(&visit, request, &provider)? {
        return Ok(home);
    }
    if asked.trotzdem.is_none() && !answers(&visit, &provider).await {
        return ended(&visit, &provider, Outcome::Down, Some(Aim { back: return_to.as_str(), level }));
    }
    if provider.kind == ProviderKind::Local {
        return own::sign_in::show(&visit, asked.grund.as_deref(), &return_to);
    }
    let intent = intent_of(request, &provider, level, return_to);
    let browser = browser_of(request);
    let mut response = set_out(&visit, &provider, intent, &browser).await?;
    cookies::set_login(&mut response, &browser);
    Ok(response)
}

/// Where somebody goes whom this provider cannot let in now, or not at that level.
async fn elsewhere(visit: &Visit, provider: &Provider, asked: &Asked, level: Level) -> Result<Option<Response>> {
    let state = state_of(visit, provider, &switched_off(visit).await);
    if matches!(state, ProviderState::Off | ProviderState::Preparing) {
        return see_other(&visit.url("/anmelden")).map(Some);
    }
    if provider.levels().iter().all(|given| *given < level) {
        return see_other(&format!("{}?{}", visit.url("/anmelden"), asked.query(level))).map(Some);
    }
    Ok(None)
}

fn intent_of(request: &Request, provider: &Provider, level: Level, return_to: ReturnTo) -> Intent {
    let session = request.data::<Arc<Session>>();
    let step_up = session.is_some_and(|session| session.provider == provider.id && !session.guest);
    Intent { provider: provider.id.clone(), level, return_to, session: session.map(|session| session.id), step_up }
}

/// The same for a clerk: the account is another, the way to the provider the same.
pub(crate) async fn set_out_for_staff(
    visit: &Visit,
    request: &Request,
    provider: &Provider,
    desk: &str,
) -> Result<Response> {
    if matches!(state_of(visit, provider, &switched_off(visit).await), ProviderState::Off | ProviderState::Preparing) {
        return see_other(&visit.url("/verwaltung/anmelden"));
    }
    if let Some(home) = home(visit, request, provider)? {
        return Ok(home);
    }
    let intent = Intent {
        provider: provider.id.clone(),
        level: Level::Basis,
        return_to: ReturnTo::or_my_data(None, desk),
        session: None,
        step_up: false,
    };
    let browser = browser_of(request);
    let mut response = set_out(visit, provider, intent, &browser).await?;
    cookies::set_login(&mut response, &browser);
    Ok(response)
}

/// A provider sends people back to the canonical host, where a cookie of a preview is not known: the login begins there.
fn home(visit: &Visit, request: &Request, provider: &Provider) -> Result<Option<Response>> {
    let stays_here = visit.portal.logins.plays(&visit.tenant, provider) || provider.kind == ProviderKind::Local;
    if stays_here || is_at_home(&visit.portal, &visit.tenant, &Envelope::of(request)) {
        return Ok(None);
    }
    let uri = request.original_uri();
    let path = uri.path_and_query().map_or(uri.path(), |path| path.as_str());
    see_other(&format!("{}{path}", visit.origin())).map(Some)
}

/// The cookie that binds a login to this browser, an older one if there is one: several may run side by side.
pub(super) fn browser_of(request: &Request) -> Zeroizing<String> {
    cookies::cookie(request, LOGIN_COOKIE).map_or_else(token, |known| known.to_owned().into())
}

async fn set_out(visit: &Visit, provider: &Provider, intent: Intent, browser: &str) -> Result<Response> {
    let (level, fresh) = (intent.level, intent.step_up);
    let back = intent.return_to.as_str().to_owned();
    let aim = Aim { back: &back, level };
    match provider.kind {
        _ if visit.portal.logins.plays(&visit.tenant, provider) => {
            let handle = token();
            keep(visit, intent, &handle, browser, &Secrets::default()).await?;
            let page = SimulatorPage {
                action: visit.url(&format!("/anmelden/{}", provider.id)),
                handle: handle.to_string(),
                persons: simulator::specimens(),
                level,
                cancel: visit.url("/anmelden"),
            };
            private(visit, &page)
        }
        ProviderKind::Bundid | ProviderKind::Saml => {
            let logins = &visit.portal.logins;
            let origin = visit.origin();
            let way = Way {
                language: visit.locale.lang(),
                back: &format!("{origin}{}", visit.url("/anmelden")),
                now: visit.portal.clock.now(),
            };
            let parties = logins.parties(&visit.tenant, provider, &acs(visit, provider));
            let asked = parties.and_then(|parties| parties.request(&visit.tenant, provider, level, fresh, &way));
            let request = match asked {
                Ok(request) => request,
                Err(why) => return cannot_begin(visit, provider, &why, aim),
            };
            let handle = token();
            let secrets = Secrets { request: request.id.clone(), ..Secrets::default() };
            keep(visit, intent, &handle, browser, &secrets).await?;
            let page = HandoverPage {
                provider: provider.name.clone(),
                request: request.form_value(),
                relay_state: handle.to_string(),
                back: visit.url("/anmelden"),
                action: request.sso_url,
            };
            let mut response = private(visit, &page)?;
            response.extensions_mut().insert(FormAction::to(&page.action));
            Ok(response)
        }
        ProviderKind::Oidc => {
            let settings = match by_oidc::settings(provider, &callback(visit, provider)) {
                Some(Ok(settings)) => settings,
                Some(Err(why)) => return cannot_begin(visit, provider, &why, aim),
                None => return Err(Error::NotFound),
            };
            let demand = by_oidc::demand(&provider.acr, level, fresh, visit.locale.lang());
            match visit.portal.logins.oidc.begin(&settings, &demand).await {
                Ok(begun) => {
                    let secrets =
                        Secrets { nonce: begun.nonce, pkce_verifier: begun.pkce_verifier, ..Secrets::default() };
                    keep(visit, intent, &begun.state, browser, &secrets).await?;
                    see_other(&begun.url)
                }
                Err(why) => cannot_begin(visit, provider, &why, aim),
            }
        }
        // one of the portal's own has a page of its own, and specimens are let in above
        ProviderKind::Local | ProviderKind::Simulator => Err(Error::NotFound),
    }
}

fn cannot_begin(visit: &Visit, provider: &Provider, why: &dyn std::fmt::Display, aim: Aim<'_>) -> Result<Response> {
    tracing::error!(tenant = %visit.tenant.id, provider = provider.id, request = %visit.request_id, %why, "a login cannot begin");
    ended(visit, provider, Outcome::Down, Some(aim))
}

pub(super) async fn keep(visit: &Visit, intent: Intent, handle: &str, browser: &str, secrets: &Secrets) -> Result<()> {
    let mut tx = visit.store().write().await?;
    login::begin(&mut tx, intent, handle, browser, secrets, visit.portal.clock.now()).await?;
    Ok(tx.commit().await?)
}

/// A page of the portal's own comes back: the simulator's, or one with name and password.
#[handler]
pub async fn choose(
    visit: Visit,
    request: &Request,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    sent: Sent,
) -> Result<Response> {
    let provider = citizens_provider(&visit, &id)?;
    if provider.kind == ProviderKind::Local {
        let level = asked.least(&visit);
        if let Some(elsewhere) = elsewhere(&visit, &provider, &asked, level).await? {
            return Ok(elsewhere);
        }
        let intent = intent_of(request, &provider, level, asked.return_to(&visit));
        return own::sign_in::enter(&visit, request, &provider, intent, &sent).await;
    }
    if !visit.portal.logins.plays(&visit.tenant, &provider) {
        return Err(Error::MethodNotAllowed { allowed: READ_ONLY });
    }
    let pending = match answered(&visit, request, &provider, &sent.value("handle").unwrap_or_default()).await? {
        Answered::Pending(pending) => pending,
        Answered::Gone(response) => return Ok(response),
    };
    let level = Asked { niveau: sent.value("level").map(Into::into), ..Asked::default() }.level();
    let delivered = simulator::delivered(&sent.value("person").unwrap_or_default(), level, visit.portal.clock.now());
    let delivered = delivered.ok_or(Error::BadRequest("nobody has invented this person"))?;
    let_in(&visit, request, &provider, &pending, delivered, None).await
}

/// What an answer belongs to.
pub(super) enum Answered {
    Pending(Pending),
    /// No login, and the page that says so.
    Gone(Response),
}

/// Takes the login out that an answer belongs to; otherwise the page that says why there is none.
pub(super) async fn answered(visit: &Visit, request: &Request, provider: &Provider, handle: &str) -> Result<Answered> {
    let mut tx = visit.store().write().await?;
    let browser = cookies::cookie(request, LOGIN_COOKIE);
    let taken = login::take(&mut tx, &provider.id, handle, browser, visit.portal.clock.now()).await?;
    tx.commit().await?;
    let gone = match taken {
        Ok(pending) => return Ok(Answered::Pending(pending)),
        Err(gone) => gone,
    };
    tracing::info!(tenant = %visit.tenant.id, provider = provider.id, request = %visit.request_id, ?gone, "an answer belongs to no login");
    let outcome = if gone == Gone::Expired { Outcome::Expired } else { Outcome::NoCookie };
    ended(visit, provider, outcome, None).map(Answered::Gone)
}

/// The last step: a session begins, and the person goes on where they came from.
pub(super) async fn let_in(
    visit: &Visit,
    request: &Request,
    provider: &Provider,
    pending: &Pending,
    delivered: Delivered,
    answer: Option<login::Answer<'_>>,
) -> Result<Response> {
    let device = sessions::device(request.header("user-agent"));
    let mut tx = visit.store().write().await?;
    let now = visit.portal.clock.now();
    let outcome = login::complete(&mut tx, &provider.id, pending, delivered, answer, device, now).await?;
    let not = match outcome {
        Ok(let_in) => {
            tx.commit().await?;
            let mut response = see_other(&in_their_language(visit, pending.return_to.as_str(), let_in.locale))?;
            cookies::set_session(&mut response, crate::web::SESSION_COOKIE, &let_in.token);
            return Ok(response);
        }
        Err(not) => not,
    };
    drop(tx);
    tracing::warn!(tenant = %visit.tenant.id, provider = provider.id, request = %visit.request_id, ?not, "a login was refused");
    let outcome = match not {
        NotLetIn::TooLow { reached } => Outcome::TooLow { reached, wanted: pending.level },
        NotLetIn::OtherAccount => Outcome::OtherAccount,
        NotLetIn::Replayed => Outcome::Refused,
        NotLetIn::Moved => Outcome::Moved,
        // the page of all doors says that this one is closed
        NotLetIn::SwitchedOff => return see_other(&visit.url("/anmelden")),
    };
    ended(visit, provider, outcome, Some(pending.into()))
}

/// Whoever came from nowhere goes on in the language they chose.
fn in_their_language(visit: &Visit, to: &str, chosen: Option<String>) -> String {
    let chosen = chosen.filter(|_| to == "/meine-daten").and_then(|code| visit.tenant.has_locale(&code).cloned());
    chosen.map_or_else(|| to.to_owned(), |locale| format!("{}{to}", locale.base()))
}

/// A provider of today by which citizens log in.
pub(super) fn citizens_provider(visit: &Visit, id: &str) -> Result<Arc<Provider>> {
    let known = visit.tenant.provider(id).filter(|provider| provider.is_for(People::Citizens));
    known.cloned().ok_or(Error::NotFound)
}

/// Where a SAML provider posts its answer to. Never taken from the request.
pub(super) fn acs(visit: &Visit, provider: &Provider) -> String {
    format!("{}/saml/{}/acs", visit.origin(), provider.id)
}

pub(super) fn callback(visit: &Visit, provider: &Provider) -> String {
    format!("{}/oidc/{}/callback", visit.origin(), provider.id)
}
