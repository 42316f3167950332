//! Every statement of the house, so that a test can prepare all of them on both databases.
//!
//! Invariant: whoever writes `statements!` stands in one of these lists; a test counts the files.

use crate::{
    audit, cases, delivery, desk, files, forms, identity, jobs, keeping, mailbox, moves, staff,
    store::{self, PlatformSql, Sql},
    web,
};

/// What is asked of a town's data.
pub const OF_TOWNS: &[&[Sql]] = &[
    store::STATEMENTS,
    identity::STATEMENTS,
    identity::OF_LOCAL,
    identity::OF_OWN_DATA,
    audit::STATEMENTS,
    jobs::STATEMENTS,
    staff::STATEMENTS,
    keeping::STATEMENTS,
    cases::STATEMENTS,
    delivery::STATEMENTS,
    forms::STATEMENTS,
    mailbox::STATEMENTS,
    mailbox::OF_DECISIONS,
    mailbox::OF_COPIES,
    desk::STATEMENTS,
    files::STATEMENTS,
    desk::OF_LOOKS,
    desk::OF_PROPOSALS,
    desk::OF_SUBSTITUTES,
    web::OF_ONCE,
    moves::STATEMENTS,
];

/// What is asked of the platform's.
pub const OF_PLATFORM: &[&[PlatformSql]] =
    &[store::PLATFORM_STATEMENTS, jobs::OF_CLAIMS, jobs::OF_THE_DESK, identity::switch::PLATFORM_STATEMENTS];
