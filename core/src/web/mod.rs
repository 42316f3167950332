//! The web side of the house: from a request to the town's answer.
//!
//! A request flows one way: gate (which town, which host) → cache → route → visit → page → finished response.
//! Invariant: behind the gate there is always exactly one tenant, and in front of it none.

mod cache;
mod errors;
mod form;
mod frame;
pub mod front_door;
mod gate;
mod headers;
mod methods;
pub mod metrics;
mod neutral;
mod once;
pub mod ops;
mod origin;
mod page;
mod person;
mod routes;
mod samples;
mod send;
mod sent;
pub mod throttle;
mod upload;
mod visit;

use std::sync::Arc;

pub use cache::{PageCache, SESSION_COOKIE, is_known};
pub use form::{Form, Wrong, is_phone};
pub use frame::{Frames, phone_uri};
pub(crate) use gate::is_at_home;
pub use headers::{FormAction, Sandboxed};
pub use methods::READ_ONLY;
pub use neutral::refusal;
pub use once::Once;
pub(crate) use once::STATEMENTS as OF_ONCE;
pub use page::{Crumb, Head, Page, Rendered, Section};
pub use person::Person;
pub use routes::{App, PAGES, is_private};
pub use samples::{all_samples, samples_but};
pub use send::AN_HOUR;
pub use sent::{MOST_FIELDS, Sent};
pub use throttle::{Budget, Throttle, spend};
pub use upload::{FileState, FileView, Upload};
pub use visit::Visit;

use crate::{
    clock::Clock, config::PublicOrigin, files::Files, identity::Logins, jobs, mail::Post, store::Store, tenant::Tenants,
};

/// Everything that lives as long as the process.
#[derive(Debug)]
pub struct Portal {
    pub tenants: Arc<Tenants>,
    pub store: Store,
    pub logins: Logins,
    pub clock: Clock,
    pub cache: PageCache,
    pub frames: Frames,
    pub throttle: Throttle,
    pub public: PublicOrigin,
    /// For `security.txt`; the town's own help address otherwise.
    pub security_contact: Option<String>,
    /// How mails leave the house.
    pub post: Post,
    /// Where files lie, and who scans them.
    pub files: Files,
    /// How the jobs of its towns are done.
    pub kinds: jobs::Kinds,
    /// Takes no submissions.
    pub read_only: bool,
}
