//! What an account of the portal's own proves itself with, a clerk's or a citizen's: a password kept as argon2id, and the
//! codes of an app.
//!
//! Invariant: a password leaves here as argon2id only, and looking at one costs the same whether or not there is something to
//! compare it with.

mod app;
mod strength;

use std::sync::LazyLock;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

pub use app::{App, Qr, new_secret, step_of};
pub use strength::{LONGEST, is_easy, look_at_new};

use crate::{
    error::{Error, Result},
    web::metrics,
};

/// Sealed with the account.
#[derive(Clone, Serialize, Deserialize)]
pub struct Credentials {
    /// A PHC string.
    pub password: String,
    /// The secret of the app; `None` until the first login has set it up.
    #[serde(default)]
    pub totp: Option<Vec<u8>>,
    /// Somebody else has made the password and may have read it: its owner has to choose another one.
    #[serde(default)]
    pub first: bool,
    /// The secret of an app that is being set up and has not given a code yet.
    #[serde(default)]
    pub coming: Option<Vec<u8>>,
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
pub async fn slowly<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
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
        metrics::password_hashed();
        let hash = argon2().hash_password(password.as_bytes()).expect("argon2 hashes what is shorter than 4 GiB");
        Self { password: hash.to_string(), totp: None, first: false, coming: None }
    }

    /// For a password that the operator hands over.
    pub fn with_first_password(password: &str) -> Self {
        Self { first: true, ..Self::with_password(password) }
    }

    /// Takes some hundredths of a second, on purpose.
    pub fn is_password(&self, password: &str) -> bool {
        let Ok(hash) = PasswordHash::new(&self.password) else { return false };
        metrics::password_hashed();
        argon2().verify_password(password.as_bytes(), &hash).is_ok()
    }

    /// As long as a real check takes, so that nobody learns which names exist.
    pub fn waste_time(password: &str) {
        metrics::password_hashed();
        let _ = argon2().hash_password(password.as_bytes());
    }
}

/// A name as names are compared: without capitals and however its letters are composed or drawn. Some letters have a small
/// one only after they are composed (`ℌ`), others are composed only after they are small.
pub fn folded_name(name: &str) -> String {
    let composed: String = name.trim().nfkc().collect();
    composed.to_lowercase().nfkc().collect()
}

/// Twenty letters and digits that nobody confuses; about 100 bits.
pub fn new_password() -> Zeroizing<String> {
    const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = [0; 20];
    aws_lc_rs::rand::fill(&mut bytes).expect("the system has random numbers");
    let letters: Vec<char> = bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
    Zeroizing::new(letters.chunks(5).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-"))
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

    #[test]
    fn all_spellings_of_a_name_are_one() {
        for name in [" Hans ", "ℌans", "ｈａｎｓ", "𝐡𝐚𝐧𝐬", "HANS"] {
            assert_eq!(folded_name(name), "hans", "{name}");
        }
        assert_eq!(folded_name("Ju\u{308}rgen"), folded_name("JÜRGEN"));
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
}
