//! What a provider has to know about us.

use uppsala::XmlWriter;

use crate::names::{
    AES128_GCM, AES256_GCM, DS, HTTP_POST, MD, MGF1_SHA256, OAEP, OAEP_MGF1P, SAMLP, SHA256, TRANSIENT, XENC11,
};
use crate::{ServiceProvider, signing};

/// The metadata of a town's portal. It has neither an end (`validUntil`) nor an `ID` nor a signature, because BundID
/// wants none of them: it is handed over once, by hand, and again before a key is changed. All keys of a roll-over stand
/// in it.
pub fn metadata(sp: &ServiceProvider) -> String {
    let mut xml = XmlWriter::new();
    xml.write_declaration();
    xml.start_element("md:EntityDescriptor", &[("xmlns:md", MD), ("entityID", &sp.entity_id)]);
    let wishes =
        [("AuthnRequestsSigned", "true"), ("WantAssertionsSigned", "true"), ("protocolSupportEnumeration", SAMLP)];
    xml.start_element("md:SPSSODescriptor", &wishes);
    for key in &sp.signing {
        xml.start_element("md:KeyDescriptor", &[("use", "signing")]);
        xml.raw(&signing::key_info(key.certificate()));
        xml.end_element("md:KeyDescriptor");
    }
    for key in &sp.decryption {
        xml.start_element("md:KeyDescriptor", &[("use", "encryption")]);
        xml.raw(&signing::key_info(key.certificate()));
        encryption_methods(&mut xml);
        xml.end_element("md:KeyDescriptor");
    }
    xml.start_element("md:NameIDFormat", &[]);
    xml.text(TRANSIENT);
    xml.end_element("md:NameIDFormat");
    let acs = [("Binding", HTTP_POST), ("Location", sp.acs.as_str()), ("index", "0"), ("isDefault", "true")];
    xml.empty_element("md:AssertionConsumerService", &acs);
    xml.end_element("md:SPSSODescriptor");
    xml.end_element("md:EntityDescriptor");
    xml.into_string()
}

/// What may come encrypted to us, the best first: providers choose by this list.
fn encryption_methods(xml: &mut XmlWriter) {
    for cipher in [AES256_GCM, AES128_GCM] {
        xml.empty_element("md:EncryptionMethod", &[("Algorithm", cipher)]);
    }
    xml.start_element("md:EncryptionMethod", &[("Algorithm", OAEP)]);
    xml.empty_element("ds:DigestMethod", &[("xmlns:ds", DS), ("Algorithm", SHA256)]);
    xml.empty_element("xenc11:MGF", &[("xmlns:xenc11", XENC11), ("Algorithm", MGF1_SHA256)]);
    xml.end_element("md:EncryptionMethod");
    xml.empty_element("md:EncryptionMethod", &[("Algorithm", OAEP_MGF1P)]);
}
