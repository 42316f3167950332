"""XML signatures, written out by hand: the attacks need forms that no signing library makes.

That the honest form is right, signxml says: `mint` has it verify every good response.
"""

import base64
import copy
import hashlib
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import padding

from dom import all_of, canonical, el
from names import (
    ENVELOPED,
    EXCLUSIVE,
    HMAC_SHA1,
    HMAC_SHA256,
    PSS_SHA1,
    PSS_SHA256,
    RSA_SHA1,
    RSA_SHA256,
    RSA_SHA512,
    SHA1,
    SHA256,
)

HASHES = {SHA1: "sha1", SHA256: "sha256"}
PKCS1 = {RSA_SHA1: hashes.SHA1(), RSA_SHA256: hashes.SHA256(), RSA_SHA512: hashes.SHA512()}
PSS = {PSS_SHA1: hashes.SHA1(), PSS_SHA256: hashes.SHA256()}
HMAC = {HMAC_SHA1: hashes.SHA1(), HMAC_SHA256: hashes.SHA256()}


@dataclass(frozen=True)
class Part:
    """One reference. What is not given is done as it should be."""

    uri: str | None = None
    data: bytes | None = None  # what is digested
    transforms: tuple = ()  # elements ds:Transform


def transform(algorithm, *children):
    return el("ds:Transform", *children, Algorithm=algorithm)


def inclusive(prefixes):
    """The hint that these prefixes count although no name uses them, as OpenSAML gives it for `xs`."""
    from lxml import etree

    return etree.Element(f"{{{EXCLUSIVE}}}InclusiveNamespaces", PrefixList=prefixes, nsmap={"ec": EXCLUSIVE})


def digest_of(data, digest=SHA256):
    return base64.b64encode(hashlib.new(HASHES[digest], data).digest()).decode()


def seal_of(data, key, method):
    """The signature value over `data`; for HMAC `key` is bytes."""
    if method in HMAC:
        mac = hmac.HMAC(key, HMAC[method])
        mac.update(data)
        value = mac.finalize()
    elif method in PSS:
        salt = padding.PSS(padding.MGF1(PSS[method]), PSS[method].digest_size)
        value = key.sign(data, salt, PSS[method])
    else:
        value = key.sign(data, padding.PKCS1v15(), PKCS1[method])
    return base64.b64encode(value).decode()


def sign(target, key, certificate=None, *, method=RSA_SHA256, digest=SHA256, parts=(Part(),), key_info=None, at=None):
    """Signs `target` and puts the signature behind its issuer. Gives back the signature.

    `certificate` (DER) goes into KeyInfo unless `key_info` says something else; `at` is another place among the children.
    """
    info = el(
        "ds:SignedInfo",
        el("ds:CanonicalizationMethod", Algorithm=EXCLUSIVE),
        el("ds:SignatureMethod", Algorithm=method),
        *(reference(target, part, digest) for part in parts),
    )
    if key_info is None and certificate is not None:
        key_info = x509(certificate)
    signature = el("ds:Signature", info, el("ds:SignatureValue"), key_info)
    if at is None:
        at = 1 if all_of(target, "saml:Issuer") else 0
    target.insert(at, signature)
    signature[1].text = seal_of(canonical(info), key, method)
    return signature


def reference(target, part, digest):
    transforms = part.transforms or (transform(ENVELOPED), transform(EXCLUSIVE))
    data = canonical(target) if part.data is None else part.data
    return el(
        "ds:Reference",
        el("ds:Transforms", *(copy.deepcopy(one) for one in transforms)),
        el("ds:DigestMethod", Algorithm=digest),
        el("ds:DigestValue", digest_of(data, digest)),
        URI="#" + target.get("ID", "") if part.uri is None else part.uri,
    )


def x509(certificate):
    text = base64.b64encode(certificate).decode()
    return el("ds:KeyInfo", el("ds:X509Data", el("ds:X509Certificate", text)))
