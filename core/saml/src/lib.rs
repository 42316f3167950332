//! SAML 2.0 for towns: it asks an identity provider who somebody is, and believes the answer only if every step of a
//! strict profile holds ([`accept()`]). It knows no tenants, no HTTP and no database: replay is the caller's to refuse,
//! by the ids and the moment a [`Login`] carries.
//!
//! The invariant: whatever is read of an assertion is read from the very bytes whose hash the provider signed. A
//! signature is never looked up by a reference, and keys never come from a message.

mod accept;
pub mod attribute;
mod key;
mod level;
mod login;
mod metadata;
mod names;
mod party;
mod rejected;
mod request;
mod signature;
mod signing;
mod xml;

#[cfg(fuzzing)]
pub use accept::fuzzing;
pub use accept::{Expected, accept};
pub use attribute::Attribute;
pub use key::{Certificate, KeyPair, RECOMMENDED_BITS, UnusableKey};
pub use level::Level;
pub use login::Login;
pub use metadata::metadata;
pub use party::{IdentityProvider, ServiceProvider};
pub use rejected::{Rejected, Signed, StatusCode};
pub use request::{Dialect, Display, Request, SignedRequest};
pub use signing::{SignatureMethod, Unsigned};
