//! Who works at the town hall: the clerks' login, and what their roles allow.
//!
//! Invariant: there is no [`StaffVisit`] without a person of this town who proved two things – the password and the code
//! of an app, or whatever the town's own provider demands – and whose roles stand in the town's file today.

mod colleagues;
mod logins;
pub mod pages;
pub mod password;
mod program;
mod records;
mod sign_in;
mod visit;

pub use colleagues::{Colleague, colleagues};
pub use logins::{Added, Member, NotAdded, add, disable, local_login, members, reset};
pub use program::of_program;
pub(crate) use records::{STATEMENTS, end_all_by};
pub use sign_in::{choose, code, enter, leave, set_up, show};
pub use visit::{Reach, StaffVisit, sweep};

pub(crate) use sign_in::{not_let_in, returned};
