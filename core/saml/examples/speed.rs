//! Prints what an answer costs: CPU time of verifying, decrypting and reading one, with keys of 3072 bits.
//!
//! `cargo run --release -p portal-saml --example speed`

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use portal_saml::{IdentityProvider, Rejected, ServiceProvider, accept};

#[path = "../tests/suite/idp.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod idp;

use idp::*;

static PROVIDER: LazyLock<Keys> = LazyLock::new(|| Keys::of(rcgen::RsaKeySize::_3072));
static PORTAL: LazyLock<Keys> = LazyLock::new(|| Keys::of(rcgen::RsaKeySize::_3072));

fn main() {
    let sp =
        ServiceProvider { entity_id: SP.into(), acs: ACS.into(), signing: vec![], decryption: vec![PORTAL.pair()] };
    let idp = IdentityProvider { certificates: vec![PROVIDER.certificate()], ..there(false) };
    let mut says = Says::good();
    let details: String = (0..16).map(|n| attribute(&format!("urn:oid:1.2.{n}"), "HOCH", "Heidestraße 17")).collect();
    says.attributes = says.attributes.replace("</saml:AttributeStatement>", &(details + "</saml:AttributeStatement>"));
    let sealed = seal(&sign(&says.assertion(), PSS_SHA256, &PROVIDER), Seal { to: || &PORTAL, ..OURS_SEAL });
    let unsigned = says.response(&sealed);
    let signed = sign(&unsigned, PSS_SHA256, &PROVIDER);

    let judge = |message: &str| accept(&sp, &idp, &expected(), message).map(|_| ());
    for (name, xml) in
        [("signed", &signed), ("response not signed", &unsigned), ("forged", &signed.replace("_req", "_Req"))]
    {
        told(name, &STANDARD.encode(xml), judge);
    }
    for (name, xml) in hostile() {
        told(name, &STANDARD.encode(xml), judge);
    }
}

/// Messages as large as allowed that try to keep us busy, none of which holds.
fn hostile() -> Vec<(&'static str, String)> {
    const METHOD: &str = "<ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>";
    let answer = sign(&Says::good().response(""), PSS_SHA256, &STRANGER);
    let signing = |inside: &str| answer.replacen("<ds:Reference", &format!("{inside}<ds:Reference"), 1);
    let filled = |one: fn(usize) -> String, tags: usize| -> String {
        let fits = |sum: &mut usize, text: String| {
            *sum += text.len();
            (*sum < 90_000).then_some(text)
        };
        (0..tags).map(one).scan(0, fits).collect()
    };
    let attributes: String = (0..500).map(|n| format!(" a{n}=\"\"")).collect();
    let spaces: String = (0..500).map(|n| format!(" xmlns:a{n}=\"u\"")).collect();
    let prefixes: String = (0..16).map(|n| format!("a{n} ")).collect();
    let listed = format!(
        "<e:InclusiveNamespaces xmlns:e=\"http://www.w3.org/2001/10/xml-exc-c14n#\" PrefixList=\"{prefixes}\"/>"
    );
    let method = METHOD.replace("/>", &format!(">{listed}</ds:CanonicalizationMethod>"));
    let elements = filled(|_| "<a/>".into(), 2000);
    vec![
        ("many attributes in many tags", signing(&format!("<a{attributes}/>").repeat(19))),
        ("many namespaces in many tags", signing(&format!("<a{spaces}/>").repeat(12))),
        ("many elements", signing(&elements)),
        ("many namespaces in use", signing(&filled(|n| format!("<a{n}:b xmlns:a{n}=\"u\"/>"), 2000))),
        ("many namespaces over many elements", signing(&format!("<a{spaces}>{elements}</a>"))),
        (
            "many prefixes over many elements",
            signing(&format!("<a{spaces}>{elements}</a>")).replacen(METHOD, &method, 1),
        ),
    ]
}

fn told(name: &str, message: &str, judge: impl Fn(&str) -> Result<(), Rejected>) {
    let (mut rounds, before) = (0, cpu_ns());
    let outcome = loop {
        let outcome = judge(message);
        rounds += 1;
        if rounds == 500 || cpu_ns() - before > 1_000_000_000 {
            break outcome;
        }
    };
    let ms = (cpu_ns() - before) as f64 / 1e6 / f64::from(rounds);
    let outcome = outcome.map_or_else(|rejected| rejected.to_string(), |()| "believed".into());
    println!("{name:40} {ms:8.3} ms CPU ({rounds} rounds, {} bytes, {outcome})", message.len());
}

/// What this thread has used of a CPU so far.
fn cpu_ns() -> u64 {
    let told = std::fs::read_to_string("/proc/self/schedstat").expect("Linux");
    told.split(' ').next().and_then(|ns| ns.parse().ok()).expect("nanoseconds")
}
