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

static PROVIDER: LazyLock<Keys> = LazyLock::new(Keys::long);
static PORTAL: LazyLock<Keys> = LazyLock::new(Keys::long);

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
    const ROOM: usize = 190_000;
    let response = |inside: &str| sign(&Says::good().response(inside), PSS_SHA256, &STRANGER);
    let filled = |one: fn(usize) -> String| {
        (0..).map(one).scan(0, |sum, text| {
            *sum += text.len();
            (*sum < ROOM - 6_000).then_some(text)
        })
    };
    let attributes: String = filled(|n| format!(" a{n}=\"\"")).collect();
    let spaces: String = filled(|n| format!(" xmlns:a{n}=\"u\"")).collect();
    let elements: String = filled(|_| "<a/>".into()).collect();
    let used: String = filled(|n| format!("<a{n}:b xmlns:a{n}=\"u\"/>")).collect();
    let info = |inside: &str| response("").replacen("<ds:Reference", &format!("{inside}<ds:Reference"), 1);
    let prefixes = |list: &str| {
        format!(
            "<ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"><e:InclusiveNamespaces xmlns:e=\"http://www.w3.org/2001/10/xml-exc-c14n#\" PrefixList=\"{list}\"/>"
        )
    };
    let half = |text: &str| text[..ROOM / 2].rsplit_once(' ').expect("spaces").0.to_owned();
    let many_used = half(&spaces) + &format!("><x>{}</x></a", "<b/>".repeat(ROOM / 10));
    vec![
        ("20,000 attributes", info(&format!("<a{attributes}/>"))),
        ("15,000 namespaces", info(&format!("<a{spaces}/>"))),
        ("45,000 elements", info(&elements)),
        ("8,000 namespaces in use", info(&used)),
        ("7,000 namespaces over 19,000 elements", info(&format!("<a{many_used}>"))),
        (
            "25,000 prefixes",
            response("").replacen(
                "<ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>",
                &(prefixes(&filled(|n| format!("a{n} ")).collect::<String>()) + "</ds:CanonicalizationMethod>"),
                1,
            ),
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
