//! The operator's settings: `portal.yaml`, over it the environment (`PORTAL_…`), over it the command line.

pub mod files;
pub mod mail;
pub mod rates;
pub mod secret;

use std::{net::SocketAddr, path::PathBuf};

use ipnet::IpNet;
use serde::Deserialize;

use crate::yaml::{At, Problem, decode, read};

/// The file `portal.yaml`; every field may be absent.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    pub tenants: Option<PathBuf>,
    pub themes: Option<PathBuf>,
    pub data: Option<PathBuf>,
    /// `postgres://ROLE@HOST/NAME`, `sqlite:FILE`, or `file:PATH` or `env:NAME` where that stands.
    pub database: Option<String>,
    /// The owner of the tables, if the portal is to bring them up to date when it starts (PostgreSQL).
    pub migrate_as: Option<String>,
    /// `file:PATH` or `env:NAME`.
    pub master_key: Option<String>,
    /// How many generations are kept.
    pub generations: Option<usize>,
    pub listen: Option<SocketAddr>,
    pub ops: Option<SocketAddr>,
    pub now: Option<String>,
    pub read_only: Option<bool>,
    pub tls: Option<Tls>,
    pub public: Option<Public>,
    /// Addresses whose `X-Forwarded-*` headers are believed: `10.0.0.0/8` or one address.
    #[serde(default)]
    pub trusted_proxies: Vec<String>,
    #[serde(default)]
    pub limits: Limits,
    #[serde(default)]
    pub log: Log,
    #[serde(default)]
    pub mail: mail::Mail,
    #[serde(default)]
    pub files: files::Settings,
    /// Where people report security problems; every town's `security.txt` names it.
    pub security_contact: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// How the towns are reached from outside; never taken from a request.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Public {
    /// `https` or `http`.
    pub scheme: String,
    /// Only where it is not the scheme's own.
    pub port: Option<u16>,
}

impl Default for Public {
    fn default() -> Self {
        Self { scheme: "https".into(), port: None }
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Open connections at once.
    pub connections: Option<usize>,
    /// Open connections of one address.
    pub connections_per_address: Option<usize>,
    /// Bytes of the page cache.
    pub cache_bytes: Option<u64>,
    /// Seconds that requests in flight get at shutdown.
    pub drain_seconds: Option<u64>,
    /// Bytes of the largest file that citizens and clerks can hand over.
    pub upload: Option<u64>,
    /// How often one connection may do what costs us or others: `{login: 20/1m}`.
    pub rates: rates::Rates,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// `text` or `json`.
    pub format: Option<String>,
    /// `error`, `warn`, `info`, `debug` or a filter such as `info,portal::web=debug`.
    pub level: Option<String>,
}

impl File {
    /// Reads `portal.yaml`; a missing file is an empty one only where nobody asked for it by name.
    pub fn load(path: &std::path::Path, asked_for: bool) -> Result<Self, Problem> {
        let shown = path.display().to_string();
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !asked_for => return Ok(Self::default()),
            Err(error) => return Err(Problem::new(&At::start_of(&shown), format!("cannot be read: {error}"))),
        };
        let node = read(&shown, &bytes)?;
        if node.is_null() {
            return Ok(Self::default());
        }
        let file: Self = decode(&node)?;
        let place = |path: &str| node.find(path).map_or_else(|| node.at.clone(), |value| value.at.clone());
        if let Some(public) = file.public.as_ref().filter(|it| !matches!(it.scheme.as_str(), "http" | "https")) {
            let message = format!("has the scheme `{}`", public.scheme);
            return Err(Problem::new(&place("public.scheme"), message).hint("`http` or `https`"));
        }
        file.proxies().map_err(|wrong| {
            let message = format!("trusts `{wrong}`, which is no address");
            Problem::new(&place("trusted_proxies"), message).hint("`10.0.0.0/8` or `192.0.2.7`")
        })?;
        if file.mail.is_open() {
            let message = "would send mails over the network without encryption";
            return Err(Problem::new(&place("mail.tls"), message).hint("`tls: none` is for a server on this machine"));
        }
        if file.files.s3.as_ref().is_some_and(files::S3::is_open) {
            let message = "would send files over the network without encryption";
            return Err(Problem::new(&place("files.s3.endpoint"), message).hint("`https://…`"));
        }
        Ok(file)
    }

    /// The trusted proxies as networks; the text of the first that is none otherwise.
    pub fn proxies(&self) -> Result<Vec<IpNet>, String> {
        let parse = |text: &String| {
            let network = text.parse::<IpNet>().ok();
            network.or_else(|| text.parse::<std::net::IpAddr>().map(IpNet::from).ok()).ok_or_else(|| text.clone())
        };
        self.trusted_proxies.iter().map(parse).collect()
    }
}

/// How a town is reached from outside, for links that leave the page: redirects, sitemaps, mails.
#[derive(Debug, Clone)]
pub struct PublicOrigin {
    pub scheme: String,
    pub port: Option<u16>,
    /// Towns are named by their preview host: a rehearsal must not send anybody to the portal that is live.
    pub previews: bool,
}

impl PublicOrigin {
    /// `https://portal.example.de`: where the links of a town lead.
    pub fn of_town(&self, tenant: &crate::tenant::Tenant) -> String {
        let preview = tenant.preview_hosts.first().filter(|_| self.previews);
        self.of(preview.unwrap_or(tenant.canonical_host()))
    }

    /// `https://portal.example.de`
    pub fn of(&self, host: &crate::tenant::Authority) -> String {
        match self.port {
            Some(port) => format!("{}://{host}:{port}", self.scheme),
            None => format!("{}://{host}", self.scheme),
        }
    }
}

impl Default for PublicOrigin {
    fn default() -> Self {
        Self::from(&Public::default())
    }
}

impl From<&Public> for PublicOrigin {
    fn from(public: &Public) -> Self {
        Self { scheme: public.scheme.clone(), port: public.port, previews: false }
    }
}
