"""Encrypting an assertion for a service provider, in the forms that are allowed and in those that are not."""

import base64
import os
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

try:
    from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
except ImportError:  # older releases keep it among the others
    TripleDES = algorithms.TripleDES

from dom import el, new_id
from names import (
    AES128_CBC,
    AES128_GCM,
    AES192_GCM,
    AES256_CBC,
    AES256_GCM,
    ELEMENT,
    MGF1_SHA1,
    MGF1_SHA256,
    OAEP_11,
    OAEP_MGF1P,
    RSA_15,
    SHA1,
    SHA256,
    TRIPLE_DES,
    XENC,
)

KEY_BYTES = {AES128_GCM: 16, AES192_GCM: 24, AES256_GCM: 32, AES128_CBC: 16, AES256_CBC: 32, TRIPLE_DES: 24}
HASHES = {SHA1: hashes.SHA1(), SHA256: hashes.SHA256(), MGF1_SHA1: hashes.SHA1(), MGF1_SHA256: hashes.SHA256()}


@dataclass(frozen=True)
class Sealing:
    cipher: str = AES256_GCM
    transport: str = OAEP_11
    digest: str | None = None  # None: what the transport wants; "" leaves the element out
    mask: str | None = None
    key_bytes: int | None = None  # another length than the cipher's
    claimed_cipher: str | None = None  # what the message says instead
    beside: bool = False  # the key stands beside the data, which points to it


def seal(plain, certificate, how=Sealing()):
    """`<saml:EncryptedAssertion>` around these bytes, for the key of this certificate."""
    content_key = os.urandom(how.key_bytes or KEY_BYTES[how.cipher])
    encrypted_key = el(
        "xenc:EncryptedKey",
        transport_method(how),
        value(wrap(content_key, certificate.public_key(), how)),
        Id=new_id(),
    )
    pointer = el("ds:RetrievalMethod", Type=XENC + "EncryptedKey", URI="#" + encrypted_key.get("Id"))
    data = el(
        "xenc:EncryptedData",
        el("xenc:EncryptionMethod", Algorithm=how.claimed_cipher or how.cipher),
        el("ds:KeyInfo", pointer if how.beside else encrypted_key),
        value(encrypt(plain, content_key, how.cipher)),
        Id=new_id(),
        Type=ELEMENT,
    )
    return el("saml:EncryptedAssertion", data, encrypted_key if how.beside else None)


def value(data):
    return el("xenc:CipherData", el("xenc:CipherValue", base64.b64encode(data).decode()))


def transport_method(how):
    method = el("xenc:EncryptionMethod", Algorithm=how.transport)
    digest, mask = hash_names(how)
    if digest and how.transport != RSA_15 and how.digest != "":
        method.append(el("ds:DigestMethod", Algorithm=digest))
    if mask and how.transport == OAEP_11:
        method.append(el("xenc11:MGF", Algorithm=mask))
    return method


def hash_names(how):
    if how.transport == OAEP_MGF1P:
        return how.digest or SHA1, MGF1_SHA1
    return how.digest or SHA256, how.mask or MGF1_SHA256


def wrap(content_key, public_key, how):
    if how.transport == RSA_15:
        return public_key.encrypt(content_key, padding.PKCS1v15())
    digest, mask = hash_names(how)
    return public_key.encrypt(content_key, padding.OAEP(padding.MGF1(HASHES[mask]), HASHES[digest], None))


def encrypt(plain, key, cipher):
    if cipher in (AES128_GCM, AES192_GCM, AES256_GCM):
        nonce = os.urandom(12)
        return nonce + AESGCM(key).encrypt(nonce, plain, None)
    block = 8 if cipher == TRIPLE_DES else 16
    start, fill = os.urandom(block), block - len(plain) % block
    algorithm = TripleDES(key) if cipher == TRIPLE_DES else algorithms.AES(key)
    encryptor = Cipher(algorithm, modes.CBC(start)).encryptor()
    return start + encryptor.update(plain + bytes(fill - 1) + bytes([fill])) + encryptor.finalize()
