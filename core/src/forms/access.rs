//! Who may do what with a draft.
//!
//! Invariant: answers are shown to the account they belong to, at the level the form demands, or – where no account is
//! needed – to the browser that typed them. Writing on is allowed to that browser also when the login has ended, so that
//! nothing is lost; reading again takes the login.

use std::sync::Arc;

use poem::{FromRequest, Request, RequestBody};
use uuid::Uuid;

use super::drafts::Draft;
use crate::{
    identity::{
        NotLookedUp,
        cookies::{DRAFT_COOKIE, cookie},
        sessions::Session,
    },
    tenant::schema::{Level, OnlineForm},
};

/// Whoever has a form before them: somebody logged in, a browser, or both.
pub struct Applicant {
    pub session: Option<Arc<Session>>,
    /// What stands in the browser's cookie.
    pub browser: Option<String>,
    /// A session was brought along and could not be looked up.
    pub is_unknown: bool,
}

/// What somebody may do with a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Full,
    /// Save what was typed in this browser, and nothing else; to see it takes a login of this level.
    WriteOnly(Level),
    /// A login of this level would open it.
    Login(Level),
    /// It is not theirs, as far as anybody can tell.
    None,
}

impl<'a> FromRequest<'a> for Applicant {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        Ok(Self {
            session: request.data::<Arc<Session>>().cloned(),
            browser: cookie(request, DRAFT_COOKIE).map(str::to_owned),
            is_unknown: request.data::<NotLookedUp>().is_some(),
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

    pub fn access(&self, draft: &Draft, form: &OnlineForm) -> Access {
        let is_browser = self.browser.as_deref().is_some_and(|token| draft.is_of_browser(token));
        let is_enough = self.level() >= form.login;
        match draft.account {
            Some(account) if self.account() == Some(account) && is_enough => Access::Full,
            Some(account) if self.account() == Some(account) => {
                if is_browser {
                    Access::WriteOnly(form.login)
                } else {
                    Access::Login(form.login)
                }
            }
            // somebody else is logged in here now
            Some(_) if self.account().is_some() => Access::None,
            Some(_) if is_browser => Access::WriteOnly(form.login.max(Level::Basis)),
            Some(_) => Access::None,
            None if is_browser && is_enough => Access::Full,
            None if is_browser => Access::WriteOnly(form.login),
            None => Access::None,
        }
    }
}
