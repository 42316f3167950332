//! A visit by a clerk.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Deref,
};

use jiff::{SignedDuration, Timestamp};
use poem::{FromRequest, Request, RequestBody, http::Method};
use uuid::Uuid;

use super::{
    logins::{LOCAL, local_login},
    records::{self, Profile, SessionRow, Stage},
};
use crate::{
    crypto::digest,
    error::{Error, Result},
    identity::{
        cookies::{STAFF_COOKIE, cookie},
        doors::see_other,
        given_back,
    },
    locale::Locale,
    store::TenantStore,
    tenant::schema::{Department, People, Permission, ProviderKind, Role},
    web::Visit,
};

/// A working day, and a lunch break.
pub(super) const LASTS: SignedDuration = SignedDuration::from_hours(10);
const IDLE: SignedDuration = SignedDuration::from_mins(60);
/// Between the password and the code.
const HALF_WAY: SignedDuration = SignedDuration::from_mins(10);
const SEEN_EVERY: SignedDuration = SignedDuration::from_secs(30);

/// Somebody of this town's staff, with what their roles allow today.
pub struct StaffVisit {
    pub visit: Visit,
    pub id: Uuid,
    pub name: String,
    /// As the town's file names them.
    pub roles: Vec<String>,
    pub department: Option<Department>,
    grants: BTreeMap<Permission, Reach>,
    pub(super) session: Uuid,
    pub(super) key: Key,
}

/// For which departments a permission counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    All,
    Only(BTreeSet<String>),
}

impl Reach {
    /// What has no department is everybody's.
    pub fn covers(&self, department: Option<&str>) -> bool {
        match (self, department) {
            (Self::All, _) | (_, None) => true,
            (Self::Only(departments), Some(department)) => departments.contains(department),
        }
    }
}

/// The password with which a clerk has logged in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// It is kept by the town's own provider.
    Elsewhere,
    Own,
    /// Made for them: until they have chosen their own they get no further.
    First,
}

/// Where a clerk with a first password is let in.
const AT_FIRST: [&str; 2] = ["/verwaltung/passwort", "/verwaltung/abmelden"];

impl StaffVisit {
    pub fn may(&self, permission: Permission) -> bool {
        self.grants.contains_key(&permission)
    }

    /// Where somebody may do this; the door is closed for whoever may it nowhere.
    pub fn reach(&self, permission: Permission) -> Result<&Reach> {
        self.grants.get(&permission).ok_or(Error::Forbidden)
    }

    /// It is kept here, and can be changed here.
    pub fn has_password(&self) -> bool {
        self.key == Key::Own
    }

    pub fn must(&self, permission: Permission) -> Result<()> {
        if self.may(permission) { Ok(()) } else { Err(Error::Forbidden) }
    }

    pub(super) fn of(visit: Visit, id: Uuid, session: Uuid, profile: Profile, key: Key) -> Self {
        let staff = &visit.tenant.town.staff;
        let roles: Vec<_> = profile.roles.iter().filter_map(|id| staff.role(id)).collect();
        Self {
            id,
            session,
            key,
            name: profile.name,
            grants: grants(&roles),
            roles: roles.iter().map(|role| role.name.clone()).collect(),
            department: profile.department.and_then(|id| staff.department(&id).cloned()),
            // the town hall works in German
            visit: Visit { locale: Locale::german(), ..visit.clone() },
        }
    }
}

pub(super) fn grants(roles: &[&Role]) -> BTreeMap<Permission, Reach> {
    let mut grants = BTreeMap::new();
    for (role, permission) in roles.iter().flat_map(|role| role.may.iter().map(move |permission| (role, *permission))) {
        let reach = grants.entry(permission).or_insert_with(|| Reach::Only(BTreeSet::new()));
        match reach {
            _ if role.departments.is_empty() => *reach = Reach::All,
            Reach::Only(departments) => departments.extend(role.departments.iter().cloned()),
            Reach::All => {}
        }
    }
    grants
}

impl Deref for StaffVisit {
    type Target = Visit;

    fn deref(&self) -> &Visit {
        &self.visit
    }
}

impl<'a> FromRequest<'a> for StaffVisit {
    async fn from_request(request: &'a Request, body: &mut RequestBody) -> poem::Result<Self> {
        let visit = Visit::of(request);
        if let Some(visit) = recognise(&visit, request).await? {
            if visit.key == Key::First && !AT_FIRST.contains(&&*visit.path) {
                return Err(poem::Error::from_response(see_other(&visit.url(AT_FIRST[0]))?));
            }
            return Ok(visit);
        }
        if request.method() != Method::GET {
            return Err(given_back(&visit, request, body, "/verwaltung/anmelden").await);
        }
        let to = visit.url("/verwaltung/anmelden");
        Err(poem::Error::from_response(see_other(&to)?))
    }
}

pub(super) async fn recognise(visit: &Visit, request: &Request) -> Result<Option<StaffVisit>> {
    let Some(token) = cookie(request, STAFF_COOKIE) else { return Ok(None) };
    let now = visit.portal.clock.now();
    let store = visit.store();
    let mut tx = store.read().await?;
    let Some(session) = session_at(&mut tx, token, Stage::In, now).await? else { return Ok(None) };
    let Some(member) = records::get(&mut tx, session.staff_id).await?.filter(|member| !member.disabled) else {
        return Ok(None);
    };
    if !still_vouches(visit, &member.provider) {
        return Ok(None);
    }
    let profile = member.profile(&mut tx).await?;
    let key = match member.credentials(&mut tx).await? {
        None => Key::Elsewhere,
        Some(credentials) if credentials.first => Key::First,
        Some(_) => Key::Own,
    };
    drop(tx);
    if now.duration_since(session.seen()) >= SEEN_EVERY {
        let mut tx = store.note().await?;
        records::see_session(&mut tx, session.id, now, now - SEEN_EVERY).await?;
        tx.commit().await?;
    }
    Ok(Some(StaffVisit::of(visit.clone(), session.staff_id, session.id, profile, key)))
}

/// A session needs the login it came by among those of today.
fn still_vouches(visit: &Visit, provider: &str) -> bool {
    if provider == LOCAL {
        return local_login(&visit.tenant).is_some();
    }
    let provider = visit.tenant.provider(provider);
    provider.is_some_and(|provider| provider.kind == ProviderKind::Oidc && provider.is_for(People::Staff))
}

/// Takes away sessions of clerks that have had their time.
pub async fn sweep(store: &TenantStore, now: Timestamp) -> crate::store::Result<()> {
    let mut tx = store.write().await?;
    records::forget_before(&mut tx, now - LASTS).await?;
    tx.commit().await
}

/// The session of a cookie, if it has come so far and is not over.
pub(super) async fn session_at(
    tx: &mut crate::store::Tx,
    token: &str,
    stage: Stage,
    now: Timestamp,
) -> Result<Option<SessionRow>> {
    let found = records::find_session(tx, digest(token)).await?;
    let is_running = |session: &SessionRow| match stage {
        Stage::In => now < session.created() + LASTS && now < session.seen() + IDLE,
        Stage::Password => now < session.created() + HALF_WAY,
    };
    Ok(found.filter(|session| session.stage() == stage && is_running(session)))
}
