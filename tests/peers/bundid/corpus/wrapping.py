"""Signature wrapping: the signed element stands somewhere, and another one is meant to be read.

The eight variants of Somorovsky et al., "On Breaking SAML" (2012), numbered as testers number them – on the response, on
assertions in clear, and inside the encryption.
"""

from answer import Facts, Step, assertion_of, make, refusal, response_of, twin
from corpus import bad
from dom import all_of, el, find, new_id, octets, read
from names import STATUS
from seal import seal

PUBLISHED = {
    1: "the original stands inside its own signature, which now hangs on the forgery",
    2: "the original stands beside the signature that was taken from it",
    3: "the forgery stands before the signed original",
    4: "the forgery holds the signed original",
    5: "the forgery took the signature, the original stands behind it",
    6: "the signature at the end of the forgery holds the original",
    7: "the forgery hides in Extensions before the original",
    8: "the signature on the forgery holds the original in an Object",
}


def wrap(variant, original, forged):
    """What is to stand where `original` stood: a list of elements. Both are signed elements' likes; forged is not signed."""
    original = twin(original)
    signature = find(original, "ds:Signature")
    if variant in (1, 2, 5, 6, 8):
        original.remove(signature)
    if variant == 1:
        signature.append(original)
        forged.insert(1, signature)
        return [forged]
    if variant == 2:
        forged.insert(1, original)
        forged.insert(2, signature)
        return [forged]
    if variant == 3:
        return [forged, original]
    if variant == 4:
        forged.append(original)
        return [forged]
    if variant == 5:
        forged.insert(1, signature)
        return [forged, original]
    if variant == 6:
        signature.append(original)
        forged.append(signature)
        return [forged]
    if variant == 7:
        return [el("samlp:Extensions", forged), original]
    signature.append(el("ds:Object", original))
    forged.insert(1, signature)
    return [forged]


def stolen(world, **changes):
    """What the attacker would like to be read."""
    return Facts.of(world, who="max", level=4, **changes)


def forged_assertion(world):
    return assertion_of(stolen(world), world)


def inside(variant, sign_response="yes"):
    def build(world):
        def after(assertion):
            return b"".join(octets(part) for part in wrap(variant, assertion, forged_assertion(world)))

        return make(world, after=after, sign_response=sign_response)

    return build


def clear(variant, beside=False):
    def build(world):
        def content(parts, assertion):
            return (parts if beside else []) + wrap(variant, assertion, forged_assertion(world))

        return make(world, content=content)

    return build


def whole(variant, of_refusal=False):
    """On the response: the forged one holds an assertion that the provider did sign, for somebody else.

    The original is a login, or a refusal – that has no assertion which could be counted.
    """

    def build(world):
        facts = stolen(world)
        assertion = assertion_of(facts, world)
        Step(world.signing)(assertion)

        def wreck(response):
            forged = response_of(facts, seal(octets(assertion), world.recipients[0]))
            parts = wrap(variant, response, forged)
            return parts[0] if len(parts) == 1 else el("samlp:Response", *parts, ID=new_id(), Version="2.0")

        if of_refusal:
            return octets(wreck(read(refusal(world, (STATUS + "Responder",)))))
        return make(world, wreck=wreck)

    return build


for number, how in PUBLISHED.items():
    bad(f"xsw{number}-response", f"on the response: {how}", whole(number))
    bad(f"xsw{number}-refusal", f"on a response that said no: {how}", whole(number, of_refusal=True))
    bad(f"xsw{number}-assertion", f"on an assertion in clear: {how}", clear(number))
    bad(f"xsw{number}-inside", f"inside the encryption: {how}", inside(number))
    bad(
        f"xsw{number}-inside-bare",
        f"inside the encryption, response not signed: {how}",
        inside(number, None),
        signed=False,
    )
    bad(f"xsw{number}-beside", f"in clear beside the encrypted one: {how}", clear(number, beside=True))


def same_id(world):
    def after(assertion):
        forged = assertion_of(stolen(world, assertion_id=assertion.get("ID")), world)
        return b"".join(octets(part) for part in wrap(5, assertion, forged))

    return make(world, after=after)


def same_id_within(where):
    def build(world):
        def after(assertion):
            forged = assertion_of(stolen(world, assertion_id=assertion.get("ID")), world)
            return b"".join(octets(part) for part in wrap(where, assertion, forged))

        return make(world, after=after)

    return build


bad("same-id-siblings", "two assertions inside the encryption bear one ID", same_id)
for number in (1, 4, 6, 8):
    bad(f"same-id-xsw{number}", f"one ID twice, and {PUBLISHED[number]}", same_id_within(number))


def other_id_attribute(name):
    """A second element that some resolvers take for the one that is meant: `Id`, `id` and `xml:id` are IDs to them."""

    def build(world):
        def after(assertion):
            original = twin(assertion)
            signature = find(original, "ds:Signature")
            original.remove(signature)
            forged = forged_assertion(world)
            forged.insert(1, signature)
            forged.set(name, original.get("ID"))
            forged.append(el("saml:Advice", original))
            return octets(forged)

        return make(world, after=after)

    return build


for attribute, label in (("Id", "Id"), ("id", "id"), ("{http://www.w3.org/XML/1998/namespace}id", "xml-id")):
    bad(
        f"lookalike-{label}", f"the forgery bears the signed ID in the attribute {label}", other_id_attribute(attribute)
    )


def in_advice(world):
    def after(assertion):
        forged = forged_assertion(world)
        find(forged, "saml:Conditions").addnext(el("saml:Advice", twin(assertion)))
        return octets(forged)

    return make(world, after=after)


bad(
    "wrapped-in-advice",
    "the schema allows an assertion in Advice; the signed one is there, the forgery is read",
    in_advice,
)


def injected(place, signed=None):
    """A forged assertion in clear beside the encrypted one, in a response that is signed (`signed`) or was."""

    def build(world):
        def put(response):
            forged = forged_assertion(world)
            if place == "first":
                find(response, "saml:EncryptedAssertion").addprevious(forged)
            elif place == "last":
                response.append(forged)
            elif place == "status":
                find(response, "samlp:Status").append(el("samlp:StatusDetail", forged))
            else:
                find(response, "samlp:Status").addprevious(el("samlp:Extensions", forged))

        return make(world, **({"dress": put} if signed else {"wreck": put, "sign_response": None}))

    return build


for place in ("first", "last", "status", "extensions"):
    bad(f"injected-clear-{place}", f"an assertion in clear: {place}", injected(place), signed=False)
    bad(f"injected-clear-{place}-signed", f"an assertion in clear under the signature: {place}", injected(place, True))


def second_sealed(order, honest):
    def build(world):
        def content(parts, _):
            forged = forged_assertion(world)
            Step(world.signing if honest else world.attacker)(forged)
            extra = seal(octets(forged), world.recipients[0])
            return [extra, *parts] if order == "first" else [*parts, extra]

        return make(world, content=content)

    return build


for order in ("first", "last"):
    bad(f"two-encrypted-forged-{order}", "a second EncryptedAssertion, of the attacker's", second_sealed(order, False))
    bad(f"two-encrypted-honest-{order}", "two EncryptedAssertions, both the provider's", second_sealed(order, True))


def sealed_in_extensions(world):
    def dress(response):
        forged = forged_assertion(world)
        find(response, "samlp:Status").addprevious(el("samlp:Extensions", seal(octets(forged), world.recipients[0])))

    return make(world, dress=dress)


bad("two-encrypted-in-extensions", "a second EncryptedAssertion in Extensions", sealed_in_extensions)


def two_inside(world):
    def after(assertion):
        other = forged_assertion(world)
        Step(world.signing)(other)
        return octets(assertion) + octets(other)

    return make(world, after=after)


bad("two-assertions-inside", "two assertions inside the encryption, both signed", two_inside)


def moved_signature(world):
    """The signature of the response is moved into the status; the response itself carries none."""

    def wreck(response):
        signature = find(response, "ds:Signature")
        find(response, "samlp:Status").append(el("samlp:StatusDetail", signature))
        for status in all_of(response, "samlp:Status/samlp:StatusCode"):
            status.set("Value", status.get("Value"))

    return make(world, wreck=wreck)


bad("signature-elsewhere", "the response's signature stands in StatusDetail", moved_signature)
