//! Step 7, last part: what the provider tells about the person.

use crate::names::{AKDB, SAML};
use crate::xml::Element;
use crate::{Attribute, Level, Rejected};

pub(super) fn read(assertion: Element<'_>) -> Result<Vec<Attribute>, Rejected> {
    let mut attributes: Vec<Attribute> = Vec::new();
    for element in assertion.one(SAML, "AttributeStatement")?.children() {
        if !element.is(SAML, "Attribute") {
            return Err(Rejected::Shape("AttributeStatement"));
        }
        let attribute = one(element)?;
        // Two of one name would leave it to each reader which of them counts.
        if attributes.iter().any(|other| other.name == attribute.name) {
            return Err(Rejected::Shape("Attribute"));
        }
        attributes.push(attribute);
    }
    Ok(attributes)
}

fn one(attribute: Element<'_>) -> Result<Attribute, Rejected> {
    let values: Vec<_> = attribute.named(SAML, "AttributeValue").collect();
    let has_markup = values.iter().any(|value| value.children().next().is_some());
    let raw_xml = has_markup.then(|| values.iter().map(|value| value.canonical(None, &[])).collect());
    Ok(Attribute {
        name: attribute.required("Name")?.to_owned(),
        values: values.iter().map(|value| value.all_text()).collect(),
        trust: attribute.attribute_ns(AKDB, "TrustLevel").and_then(Level::of_trust),
        raw_xml: raw_xml.transpose()?,
    })
}
