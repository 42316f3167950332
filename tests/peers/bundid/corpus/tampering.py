"""Signatures that were right once: what they cover was changed, they were moved, doubled, or hold what they should not."""

from lxml import etree

from answer import Step, make
from corpus import bad
from dom import all_of, canonical, el, find, octets
from names import AKDB, HMAC_SHA256
from sign import Part, digest_of, seal_of, sign

# The signature's own shape


def second_signature(pair_name, at, reference):
    """A second signature; `reference` says whether it covers the assertion or the subject."""

    def build(world):
        def after(assertion):
            pair = getattr(world, pair_name)
            first = find(assertion, "ds:Signature")
            assertion.remove(first)
            Step(pair)(assertion)
            second = find(assertion, "ds:Signature")
            assertion.insert(1 if at == "behind" else 2, first)
            if reference == "inside":
                find(assertion, "saml:Subject").append(second)

        return make(world, after=after)

    return build


bad(
    "two-signatures-attacker-first",
    "the attacker's signature before the honest one",
    second_signature("attacker", "before", ""),
)
bad(
    "two-signatures-attacker-last",
    "the attacker's signature behind the honest one",
    second_signature("attacker", "behind", ""),
)
bad("two-signatures-honest", "two honest signatures", second_signature("signing", "behind", ""))
bad("two-signatures-inside", "another signature in the subject", second_signature("signing", "behind", "inside"))


def two_on_response(world):
    def wreck(response):
        Step(world.attacker)(response)

    return make(world, wreck=wreck)


bad("two-signatures-response", "the response carries two signatures", two_on_response)


def changed(path, change, where="assertion"):
    """The signed thing is changed afterwards."""

    def build(world):
        def step(element):
            change(find(element, path))

        return make(world, **({"after": step} if where == "assertion" else {"wreck": step}))

    return build


def say(text):
    def change(element):
        element.text = text

    return change


bad("changed-name", "the subject was changed after it was signed", changed("saml:Subject/saml:NameID", say("_other")))
bad(
    "changed-attribute",
    "an attribute was changed",
    changed("saml:AttributeStatement/saml:Attribute[1]/saml:AttributeValue", say("Mallory")),
)
bad(
    "changed-trust",
    "the trust of an attribute was changed",
    changed(
        "saml:AttributeStatement/saml:Attribute[@FriendlyName='mail']",
        lambda element: element.set(f"{{{AKDB}}}TrustLevel", "HOCH"),
    ),
)
bad(
    "changed-response",
    "the destination of the signed response was changed to ours",
    lambda world: make(
        world,
        dress=lambda response: response.set("Destination", "https://elsewhere.example/acs"),
        wreck=lambda response: response.set("Destination", world.acs),
    ),
)
VALUE = "ds:Signature/ds:SignatureValue"
bad("signature-empty", "the signature's value is empty", changed(VALUE, say("")))
bad("signature-zeros", "the signature's value is zeros", changed(VALUE, say("AAAA" * 128)))
bad("signature-no-base64", "the signature's value is no base64", changed(VALUE, say("*" * 512)))
bad(
    "signature-cut",
    "the signature's value is cut short",
    changed(VALUE, lambda element: say(element.text[:-8])(element)),
)
bad("signature-response-empty", "the response's signature is empty", changed(VALUE, say(""), "response"))


def digest_of_nothing(world):
    return make(world, sign_assertion=Step(world.signing, parts=(Part(data=b""),)))


bad("digest-of-nothing", "the digest is that of no bytes: what a failed canonicalisation gives", digest_of_nothing)


def comment_in_digest(world):
    """What reads the text before a comment sees the forged digest, what canonicalises sees the signed one."""

    def after(assertion):
        value = find(assertion, "ds:Signature/ds:SignedInfo/ds:Reference/ds:DigestValue")
        honest_digest = value.text
        find(assertion, "saml:Subject/saml:NameID").text = "_other"
        bare = etree.fromstring(octets(assertion))
        bare.remove(find(bare, "ds:Signature"))
        value.text = digest_of(canonical(bare))
        comment = etree.Comment("x")
        comment.tail = honest_digest
        value.append(comment)

    return make(world, after=after)


def comment_hides_digest(world):
    def after(assertion):
        value = find(assertion, "ds:Signature/ds:SignedInfo/ds:Reference/ds:DigestValue")
        bare = etree.fromstring(octets(assertion))
        bare.remove(find(bare, "ds:Signature"))
        find(bare, "saml:Subject/saml:NameID").text = "_other"
        comment = etree.Comment(digest_of(canonical(bare)))
        comment.tail, value.text = value.text, None
        value.append(comment)
        find(assertion, "saml:Subject/saml:NameID").text = "_other"

    return make(world, after=after)


bad("comment-after-digest", "a forged digest, then a comment, then the honest one", comment_in_digest)
bad("comment-before-digest", "the forged digest stands in a comment before the honest one", comment_hides_digest)


def two_signed_infos(order):
    """One SignedInfo is what was signed, the other is what is read."""

    def build(world):
        def after(assertion):
            signature = find(assertion, "ds:Signature")
            honest_info = signature[0]
            find(assertion, "saml:Subject/saml:NameID").text = "_other"
            bare = etree.fromstring(octets(assertion))
            bare.remove(find(bare, "ds:Signature"))
            forged = etree.fromstring(octets(honest_info))
            find(forged, "ds:Reference/ds:DigestValue").text = digest_of(canonical(bare))
            signature.insert(0 if order == "forged-first" else 1, forged)

        return make(world, after=after)

    return build


bad("two-signedinfo-forged-first", "a forged SignedInfo before the signed one", two_signed_infos("forged-first"))
bad("two-signedinfo-forged-last", "a forged SignedInfo behind the signed one", two_signed_infos("forged-last"))


def digest_elsewhere(world):
    """A DigestValue outside the signature, for those who search for the first one."""

    def after(assertion):
        find(assertion, "saml:Subject/saml:NameID").text = "_other"
        bare = etree.fromstring(octets(assertion))
        bare.remove(find(bare, "ds:Signature"))
        advice = el("saml:Advice", el("ds:DigestValue", digest_of(canonical(bare))))
        find(assertion, "saml:Conditions").addnext(advice)

    return make(world, after=after)


bad("digest-elsewhere", "another DigestValue stands in Advice", digest_elsewhere)


def object_in_signature(world):
    def after(assertion):
        find(assertion, "ds:Signature").append(el("ds:Object", el("saml:NameID", "_other")))

    return make(world, after=after)


bad("object-in-signature", "the signature carries an object that nobody signed", object_in_signature)


def truncated_hmac(world):
    """HMACOutputLength says that eight bits are enough."""

    def step(target):
        signature = sign(target, b"", world.signing.der, method=HMAC_SHA256)
        method = find(signature, "ds:SignedInfo/ds:SignatureMethod")
        method.append(el("ds:HMACOutputLength", "8"))
        signature[1].text = seal_of(canonical(signature[0]), b"", HMAC_SHA256)[:2] + "=="

    return make(world, sign_assertion=step)


bad("hmac-eight-bits", "an HMAC cut to eight bits", truncated_hmac)


def moved_within(world):
    def after(assertion):
        find(assertion, "saml:Conditions").append(find(assertion, "ds:Signature"))

    return make(world, after=after)


bad("signature-in-conditions", "the assertion's signature stands in its conditions", moved_within)
bad(
    "signature-of-response-only-attacker",
    "an honest assertion in a response that the attacker wrote and did not sign, to another request",
    lambda world: make(
        world,
        wreck=lambda response: (
            [response.remove(part) for part in all_of(response, "ds:Signature")]
            and response.set("InResponseTo", "_other")
        ),
    ),
    signed=False,
)
