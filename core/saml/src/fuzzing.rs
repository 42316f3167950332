//! What the fuzz target reaches into: the steps behind the keys, without having to own one.

use crate::{Expected, IdentityProvider, Rejected, ServiceProvider, accept, xml};

/// Runs everything that reads XML over any text.
pub fn read(sp: &ServiceProvider, idp: &IdentityProvider, expected: &Expected<'_>, text: &str) -> Result<(), Rejected> {
    let document = xml::parse(text)?;
    accept::fuzzing(xml::root(&document)?, sp, idp, expected);
    Ok(())
}
