//! Who may do what with a draft.
//!
//! Invariant: answers are shown to the person they belong to – an account, or whoever logged in without one –, at the level
//! the form demands; where nobody logged in, to the browser that typed them. Writing on is allowed to that browser also when
//! the login has ended, so that nothing is lost; reading again takes the login, and so does whatever was sent.

use std::sync::Arc;

use jiff::civil::Date;
use poem::{FromRequest, Request, RequestBody};
use uuid::Uuid;

use super::{drafts::Draft, prefill::Account};
use crate::{
    identity::{
        NotLookedUp,
        cookies::{DRAFT_COOKIE, cookie},
        person::{Field, folded},
        sessions::Session,
    },
    store::{Result, Tx},
    tenant::schema::{Level, OnlineForm},
    web::Visit,
};

/// So many bytes a mark has.
const MARK: usize = 32;

/// Whoever has a form before them: somebody logged in, a browser, or both.
pub struct Applicant {
    pub session: Option<Arc<Session>>,
    /// What stands in the browser's cookie.
    pub browser: Option<String>,
    /// A session was brought along and could not be looked up.
    pub is_unknown: bool,
    /// Ids of the town's providers: by any of them somebody may have begun as a guest.
    providers: Vec<String>,
}

/// What somebody may do with a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Full,
    /// Save what was typed in this browser, and nothing else; to see it takes a login of this level.
    WriteOnly(Level),
    /// A login of this level would open it.
    Login(Level),
    /// Begun by a guest in this browser, and this account does not know the same name and day of birth.
    Another,
    /// It is not theirs, as far as anybody can tell.
    None,
}

impl<'a> FromRequest<'a> for Applicant {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        Ok(Self {
            session: request.data::<Arc<Session>>().cloned(),
            browser: cookie(request, DRAFT_COOKIE).map(str::to_owned),
            is_unknown: request.data::<NotLookedUp>().is_some(),
            providers: Visit::of(request).tenant.providers().iter().map(|provider| provider.id.clone()).collect(),
        })
    }
}

impl Applicant {
    pub fn level(&self) -> Level {
        self.session.as_ref().map_or(Level::None, |session| session.level())
    }

    /// The account that drafts and cases belong to; a guest's ends with the session, so nothing can belong to it.
    pub fn account(&self) -> Option<Uuid> {
        self.session.as_ref().filter(|session| !session.guest).map(|session| session.account)
    }

    /// What the account fills in today; `None` without a login.
    pub fn fills_in(&self, today: Date) -> Option<Account<'_>> {
        self.session.as_deref().map(|session| Account::of(session, today))
    }

    /// Known again without an account: by provider, name and day of birth, otherwise by the login itself.
    pub async fn mark(&self, tx: &mut Tx) -> Result<Option<Vec<u8>>> {
        let Some(session) = &self.session else { return Ok(None) };
        match self.mark_by(tx, &session.provider).await? {
            Some(mark) => Ok(Some(mark)),
            None => Ok(Some(tx.sealer().await?.mark("guest", &[session.account.as_bytes()]))),
        }
    }

    /// The mark that this person has, or would have, as a guest of a provider: of the name letter by letter, and behind it of
    /// the name as somebody goes by. An ID has all given names, an account often the first.
    async fn mark_by(&self, tx: &mut Tx, provider: &str) -> Result<Option<Vec<u8>>> {
        let Some(profile) = self.session.as_ref().map(|session| &session.profile) else { return Ok(None) };
        let (Some(name), Some(born)) = (profile.name(), profile.value(Field::Birthdate)) else { return Ok(None) };
        let sealer = tx.sealer().await?;
        let mut mark = sealer.mark("guest", &[provider.as_bytes(), name.as_bytes(), born.as_bytes()]);
        let word = |field| profile.value(field).map(folded).unwrap_or_default();
        let (surname, given) = (word(Field::Surname), word(Field::GivenName));
        let called = given.split([' ', '-']).next().unwrap_or_default();
        if !surname.is_empty() && !called.is_empty() {
            let parts = [provider.as_bytes(), surname.as_bytes(), called.as_bytes(), born.as_bytes()];
            mark.extend(sealer.mark("guest-as-called", &parts));
        }
        Ok(Some(mark))
    }

    /// Whoever began as a guest in this browser and logs in there with an account goes on: name and day of birth are the
    /// same, whichever provider told them.
    async fn was_guest(&self, tx: &mut Tx, guest: &[u8]) -> Result<bool> {
        if self.account().is_none() {
            return Ok(false);
        }
        for provider in &self.providers {
            let Some(mark) = self.mark_by(tx, provider).await? else { continue };
            let as_called = mark.get(MARK..).filter(|called| !called.is_empty());
            if mark.starts_with(guest) || as_called.is_some() && as_called == guest.get(MARK..) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// By which a new draft belongs to whoever logged in without an account.
    pub async fn guest(&self, tx: &mut Tx) -> Result<Option<Vec<u8>>> {
        if self.account().is_some() { Ok(None) } else { self.mark(tx).await }
    }

    pub async fn access(&self, tx: &mut Tx, draft: &Draft, form: &OnlineForm) -> Result<Access> {
        let is_browser = self.browser.as_deref().is_some_and(|token| draft.is_of_browser(token));
        let is_persons = draft.is_persons();
        let is_theirs = match (draft.account, &draft.guest) {
            (Some(account), _) => self.account() == Some(account),
            (None, Some(guest)) => {
                let is_same = self.mark(tx).await?.is_some_and(|mark| mark.starts_with(guest));
                is_same || is_browser && self.was_guest(tx, guest).await?
            }
            (None, None) => is_browser,
        };
        let level = if is_persons { form.login.max(Level::Basis) } else { form.login };
        Ok(match () {
            () if is_browser && !is_theirs && draft.guest.is_some() && self.account().is_some() => Access::Another,
            // somebody else is logged in here now
            () if is_persons && !is_theirs && self.session.is_some() => Access::None,
            () if is_theirs && self.level() >= form.login => Access::Full,
            () if is_browser && draft.case.is_none() => Access::WriteOnly(level),
            () if is_theirs || is_browser && is_persons => Access::Login(level),
            () => Access::None,
        })
    }
}
