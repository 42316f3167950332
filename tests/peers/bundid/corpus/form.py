"""The outer form: entities, comments, other notations, size, depth, base64."""

import base64
import zlib

from answer import make
from corpus import any_way, bad, ok
from dom import find, octets
from names import SAML, SAMLP


def text(change, **more):
    """The bytes of the response are changed."""
    more.setdefault("sign_response", None)
    return lambda world: make(world, wreck=lambda response: change(octets(response)), **more)


def inside(change):
    """The bytes of the signed assertion are changed before they are encrypted."""
    return lambda world: make(world, after=lambda assertion: change(octets(assertion)))


def replaced(old, new):
    def change(data):
        assert old in data, old
        return data.replace(old, new, 1)

    return change


def before(prefix):
    return lambda data: prefix + data


BOMB = (
    b"<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaaaaaaaa'>"
    + b"".join(b"<!ENTITY %c '%s'>" % (98 + i, b"&%c;" % (97 + i) * 16) for i in range(8))
    + b"]>"
)
DOCTYPES = {
    "empty": b"<!DOCTYPE x>",
    "internal": b"<!DOCTYPE x [<!ENTITY e 'STORK-QAA-Level-4'>]>",
    "external": b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/hostname'>]>",
    "remote": b"<!DOCTYPE x SYSTEM 'http://127.0.0.1:9/x.dtd'>",
    "parameter": b"<!DOCTYPE x [<!ENTITY % p SYSTEM 'http://127.0.0.1:9/x.dtd'> %p;]>",
    "default-attribute": b"<!DOCTYPE x [<!ATTLIST saml:Assertion ID ID #IMPLIED>]>",
    "bomb": BOMB,
}
for name, declaration in DOCTYPES.items():
    bad(f"doctype-{name}", f"a document type: {name}", text(before(declaration)), signed=False)
    bad(f"doctype-{name}-inside", f"inside the encryption, a document type: {name}", inside(before(declaration)))


def entity_used(declaration):
    use = replaced(b"</saml:Issuer>", b"&e;</saml:Issuer>")
    return lambda data: declaration + use(data)


for name in ("internal", "external"):
    bad(
        f"entity-{name}",
        f"an entity of a document type is used: {name}",
        text(entity_used(DOCTYPES[name])),
        signed=False,
    )
    bad(
        f"entity-{name}-inside",
        f"inside the encryption, an entity is used: {name}",
        inside(entity_used(DOCTYPES[name])),
    )
bad(
    "entity-undeclared",
    "an entity that nobody declared",
    text(replaced(b"</saml:Issuer>", b"&nbsp;</saml:Issuer>")),
    signed=False,
)

# Canonical form drops comments, so the signature over these stays right.
NAME, VALUE = b"</saml:NameID>", b"</saml:AttributeValue>"
for what, end in (("name-id", NAME), ("attribute", VALUE)):
    bad(
        f"comment-{what}",
        f"a comment cuts the {what} for those who read the first text only",
        inside(replaced(end, b"<!-- -->.evil" + end)),
    )
    bad(
        f"comment-{what}-signed-text",
        f"a comment at the end of the {what}: the signature still holds",
        inside(replaced(end, b"<!---->" + end)),
    )
    bad(f"cdata-{what}", f"CDATA in the {what}", inside(replaced(end, b"<![CDATA[]]>" + end)))
    bad(f"instruction-{what}", f"a processing instruction in the {what}", inside(replaced(end, b"<?x y?>" + end)))
bad(
    "comment-response",
    "a comment in the response, which is not signed",
    text(replaced(b"<samlp:Status", b"<!-- x --><samlp:Status")),
    signed=False,
)
bad(
    "comment-response-signed",
    "a comment in the signed response: the signature still holds",
    text(replaced(b"<samlp:Status>", b"<samlp:Status><!-- x -->"), sign_response="yes"),
)
bad("comment-before-root", "a comment before the response", text(before(b"<!-- x -->"), sign_response="yes"))
bad(
    "comment-behind-root", "a comment behind the response", text(lambda data: data + b"<!-- x -->", sign_response="yes")
)
bad(
    "comment-cipher",
    "a comment in the cipher",
    text(replaced(b"</xenc:CipherValue>", b"<!-- x --></xenc:CipherValue>")),
    signed=False,
)
bad("comment-around-inside", "a comment beside the assertion inside the encryption", inside(before(b"<!-- x -->")))
bad(
    "instruction-response",
    "a processing instruction in the response",
    text(replaced(b"<samlp:Status", b"<?x y?><samlp:Status")),
    signed=False,
)
bad(
    "instruction-stylesheet",
    "a style sheet is called for",
    text(before(b'<?xml-stylesheet href="http://127.0.0.1:9/x.xsl"?>')),
    signed=False,
)
bad("instruction-inside", "a processing instruction beside the assertion", inside(before(b"<?x y?>")))
bad(
    "cdata-response",
    "CDATA in the response's issuer",
    text(replaced(b"</saml:Issuer>", b"<![CDATA[]]></saml:Issuer>")),
    signed=False,
)

# Another root, another namespace


def rooted(head, tail):
    return lambda data: head + data + tail


SOAP = b"http://schemas.xmlsoap.org/soap/envelope/"
bad(
    "root-soap",
    "the response in an envelope",
    text(rooted(b'<s:Envelope xmlns:s="%s"><s:Body>' % SOAP, b"</s:Body></s:Envelope>"), sign_response="yes"),
)
bad("root-two", "two roots", text(lambda data: data + data, sign_response="yes"))
bad("root-tail", "text behind the root", text(lambda data: data + b"x", sign_response="yes"))
bad(
    "root-namespace",
    "a response of another namespace",
    text(replaced(SAMLP.encode(), b"urn:evil:protocol")),
    signed=False,
)
bad(
    "root-logout",
    "an answer to something else",
    text(lambda data: data.replace(b"samlp:Response", b"samlp:LogoutResponse")),
    signed=False,
)
bad("assertion-namespace", "an assertion of another namespace", lambda world: make(
    world, after=lambda assertion: octets(assertion).replace(SAML.encode(), b"urn:oasis:names:tc:SAML:1.0:assertion")
))  # fmt: skip
bad(
    "attribute-twice",
    "an attribute of an element twice: no XML",
    text(replaced(b'Version="2.0"', b'Version="2.0" Version="2.0"')),
    signed=False,
)
bad("no-xml", "no XML", lambda world: b"Guten Tag")
bad("html", "a page instead of an answer", lambda world: b"<!doctype html><title>Anmeldung</title><p>Wartungsarbeiten")
bad("empty-document", "an empty document", lambda world: b"")
bad(
    "control-character",
    "a character that XML does not know",
    text(replaced(b"</saml:Issuer>", b"\x01</saml:Issuer>")),
    signed=False,
)
bad("nul", "a zero byte at the end", text(lambda data: data + b"\0", sign_response="yes"))
bad("no-utf8", "bytes that are no UTF-8", text(replaced(b"</saml:Issuer>", b"\xff\xfe</saml:Issuer>")), signed=False)
bad("utf-7", "another encoding is declared", text(before(b'<?xml version="1.0" encoding="UTF-7"?>')), signed=False)
bad("xml-1.1", "another version of XML is declared", text(before(b'<?xml version="1.1"?>')), signed=False)
ok(
    "good-xml-declaration",
    "the usual first line",
    text(before(b'<?xml version="1.0" encoding="UTF-8"?>\n'), sign_response="yes"),
)

# Size and depth


def padded(kilobytes):
    def dress(response):
        find(response, "samlp:Status").set("Pad", "x" * kilobytes * 1024)

    return lambda world: make(world, dress=dress)


def nested(depth, name=b"a"):
    return (b"<%s>" % name) * depth + (b"</%s>" % name) * depth


bad("huge", "two megabytes, signed", padded(2048))
bad(
    "huge-inside",
    "two megabytes inside the encryption",
    inside(lambda data: data.replace(NAME, b"x" * 2_000_000 + NAME)),
)
bad(
    "deep",
    "ten thousand elements in each other",
    text(replaced(b"<samlp:Status>", b"<samlp:Extensions>" + nested(10_000) + b"</samlp:Extensions><samlp:Status>")),
    signed=False,
)
bad("deep-inside", "ten thousand elements in each other, inside the encryption", inside(lambda data: nested(10_000)))
bad("deep-unclosed", "twenty thousand elements that never end", lambda world: b"<samlp:Response>" * 12_000)
any_way("many-attributes", "twelve thousand attributes at one element", text(
    replaced(b"<samlp:Status>", b"<samlp:Status %s>" % b" ".join(b'a%d=""' % n for n in range(12_000)))
), signed=False)  # fmt: skip
any_way("many-namespaces", "six thousand namespaces", text(
    replaced(b"<samlp:Status>", b"<samlp:Status %s>" % b" ".join(b'xmlns:n%d="urn:%d"' % (n, n) for n in range(6_000)))
), signed=False)  # fmt: skip

# The form's value


def value(change):
    return lambda world: change(make(world))


def plain(data):
    return base64.b64encode(data).decode()


def deflated(data):
    packer = zlib.compressobj(wbits=-15)
    return plain(packer.compress(data) + packer.flush())


bad("base64-garbage", "no base64 at all", lambda world: "%%%%" * 100)
bad("base64-empty", "nothing", lambda world: "")
bad("base64-blank", "blanks", lambda world: " \r\n ")
bad("base64-cut", "base64 that ends early", value(lambda data: plain(data)[:-3001]))
bad("base64-tail", "something behind the base64", value(lambda data: plain(data) + "<x>"))
bad("base64-twice", "base64 of base64", value(lambda data: plain(plain(data).encode())))
bad("base64-raw", "XML without base64", value(lambda data: data.decode()))
bad("base64-deflated", "packed, as only the redirect binding does", value(deflated))
bad("base64-not-ascii", "letters that base64 does not have", lambda world: "ÄÖÜ" * 100)
ok(
    "good-base64-lines",
    "base64 in lines, as mail has it",
    value(lambda data: base64.encodebytes(data).decode().replace("\n", "\r\n")),
)
