//! `portal tenant ready`: everything between a town and its first day, what depends on the installation included.

use rustls::{
    client::verify_server_name,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
    server::ParsedCertificate,
};

use crate::{
    config::File,
    tenant::{Approval, Authority, Gap, Readiness, Topic},
};

/// How the portal meets the world, as far as a town's first day depends on it.
#[derive(Debug, Default)]
pub struct Installation {
    certificate: Option<CertificateDer<'static>>,
    /// What `portal.yaml` says about it: the file of the certificate.
    named: Option<String>,
    behind_proxy: bool,
}

impl Installation {
    /// A certificate that cannot be read covers nothing; `serve` says why.
    pub fn of(settings: &File) -> Self {
        let file = settings.tls.as_ref().map(|tls| &tls.certificate);
        Self {
            certificate: file.and_then(|file| CertificateDer::from_pem_file(file).ok()),
            named: file.map(|file| file.display().to_string()),
            behind_proxy: !settings.trusted_proxies.is_empty(),
        }
    }

    fn covers(&self, host: &Authority) -> bool {
        let certificate = self.certificate.as_ref().and_then(|der| ParsedCertificate::try_from(der).ok());
        let name = ServerName::try_from(host.as_str()).ok();
        certificate.zip(name).is_some_and(|(certificate, name)| verify_server_name(&certificate, &name).is_ok())
    }
}

/// All gaps of a town, in the order of their topics.
pub fn gaps(id: &str, readiness: &Readiness, installation: &Installation) -> Vec<Gap> {
    let mut gaps = readiness.gaps.clone();
    gaps.extend(readiness.texts.iter().filter(|text| text.state != Approval::Given).map(|text| Gap {
        topic: Topic::Texts,
        at: text.at.clone(),
        message: match text.state {
            Approval::Outdated => format!("`{}` has changed since it was approved", text.path),
            _ => format!("`{}` is not approved", text.path),
        },
        hint: format!("read it, then `portal tenant approve {id} {} --by …`", text.path),
    }));
    gaps.extend(readiness.hosts.first().filter(|host| !is_real(host)).map(|host| Gap {
        topic: Topic::Host,
        at: readiness.hosts_at.clone(),
        message: format!("`{host}` is a name for trying out"),
        hint: format!("`portal tenant rename-host {id} portal.your-town.de`"),
    }));
    gaps.extend(no_certificate(readiness, installation));
    gaps
}

fn no_certificate(readiness: &Readiness, installation: &Installation) -> Option<Gap> {
    let bare: Vec<String> =
        readiness.hosts.iter().filter(|host| !installation.covers(host)).map(|host| format!("`{host}`")).collect();
    let (message, hint) = match &installation.named {
        None if installation.behind_proxy => return None,
        Some(_) if bare.is_empty() => return None,
        Some(file) => (
            format!("`{file}` does not cover {}", bare.join(", ")),
            "have a certificate issued for all names of the town",
        ),
        None => (
            "`portal.yaml` names no certificate and no proxy that has one".to_owned(),
            "`tls: {certificate: …, key: …}`, or `trusted_proxies:` where a proxy ends TLS",
        ),
    };
    Some(Gap { topic: Topic::Certificate, at: readiness.hosts_at.clone(), message, hint: hint.into() })
}

/// Names that no registry gives away (RFC 6761), and names within one house.
fn is_real(host: &Authority) -> bool {
    const RESERVED: [&str; 7] = ["localhost", "example", "test", "invalid", "local", "internal", "home.arpa"];
    let name = host.as_str();
    let below = |end: &str| name.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    let documentation = ["example.com", "example.net", "example.org"];
    name.contains('.')
        && name.parse::<std::net::IpAddr>().is_err()
        && !RESERVED.into_iter().chain(documentation).any(below)
}
