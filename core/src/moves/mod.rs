//! A change of provider: what lies in an account of the old one is taken over into one of the new one (promises P12, P13).
//!
//! Invariant: nothing moves because two addresses are equal. Who takes over an account has asked for it in a running
//! session, has opened the link that went to the address of the old account in that same session, and is by name and date of
//! birth the person the old account knows. Whether there is an old account nobody learns but who reads its mails.

pub mod doors;
mod look;
pub mod pages;
mod records;
mod retire;
mod take_over;
mod undo;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use look::{DAY, LASTS, MAILS};
pub use look::{LOOK, Wanted, work};
pub(crate) use records::STATEMENTS;
pub use records::{has_moved, lapse, moved_into, moved_to, undoable_until};
pub use retire::{Retiring, Swept, open_into, retiring, sweep};
pub use take_over::{NotTakenOver, take_over};
pub use undo::{Listed, list, undo};

use crate::identity::person::Contact;

/// What went from one account to the other, and what the new one had before: enough to undo it.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Moved {
    cases: Vec<Uuid>,
    drafts: Vec<Uuid>,
    threads: Vec<Uuid>,
    contact_before: Contact,
    notify_before: bool,
}
