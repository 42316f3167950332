//! How much one connection may ask of one town in a while.
//!
//! Invariant: what is counted belongs to one town, one network and one budget. Nobody uses up what is another town's, and
//! no address leaves this file.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use governor::{
    DefaultDirectRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};
use moka::sync::Cache;
use poem::{Endpoint, Request};

use super::{Visit, front_door::Peer, metrics};
use crate::{
    config::rates::{Rate, Rates},
    credentials::folded_name,
    crypto::digest,
    error::{Error, Result},
    tenant::TenantId,
};

/// What is counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Budget {
    /// Everything that begins or ends a login of citizens.
    Login,
    /// The same for clerks: guessing of passwords and codes.
    Staff,
    /// Guesses at the password of one name, by one network.
    Password,
    /// The same by all networks together.
    PasswordAnywhere,
    /// Everything that sends a mail.
    Mail,
    /// What people write to the town hall in their Postkorb.
    Messages,
    /// Applications that are begun or sent.
    Forms,
    /// Pages of applications that are saved.
    Answers,
    /// Files that people hand over, one by one.
    Uploads,
    /// Everything of a person as one file.
    Exports,
    /// Searches, suggestions while typing, and the search of the API.
    Search,
}

/// Networks that are remembered at once; the rarest leave first, and a flood of new ones pushes out itself.
const NETWORKS: u64 = 100_000;

/// Wrong passwords at once, and how slowly they come back.
const GUESSES: Rate = Rate::Of(NonZeroU32::new(5).expect("more than none"), Duration::from_secs(15 * 60));

/// The same for one name over all networks together (NIST SP 800-63B allows a hundred): guessing from many places at once
/// leads nowhere, and few can make a person wait.
const GUESSES_AT_ONE: Rate = Rate::Of(NonZeroU32::new(100).expect("more than none"), Duration::from_secs(24 * 3600));

/// What every network has left.
#[derive(Debug)]
pub struct Throttle {
    rates: Rates,
    purses: Cache<Key, Arc<Purse>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    tenant: TenantId,
    network: IpAddr,
    budget: Budget,
    /// The digest of a door and a name where each has its own budget, otherwise nothing.
    name: Vec<u8>,
}

#[derive(Debug)]
struct Purse {
    left: DefaultDirectRateLimiter,
    /// What was taken and did not count after all.
    given_back: AtomicU32,
    /// The log hears of a flood once, not of every drop.
    told: AtomicBool,
}

impl Throttle {
    pub fn new(rates: Rates) -> Self {
        let Rates { login, staff, mail, messages, forms, answers, uploads, exports, search } = rates;
        let longest = [login, staff, mail, messages, forms, answers, uploads, exports, search, GUESSES, GUESSES_AT_ONE];
        let longest = longest.into_iter().filter_map(Rate::period).max();
        // after its period a purse is full again, which is as good as none
        let purses = Cache::builder().max_capacity(NETWORKS).time_to_idle(longest.unwrap_or(Duration::ZERO)).build();
        Self { rates, purses }
    }

    /// Takes one from the budget, or says when the next one is there.
    pub fn spend(&self, budget: Budget, tenant: &TenantId, from: IpAddr) -> Result<()> {
        self.take(Key { tenant: tenant.clone(), network: network_of(from), budget, name: Vec::new() }, from)?;
        Ok(())
    }

    fn take(&self, key: Key, from: IpAddr) -> Result<Option<Arc<Purse>>> {
        let (tenant, budget) = (key.tenant.clone(), key.budget);
        let Some(quota) = quota_of(self.rate(budget)) else { return Ok(None) };
        let purse = self.purses.get_with(key, || Arc::new(Purse::full(quota)));
        let Err(wait) = purse.take() else {
            purse.told.store(false, Ordering::Relaxed);
            return Ok(Some(purse));
        };
        metrics::throttled(&tenant, budget.word());
        if !purse.told.swap(true, Ordering::Relaxed) {
            // everybody seems to come from one place where a proxy in front of the house is not known as one
            let hint = is_inside(from).then_some("if this is your proxy, name it in `trusted_proxies`");
            tracing::warn!(%tenant, budget = budget.word(), hint, "a connection asks too much and is throttled");
        }
        Err(Error::Throttled { seconds: wait.as_secs() + 1 })
    }

    fn rate(&self, budget: Budget) -> Rate {
        match budget {
            Budget::Login => self.rates.login,
            Budget::Staff => self.rates.staff,
            Budget::Password => GUESSES,
            Budget::PasswordAnywhere => GUESSES_AT_ONE,
            Budget::Mail => self.rates.mail,
            Budget::Messages => self.rates.messages,
            Budget::Forms => self.rates.forms,
            Budget::Answers => self.rates.answers,
            Budget::Uploads => self.rates.uploads,
            Budget::Exports => self.rates.exports,
            Budget::Search => self.rates.search,
        }
    }
}

impl Purse {
    fn full(quota: Quota) -> Self {
        Self { left: RateLimiter::direct(quota), given_back: AtomicU32::new(0), told: AtomicBool::new(false) }
    }

    /// Otherwise how long until the next one is there.
    fn take(&self) -> std::result::Result<(), Duration> {
        let one_less = |given: u32| given.checked_sub(1);
        match self.given_back.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less) {
            Ok(_) => Ok(()),
            Err(_) => self.left.check().map_err(|empty| empty.wait_time_from(DefaultClock::default().now())),
        }
    }
}

impl Budget {
    fn word(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Staff => "staff",
            Self::Password | Self::PasswordAnywhere => "password",
            Self::Mail => "mail",
            Self::Messages => "messages",
            Self::Forms => "forms",
            Self::Answers => "answers",
            Self::Uploads => "uploads",
            Self::Exports => "exports",
            Self::Search => "search",
        }
    }
}

fn quota_of(rate: Rate) -> Option<Quota> {
    match rate {
        Rate::Of(times, period) => Some(Quota::with_period(period / times.get())?.allow_burst(times)),
        Rate::Off => None,
    }
}

/// Takes one for whoever sent the request; a request without a connection – pages rendered for a check – costs nothing.
pub fn spend(budget: Budget, request: &Request) -> Result<()> {
    let visit = Visit::of(request);
    let peer = request.data::<Peer>();
    peer.map_or(Ok(()), |peer| visit.portal.throttle.spend(budget, &visit.tenant.id, peer.addr))
}

/// A guess at the password of a name, counted before anybody looks whether it is right: trying many at once helps nobody.
#[must_use]
pub struct Guess(Vec<Arc<Purse>>);

impl Guess {
    /// This one does not count, those before it do: whoever has one account must not buy guesses at another's with it.
    pub fn was_right(self) {
        self.0.iter().for_each(|purse| _ = purse.given_back.fetch_add(1, Ordering::Relaxed));
    }
}

/// Takes one of the few guesses that a network has at the password of a name, existing or not, and one of the many that all
/// networks have together: whoever wants to make somebody else wait has to do it from twenty places. `door` is where names
/// are asked for: the same name at another one is somebody else.
pub fn guess(visit: &Visit, request: &Request, door: &str, name: &str) -> Result<Guess> {
    let throttle = &visit.portal.throttle;
    let Some(peer) = request.data::<Peer>() else { return Ok(Guess(Vec::new())) };
    let name = digest(&format!("{door}\n{}", folded_name(name)));
    let here = (network_of(peer.addr), Budget::Password);
    let keys = [here, (Ipv4Addr::UNSPECIFIED.into(), Budget::PasswordAnywhere)].map(|(network, budget)| Key {
        tenant: visit.tenant.id.clone(),
        network,
        budget,
        name: name.clone(),
    });
    let taken = keys.into_iter().filter_map(|key| throttle.take(key, peer.addr).transpose());
    Ok(Guess(taken.collect::<Result<_>>()?))
}

/// An endpoint that answers 429 to whoever has used up the budget.
pub struct Throttled<E> {
    pub budget: Budget,
    pub inner: E,
}

pub fn throttled<E: Endpoint>(budget: Budget, inner: E) -> Throttled<E> {
    Throttled { budget, inner }
}

impl<E: Endpoint> Endpoint for Throttled<E> {
    type Output = E::Output;

    async fn call(&self, request: Request) -> poem::Result<E::Output> {
        spend(self.budget, &request)?;
        self.inner.call(request).await
    }
}

/// One household has one address of IPv4, but a whole /64 of IPv6.
fn network_of(addr: IpAddr) -> IpAddr {
    match addr.to_canonical() {
        IpAddr::V4(addr) => addr.into(),
        IpAddr::V6(addr) => Ipv6Addr::from_bits(addr.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

/// Whether no visitor out in the world has this address.
fn is_inside(addr: IpAddr) -> bool {
    match addr {
        IpAddr::V4(addr) => addr.is_loopback() || addr.is_private(),
        IpAddr::V6(addr) => addr.is_loopback() || addr.is_unique_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_household_is_one_network() {
        let network = |text: &str| network_of(text.parse().unwrap()).to_string();
        assert_eq!(network("2001:db8:1:2:aaaa:bbbb:cccc:dddd"), "2001:db8:1:2::");
        assert_eq!(network("2001:db8:1:3::1"), "2001:db8:1:3::");
        assert_eq!(network("192.0.2.7"), "192.0.2.7");
        assert_eq!(network("::ffff:192.0.2.7"), "192.0.2.7");
    }
}
