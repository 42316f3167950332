//! The files of a town as types: what may stand in them, under which names. `tenants/README.md` shows them by example.

mod approved;
mod condition;
mod content;
mod destination;
mod expect;
mod form;
mod identity;
mod in_order;
mod mail;
mod office;
mod overrides;
mod partial;
mod regime;
mod responsible;
mod retired;
mod service;
mod staff;
mod start;
mod town;
mod words;

pub use approved::{Approval, Approved};
pub use condition::{Clause, Condition, Range, Test};
pub use content::{Faq, FaqEntry, Page, PageHead, Topic};
pub(super) use destination::Misfit;
pub use destination::{Destination, DestinationKind, SftpServer, Spelling};
pub use expect::{Expect, Promise};
pub use form::{Choice, Day, OnlineForm, Prefill, Question, QuestionKind, Repeat, Step, Term, Tone};
pub use identity::{
    CertificateFile, Identity, KeyFiles, LevelWords, Login, Moving, Oidc, People, Phase, Provider, ProviderKind, Saml,
    SecondMailbox, StaffClaims, Stage,
};
pub use in_order::InOrder;
pub use mail::Sender;
pub use office::{Hours, Office, OfficeKind, Offices};
pub use overrides::Accepted;
pub use regime::{CountsFrom, LetterPurpose, LetterTemplate, Regime, Weekend};
pub use responsible::Responsible;
pub use retired::{Retired, RetiredTerm};
pub use service::{Document, Fee, FormFile, LegalBasis, Level, Online, OnlineKind, Service, State};
pub use staff::{Department, Permission, Role, Staff};
pub use start::{Category, Level as NoticeLevel, Notice, Notices, Situation, Start, Tile};
pub use town::{
    Accessibility, Address, Cases, Forms, Help, ItProvider, Link, Mention, Person, Picks, Place, Status, Town,
};
pub use words::{LeikaKey, Words};

use std::{fs, io, path::Path};

use schemars::{Schema, schema_for};

/// The JSON Schema of a kind of file, for editors; the kinds are those of [`KINDS`].
pub fn json_schema(kind: &str) -> Option<Schema> {
    let schema = match kind {
        "tenant" => schema_for!(Town),
        "approved" => schema_for!(Approved),
        "service" => schema_for!(Service),
        "form" => schema_for!(OnlineForm),
        "regimes" => schema_for!(std::collections::BTreeMap<String, Regime>),
        "letters" => schema_for!(std::collections::BTreeMap<String, LetterTemplate>),
        "offices" => schema_for!(std::collections::BTreeMap<String, Office>),
        "identity" => schema_for!(Identity),
        "start" => schema_for!(Start),
        "categories" => schema_for!(std::collections::BTreeMap<String, Category>),
        "situations" => schema_for!(std::collections::BTreeMap<String, Situation>),
        "notices" => schema_for!(Notices),
        "redirects" => schema_for!(std::collections::BTreeMap<String, String>),
        "faq" => schema_for!(Faq),
        "expect" => schema_for!(Expect),
        "retired" => schema_for!(Retired),
        "overrides" => schema_for!(Vec<Accepted>),
        "theme" => schema_for!(crate::theme::tokens::Tokens),
        _ => return None,
    };
    Some(partial::of_file(schema, lone_list(kind)))
}

/// The list that a file of this kind mostly is: its name may be left out.
pub fn lone_list(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "expect" => "promises",
        "faq" => "entries",
        "identity" => "providers",
        "notices" => "notices",
        "retired" => "terms",
        "start" => "tiles",
        _ => return None,
    })
}

/// All kinds in one document, each under its name in `$defs`.
pub fn all_json_schemas() -> serde_json::Value {
    let kinds = KINDS.iter().filter_map(|kind| Some(((*kind).to_owned(), json_schema(kind)?.to_value())));
    serde_json::json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Files of a town",
        "$defs": kinds.collect::<serde_json::Map<_, _>>(),
    })
}

/// Writes all schemas into a folder, where the lines `# yaml-language-server: $schema=…` of the files look for them.
pub fn write_all(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for kind in KINDS {
        let schema = json_schema(kind).expect("every kind has a schema");
        fs::write(folder.join(format!("{kind}.json")), serde_json::to_string_pretty(&schema)? + "\n")?;
    }
    Ok(())
}

/// Kinds of files that have a schema.
pub const KINDS: &[&str] = &[
    "tenant",
    "approved",
    "service",
    "form",
    "regimes",
    "letters",
    "offices",
    "identity",
    "start",
    "categories",
    "situations",
    "notices",
    "redirects",
    "faq",
    "expect",
    "retired",
    "overrides",
    "theme",
];

/// Only for the schema: one name, or a list of names.
#[derive(schemars::JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "the loader follows `extends` on the nodes, where the places are")]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}
