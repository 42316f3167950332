"""Small tools for XML: building with prefixes, canonical bytes, strict reading."""

import secrets
from datetime import datetime, timezone

from lxml import etree

from names import PREFIXES


def q(name):
    """`saml:Issuer` as lxml wants it."""
    prefix, _, local = name.rpartition(":")
    return f"{{{PREFIXES[prefix]}}}{local}" if prefix else local


def el(name, *children, **attributes):
    """An element; children are elements, texts or None; attributes that are None are left out, `akdb__x` is `akdb:x`."""
    prefix = name.partition(":")[0]
    attributes = {q(key.replace("__", ":")): value for key, value in attributes.items() if value is not None}
    element = etree.Element(q(name), attributes, nsmap={prefix: PREFIXES[prefix]})
    for child in children:
        if isinstance(child, str):
            element.text = (element.text or "") + child
        elif child is not None:
            element.append(child)
    return element


def find(element, path):
    """The one element at `path` – the invariant of every caller."""
    (found,) = element.xpath(path, namespaces=PREFIXES)
    return found


def all_of(element, path):
    return element.xpath(path, namespaces=PREFIXES)


def canonical(element, prefixes=None):
    """Exclusive canonical form without comments."""
    # of what a reader gets: a tree that was put together here may hide prefixes that only values use
    element = etree.fromstring(octets(element))
    return etree.tostring(element, method="c14n", exclusive=True, with_comments=False, inclusive_ns_prefixes=prefixes)


def octets(element):
    return etree.tostring(element, encoding="UTF-8", xml_declaration=False, with_tail=False)


def read(data):
    """Reads a message from outside; nothing is resolved, a document type is refused."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    root = etree.fromstring(data, parser)
    if root.getroottree().docinfo.doctype:
        raise ValueError("a document type declaration")
    return root


def new_id():
    return "_" + secrets.token_hex(16)


def instant(moment):
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def read_instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
