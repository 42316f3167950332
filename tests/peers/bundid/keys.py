"""Keys with their certificates, made once and kept in a folder."""

import datetime
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Pair:
    key: object
    certificate: x509.Certificate

    @property
    def der(self):
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self):
        return self.certificate.public_bytes(serialization.Encoding.PEM)


def make(name):
    """A fresh RSA key of 3072 bits with a certificate of its own."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.datetime(2020, 1, 1))
        .not_valid_after(datetime.datetime(2049, 12, 31))
        .sign(key, hashes.SHA256())
    )
    return Pair(key, certificate)


def kept(folder, name):
    """The pair `name.key`, `name.crt` of this folder; made when it is not there."""
    key_file, certificate_file = folder / f"{name}.key", folder / f"{name}.crt"
    if certificate_file.exists():
        key = serialization.load_pem_private_key(key_file.read_bytes(), None)
        return Pair(key, x509.load_pem_x509_certificate(certificate_file.read_bytes()))
    folder.mkdir(parents=True, exist_ok=True)
    pair = make(name)
    pem = serialization.Encoding.PEM
    key_file.write_bytes(pair.key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    certificate_file.write_bytes(pair.pem)
    return pair
