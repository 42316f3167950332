//! The package: what was applied for, for machines and for people, with hashes and a signature, in one ZIP file.

use aws_lc_rs::{digest, signature::Ed25519KeyPair};
use rustls::pki_types::{PrivatePkcs8KeyDer, pem::PemObject};
use serde_json::{Value, json};

use super::{Delivery, spelling::spelled, xml::Xml};
use crate::{
    cases::{self, Case, Field},
    config::secret::SecretRef,
    error::{self, Error},
    files::Packed,
    jobs::Failed,
    pack::{Entry, entry, zipped},
    tenant::schema::{Destination, Spelling},
    web::Visit,
};

/// Of the files in it; another number would be another agreement.
const FORMAT: &str = "portal-package/1";

/// The folder in it for what the person attached.
pub(super) const FILES: &str = "files";

pub(super) struct Package {
    /// `LOE-2026-483921-7.zip`
    pub name: String,
    pub bytes: Vec<u8>,
    /// Of the bytes.
    pub sha256: String,
}

/// Packs a case for its destination; the same case gives the same bytes.
pub(super) fn of(
    visit: &Visit,
    delivery: &Delivery,
    case: &Case,
    to: &Destination,
    mut attached: Vec<Packed>,
) -> Result<Package, Failed> {
    let key = to.key.as_ref().ok_or_else(|| Failed::ForNow("the destination has no key".into()))?;
    let key = signing_key(key)?;
    attached.iter_mut().for_each(|it| it.path = spelled(&it.path, to.spelling).into_owned());
    let made = entries(visit, delivery, case, to.spelling).and_then(|entries| {
        let manifest = manifest(visit, delivery, case, to, (&entries, &attached))?;
        let signature = key.sign(&manifest).as_ref().to_vec();
        let signed = [entry("manifest.json", manifest), entry("manifest.json.sig", signature)];
        zipped(entries.into_iter().chain(attached.into_iter().filter_map(Packed::entry)).chain(signed))
    });
    let bytes = made.map_err(|error| {
        tracing::error!(tenant = %visit.tenant.id, %error, "a package could not be made");
        Failed::ForNow("the package could not be made, the log says why".into())
    })?;
    Ok(Package { name: format!("{}.zip", case.number), sha256: sha256(&bytes), bytes })
}

fn entries(visit: &Visit, delivery: &Delivery, case: &Case, spelling: Spelling) -> error::Result<Vec<Entry>> {
    let application = application(visit, delivery, case, spelling);
    let mut json = serde_json::to_string_pretty(&application).map_err(Error::internal)?;
    if spelling != Spelling::Din91379 {
        json = in_ascii(&json);
    }
    Ok(vec![
        entry("application.json", json.into_bytes()),
        entry("application.xml", xml(&application, spelling != Spelling::Din91379)),
        // as the person wrote it, whatever the other side can read
        entry("application.pdf", cases::doors::pdf_copy(visit, case)?),
    ])
}

fn manifest(
    visit: &Visit,
    delivery: &Delivery,
    case: &Case,
    to: &Destination,
    (entries, attached): (&[Entry], &[Packed]),
) -> error::Result<Vec<u8>> {
    let made = entries
        .iter()
        .map(|entry| json!({"name": entry.name, "bytes": entry.bytes.len(), "sha256": sha256(&entry.bytes)}));
    // the hash of each was taken while it came in, and its seal has just been checked
    let kept = attached.iter().filter(|it| it.content.is_some()).map(|it| {
        json!({"name": it.path, "bytes": it.file.size, "sha256": it.file.details.sha256, "scan": it.file.state.word()})
    });
    let files: Vec<Value> = made.chain(kept).collect();
    let left_out: Vec<Value> = attached
        .iter()
        .filter(|it| it.content.is_none())
        .map(|it| json!({"name": it.path, "sha256": it.file.details.sha256, "scan": it.file.state.word()}))
        .collect();
    let manifest = json!({
        "format": FORMAT,
        "id": delivery.id,
        "town": visit.tenant.id.as_str(),
        "destination": to.id,
        "number": case.number,
        "ordered": delivery.created.to_string(),
        "files": files,
        "left_out": left_out,
    });
    serde_json::to_vec_pretty(&manifest).map_err(Error::internal)
}

/// What was applied for. Where the spelling changes an answer, `original` has it as the person wrote it.
fn application(visit: &Visit, delivery: &Delivery, case: &Case, spelling: Spelling) -> Value {
    let application = &case.application;
    let write = |text: &str| spelled(text, spelling).into_owned();
    let sections: Vec<Value> = application
        .sections
        .iter()
        .map(|section| {
            let fields: Vec<Value> = section.fields.iter().map(|field| answer(field, spelling)).collect();
            json!({"id": section.id, "title": write(&section.title), "fields": fields})
        })
        .collect();
    json!({
        "format": FORMAT,
        "id": delivery.id,
        "number": case.number,
        "town": write(&visit.tenant.town.full_name),
        "service": application.service,
        "form": application.form,
        "title": write(&application.title),
        "submitted": case.submitted.to_string(),
        "language": application.original.as_ref().map_or("de", |original| original.locale.as_str()),
        "spelling": spelling,
        "identity": application.identity,
        "sections": sections,
    })
}

fn answer(field: &Field, spelling: Spelling) -> Value {
    let (value, shown) = (rewritten(&field.value, spelling), spelled(&field.shown, spelling));
    let is_same = value == field.value && shown == field.shown;
    let mut answer = json!({
        "id": field.id,
        "label": spelled(&field.label, spelling),
        "kind": field.kind,
        "value": value,
        "shown": shown,
        "source": field.source,
    });
    if !is_same {
        answer["original"] = json!({"value": field.value, "shown": field.shown});
    }
    answer
}

/// Every text in it.
fn rewritten(value: &Value, spelling: Spelling) -> Value {
    match value {
        Value::String(text) => spelled(text, spelling).into(),
        Value::Array(values) => values.iter().map(|value| rewritten(value, spelling)).collect(),
        Value::Object(parts) => parts
            .iter()
            .map(|(name, part)| (name.clone(), rewritten(part, spelling)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        value => value.clone(),
    }
}

/// Outside ASCII letters are written by their numbers: JSON means the same, and no program stumbles over bytes.
fn in_ascii(json: &str) -> String {
    let mut units = [0; 2];
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c.is_ascii() {
            true => out.push(c),
            false => c.encode_utf16(&mut units).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}"))),
        }
    }
    out
}

/// The same document for programs that read XML.
fn xml(application: &Value, plain: bool) -> Vec<u8> {
    let said = |value: &'_ Value| value.as_str().unwrap_or_default().to_owned();
    let mut xml = Xml::new(plain);
    let names = ["format", "id", "number", "service", "form", "submitted", "language", "spelling"];
    let values: Vec<(&str, String)> = names.iter().map(|name| (*name, said(&application[*name]))).collect();
    let mut attributes = vec![("xmlns", "urn:portal:package:1")];
    attributes
        .extend(values.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| (*name, value.as_str())));
    xml.open("application", &attributes);
    xml.leaf("town", &[], &said(&application["town"]));
    xml.leaf("title", &[], &said(&application["title"]));
    if let Some(proof) = application["identity"].as_object() {
        let of = |name: &str| proof.get(name).map(said).unwrap_or_default();
        xml.leaf("identity", &[("level", &of("level")), ("method", &of("method"))], &of("provider"));
    }
    for section in application["sections"].as_array().into_iter().flatten() {
        xml.open("section", &[("id", &said(&section["id"])), ("title", &said(&section["title"]))]);
        for field in section["fields"].as_array().into_iter().flatten() {
            let [id, label, kind, source] = ["id", "label", "kind", "source"].map(|name| said(&field[name]));
            xml.open("field", &[("id", &id), ("label", &label), ("kind", &kind), ("source", &source)]);
            value_of(&mut xml, &[], &field["value"]);
            xml.leaf("shown", &[], &said(&field["shown"]));
            if let Some(original) = field.get("original") {
                xml.open("original", &[]);
                value_of(&mut xml, &[], &original["value"]);
                xml.leaf("shown", &[], &said(&original["shown"]));
                xml.close("original");
            }
            xml.close("field");
        }
        xml.close("section");
    }
    xml.close("application");
    xml.into_bytes()
}

/// A `value` for each answer; that of an address for each of its parts, with its name.
fn value_of(xml: &mut Xml, attributes: &[(&str, &str)], value: &Value) {
    match value {
        Value::Null => {}
        Value::Array(values) => values.iter().for_each(|value| value_of(xml, attributes, value)),
        Value::Object(parts) => parts.iter().for_each(|(name, part)| value_of(xml, &[("part", name)], part)),
        Value::String(text) => xml.leaf("value", attributes, text),
        other => xml.leaf("value", attributes, &other.to_string()),
    }
}

/// Ed25519 in PEM form, as `openssl genpkey -algorithm ed25519` makes it.
fn signing_key(place: &SecretRef) -> Result<Ed25519KeyPair, Failed> {
    let pem = place.read().map_err(|error| Failed::ForNow(error.to_string()))?;
    let key = PrivatePkcs8KeyDer::from_pem_slice(pem.bytes()).ok();
    let pair = key.and_then(|key| Ed25519KeyPair::from_pkcs8_maybe_unchecked(key.secret_pkcs8_der()).ok());
    pair.ok_or_else(|| Failed::ForNow(format!("`{place}` is no Ed25519 key in PEM form")))
}

fn sha256(bytes: &[u8]) -> String {
    digest::digest(&digest::SHA256, bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
