//! What a local account proves itself with: a password kept as argon2id, and the codes of an app.

use std::sync::LazyLock;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use totp_rs::{Builder, Totp};
use zeroize::Zeroizing;

use crate::error::{Error, Result};

/// Sealed with the account.
#[derive(Clone, Serialize, Deserialize)]
pub struct Credentials {
    /// A PHC string.
    pub(super) password: String,
    /// The secret of the app; `None` until the first login has set it up.
    #[serde(default)]
    pub(super) totp: Option<Vec<u8>>,
    /// Somebody else has made the password and may have read it: the clerk has to choose another one.
    #[serde(default)]
    pub(super) first: bool,
}

/// OWASP's recommendation for argon2id: 19 MiB, two passes.
fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(19 * 1024, 2, 1, None).expect("fixed and valid"))
}

/// Each takes a core and 19 MiB.
static AT_WORK: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(cores()));
/// With those at work; on a machine of today the last one waits for about half a second.
static PLACES: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(16 * cores()));

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Does what takes long on purpose beside everything else, for a few at a time; whoever finds the queue full comes again.
pub(super) async fn slowly<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let place = PLACES.try_acquire().map_err(|_| Error::Unavailable("too many passwords at once"))?;
    let turn = AT_WORK.acquire().await.map_err(Error::internal)?;
    // held by the work itself: it goes on when whoever asked is gone
    let work = move || {
        let _held = (place, turn);
        work()
    };
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)
}

impl Credentials {
    pub fn with_password(password: &str) -> Self {
        let hash = argon2().hash_password(password.as_bytes()).expect("argon2 hashes what is shorter than 4 GiB");
        Self { password: hash.to_string(), totp: None, first: false }
    }

    /// For a password that the operator hands over.
    pub fn with_first_password(password: &str) -> Self {
        Self { first: true, ..Self::with_password(password) }
    }

    /// Takes some hundredths of a second, on purpose.
    pub fn is_password(&self, password: &str) -> bool {
        let Ok(hash) = PasswordHash::new(&self.password) else { return false };
        argon2().verify_password(password.as_bytes(), &hash).is_ok()
    }

    /// As long as a real check takes, so that nobody learns which names exist.
    pub fn waste_time(password: &str) {
        let _ = argon2().hash_password(password.as_bytes());
    }
}

/// Twenty letters and digits that nobody confuses; about 100 bits.
pub fn new_password() -> Zeroizing<String> {
    const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = [0; 20];
    aws_lc_rs::rand::fill(&mut bytes).expect("the system has random numbers");
    let letters: Vec<char> = bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
    Zeroizing::new(letters.chunks(5).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-"))
}

/// 160 bits for an app (RFC 4226).
pub(super) fn new_secret() -> Vec<u8> {
    let mut secret = vec![0; 20];
    aws_lc_rs::rand::fill(&mut secret).expect("the system has random numbers");
    secret
}

/// The app's side of a secret: six digits every 30 seconds, by SHA-1 because most apps know nothing else.
pub(super) fn totp(secret: &[u8], issuer: &str, account: &str) -> Option<Totp> {
    let plain = |text: &str| text.replace(':', " ");
    let builder = Builder::new().with_secret(secret.to_vec()).with_issuer(Some(plain(issuer)));
    builder.with_account_name(plain(account)).build().ok()
}

/// The step of a code that is right now, or was half a minute ago; a step counts once.
pub(super) fn step_of(secret: &[u8], code: &str, last: i64, now: Timestamp) -> Option<i64> {
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let totp = totp(secret, "portal", "staff")?;
    let time = u64::try_from(now.as_second()).ok()?;
    let step = i64::try_from(totp.check(&code, time)?).ok()?;
    (step > last).then_some(step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_again_and_kept_as_argon2id() {
        let password = new_password();
        let credentials = Credentials::with_password(&password);
        assert!(credentials.is_password(&password) && !credentials.is_password("another"));
        assert!(credentials.password.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    }

    #[tokio::test]
    async fn only_so_many_passwords_are_looked_at_and_wait() {
        use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
        static NOW: AtomicUsize = AtomicUsize::new(0);
        let work = || {
            let at_once = NOW.fetch_add(1, SeqCst) + 1;
            (0..200).for_each(|_| std::thread::yield_now());
            NOW.fetch_sub(1, SeqCst);
            at_once
        };
        let all = futures_util::future::join_all((0..100 * cores()).map(|_| slowly(work))).await;
        let (done, sent_away): (Vec<_>, Vec<_>) = all.into_iter().partition(Result::is_ok);
        assert_eq!((done.len(), sent_away.len()), (16 * cores(), 84 * cores()));
        assert!(done.into_iter().flatten().all(|at_once| at_once <= cores()));
        assert!(matches!(sent_away.into_iter().next(), Some(Err(Error::Unavailable(_)))));
        assert!(slowly(|| ()).await.is_ok(), "the queue is empty again");
    }

    #[test]
    fn a_code_counts_once_and_for_a_minute_at_most() {
        let secret = new_secret();
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let code = totp(&secret, "portal", "staff").unwrap().generate(1_800_000_000).to_string();
        let step = step_of(&secret, &code, 0, now).expect("it is right");
        assert_eq!(step_of(&secret, &code, step, now), None, "used before");
        assert_eq!(step_of(&secret, &code, 0, now + jiff::SignedDuration::from_secs(90)), None, "too late");
        assert_eq!(step_of(&secret, "12345", 0, now), None);
    }
}
