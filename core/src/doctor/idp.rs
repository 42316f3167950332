//! Login providers: whether each has what it takes, whether its keys can be read, and until when its certificates hold.

use jiff::Timestamp;
use portal_saml::{Certificate, KeyPair, RECOMMENDED_BITS};

use super::{Finding, House, Level, certificate::days_left, count, disk::others_may, error, note, ok, warning};
use crate::{
    config::{PublicOrigin, secret::SecretRef},
    identity::oidc::Client,
    tenant::{
        Tenant,
        schema::{CertificateFile, KeyFiles, Oidc, Provider, ProviderKind, Status},
    },
};

/// An exchange of keys takes weeks: the provider has to take the new one before the old one ends.
const SOON: i64 = 60;

/// Looks at one provider of a town, without asking anybody outside.
pub fn provider(town: &Tenant, provider: &Provider, origin: &PublicOrigin, wall: Timestamp) -> Vec<Finding> {
    let missing: Vec<String> = provider.missing().iter().map(|field| format!("`{field}`")).collect();
    let mut found = vec![if missing.is_empty() {
        ok("has everything it needs")
    } else {
        warning(format!("cannot log anybody in without {}", missing.join(", ")))
            .hint("`tenants/README.md` shows what belongs into `identity.yaml`")
    }];
    found[0].check = "fields";
    match provider.kind {
        ProviderKind::Bundid | ProviderKind::Saml => found.extend(saml(town, provider, origin, wall)),
        ProviderKind::Oidc => {
            found.extend(provider.client_secret.as_ref().map(secret));
            found.extend(provider.client_secret.as_ref().and_then(open_to_all).map(|finding| finding.of("secret")));
        }
        ProviderKind::Local => {}
        ProviderKind::Simulator => {
            found.push(note("lets anybody log in as anybody; take it out before the town goes live").of("simulator"))
        }
    }
    found
}

/// Asks a provider for its description; `None` where it has none to ask for.
pub async fn description(provider: &Provider, client: &Client) -> Option<Finding> {
    let Oidc { issuer, .. } = provider.oidc()?;
    let found = match client.discover(issuer).await {
        Ok(_) => ok("describes itself"),
        Err(cause) => {
            let hint = "`issuer` is written exactly as the provider writes it, and the portal has to reach it";
            error(cause.to_string()).hint(hint)
        }
    };
    Some(found.at(issuer).of("issuer"))
}

/// What the doctor tells: one line where all is well, otherwise what is not. Nobody outside is asked, and towns that are not
/// live yet make no installation ill.
pub(super) fn logins(house: &House) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut all = 0;
    let origin = house.settings.public.clone().unwrap_or_default();
    for town in &house.towns {
        for one in town.providers() {
            all += 1;
            let findings = provider(town, one, &origin, house.wall).into_iter();
            let findings = findings.chain(unreachable(one, house));
            found.extend(findings.filter(|finding| finding.level >= Level::Warning).map(|finding| Finding {
                level: if town.status() == Status::Live { finding.level } else { Level::Note },
                message: format!("`{}` of `{}`, {}: {}", one.id, town.id, finding.check, finding.message),
                ..finding
            }));
        }
    }
    if found.is_empty() {
        found.push(ok(format!("{} have what they need", count(all, "login provider"))));
    }
    found
}

/// Whoever registers waits for a mail.
fn unreachable(provider: &Provider, house: &House) -> Option<Finding> {
    let found = error("lets people register, and the mail they have to confirm reaches nobody").of("mail");
    let is_unreachable = provider.is_own_account() && house.settings.mail.smtp.is_none();
    is_unreachable.then(|| found.hint("name the mail server in `portal.yaml`: `smtps://USER@HOST:465`"))
}

fn saml(town: &Tenant, provider: &Provider, origin: &PublicOrigin, wall: Timestamp) -> Vec<Finding> {
    let metadata = format!("{}/saml/{}/metadata", origin.of(town.canonical_host()), provider.id);
    let mut found = vec![
        ok(format!("the provider knows the portal as `{}`", town.entity_id(provider))).of("entity id"),
        ok("is what the provider is to be given").at(metadata).of("metadata"),
    ];
    let theirs = provider.certificates.iter().map(|file| (file, certificate(file, wall)));
    let theirs: Vec<(&CertificateFile, Finding)> = theirs.collect();
    // while a key is exchanged, one of two may be over already
    let is_bridged = theirs.iter().any(|(_, one)| one.level == Level::Ok);
    found.extend(theirs.into_iter().map(|(file, one)| {
        let level = if is_bridged && one.level > Level::Note { Level::Note } else { one.level };
        Finding { level, ..one }.at(&file.path).of("certificate")
    }));
    for pair in provider.signing_keys.iter().chain(&provider.decryption_keys) {
        found.push(certificate(&pair.certificate, wall).at(&pair.certificate.path).of("certificate"));
        found.push(key(pair).at(&pair.key).of("key"));
        found.extend(open_to_all(&pair.key).map(|finding| finding.of("key")));
    }
    let signs =
        |pair: &KeyFiles| provider.signing_keys.iter().any(|signing| signing.certificate.pem == pair.certificate.pem);
    found.extend(
        provider
            .decryption_keys
            .iter()
            .find(|pair| signs(pair))
            .map(|pair| warning("signs and decrypts").at(&pair.certificate.path).hint("one key for each").of("key")),
    );
    found
}

fn certificate(file: &CertificateFile, wall: Timestamp) -> Finding {
    let certificate = match Certificate::from_pem(&file.pem) {
        Ok(certificate) => certificate,
        Err(cause) => return error(cause.to_string()),
    };
    let (bits, day) = (certificate.bits(), certificate.not_after().strftime("%F"));
    let renew = "the next one has to be there before: both may stand in `identity.yaml`";
    if certificate.not_after() < wall {
        error(format!("has expired on {day}")).hint(renew)
    } else if certificate.not_before() > wall {
        note(format!("is valid only from {} on", certificate.not_before().strftime("%F")))
    } else if days_left(wall, certificate.not_after()) < SOON {
        warning(format!("expires on {day}, in {} days", days_left(wall, certificate.not_after()))).hint(renew)
    } else if bits < RECOMMENDED_BITS {
        warning(format!("has an RSA key of {bits} bits")).hint(format!("at least {RECOMMENDED_BITS} (BSI TR-02102-1)"))
    } else {
        ok(format!("is valid until {day}, RSA {bits}"))
    }
}

fn key(pair: &KeyFiles) -> Finding {
    let secret = match pair.key.read() {
        Ok(secret) => secret,
        Err(cause) => return error(cause.reason).hint(cause.hint),
    };
    match KeyPair::from_pem(secret.text().unwrap_or_default(), &pair.certificate.pem) {
        Ok(_) => ok(format!("belongs to `{}`", pair.certificate.path)),
        Err(cause) => {
            error(cause.to_string()).hint(format!("the private key of `{}`, in PEM form", pair.certificate.path))
        }
    }
}

/// A secret in a file that every user of the machine may read.
pub(super) fn open_to_all(place: &SecretRef) -> Option<Finding> {
    let SecretRef::File(path) = place else { return None };
    let found = warning("may be read by everybody on this machine").at(place);
    others_may(path, 0o004).then(|| found.hint(format!("`chmod 600 {}`", path.display())))
}

fn secret(place: &SecretRef) -> Finding {
    let found = match place.read() {
        Ok(_) => ok("can be read"),
        Err(cause) => error(cause.reason).hint(cause.hint),
    };
    found.at(place).of("secret")
}
