//! TLS from files that change while the door is open.

use std::{path::PathBuf, sync::Arc, time::Duration};

use portal::web::front_door::{BindError, Certificate, FrontDoor, Limits, Renewal, TlsError, TlsFiles, Transport};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tempfile::TempDir;
use tokio::{io::AsyncWriteExt, net::TcpStream, time::timeout};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::house::{Door, PATIENCE, SHORT, assert_status, http2, patient, received, request, until_closed};

/// A folder with a certificate, as an operator has it.
struct Folder(TempDir);

struct Pair {
    cert: String,
    key: String,
}

fn pair() -> Pair {
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["ostrau.example".to_owned()]).unwrap();
    Pair { cert: cert.pem(), key: signing_key.serialize_pem() }
}

impl Folder {
    fn with(pair: &Pair) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        folder.write(&pair.cert, &pair.key);
        folder
    }

    fn write(&self, cert: &str, key: &str) {
        std::fs::write(self.cert(), cert).unwrap();
        std::fs::write(self.key(), key).unwrap();
    }

    fn cert(&self) -> PathBuf {
        self.0.path().join("cert.pem")
    }

    fn key(&self) -> PathBuf {
        self.0.path().join("key.pem")
    }

    fn files(&self) -> TlsFiles {
        TlsFiles { cert: self.cert(), key: self.key() }
    }
}

async fn door(folder: &Folder, limits: Limits) -> (Door, Certificate) {
    let mut certificate = None;
    let door = Door::with(limits, Transport::Tls(folder.files()), |door| {
        certificate = door.certificate();
        door
    });
    (door.await, certificate.unwrap())
}

/// Connects trusting exactly this certificate; `None` when the door shows another one.
async fn connect(door: &Door, trusted: &Pair, alpn: &[&str]) -> Option<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(trusted.cert.as_bytes()).unwrap()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    let name = ServerName::try_from("ostrau.example").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, door.peer().await).await.ok()
}

#[tokio::test]
async fn both_versions_speak_over_tls() {
    let shown = pair();
    let folder = Folder::with(&shown);
    let (door, _) = door(&folder, patient()).await;

    let mut stream = connect(&door, &shown, &["http/1.1"]).await.unwrap();
    stream.write_all(b"GET /who HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.unwrap();
    let heard = until_closed(&mut stream).await;
    assert_status(&heard, 200);
    assert!(heard.contains("scheme=https"), "{heard}");

    let stream = connect(&door, &shown, &["h2", "http/1.1"]).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
    let mut requests = http2(stream).await;
    let (response, _) = requests.send_request(request("/who"), true).unwrap();
    let (status, text) = received(response).await;
    assert!(status == 200 && text.contains("scheme=https"), "{text}");
}

#[tokio::test]
async fn a_refusal_arrives_over_tls_too() {
    let shown = pair();
    let folder = Folder::with(&shown);
    let (door, _) = door(&folder, patient()).await;
    let mut stream = connect(&door, &shown, &["http/1.1"]).await.unwrap();
    stream.write_all(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 70000\r\n\r\nabc").await.unwrap();
    assert_status(&until_closed(&mut stream).await, 413);
}

#[tokio::test]
async fn a_handshake_has_a_deadline() {
    let folder = Folder::with(&pair());
    let (door, _) = door(&folder, Limits { handshake: SHORT, ..patient() }).await;
    assert_eq!(door.hears("").await, "");
    assert_eq!(door.hears([22, 3, 1, 2, 0, 1]).await, "");
}

#[tokio::test]
async fn silence_after_the_handshake_has_one_too() {
    let shown = pair();
    let folder = Folder::with(&shown);
    let (door, _) = door(&folder, Limits { first_byte: SHORT, ..patient() }).await;
    for alpn in ["h2", "http/1.1"] {
        let mut stream = connect(&door, &shown, &[alpn]).await.unwrap();
        assert_eq!(until_closed(&mut stream).await, "");
    }
}

#[tokio::test]
async fn a_new_certificate_is_shown_after_a_reload() {
    let (old, new) = (pair(), pair());
    let folder = Folder::with(&old);
    let (door, certificate) = door(&folder, patient()).await;
    assert_eq!(certificate.reload().unwrap(), Renewal::Unchanged);
    folder.write(&new.cert, &new.key);
    assert_eq!(certificate.reload().unwrap(), Renewal::Replaced);
    assert!(connect(&door, &new, &[]).await.is_some());
    assert!(connect(&door, &old, &[]).await.is_none());
}

#[tokio::test]
async fn a_new_certificate_is_noticed() {
    let (old, new) = (pair(), pair());
    let folder = Folder::with(&old);
    let (door, _) = door(&folder, Limits { certificate_check: Duration::from_millis(20), ..patient() }).await;
    assert!(connect(&door, &old, &[]).await.is_some());
    folder.write(&new.cert, &new.key);
    let noticed = async { while connect(&door, &new, &[]).await.is_none() {} };
    timeout(PATIENCE, noticed).await.expect("the files are watched");
}

#[tokio::test]
async fn a_broken_certificate_changes_nothing() {
    let (old, new) = (pair(), pair());
    let folder = Folder::with(&old);
    let (door, certificate) = door(&folder, Limits { certificate_check: Duration::from_millis(20), ..patient() }).await;
    let breaks = [
        (new.cert.as_str(), old.key.as_str(), "does not belong to"),
        ("", &old.key, "cert.pem` holds no certificate"),
        (
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            &old.key,
            "cert.pem` is not a usable certificate",
        ),
        (&old.cert, "nonsense", "key.pem` holds no usable private key"),
    ];
    for (cert, key, told) in breaks {
        folder.write(cert, key);
        let error = certificate.reload().unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
        assert!(connect(&door, &old, &[]).await.is_some(), "{told}");
    }
    std::fs::remove_file(folder.key()).unwrap();
    assert!(matches!(certificate.reload(), Err(TlsError::Unreadable { path, .. }) if path == folder.key()));
    assert!(connect(&door, &old, &[]).await.is_some());
}

#[tokio::test]
async fn a_door_without_a_working_certificate_does_not_open() {
    let (one, other) = (pair(), pair());
    let folder = Folder::with(&Pair { cert: one.cert, key: other.key });
    let addr = ([127, 0, 0, 1], 0).into();
    let bound = FrontDoor::bind(addr, Transport::Tls(folder.files()), patient()).await;
    assert!(matches!(bound.err(), Some(BindError::Tls(TlsError::Mismatch { .. }))));
}
