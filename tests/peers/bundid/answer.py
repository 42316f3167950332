"""An answer: what it says (`Facts`), who holds which keys (`World`), and the steps from one to the other (`make`)."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import persons
from dom import el, instant, new_id, octets
from keys import Pair
from names import AKDB, ATTRIBUTES, BEARER, LEVEL, PREFIXES, SUCCESS, TRANSIENT, URI_NAMES, XS
from seal import Sealing, seal
from sign import sign


@dataclass
class World:
    """Everybody's keys, and the request that is answered."""

    idp: str
    sp: str
    acs: str
    request_id: str
    now: datetime
    demanded: int
    signing: Pair
    next_signing: Pair  # pinned as well: a change of keys
    retired_signing: Pair  # no longer pinned
    attacker: Pair
    recipients: list  # certificates of the service provider, the first one now, others for a change of keys
    stranger: Pair  # another tenant's key
    memory: dict = field(default_factory=dict)
    witness: Callable | None = None  # is shown everything that is signed


@dataclass(frozen=True)
class Facts:
    """One answer in words. None leaves the thing out."""

    response_id: str
    assertion_id: str
    response_issuer: str | None
    assertion_issuer: str | None
    destination: str | None
    recipient: str | None
    response_to: str | None
    confirmation_to: str | None
    audiences: tuple | None
    issued: datetime
    not_before: datetime | None
    not_on_or_after: datetime | None
    confirm_until: datetime | None
    authenticated: datetime
    class_ref: str | None
    level: int
    name_id: str
    attributes: dict
    trust: str | None = "codes"
    method: str = BEARER
    status: tuple = (SUCCESS,)
    version: str = "2.0"

    @classmethod
    def of(cls, world, who="erika", level=None, overrides=None, **changes):
        level = level or max(world.demanded, 3)
        facts = cls(
            response_id=new_id(), assertion_id=new_id(),
            response_issuer=world.idp, assertion_issuer=world.idp,
            destination=world.acs, recipient=world.acs,
            response_to=world.request_id, confirmation_to=world.request_id,
            audiences=(world.sp,),
            issued=world.now, not_before=world.now, not_on_or_after=world.now + timedelta(minutes=5),
            confirm_until=world.now + timedelta(minutes=5), authenticated=world.now,
            class_ref=f"{LEVEL}{level}", level=level, name_id="AAdzZWNyZXQx" + new_id(),
            attributes=persons.described(who, level, world.sp, overrides),
        )  # fmt: skip
        return replace(facts, **changes)


def assertion_of(facts, world):
    restriction = None
    if facts.audiences is not None:
        restriction = el("saml:AudienceRestriction", *(el("saml:Audience", name) for name in facts.audiences))
    conditions = el(
        "saml:Conditions",
        restriction,
        NotBefore=facts.not_before and instant(facts.not_before),
        NotOnOrAfter=facts.not_on_or_after and instant(facts.not_on_or_after),
    )
    confirmation = el(
        "saml:SubjectConfirmationData",
        Address="203.0.113.7",
        InResponseTo=facts.confirmation_to,
        NotOnOrAfter=facts.confirm_until and instant(facts.confirm_until),
        Recipient=facts.recipient,
    )
    return el(
        "saml:Assertion",
        facts.assertion_issuer and el("saml:Issuer", facts.assertion_issuer),
        el(
            "saml:Subject",
            el("saml:NameID", facts.name_id, Format=TRANSIENT, NameQualifier=world.idp, SPNameQualifier=world.sp),
            el("saml:SubjectConfirmation", confirmation, Method=facts.method),
        ),
        conditions,
        el(
            "saml:AuthnStatement",
            el("saml:AuthnContext", facts.class_ref and el("saml:AuthnContextClassRef", facts.class_ref)),
            AuthnInstant=instant(facts.authenticated),
            SessionIndex=new_id(),
        ),
        el("saml:AttributeStatement", *(attribute(facts, name, value) for name, value in facts.attributes.items())),
        ID=facts.assertion_id,
        IssueInstant=instant(facts.issued),
        Version=facts.version,
    )


def attribute(facts, name, value):
    from lxml import etree

    trust = facts.trust and persons.TRUST[facts.trust][persons.trust_of(name, facts.level)]
    element = etree.Element(
        f"{{{PREFIXES['saml']}}}Attribute",
        {"FriendlyName": name, "Name": ATTRIBUTES[name], "NameFormat": URI_NAMES},
        nsmap={"saml": PREFIXES["saml"], "akdb": AKDB},
    )
    if trust and name not in persons.TECHNICAL:
        element.set(f"{{{AKDB}}}TrustLevel", trust)
    typed = etree.SubElement(element, f"{{{PREFIXES['saml']}}}AttributeValue", nsmap={"xsi": PREFIXES["xsi"], "xs": XS})
    typed.set(f"{{{PREFIXES['xsi']}}}type", "xs:string")
    typed.text = value
    return element


def response_of(facts, *content):
    return el(
        "samlp:Response",
        facts.response_issuer and el("saml:Issuer", facts.response_issuer),
        status_of(facts.status),
        *content,
        Destination=facts.destination,
        ID=facts.response_id,
        InResponseTo=facts.response_to,
        IssueInstant=instant(facts.issued),
        Version=facts.version,
    )


def status_of(codes, message=None, detail=None):
    code = None
    for value in reversed(codes):
        code = el("samlp:StatusCode", code, Value=value)
    return el(
        "samlp:Status",
        code,
        message and el("samlp:StatusMessage", message),
        detail and el("samlp:StatusDetail", el("akdb:StatusDetail", detail)),
    )


class Step:
    """Who signs, and how: `Step(pair, method=…)`; further words go to `sign`."""

    def __init__(self, pair, **how):
        self.pair, self.how = pair, {"certificate": pair.der} | how

    def __call__(self, target):
        return sign(target, self.pair.key, **self.how)


def make(
    world,
    facts=None,
    *,
    before=None,  # changes the assertion before it is signed
    sign_assertion="yes",  # a Step, or None
    after=None,  # changes the signed assertion; may give back bytes that are encrypted instead
    sealing=Sealing(),
    recipient=None,  # for whom it is encrypted
    content=None,  # changes the list of what stands in the response
    dress=None,  # changes the response before it is signed
    sign_response="yes",
    wreck=None,  # changes the signed response; may give back another root or bytes
    method=None,  # the algorithm of both signatures
    pair=None,  # who makes both signatures
):
    """The bytes of a response. Every step can be taken another way; an attack is one step taken another way."""
    facts = facts or Facts.of(world)
    how = {"method": method} if method else {}
    honest = Step(pair or world.signing, **how)
    assertion = assertion_of(facts, world)
    if before:
        before(assertion)
    if sign_assertion:
        (honest if sign_assertion == "yes" else sign_assertion)(assertion)
        shown(world, assertion)
    plain = after(assertion) if after else None
    if plain is None:
        plain = octets(assertion)
    parts = [seal(plain, recipient or world.recipients[0], sealing)]
    if content:
        parts = content(parts, assertion)
    response = response_of(facts, *parts)
    if dress:
        dress(response)
    if sign_response:
        (honest if sign_response == "yes" else sign_response)(response)
        shown(world, response)
    outcome = wreck(response) if wreck else None
    if outcome is None:
        outcome = response
    return outcome if isinstance(outcome, bytes) else octets(outcome)


def shown(world, signed):
    if world.witness:
        world.witness(octets(signed))


def refusal(world, codes, message=None, detail=None, *, signed=True, method=None):
    """An answer without an assertion."""
    facts = Facts.of(world)
    response = response_of(replace(facts, status=codes))
    response.replace(response[1], status_of(codes, message, detail))
    if signed:
        Step(world.signing, **({"method": method} if method else {}))(response)
    return octets(response)


def twin(element):
    """A copy that stands alone."""
    return copy.deepcopy(element)
