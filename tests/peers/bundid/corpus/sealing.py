"""Encryption that is missing, too weak, for somebody else, or broken."""

import base64
import os

from answer import make, twin
from corpus import bad
from dom import el, find
from names import (
    AES128_CBC,
    AES128_GCM,
    AES192_GCM,
    AES256_CBC,
    AES256_GCM,
    MGF1_SHA1,
    OAEP_11,
    RSA_15,
    SHA1,
    TRIPLE_DES,
    XENC,
)
from seal import Sealing, seal

bad("clear", "not encrypted at all", lambda world: make(world, content=lambda parts, assertion: [assertion]))
bad(
    "clear-bare",
    "not encrypted, response not signed",
    lambda world: make(world, content=lambda parts, assertion: [assertion], sign_response=None),
    signed=False,
)
bad("no-assertion", "success, but nobody is named", lambda world: make(world, content=lambda parts, _: []))

DOWNGRADES = {
    "aes128-cbc": Sealing(AES128_CBC),
    "aes256-cbc": Sealing(AES256_CBC),
    "tripledes-cbc": Sealing(TRIPLE_DES),
    "aes192-gcm": Sealing(AES192_GCM),
    "rsa-1_5": Sealing(transport=RSA_15),
    "rsa-1_5-aes128-cbc": Sealing(AES128_CBC, RSA_15),
    "oaep11-sha1": Sealing(transport=OAEP_11, digest=SHA1, mask=MGF1_SHA1),
    "key-too-short": Sealing(AES128_GCM, claimed_cipher=AES256_GCM),
    "key-too-long": Sealing(AES256_GCM, claimed_cipher=AES128_GCM),
    "cipher-unknown": Sealing(AES256_GCM, claimed_cipher=XENC + "aes256-gcm"),
    "cipher-nameless": Sealing(AES256_GCM, claimed_cipher=" "),
}
for name, how in DOWNGRADES.items():
    for signed in (True, False):
        bad(
            f"sealed-{name}" + ("" if signed else "-bare"),
            f"encrypted with {name}",
            lambda world, how=how, signed=signed: make(world, sealing=how, sign_response="yes" if signed else None),
            signed=signed,
        )

bad(
    "sealed-for-another-tenant",
    "encrypted for another tenant's key",
    lambda world: make(world, recipient=world.stranger.certificate),
)

DATA = "saml:EncryptedAssertion/xenc:EncryptedData"
KEY = DATA + "/ds:KeyInfo/xenc:EncryptedKey"


def changed(path, change, signed=False):
    """The encrypted assertion is changed; the response is signed over the change (`signed`) or not at all."""

    def build(world):
        def step(response):
            change(find(response, path))

        return make(world, dress=step, sign_response="yes" if signed else None)

    return build


def bytes_changed(change):
    def step(element):
        element.text = base64.b64encode(change(base64.b64decode(element.text))).decode()

    return step


def text(value):
    def step(element):
        element.text = value

    return step


def flip(at):
    def change(data):
        data = bytearray(data)
        data[at] ^= 1
        return bytes(data)

    return change


CIPHER, WRAPPED = DATA + "/xenc:CipherData/xenc:CipherValue", KEY + "/xenc:CipherData/xenc:CipherValue"
BROKEN = {
    "tag-flipped": (CIPHER, bytes_changed(flip(-1))),
    "nonce-flipped": (CIPHER, bytes_changed(flip(0))),
    "text-flipped": (CIPHER, bytes_changed(flip(40))),
    "cut": (CIPHER, bytes_changed(lambda data: data[:-20])),
    "nonce-only": (CIPHER, bytes_changed(lambda data: data[:12])),
    "tag-missing": (CIPHER, bytes_changed(lambda data: data[:20])),
    "empty": (CIPHER, text("")),
    "no-base64": (CIPHER, text("§§§")),
    "key-flipped": (WRAPPED, bytes_changed(flip(100))),
    "key-cut": (WRAPPED, bytes_changed(lambda data: data[:-1])),
    "key-long": (WRAPPED, bytes_changed(lambda data: data + b"\0")),
    "key-zeros": (WRAPPED, bytes_changed(lambda data: bytes(len(data)))),
    "key-ones": (WRAPPED, bytes_changed(lambda data: b"\xff" * len(data))),
    "key-random": (WRAPPED, bytes_changed(lambda data: os.urandom(len(data)))),
    "key-empty": (WRAPPED, text("")),
    "key-no-base64": (WRAPPED, text("****")),
    "no-key": (KEY, lambda key: key.getparent().remove(key)),
    "no-keyinfo": (KEY, lambda key: key.getparent().getparent().remove(key.getparent())),
    "no-method": (DATA, lambda data: data.remove(data[0])),
    "no-data": (DATA, lambda data: data.getparent().remove(data)),
    "reference": (
        DATA + "/xenc:CipherData",
        lambda data: data.getparent().replace(
            data, el("xenc:CipherData", el("xenc:CipherReference", URI="http://127.0.0.1:9/cipher"))
        ),
    ),
    "two-keys": (KEY, lambda key: key.addnext(twin(key))),
    "two-data": (DATA, lambda data: data.addnext(twin(data))),
    "as-content": (DATA, lambda data: data.set("Type", XENC + "Content")),
}  # fmt: skip
for name, (path, change) in BROKEN.items():
    signed = name in ("two-keys", "two-data", "no-method", "reference")
    bad(f"broken-{name}", f"the encryption is broken: {name}", changed(path, change, signed), signed=signed)


def plain(data):
    """Something else than an assertion inside the encryption."""
    return lambda world: make(
        world, after=lambda assertion: data if isinstance(data, bytes) else data(world, assertion)
    )


def twice(world, assertion):
    from dom import octets

    inner = seal(octets(assertion), world.recipients[0])
    return octets(inner)


INSIDE = {
    "nothing": b"",
    "text": "Guten Tag".encode(),
    "no-xml": b"<saml:Assertion",
    "no-utf8": b"\xff\xfe\x00\x00<a/>",
    "other-element": b'<saml:Advice xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"/>',
    "undeclared-prefix": b"<saml:Assertion/>",
    "closes-wrapper": b'</saml:EncryptedAssertion><saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"/><x>',
    "encrypted-again": twice,
    "response": lambda world, _: make(world),
}
for name, data in INSIDE.items():
    bad(f"inside-{name}", f"inside the encryption: {name}", plain(data))
