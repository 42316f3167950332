//! The certificate: whether it works, until when, and for whom.

use std::fs;

use jiff::Timestamp;
use rustls::{
    client::verify_server_name,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
    server::ParsedCertificate,
};
use x509_parser::parse_x509_certificate;

use super::{Finding, House, error, ok, shown, some, warning};
use crate::{
    config,
    tenant::{Authority, schema::Status},
    web::front_door::{Certificate, TlsFiles},
};

const SOON: i64 = 21;
const DAY: i64 = 24 * 60 * 60;

pub(super) fn certificate(house: &House) -> Vec<Finding> {
    let Some(tls) = &house.settings.tls else { return Vec::new() };
    let files = TlsFiles { cert: tls.certificate.clone(), key: tls.key.clone() };
    if let Err(cause) = Certificate::load(files) {
        let hint = "`tls:` in `portal.yaml` names the files of the certificate and its key";
        return vec![error(cause.to_string()).hint(hint)];
    }
    let place = shown(&tls.certificate);
    let chain = chain(tls);
    let Some(own) = chain.first() else { return Vec::new() };
    let mut found = vec![match validity(own) {
        Some((from, until)) => dates(house.wall, from, until),
        None => error("its dates cannot be read"),
    }];
    found.extend(trust(&chain));
    found.extend(names(house, own));
    found.into_iter().map(|one| one.at(&place)).collect()
}

fn chain(tls: &config::Tls) -> Vec<CertificateDer<'static>> {
    let pem = fs::read(&tls.certificate).unwrap_or_default();
    CertificateDer::pem_slice_iter(&pem).flatten().collect()
}

fn validity(own: &CertificateDer) -> Option<(Timestamp, Timestamp)> {
    let (_, parsed) = parse_x509_certificate(own).ok()?;
    let moment = |time: x509_parser::time::ASN1Time| Timestamp::from_second(time.timestamp()).ok();
    let dates = parsed.validity();
    Some((moment(dates.not_before)?, moment(dates.not_after)?))
}

fn dates(now: Timestamp, from: Timestamp, until: Timestamp) -> Finding {
    let renew = "renew it; the portal takes the new files by itself";
    let day = until.strftime("%F");
    let left = days_left(now, until);
    if until < now {
        error(format!("has expired on {day}")).hint(renew)
    } else if from > now {
        error(format!("is valid only from {} on", from.strftime("%F"))).hint("look at the clock of this machine")
    } else if left < SOON {
        warning(format!("expires on {day}, in {left} days")).hint(renew)
    } else {
        ok(format!("belongs to its key and is valid until {day}"))
    }
}

pub(super) fn days_left(now: Timestamp, until: Timestamp) -> i64 {
    (until.as_second() - now.as_second()) / DAY
}

/// Browsers fill gaps of a chain, other programs do not.
fn trust(chain: &[CertificateDer]) -> Option<Finding> {
    let (_, own) = parse_x509_certificate(chain.first()?).ok()?;
    if own.issuer() == own.subject() {
        let hint = "for citizens use one of an authority that browsers know";
        return Some(warning("is signed by itself, so browsers warn everybody").hint(hint));
    }
    (chain.len() == 1).then(|| {
        warning("comes without the certificate of its issuer")
            .hint("the file holds the chain: its own first, then the issuer's")
    })
}

/// Hosts that are not named in it: those of live towns are errors.
fn names(house: &House, own: &CertificateDer) -> Vec<Finding> {
    let Ok(parsed) = ParsedCertificate::try_from(own) else { return vec![error("its names cannot be read")] };
    let is_covered = |host: &&Authority| {
        ServerName::try_from(host.as_str()).is_ok_and(|name| verify_server_name(&parsed, &name).is_ok())
    };
    let missing = |is_live: bool| {
        let towns = house.towns.iter().filter(move |town| (town.status() == Status::Live) == is_live);
        towns.flat_map(|town| &town.hosts).filter(|host| !is_covered(host)).collect::<Vec<_>>()
    };
    let hint = "a certificate that names every host, or a proxy with one for each";
    let told = |hosts: &[&Authority]| format!("does not name {}", some(hosts));
    let (live, other) = (missing(true), missing(false));
    let live_told = (!live.is_empty()).then(|| error(told(&live)).hint(hint));
    let other_told =
        (!other.is_empty()).then(|| warning(format!("{}, of towns that are not live yet", told(&other))).hint(hint));
    let found: Vec<Finding> = live_told.into_iter().chain(other_told).collect();
    if found.is_empty() { vec![ok("names every host of every town")] } else { found }
}
