"""Signatures that are missing, of somebody else, too weak, or over something else."""

import base64

from cryptography.hazmat.primitives import serialization
from lxml import etree

from answer import Step, make
from corpus import bad
from dom import canonical, el, find, new_id
from names import (
    BASE64,
    DS,
    ENVELOPED,
    EXCLUSIVE,
    HMAC_SHA1,
    HMAC_SHA256,
    PSS_SHA1,
    RSA_SHA1,
    RSA_SHA512,
    SHA1,
    XPATH,
    XPATH_FILTER2,
    XSLT,
)
from sign import Part, sign, transform, x509

bad("unsigned-assertion", "only the response is signed", lambda world: make(world, sign_assertion=None))
bad(
    "unsigned-altogether",
    "nothing is signed; everybody can encrypt for us",
    lambda world: make(world, sign_assertion=None, sign_response=None),
    signed=False,
)

# Whose key

for where in ("assertion", "response", "both"):
    bad(
        f"attacker-{where}",
        f"{where} signed by the attacker, whose certificate stands in KeyInfo",
        lambda world, where=where: make(
            world,
            sign_assertion=Step(world.attacker) if where != "response" else "yes",
            sign_response=Step(world.attacker) if where != "assertion" else "yes",
        ),
    )
bad(
    "attacker-borrowed-certificate",
    "signed by the attacker, KeyInfo shows the provider's certificate",
    lambda world: make(world, sign_assertion=Step(world.attacker, certificate=world.signing.der)),
)
bad("retired-key", "signed by a key that is not pinned any more", lambda world: make(world, pair=world.retired_signing))


def key_value(world):
    numbers = world.attacker.key.public_key().public_numbers()

    def text(number):
        return base64.b64encode(number.to_bytes((number.bit_length() + 7) // 8, "big")).decode()

    value = el("ds:RSAKeyValue", el("ds:Modulus", text(numbers.n)), el("ds:Exponent", text(numbers.e)))
    return el("ds:KeyInfo", el("ds:KeyValue", value))


def two_certificates(world):
    info = x509(world.signing.der)
    info[0].append(x509(world.attacker.der)[0][0])
    return info


KEY_INFOS = {
    "bare-key": ("KeyInfo holds the attacker's bare key", key_value),
    "two-certificates": ("KeyInfo shows the provider's and the attacker's certificate", two_certificates),
    "retrieval-url": (
        "KeyInfo says where the key can be fetched",
        lambda world: el("ds:KeyInfo", el("ds:RetrievalMethod", URI="http://127.0.0.1:9/key", Type=DS + "X509Data")),
    ),
    "key-name": ("KeyInfo gives the key a name", lambda world: el("ds:KeyInfo", el("ds:KeyName", "idp"))),
}
for label, (why, info) in KEY_INFOS.items():
    bad(
        f"attacker-{label}",
        f"signed by the attacker; {why}",
        lambda world, info=info: make(world, sign_assertion=Step(world.attacker, key_info=info(world))),
    )

# Which algorithm

for label, method in (("rsa-sha1", RSA_SHA1), ("rsa-sha512", RSA_SHA512), ("pss-sha1", PSS_SHA1)):
    for where in ("assertion", "response"):
        bad(
            f"method-{label}-{where}",
            f"the {where} is signed with {label}",
            lambda world, method=method, where=where: make(
                world,
                **{f"sign_{where}": Step(world.signing, method=method)},
            ),
        )
for where in ("assertion", "response"):
    bad(
        f"digest-sha1-{where}",
        f"the {where} is digested with SHA-1",
        lambda world, where=where: make(world, **{f"sign_{where}": Step(world.signing, digest=SHA1)}),
    )

PUBLIC_FORMS = {
    "certificate": lambda pair: pair.der,
    "pem": lambda pair: pair.pem,
    "key": lambda pair: pair.key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    ),
    "key-pem": lambda pair: pair.key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ),
}


class Secret:
    """An HMAC, its secret being what everybody knows."""

    def __init__(self, world, form, method):
        self.secret, self.der, self.method = PUBLIC_FORMS[form](world.signing), world.signing.der, method

    def __call__(self, target):
        return sign(target, self.secret, self.der, method=self.method)


for form in PUBLIC_FORMS:
    bad(
        f"hmac-{form}",
        f"HMAC with the provider's public {form} for a secret",
        lambda world, form=form: make(world, sign_assertion=Secret(world, form, HMAC_SHA256)),
    )
bad(
    "hmac-empty-sha1",
    "HMAC-SHA1 with the public certificate on both",
    lambda world: make(
        world,
        sign_assertion=Secret(world, "certificate", HMAC_SHA1),
        sign_response=Secret(world, "certificate", HMAC_SHA1),
    ),
)


def unknown_method(value):
    def build(world):
        def after(assertion):
            find(assertion, "ds:Signature/ds:SignedInfo/ds:SignatureMethod").set("Algorithm", value)

        return make(world, after=after)

    return build


bad("method-none", "an algorithm that says none", unknown_method("none"))
bad("method-missing", "an algorithm without a name", unknown_method(""))

# Over what


def parted(*parts, **more):
    """The assertion signed over these references."""

    def build(world):
        def step(target):
            made = tuple(part(target) if callable(part) else part for part in parts)
            Step(world.signing, parts=made, **more)(target)

        return make(world, sign_assertion=step)

    return build


honest = Part()
bad("reference-empty-uri", "the reference means the whole document, whatever that is", parted(Part(uri="")))
bad("reference-two", "two references, both right", parted(honest, honest))
bad(
    "reference-two-subject",
    "a second reference, to an element within",
    parted(honest, lambda target: Part(uri="#other", data=canonical(find(target, "saml:Subject")))),
)
bad(
    "reference-other-id",
    "the signature covers the subject only",
    lambda world: make(
        world,
        before=lambda assertion: find(assertion, "saml:Subject").set("ID", "_subject"),
        sign_assertion=lambda target: Step(
            world.signing, parts=(Part(uri="#_subject", data=canonical(find(target, "saml:Subject"))),)
        )(target),
    ),
)
bad("reference-unknown-id", "the signature covers an ID that is nowhere", parted(Part(uri="#" + new_id())))
bad("reference-remote", "the signature covers a file elsewhere", parted(Part(uri="http://127.0.0.1:9/x", data=b"x")))
bad(
    "reference-xpointer",
    "the ID in another notation",
    parted(lambda target: Part(uri=f"#xpointer(id('{target.get('ID')}'))")),
)
bad("reference-none", "a signature over nothing", parted())

# How it is prepared


def stylesheet():
    return etree.fromstring(
        '<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">'
        '<xsl:output omit-xml-declaration="yes"/><xsl:template match="/"><ok/></xsl:template></xsl:stylesheet>'
    )


def issuer_only(target):
    return canonical(find(target, "saml:Issuer"))


def expression(text, name="ds:XPath", **attributes):
    element = etree.Element(f"{{{DS if name == 'ds:XPath' else XPATH_FILTER2}}}XPath", attributes, nsmap={
        "saml": "urn:oasis:names:tc:SAML:2.0:assertion",
    })  # fmt: skip
    element.text = text
    return element


bad(
    "transform-xslt",
    "a style sheet turns every assertion into the same word",
    parted(Part(data=b"<ok/>", transforms=(transform(ENVELOPED), transform(XSLT, stylesheet())))),
)
bad(
    "transform-xpath",
    "an expression leaves only the issuer to be signed",
    parted(
        lambda target: Part(
            data=issuer_only(target),
            transforms=(
                transform(ENVELOPED),
                transform(XPATH, expression("ancestor-or-self::saml:Issuer")),
                transform(EXCLUSIVE),
            ),
        )
    ),
)
bad(
    "transform-xpath-filter",
    "a filter leaves only the issuer to be signed",
    parted(
        lambda target: Part(
            data=issuer_only(target),
            transforms=(
                transform(ENVELOPED),
                transform(XPATH_FILTER2, expression("//saml:Issuer", "filter", Filter="intersect")),
                transform(EXCLUSIVE),
            ),
        )
    ),
)
bad(
    "transform-base64", "text is decoded before it is digested", parted(Part(data=b"", transforms=(transform(BASE64),)))
)
bad(
    "transform-five",
    "more transforms than the profile allows",
    parted(Part(transforms=(transform(ENVELOPED), *[transform(EXCLUSIVE)] * 4))),
)
bad(
    "transform-not-enveloped",
    "the signature does not take itself out",
    parted(Part(transforms=(transform(EXCLUSIVE),))),
)
